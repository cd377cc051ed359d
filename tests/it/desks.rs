//! What comes onto the keys of real handsets: templates, busy lamps, emergency
//! entries, and profiles on models that they were not made for.

use embody::handset::{ButtonKind, Handset, Kind};

use crate::support::phones::{first_key, is_right, open, plug_in, registered, submit, until};
use crate::support::{Daemon, Site};

const SITE: &str = r#"
version = 1

[[phone]]
name = "SEP001122334455"
model = "7960"
extension_mobility = true
speed_dial = [{ number = "112", label = "Emergency", emergency = true }]

[[phone]]
name = "SEP001122334466"
model = "7961"
extension_mobility = true
speed_dial = [{ number = "112", label = "Emergency", emergency = true }]

[[phone]]
name = "SEP001122334477"
model = "8841"
extension_mobility = true
speed_dial = [{ number = "112", label = "Emergency", emergency = true }]

[[phone_button_template]]
name = "Secretary"
model = "7961"
buttons = ["line", "speed-dial", "line", "none", "speed-dial", "speed-dial"]

[[profile]]
name = "alice"
model = "7961"
phone_button_template = "Secretary"
line = [
    { number = "2001", label = "Alice", external_number_mask = "0555XXXX", maximum_calls = 6 },
    { number = "2002", label = "Sales" },
    { number = "2003" },
]
speed_dial = [
    { number = "3001", label = "Bob", blf = true },
    { number = "3002", label = "Lab" },
    { number = "3003", label = "Canteen" },
]

[[user]]
id = "alice"
alias = "2001"
pin = "58213"
profiles = ["alice"]
"#;

/// The keys as a person sees them.
fn keys(phone: &Handset) -> Vec<(u16, ButtonKind, String)> {
    let seen = phone.buttons().into_iter();
    seen.map(|it| (it.key, it.kind, it.label)).collect()
}

fn key(at: u16, kind: ButtonKind, label: &str) -> (u16, ButtonKind, String) {
    (at, kind, label.to_owned())
}

/// Bare, signed in, and bare again; what was seen while signed in, and what
/// the daemon says found no key.
async fn signed_in(kind: Kind, first: &str) -> (Vec<(u16, ButtonKind, String)>, String) {
    // A 7961 is served as what it is said to be until it shows otherwise.
    let sip = "model = \"7961\"\nprotocol = \"sip\"\nextension";
    let site = match kind {
        Kind::Cisco7961Sip => SITE.replace("model = \"7961\"\nextension", sip),
        _ => SITE.to_owned(),
    };
    let daemon = Daemon::start(Site::Text(site));
    let phone = plug_in(&daemon, kind);
    let device = phone.device_name();
    registered(&phone, 1).await;
    first_key(&phone, "Sign in").await;
    let bare = keys(&phone);
    open(&phone).await;
    let page = submit(&phone, "2001", "58213").await;
    assert!(page.text.contains("Login Successful"), "{}", page.draw());
    registered(&phone, 2).await;
    first_key(&phone, first).await;
    until("the daemon finds it right", || is_right(&daemon, &device)).await;
    let seen = keys(&phone);
    assert_eq!(seen.last(), bare.last(), "the emergency key does not move");
    let (_, why) = daemon.admin().get(&format!("/phones/{device}/why"));
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
    (seen, why["text"].as_str().unwrap().to_owned())
}

/// A template on the model that it was made for, over SCCP and over SIP alike.
#[tokio::test(flavor = "multi_thread")]
async fn a_template_with_a_busy_lamp_reaches_a_7961_in_both_protocols() {
    for kind in [Kind::Cisco7961, Kind::Cisco7961Sip] {
        let (seen, why) = signed_in(kind, "Alice").await;
        assert_eq!(
            seen,
            [
                key(1, ButtonKind::Line, "Alice"),
                key(2, ButtonKind::BusyLamp, "Bob"),
                key(3, ButtonKind::Line, "Sales"),
                key(5, ButtonKind::SpeedDial, "Lab"),
                key(6, ButtonKind::SpeedDial, "Emergency"),
            ],
            "{kind:?}"
        );
        let template = "has no key: the phone button template has no more for it";
        assert!(why.contains(&format!("Line 2003 {template}.")), "{why}");
        assert!(
            why.contains(&format!("Speed dial 3003 {template}.")),
            "{why}"
        );
    }
}

/// Extension Mobility 4.1, Overview: the numbers come along, the line settings
/// and the template do not. A 7960 has no busy lamps, an 8841 five keys.
#[tokio::test(flavor = "multi_thread")]
async fn on_other_models_the_numbers_come_along() {
    let (seen, why) = signed_in(Kind::Cisco7960, "2001").await;
    assert_eq!(
        seen,
        [
            key(1, ButtonKind::Line, "2001"),
            key(2, ButtonKind::Line, "2002"),
            key(3, ButtonKind::Line, "2003"),
            key(4, ButtonKind::SpeedDial, "Bob"),
            key(5, ButtonKind::SpeedDial, "Lab"),
            key(6, ButtonKind::SpeedDial, "Emergency"),
        ]
    );
    assert!(
        why.contains("model 7960 has no device profile default"),
        "{why}"
    );
    let (seen, why) = signed_in(Kind::Cisco8841, "2001").await;
    assert_eq!(
        seen[3..],
        [
            key(4, ButtonKind::BusyLamp, "Bob"),
            key(5, ButtonKind::SpeedDial, "Emergency"),
        ]
    );
    assert!(
        why.contains("Speed dial 3002 has no key: all 5 are taken."),
        "{why}"
    );
}
