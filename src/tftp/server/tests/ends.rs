//! Ports: who takes part in a transfer, and what a port may ask next.

use super::*;

#[tokio::test]
async fn a_stranger_is_turned_away_and_the_transfer_goes_on() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    let stranger = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, transfer) = phone.hear_block(1).await;
    // An ERROR of a stranger ends nothing, and is not answered.
    stranger.send(&error(ErrorCode::NotDefined), transfer).await;
    stranger.ack(1, transfer).await;
    let from = stranger.hear_error(ErrorCode::UnknownTransferId).await;
    assert_eq!(from, transfer);
    stranger.hears_nothing_from(server.address).await;
    phone.ack(1, transfer).await;
    phone.hear_block(2).await;
    phone.ack(2, transfer).await;
    phone.hear_block(3).await;
    phone.ack(3, transfer).await;
    server.shelf.until(|shelf| shelf.delivered() == ["A"]).await;
}

#[tokio::test]
async fn a_crowd_of_strangers_is_not_answered_for_ever() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    let stranger = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, transfer) = phone.hear_block(1).await;
    for _ in 0..40 {
        stranger.ack(1, transfer).await;
    }
    phone.ack(1, transfer).await;
    phone.hear_block(2).await;
    stranger.ask("FENCE", server.address).await;
    let mut turned_away = 0;
    loop {
        let (packet, _) = stranger.hear().await;
        if !packet.starts_with(b"\0\x05\0\x05") {
            break;
        }
        turned_away += 1;
    }
    assert!((1..=16).contains(&turned_away), "{turned_away} answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_error_the_same_port_is_served_at_once() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    for round in 1..=50 {
        phone.ask("A", server.address).await;
        let (_, transfer) = phone.hear_block(1).await;
        phone.send(&error(ErrorCode::NotDefined), transfer).await;
        let fetched = server.shelf.fetched().len();
        assert_eq!(fetched, round, "each request is a new one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_port_fetches_file_after_file_and_each_counts_as_delivered() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    for _ in 0..40 {
        // The same name twice, then another: the last ACK is always under way
        // when the next request leaves.
        for name in ["A", "SHORT", "SHORT"] {
            let body = phone.fetch(name, server.address).await;
            assert_eq!(body, server.shelf.body(name));
        }
    }
    server
        .shelf
        .until(|shelf| shelf.delivered().len() == 120)
        .await;
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_block_again_from_the_same_transfer() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, transfer) = phone.hear_block(1).await;
    phone.ask("A", server.address).await;
    let (_, again) = phone.hear_block(1).await;
    assert_eq!(again, transfer);
    assert_eq!(server.shelf.fetched().len(), 1, "it was rendered once");
}

#[tokio::test]
async fn a_doubled_request_does_not_disturb_a_moving_transfer() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, transfer) = phone.hear_block(1).await;
    phone.ack(1, transfer).await;
    phone.hear_block(2).await;
    phone.ask("A", server.address).await;
    phone.ack(2, transfer).await;
    let (_, from) = phone.hear_block(3).await;
    assert_eq!(from, transfer);
    phone.ack(3, transfer).await;
    server
        .shelf
        .until(|shelf| !shelf.delivered().is_empty())
        .await;
    phone.hears_nothing_from(server.address).await;
    assert_eq!(server.shelf.fetched(), ["A", "FENCE"]);
}

#[tokio::test]
async fn a_phone_that_started_anew_is_not_held_to_its_old_transfer() {
    let settings = Settings {
        retransmit: Duration::from_millis(20),
        tries: 1000,
        ..Settings::default()
    };
    let server = Running::at("127.0.0.1:0", settings);
    let phone = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, old) = phone.hear_block(1).await;
    phone.ack(1, old).await;
    phone.hear_block(2).await;
    // It lost power here, and comes back with the same port: nobody
    // acknowledges block 2, until the same file is asked again.
    phone.hear_block(2).await;
    phone.ask("A", server.address).await;
    let new = loop {
        let (packet, from) = phone.hear().await;
        if packet.starts_with(b"\0\x03\0\x01") {
            break from;
        }
    };
    assert_ne!(new, old);
    assert_eq!(server.shelf.fetched(), ["A", "A"]);
}

#[tokio::test]
async fn another_request_from_the_same_port_replaces_the_transfer() {
    let server = Running::at("127.0.0.1:0", patient());
    let phone = Phone::new().await;
    phone.ask("A", server.address).await;
    let (_, old) = phone.hear_block(1).await;
    let body = phone.fetch("B", server.address).await;
    assert_eq!(body, server.shelf.body("B"));
    server.shelf.until(|shelf| shelf.delivered() == ["B"]).await;
    phone.ack(1, old).await;
    phone.hears_nothing_from(server.address).await;
    assert_eq!(server.shelf.delivered(), ["B"]);
}
