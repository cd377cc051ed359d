//! The process dies at the worst points, twenty times each. No login or logout
//! that was acknowledged is lost, and the phones converge.

use std::net::SocketAddr;

use embody::handset::{Handset, Kind};

use crate::support::admin::exchange;
use crate::support::phones::{is_right, plug_in, registered, until};
use crate::support::{Daemon, Site};

const ROUNDS: u32 = 20;

const DEVICE: &str = "SEP001122334466";

/// One request of the login service; `None` when the daemon died over it.
fn service(at: SocketAddr, what: &str) -> Option<bool> {
    let xml = format!(
        "<request><appInfo><appID>emapp</appID><appCertificate>change-me</appCertificate>\
         </appInfo>{what}</request>"
    );
    let request = format!(
        "POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: embody\r\nContent-Type: text/xml\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{xml}",
        xml.len()
    );
    let (status, body) = exchange(at, request.as_bytes()).ok()?;
    (status == 200).then(|| body.contains("<success/>"))
}

fn login(daemon: &Daemon) -> Option<bool> {
    let what = format!("<login><deviceName>{DEVICE}</deviceName><userID>bob</userID></login>");
    service(daemon.ports.services_http, &what)
}

fn logout(daemon: &Daemon) -> Option<bool> {
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
fn until_it_dies(daemon: &mut Daemon, mut state: bool) -> (bool, Option<bool>) {
    for _ in 0..200 {
        let wanted = !state;
        let answer = if wanted {
            login(daemon)
        } else {
            logout(daemon)
        };
        match answer {
            Some(true) => state = wanted,
            Some(false) => panic!("a refusal: {}", daemon.log()),
            None => {
                daemon.wait_end();
                return (state, Some(wanted));
            }
        }
        // A crash after the answer or the notification comes when it comes.
        for _ in 0..20 {
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

async fn dies_at(point: &'static str, first: u32) {
    let mut daemon = Daemon::start(Site::Sample);
    let phones = [
        plug_in(&daemon, Kind::Cisco7961),
        plug_in(&daemon, Kind::Cisco8841),
    ];
    for phone in &phones {
        registered(phone, 1).await;
    }
    converges(&daemon, &phones, false).await;
    let (mut state, mut doubts) = (false, 0);
    for round in 0..ROUNDS {
        daemon.kill();
        // Each round dies a little later, so that every commit has its turn.
        let armed = format!("{point}:{}", first + round % 5);
        daemon.start_again_with(&[("EMBODY_CRASH_AT", &armed)]);
        let (told, in_doubt);
        (daemon, (told, in_doubt)) = tokio::task::spawn_blocking(move || {
            let outcome = until_it_dies(&mut daemon, state);
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
        doubts += usize::from(in_doubt.is_some());
    }
    // A crash that answers nobody leaves a doubt: before the answer it must
    // have come at least once over a login or logout itself.
    assert!(
        doubts > 0 || !point.ends_with("commit"),
        "no round hit a login's own commit"
    );
    for phone in &phones {
        phone.power_off().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_before_commit() {
    dies_at("before-commit", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_after_commit() {
    dies_at("after-commit", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_after_the_answer() {
    dies_at("after-answer", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_after_the_notification() {
    dies_at("after-notification", 1).await;
}
