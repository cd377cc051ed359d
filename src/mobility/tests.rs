//! Stories: who sits down where, and what becomes of it.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::query::{DeviceUser, PhoneState};
use super::testing::{
    DESK, House, LAB, LOBBY, catalogue, device, house, login, logout, uid, world,
};
use super::*;
use crate::model::{
    Aim, LoginTime, MultipleLogin, Parameters, Pending, Phone, ProfileName, Progress, Session,
    User, World,
};
use crate::ports::{NoJournal, StoreError};

const NOW: Timestamp = Timestamp(5_000_000);

fn decide(world: &World, command: &LoginCommand) -> Result<SignedIn, Refusal> {
    login::decide(world, &catalogue(), NOW, command).map(|decision| decision.value)
}

fn refused(world: &World, command: &LoginCommand) -> (u16, Refusal) {
    let refusal = decide(world, command).unwrap_err();
    (refusal.service_code(), refusal)
}

fn edit_user(world: &mut World, name: &str, edit: impl FnOnce(&mut User)) {
    let mut user = (**world.user(&uid(name)).unwrap()).clone();
    edit(&mut user);
    world.apply(&Change::PutUser(Box::new(user)));
}

fn edit_phone(world: &mut World, name: &str, edit: impl FnOnce(&mut Phone)) {
    let mut phone = (**world.phone(&device(name)).unwrap()).clone();
    edit(&mut phone);
    world.apply(&Change::PutPhone(Box::new(phone)));
}

fn set(world: &mut World, edit: impl FnOnce(&mut Parameters)) {
    let mut parameters = (*world.parameters).clone();
    edit(&mut parameters);
    world.apply(&Change::Parameters(parameters));
}

fn sign_in(world: &mut World, who: &str, on: &str) -> SignedIn {
    let decision = login::decide(world, &catalogue(), NOW, &login(who, on)).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
    decision.value
}

fn row<'a>(world: &'a World, on: &str) -> Option<&'a Pending> {
    world.pending.get(&world.phone(&device(on)).unwrap().id)
}

#[test]
fn alice_sits_down_and_the_desk_becomes_hers() {
    let mut world = world();
    let done = sign_in(&mut world, "alice", DESK);
    assert_eq!(done.profile.as_str(), "alice-desk", "her default profile");
    assert_eq!((done.since, done.expires), (NOW, None));
    assert_eq!(done.planned.len(), 1);
    let row = row(&world, DESK).unwrap();
    assert_eq!(row.plan, Plan::Restart);
    assert_eq!(row.cause, Cause::Login(uid("alice")));
    assert_eq!(row.since, NOW);
    assert_eq!(
        row.not_before,
        Timestamp(NOW.0 + 3000),
        "her page goes first"
    );
    assert_eq!(
        query::device_user(&world, &device(DESK)),
        DeviceUser::Known {
            current: Some(uid("alice")),
            last: Some(uid("alice"))
        }
    );
}

#[test]
fn from_elsewhere_the_phone_need_not_wait_for_a_page() {
    let world = world();
    let mut command = login("alice", DESK);
    command.channel = Channel::Elsewhere;
    let decision = login::decide(&world, &catalogue(), NOW, &command).unwrap();
    let row = decision.changes.iter().find_map(|change| match change {
        Change::PutPending(row) => Some(row),
        _ => None,
    });
    assert_eq!(row.unwrap().not_before, NOW);
}

#[test]
fn the_first_check_that_fails_gives_the_code() {
    let mut world = world();
    edit_phone(&mut world, LAB, |phone| phone.extension_mobility = false);
    edit_user(&mut world, "bob", |user| user.excluded = true);
    sign_in(&mut world, "alice", DESK);

    let code = |command: &LoginCommand| refused(&world, command).0;
    assert_eq!(code(&login("nobody", "SEP00DEADBEEF00")), 11);
    assert_eq!(code(&login("nobody", LAB)), 22);
    assert_eq!(
        code(&login("nobody", DESK)),
        18,
        "occupied comes before unknown user"
    );
    assert_eq!(code(&login("alice", DESK)), 18, "also by the same user");
    assert_eq!(code(&login("nobody", LOBBY)), 23);
    assert_eq!(code(&login("Alice", LOBBY)), 23, "case counts");
    assert_eq!(code(&login("bob", LOBBY)), 4);
    assert_eq!(code(&login("carol", LOBBY)), 12);
    assert_eq!(code(&login("alice", LOBBY)), 25);
}

