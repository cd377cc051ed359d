//! What becomes of changes to a profile while somebody is signed in with it,
//! and of a phone's own settings while nobody is.

use super::SAMPLE;
use super::bench::Bench;
use crate::model::{
    AutoProfile, Change, DeviceName, OwnedPhones, Plan, ProfileChanges, ProfileName, UserId, World,
};
use crate::ports::Store;
use crate::site::{Keeping, Kind};

const LOBBY: &str = "SEP001122334455";
const DESK: &str = "SEP001122334466";
const ROOM: &str = "SEP001122334477";

fn relabelled(to: &str) -> String {
    let file = SAMPLE.replace("label = \"Bob\" }]\n\n", &format!("label = {to:?} }}]\n\n"));
    assert_ne!(file, SAMPLE);
    file
}

fn labels(bench: &Bench, on: &str) -> Vec<String> {
    let world = bench.store.world();
    let phone = world.phone(&DeviceName::new(on).unwrap()).unwrap().id;
    let wanted = world.wanted(&super::catalogue(), phone).unwrap();
    let keys = wanted.buttons().iter();
    keys.map(|button| button.kind.label().to_owned()).collect()
}

fn locale(bench: &Bench, on: &str) -> String {
    let world = bench.store.world();
    let phone = world.phone(&DeviceName::new(on).unwrap()).unwrap().id;
    let wanted = world.wanted(&super::catalogue(), phone).unwrap();
    wanted.file.user_locale
}

fn is_frozen(bench: &Bench, on: &str) -> bool {
    let phone = bench.store.phone(on).id;
    bench.store.world().sessions[&phone].frozen.is_some()
}

fn keeps(on: &str, who: &str, profile: &str) -> Keeping {
    Keeping {
        device: DeviceName::new(on).unwrap(),
        user: Some(UserId::new(who).unwrap()),
        profile: Some(ProfileName::new(profile).unwrap()),
    }
}

/// Extension Mobility 4.1, Login and Behavior: the system does not apply the
/// change if the user is already logged in; it applies at the next login.
#[tokio::test]
async fn a_change_to_a_profile_in_use_waits_for_the_next_login() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", LOBBY);
    let plan = bench.apply(&relabelled("Robert")).await;
    assert_eq!(plan.restarts, []);
    assert_eq!(plan.keeping, [keeps(LOBBY, "bob", "bob")]);
    let said =
        "@ SEP001122334455 keeps profile bob as it was when bob signed in, until the next login";
    assert!(plan.to_string().contains(said), "{plan}");
    assert_eq!(labels(&bench, LOBBY)[0], "Bob");

    // The first version wins, however often it changes.
    let plan = bench.apply(&relabelled("Bobby")).await;
    assert_eq!(plan.keeping, [keeps(LOBBY, "bob", "bob")]);
    assert_eq!(labels(&bench, LOBBY)[0], "Bob");

    // The next login takes the new one.
    bench.sign_in("bob", LOBBY);
    assert!(!is_frozen(&bench, LOBBY));
    assert_eq!(labels(&bench, LOBBY)[0], "Bobby");
}

/// Extension Mobility 4.1, Login and Behavior, with our parameter the other
/// way.
#[tokio::test]
async fn at_once_the_phone_restarts_with_the_change() {
    let bench = Bench::with_sample().await;
    bench.set(|parameters| parameters.profile_changes_apply = ProfileChanges::AtOnce);
    bench.sign_in("bob", LOBBY);
    let plan = bench.apply(&relabelled("Robert")).await;
    assert_eq!(plan.keeping, []);
    assert_eq!(plan.restarts.len(), 1);
    assert_eq!(plan.restarts[0].plan, Plan::Restart);
    assert!(!is_frozen(&bench, LOBBY));
    assert_eq!(labels(&bench, LOBBY)[0], "Robert");
}

#[tokio::test]
async fn who_keeps_an_old_version_gets_the_new_one_when_changes_apply_at_once() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", LOBBY);
    bench.apply(&relabelled("Robert")).await;
    assert!(is_frozen(&bench, LOBBY));
    let file = relabelled("Robert").replace(
        "[parameters]\n",
        "[parameters]\nprofile_changes_apply = \"at-once\"\n",
    );
    let plan = bench.apply(&file).await;
    assert_eq!(plan.restarts.len(), 1);
    assert_eq!(plan.restarts[0].why, "lines");
    assert!(!is_frozen(&bench, LOBBY));
    assert_eq!(labels(&bench, LOBBY)[0], "Robert");
}

