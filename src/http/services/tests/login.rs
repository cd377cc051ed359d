//! Signing in, as the phone sees it.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::Ordering;

use super::house::{DESK, House, LOBBY, ROOM, door};
use crate::model::UserId;
use crate::ports::Store as _;

/// Extension Mobility 4.1, Login Call Flow, steps 1 to 11.
#[tokio::test]
async fn the_login_call_flow_step_by_step() {
    let house = House::with("").await;
    house.register(DESK, 7);
    // 1 to 4: nobody is on the phone, and it asks for user id and PIN.
    let form = house.get(&door(DESK)).await;
    assert_eq!(form.title(), "Extension Mobility");
    assert_eq!(form.prompt(), "Please sign on");
    let names: Vec<String> = form.fields().into_iter().map(|field| field.0).collect();
    assert_eq!(names, ["UserID", "PIN"]);
    assert_eq!(form.key("Submit"), "SoftKey:Submit");
    assert_eq!(form.key("Cancel"), "SoftKey:Exit");
    // 5 and 6: what cannot be authenticated.
    let action = form.action();
    let wrong = house.get(&format!("{action}&userid=alice&seq=1")).await;
    assert_eq!(wrong.prompt(), "Please try to login again (201)");
    assert_eq!(wrong.title(), "Check user ID and PIN");
    assert_eq!(wrong.fields()[0].3, "alice", "need not be typed again");
    assert_eq!(house.user_on(DESK), None);
    // 6 and 7: two profiles are shown.
    let list = house.get(&format!("{action}&userid=alice&seq=58213")).await;
    assert_eq!(list.prompt(), "Choose a profile");
    let lines = list.lines();
    let names: Vec<&str> = lines.keys().map(String::as_str).collect();
    assert_eq!(names, ["alice-desk", "alice-quiet"]);
    assert_eq!(house.user_on(DESK), None, "not before one is chosen");
    // 8 to 11.
    let done = house.get(&lines["alice-quiet"]).await;
    assert_eq!(done.prompt(), "Login Successful");
    assert!(done.says("Alice Adler: this phone restarts with your profile alice-quiet."));
    assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
    let world = house.store.world();
    let phone = world
        .phone(&crate::model::DeviceName::new(DESK).unwrap())
        .unwrap();
    assert!(world.pending.contains_key(&phone.id), "it restarts");
}

/// Feature Configuration Guide, Extension Mobility error codes: 202.
#[tokio::test]
async fn an_empty_field_is_told_and_nobody_is_asked() {
    let house = House::with("").await;
    for typed in [
        "userid=bob&seq=",
        "userid=&seq=31415",
        "seq=31415",
        "userid=bob",
    ] {
        let form = house.get(&format!("{}&{typed}", door(DESK))).await;
        assert_eq!(form.prompt(), "Please try to login again (202)", "{typed}");
        assert_eq!(form.title(), "Fill in every field");
    }
    assert_eq!(house.directory.checks.load(Ordering::Acquire), 0);
}