#[test]
fn a_pin_that_changed_since_it_was_checked_does_not_count() {
    let mut world = world();
    edit_user(&mut world, "alice", |user| user.credential_version = 2);
    assert_eq!(
        refused(&world, &login("alice", DESK)).1,
        Refusal::CredentialChanged(uid("alice"))
    );
    let mut by_proxy = login("alice", DESK);
    by_proxy.checked_version = None;
    assert!(decide(&world, &by_proxy).is_ok());
}

#[test]
fn a_named_profile_must_be_there_and_ones_own_unless_a_proxy_names_it() {
    let world = world();
    let named = |profile: &str, any| {
        let mut command = login("alice", DESK);
        command.profile = Some(ProfileName::new(profile).unwrap());
        command.any_profile = any;
        decide(&world, &command).map(|done| done.profile.to_string())
    };
    assert_eq!(named("alice-home", false).unwrap(), "alice-home");
    assert_eq!(named("bob-desk", false).unwrap_err().service_code(), 12);
    assert_eq!(named("bob-desk", true).unwrap(), "bob-desk");
    assert_eq!(named("no-such", true).unwrap_err().service_code(), 12);
}

#[test]
fn not_allowed_says_where_the_user_is() {
    let mut world = world();
    sign_in(&mut world, "alice", LOBBY);
    assert_eq!(
        refused(&world, &login("alice", DESK)).1,
        Refusal::LoggedInElsewhere {
            user: uid("alice"),
            devices: vec![device(LOBBY)]
        }
    );
}

#[test]
fn allowed_leaves_the_other_phone_as_it_is() {
    let mut world = world();
    set(&mut world, |p| {
        p.multiple_login_behavior = MultipleLogin::Allowed;
    });
    sign_in(&mut world, "alice", LOBBY);
    let done = sign_in(&mut world, "alice", DESK);
    assert!(done.displaced.is_empty());
    assert_eq!(
        query::user_devices(&world, &uid("alice")).unwrap(),
        [device(DESK), device(LOBBY)]
    );
}

#[test]
fn auto_logout_frees_the_other_phone_at_once_and_in_the_same_commit() {
    let mut world = world();
    set(&mut world, |p| {
        p.multiple_login_behavior = MultipleLogin::AutoLogout;
    });
    sign_in(&mut world, "alice", LOBBY);
    let lobby = world.phone(&device(LOBBY)).unwrap().id;
    // The lobby took alice's keys; what it would hold without her differs.
    let held = super::testing::holding(&world, lobby);
    world.apply(&Change::PutHeld(held));
    world.apply(&Change::DropPending(lobby));

    let done = sign_in(&mut world, "alice", DESK);
    assert_eq!(done.displaced.len(), 1);
    assert_eq!(done.displaced[0].device, device(LOBBY));
    assert!(!world.sessions.contains_key(&lobby));
    let freed = row(&world, LOBBY).unwrap();
    assert_eq!(freed.cause, Cause::Logout(uid("alice")));
    assert_eq!(freed.not_before, NOW, "no page of its own to wait for");
    assert_eq!(
        row(&world, DESK).unwrap().not_before,
        Timestamp(NOW.0 + 3000)
    );
    assert_eq!(done.planned.len(), 2);
}

#[test]
fn the_users_own_behaviour_wins_over_the_parameter() {
    let mut world = world();
    edit_user(&mut world, "alice", |user| {
        user.multiple_login_behavior = Some(MultipleLogin::Allowed);
    });
    sign_in(&mut world, "alice", LOBBY);
    sign_in(&mut world, "alice", DESK);
    assert_eq!(world.sessions.len(), 2);
}

#[test]
fn a_login_and_logout_before_any_order_left_restart_nobody() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let decision = logout::decide(&world, &catalogue(), NOW, &logout(DESK)).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
    assert!(row(&world, DESK).is_none());
    assert_eq!(
        query::device_user(&world, &device(DESK)),
        DeviceUser::Known {
            current: None,
            last: Some(uid("alice"))
        },
        "who was last is remembered"
    );
}

