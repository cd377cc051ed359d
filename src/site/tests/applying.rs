//! From file to store and back.

use std::sync::atomic::Ordering;

use super::SAMPLE;
use super::bench::Bench;
use crate::model::{Change, ObjectId, Plan, ProfileChanges, Protocol, UserId};
use crate::ports::{Hasher, Store};
use crate::site::{ApplyError, Kind, Options, Verb, export, is_empty};

const LOBBY: &str = "SEP001122334455";
const DESK: &str = "SEP001122334466";
const ROOM: &str = "SEP001122334477";

/// The sample without the object whose first lines are `begin`.
fn without(begin: &str) -> String {
    let from = SAMPLE.find(begin).unwrap();
    let rest = &SAMPLE[from + 2..];
    let end = rest.find("\n\n").map_or(SAMPLE.len(), |at| from + 2 + at);
    format!("{}{}", &SAMPLE[..from], &SAMPLE[end..])
}

#[tokio::test]
async fn the_sample_fills_an_empty_store() {
    let bench = Bench::default();
    assert!(is_empty(&bench.store.world()));
    let plan = bench.apply(SAMPLE).await;
    assert!(
        plan.actions
            .iter()
            .all(|a| a.verb == Verb::Add || a.kind == Kind::Parameters)
    );
    assert!(plan.restarts.is_empty(), "nobody was there to be restarted");
    assert!(!is_empty(&bench.store.world()));

    let world = bench.store.world().clone();
    assert_eq!(
        (world.phones.len(), world.profiles.len(), world.users.len()),
        (3, 4, 3)
    );
    let mut ids: Vec<ObjectId> = world.phones.keys().copied().collect();
    ids.extend(world.profiles.keys().chain(world.users.keys()));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10, "every object has an id of its own");
    let secrets: Vec<_> = world
        .phones
        .values()
        .map(|p| p.sip_secret.expose())
        .collect();
    assert!(secrets.iter().all(|s| s.len() == 20) && secrets[0] != secrets[1]);
    assert!(bench.pin("alice", "58213"));
    let stored = world.applied.unwrap();
    assert!(!stored.contains("58213") && !stored.contains("change-me"));
}

#[tokio::test]
async fn the_same_file_again_writes_nothing_and_hashes_nothing() {
    let bench = Bench::with_sample().await;
    let (changes, hashes) = (
        bench.store.changes.load(Ordering::Relaxed),
        bench.hasher.made(),
    );
    let plan = bench.apply(SAMPLE).await;
    assert!(plan.changes_nothing() && plan.drift.is_empty() && plan.restarts.is_empty());
    assert_eq!(bench.store.changes.load(Ordering::Relaxed), changes);
    assert_eq!(bench.hasher.made(), hashes);
}

#[tokio::test]
async fn an_edit_touches_only_the_phones_whose_configuration_changed() {
    let bench = Bench::with_sample().await;
    // Here an edit shall reach phones in use.
    bench.set(|parameters| parameters.profile_changes_apply = ProfileChanges::AtOnce);
    bench.sign_in("bob", DESK);
    let plan = bench
        .apply(&SAMPLE.replace("label = \"Bob\" }]\n\n", "label = \"Robert\" }]\n\n"))
        .await;
    let told: Vec<_> = plan
        .restarts
        .iter()
        .map(|r| (r.device.as_str(), r.plan, r.why.as_str()))
        .collect();
    assert_eq!(
        told,
        [],
        "bob's line settings do not come along to another family"
    );
    bench.sign_in("bob", LOBBY);
    let plan = bench
        .apply(&SAMPLE.replace("label = \"Bob\" }]\n\n", "label = \"Bobby\" }]\n\n"))
        .await;
    let told: Vec<_> = plan
        .restarts
        .iter()
        .map(|r| (r.device.as_str(), r.plan, r.why.as_str()))
        .collect();
    assert_eq!(told, [(LOBBY, Plan::Restart, "lines")]);
    let lobby = bench.store.phone(LOBBY).id;
    assert_eq!(
        bench
            .store
            .world()
            .pending
            .keys()
            .copied()
            .collect::<Vec<_>>(),
        [lobby]
    );
    let printed = plan.to_string();
    assert!(
        printed.contains("~ profile bob: line 2002 label \"Robert\" -> \"Bobby\""),
        "{printed}"
    );
    assert!(
        printed.contains(&format!("> {LOBBY} restarts: lines")),
        "{printed}"
    );
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_does_nothing() {
    let bench = Bench::default();
    let dry = Options {
        dry_run: true,
        ..Options::default()
    };
    let tried = bench.try_with(SAMPLE, &dry).await.unwrap();
    assert!(is_empty(&bench.store.world()));
    assert_eq!(bench.hasher.made(), 0);
    let done = bench.apply(SAMPLE).await;
    assert_eq!(tried.actions, done.actions);
    assert!(tried.to_string().contains("would be: "));
}

#[tokio::test]
async fn what_left_the_file_goes_only_with_prune_and_signs_out_first() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", ROOM);
    bench.sign_in("alice", DESK);
    let file = without("[[user]]\nid = \"bob\"");
    let plan = bench.apply(&file).await;
    assert_eq!(plan.would_delete, [(Kind::User, "bob".to_owned())]);
    assert_eq!(bench.store.world().sessions.len(), 2);

    let plan = bench.prune(&file).await;
    assert_eq!(plan.signed_out.len(), 1);
    assert_eq!(plan.signed_out[0].device.as_str(), ROOM);
    assert_eq!(plan.restarts.len(), 1);
    assert_eq!(plan.restarts[0].device.as_str(), ROOM);
    assert!(plan.restarts[0].why.starts_with("who is signed in"));
    let world = bench.store.world().clone();
    assert_eq!(world.sessions.len(), 1, "alice stays");
    assert!(world.user(&UserId::new("bob").unwrap()).is_none());
    drop(world);
    assert!(bench.prune(&file).await.changes_nothing());
}

