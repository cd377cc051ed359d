//! The process dies at the worst points, twenty times each. No login or logout
//! that was acknowledged is lost, and the phones converge.

use std::net::SocketAddr;

use embody::handset::{Handset, Kind};

use crate::support::admin::exchange;
use crate::support::phones::{is_right, plug_in, registered, until};
use crate::support::{Daemon, Site};

const ROUNDS: u32 = 20;

/// Rounds in which one request follows the other without a pause, at most, for
/// one that dies over its own commit. Then nearly every commit is that of a
/// login or logout.
const MORE_ROUNDS: u32 = 20;

const DEVICE: &str = "SEP001122334466";

/// What came of a request of the login service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Success,
    Refusal,
    /// The daemon died over it.
    Nothing,
    /// The daemon was dead before.
    NotAsked,
}

fn service(at: SocketAddr, what: &str) -> Came {
    let xml = format!(
        "<request><appInfo><appID>emapp</appID><appCertificate>change-me</appCertificate>\
         </appInfo>{what}</request>"
    );
    let request = format!(
        "POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: embody\r\nContent-Type: text/xml\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{xml}",
        xml.len()
    );
    match exchange(at, request.as_bytes()) {
        Ok((200, body)) if body.contains("<success/>") => Came::Success,
        Ok((200, _)) => Came::Refusal,
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Came::NotAsked,
        Ok(_) | Err(_) => Came::Nothing,
    }
}

fn login(daemon: &Daemon) -> Came {
    let what = format!("<login><deviceName>{DEVICE}</deviceName><userID>bob</userID></login>");
    service(daemon.ports.services_http, &what)
}

fn logout(daemon: &Daemon) -> Came {
    let what = format!("<logout><deviceName>{DEVICE}</deviceName></logout>");
    service(daemon.ports.services_http, &what)
}

/// Whether the daemon says that bob is signed in.
fn signed_in(daemon: &Daemon) -> bool {
    let (_, sessions) = daemon.admin().get("/sessions");
    sessions
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one["user"] == "bob"))
}

/// Signs in and out until the daemon dies: what was acknowledged last, and
/// what was asked and not acknowledged.
fn until_it_dies(daemon: &mut Daemon, mut state: bool, pause: bool) -> (bool, Option<bool>) {
    for _ in 0..400 {
        let wanted = !state;
        let answer = if wanted {
            login(daemon)
        } else {
            logout(daemon)
        };
        let in_doubt = match answer {
            Came::Success => None,
            Came::Refusal => panic!("a refusal: {}", daemon.log()),
            Came::Nothing => Some(wanted),
            Came::NotAsked => {
                daemon.wait_end();
                return (state, None);
            }
        };
        if in_doubt.is_some() {
            daemon.wait_end();
            return (state, in_doubt);
        }
        state = wanted;
        // A crash after the answer or the notification comes when it comes.
        for _ in 0..if pause { 20 } else { 0 } {
            if daemon.ended() {
                daemon.wait_end();
                return (state, None);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    panic!("it did not die");
}

async fn converges(daemon: &Daemon, phones: &[Handset], signed_in: bool) {
    for phone in phones {
        let device = phone.device_name();
        until(&format!("{device} is right"), || is_right(daemon, &device)).await;
    }
    let label = if signed_in { "2002" } else { "Sign in" };
    until("the right first key", || {
        phones[0]
            .buttons()
            .first()
            .is_some_and(|key| key.label == label)
    })
    .await;
}

/// Dies at a point, again and again; and when `over_its_own` says what such a
/// login leaves (kept or not), until one died over its own commit.
async fn dies_at(point: &'static str, first: u32, over_its_own: Option<bool>) {
    let mut daemon = Daemon::start(Site::Sample);
    let phones = [
        plug_in(&daemon, Kind::Cisco7961),
        plug_in(&daemon, Kind::Cisco8841),
    ];
    for phone in &phones {
        registered(phone, 1).await;
    }
    converges(&daemon, &phones, false).await;
    let (mut state, mut own) = (false, over_its_own.is_none());
    for round in 0..ROUNDS + MORE_ROUNDS {
        let pause = round < ROUNDS;
        if own && !pause {
            break;
        }
        daemon.kill();
        // Each round dies a little later, so that every commit has its turn.
        let armed = format!("{point}:{}", first + round % 5);
        daemon.start_again_with(&[("EMBODY_CRASH_AT", &armed)]);
        let (told, in_doubt);
        (daemon, (told, in_doubt)) = tokio::task::spawn_blocking(move || {
            let outcome = until_it_dies(&mut daemon, state, pause);
            (daemon, outcome)
        })
        .await
        .unwrap();
        daemon.start_again_with(&[]);
        let stored = signed_in(&daemon);
        let allowed = in_doubt.map_or(vec![told], |doubt| vec![told, doubt]);
        assert!(
            allowed.contains(&stored),
            "round {round}: {told} was acknowledged, {stored} kept"
        );
        converges(&daemon, &phones, stored).await;
        state = stored;
        own |= in_doubt.is_some_and(|doubt| over_its_own == Some(stored == doubt));
    }
    assert!(own, "no round hit a login's own commit");
    for phone in &phones {
        phone.power_off().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_before_commit() {
    dies_at("before-commit", 2, Some(false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_after_commit() {
    dies_at("after-commit", 2, Some(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_after_the_answer() {
    dies_at("after-answer", 1, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_after_the_notification() {
    dies_at("after-notification", 1, None).await;
}
