//! Signing out, as the phone sees it.

#![allow(clippy::unwrap_used)]

use super::house::{DESK, House, LOBBY, door};
use crate::ports::Store as _;

/// Extension Mobility 4.1, Logout Call Flow, steps 1 to 11.
#[tokio::test]
async fn the_logout_call_flow_step_by_step() {
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    house.advance(3600);
    let question = house.get(&door(DESK)).await;
    assert_eq!(question.prompt(), "Logout bob?");
    assert!(question.says("Bob Brandt (bob) is signed in on this phone."));
    assert_eq!(question.key("No"), "SoftKey:Exit");
    let yes = question.key("Yes");
    assert!(yes.contains("&doLogout=true&since="), "{yes}");
    assert_eq!(
        house.user_on(DESK).as_deref(),
        Some("bob"),
        "asking does nothing"
    );
    let done = house.get(&yes).await;
    assert_eq!(done.prompt(), "Logout successful");
    assert!(done.says("This phone restarts without your profile."));
    assert_eq!(house.user_on(DESK), None);
    // Pressed twice: nobody is there any more, and nobody is signed out.
    assert!(house.get(&yes).await.says("(19)"));
}

/// The question about one user may stand on the display until the next sits
/// there.
#[tokio::test]
async fn the_answer_of_an_old_question_does_not_sign_out_the_next_user() {
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    house.advance(3600);
    let yes = house.get(&door(DESK)).await.key("Yes");
    house.get(&format!("{}&doLogout=true", door(DESK))).await;
    house.comes_back(DESK).await;
    house.sits(DESK, "carol", "27182").await;
    house.advance(60);
    let asked = house.get(&yes).await;
    assert_eq!(
        asked.prompt(),
        "carol abmelden?",
        "a question, in her language"
    );
    assert_eq!(house.user_on(DESK).as_deref(), Some("carol"));
    house.get(&asked.key("Ja")).await;
    assert_eq!(house.user_on(DESK), None);
}

/// The mailing list's question of 2006 whether steps 4 and 5 can be left out.
#[tokio::test]
async fn one_press_signs_out_where_the_site_does_without_the_question() {
    let house = House::with("confirm_logout = false").await;
    house.sits(DESK, "bob", "31415").await;
    house.advance(15);
    let done = house.get(&door(DESK)).await;
    assert_eq!(done.prompt(), "Logout successful");
    assert_eq!(house.user_on(DESK), None);
    // A second press finds the bare phone.
    assert_eq!(house.get(&door(DESK)).await.prompt(), "Please sign on");
}

#[tokio::test]
async fn one_press_never_signs_out_by_accident() {
    let house = House::with("confirm_logout = false").await;
    house.sits(DESK, "bob", "31415").await;
    // Not by the finger that signed in ...
    house.advance(14);
    assert_eq!(house.get(&door(DESK)).await.prompt(), "Logout bob?");
    house.get(&format!("{}&doLogout=true", door(DESK))).await;
    // ... not while a restart is pending ...
    house
        .get(&format!("{}&userid=bob&seq=31415", door(DESK)))
        .await;
    house.advance(60);
    assert_eq!(house.get(&door(DESK)).await.prompt(), "Logout bob?");
    house.comes_back(DESK).await;
    // ... not from a request with credentials, right, wrong or half ...
    for typed in [
        "userid=bob&seq=31415",
        "userid=bob&seq=1",
        "userid=bob&seq=",
        "userid=x",
    ] {
        house.get(&format!("{}&{typed}", door(DESK))).await;
        assert_eq!(house.user_on(DESK).as_deref(), Some("bob"), "{typed}");
    }
    // ... not before anybody has pressed anything, nor for a HEAD ...
    for (method, headers) in [
        ("GET", [("Sec-Purpose", "prefetch;prerender")]),
        ("GET", [("Purpose", "prefetch")]),
        ("GET", [("X-Moz", "prefetch")]),
        ("HEAD", [("Accept", "*/*")]),
    ] {
        let answer = house.ask(method, &door(DESK), &headers, "", 7).await;
        assert_ne!(answer.status, 200);
        assert_eq!(house.user_on(DESK).as_deref(), Some("bob"));
    }
    // ... nor by a line or a key of a page that is old by now ...
    let list = house
        .get(&format!("{}&userid=alice&seq=58213", door(LOBBY)))
        .await;
    let line = list.lines()["alice-desk"].clone();
    house.get(&line).await;
    house.advance(60);
    house.comes_back(LOBBY).await;
    assert_eq!(house.get(&line).await.prompt(), "Logout alice?");
    let who = house.get(&format!("{}&who=other", door(LOBBY))).await;
    assert_eq!(who.prompt(), "Logout alice?");
    // ... and not by the trigger that signs in.
    let question = house.get(&format!("/login?device={DESK}")).await;
    assert_eq!(question.prompt(), "Logout bob?");
    assert_eq!(house.get(&door(DESK)).await.prompt(), "Logout successful");
}

/// These guards bind the one press alone: who says that he signs out does.
#[tokio::test]
async fn a_request_that_says_that_it_signs_out_always_acts() {
    let house = House::with("confirm_logout = false").await;
    for out in [
        "doLogout=true",
        "doLogout=TRUE&EMCC=%23EMCC%23",
        "doLogout=true&userid=x&seq=1",
    ] {
        let target = format!("{}&userid=bob&seq=31415", door(DESK));
        assert!(house.get(&target).await.says("Login Successful"));
        let done = house.get(&format!("{}&{out}", door(DESK))).await;
        assert_eq!(done.prompt(), "Logout successful", "{out}");
    }
    let target = format!("{}&userid=bob&seq=31415", door(DESK));
    house.get(&target).await;
    let done = house.get(&format!("/logout?device={DESK}")).await;
    assert_eq!(
        done.prompt(),
        "Logout successful",
        "the trigger says it, too"
    );
    house.get(&target).await;
    house.get(&format!("{}&doLogout=false", door(DESK))).await;
    assert!(house.user_on(DESK).is_some());
}