/// Feature Configuration Guide, Extension Mobility error codes: each has its
/// number, a sentence, and a reference that the journal knows.
#[tokio::test]
async fn what_does_not_go_says_its_number_what_to_do_and_a_reference() {
    let house = House::changed(
        "extension_mobility = true\ndescription = \"Lobby\"",
        "extension_mobility = false\ndescription = \"Lobby\"",
        "",
    )
    .await;
    house.sits(ROOM, "bob", "31415").await;
    let told = async |target: String, text: &str, help: &str| {
        let page = house.get(&target).await;
        assert_eq!(page.prompt(), text, "{target}");
        assert!(
            page.says(text) && page.says(help),
            "{target}: {}",
            page.text
        );
        let reference = page.page().text.as_str().lines().last().unwrap().to_owned();
        let reference = reference.strip_prefix("Reference: ").unwrap();
        assert_eq!(reference.len(), 4);
        let heard = house.heard();
        assert!(
            heard.contains(&format!("reference {reference} (to 192.0.2.7")),
            "{heard}"
        );
    };
    let sign =
        |device: &str, user: &str, pin: &str| format!("{}&userid={user}&seq={pin}", door(device));
    let none = "/emapp/EMAppServlet".to_owned();
    told(none, "Login is unavailable (207)", "?device=#DEVICENAME#").await;
    told(
        door("SEP00DEADBEEF00"),
        "Login is unavailable (11)",
        "SEP00DEADBEEF00 is not",
    )
    .await;
    told(door(LOBBY), "Login is unavailable (22)", "take another one").await;
    told(
        sign(DESK, "dora", "16180"),
        "Login is unavailable (205)",
        "no device profile",
    )
    .await;
    told(
        sign(ROOM, "carol", "27182"),
        "Login is unavailable (18)",
        "bob is signed in",
    )
    .await;
    let out = format!("{}&doLogout=true", door(DESK));
    told(out, "Logout is unavailable (19)", "Nobody is signed in").await;
    let named = format!("{}&profile=nobodys", sign(DESK, "carol", "27182"));
    told(
        named,
        "Login is unavailable (12)",
        "Please choose another one",
    )
    .await;
    let kind = format!("{}&loginType=XX", door(DESK));
    told(kind, "LoginType invalid (215)", "none of UID, DN and SP").await;
    house.directory.down.store(true, Ordering::Release);
    told(
        sign(DESK, "carol", "27182"),
        "Login is unavailable (204)",
        "does not answer",
    )
    .await;
    house.store.fail_commits(true);
    house.directory.down.store(false, Ordering::Release);
    told(
        sign(DESK, "carol", "27182"),
        "Login is unavailable (6)",
        "nothing was changed",
    )
    .await;
}

/// The directory is down, and nobody is locked in.
#[tokio::test]
async fn who_is_signed_in_can_leave_while_the_directory_is_down() {
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    house.directory.down.store(true, Ordering::Release);
    let question = house.get(&door(DESK)).await;
    let out = house.get(&question.key("Yes")).await;
    assert_eq!(out.prompt(), "Logout successful");
}

/// Nobody shall tell an unknown user from a wrong PIN from a locked account.
#[tokio::test]
async fn unknown_user_wrong_pin_and_locked_account_get_the_same_page() {
    let house = House::with("").await;
    *house.directory.locked.lock().unwrap() = Some(UserId::new("bob").unwrap());
    for door in [door(DESK), super::house::pin_door(DESK)] {
        let page = async |user: &str, pin: &str| {
            let more = "newpin=97531&confirmpin=97531";
            let target = format!("{door}&userid={user}&seq={pin}&{more}");
            house.get(&target).await.text.replace(user, "USER")
        };
        let unknown = page("nob", "31415").await;
        assert!(unknown.contains("(201)"), "{unknown}");
        assert_eq!(
            page("bob", "31415").await,
            unknown,
            "locked, the PIN is right"
        );
        assert_eq!(page("dora", "1").await, unknown, "wrong PIN");
    }
    let heard = house.heard();
    assert!(
        heard.contains("user id bob: locked out"),
        "the operator knows: {heard}"
    );
    assert!(
        heard.contains("an unknown user id of 3 characters"),
        "{heard}"
    );
}

/// Feature Configuration Guide, Extension Mobility: `loginType`.
#[tokio::test]
async fn the_login_type_says_what_is_typed_and_is_carried_through() {
    let house = House::with("").await;
    for (kind, name, flags, typed, pin) in [
        ("UID", "UserID", "A", "bob", "31415"),
        ("uid", "UserID", "A", "BOB", "31415"),
        ("DN", "Extension", "N", "2001", "58213"),
        ("SP", "Self-service ID", "N", "90002", "31415"),
    ] {
        let form = house.get(&format!("{}&loginType={kind}", door(DESK))).await;
        let fields = form.fields();
        assert_eq!((fields[0].0.as_str(), fields[0].2.as_str()), (name, flags));
        let action = form.action();
        let carried = format!("loginType={}", kind.to_uppercase());
        assert!(action.contains(&carried), "{action}");
        assert!(form.key("New PIN").contains(&carried));
        let wrong = house.get(&format!("{action}&userid={typed}&seq=1")).await;
        assert!(wrong.action().contains(&carried), "after a mistake, too");
        let next = house
            .get(&format!("{action}&userid={typed}&seq={pin}"))
            .await;
        if kind == "DN" {
            let profiles = next.lines();
            assert!(profiles["alice-desk"].contains("loginType=DN"));
            house.get(&profiles["alice-desk"]).await;
        }
        let here = house.user_on(DESK);
        assert_eq!(
            here.as_deref(),
            Some(if kind == "DN" { "alice" } else { "bob" })
        );
        house.get(&format!("{}&doLogout=true", door(DESK))).await;
    }
    let plain = house.get(&format!("{}&loginType=", door(DESK))).await;
    assert!(
        !plain.action().contains("loginType"),
        "not given: not carried"
    );
    // An extension is no user id, nor the other way round.
    let typed = format!("{}&loginType=DN&userid=bob&seq=31415", door(DESK));
    assert!(house.get(&typed).await.says("(201)"));
}

