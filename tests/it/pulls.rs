//! A login that is committed at any point of a phone's boot, between any two
//! of its questions, leads to the right keys with at most one restart.

use embody::handset::{HookPoint, Kind};
use serde_json::json;

use crate::support::phones::{PATIENCE, first_key, is_right, plug_in_paused, until};
use crate::support::{Daemon, Site};

/// The sample site; a phone with a SIP load is configured as such, so that
/// each of its boots is alike.
fn site(kind: Kind) -> Site {
    let site = crate::support::daemon::sample_site();
    if kind != Kind::Cisco7961Sip {
        return Site::Text(site);
    }
    let at = site.find("name = \"SEP001122334466\"").unwrap();
    let (head, tail) = site.split_at(at);
    Site::Text(format!("{head}{}", tail.replacen("\"sccp\"", "\"sip\"", 1)))
}

/// Every point at which this kind of phone can be held on its way in.
async fn points(kind: Kind) -> Vec<HookPoint> {
    let daemon = Daemon::start(site(kind));
    let (phone, mut pauses) = plug_in_paused(&daemon, kind);
    let mut points = Vec::new();
    while let Some(pause) = pauses.recv().await {
        let done = pause.point == HookPoint::InService;
        points.push(pause.point.clone());
        pause.release();
        if done {
            break;
        }
    }
    phone.power_off().await;
    points
}

async fn a_login_at_every_point(kind: Kind, label: &str) {
    let points = points(kind).await;
    assert!(points.len() > 5, "{points:?}");
    let daemon = Daemon::start(site(kind));
    for (index, point) in points.iter().enumerate() {
        let (phone, mut pauses) = plug_in_paused(&daemon, kind);
        let device = phone.device_name();
        let mut at = 0;
        while let Ok(Some(pause)) = tokio::time::timeout(PATIENCE, pauses.recv()).await {
            if at == index {
                let login = daemon
                    .admin()
                    .post(&format!("/phones/{device}/login"), &json!({"user": "bob"}));
                assert_eq!(login.0, 200, "at {point:?}: {login:?}");
                pause.release();
                break;
            }
            at += 1;
            pause.release();
        }
        // From here on the phone runs freely.
        drop(pauses);
        first_key(&phone, label).await;
        until(&format!("right after a login at {point:?}"), || {
            is_right(&daemon, &device)
        })
        .await;
        let orders = phone.orders_received();
        let sent = orders.restarts + orders.resets;
        assert!(sent <= 1, "{sent} orders after a login at {point:?}");
        phone.power_off().await;
        let logout = daemon
            .admin()
            .post(&format!("/phones/{device}/logout"), &json!({}));
        assert_eq!(logout.0, 200, "{logout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_every_point_of_a_7960_s_boot() {
    a_login_at_every_point(Kind::Cisco7960, "Bob").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_every_point_of_a_7961_s_boot() {
    a_login_at_every_point(Kind::Cisco7961, "2002").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_every_point_of_an_8841_s_boot() {
    a_login_at_every_point(Kind::Cisco8841, "2002").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_at_every_point_of_the_boot_of_a_7961_with_a_sip_load() {
    a_login_at_every_point(Kind::Cisco7961Sip, "2002").await;
}
