//! A port that encrypts.

use super::*;
use crate::model::Timestamp;
use crate::provision::trust::{Owner, TrustFolder};

/// A key and its certificate, made for this test.
fn encryption() -> Encryption {
    let data = tempfile::tempdir().unwrap();
    let folder = TrustFolder::of(data.path());
    let owner = Owner {
        name: "site".to_owned(),
        unit: "Phones".to_owned(),
        organization: "Example".to_owned(),
    };
    folder.create(&owner, Timestamp(0)).unwrap();
    let site = folder.load().unwrap();
    let (web, other) = (site.web(), site.certificate());
    assert!(
        Encryption::new(other.der(), &web.key).is_err(),
        "the certificate of another key"
    );
    Encryption::new(web.certificate.der(), &web.key).unwrap()
}

#[tokio::test]
async fn who_never_shakes_hands_is_cut_when_the_time_of_a_head_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (clock, cancel) = (Arc::new(Hand::new()), CancellationToken::new());
    let router = Router::new().route("/", get(async || "here"));
    tokio::spawn(serve_encrypted(
        listener,
        encryption(),
        router,
        clock.clone(),
        Limits::default(),
        cancel.clone(),
    ));
    let mut silent = TcpStream::connect(address).await.unwrap();
    clock.slept(1).await; // the time of its hand
    // The beginning of a first message does not prolong it.
    silent.write_all(&[0x16, 3, 1, 2]).await.unwrap();
    clock.advance(HEAD);
    assert_eq!(rest_of(&mut silent).await, "");

    // Words that are not encrypted are not answered.
    let mut plain = TcpStream::connect(address).await.unwrap();
    say(&mut plain, ASK).await;
    assert!(!rest_of(&mut plain).await.contains("here"));

    let mut last = TcpStream::connect(address).await.unwrap();
    clock.slept(3).await;
    cancel.cancel();
    assert_eq!(rest_of(&mut last).await, "", "the daemon ends");
}
