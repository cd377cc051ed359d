//! Changing a PIN at the phone.

#![allow(clippy::unwrap_used)]

use super::house::{DESK, House, ROOM, door, pin_door};
use crate::ports::{PinFault, PinRefused};

fn sent(user: &str, old: &str, new: &str, again: &str) -> String {
    format!(
        "{}&userid={user}&seq={old}&newpin={new}&confirmpin={again}",
        pin_door(DESK)
    )
}

/// Feature Configuration Guide, Extension Mobility: the Change Credential
/// application.
#[tokio::test]
async fn a_pin_is_changed_at_the_phone_and_the_old_one_is_void_at_once() {
    let house = House::with("").await;
    let login = house.get(&door(DESK)).await;
    assert_eq!(login.key("New PIN"), pin_door(DESK), "a key leads there");
    let form = house.get(&pin_door(DESK)).await;
    assert_eq!(form.title(), "Change PIN");
    let fields: Vec<(String, String, String)> = form
        .fields()
        .into_iter()
        .map(|(name, parameter, flags, _)| (name, parameter, flags))
        .collect();
    let field = |name: &str, parameter: &str, flags: &str| {
        (name.to_owned(), parameter.to_owned(), flags.to_owned())
    };
    assert_eq!(
        fields,
        [
            field("UserID", "userid", "A"),
            field("Present PIN", "seq", "NP"),
            field("New PIN", "newpin", "NP"),
            field("New PIN again", "confirmpin", "NP"),
        ]
    );
    let done = house.get(&sent("bob", "31415", "97531", "97531")).await;
    assert_eq!(done.prompt(), "PIN changed");
    assert!(
        house
            .heard()
            .contains("the PIN of user id bob was changed at this phone")
    );
    assert!(!house.heard().contains("97531"));
    assert!(
        house
            .get(&format!("{}&userid=bob&seq=31415", door(DESK)))
            .await
            .says("(201)")
    );
    let done = house
        .get(&format!("{}&userid=bob&seq=97531", door(DESK)))
        .await;
    assert_eq!(done.prompt(), "Login Successful");
}

#[tokio::test]
async fn a_pin_that_is_not_taken_says_why_and_leads_back() {
    let house = House::with("").await;
    for (fault, sentence) in [
        (
            PinFault::TooShort { least: 6 },
            "A PIN has 6 or more characters.",
        ),
        (
            PinFault::TooLong { most: 20 },
            "A PIN has at most 20 characters.",
        ),
        (
            PinFault::Characters {
                star_and_pound: false,
            },
            "made of digits only",
        ),
        (
            PinFault::Characters {
                star_and_pound: true,
            },
            "made of digits, * and #",
        ),
        (PinFault::Trivial, "hard to guess"),
        (PinFault::Same, "That is your present PIN"),
    ] {
        *house.directory.refuses.lock().unwrap() = Some(PinRefused::Fault(fault));
        let page = house.get(&sent("bob", "31415", "97531", "97531")).await;
        assert_eq!(page.prompt(), "The PIN was not changed");
        assert!(page.says(sentence), "{sentence}: {}", page.text);
        let again = house.get(&page.key("Again")).await;
        assert_eq!(again.fields().len(), 4);
    }
    let differ = house.get(&sent("bob", "31415", "97531", "97513")).await;
    assert!(differ.says("two different new PINs"), "{}", differ.text);
    *house.directory.refuses.lock().unwrap() = Some(PinRefused::KeptElsewhere);
    let page = house.get(&sent("bob", "31415", "97531", "97531")).await;
    assert!(
        page.says("directory. Please change yours there."),
        "{}",
        page.text
    );
    // What could not be checked is told as at a login.
    let wrong = house.get(&sent("bob", "1", "97531", "97531")).await;
    assert_eq!(wrong.prompt(), "Please try to login again (201)");
    assert_eq!(wrong.fields()[0].3, "bob");
    for blank in [
        sent("", "31415", "97531", "97531"),
        sent("bob", "", "97531", "97531"),
        sent("bob", "31415", "", ""),
    ] {
        let form = house.get(&blank).await;
        assert_eq!(form.prompt(), "Please try to login again (202)", "{blank}");
    }
    house
        .directory
        .down
        .store(true, std::sync::atomic::Ordering::Release);
    assert!(
        house
            .get(&sent("bob", "31415", "97531", "97531"))
            .await
            .says("(204)")
    );
    house
        .directory
        .down
        .store(false, std::sync::atomic::Ordering::Release);
    let done = house
        .get(&format!("{}&userid=bob&seq=31415", door(DESK)))
        .await;
    assert_eq!(
        done.prompt(),
        "Login Successful",
        "the old one still counts"
    );
}

