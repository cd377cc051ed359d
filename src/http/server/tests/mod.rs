//! Peers that dawdle, idle, crowd and leave; a phone that behaves is served.

#![allow(clippy::unwrap_used)]

pub(crate) mod clock;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU64;

use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use clock::Hand;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::Notify;

use super::*;

/// An end for what hangs; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(40);

const LARGE: usize = 32 << 20;

/// A port whose time is moved by hand.
struct House {
    clock: Arc<Hand>,
    address: SocketAddr,
    cancel: CancellationToken,
    /// Lets the answer to `/gate` go.
    gate: Arc<Notify>,
    /// Counts answers to `/after` that have left.
    left: Arc<AtomicU64>,
}

impl House {
    async fn open(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (gate, left) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
        let (opens, counts) = (gate.clone(), left.clone());
        let router = Router::new()
            .route("/", get(async || "here"))
            .route("/large", get(async || Bytes::from(vec![b'x'; LARGE])))
            .route(
                "/gate",
                get(async move || {
                    opens.notified().await;
                    "committed"
                }),
            )
            .route(
                "/after",
                get(
                    async move |axum::Extension(after): axum::Extension<AfterAnswer>| {
                        after.then(move || {
                            counts.fetch_add(1, Ordering::Relaxed);
                        });
                        "sent"
                    },
                ),
            )
            .route(
                "/",
                post(
                    async |body: Body| match axum::body::to_bytes(body, 64).await {
                        Ok(body) => (StatusCode::OK, format!("{} bytes", body.len())),
                        Err(error) => (StatusCode::REQUEST_TIMEOUT, error.to_string()),
                    },
                ),
            );
        let clock = Arc::new(Hand::new());
        let cancel = CancellationToken::new();
        let (time, stop) = (clock.clone(), cancel.clone());
        tokio::spawn(serve(listener, router, time, limits, stop));
        Self {
            clock,
            address,
            cancel,
            gate,
            left,
        }
    }