#[tokio::test]
async fn a_change_that_is_taken_back_leaves_nothing_to_wait_for() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", LOBBY);
    bench.apply(&relabelled("Robert")).await;
    let plan = bench.apply(SAMPLE).await;
    assert_eq!((plan.keeping.len(), plan.restarts.len()), (0, 0));
    assert!(!is_frozen(&bench, LOBBY));
}

#[tokio::test]
async fn a_new_description_is_nothing_to_wait_for() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", LOBBY);
    let described = "name = \"bob\"\nmodel = \"7960\"\n";
    let file = SAMPLE.replace(described, &format!("{described}description = \"His\"\n"));
    let plan = bench.apply(&file).await;
    assert_eq!(plan.actions.len(), 1);
    assert_eq!(plan.keeping, []);
    assert!(!is_frozen(&bench, LOBBY));
}

/// Extension Mobility 4.1, Associating a User Device Profile to a User, step 7:
/// the user's locale wins over the profile's; changes wait as the profile's do
/// (Login and Behavior).
#[tokio::test]
async fn a_new_user_locale_waits_for_the_next_login_too() {
    let bench = Bench::with_sample().await;
    bench.sign_in("carol", ROOM);
    assert_eq!(locale(&bench, ROOM), "German_Germany", "the profile's");
    let french = SAMPLE.replace(
        "pin = \"27182\"\n",
        "pin = \"27182\"\nlocale = \"French_France\"\n",
    );
    let plan = bench.apply(&french).await;
    assert_eq!(plan.restarts, []);
    assert_eq!(plan.keeping, [keeps(ROOM, "carol", "carol")]);
    assert_eq!(locale(&bench, ROOM), "German_Germany");
    let spanish = french.replace("French_France", "Spanish_Spain");
    bench.apply(&spanish).await;
    assert_eq!(locale(&bench, ROOM), "German_Germany");

    bench.sign_in("carol", ROOM);
    assert_eq!(locale(&bench, ROOM), "Spanish_Spain");
    // Back to none: what she has is her own of the login, not the profile's.
    bench.apply(SAMPLE).await;
    assert_eq!(locale(&bench, ROOM), "Spanish_Spain");
    bench.set(|parameters| parameters.profile_changes_apply = ProfileChanges::AtOnce);
    bench.force(SAMPLE).await;
}

#[tokio::test]
async fn other_changes_to_a_user_reach_his_phone_at_once() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", LOBBY);
    let renamed = SAMPLE.replace("first_name = \"Bob\"", "first_name = \"Robert\"");
    let plan = bench.apply(&renamed).await;
    assert_eq!(plan.keeping, []);
    assert_eq!(plan.restarts.len(), 1, "its prompt says who is signed in");
}

#[tokio::test]
async fn a_profile_in_use_that_goes_signs_out_first_whoever_keeps_it() {
    let bench = Bench::with_sample().await;
    bench.sign_in("bob", LOBBY);
    bench.apply(&relabelled("Robert")).await;
    assert!(is_frozen(&bench, LOBBY));
    let from = SAMPLE.find("[[profile]]\nname = \"bob\"").unwrap();
    let to = SAMPLE[from..]
        .find("[[profile]]\nname = \"carol\"")
        .unwrap()
        + from;
    let without = format!("{}{}", &SAMPLE[..from], &SAMPLE[to..])
        .replace("profiles = [\"bob\"]", "profiles = [\"carol\"]");
    let plan = bench.prune(&without).await;
    assert_eq!(plan.signed_out.len(), 1);
    assert_eq!(plan.keeping, []);
    assert!(bench.store.world().sessions.is_empty());
}

