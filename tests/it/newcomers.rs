//! Phones that nobody configured register by themselves, wait for approval, and
//! become what somebody says they are at their own display.

use embody::handset::{Handset, Kind, Mac, Pace, Profile};
use serde_json::{Value, json};

use crate::support::phones::{first_key, is_right, open, servers, submit, until};
use crate::support::{Daemon, Site};

const SITE: &str = r#"
version = 1
[parameters.auto_registration]
enabled = true
starting_directory_number = "2900"
ending_directory_number = "2903"
[[phone]]
name = "SEP000000000001"
model = "7961"
description = "Lobby"
extension_mobility = true
line = [{ number = "1001", label = "Lobby" }]
[[phone]]
name = "SEP000000000002"
model = "8841"
line = [{ number = "1002", label = "Lab" }]
[[profile]]
name = "alice"
model = "7961"
line = [{ number = "2001", label = "Alice" }]
[[user]]
id = "alice"
alias = "2001"
pin = "58213"
profiles = ["alice"]
[[user]]
id = "olaf"
alias = "9001"
pin = "77115"
extension_assigner = true
"#;

fn plug_in(daemon: &Daemon, kind: Kind, last: u8) -> Handset {
    let mac = Mac([0x00, 0xAA, 0xBB, 0xCC, 0xDD, last]);
    Handset::spawn(Profile::new(kind, mac), servers(daemon), Pace::default())
}

fn waiting(daemon: &Daemon) -> Vec<Value> {
    let (status, newcomers) = daemon.admin().get("/newcomers");
    assert_eq!(status, 200);
    newcomers["waiting"].as_array().unwrap().clone()
}

async fn gets_its_number(daemon: &Daemon, phone: &Handset) -> String {
    let device = phone.device_name();
    let number = || {
        let keys = phone.buttons();
        let first = keys.first().map(|key| key.label.clone());
        first.filter(|_| phone.is_registered() && is_right(daemon, &device))
    };
    until("its own file and number", || number().is_some()).await;
    number().unwrap_or_default()
}