#[tokio::test]
async fn a_phone_and_the_session_on_it_go_together() {
    let bench = Bench::with_sample().await;
    bench.sign_in("carol", ROOM);
    let plan = bench
        .prune(&without(&format!("[[phone]]\nname = \"{ROOM}\"")))
        .await;
    assert_eq!(plan.signed_out.len(), 1);
    assert!(plan.restarts.is_empty());
    assert!(bench.store.world().sessions.is_empty());
    assert!(bench.store.world().pending.is_empty());
}

#[tokio::test]
async fn where_signing_in_is_switched_off_nobody_stays_signed_in() {
    let bench = Bench::with_sample().await;
    bench.sign_in("alice", DESK);
    let desk = SAMPLE.find(DESK).unwrap();
    let off = SAMPLE[desk..].replacen("extension_mobility = true", "extension_mobility = false", 1);
    let plan = bench.apply(&format!("{}{off}", &SAMPLE[..desk])).await;
    assert_eq!(plan.signed_out.len(), 1);
    assert!(bench.store.world().sessions.is_empty());
}

#[tokio::test]
async fn what_was_changed_elsewhere_is_kept_and_listed_until_forced() {
    let bench = Bench::with_sample().await;
    let mut desk = bench.store.phone(DESK);
    desk.description = "Window seat".into();
    bench.store.edit(&Change::PutPhone(Box::new(desk)));
    for _ in 0..2 {
        let plan = bench.apply(SAMPLE).await;
        assert!(plan.changes_nothing());
        assert_eq!(plan.drift.len(), 1);
        assert_eq!(
            plan.drift[0].what,
            "description is \"Window seat\", in the file \"Shared desk\""
        );
    }
    let plan = bench.force(SAMPLE).await;
    assert_eq!(plan.actions.len(), 1);
    assert_eq!(bench.store.phone(DESK).description, "Shared desk");
}

#[tokio::test]
async fn a_user_deleted_elsewhere_stays_away_and_comes_back_by_force_with_his_first_pin() {
    let bench = Bench::with_sample().await;
    let bob = bench.store.user("bob").id;
    bench.store.edit(&Change::DropUser(bob));
    let plan = bench.apply(SAMPLE).await;
    assert_eq!(plan.drift[0].what, "deleted elsewhere");
    bench.force(SAMPLE).await;
    assert!(bench.pin("bob", "31415"));
}

#[tokio::test]
async fn a_pin_changed_at_the_phone_outlives_the_file_until_the_file_changes_it() {
    let bench = Bench::with_sample().await;
    let mut alice = bench.store.user("alice");
    alice.pin = Some(bench.hasher.hash("99999").unwrap());
    alice.credential_version += 1;
    let version = alice.credential_version;
    bench.store.edit(&Change::PutUser(Box::new(alice)));

    assert!(bench.force(SAMPLE).await.changes_nothing());
    assert!(bench.pin("alice", "99999"));

    let plan = bench.apply(&SAMPLE.replace("58213", "11111")).await;
    assert_eq!(plan.actions[0].what, "pin changed");
    assert!(bench.pin("alice", "11111"));
    assert_eq!(bench.store.user("alice").credential_version, version + 1);
    assert!(plan.restarts.is_empty());
}