/// Extension Mobility 3.1, Managing Device Profiles: a device adopts a user
/// device profile also when there is no user logged in; one may serve many
/// phones.
#[tokio::test]
async fn one_profile_is_the_logout_profile_of_many_phones_and_changes_there_at_once() {
    let shared = "[[profile]]\nname = \"idle\"\nmodel = \"7961\"\nline = [{ number = \"1000\", label = \"Idle\" }]\n";
    let site = format!("{SAMPLE}\n{shared}").replace(
        "extension_mobility = true",
        "logout_profile = \"idle\"\nextension_mobility = true",
    );
    let bench = Bench::default();
    bench.apply(&site).await;
    bench.store.calm();
    for on in [LOBBY, DESK, ROOM] {
        assert!(
            ["Idle", "1000"].contains(&labels(&bench, on)[0].as_str()),
            "{:?}",
            labels(&bench, on)
        );
    }
    bench.sign_in("alice", DESK);
    let plan = bench
        .apply(&site.replace("number = \"1000\"", "number = \"1009\""))
        .await;
    let told: Vec<&str> = plan.restarts.iter().map(|r| r.device.as_str()).collect();
    assert_eq!(told, [LOBBY, ROOM], "alice is not disturbed");
    assert_eq!(plan.keeping, []);
}

#[tokio::test]
async fn a_shared_profile_waits_where_somebody_signed_in_with_it_and_not_where_nobody_did() {
    let site = SAMPLE.replace(
        "description = \"Shared desk\"",
        "logout_profile = \"bob\"\ndescription = \"Shared desk\"",
    );
    let bench = Bench::default();
    bench.apply(&site).await;
    bench.store.calm();
    bench.sign_in("bob", LOBBY);
    let plan = bench
        .apply(&site.replace(
            "number = \"2002\", label = \"Bob\" }]\n\n",
            "number = \"2009\" }]\n\n",
        ))
        .await;
    assert_eq!(plan.keeping, [keeps(LOBBY, "bob", "bob")]);
    let told: Vec<&str> = plan.restarts.iter().map(|r| r.device.as_str()).collect();
    assert_eq!(told, [DESK]);
}

// --- Autogenerated profiles ---------------------------------------------------

fn snapshot(world: &World, on: &str) -> Option<AutoProfile> {
    let phone = world.phone(&DeviceName::new(on).unwrap())?;
    Some((**world.auto_profiles.get(&phone.id)?).clone())
}

fn unsynchronized() -> String {
    SAMPLE.replace(
        "[parameters]\n",
        "[parameters]\nauto_device_profile_synchronization = false\n",
    )
}

fn lobby(site: &str, label: &str) -> String {
    let file = site.replace("label = \"Lobby\" }]", &format!("label = {label:?} }}]"));
    assert_ne!(file, site);
    file
}

/// Extension Mobility 4.1, Configuration Guidelines, Note: with the enterprise
/// parameter the auto device profile automatically updates.
#[tokio::test]
async fn in_step_a_changed_phone_shows_the_change_while_nobody_is_signed_in() {
    let bench = Bench::with_sample().await;
    assert!(
        bench.store.world().auto_profiles.is_empty(),
        "nothing to keep"
    );
    let plan = bench.apply(&lobby(SAMPLE, "Front hall")).await;
    assert_eq!(plan.restarts.len(), 1);
    assert_eq!(labels(&bench, LOBBY)[0], "Front hall");
}

/// Extension Mobility 3.1, Autogenerated Device Profile: a snapshot of an
/// existing device's configuration.
#[tokio::test]
async fn without_synchronization_a_snapshot_is_taken_with_the_change_that_first_needs_it() {
    let bench = Bench::with_sample().await;
    let plan = bench.apply(&unsynchronized()).await;
    assert_eq!(plan.restarts, [], "it shows what it showed");
    let world = bench.store.world().clone();
    assert_eq!(world.auto_profiles.len(), 3);
    let of_lobby = snapshot(&world, LOBBY).unwrap();
    assert_eq!(of_lobby.profile.name.as_str(), "AUTO-SEP001122334455");
    assert_eq!(of_lobby.profile.lines, bench.store.phone(LOBBY).lines);
    assert!(
        of_lobby.profile.speed_dials.is_empty(),
        "emergency entries stay the phone's"
    );
    assert!(!of_lobby.is_edited());

    // A new phone gets its own with its first change.
    let new = "\n[[phone]]\nname = \"SEP0011223344AA\"\nmodel = \"7960\"\n";
    let with = format!("{}{new}extension_mobility = true\n", unsynchronized());
    bench.apply(&with).await;
    assert!(snapshot(&bench.store.world(), "SEP0011223344AA").is_some());
    // One where nobody signs in has none.
    let closed = format!("{}{new}", unsynchronized());
    bench.apply(&closed).await;
    assert!(snapshot(&bench.store.world(), "SEP0011223344AA").is_none());
}