/// SCCP and SIP, over TFTP and over HTTP: the first file is none of theirs, the
/// second is.
#[tokio::test(flavor = "multi_thread")]
async fn any_phone_that_is_plugged_in_gets_a_number_and_waits_for_approval() {
    let daemon = Daemon::start(Site::Text(SITE.to_owned()));
    let mut numbers = Vec::new();
    let kinds = [
        (Kind::Cisco7960, "7960", "SCCP"),
        (Kind::Cisco7961, "7961", "SCCP"),
        (Kind::Cisco7961Sip, "7961", "SIP"),
        (Kind::Cisco8841, "8841", "SIP"),
    ];
    for (last, (kind, model, protocol)) in (1..).zip(kinds) {
        let phone = plug_in(&daemon, kind, last);
        numbers.push(gets_its_number(&daemon, &phone).await);
        let all = waiting(&daemon);
        let own = all
            .iter()
            .find(|one| one["device"] == phone.device_name().as_str());
        let own = own.unwrap();
        assert_eq!(
            (&own["model"], &own["registered"]),
            (&json!(model), &json!(true))
        );
        assert_eq!(own["protocol"].as_str().unwrap().to_uppercase(), protocol);
        assert!(own["address"].as_str().unwrap().starts_with("127.2."));
        phone.power_off().await;
    }
    assert_eq!(numbers, ["2900", "2901", "2902", "2903"]);
    let table = daemon.says(&["waiting"]);
    for told in ["SEP00AABBCCDD01", "2903", "8841", "No number is left"] {
        assert!(table.contains(told), "{told}: {table}");
    }
    assert!(daemon.says(&["status"]).contains("not approved yet: 4"));
    assert!(
        !daemon.says(&["export"]).contains("AABBCCDD"),
        "no part of the site yet"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_phone_takes_logins_and_a_refused_one_is_turned_away() {
    let daemon = Daemon::start(Site::Text(SITE.to_owned()));
    let phone = plug_in(&daemon, Kind::Cisco7961, 1);
    gets_its_number(&daemon, &phone).await;
    let menu = phone.press_services().await.unwrap().unwrap();
    assert_eq!(menu.items, ["Extension Assigner"], "and nobody signs in");

    let said = daemon.says(&["approve", "SEP00AABBCCDD01", "--number", "1010"]);
    assert!(said.contains("1010"), "{said}");
    first_key(&phone, "1010").await;
    assert!(waiting(&daemon).is_empty());
    assert!(daemon.says(&["export"]).contains("SEP00AABBCCDD01"));
    open(&phone).await;
    let page = submit(&phone, "2001", "58213").await;
    assert_eq!(page.prompt, "Login Successful");
    first_key(&phone, "Alice").await;

    let other = plug_in(&daemon, Kind::Cisco7961, 2);
    gets_its_number(&daemon, &other).await;
    let device = other.device_name();
    daemon.says(&["refuse", &device]);
    until("its registration is over", || !other.is_registered()).await;
    until("told to go", || {
        daemon
            .says(&["status"])
            .contains(&format!("Unknown phone {device}"))
    })
    .await;
    assert!(waiting(&daemon).is_empty());
    let why = daemon.command(&["why", &device]);
    let why = String::from_utf8(why.stdout).unwrap();
    assert!(why.contains("was turned away: it was refused"), "{why}");
    daemon.says(&["approve", &device]);
    assert_eq!(gets_its_number(&daemon, &other).await, "2900");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_says_at_the_phone_which_configured_phone_it_is() {
    let daemon = Daemon::start(Site::Text(SITE.to_owned()));
    let phone = plug_in(&daemon, Kind::Cisco7961, 1);
    gets_its_number(&daemon, &phone).await;
    phone.press_services().await.unwrap().unwrap();
    let form = phone.choose("Extension Assigner").await.unwrap().unwrap();
    assert_eq!(form.prompt, "Sign on to assign this phone");

    let page = submit(&phone, "9001", "00000").await;
    assert_eq!(page.title, "Check user ID and PIN");
    let page = submit(&phone, "2001", "58213").await;
    assert!(
        page.text.contains("may not assign"),
        "alice may not: {page:?}"
    );

    phone.press_services().await.unwrap().unwrap();
    phone.choose("Extension Assigner").await.unwrap().unwrap();
    let list = submit(&phone, "9001", "77115").await;
    assert_eq!(
        list.items,
        ["1001 Lobby SEP000000000001"],
        "of this model, and away"
    );
    let question = phone.choose("1001 Lobby").await.unwrap().unwrap();
    assert!(question.text.contains("becomes 1001 Lobby"), "{question:?}");
    let done = phone.soft_key("Yes").await.unwrap().unwrap();
    assert_eq!(done.prompt, "Assigned");
    first_key(&phone, "Lobby").await;
    until("right", || is_right(&daemon, "SEP00AABBCCDD01")).await;
    assert_eq!(daemon.admin().get("/phones/SEP000000000001").0, 404);
    assert!(waiting(&daemon).is_empty());
    // It is a phone as any other: people sign in.
    open(&phone).await;
    assert_eq!(
        submit(&phone, "2001", "58213").await.prompt,
        "Login Successful"
    );
    first_key(&phone, "Alice").await;
    let audit = daemon.says(&["audit"]);
    assert!(
        audit.contains("made SEP00AABBCCDD01 the handset of SEP000000000001"),
        "{audit}"
    );
    assert!(!audit.contains("77115"));
    assert!(!daemon.log().contains("77115"));
}

/// Services of an 8841 live in its file.
#[tokio::test(flavor = "multi_thread")]
async fn an_8841_is_assigned_by_the_entry_of_its_file() {
    let daemon = Daemon::start(Site::Text(SITE.to_owned()));
    let phone = plug_in(&daemon, Kind::Cisco8841, 1);
    gets_its_number(&daemon, &phone).await;
    phone.press_services().await.unwrap();
    phone.choose("Extension Assigner").await.unwrap().unwrap();
    let list = submit(&phone, "9001", "77115").await;
    assert_eq!(list.items, ["1002 SEP000000000002"]);
    phone.choose("1002").await.unwrap().unwrap();
    assert_eq!(
        phone.soft_key("Yes").await.unwrap().unwrap().prompt,
        "Assigned"
    );
    first_key(&phone, "Lab").await;
    until("right", || is_right(&daemon, "SEP00AABBCCDD01")).await;
}

/// The operator's way to the same, and the block of the site file.
#[tokio::test(flavor = "multi_thread")]
async fn the_operator_assigns_from_the_desk_or_writes_the_phone_into_the_file() {
    let daemon = Daemon::start(Site::Text(SITE.to_owned()));
    let phone = plug_in(&daemon, Kind::Cisco7961, 1);
    let other = plug_in(&daemon, Kind::Cisco7961Sip, 2);
    gets_its_number(&daemon, &phone).await;
    gets_its_number(&daemon, &other).await;
    let said = daemon.says(&["assign", "SEP000000000001", &phone.device_name()]);
    assert!(said.contains("1001"), "{said}");
    first_key(&phone, "Lobby").await;

    // It runs a SIP load, and the file need not say so.
    let more = "[[phone]]\nname = \"SEP00AABBCCDD02\"\nmodel = \"7961\"\n\
                line = [{ number = \"1003\", label = \"Kitchen\" }]\n";
    let file = daemon.folder.path().join("more.toml");
    std::fs::write(&file, format!("{SITE}{more}")).unwrap();
    daemon.says(&["apply", file.to_str().unwrap()]);
    first_key(&other, "Kitchen").await;
    assert!(waiting(&daemon).is_empty());
}

/// With `[sip] digest` a phone proves itself from its own file on; the first
/// one has no secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_has_no_secret_yet_where_phones_must_prove_themselves() {
    let daemon = Daemon::start_with(Site::Text(SITE.to_owned()), "[sip]\ndigest = true\n", &[]);
    for (last, kind) in (1..).zip([Kind::Cisco8841, Kind::Cisco7961Sip]) {
        let phone = plug_in(&daemon, kind, last);
        gets_its_number(&daemon, &phone).await;
    }
}

/// What an operator reads of a phone that came too late.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_for_which_no_number_is_left_is_told_of_with_the_remedy() {
    let site = SITE.replace("\"2903\"", "\"2900\"");
    let daemon = Daemon::start(Site::Text(site));
    let first = plug_in(&daemon, Kind::Cisco7961, 1);
    assert_eq!(gets_its_number(&daemon, &first).await, "2900");
    for (last, kind) in (2..).zip([Kind::Cisco7961, Kind::Cisco8841]) {
        let late = plug_in(&daemon, kind, last);
        let device = late.device_name();
        let why = || {
            let said = daemon.command(&["why", &device]).stdout;
            String::from_utf8(said).unwrap()
        };
        until("it is told", || {
            why().contains("no number of auto_registration is free")
        })
        .await;
        assert!(why().contains("ending_directory_number"), "{}", why());
        assert!(
            daemon
                .says(&["status"])
                .contains("no number of auto_registration is free")
        );
        late.power_off().await;
    }
    // The first is well, and says what it waits for.
    let why = daemon.says(&["why", &first.device_name()]);
    assert!(why.contains("waits for approval"), "{why}");
}

/// Where a list would be too long the extension is asked.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_phones_the_extension_is_typed() {
    use std::fmt::Write as _;
    let mut site = SITE.to_owned();
    for n in 0..100 {
        let _ = writeln!(
            site,
            "[[phone]]\nname = \"SEP0000000001{n:02X}\"\nmodel = \"7961\"\n\
             line = [{{ number = \"4{n:03}\", label = \"Desk {n}\" }}]"
        );
    }
    let daemon = Daemon::start(Site::Text(site));
    let phone = plug_in(&daemon, Kind::Cisco7961, 1);
    gets_its_number(&daemon, &phone).await;
    phone.press_services().await.unwrap().unwrap();
    phone.choose("Extension Assigner").await.unwrap().unwrap();
    let form = submit(&phone, "9001", "77115").await;
    assert_eq!(form.fields[0].parameter, "extension", "{form:?}");
    phone.fill(&[("extension", "4999")]).await.unwrap();
    let again = phone.soft_key("Submit").await.unwrap().unwrap();
    assert_eq!(again.prompt, "No such phone. Extension?");
    phone.fill(&[("extension", "4042")]).await.unwrap();
    let question = phone.soft_key("Submit").await.unwrap().unwrap();
    assert!(question.text.contains("4042"), "{question:?}");
    phone.soft_key("Yes").await.unwrap().unwrap();
    first_key(&phone, "Desk 42").await;
}

