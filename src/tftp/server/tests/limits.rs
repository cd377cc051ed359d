//! Limits, the configured ports, starting and stopping.

use super::*;

/// Asks for a file and answers the first block: a phone that exists.
async fn begins(phone: &Phone, name: &str, server: SocketAddr) -> SocketAddr {
    phone.ask(name, server).await;
    let (_, transfer) = phone.hear_block(1).await;
    phone.ack(1, transfer).await;
    phone.hear_block(2).await;
    transfer
}

#[tokio::test]
async fn beyond_the_limit_there_is_silence_until_a_place_is_free() {
    let settings = Settings {
        max_transfers: 1,
        ..patient()
    };
    let server = Running::at("127.0.0.1:0", settings);
    let (first, second) = (Phone::new().await, Phone::new().await);
    let transfer = begins(&first, "A", server.address).await;
    second.ask("B", server.address).await;
    // Requests are read in turn, so this one comes after the one above.
    second.send(b"\0\x02B\0octet\0", server.address).await;
    second.hear_error(ErrorCode::AccessViolation).await;
    assert_eq!(server.shelf.fetched(), ["A"]);
    first.ack(2, transfer).await;
    first.hear_block(3).await;
    first.ack(3, transfer).await;
    server
        .shelf
        .until(|shelf| !shelf.delivered().is_empty())
        .await;
    assert_eq!(
        finds_a_place(&second, server.address).await,
        server.shelf.body("SHORT")
    );
}

/// Asks until it is served: a place is given back a moment after the end.
async fn finds_a_place(phone: &Phone, server: SocketAddr) -> Vec<u8> {
    loop {
        phone.ask("SHORT", server).await;
        let heard = tokio::time::timeout(Duration::from_millis(50), phone.hear_block(1)).await;
        if let Ok((body, _)) = heard {
            return body;
        }
    }
}

#[tokio::test]
async fn a_phone_finds_a_place_among_a_thousand_forged_requests() {
    let settings = Settings {
        max_transfers: 8,
        ..patient()
    };
    let server = Running::at("127.0.0.1:0", settings);
    let booting = Phone::new().await;
    let transfer = begins(&booting, "A", server.address).await;
    let forger = Phone::new().await;
    forger.ask("B", server.address).await;
    forger.hear_block(1).await;
    for _ in 0..1000 {
        // Each from a port of its own, never to be answered.
        Phone::new().await.ask("B", server.address).await;
        tokio::task::yield_now().await;
    }
    let phone = Phone::new().await;
    assert_eq!(
        phone.fetch("A", server.address).await,
        server.shelf.body("A")
    );
    // Who had begun before the flood goes on.
    booting.ack(2, transfer).await;
    booting.hear_block(3).await;
    // Whoever gave way is told nothing: a phone whose answer was lost asks
    // again, and would take an ERROR for the end.
    forger.hears_nothing_from(server.address).await;
}

#[tokio::test]
async fn a_host_that_answers_and_never_ends_keeps_no_phone_out() {
    let settings = Settings {
        max_transfers: 8,
        ..patient()
    };
    let server = Running::at("127.0.0.1:0", settings);
    let mut held = Vec::new();
    for _ in 0..8 {
        let port = Phone::at("127.0.0.66:0").await;
        let transfer = begins(&port, "LOAD.sbn", server.address).await;
        held.push((port, transfer));
    }
    let phone = Phone::at("127.0.0.2:0").await;
    assert_eq!(
        phone.fetch("A", server.address).await,
        server.shelf.body("A")
    );
    // All but the oldest go on.
    for (port, transfer) in held.iter().skip(1) {
        port.ack(2, *transfer).await;
        port.hear_block(3).await;
    }
    held[0].0.hears_nothing_from(server.address).await;
}