/// Extension Mobility 4.1, Configuration Guidelines: without the parameter a
/// change needs an update and a reset; 3.1, Scenario 3: the snapshot without
/// the speed dials is loaded when Dick logs off.
#[tokio::test]
async fn without_synchronization_a_changed_phone_goes_on_showing_its_snapshot() {
    let bench = Bench::with_sample().await;
    bench.apply(&unsynchronized()).await;
    bench.store.calm();
    let taken = snapshot(&bench.store.world(), LOBBY);
    let changed = lobby(&unsynchronized(), "Front hall").replacen(
        "speed_dial = [",
        "speed_dial = [{ number = \"1099\", label = \"Stocks\" }, ",
        1,
    );
    let plan = bench.apply(&changed).await;
    assert_eq!(plan.restarts, []);
    assert_eq!(snapshot(&bench.store.world(), LOBBY), taken);
    assert_eq!(labels(&bench, LOBBY), ["Lobby", "Emergency"]);
    // Dick comes and goes: the snapshot is back.
    bench.sign_in("bob", LOBBY);
    assert_eq!(labels(&bench, LOBBY)[0], "Bob");
    let phone = bench.store.phone(LOBBY).id;
    bench.store.edit(&Change::DropSession(phone));
    assert_eq!(labels(&bench, LOBBY), ["Lobby", "Emergency"]);
    // Back in step, it shows its own settings.
    bench.store.calm();
    let plan = bench
        .apply(&changed.replace("synchronization = false", "synchronization = true"))
        .await;
    assert_eq!(plan.restarts.len(), 1);
    assert!(bench.store.world().auto_profiles.is_empty());
    assert_eq!(labels(&bench, LOBBY), ["Front hall", "Stocks", "Emergency"]);
}

#[tokio::test]
async fn emergency_entries_change_at_once_whatever_the_phone_shows() {
    let bench = Bench::with_sample().await;
    bench.apply(&unsynchronized()).await;
    bench.store.calm();
    let plan = bench
        .apply(&unsynchronized().replace("\"Emergency\"", "\"Notruf\""))
        .await;
    assert_eq!(plan.restarts.len(), 3);
    assert_eq!(labels(&bench, LOBBY), ["Lobby", "Notruf"]);
}

/// Extension Mobility 4.1, Autogenerated Device Profile: it is associated with
/// a specific phone, and cannot be deleted.
#[tokio::test]
async fn a_snapshot_goes_with_its_phone_or_when_the_phone_takes_another_logout_profile() {
    let bench = Bench::with_sample().await;
    bench.apply(&unsynchronized()).await;
    let phone = bench.store.phone(ROOM).id;
    let other = unsynchronized().replace(
        "description = \"Meeting room\"",
        "description = \"Meeting room\"\nlogout_profile = \"alice-quiet\"",
    );
    bench.apply(&other).await;
    assert!(!bench.store.world().auto_profiles.contains_key(&phone));

    bench.apply(&unsynchronized()).await;
    assert!(bench.store.world().auto_profiles.contains_key(&phone));
    let text = unsynchronized();
    let from = text.find(&format!("[[phone]]\nname = \"{ROOM}\"")).unwrap();
    let to = text[from..].find("\n\n").unwrap() + from;
    bench
        .prune(&format!("{}{}", &text[..from], &text[to..]))
        .await;
    assert!(!bench.store.world().auto_profiles.contains_key(&phone));
    assert_eq!(bench.store.world().auto_profiles.len(), 2);
}

#[tokio::test]
async fn a_phone_that_becomes_another_model_gets_a_new_snapshot() {
    let bench = Bench::with_sample().await;
    bench.apply(&unsynchronized()).await;
    let other = lobby(&unsynchronized(), "New").replacen("model = \"7960\"", "model = \"7961\"", 1);
    bench.apply(&other).await;
    assert_eq!(labels(&bench, LOBBY)[0], "New");
}