#[test]
fn an_empty_phone_cannot_be_left_but_a_disabled_one_can() {
    let mut world = world();
    let leave = |world: &World, on: &str| {
        logout::decide(world, &catalogue(), NOW, &logout(on)).map(|decision| decision.value)
    };
    assert_eq!(leave(&world, DESK).unwrap_err().service_code(), 19);
    assert_eq!(
        leave(&world, "SEP00DEADBEEF00").unwrap_err().service_code(),
        11
    );
    sign_in(&mut world, "bob", DESK);
    edit_phone(&mut world, DESK, |phone| phone.extension_mobility = false);
    assert_eq!(leave(&world, DESK).unwrap().user, Some(uid("bob")));
}

#[test]
fn the_length_of_a_login_is_the_shorter_of_asked_and_enforced() {
    let free = Parameters::default();
    let strict = Parameters {
        enforce_maximum_login_time: true,
        maximum_login_time: LoginTime::from_minutes(480).unwrap(),
        ..Parameters::default()
    };
    for (asked, without, with) in [
        (Requested::Default, None, Some(480)),
        (Requested::Indefinite, None, Some(480)),
        (Requested::Minutes(0), None, Some(480)),
        (Requested::Minutes(60), Some(60), Some(60)),
        (Requested::Minutes(600), Some(600), Some(480)),
        (Requested::Minutes(u32::MAX), Some(366 * 24 * 60), Some(480)),
    ] {
        assert_eq!(asked.effective(&free), without, "{asked:?} unenforced");
        assert_eq!(asked.effective(&strict), with, "{asked:?} enforced");
    }
}

#[test]
fn an_order_closes_when_the_phone_came_back_but_never_forgets_what_is_wanted() {
    let mut world = world();
    let restart = |order| OrderCommand {
        device: device(LOBBY),
        order,
        origin: Origin::Operator,
    };
    let decide = |world: &World, order| {
        let decision = order::decide(world, &catalogue(), NOW, &restart(order)).unwrap();
        match decision.changes.first() {
            Some(Change::PutPending(row)) => (**row).clone(),
            other => panic!("no row but {other:?}"),
        }
    };
    let plain = decide(&world, PhoneOrder::Restart);
    assert_eq!((plain.aim, plain.plan), (Aim::CameBack, Plan::Restart));
    assert_eq!(plain.cause, Cause::Operator);

    sign_in(&mut world, "bob", LOBBY);
    let rougher = decide(&world, PhoneOrder::Reset);
    assert_eq!((rougher.aim, rougher.plan), (Aim::Holds, Plan::Reset));
    assert_eq!(rougher.cause, Cause::Login(uid("bob")));
}

/// The row after the operator orders something of a phone.
fn ordered(world: &World, on: &str, order: PhoneOrder, now: Timestamp) -> Pending {
    let command = OrderCommand {
        device: device(on),
        order,
        origin: Origin::Operator,
    };
    let decision = order::decide(world, &catalogue(), now, &command).unwrap();
    match decision.changes.first() {
        Some(Change::PutPending(row)) => (**row).clone(),
        other => panic!("no row but {other:?}"),
    }
}

fn edit_row(world: &mut World, on: &str, edit: impl FnOnce(&mut Pending)) {
    let mut changed = row(world, on).unwrap().clone();
    edit(&mut changed);
    world.apply(&Change::PutPending(Box::new(changed)));
}

#[test]
fn an_order_in_the_moment_of_a_login_lets_the_page_go_first() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let page_gone = Timestamp(NOW.0 + 3000);
    let soon = ordered(&world, DESK, PhoneOrder::Restart, Timestamp(NOW.0 + 100));
    assert_eq!(soon.not_before, page_gone);
    let later = Timestamp(NOW.0 + 60_000);
    let late = ordered(&world, DESK, PhoneOrder::Restart, later);
    assert_eq!(late.not_before, later, "never in the past");
}

#[test]
fn an_order_does_not_make_a_row_about_keys_one_about_the_file() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    for file_changed in [false, true] {
        edit_row(&mut world, DESK, |row| row.file_changed = file_changed);
        let row = ordered(&world, DESK, PhoneOrder::Restart, NOW);
        assert_eq!(row.file_changed, file_changed);
    }
}