#[tokio::test]
async fn a_phone_may_ask_otherwise_than_the_site() {
    let own = "description = \"Lobby\"\nconfirm_logout = false";
    let house = House::changed("description = \"Lobby\"", own, "").await;
    for (device, wanted) in [(LOBBY, "Logout successful"), (DESK, "Logout bob?")] {
        house.sits(device, "bob", "31415").await;
        house.advance(60);
        assert_eq!(house.get(&door(device)).await.prompt(), wanted);
        house.get(&format!("{}&doLogout=true", door(device))).await;
    }
    let own = "description = \"Lobby\"\nconfirm_logout = true";
    let house = House::changed("description = \"Lobby\"", own, "confirm_logout = false").await;
    house.sits(LOBBY, "bob", "31415").await;
    house.advance(60);
    assert_eq!(house.get(&door(LOBBY)).await.prompt(), "Logout bob?");
}

/// Extension Mobility 4.1, Login and Behavior: another user also can log them
/// out when the second user tries to log in to that phone.
#[tokio::test]
async fn the_next_user_signs_the_last_one_out() {
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    house.advance(60);
    let refused = house
        .get(&format!("{}&userid=carol&seq=27182", door(DESK)))
        .await;
    assert!(
        refused.says("(18)") && refused.says("Press Sign out"),
        "{}",
        refused.text
    );
    let question = house.get(&refused.key("Sign out")).await;
    house.get(&question.key("Yes")).await;
    let done = house
        .get(&format!("{}&userid=carol&seq=27182", door(DESK)))
        .await;
    assert_eq!(done.prompt(), "Login Successful");
}

/// Extension Mobility 4.1, Login and Behavior; that his own PIN does it is ours.
#[tokio::test]
async fn where_the_site_allows_it_the_next_user_takes_the_phone_with_his_own_pin() {
    let house = House::with("evict_previous_user = true").await;
    house.sits(DESK, "bob", "31415").await;
    house.advance(60);
    let question = house.get(&door(DESK)).await;
    assert!(
        question.says("Or press Sign in to sign in yourself."),
        "{}",
        question.text
    );
    let out = format!("{}&doLogout=true&since=", door(DESK));
    assert!(question.key("Yes").starts_with(&out));
    let form = house.get(&question.key("Sign in")).await;
    assert_eq!(form.prompt(), "Signs bob out");
    let wrong = house
        .get(&format!("{}&userid=carol&seq=1", form.action()))
        .await;
    assert_eq!(wrong.prompt(), "Please try to login again (201)");
    assert_eq!(
        house.user_on(DESK).as_deref(),
        Some("bob"),
        "not without the right PIN"
    );
    let done = house
        .get(&format!("{}&userid=carol&seq=27182", form.action()))
        .await;
    assert_eq!(done.prompt(), "Login Successful");
    assert_eq!(house.user_on(DESK).as_deref(), Some("carol"));
    // Her second press does not sign her out and in again.
    let before = house.heard();
    house
        .get(&format!("{}&userid=carol&seq=27182", form.action()))
        .await;
    let count = |heard: &str| heard.matches("SignedIn {").count();
    assert_eq!(count(&house.heard()), count(&before));
    // Without the parameter the key is not there.
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    assert!(!house.get(&door(DESK)).await.says("Sign in</Name>"));
}

/// Extension Mobility 3.1, Setting the Service Parameters: Login Service
/// Enabled.
#[tokio::test]
async fn with_the_login_service_off_nobody_signs_in_and_whoever_is_there_can_leave() {
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    let mut off = (*house.store.world().parameters).clone();
    off.login_service_enabled = false;
    house.put(crate::model::Change::Parameters(off)).await;
    assert!(
        house.get(&door(LOBBY)).await.says("(22)"),
        "before anybody types"
    );
    assert!(
        house
            .get(&format!("{}&userid=carol&seq=27182", door(LOBBY)))
            .await
            .says("(22)")
    );
    let out = house.get(&format!("{}&doLogout=true", door(DESK))).await;
    assert_eq!(out.prompt(), "Logout successful");
}

/// Nobody shall be shut in.
#[tokio::test]
async fn where_extension_mobility_was_switched_off_meanwhile_the_last_user_can_leave() {
    let house = House::with("").await;
    house.sits(DESK, "bob", "31415").await;
    let phone = {
        let world = house.store.world();
        let phone = world.phone(&crate::model::DeviceName::new(DESK).unwrap());
        let mut phone = (**phone.unwrap()).clone();
        phone.extension_mobility = false;
        phone
    };
    house
        .put(crate::model::Change::PutPhone(Box::new(phone)))
        .await;
    house.advance(60);
    let menu = house
        .get(&format!("/ccmcip/getservicesmenu.jsp?name={DESK}"))
        .await;
    let lines = menu.lines();
    let question = house.get(&lines["Sign out (Extension Mobility)"]).await;
    assert_eq!(question.prompt(), "Logout bob?");
    assert!(
        house
            .get(&format!("{}&userid=carol&seq=27182", door(DESK)))
            .await
            .says("(22)")
    );
    assert_eq!(
        house.get(&question.key("Yes")).await.prompt(),
        "Logout successful"
    );
    let menu = house
        .get(&format!("/ccmcip/getservicesmenu.jsp?name={DESK}"))
        .await;
    assert!(menu.says("There are no services"), "{}", menu.text);
    assert!(house.get(&door(DESK)).await.says("(22)"));
}