#[tokio::test]
async fn a_phone_that_vanishes_gives_its_place_back() {
    let settings = Settings {
        max_transfers: 1,
        retransmit: Duration::from_millis(10),
        tries: 3,
        ..Settings::default()
    };
    let server = Running::at("127.0.0.1:0", settings);
    let (gone, next) = (Phone::new().await, Phone::new().await);
    begins(&gone, "A", server.address).await;
    for _ in 1..3 {
        gone.hear_block(2).await;
    }
    let body = finds_a_place(&next, server.address).await;
    assert_eq!(body, server.shelf.body("SHORT"));
    assert!(server.shelf.delivered().is_empty());
    // It got its three blocks and no fourth.
    let packet = loop {
        gone.ask("FENCE", server.address).await;
        if let Ok((packet, _)) = tokio::time::timeout(Duration::from_millis(50), gone.hear()).await
        {
            break packet;
        }
    };
    assert!(packet.starts_with(b"\0\x05\0\x01"));
}

#[tokio::test]
async fn transfers_keep_to_the_configured_ports_and_refusals_come_always() {
    // A port that was free a moment ago, and is not tried by others.
    let port = Phone::new().await.address().port();
    let settings = Settings {
        ports: Some(port..=port),
        ..patient()
    };
    let server = Running::at("127.0.0.1:0", settings);
    let (first, second) = (Phone::new().await, Phone::new().await);
    first.ask("SHORT", server.address).await;
    let (_, transfer) = first.hear_block(1).await;
    assert_eq!(transfer.port(), port);
    // Its port is taken: a file must wait, a *not found* need not.
    second.ask("SHORT", server.address).await;
    server.shelf.until(|shelf| shelf.fetched().len() == 2).await;
    second.ask("MISSING", server.address).await;
    let from = second.hear_error(ErrorCode::FileNotFound).await;
    assert_eq!(from, server.address);
}

#[tokio::test]
async fn a_refusal_from_the_listening_port_comes_from_the_asked_address_too() {
    let taken = Phone::at("127.0.0.3:0").await;
    let port = taken.address().port();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let settings = Settings {
            ports: Some(port..=port),
            ..patient()
        };
        let server = Running::at(address, settings);
        let asked = SocketAddr::from(([127, 0, 0, 3], server.address.port()));
        let phone = Phone::at("127.0.0.2:0").await;
        phone.ask("MISSING", asked).await;
        assert_eq!(phone.hear_error(ErrorCode::FileNotFound).await, asked);
    }
}

#[tokio::test]
async fn a_taken_port_is_told_with_its_address() {
    let holder = Phone::new().await;
    let address = holder.address();
    let error = Server::bind(address, Settings::default(), Shelf::new())
        .err()
        .unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&address.to_string()));
}

#[tokio::test]
async fn when_told_to_stop_it_finishes_what_runs_and_hears_nothing_new() {
    let server = Running::at("127.0.0.1:0", patient());
    let (phone, late) = (Phone::new().await, Phone::new().await);
    phone.ask("A", server.address).await;
    let (_, transfer) = phone.hear_block(1).await;
    server.cancel.cancel();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    late.ask("B", server.address).await;
    phone.ack(1, transfer).await;
    phone.hear_block(2).await;
    phone.ack(2, transfer).await;
    phone.hear_block(3).await;
    phone.ack(3, transfer).await;
    let shelf = Arc::clone(&server.shelf);
    server.stop().await;
    assert_eq!(shelf.delivered(), ["A"]);
    assert_eq!(shelf.fetched(), ["A"]);
}

#[tokio::test]
async fn when_told_to_stop_it_does_not_wait_for_the_vanished() {
    let shelf = Shelf::new();
    let address = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(address, patient(), shelf).unwrap();
    let address = server.local_addr();
    let cancel = CancellationToken::new();
    let drain = Duration::from_millis(10);
    let task = tokio::spawn(server.run_and_drain(cancel.clone(), drain));
    let phone = Phone::new().await;
    phone.ask("A", address).await;
    phone.hear_block(1).await;
    cancel.cancel();
    tokio::time::timeout(FOREVER, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn dropped_it_leaves_nothing_behind() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, transfer) = phone.hear_block(1).await;
    server.task.abort();
    // Both ports come free again.
    for address in [server.address, transfer] {
        let free = async {
            while std::net::UdpSocket::bind(address).is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(FOREVER, free).await.unwrap();
    }
}
