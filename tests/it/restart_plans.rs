//! The gentlest restart that serves, from the handset of each family: what a
//! login, a file, a language, a label or a menu costs a phone, and that none of
//! it ends a call.

use embody::handset::{Handset, HandsetEvent, Kind, Order};
use tokio::sync::broadcast;

use crate::support::phones::{first_key, is_right, mac, open, plug_in, registered, submit, until};
use crate::support::{Daemon, Site};

/// The sample site, with a phone of this kind configured as what it is and a
/// line of its own.
fn site(kind: Kind) -> String {
    let desk = "description = \"Shared desk\"";
    let site = crate::support::daemon::sample_site().replace(
        desk,
        "description = \"Shared desk\"\nline = [{ number = \"1002\", label = \"Desk\" }]",
    );
    if kind != Kind::Cisco7961Sip {
        return site;
    }
    let at = site.find("name = \"SEP001122334466\"").unwrap();
    let (head, tail) = site.split_at(at);
    format!("{head}{}", tail.replacen("\"sccp\"", "\"sip\"", 1))
}

/// What stands on its first key while nobody is signed in.
fn bare(kind: Kind) -> &'static str {
    match kind {
        Kind::Cisco7960 | Kind::Cisco7960Sip => "Lobby",
        Kind::Cisco7961 | Kind::Cisco7961Sip => "Desk",
        Kind::Cisco8841 => "Meeting room",
    }
}

/// What stands there as bob, whose profile was made for a 7960: labels come
/// along within the family.
fn as_bob(kind: Kind) -> &'static str {
    match kind {
        Kind::Cisco7960 | Kind::Cisco7960Sip => "Bob",
        Kind::Cisco7961 | Kind::Cisco7961Sip | Kind::Cisco8841 => "2002",
    }
}

/// A phone at rest on a daemon of its own.
struct Desk {
    daemon: Daemon,
    phone: Handset,
    device: String,
    site: String,
}

impl Desk {
    async fn with(kind: Kind) -> Self {
        let site = site(kind);
        let daemon = Daemon::start(Site::Text(site.clone()));
        let phone = plug_in(&daemon, kind);
        let device = phone.device_name();
        registered(&phone, 1).await;
        first_key(&phone, bare(kind)).await;
        let desk = Self {
            daemon,
            phone,
            device,
            site,
        };
        desk.rests().await;
        desk
    }

    async fn rests(&self) {
        until("the daemon finds it right", || {
            is_right(&self.daemon, &self.device)
        })
        .await;
    }

    /// The site with this instead of that.
    fn edit(&mut self, that: &str, this: &str) {
        assert!(self.site.contains(that), "{that}");
        self.site = self.site.replacen(that, this, 1);
        std::fs::write(self.daemon.site_file(), &self.site).unwrap();
        let file = self.daemon.site_file();
        self.daemon.says(&["apply", file.to_str().unwrap()]);
    }

    /// Restarts, resets, and how often it came into service.
    fn cost(&self) -> (u32, u32, u32) {
        let orders = self.phone.orders_received();
        (
            orders.restarts,
            orders.resets,
            self.phone.registrations_count(),
        )
    }

    fn status(&self) -> serde_json::Value {
        let (_, phone) = self.daemon.admin().get(&format!("/phones/{}", self.device));
        phone["status"].clone()
    }

    async fn done(self) {
        assert!(self.phone.faults().is_empty(), "{:?}", self.phone.faults());
        self.phone.power_off().await;
    }
}

