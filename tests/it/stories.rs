//! The main job, end to end, from the phone's side: boot, sign in, restart as
//! the user, sign out; on each handset that is served.

use embody::handset::{Handset, HandsetEvent, Kind, Orders};

use crate::support::phones::{first_key, is_right, open, plug_in, registered, submit, until};
use crate::support::{Daemon, Site};

/// Signs in, and waits until the phone is the user's.
async fn becomes(phone: &Handset, alias: &str, pin: &str, profile: Option<&str>, label: &str) {
    let before = phone.registrations_count();
    open(phone).await;
    let mut page = submit(phone, alias, pin).await;
    if let Some(profile) = profile {
        page = phone.choose(profile).await.unwrap().unwrap();
    }
    assert!(page.text.contains("Login Successful"), "{}", page.draw());
    registered(phone, before + 1).await;
    first_key(phone, label).await;
}

async fn leaves(phone: &Handset, user: &str, label: &str) {
    let before = phone.registrations_count();
    let question = open(phone).await;
    assert!(
        question.draw().contains(user),
        "names the user id: {}",
        question.draw()
    );
    let page = phone.soft_key("Yes").await.unwrap().unwrap();
    assert!(page.text.contains("Logout successful"), "{}", page.draw());
    registered(phone, before + 1).await;
    first_key(phone, label).await;
}