#[test]
fn a_reset_ordered_while_a_login_restarts_the_phone_follows_that_restart() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let waiting = ordered(&world, DESK, PhoneOrder::Reset, NOW);
    assert_eq!(
        (waiting.plan, waiting.progress, waiting.attempts),
        (Plan::Reset, Progress::Waiting, 0),
        "nothing has left: the reset alone does"
    );
    let under_way = Progress::Ordered {
        at: NOW,
        accepted: true,
    };
    edit_row(&mut world, DESK, |row| {
        row.attempts = 3;
        row.progress = under_way.clone();
    });
    let later = Timestamp(NOW.0 + 2000);
    let reset = ordered(&world, DESK, PhoneOrder::Reset, later);
    assert_eq!(
        (reset.plan, reset.aim),
        (Plan::RestartThenReset, Aim::Holds)
    );
    assert_eq!(reset.progress, under_way, "which the registration answers");
    assert_eq!((reset.attempts, reset.second_step), (1, false));
    let restart = ordered(&world, DESK, PhoneOrder::Restart, later);
    assert_eq!(
        (restart.plan, restart.progress),
        (Plan::Restart, Progress::Waiting),
        "the one under way will do"
    );
    // The reset that a locale takes is not forgotten for an order either.
    edit_row(&mut world, DESK, |row| row.plan = Plan::RestartThenReset);
    let both = ordered(&world, DESK, PhoneOrder::Restart, later);
    assert_eq!(
        (both.plan, both.progress),
        (Plan::RestartThenReset, under_way)
    );
}

#[test]
fn an_order_for_many_leaves_out_who_is_not_there() {
    let world = world();
    let commands: Vec<OrderCommand> = [LOBBY, "SEP00000000FFFF", DESK]
        .iter()
        .map(|name| OrderCommand {
            device: device(name),
            order: PhoneOrder::Restart,
            origin: Origin::Operator,
        })
        .collect();
    let decision = order::decide_many(&world, &catalogue(), NOW, &commands);
    let ordered: Vec<_> = decision.value.iter().map(|one| &one.device).collect();
    assert_eq!(ordered, [&device(LOBBY), &device(DESK)]);
    let rows = decision
        .changes
        .iter()
        .filter(|change| matches!(change, Change::PutPending(_)));
    assert_eq!(rows.count(), 2);
}

#[tokio::test]
async fn orders_that_were_cut_short_tell_how_many_were_given() {
    let house = house(world());
    // A row and its audit each: the disk is full in the third commit.
    house.store.room.store(1100, Ordering::Relaxed);
    let phones = vec![device(LOBBY); 700];
    let (order, origin) = (PhoneOrder::Restart, Origin::Operator);
    let cut = house.mobility.order_many(phones, order, origin).await;
    let cut = cut.unwrap_err();
    assert_eq!((cut.ordered, cut.of), (500, 700));
    assert_eq!(
        cut.to_string(),
        "500 of 700 phones were ordered, then it failed: \
         the database could not write: disk full"
    );
    assert_eq!(house.journal.events().len(), 500, "those are told");
}

#[test]
fn queries_tell_unknown_from_empty() {
    let world = world();
    assert_eq!(
        query::device_user(&world, &device("SEP00DEADBEEF00")),
        DeviceUser::DoesNotExist
    );
    assert_eq!(query::user_devices(&world, &uid("nobody")), None);
    assert_eq!(query::user_devices(&world, &uid("bob")), Some(Vec::new()));
    let choices = query::profiles_of(&world, &uid("alice")).unwrap();
    let defaults: Vec<bool> = choices.iter().map(|choice| choice.is_default).collect();
    assert_eq!(defaults, [true, false]);
}