    async fn dial(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn dial_from(&self, host: u8) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        let own = Ipv4Addr::new(127, 0, 3, host);
        socket.bind((own, 0).into()).unwrap();
        socket.connect(self.address).await.unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// All that comes until the connection ends, well or badly.
async fn rest_of(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = async { while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {} };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One answer that ends with `end`.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    let reading = async {
        while !bytes.ends_with(end.as_bytes()) {
            assert!(
                stream.read_buf(&mut bytes).await.unwrap() > 0,
                "it ended early"
            );
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

const ASK: &str = "GET / HTTP/1.1\r\nHost:h\r\n\r\n";
const HEAD: Duration = Duration::from_secs(30);
const BODY: Duration = Duration::from_secs(10);
const STALL: Duration = Duration::from_secs(30);
const LIFE: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_head_that_drips_is_cut_when_its_time_is_over_and_not_before() {
    let house = House::open(Limits::default()).await;
    let mut slow = house.dial().await;
    house.clock.slept(2).await; // its life, its head
    say(&mut slow, "GET / HTTP/1.1\r\n").await;
    house.clock.advance(HEAD / 2);
    say(&mut slow, "X-Drip: 1\r\n").await;
    house.clock.advance(Duration::from_secs(14));
    let mut phone = house.dial().await;
    say(&mut phone, ASK).await;
    assert!(until(&mut phone, "here").await.starts_with("HTTP/1.1 200"));
    // Not a byte of it prolongs the time.
    say(&mut slow, "X-Drip: 2\r\n").await;
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(rest_of(&mut slow).await, "");
}

#[tokio::test]
async fn a_head_that_comes_in_pieces_in_time_is_served() {
    let house = House::open(Limits::default()).await;
    let mut slow = house.dial().await;
    house.clock.slept(2).await;
    for piece in [
        "GET / HT",
        "TP/1.1\r",
        "\nHost:h\r\nConnection:",
        " close\r\n\r",
    ] {
        say(&mut slow, piece).await;
        house.clock.advance(Duration::from_secs(7));
    }
    say(&mut slow, "\n").await;
    assert!(rest_of(&mut slow).await.ends_with("here"));
}

#[tokio::test]
async fn an_idle_connection_ends_and_one_that_keeps_asking_does_not() {
    let house = House::open(Limits::default()).await;
    let mut idle = house.dial().await;
    let mut application = house.dial().await;
    house.clock.slept(4).await;
    for asked in 1..=4 {
        say(&mut application, ASK).await;
        until(&mut application, "here").await;
        house.clock.slept(4 + asked).await; // the next head's time began
        house.clock.advance(HEAD / 2);
    }
    assert_eq!(rest_of(&mut idle).await, "");
    house.clock.advance(HEAD / 2);
    assert_eq!(rest_of(&mut application).await, "");
}

#[tokio::test]
async fn a_body_that_drips_is_told_so() {
    let house = House::open(Limits::default()).await;
    let mut slow = house.dial().await;
    say(
        &mut slow,
        "POST / HTTP/1.1\r\nHost:h\r\nContent-Length: 20\r\n\r\n12345",
    )
    .await;
    house.clock.slept(3).await; // life, head, body
    house.clock.advance(BODY / 2);
    say(&mut slow, "67890").await;
    house.clock.advance(BODY / 2);
    assert!(rest_of(&mut slow).await.starts_with("HTTP/1.1 408"));
    let mut quick = house.dial().await;
    say(
        &mut quick,
        "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n12345",
    )
    .await;
    assert!(rest_of(&mut quick).await.ends_with("5 bytes"));
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_cut() {
    let house = House::open(Limits::default()).await;
    let mut deaf = house.dial().await;
    say(&mut deaf, "GET /large HTTP/1.0\r\n\r\n").await;
    house.clock.slept(3).await; // life, head, and the socket is full
    house.clock.advance(STALL);
    assert!(rest_of(&mut deaf).await.len() < LARGE);
}

#[tokio::test]
async fn a_peer_on_a_slow_line_gets_its_file_however_often_it_lets_us_wait() {
    let house = House::open(Limits::default()).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(128 * 1024).unwrap();
    let mut slow = socket.connect(house.address).await.unwrap();
    say(&mut slow, "GET /large HTTP/1.0\r\n\r\n").await;
    house.clock.slept(3).await; // life, head, and the socket is full
    let mut buffer = vec![0; 512 * 1024];
    for _ in 0..10 {
        house.clock.advance(Duration::from_secs(29));
        let begun = house.clock.begun();
        // More than what can be under way: some of it is sent only now.
        slow.read_exact(&mut buffer).await.unwrap();
        house.clock.slept(begun + 1).await; // and the socket is full again
    }
}

#[tokio::test]
async fn a_peer_that_takes_its_file_slowly_gets_it_beyond_its_life() {
    let limits = Limits {
        stall: LIFE * 2,
        ..Limits::default()
    };
    let house = House::open(limits).await;
    let mut slow = house.dial().await;
    say(&mut slow, "GET /large HTTP/1.0\r\n\r\n").await;
    house.clock.slept(3).await; // life, head, and the socket is full
    let mut taken = 0;
    let mut buffer = vec![0; 1 << 20];
    while taken < LARGE / 2 {
        taken += slow.read(&mut buffer).await.unwrap();
    }
    house.clock.advance(LIFE);
    let rest = rest_of(&mut slow).await;
    assert!(taken + rest.len() > LARGE, "whole, and a head");
}

#[tokio::test]
async fn a_life_that_is_over_ends_after_the_answer_that_is_on_its_way() {
    let house = House::open(Limits::default()).await;
    let mut stream = house.dial().await;
    say(&mut stream, "GET /gate HTTP/1.1\r\nHost:h\r\n\r\n").await;
    house.clock.slept(2).await;
    // The life ends while the answer is being made, which takes its time.
    house.clock.advance(LIFE);
    house.clock.slept(3).await;
    for stall in 1..=5 {
        house.clock.advance(STALL);
        house.clock.slept(3 + stall).await;
    }
    house.gate.notify_one();
    let answer = rest_of(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("committed"),
        "{answer}"
    );
    // One that is never made is not waited for.
    let mut hangs = house.dial().await;
    say(&mut hangs, "GET /gate HTTP/1.1\r\nHost:h\r\n\r\n").await;
    house.clock.slept(10).await;
    house.clock.advance(LIFE);
    for stall in 1..=STALLS_TO_ANSWER as usize + 1 {
        house.clock.slept(10 + stall).await;
        house.clock.advance(STALL);
    }
    assert_eq!(rest_of(&mut hangs).await, "");
}

#[tokio::test]
async fn one_address_fills_its_own_places_only() {
    let limits = Limits {
        places: PlaceLimits {
            total: 100,
            per_address: 3,
        },
        ..Limits::default()
    };
    let house = House::open(limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(house.dial_from(1).await);
    }
    assert_eq!(rest_of(&mut house.dial_from(1).await).await, "");
    let mut phone = house.dial_from(2).await;
    say(&mut phone, ASK).await;
    until(&mut phone, "here").await;
}

#[tokio::test]
async fn idlers_from_many_addresses_keep_no_phone_out() {
    let limits = Limits {
        places: PlaceLimits {
            total: 16,
            per_address: 4,
        },
        ..Limits::default()
    };
    let house = House::open(limits).await;
    let mut busy = house.dial_from(99).await;
    say(&mut busy, "GET /gate HTTP/1.1\r\nHost:h\r\n\r\n").await;
    house.clock.slept(2).await;
    // Half-written heads count as idle.
    let mut idlers = Vec::new();
    for host in 1..=40 {
        let mut idler = house.dial_from(host).await;
        say(&mut idler, "GET /").await;
        idlers.push(idler);
        let mut phone = house.dial_from(100 + host).await;
        say(&mut phone, ASK).await;
        until(&mut phone, "here").await;
    }
    // No clock was moved: the oldest made room.
    assert_eq!(rest_of(&mut idlers[0]).await, "");
    // Who was being answered all the while was not sent away.
    house.gate.notify_one();
    until(&mut busy, "committed").await;
}

#[tokio::test]
async fn a_peer_that_said_all_it_had_to_say_still_gets_its_answer() {
    let house = House::open(Limits::default()).await;
    let mut half = house.dial().await;
    say(&mut half, "GET /after HTTP/1.1\r\nHost:h\r\n\r\n").await;
    half.shutdown().await.unwrap();
    assert!(rest_of(&mut half).await.ends_with("sent"));
    let counted = async {
        while house.left.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.unwrap();
}

#[tokio::test]
async fn requests_in_one_segment_are_answered_in_order() {
    let house = House::open(Limits::default()).await;
    let mut stream = house.dial().await;
    let both = "GET /after HTTP/1.1\r\nHost:h\r\n\r\nGET / HTTP/1.1\r\nHost:h\r\nConnection: close\r\n\r\n";
    say(&mut stream, both).await;
    let answers = rest_of(&mut stream).await;
    let (first, second) = (answers.find("sent").unwrap(), answers.find("here").unwrap());
    assert!(first < second, "{answers}");
    assert_eq!(house.left.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_follows_an_ambiguous_request_is_not_taken_as_one() {
    let house = House::open(Limits::default()).await;
    let mut both = house.dial().await;
    say(
        &mut both,
        "POST / HTTP/1.1\r\nHost:h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\nGET /after HTTP/1.1\r\nHost:h\r\n\r\n",
    )
    .await;
    let answer = rest_of(&mut both).await;
    assert!(!answer.contains("sent"), "{answer}");
    for (name, request) in [
        (
            "two lengths",
            "POST / HTTP/1.1\r\nHost:h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        ),
        (
            "a list of lengths",
            "POST / HTTP/1.1\r\nHost:h\r\nContent-Length: 4, 5\r\n\r\n12345",
        ),
        (
            "a signed length",
            "POST / HTTP/1.1\r\nHost:h\r\nContent-Length: +4\r\n\r\n1234",
        ),
        (
            "another coding",
            "POST / HTTP/1.1\r\nHost:h\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        ),
        (
            "a blank before the colon",
            "POST / HTTP/1.1\r\nHost:h\r\nContent-Length : 4\r\n\r\n1234",
        ),
        (
            "chunks in HTTP/1.0",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ] {
        let mut stream = house.dial().await;
        say(&mut stream, request).await;
        let answer = rest_of(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{name}: {answer}");
    }
}