async fn story(kind: Kind, bare: &str, label: &str) {
    let daemon = Daemon::start(Site::Sample);
    let phone = plug_in(&daemon, kind);
    let device = phone.device_name();
    registered(&phone, 1).await;
    first_key(&phone, bare).await;
    assert_eq!(phone.buttons().last().unwrap().label, "Emergency");
    until("the daemon finds it right", || is_right(&daemon, &device)).await;

    becomes(&phone, "2001", "58213", Some("alice-desk"), label).await;
    until("Signed in as ..", || {
        [phone.prompt(), phone.notice()].contains(&"Signed in as Alice Adler".to_owned())
    })
    .await;
    assert_eq!(
        phone.buttons().last().unwrap().label,
        "Emergency",
        "stays on its key"
    );
    until("the daemon finds it right", || is_right(&daemon, &device)).await;

    leaves(&phone, "alice", bare).await;
    until("the daemon finds it right", || is_right(&daemon, &device)).await;
    assert_eq!(
        phone.message_lamp(),
        Some(false),
        "nothing of the last user remains"
    );
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    let orders = phone.orders_received();
    assert_eq!(
        (orders.restarts + orders.resets, orders.refused),
        (2, 0),
        "one each way"
    );
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_7960_becomes_alice_s_and_is_a_bare_desk_again() {
    // The profile was made for a 7961: its labels do not come along.
    story(Kind::Cisco7960, "Lobby", "2001").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_7961_over_sccp_becomes_alice_s_and_is_a_bare_desk_again() {
    story(Kind::Cisco7961, "Sign in", "Alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_8841_becomes_alice_s_and_is_a_bare_desk_again() {
    story(Kind::Cisco8841, "Meeting room", "2001").await;
}

/// The site says SCCP; the phone has a SIP load. It is served by what it is,
/// and a profile of the model serves both protocols.
#[tokio::test(flavor = "multi_thread")]
async fn a_7961_with_a_sip_load_is_served_by_what_it_is() {
    let daemon = Daemon::start(Site::Sample);
    let phone = plug_in(&daemon, Kind::Cisco7961Sip);
    registered(&phone, 1).await;
    first_key(&phone, "Sign in").await;
    becomes(&phone, "2001", "58213", Some("alice-desk"), "Alice").await;
    leaves(&phone, "alice", "Sign in").await;
    let (_, status) = daemon.admin().get("/phones/SEP001122334466");
    assert_eq!(status["status"]["protocol"], "sip", "{status}");
    let (_, timeline) = daemon.admin().get("/phones/SEP001122334466/timeline");
    assert!(
        timeline.to_string().contains("configured is SCCP"),
        "with a warning: {timeline}"
    );
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_an_empty_field_and_another_case_of_the_id() {
    let daemon = Daemon::start(Site::Sample);
    let phone = plug_in(&daemon, Kind::Cisco7961);
    registered(&phone, 1).await;
    open(&phone).await;
    let again = submit(&phone, "bob", "11111").await;
    assert!(again.prompt.contains("(201)"), "{}", again.draw());
    assert_eq!(
        again.field("userid").unwrap().value,
        "bob",
        "the id need not be typed again"
    );
    let blank = submit(&phone, "bob", "").await;
    assert!(blank.prompt.contains("(202)"), "{}", blank.draw());
    let before = phone.registrations_count();
    let page = submit(&phone, "BOB", "31415").await;
    assert!(page.text.contains("Login Successful"), "{}", page.draw());
    registered(&phone, before + 1).await;
    first_key(&phone, "2002").await;
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_phone_is_refused_with_a_text_and_shown_to_the_operator() {
    let daemon = Daemon::start(Site::Empty);
    for kind in [Kind::Cisco7960, Kind::Cisco8841] {
        let phone = plug_in(&daemon, kind);
        let mut events = phone.events();
        let device = phone.device_name();
        until("an unknown phone in the status", || {
            daemon
                .says(&["status"])
                .contains(&format!("Unknown phone {device}"))
        })
        .await;
        let text = daemon.says(&["status"]);
        assert!(
            text.contains("[[phone]]") && text.contains(kind.model()),
            "{text}"
        );
        let mut rejected = None;
        while let Ok(event) = events.try_recv() {
            if let HandsetEvent::Rejected(text) = event {
                rejected = Some(text);
            }
        }
        if kind == Kind::Cisco7960 {
            assert_eq!(rejected.as_deref(), Some("Phone not configured"));
        }
        phone.power_off().await;
    }
    // The block that is shown takes the phone in.
    let status = daemon.says(&["status"]);
    let from = status.find("[[phone]]").unwrap();
    let block = status[from..].split("\n\n").next().unwrap();
    let file = daemon.folder.path().join("taken-in.toml");
    std::fs::write(&file, format!("version = 1\n{block}\n")).unwrap();
    let plan = daemon.says(&["apply", file.to_str().unwrap()]);
    assert!(plan.contains("1 added"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_signs_in_restarts_resets_and_signs_out() {
    let daemon = Daemon::start(Site::Sample);
    let phone = plug_in(&daemon, Kind::Cisco8841);
    let device = phone.device_name();
    registered(&phone, 1).await;
    daemon.says(&["login", &device, "bob"]);
    first_key(&phone, "2002").await;
    let before = phone.registrations_count();
    daemon.says(&["restart", &device]);
    registered(&phone, before + 1).await;
    until("right", || is_right(&daemon, &device)).await;
    daemon.says(&["reset", &device]);
    registered(&phone, before + 2).await;
    until("right", || is_right(&daemon, &device)).await;
    daemon.says(&["logout", &device]);
    first_key(&phone, "Meeting room").await;
    until("right", || is_right(&daemon, &device)).await;
    let why = daemon.says(&["why", &device]);
    assert!(why.contains("right"), "{why}");
    let orders = phone.orders_received();
    assert_eq!((orders.restarts, orders.resets), (3, 1));
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_restarts_only_the_phone_that_it_changes() {
    let daemon = Daemon::start(Site::Sample);
    let changed = plug_in(&daemon, Kind::Cisco8841);
    let untouched = plug_in(&daemon, Kind::Cisco7960);
    registered(&changed, 1).await;
    registered(&untouched, 1).await;
    let site = crate::support::daemon::sample_site()
        .replace("label = \"Meeting room\"", "label = \"Room 4\"");
    std::fs::write(daemon.site_file(), site).unwrap();
    let plan = daemon.says(&["apply", daemon.site_file().to_str().unwrap()]);
    assert!(plan.contains("SEP001122334477"), "{plan}");
    first_key(&changed, "Room 4").await;
    until("right", || is_right(&daemon, "SEP001122334477")).await;
    let again = daemon.says(&["apply", daemon.site_file().to_str().unwrap()]);
    assert!(again.contains("0 added, 0 changed, 0 deleted"), "{again}");
    assert_eq!(untouched.registrations_count(), 1);
    assert_eq!(changed.registrations_count(), 2);
    changed.power_off().await;
    untouched.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_digest_an_8841_proves_who_it_is() {
    let daemon = Daemon::start_with(Site::Sample, "[sip]\ndigest = true\n", &[]);
    let phone = plug_in(&daemon, Kind::Cisco8841);
    registered(&phone, 1).await;
    first_key(&phone, "Meeting room").await;
    daemon.says(&["login", "SEP001122334477", "bob"]);
    first_key(&phone, "2002").await;
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_in_a_call_restarts_when_it_is_over() {
    for kind in [Kind::Cisco7961, Kind::Cisco8841] {
        let daemon = Daemon::start(Site::Sample);
        let phone = plug_in(&daemon, kind);
        let device = phone.device_name();
        registered(&phone, 1).await;
        let mut events = phone.events();
        phone.set_off_hook(true);
        if kind == Kind::Cisco7961 {
            until("the daemon sees it off-hook", || {
                daemon.admin().get(&format!("/phones/{device}")).1["status"]["in_call"] == true
            })
            .await;
        }
        daemon.says(&["login", &device, "bob"]);
        if kind == Kind::Cisco8841 {
            // It is told at once, and says itself that it waits.
            until("the order", || phone.orders_received().restarts == 1).await;
        } else {
            // Orders go in turn: another phone has come back over a later one.
            let lobby = plug_in(&daemon, Kind::Cisco7960);
            registered(&lobby, 1).await;
            daemon.says(&["restart", &lobby.device_name()]);
            registered(&lobby, 2).await;
            assert_eq!(phone.orders_received(), Orders::default());
            lobby.power_off().await;
        }
        assert_eq!(phone.registrations_count(), 1, "not torn down");
        phone.set_off_hook(false);
        registered(&phone, 2).await;
        first_key(&phone, "2002").await;
        assert_eq!(phone.orders_received().restarts, 1);
        let mut ordered = None;
        while let Ok(event) = events.try_recv() {
            if let HandsetEvent::Ordered { deferred, .. } = event {
                ordered = Some(deferred);
            }
        }
        assert_eq!(ordered, Some(kind == Kind::Cisco8841), "deferred");
        phone.power_off().await;
    }
}