#[test]
fn status_tells_right_from_on_its_way_and_overdue() {
    let mut world = world();
    let nobody = super::testing::Calls::default();
    let state = |world: &World, now| {
        let phone = world.phone(&device(DESK)).unwrap();
        query::phone_status(world, &catalogue(), &nobody, phone, now).state
    };
    assert_eq!(state(&world, NOW), PhoneState::Right);
    sign_in(&mut world, "alice", DESK);
    assert!(matches!(
        state(&world, NOW),
        PhoneState::Changing {
            overdue: false,
            attempts: 0,
            ..
        }
    ));
    assert!(matches!(
        state(&world, NOW.plus(Duration::from_secs(301))),
        PhoneState::Changing { overdue: true, .. }
    ));
    // A row that is gone while the phone holds something else: stale.
    let desk = world.phone(&device(DESK)).unwrap().id;
    world.apply(&Change::DropPending(desk));
    assert_eq!(state(&world, NOW), PhoneState::Stale);
}

#[tokio::test]
async fn the_journal_tells_what_happened_once_it_is_durable() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    house
        .mobility
        .login(login("alice", LOBBY))
        .await
        .unwrap_err();
    house
        .mobility
        .login(login("alice", "SEP00DEADBEEF00"))
        .await
        .unwrap_err();
    let kinds: Vec<_> = house
        .journal
        .events()
        .into_iter()
        .map(|event| (event.device.map(|name| name.to_string()), event.kind))
        .collect();
    assert!(
        matches!(&kinds[0], (Some(on), EventKind::SignedIn { user, .. })
        if on == DESK && *user == uid("alice"))
    );
    assert!(matches!(&kinds[1], (Some(on), EventKind::Planned { what })
        if on == DESK && what == "restart, because alice signed in"));
    assert!(matches!(&kinds[2], (Some(on), EventKind::Refused { code: 25, .. }) if on == LOBBY));
    assert!(matches!(
        &kinds[3],
        (None, EventKind::Refused { code: 11, .. })
    ));
    assert_eq!(kinds.len(), 4);
}

#[tokio::test]
async fn a_failed_commit_is_code_6_and_changes_nothing() {
    let house = house(world());
    house.store.room.store(0, Ordering::Relaxed);
    let refusal = house
        .mobility
        .login(login("alice", DESK))
        .await
        .unwrap_err();
    assert_eq!(refusal.service_code(), 6);
    assert!(matches!(refusal, Refusal::Store(StoreError::Failed(_))));
    assert!(house.store.world().sessions.is_empty());
}