/// Feature Configuration Guide, Extension Mobility error codes: 216.
#[tokio::test]
async fn an_extension_of_several_people_is_told_so() {
    let house = House::with("").await;
    let target = format!("{}&loginType=DN&userid=2002&seq=31415", door(DESK));
    let page = house.get(&target).await;
    assert_eq!(page.prompt(), "DN has multiple users (216)");
    assert!(page.says("sign in with your user ID"));
}

/// Extension Mobility 3.3, Alphanumeric User ID; PINs with star and pound are
/// ours.
#[tokio::test]
async fn what_can_be_typed_follows_the_parameters() {
    let flags = async |parameters: &str| {
        let form = House::with(parameters).await.get(&door(DESK)).await;
        let fields = form.fields();
        (fields[0].2.clone(), fields[1].2.clone())
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(flags("").await, pair("A", "NP"));
    assert_eq!(flags("alphanumeric_user_id = false").await, pair("N", "NP"));
    assert_eq!(flags("pin_star_and_pound = true").await, pair("A", "TP"));
}

/// Service parameter Remember the Last User Logged In: only for user ids.
#[tokio::test]
async fn the_last_user_is_prefilled_where_he_could_type_himself() {
    let last = async |parameters: &str, more: &str, headers: &[(&str, &str)]| {
        let house = House::with(parameters).await;
        house
            .get(&format!(
                "{}&userid=alice&seq=58213&profile=alice-desk",
                door(DESK)
            ))
            .await;
        house.get(&format!("{}&doLogout=true", door(DESK))).await;
        let form = house
            .ask("GET", &format!("{}{more}", door(DESK)), headers, "", 7)
            .await;
        form.fields()[0].3.clone()
    };
    assert_eq!(last("", "", &[]).await, "");
    assert_eq!(last("remember_last_user = true", "", &[]).await, "alice");
    assert_eq!(
        last("remember_last_user = true", "&loginType=UID", &[]).await,
        "alice"
    );
    assert_eq!(
        last("remember_last_user = true", "&loginType=DN", &[]).await,
        ""
    );
    let digits = "remember_last_user = true\nalphanumeric_user_id = false";
    assert_eq!(
        last(digits, "", &[]).await,
        "4711",
        "letters cannot be typed"
    );
}

/// A letter that the phone lacks would come back as another one.
#[tokio::test]
async fn what_the_phone_could_not_send_back_is_not_prefilled() {
    let house = House::with("").await;
    let typed = async |typed: &str, charset: &str| {
        let target = format!("{}&userid={typed}&seq=", door(DESK));
        let headers = [("Accept-Charset", charset)];
        let form = house.ask("GET", &target, &headers, "", 7).await;
        form.fields()[0].3.clone()
    };
    assert_eq!(typed("m%C3%BCller", "iso-8859-1").await, "m\u{fc}ller");
    assert_eq!(
        typed("%D0%AE%D1%80%D0%B0", "utf-8").await,
        "\u{42e}\u{440}\u{430}"
    );
    assert_eq!(typed("%D0%AE%D1%80%D0%B0", "iso-8859-1").await, "");
    assert_eq!(
        typed(&"x".repeat(33), "utf-8").await,
        "",
        "half an id is another one"
    );
}

#[tokio::test]
async fn the_last_users_are_offered_by_name_and_type_their_pin_only() {
    let house = House::with("quick_sign_in_users = 2\nmultiple_login_behavior = \"allowed\"").await;
    let empty = house.get(&door(DESK)).await;
    assert_eq!(empty.fields().len(), 2, "nobody was here: the form");
    for (user, pin) in [("carol", "27182"), ("bob", "31415"), ("alice", "58213")] {
        let target = format!("{}&userid={user}&seq={pin}", door(DESK));
        let next = house.get(&format!("{target}&profile={user}")).await;
        if user == "alice" {
            assert!(next.says("(12)"), "{}", next.text);
            house.get(&format!("{target}&profile=alice-desk")).await;
        }
        house.get(&format!("{}&doLogout=true", door(DESK))).await;
    }
    let list = house.get(&door(DESK)).await;
    let names: Vec<&str> = list
        .menu()
        .items
        .iter()
        .map(|item| item.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["Alice Adler", "Bob Brandt", "Somebody else"],
        "the last two"
    );
    let lines = list.lines();
    // The PIN is asked for nevertheless.
    let form = house.get(&lines["Bob Brandt"]).await;
    assert_eq!(form.prompt(), "PIN of Bob Brandt");
    let parameters: Vec<String> = form.fields().into_iter().map(|field| field.1).collect();
    assert_eq!(parameters, ["seq"]);
    let wrong = house.get(&format!("{}&seq=1", form.action())).await;
    assert_eq!(wrong.prompt(), "Please try to login again (201)");
    assert_eq!(wrong.fields().len(), 1);
    let blank = house.get(&format!("{}&seq=", form.action())).await;
    assert!(blank.says("(202)"));
    assert_eq!(house.user_on(DESK), None);
    // Nobody else can be named by number, nor by whoever asks for another phone.
    let carol = {
        let world = house.store.world();
        world.user(&UserId::new("carol").unwrap()).unwrap().id.0
    };
    let guess = house.get(&format!("{}&who={carol}", door(DESK))).await;
    assert_eq!(guess.fields().len(), 2, "the form");
    let guess = house
        .get(&format!("{}&who={carol}&seq=27182", door(DESK)))
        .await;
    assert_eq!(guess.fields().len(), 2);
    assert_eq!(house.user_on(DESK), None);
    let other = house.get(&lines["Somebody else"]).await;
    assert_eq!(other.fields().len(), 2);
    // An id typed into that form counts.
    let action = other.action();
    house.get(&format!("{action}&userid=carol&seq=27182")).await;
    assert_eq!(house.user_on(DESK).as_deref(), Some("carol"));
    house.get(&format!("{}&doLogout=true", door(DESK))).await;
    let done = house
        .get(&format!("{}&seq=58213", lines["Alice Adler"]))
        .await;
    assert!(done.says("Choose a profile"), "{}", done.text);
    house
        .change_user("alice", |user| user.excluded = true)
        .await;
    let list = house.get(&door(DESK)).await;
    assert!(!list.says("Alice Adler"), "excluded users are not offered");
}

/// Extension Mobility 4.1, Login and Behavior: multiple logins. The key is ours.
#[tokio::test]
async fn who_is_signed_in_elsewhere_moves_here_by_one_key() {
    let house = House::with("").await;
    house.sits(ROOM, "bob", "31415").await;
    let refused = house
        .get(&format!("{}&userid=bob&seq=31415", door(DESK)))
        .await;
    assert_eq!(refused.prompt(), "Multi-Login Not Allowed (25)");
    assert!(refused.says(&format!("You are signed in on {ROOM}")));
    assert!(refused.says("Press Move here to sign out there"));
    assert_eq!(house.user_on(DESK), None);
    // Only after the right PIN.
    let wrong = house.get(&format!("{}&userid=bob&seq=1", door(DESK))).await;
    assert!(!wrong.says("Move here"));
    let here = refused.key("Move here");
    // The ticket is good on this phone alone.
    house.get(&here.replace(DESK, LOBBY)).await;
    assert_eq!(house.user_on(LOBBY), None);
    let refused = house
        .get(&format!("{}&userid=bob&seq=31415", door(DESK)))
        .await;
    let here = refused.key("Move here");
    let done = house.get(&here).await;
    assert_eq!(done.prompt(), "Login Successful");
    assert!(
        done.says(&format!("You were signed out on {ROOM}.")),
        "{}",
        done.text
    );
    assert_eq!(house.user_on(DESK).as_deref(), Some("bob"));
    assert_eq!(house.user_on(ROOM), None);
    // Pressed twice it is the same page, and nothing is done.
    let again = house.get(&here).await;
    assert_eq!(again.prompt(), "Login Successful");
    house.advance(20);
    house.comes_back(DESK).await;
    let late = house.get(&here).await;
    assert_eq!(late.prompt(), "Logout bob?", "a question, nothing else");
}

#[tokio::test]
async fn a_second_press_of_submit_changes_nothing() {
    let house = House::with("").await;
    let target = format!("{}&userid=bob&seq=31415", door(DESK));
    let first = house.get(&target).await;
    house.advance(5);
    let second = house.get(&target).await;
    assert_eq!(first.text, second.text);
    let audits = house.heard().matches("SignedIn").count();
    assert_eq!(audits, 1, "{}", house.heard());
    // Later it is what Cisco says it is.
    house.advance(20);
    assert!(house.get(&target).await.says("(18)"));
    // The same for a line of the list of profiles.
    let list = format!("{}&userid=alice&seq=58213", door(ROOM));
    let line = house.get(&list).await.lines()["alice-desk"].clone();
    let [first, second] = [house.get(&line).await, house.get(&line).await];
    assert_eq!(first.prompt(), "Login Successful");
    assert_eq!(first.text, second.text);
    let both = house.get(&list).await;
    assert_eq!(both.text, first.text, "not a list to choose from in vain");
    // Both presses at once, and the slower check ends last.
    let house = House::with("").await;
    let (first, second) = tokio::join!(house.get(&target), house.get(&target));
    assert_eq!(first.prompt(), "Login Successful");
    assert_eq!(second.prompt(), "Login Successful");
}

/// Badge readers and scripts: everything in one request.
#[tokio::test]
async fn one_request_names_the_profile_and_unknown_parameters_are_ignored() {
    let house = House::with("").await;
    let target = format!(
        "{}&EMCC=%23EMCC%23&userid=alice&headsetbasedem=true&seq=58213&profile=alice-quiet&x=y",
        door(DESK)
    );
    let done = house.get(&target).await;
    assert!(done.says("with your profile alice-quiet"), "{}", done.text);
    let posted = house.post(&door(ROOM), "userid=bob&seq=31415").await;
    assert_eq!(posted.prompt(), "Login Successful");
}

/// Extension Mobility 4.1, Login and Behavior: off-hook phones.
#[tokio::test]
async fn an_off_hook_phone_says_that_the_profile_comes_when_it_is_put_down() {
    let house = House::with("").await;
    let generation = house.register(DESK, 7);
    let device = crate::model::DeviceName::new(DESK).unwrap();
    house.registry.set_in_call(&device, generation, true);
    let done = house
        .get(&format!("{}&userid=bob&seq=31415", door(DESK)))
        .await;
    assert_eq!(done.prompt(), "Login Successful");
    assert!(
        done.says("put the handset down. The phone then restarts"),
        "{}",
        done.text
    );
    let out = house.get(&format!("{}&doLogout=true", door(DESK))).await;
    assert_eq!(out.prompt(), "Logout successful");
}

/// Extension Mobility 4.1, Login and Behavior: another user locale.
#[tokio::test]
async fn a_login_that_changes_the_language_says_that_the_phone_restarts_twice() {
    let house = House::with("").await;
    let done = house
        .get(&format!("{}&userid=carol&seq=27182", door(DESK)))
        .await;
    assert!(
        done.says("restarts twice, for another language"),
        "{}",
        done.text
    );
}

/// Whatever was checked, the PIN that was changed meanwhile does not count.
#[tokio::test]
async fn a_pin_that_changed_after_it_was_checked_is_told_so() {
    let house = House::with("").await;
    let list = house
        .get(&format!("{}&userid=alice&seq=58213", door(DESK)))
        .await;
    house
        .change_user("alice", |user| user.credential_version += 1)
        .await;
    let refused = house.get(&list.lines()["alice-desk"]).await;
    assert_eq!(refused.prompt(), "Please try to login again (201)");
    assert!(refused.says("Your PIN was changed just now"));
    assert_eq!(refused.key("Again"), door(DESK));
    assert_eq!(house.user_on(DESK), None);
}
