//! Lists, and everybody.

use super::super::many::{STEP, STEP_PAUSE};
use super::*;
use crate::model::LogoutReason;

fn operator(who: &str, on: &str) -> LoginCommand {
    LoginCommand {
        checked_version: None,
        origin: Origin::Operator,
        channel: Channel::Elsewhere,
        ..login(who, on)
    }
}

fn out(who: &str, on: Option<&str>) -> UserLogout {
    UserLogout {
        user: uid(who),
        device: on.map(device),
        origin: Origin::Operator,
    }
}

#[tokio::test]
async fn each_line_of_a_list_has_an_answer_of_its_own() {
    let house = house(world());
    let answers = house
        .mobility
        .login_many(vec![
            operator("alice", DESK),
            operator("carol", LOBBY),
            operator("bob", "SEP00DEADBEEF00"),
            operator("bob", LOBBY),
        ])
        .await;
    let codes: Vec<Option<u16>> = answers
        .iter()
        .map(|answer| answer.as_ref().err().map(Refusal::service_code))
        .collect();
    assert_eq!(codes, [None, Some(12), Some(11), None]);
    let answers = house
        .mobility
        .logout_many(vec![
            ManyLogout::User(out("bob", Some(DESK))),
            ManyLogout::User(out("alice", Some(DESK))),
            ManyLogout::Phone(LogoutCommand {
                origin: Origin::Operator,
                ..logout(LOBBY)
            }),
        ])
        .await;
    assert_eq!(
        answers[0],
        Err(Refusal::NotSignedIn(uid("bob"))),
        "alice was there"
    );
    assert_eq!(
        answers[1].as_ref().unwrap()[0].reason,
        LogoutReason::Operator
    );
    assert!(answers[2].is_ok());
    assert!(house.store.world().sessions.is_empty());
}

#[tokio::test]
async fn a_long_list_lets_others_go_first_now_and_then() {
    let house = house(world());
    let mobility = house.mobility.clone();
    let list = vec![operator("carol", LOBBY); STEP * 2 + 1];
    let task = tokio::spawn(async move { mobility.login_many(list).await.len() });
    settle().await;
    for pause in 0..2 {
        assert!(
            !task.is_finished(),
            "waits after {STEP} lines, time {pause}"
        );
        house.clock.advance(STEP_PAUSE);
        settle().await;
    }
    assert_eq!(task.await.unwrap(), STEP * 2 + 1);
}

/// CME, Command Reference, `emadmin logout`: it names the user, not the phone.
#[tokio::test]
async fn a_user_is_signed_out_wherever_he_is_in_one_commit() {
    let house = house(world());
    let mut parameters = Parameters::default();
    parameters.multiple_login_behavior = MultipleLogin::Allowed;
    house.store.edit(&Change::Parameters(parameters));
    for on in [DESK, LOBBY] {
        house.mobility.login(operator("alice", on)).await.unwrap();
    }
    house.mobility.login(operator("bob", LAB)).await.unwrap();
    let before = house.store.commits();
    let gone = house
        .mobility
        .logout_user(out("alice", None))
        .await
        .unwrap();
    assert_eq!(gone.len(), 2);
    assert_eq!(house.store.commits() - before, 1);
    assert_eq!(house.store.world().sessions.len(), 1, "bob stays");
    let code = |answer: Result<Vec<SignedOut>, Refusal>| answer.unwrap_err().service_code();
    assert_eq!(
        code(house.mobility.logout_user(out("alice", None)).await),
        19
    );
    assert_eq!(
        code(house.mobility.logout_user(out("nobody", None)).await),
        23
    );
    assert_eq!(
        code(
            house
                .mobility
                .logout_user(out("bob", Some("SEP00DEADBEEF00")))
                .await
        ),
        11
    );
}

/// Understanding Extension Mobility, Login Policy, for all at once; the API's
/// *logoutAll* is no reason to stop the house.
#[tokio::test]
async fn everybody_leaves_some_hundreds_a_commit() {
    let mut crowd = world();
    let (desk, alice) = (
        (**crowd.phone(&device(DESK)).unwrap()).clone(),
        (**crowd.user(&uid("alice")).unwrap()).clone(),
    );
    set(&mut crowd, |p| {
        p.multiple_login_behavior = MultipleLogin::Allowed
    });
    for number in 0..600 {
        let mut phone = desk.clone();
        phone.id = ObjectId(1000 + number);
        phone.name = device(&format!("SEP{number:012X}"));
        crowd.apply(&Change::PutPhone(Box::new(phone)));
        crowd.apply(&Change::PutSession(Session {
            phone: ObjectId(1000 + number),
            user: alice.id,
            profile: ObjectId(11),
            since: NOW,
            expires: None,
            origin: Origin::Operator,
            frozen: None,
            mismatched: false,
        }));
    }
    let house = house(crowd);
    let gone = house.mobility.logout_all(Origin::Operator).await.unwrap();
    assert_eq!(gone.len(), 600);
    assert_eq!(house.store.commits(), 3);
    assert!(house.store.world().sessions.is_empty());
    assert_eq!(house.store.audit().len(), 600);
    let again = house.mobility.logout_all(Origin::Operator).await.unwrap();
    assert!(again.is_empty(), "nobody there is no refusal");
}