/// Feature Configuration Guide, Extension Mobility error codes: 41.
#[tokio::test]
async fn a_login_that_needs_another_pin_goes_on_in_the_same_visit() {
    let house = House::with("").await;
    house
        .change_user("alice", |user| user.pin_must_change = true)
        .await;
    let signed = format!("{}&userid=alice&seq=58213", door(DESK));
    assert!(
        house.get(&signed.replace("58213", "1")).await.says("(201)"),
        "first the right PIN"
    );
    let form = house.get(&signed).await;
    assert_eq!(form.prompt(), "PIN change is required (41)");
    let parameters: Vec<String> = form.fields().into_iter().map(|field| field.1).collect();
    assert_eq!(parameters, ["seq", "newpin", "confirmpin"], "he is known");
    assert_eq!(house.user_on(DESK), None);
    let send = |form: &str, old: &str, new: &str, again: &str| {
        format!("{form}&seq={old}&newpin={new}&confirmpin={again}")
    };
    // Every mistake leads to another form, each good once.
    let action = form.action();
    let differ = house.get(&send(&action, "58213", "97531", "97513")).await;
    assert!(differ.says("two different new PINs"));
    let form = house.get(&differ.key("Again")).await;
    assert_eq!(form.prompt(), "PIN change is required (41)");
    let wrong = house
        .get(&send(&form.action(), "1", "97531", "97531"))
        .await;
    assert_eq!(wrong.prompt(), "Please try to login again (201)");
    let blank = house.get(&send(&wrong.action(), "58213", "", "")).await;
    assert_eq!(blank.prompt(), "Please try to login again (202)");
    let stale = house.get(&send(&action, "58213", "97531", "97531")).await;
    assert_eq!(stale.prompt(), "Please sign on", "a ticket is good once");
    let action = blank.action();
    let list = house.get(&send(&action, "58213", "97531", "97531")).await;
    assert_eq!(list.prompt(), "Choose a profile", "the login goes on");
    let done = house.get(&list.lines()["alice-desk"]).await;
    assert_eq!(done.prompt(), "Login Successful");
    assert!(
        done.says("Your new PIN is valid from now on."),
        "{}",
        done.text
    );
    assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
    // The second press of the same key.
    let twice = house.get(&send(&action, "58213", "97531", "97531")).await;
    assert_eq!(twice.prompt(), "Login Successful");
    house.advance(60);
    assert!(
        house
            .get(&format!("{}&userid=alice&seq=58213", door(ROOM)))
            .await
            .says("(201)")
    );
}

#[tokio::test]
async fn the_profile_that_was_asked_for_outlives_the_change_of_the_pin() {
    let house = House::with("").await;
    house
        .change_user("alice", |user| user.pin_must_change = true)
        .await;
    let login = format!("{}&userid=alice&seq=58213&profile=alice-quiet", door(DESK));
    let form = house.get(&login).await;
    let target = format!("{}&seq=58213&newpin=86420&confirmpin=86420", form.action());
    let done = house.get(&target).await;
    assert!(done.says("alice-quiet"), "{}", done.text);
    assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
}

#[tokio::test]
async fn nobody_changes_a_pin_for_a_phone_that_is_taken() {
    let house = House::with("").await;
    house
        .change_user("alice", |user| user.pin_must_change = true)
        .await;
    house.sits(DESK, "bob", "31415").await;
    house.advance(60);
    let answer = house
        .get(&format!("{}&userid=alice&seq=58213", door(DESK)))
        .await;
    assert_ne!(answer.title(), "Change PIN", "{}", answer.text);
    assert_eq!(house.user_on(DESK).as_deref(), Some("bob"));
}

#[tokio::test]
async fn a_ticket_for_another_pin_signs_nobody_in() {
    let house = House::with("").await;
    house
        .change_user("bob", |user| user.pin_must_change = true)
        .await;
    let signed = format!("{}&userid=bob&seq=31415", door(DESK));
    let action = house.get(&signed).await.action();
    let token = action.rsplit('=').next().unwrap();
    let page = house.get(&format!("{}&token={token}", door(DESK))).await;
    assert_eq!(page.prompt(), "Please sign on");
    assert_eq!(house.user_on(DESK), None);
    // Nor does a ticket of the list of profiles change a PIN.
    let list = house
        .get(&format!("{}&userid=alice&seq=58213", door(DESK)))
        .await;
    let line = list.lines()["alice-desk"].clone();
    let token = line.rsplit('=').next().unwrap();
    let target = format!(
        "{}&token={token}&seq=58213&newpin=97531&confirmpin=97531",
        pin_door(DESK)
    );
    house.get(&target).await;
    let list = house
        .get(&format!("{}&userid=alice&seq=58213", door(DESK)))
        .await;
    assert_eq!(list.prompt(), "Choose a profile", "the PIN is the old one");
    // A PIN is thought of for longer than a profile, but not for ever.
    let action = house.get(&signed).await.action();
    house.advance(301);
    let late = house
        .get(&format!("{action}&seq=31415&newpin=97531&confirmpin=97531"))
        .await;
    assert_eq!(late.prompt(), "Please sign on");
}

#[tokio::test]
async fn star_and_pound_can_be_typed_where_they_are_allowed() {
    let house = House::with("pin_star_and_pound = true").await;
    let form = house.get(&pin_door(DESK)).await;
    let flags: Vec<String> = form.fields().into_iter().map(|field| field.2).collect();
    assert_eq!(flags, ["A", "TP", "TP", "TP"]);
    let done = house
        .get(&sent("bob", "31415", "9%2A5%2331", "9%2A5%2331"))
        .await;
    assert_eq!(done.prompt(), "PIN changed");
    let done = house
        .get(&format!("{}&userid=bob&seq=9%2A5%2331", door(DESK)))
        .await;
    assert_eq!(done.prompt(), "Login Successful");
}