/// Extension Mobility 4.1, Associating a User Device Profile to a User: the
/// administrator sets the PIN; who must change it at once does so here.
#[tokio::test]
async fn a_pin_of_the_file_has_a_date_and_may_be_for_one_login_only() {
    let bench = Bench::with_sample().await;
    let alice = bench.store.user("alice");
    assert!(alice.pin_set.is_some());
    assert!(!alice.pin_must_change);

    let once = SAMPLE.replace("pin = \"58213\"", "pin = \"71908\"\npin_must_change = true");
    bench.apply(&once).await;
    let first = bench.store.user("alice");
    assert!(first.pin_must_change);
    assert!(bench.pin("alice", "71908"));

    // Once she has changed it, the same file does not ask again.
    let mut hers = first.clone();
    hers.pin = Some(bench.hasher.hash("90817").unwrap());
    hers.credential_version += 1;
    hers.pin_must_change = false;
    bench.store.edit(&Change::PutUser(Box::new(hers)));
    assert!(bench.apply(&once).await.changes_nothing());
    bench
        .apply(&once.replace("last_name = \"Adler\"", "last_name = \"Ash\""))
        .await;
    let later = bench.store.user("alice");
    assert_eq!(later.last_name, "Ash");
    assert!(!later.pin_must_change);
    assert_eq!(later.pin_set, first.pin_set);
}

#[tokio::test]
async fn other_edits_leave_the_credential_version_alone() {
    let bench = Bench::with_sample().await;
    let version = bench.store.user("alice").credential_version;
    bench
        .apply(&SAMPLE.replace("last_name = \"Adler\"", "last_name = \"Ash\""))
        .await;
    assert_eq!(bench.store.user("alice").last_name, "Ash");
    assert_eq!(bench.store.user("alice").credential_version, version);
}

#[tokio::test]
async fn a_new_protocol_forgets_what_the_phone_showed_and_an_edit_does_not() {
    let bench = Bench::with_sample().await;
    let mut desk = bench.store.phone(DESK);
    desk.observed_protocol = Some(Protocol::Sip);
    let secret = desk.sip_secret.clone();
    bench.store.edit(&Change::PutPhone(Box::new(desk)));
    bench
        .apply(&SAMPLE.replace("\"Shared desk\"", "\"Hot desk\""))
        .await;
    assert_eq!(
        bench.store.phone(DESK).observed_protocol,
        Some(Protocol::Sip)
    );

    let at = SAMPLE.find(DESK).unwrap();
    let sip = SAMPLE[at..].replacen("protocol = \"sccp\"", "protocol = \"sip\"", 1);
    bench.apply(&format!("{}{sip}", &SAMPLE[..at])).await;
    let desk = bench.store.phone(DESK);
    assert_eq!(
        (desk.protocol, desk.observed_protocol),
        (Some(Protocol::Sip), None)
    );
    assert_eq!(desk.sip_secret, secret, "the secret stays");
}

#[tokio::test]
async fn an_export_applied_again_changes_nothing() {
    let bench = Bench::with_sample().await;
    let text = export(&bench.store.world());
    assert_eq!(text, export(&bench.store.world()));
    for secret in ["58213", "31415", "change-me"] {
        assert!(!text.contains(secret));
    }
    let plan = bench.prune(&text).await;
    assert!(plan.changes_nothing() && plan.drift.is_empty(), "{plan}");

    let fresh = Bench::default();
    fresh.apply(&text).await;
    assert_eq!(
        export(&fresh.store.world()),
        text,
        "the same site elsewhere"
    );
    assert!(fresh.pin("carol", "27182"));
}

#[tokio::test]
async fn an_export_survives_odd_texts() {
    let bench = Bench::with_sample().await;
    let mut desk = bench.store.phone(DESK);
    desk.description = "a \"b\" \\c\n\t\u{7f}\u{1}ä €".into();
    desk.services = bench.store.phone(ROOM).services;
    let odd = ("city name".to_owned(), "Köln = \"K\"".to_owned());
    desk.services[0].parameters.extend([odd]);
    bench.store.edit(&Change::PutPhone(Box::new(desk)));
    let text = export(&bench.store.world());
    let plan = bench.apply(&text).await;
    assert!(
        plan.changes_nothing() && plan.drift.is_empty(),
        "{plan}\n{text}"
    );
}

#[tokio::test]
async fn a_file_with_errors_changes_nothing() {
    let bench = Bench::default();
    let text = SAMPLE.replace("profiles = [\"bob\"]", "profiles = [\"rob\"]");
    match bench.try_with(&text, &Options::default()).await {
        Err(ApplyError::Invalid(findings)) => assert_eq!(findings.len(), 1),
        other => panic!("{other:?}"),
    }
    assert!(is_empty(&bench.store.world()));
}

