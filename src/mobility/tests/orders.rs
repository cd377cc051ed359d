//! The operator's restarts and resets.

use super::*;

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