#[tokio::test]
async fn everybody_leaves_at_once() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    house.mobility.login(login("bob", LOBBY)).await.unwrap();
    let gone = house.mobility.logout_all(Origin::Operator).await.unwrap();
    assert_eq!(gone.len(), 2);
    assert!(house.store.world().sessions.is_empty());
    assert!(
        house
            .mobility
            .logout_all(Origin::Operator)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn who_signed_in_after_the_order_to_leave_stays() {
    let house = house(world());
    house.mobility.login(login("alice", DESK)).await.unwrap();
    house.mobility.login(login("bob", LOBBY)).await.unwrap();
    let seen = logout::everybody(&house.store.world());
    house.mobility.logout(logout(DESK)).await.unwrap();
    house.clock.advance(Duration::from_secs(1));
    house.mobility.login(login("alice", DESK)).await.unwrap();
    let world = house.store.world().clone();
    let now = house.clock.now();
    let gone = logout::decide_some(&world, &catalogue(), now, &seen, &Origin::Operator).value;
    let gone: Vec<_> = gone.iter().map(|one| one.device.as_str()).collect();
    assert_eq!(gone, [LOBBY]);
}

#[tokio::test]
async fn when_the_disk_fills_who_was_signed_out_stays_out_and_the_rest_stays_in() {
    let house = house(crowd(200));
    let everybody = house.store.world().sessions.len();
    assert_eq!(everybody, 200);
    // Room for one commit: each logout is at most some changes.
    house.store.room.store(400, Ordering::Relaxed);
    let refusal = house
        .mobility
        .logout_all(Origin::Operator)
        .await
        .unwrap_err();
    assert_eq!(refusal.service_code(), 6);
    let left = house.store.world().sessions.len();
    assert!(left > 0 && left < everybody, "{left}");
    let told = house.journal.events();
    let out = |event: &Event| matches!(event.kind, EventKind::SignedOut { .. });
    assert_eq!(
        told.iter().filter(|event| out(event)).count(),
        everybody - left
    );
}

/// So many phones with a user on each.
fn crowd(count: i64) -> World {
    let mut world = world();
    let desk = world.phone(&device(DESK)).unwrap().clone();
    let alice = world.user(&uid("alice")).unwrap().clone();
    let profile = *world.profiles.keys().next().unwrap();
    for number in 0..count {
        let (phone, user) = (ObjectId(1_000 + number), ObjectId(5_000 + number));
        let mut one = (*desk).clone();
        one.id = phone;
        one.name = device(&format!("SEP0000000{number:05}"));
        world.apply(&Change::PutPhone(Box::new(one)));
        let mut who = (*alice).clone();
        who.id = user;
        who.user_id = uid(&format!("user{number}"));
        world.apply(&Change::PutUser(Box::new(who)));
        world.apply(&Change::PutSession(Session {
            phone,
            user,
            profile,
            since: Timestamp(0),
            expires: None,
            origin: Origin::Phone,
            frozen: None,
            mismatched: false,
        }));
    }
    world
}

/// Signs alice in for an hour on the desk and starts the expiry task.
async fn an_hour_for_alice() -> (House, CancellationToken, tokio::task::JoinHandle<()>) {
    let house = house(world());
    let mut command = login("alice", DESK);
    command.duration = Requested::Minutes(60);
    house.mobility.login(command).await.unwrap();
    let cancel = CancellationToken::new();
    let task = tokio::spawn(expiry::run_expiry(
        house.mobility.clone(),
        house.calls.clone(),
        cancel.clone(),
    ));
    (house, cancel, task)
}

/// Lets every task that can run do so.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

async fn pass(house: &House, minutes: u64) {
    for _ in 0..minutes {
        house.clock.advance(Duration::from_secs(60));
        settle().await;
    }
}

#[tokio::test]
async fn a_login_ends_by_itself_at_its_minute() {
    let (house, cancel, task) = an_hour_for_alice().await;
    pass(&house, 59).await;
    assert_eq!(house.store.world().sessions.len(), 1);
    pass(&house, 1).await;
    assert!(house.store.world().sessions.is_empty());
    let last = house.journal.events();
    assert!(last.iter().any(|event| matches!(&event.kind,
        EventKind::SignedOut { through, .. } if through == "the end of the login time")));
    cancel.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_call_is_not_torn_down_by_the_end_of_the_login_time() {
    let (house, cancel, task) = an_hour_for_alice().await;
    house.calls.begin(DESK);
    pass(&house, 75).await;
    assert_eq!(house.store.world().sessions.len(), 1, "still talking");
    house.calls.end(DESK);
    house.clock.advance(Duration::from_secs(5));
    settle().await;
    assert!(house.store.world().sessions.is_empty());
    cancel.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_login_made_while_the_task_sleeps_is_seen() {
    let (house, cancel, task) = an_hour_for_alice().await;
    settle().await;
    let mut command = login("bob", LOBBY);
    command.duration = Requested::Minutes(1);
    house.mobility.login(command).await.unwrap();
    pass(&house, 1).await;
    assert_eq!(
        house.store.world().sessions.len(),
        1,
        "bob's minute is over"
    );
    cancel.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn what_ran_out_while_the_daemon_was_down_ends_at_its_start() {
    let (house, cancel, task) = an_hour_for_alice().await;
    cancel.cancel();
    task.await.unwrap();
    house.clock.advance(Duration::from_secs(3 * 3600));
    let again = Mobility::new(
        house.store.clone(),
        house.clock.clone(),
        Arc::new(NoJournal),
        Arc::new(catalogue()),
    );
    let round = again.expire_due(&*house.calls).await;
    assert_eq!(round.ended.len(), 1);
    assert_eq!(expiry::next_expiry(&house.store.world()), None);
}

#[test]
fn whoever_signed_in_again_in_between_stays() {
    let mut world = world();
    sign_in(&mut world, "alice", DESK);
    let desk = world.phone(&device(DESK)).unwrap().id;
    let decision = expiry::decide(
        &world,
        &catalogue(),
        NOW.plus(Duration::from_secs(1 << 30)),
        desk,
    );
    assert!(decision.value.is_none() && decision.changes.is_empty());
}