#[tokio::test]
async fn an_export_does_not_hold_what_belongs_to_a_phone_alone() {
    let bench = Bench::with_sample().await;
    bench.apply(&unsynchronized()).await;
    let text = crate::site::export(&bench.store.world());
    assert!(!text.contains("AUTO-"));
    assert!(bench.prune(&text).await.changes_nothing());
    assert_eq!(bench.store.world().auto_profiles.len(), 3);
}

// --- Initial values -----------------------------------------------------------

#[tokio::test]
async fn a_pin_of_the_file_is_as_old_as_its_apply_and_may_have_to_be_changed() {
    let must = SAMPLE.replace(
        "pin = \"31415\"\n",
        "pin = \"31415\"\npin_must_change = true\n",
    );
    let bench = Bench::default();
    bench.apply(&must).await;
    let bob = bench.store.user("bob");
    assert!(bob.pin_must_change);
    assert!(bob.pin_set.is_some());
    assert!(!bench.store.user("alice").pin_must_change);

    // He changes it: the file has nothing to say until it has a new PIN.
    let mut changed = bob.clone();
    changed.pin_must_change = false;
    changed.pin_set = None;
    bench.store.edit(&Change::PutUser(Box::new(changed)));
    assert!(bench.force(&must).await.changes_nothing());
    let edited = must.replace("last_name = \"Brandt\"", "last_name = \"Brand\"");
    bench.apply(&edited).await;
    let bob = bench.store.user("bob");
    assert!(!bob.pin_must_change && bob.pin_set.is_none());
    let plan = bench.apply(&edited.replace("31415", "92653")).await;
    assert_eq!(
        plan.actions[0].what,
        "pin changed, pin_must_change not set -> true"
    );
    let bob = bench.store.user("bob");
    assert!(bob.pin_must_change && bob.pin_set.is_some());
}

#[tokio::test]
async fn a_site_that_would_not_fit_together_is_not_stored() {
    // Somebody else's phone uses a template that the file takes away.
    let bench = Bench::with_sample().await;
    let mut desk = bench.store.phone(DESK);
    let template = "Two lines, four speed dials";
    desk.features.phone_button_template = Some(crate::model::ObjectName::new(template).unwrap());
    bench.store.edit(&Change::PutPhone(Box::new(desk)));
    let from = SAMPLE.find("[[phone_button_template]]").unwrap();
    let to = SAMPLE[from..].find("\n\n").unwrap() + from;
    let without = format!("{}{}", &SAMPLE[..from], &SAMPLE[to..]);
    let options = crate::site::Options {
        prune: true,
        ..crate::site::Options::default()
    };
    match bench.try_with(&without, &options).await {
        Err(crate::site::ApplyError::Broken(why)) => {
            let part = format!("phone {DESK} would have phone button template {template}");
            assert!(why.len() == 1 && why[0].contains(&part), "{why:?}");
        }
        other => panic!("{other:?}"),
    }
    let plan = bench.apply(&without).await;
    assert_eq!(
        plan.would_delete,
        [(Kind::ButtonTemplate, template.to_owned())]
    );
}

#[tokio::test]
async fn owned_phones_are_told_of_the_stored_site_only_as_far_as_the_file_goes() {
    let bench = Bench::with_sample().await;
    let mut desk = bench.store.phone(DESK);
    desk.owner = Some(UserId::new("bob").unwrap());
    bench.store.edit(&Change::PutPhone(Box::new(desk)));
    let plan = bench.apply(SAMPLE).await;
    assert!(
        !plan.to_string().contains("operate properly"),
        "the file does not say so: {plan}"
    );
    let owned = SAMPLE.replace(
        "description = \"Shared desk\"",
        "owner = \"bob\"\ndescription = \"Shared desk\"",
    );
    assert!(
        bench
            .apply(&owned)
            .await
            .to_string()
            .contains("operate properly")
    );
    let refuse = owned.replace(
        "[parameters]\n",
        "[parameters]\nowned_phones = \"refuse\"\n",
    );
    assert!(
        !bench
            .apply(&refuse)
            .await
            .to_string()
            .contains("operate properly")
    );
    assert_eq!(
        bench.store.world().parameters.owned_phones,
        OwnedPhones::Refuse
    );
}