/// Extension Mobility 4.1, Login and Behavior: the phone restarts with the
/// user's device profile.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_a_logout_are_one_restart_each_on_every_family() {
    for kind in Kind::MANAGED {
        let desk = Desk::with(kind).await;
        desk.daemon.says(&["login", &desk.device, "bob"]);
        first_key(&desk.phone, as_bob(kind)).await;
        desk.rests().await;
        assert_eq!(desk.cost(), (1, 0, 2), "{kind:?} as bob");
        desk.daemon.says(&["logout", &desk.device]);
        first_key(&desk.phone, bare(kind)).await;
        desk.rests().await;
        assert_eq!(desk.cost(), (2, 0, 3), "{kind:?} as it was");
        desk.done().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_resets_a_7960_and_restarts_the_others() {
    for kind in Kind::MANAGED {
        let mut desk = Desk::with(kind).await;
        desk.edit(
            "date_template = \"D.M.Y\"",
            "date_template = \"D.M.Y\"\nntp = [\"192.0.2.7\"]",
        );
        registered(&desk.phone, 2).await;
        desk.rests().await;
        let once = if kind == Kind::Cisco7960 {
            (0, 1, 2)
        } else {
            (1, 0, 2)
        };
        assert_eq!(desk.cost(), once, "{kind:?}");
        desk.done().await;
    }
}

/// Extension Mobility 4.1, Login and Behavior: when the user locale does not
/// match, the phone performs a restart followed by a reset.
#[tokio::test(flavor = "multi_thread")]
async fn another_language_is_a_restart_and_then_a_reset() {
    for kind in Kind::MANAGED {
        let desk = Desk::with(kind).await;
        for (command, times) in [
            (["login", &desk.device, "carol"].as_slice(), 1),
            (&["logout", &desk.device], 2),
        ] {
            desk.daemon.says(command);
            // The reset may come before the phone was in service again after
            // the restart: registrations are not counted here.
            until("it was reset", || desk.cost().1 == times).await;
            until("it is in service", || desk.phone.is_registered()).await;
            desk.rests().await;
            let (restarts, resets, _) = desk.cost();
            assert_eq!((restarts, resets), (times, times), "{kind:?}: {command:?}");
        }
        desk.done().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_redrawn_live_where_the_family_does_so() {
    let mut desk = Desk::with(Kind::Cisco7961).await;
    desk.edit("label = \"Desk\"", "label = \"Corner\"");
    first_key(&desk.phone, "Corner").await;
    desk.rests().await;
    assert_eq!(desk.cost(), (0, 0, 1), "without any restart");
    desk.done().await;
    for (kind, label) in [
        (Kind::Cisco7960, "Lobby"),
        (Kind::Cisco7961Sip, "Desk"),
        (Kind::Cisco8841, "Meeting room"),
    ] {
        let mut desk = Desk::with(kind).await;
        desk.edit(&format!("label = \"{label}\""), "label = \"Corner\"");
        first_key(&desk.phone, "Corner").await;
        desk.rests().await;
        assert_eq!(desk.cost(), (1, 0, 2), "{kind:?}");
        desk.done().await;
    }
}

/// Menus are made when they are asked for; an 8841 has its services in its
/// file.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_in_the_menu_costs_nothing_but_on_an_8841() {
    for kind in [Kind::Cisco7960, Kind::Cisco7961, Kind::Cisco7961Sip] {
        let mut desk = Desk::with(kind).await;
        let line = format!("label = \"{}\" }}]", bare(kind));
        let with_service = format!("{line}\nservice = [{{ name = \"Weather\" }}]");
        desk.edit(&line, &with_service);
        let menu = desk.phone.press_services().await.unwrap().unwrap();
        assert!(
            menu.items.contains(&"Weather".to_owned()),
            "{:?}",
            menu.items
        );
        desk.rests().await;
        assert_eq!(desk.cost(), (0, 0, 1), "{kind:?}");
        desk.done().await;
    }
    let mut desk = Desk::with(Kind::Cisco8841).await;
    desk.edit(
        "service = [{ name = \"Weather\", parameters = { city = \"Berlin\" } }]",
        "",
    );
    registered(&desk.phone, 2).await;
    desk.rests().await;
    assert_eq!(desk.cost(), (1, 0, 2));
    desk.done().await;
}

/// Whether the only order that came waited on the phone for the end of a call.
fn was_deferred(events: &mut broadcast::Receiver<HandsetEvent>) -> bool {
    let mut orders = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let HandsetEvent::Ordered { order, deferred } = event {
            orders.push((order, deferred));
        }
    }
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!(orders[0].0, Order::Restart);
    orders[0].1
}

/// Extension Mobility 4.1, Login and Behavior: users can log in to a phone that
/// is off the hook; it assumes their settings when it goes on hook.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_on_a_lifted_phone_waits_for_the_handset_and_says_so() {
    for kind in [Kind::Cisco7960, Kind::Cisco7961] {
        let desk = Desk::with(kind).await;
        let mut events = desk.phone.events();
        desk.phone.set_off_hook(true);
        until("it is seen to be lifted", || {
            desk.status()["in_call"] == true
        })
        .await;
        open(&desk.phone).await;
        let page = submit(&desk.phone, "2002", "31415").await;
        assert!(page.text.contains("Login Successful"), "{}", page.draw());
        until("it is said to wait for the handset", || {
            desk.status()["state"]["waits_for_handset"] == true
        })
        .await;
        let status = desk.daemon.says(&["status"]);
        assert!(status.contains("waits for the handset"), "{status}");
        assert_eq!(desk.status()["session"]["user"], "bob", "it is his already");
        assert_eq!(desk.phone.registrations_count(), 1, "and not torn down");
        desk.phone.set_off_hook(false);
        first_key(&desk.phone, as_bob(kind)).await;
        desk.rests().await;
        assert!(
            !was_deferred(&mut events),
            "{kind:?}: the order came on hook"
        );
        assert_eq!(desk.cost(), (1, 0, 2));
        desk.done().await;
    }
}

/// A SIP phone is told at once, and defers the restart by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_sip_phone_in_a_call_is_told_at_once_and_restarts_afterwards() {
    for kind in [Kind::Cisco7961Sip, Kind::Cisco8841] {
        let desk = Desk::with(kind).await;
        let mut events = desk.phone.events();
        desk.phone.set_off_hook(true);
        desk.daemon.says(&["login", &desk.device, "bob"]);
        until("it was told", || desk.phone.orders_received().restarts == 1).await;
        assert_eq!(desk.phone.registrations_count(), 1, "not torn down");
        assert!(was_deferred(&mut events), "{kind:?}");
        desk.phone.set_off_hook(false);
        first_key(&desk.phone, as_bob(kind)).await;
        desk.rests().await;
        assert_eq!(desk.cost(), (1, 0, 2));
        desk.done().await;
    }
}

/// The fixed address of each kind in the sample site.
#[test]
fn every_kind_has_its_phone_in_the_sample_site() {
    for kind in Kind::MANAGED {
        assert!(
            site(kind).contains(&format!("SEP{}", mac(kind))),
            "{kind:?}"
        );
    }
}
