//! Virtual phones on a daemon, each with an address of its own.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use embody::handset::{Handset, Kind, Mac, Pace, Page, Pause, Profile, Servers};
use tokio::sync::mpsc;

use super::Daemon;

/// How long anything may take before it counts as never. Not a measure: only
/// an end for what hangs.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A kind of phone and its MAC address in the sample site.
pub fn mac(kind: Kind) -> Mac {
    Mac(match kind {
        Kind::Cisco7960 | Kind::Cisco7960Sip => [0x00, 0x11, 0x22, 0x33, 0x44, 0x55],
        Kind::Cisco7961 | Kind::Cisco7961Sip => [0x00, 0x11, 0x22, 0x33, 0x44, 0x66],
        Kind::Cisco8841 => [0x00, 0x11, 0x22, 0x33, 0x44, 0x77],
    })
}

/// The services of a daemon, and an address that no other phone of this run has:
/// in 127.2.0.0/16, where nothing else is.
pub fn servers(daemon: &Daemon) -> Servers {
    const A_NET: u16 = 254;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let net = u8::try_from(number / A_NET).expect("an address for every phone");
    let host = u8::try_from(number % A_NET + 1).unwrap();
    Servers {
        tftp: daemon.ports.tftp,
        config_http: Some(daemon.ports.config_http),
        bind: Some(IpAddr::V4(Ipv4Addr::new(127, 2, net, host))),
    }
}

pub fn plug_in(daemon: &Daemon, kind: Kind) -> Handset {
    Handset::spawn(
        Profile::new(kind, mac(kind)),
        servers(daemon),
        Pace::default(),
    )
}

pub fn plug_in_paused(daemon: &Daemon, kind: Kind) -> (Handset, mpsc::Receiver<Pause>) {
    Handset::spawn_paused(
        Profile::new(kind, mac(kind)),
        servers(daemon),
        Pace::default(),
    )
}

pub async fn registered(phone: &Handset, count: u32) {
    let wait = tokio::time::timeout(PATIENCE, phone.wait_registrations(count)).await;
    assert!(
        matches!(wait, Ok(Ok(_))),
        "{} did not reach registration {count}: {:?}",
        phone.device_name(),
        phone.faults()
    );
}

/// Waits until something is so.
pub async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let looking = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, looking).await;
    assert!(seen.is_ok(), "never seen: {what}");
}

pub async fn first_key(phone: &Handset, label: &str) {
    let what = format!("{} with the first key {label:?}", phone.device_name());
    until(&what, || {
        phone
            .buttons()
            .first()
            .is_some_and(|key| key.label == label)
    })
    .await;
}

/// Opens Extension Mobility from the Services key.
pub async fn open(phone: &Handset) -> Page {
    let menu = phone.press_services().await.unwrap().unwrap();
    let doors = menu
        .items
        .iter()
        .filter(|item| item.contains("Extension Mobility"))
        .count();
    assert_eq!(doors, 1, "exactly once: {:?}", menu.items);
    let last = menu.items.last().unwrap();
    assert!(last.contains("Extension Mobility"), "and last: {last}");
    phone.choose("Extension Mobility").await.unwrap().unwrap()
}

pub async fn submit(phone: &Handset, user: &str, pin: &str) -> Page {
    phone.fill(&[("userid", user), ("seq", pin)]).await.unwrap();
    phone.soft_key("Submit").await.unwrap().unwrap()
}

/// Whether the daemon says that a phone holds what is wanted.
pub fn is_right(daemon: &Daemon, device: &str) -> bool {
    let (status, phone) = daemon.admin().get(&format!("/phones/{device}"));
    status == 200 && phone["status"]["state"]["is"] == "right"
}