#[tokio::test]
async fn a_profile_that_someone_elsewhere_still_has_is_not_pruned_away() {
    let bench = Bench::with_sample().await;
    let mut zed = bench.store.user("bob");
    zed.id = bench.store.world().free_id(0);
    zed.user_id = UserId::new("zed").unwrap();
    zed.alias = None;
    bench.store.edit(&Change::PutUser(Box::new(zed)));
    let file = without("[[profile]]\nname = \"bob\"")
        .replace("profiles = [\"bob\"]", "profiles = [\"carol\"]");
    let options = Options {
        prune: true,
        ..Options::default()
    };
    match bench.try_with(&file, &options).await {
        Err(ApplyError::Broken(why)) => {
            assert_eq!(why, ["user zed would have profile bob, which is not there"]);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_apply_that_came_in_between_makes_this_one_begin_anew() {
    let bench = Bench::with_sample().await;
    let base = "{\"version\":1,\"objects\":{}}".to_owned();
    *bench.store.intruder.write().unwrap() = Some(Change::Applied(base));
    let plan = bench
        .apply(&SAMPLE.replace("\"Shared desk\"", "\"Hot desk\""))
        .await;
    // Against the other's empty base the edit is no longer this file's own.
    assert!(plan.changes_nothing());
    assert_eq!(plan.drift.len(), 1, "{plan}");
}

#[tokio::test]
async fn the_plan_reads_well() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", ROOM);
    let mut lobby = bench.store.phone(LOBBY);
    lobby.description = "Reception".into();
    bench.store.edit(&Change::PutPhone(Box::new(lobby)));
    let file = without("[[user]]\nid = \"bob\"")
        .replace(
            "maximum_login_time = \"10:00\"",
            "maximum_login_time = \"8:00\"",
        )
        .replace(
            "{ number = \"1001\", label = \"Lobby\" }",
            "{ number = \"1000\" }",
        );
    let plan = bench.prune(&file).await;
    insta::assert_snapshot!(plan.to_string(), @r#"
    line 70: warning: emergency keys (3 of the phones) are shown but cannot be dialled: no calls are set up in this version
    line 130: warning: no user has profile bob
    ~ parameters: maximum_login_time "10:00" -> "8:00"
    ~ phone SEP001122334455: line [1001] -> [1000]
    - user bob
    ! bob is signed out of SEP001122334477
    > SEP001122334455 restarts: lines
    > SEP001122334477 restarts: who is signed in, lines, services
    = phone SEP001122334455: description is "Reception", in the file "Lobby" (kept)
    0 added, 2 changed, 1 deleted; 2 phones to restart or reset; 1 kept as changed elsewhere
    "#);
}

/// A load is what the phone boots: a change of it restarts, of the pool's too.
#[tokio::test]
async fn a_load_is_applied_told_and_printed() {
    let bench = Bench::with_sample().await;
    bench.store.calm();
    let with = |text: &str, name: &str, more: &str| {
        let name = format!("name = \"{name}\"");
        assert!(text.contains(&name), "{name}");
        text.replacen(&name, &format!("{more}\n{name}"), 1)
    };
    let loaded = with(SAMPLE, LOBBY, "load = \"P0030801SR02.loads\"");
    let loaded = with(
        &loaded,
        "Default",
        "loads = { \"7961\" = \"SCCP41.9-4-2S\" }",
    );
    let plan = bench.apply(&loaded).await;
    let devices: Vec<&str> = plan.restarts.iter().map(|r| r.device.as_str()).collect();
    assert_eq!(devices, [LOBBY, DESK], "{plan}");
    assert!(plan.restarts.iter().all(|r| r.why == "load"), "{plan}");
    assert_eq!(
        bench.store.phone(LOBBY).load.unwrap().as_str(),
        "P0030801SR02"
    );
    let text = export(&bench.store.world());
    assert!(text.contains("load = \"P0030801SR02\"\n"), "{text}");
    assert!(
        text.contains("loads = { 7961 = \"SCCP41.9-4-2S\" }\n"),
        "{text}"
    );
    assert!(bench.apply(&text).await.changes_nothing());
    for (from, to, why) in [
        ("P0030801SR02.loads", "../x", "a load may not contain '/'"),
        ("\"7961\" =", "\"9999\" =", "no model 9999"),
    ] {
        let options = Options::default();
        let file = loaded.replace(from, to);
        let error = bench.try_with(&file, &options).await.unwrap_err();
        let error = error.to_string();
        assert!(error.contains(why), "{error}");
    }
}

/// So are its switches, of which none is in its keys.
#[tokio::test]
async fn a_switch_is_told_by_the_name_of_its_setting() {
    let bench = Bench::with_sample().await;
    bench.store.calm();
    let name = format!("name = \"{LOBBY}\"");
    let switched = SAMPLE.replacen(
        &name,
        &format!("vendor_config = {{ webAccess = \"2\" }}\n{name}"),
        1,
    );
    let plan = bench.apply(&switched).await;
    let restarts: Vec<(&str, &str)> = plan
        .restarts
        .iter()
        .map(|restart| (restart.device.as_str(), restart.why.as_str()))
        .collect();
    assert_eq!(restarts, [(LOBBY, "vendor_config")], "{plan}");
}