/// The daemon is started anew before such a phone has its own file: it has no
/// secret to prove itself by, and comes up all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_daemon_does_not_shut_a_newcomer_out() {
    for approval in ["true", "false"] {
        a_restart_before_its_own_file(approval).await;
    }
}

async fn a_restart_before_its_own_file(approval: &str) {
    let site = SITE.replace(
        "enabled = true",
        &format!("enabled = true\napproval = {approval}"),
    );
    let digest = "[sip]\ndigest = true\n";
    let mut daemon = Daemon::start_with(Site::Text(site), digest, &[]);
    let stored = |daemon: &Daemon| daemon.admin().get("/phones/SEP00AABBCCDD01").0 == 200;
    let (phone, mut pauses) = Handset::spawn_paused(
        Profile::new(Kind::Cisco8841, Mac([0x00, 0xAA, 0xBB, 0xCC, 0xDD, 1])),
        servers(&daemon),
        Pace::default(),
    );
    // Let go on at each step; once it is stored, the daemon dies.
    let mut killed = false;
    let going = async {
        while let Some(pause) = pauses.recv().await {
            if !killed && stored(&daemon) {
                killed = true;
                daemon.start_again_with(&[]);
            }
            drop(pause);
            if killed {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(40), going).await;
    assert!(killed, "it was never stored");
    drop(pauses);
    assert_eq!(gets_its_number(&daemon, &phone).await, "2900");
}
