//! What phones ask and what they hear, and from which address.

use super::*;

#[tokio::test]
async fn a_phone_gets_its_file_from_a_port_of_its_own() {
    let server = Running::at("127.0.0.1:0", Settings::default());
    let phone = Phone::new().await;
    phone.ask("A", server.address).await;
    let (first, from) = phone.hear_block(1).await;
    assert_eq!(first, server.shelf.body("A")[..512]);
    assert_eq!(from.ip(), server.address.ip());
    assert_ne!(from.port(), server.address.port());
    phone.ack(1, from).await;
    phone.hear_block(2).await;
    phone.ack(2, from).await;
    let (last, _) = phone.hear_block(3).await;
    assert_eq!(last, server.shelf.body("A")[1024..]);
    assert!(
        server.shelf.delivered().is_empty(),
        "not before the last ACK"
    );
    phone.ack(3, from).await;
    server
        .shelf
        .until(|shelf| !shelf.delivered().is_empty())
        .await;
    let delivered = server.shelf.delivered.lock().unwrap().clone();
    assert_eq!(delivered, [("A".to_owned(), phone.address(), TICKET)]);
    server.stop().await;
}

#[tokio::test]
async fn a_7960_of_2000_with_its_stray_nul_is_served() {
    let server = Running::at("127.0.0.1:0", Settings::default());
    let phone = Phone::new().await;
    phone.send(b"\0\x01SHORT\0octet\0\0", server.address).await;
    phone.hear_block(1).await;
}

#[tokio::test]
async fn the_answer_comes_from_the_address_that_was_asked() {
    let server = Running::at("0.0.0.0:0", Settings::default());
    let asked = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 3), server.address.port()));
    let phone = Phone::at("127.0.0.2:0").await;
    phone.ask("SHORT", asked).await;
    let (_, from) = phone.hear_block(1).await;
    assert_eq!(from.ip(), asked.ip());
    phone.ack(1, from).await;
    phone.ask("MISSING", asked).await;
    let from = phone.hear_error(ErrorCode::FileNotFound).await;
    assert_eq!(from.ip(), asked.ip());
    let fetched = server.shelf.fetched.lock().unwrap();
    assert_eq!(fetched[0].local, asked);
    assert_eq!(fetched[0].peer, phone.address());
    assert_eq!(fetched[0].service, FileService::Tftp);
}

#[tokio::test]
async fn an_ipv6_wildcard_hears_both_families() {
    let server = Running::at("[::]:0", Settings::default());
    let port = server.address.port();
    let old = Phone::at("127.0.0.2:0").await;
    let body = old
        .fetch("A", SocketAddr::from(([127, 0, 0, 3], port)))
        .await;
    assert_eq!(body, server.shelf.body("A"));
    let new = Phone::at("[::1]:0").await;
    let local: SocketAddr = format!("[::1]:{port}").parse().unwrap();
    assert_eq!(new.fetch("A", local).await, server.shelf.body("A"));
    let fetched = server.shelf.fetched.lock().unwrap();
    let peers: Vec<_> = fetched.iter().map(|request| request.peer).collect();
    assert_eq!(peers, [old.address(), new.address()]);
    assert_eq!(fetched[0].local, SocketAddr::from(([127, 0, 0, 3], port)));
}

#[tokio::test]
async fn both_wildcards_share_a_port() {
    let shelf = Shelf::new();
    let first = "0.0.0.0:0".parse().unwrap();
    let mut server = Server::bind(first, Settings::default(), shelf.clone()).unwrap();
    let port = server.local_addr().port();
    let second: SocketAddr = format!("[::]:{port}").parse().unwrap();
    server.also(second).unwrap();
    assert_eq!(server.local_addrs().nth(1), Some(second));
    let _server = Running::run(server, shelf.clone());
    for (phone, server) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "[::1]")] {
        let server = format!("{server}:{port}").parse().unwrap();
        let phone = Phone::at(phone).await;
        assert_eq!(phone.fetch("SHORT", server).await, shelf.body("SHORT"));
    }
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_at_once() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    for (request, code) in [
        (
            &b"\0\x01CTLSEP001122334455.tlv\0octet\0"[..],
            ErrorCode::FileNotFound,
        ),
        (b"\0\x01../REFUSED\0octet\0", ErrorCode::AccessViolation),
        (b"\0\x02crash.log\0octet\0", ErrorCode::AccessViolation),
        (b"\0\x01A\0mail\0", ErrorCode::IllegalOperation),
        (b"\0\x01A\0", ErrorCode::IllegalOperation),
        (b"\0\x09whatever", ErrorCode::IllegalOperation),
    ] {
        phone.send(request, server.address).await;
        let from = phone.hear_error(code).await;
        assert_ne!(from.port(), server.address.port());
    }
    assert_eq!(
        server.shelf.fetched().len(),
        2,
        "the others are not for the shelf"
    );
}

#[tokio::test]
async fn while_the_server_is_busy_phones_hear_nothing_and_repeat() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    for times in 1..=2 {
        phone.ask("BUSY", server.address).await;
        server
            .shelf
            .until(|shelf| shelf.fetched().len() == times)
            .await;
    }
    phone.hears_nothing_from(server.address).await;
}

#[tokio::test]
async fn what_is_no_request_is_passed_over_at_the_listening_port() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    for astray in [
        &b""[..],
        b"\0",
        b"\0\x03\0\x01data",
        b"\0\x04\0\x01",
        b"\0\x05\0\x05no\0",
        b"\0\x06blksize\x00512\0",
    ] {
        phone.send(astray, server.address).await;
    }
    phone.hears_nothing_from(server.address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_floor_of_phones_boots_at_once() {
    let server = Running::at("127.0.0.1:0", Settings::default());
    let mut floor = tokio::task::JoinSet::new();
    for at in 0..100_u8 {
        let (address, shelf) = (server.address, Arc::clone(&server.shelf));
        floor.spawn(async move {
            let phone = Phone::at(&format!("127.0.1.{}:0", at + 1)).await;
            let mut request = Request::octet("LOAD.sbn");
            if at % 2 == 0 {
                for (kind, value) in [
                    (OptionKind::BlockSize, 65464),
                    (OptionKind::TransferSize, 0),
                ] {
                    request.options.push(TransferOption::number(kind, value));
                }
            }
            let asked = request.options.clone();
            let (fetch, outcome) = phone.fetch_with(request, address).await;
            assert_eq!(outcome, FetchOutcome::Received);
            let number = |kind| {
                fetch
                    .options()
                    .get(kind)
                    .and_then(TransferOption::as_number)
            };
            if !asked.is_empty() {
                assert_eq!(number(OptionKind::BlockSize), Some(1428));
                assert_eq!(number(OptionKind::TransferSize), Some(200_000));
            }
            assert!(fetch.into_body() == shelf.body("LOAD.sbn"));
        });
    }
    while let Some(phone) = floor.join_next().await {
        phone.unwrap();
    }
}

#[tokio::test]
async fn noise_on_the_line_leaves_the_server_standing() {
    let server = Running::at("127.0.0.1:0", Settings::default());
    let noise = Phone::new().await;
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..500 {
        let length = random() % 60;
        let mut packet = vec![0, (random() % 9) as u8];
        packet.extend((0..length).map(|_| (random() % 4) as u8 * 37));
        noise.send(&packet, server.address).await;
    }
    let phone = Phone::new().await;
    assert_eq!(
        phone.fetch("A", server.address).await,
        server.shelf.body("A")
    );
}
