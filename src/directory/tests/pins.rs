//! PINs that change and age.

use super::super::pins::date_pins;
use super::*;
use crate::model::Parameters;
use crate::ports::PinFault;

const NEW: &str = "90817";
const DAY: u64 = 24 * 60 * 60;

fn must_change(verified: &Result<Verified, Denied>) -> bool {
    match verified {
        Ok(Verified::User {
            pin_must_change, ..
        }) => *pin_must_change,
        other => panic!("{other:?}"),
    }
}

impl House {
    fn alice(&self) -> User {
        (*self.store.world().users[&ObjectId(11)]).clone()
    }

    async fn edit(&self, edit: impl Fn(&mut User)) {
        let mut alice = self.alice();
        edit(&mut alice);
        self.put(Change::PutUser(Box::new(alice))).await;
    }

    async fn parameters(&self, edit: impl Fn(&mut Parameters)) {
        let mut parameters = (*self.store.world().parameters).clone();
        edit(&mut parameters);
        self.put(Change::Parameters(parameters)).await;
    }
}

#[tokio::test]
async fn a_changed_pin_is_void_at_once() {
    let house = House::new();
    house.go(7);
    assert_eq!(house.change("2001", PIN, NEW).await, Ok(()));
    assert_eq!(house.pin("alice", PIN).await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", NEW).await, as_alice(2));
    let alice = house.alice();
    assert_eq!(alice.credential_version, 2);
    assert_eq!(alice.pin_set, Some(Timestamp(7_000)));
    assert!(!alice.pin_must_change);
    assert_eq!(
        alice.password,
        self::alice()
            .password
            .map(|_| alice.password.clone().unwrap())
    );
}

#[tokio::test]
async fn the_change_is_in_the_audit_and_no_pin_is() {
    let house = House::new();
    house.change("alice", PIN, NEW).await.unwrap();
    let records = house.store.read_after(0, 10).await.unwrap();
    let kinds: Vec<&str> = records.iter().map(|record| record.kind.as_str()).collect();
    assert_eq!(kinds, ["user", "audit"]);
    let told = format!("{records:?}");
    assert!(!told.contains(NEW) && !told.contains(PIN));
}

#[tokio::test]
async fn the_present_pin_must_be_right_and_guesses_at_it_lock() {
    let house = House::new();
    for _ in 0..5 {
        let wrong = house.change("alice", "00000", NEW).await;
        assert_eq!(wrong, Err(PinRefused::Denied(Denied::Wrong)));
    }
    let until = Timestamp(60_000);
    let locked = house.change("alice", PIN, NEW).await;
    assert_eq!(locked, Err(PinRefused::Denied(Denied::LockedOut { until })));
    assert_eq!(house.alice().credential_version, 1);
}

#[tokio::test]
async fn a_new_pin_keeps_the_rules_of_the_site() {
    let house = House::new();
    for (new, fault) in [
        ("9081", PinFault::TooShort { least: 5 }),
        ("12345", PinFault::Trivial),
        ("25423", PinFault::Trivial),
        (PIN, PinFault::Same),
        (
            "9081*",
            PinFault::Characters {
                star_and_pound: false,
            },
        ),
    ] {
        let refused = house.change("alice", PIN, new).await;
        assert_eq!(refused, Err(PinRefused::Fault(fault)), "{new}");
    }
    // What is wrong with the new one is told to the owner of the old one only.
    let stranger = house.change("alice", "00000", "1").await;
    assert_eq!(stranger, Err(PinRefused::Denied(Denied::Wrong)));
    house
        .parameters(|site| site.pin_star_and_pound = true)
        .await;
    assert_eq!(house.change("alice", PIN, "9081*").await, Ok(()));
}

#[tokio::test]
async fn of_two_changes_at_once_one_counts() {
    let house = Arc::new(House::new());
    let changes: Vec<_> = ["90817", "71908"]
        .into_iter()
        .map(|new| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.change("alice", PIN, new).await.map(|()| new) })
        })
        .collect();
    let mut done = Vec::new();
    for change in changes {
        done.push(change.await.unwrap());
    }
    let won: Vec<&str> = done.iter().flatten().copied().collect();
    assert_eq!(won.len(), 1, "{done:?}");
    assert!(done.contains(&Err(PinRefused::Denied(Denied::Wrong))));
    assert_eq!(house.pin("alice", won[0]).await, as_alice(2));
}

#[tokio::test]
async fn a_disk_that_is_full_changes_nothing() {
    let house = House::new();
    house.store.fail_commits(true);
    let refused = house.change("alice", PIN, NEW).await;
    assert!(
        matches!(&refused, Err(PinRefused::Denied(denied)) if denied.is_outage()),
        "{refused:?}"
    );
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
}

#[tokio::test]
async fn who_must_change_his_pin_learns_it_with_the_right_one_only() {
    let house = House::new();
    house.edit(|alice| alice.pin_must_change = true).await;
    assert!(must_change(&house.pin("alice", PIN).await));
    assert_eq!(house.pin("alice", "00000").await, Err(Denied::Wrong));
    assert!(!must_change(&house.application("alice", PASSWORD).await));
    house.change("alice", PIN, NEW).await.unwrap();
    assert!(!must_change(&house.pin("alice", NEW).await));
}

#[tokio::test]
async fn a_pin_expires_so_many_days_after_it_was_set() {
    let house = House::new();
    house.edit(|alice| alice.pin_set = Some(Timestamp(0))).await;
    house.go(10_000 * DAY);
    assert!(
        !must_change(&house.pin("alice", PIN).await),
        "never, by default"
    );
    house
        .parameters(|site| site.pin_expires_after_days = 30)
        .await;
    house.go(30 * DAY - 1);
    assert!(!must_change(&house.pin("alice", PIN).await));
    house.go(30 * DAY);
    assert!(must_change(&house.pin("alice", PIN).await));
    house.change("alice", PIN, NEW).await.unwrap();
    assert!(!must_change(&house.pin("alice", NEW).await));
    house.go(60 * DAY);
    assert!(must_change(&house.pin("alice", NEW).await));
}

#[tokio::test]
async fn pins_without_a_date_age_from_the_first_start_that_knows_of_dates() {
    let house = House::new();
    house
        .parameters(|site| site.pin_expires_after_days = 30)
        .await;
    house.go(100 * DAY);
    assert!(!must_change(&house.pin("alice", PIN).await));
    assert_eq!(date_pins(&*house.store, &*house.clock).await, Ok(1));
    house.go(110 * DAY);
    assert_eq!(date_pins(&*house.store, &*house.clock).await, Ok(0), "once");
    house.go(130 * DAY);
    assert!(must_change(&house.pin("alice", PIN).await));
    assert_eq!(house.alice().credential_version, 1);
}

#[tokio::test]
async fn an_application_has_no_pin_to_change() {
    let house = House::new();
    let identity = Identity::Application(id("emapp"));
    let change = house
        .directory
        .change_pin(identity, Pin::new(PASSWORD), Pin::new(NEW), None);
    assert_eq!(change.await, Err(PinRefused::Denied(Denied::NotSet)));
}
