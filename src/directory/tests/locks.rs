//! Wrong answers in a row.

use super::super::CredentialPolicy;
use super::*;

#[tokio::test]
async fn five_wrong_answers_lock_for_a_minute() {
    let house = House::new();
    for who in ["alice", "2001", "ALICE", "alice", "2001"] {
        assert_eq!(house.pin(who, "1").await, Err(Denied::Wrong));
    }
    let locked = Err(Denied::LockedOut {
        until: Timestamp(60_000),
    });
    assert_eq!(house.pin("alice", PIN).await, locked);
    assert_eq!(house.application("alice", PASSWORD).await, locked);
    assert!(house.application("emapp", PASSWORD).await.is_ok());
    house.go(60);
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
}

#[tokio::test]
async fn a_lock_holds_for_a_remembered_password_too() {
    let house = House::new();
    house.application("emapp", PASSWORD).await.unwrap();
    for _ in 0..5 {
        house.application("emapp", "x").await.unwrap_err();
    }
    assert!(matches!(
        house.application("emapp", PASSWORD).await,
        Err(Denied::LockedOut { .. })
    ));
    house.go(60);
    assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_in_parallel_gains_nothing() {
    let house = Arc::new(House::new());
    let guesses: Vec<_> = (0..100)
        .map(|nth| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin("alice", &format!("{nth}")).await })
        })
        .collect();
    let mut wrong = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            Err(Denied::Wrong) => wrong += 1,
            other => assert!(matches!(other, Err(Denied::LockedOut { .. })), "{other:?}"),
        }
    }
    assert_eq!(wrong, CredentialPolicy::default().attempts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_up_does_not_hide_a_wrong_answer() {
    let house = Arc::new(House::new());
    for nth in 1..=5 {
        house.shut(true);
        let guess = {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin("alice", "1").await })
        };
        while house.checks() < nth {
            tokio::task::yield_now().await;
        }
        guess.abort();
        let _ = guess.await;
        house.shut(false);
        while house.directory.places_left() < 258 {
            tokio::task::yield_now().await;
        }
    }
    assert!(matches!(
        house.pin("alice", PIN).await,
        Err(Denied::LockedOut { .. })
    ));
}

const OFFICE: Option<&str> = Some("203.0.113.7");

#[tokio::test]
async fn locked_unknown_and_wrong_cost_the_same() {
    let house = House::new();
    for _ in 0..5 {
        house.pin("alice", "1").await.unwrap_err();
    }
    let mut costs = Vec::new();
    for (who, pin) in [
        ("alice", PIN),
        ("alice", "1"),
        ("nobody", PIN),
        ("Twin", "1"),
    ] {
        let before = house.checks();
        house.pin(who, pin).await.unwrap_err();
        costs.push(house.checks() - before);
    }
    assert_eq!(costs, [1, 1, 1, 1]);
}

#[tokio::test]
async fn each_further_wrong_answer_locks_again_and_longer() {
    let house = House::new();
    for _ in 0..5 {
        house.pin("alice", "1").await.unwrap_err();
    }
    house.go(60);
    assert_eq!(house.pin("alice", "1").await, Err(Denied::Wrong));
    let until = Timestamp(180_000);
    assert_eq!(
        house.pin("alice", PIN).await,
        Err(Denied::LockedOut { until })
    );
    house.go(180);
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
}

#[tokio::test]
async fn unknown_ids_are_counted_by_their_source_alone() {
    let house = Arc::new(House::new());
    for nth in 0..5 {
        let unknown = house.pin_from(OFFICE, &format!("n{nth}"), PIN).await;
        assert_eq!(unknown, Err(Denied::Unknown));
    }
    // The next one from there waits, whoever it is; others do not.
    let held = {
        let house = Arc::clone(&house);
        tokio::spawn(async move { house.pin_from(OFFICE, "alice", PIN).await })
    };
    house.clock.someone_waits().await;
    assert_eq!(
        house.pin_from(Some("203.0.113.8"), "alice", PIN).await,
        as_alice(1)
    );
    assert!(!held.is_finished());
    house.go(1);
    assert_eq!(held.await.unwrap(), as_alice(1));
}

#[tokio::test]
async fn who_is_right_on_a_shared_phone_waits_for_a_few_seconds_at_most() {
    let house = Arc::new(House::new());
    let mut now = 0;
    for _ in 0..20 {
        let before = house.clock.sleepers();
        let guess = {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin_from(OFFICE, "nobody", PIN).await })
        };
        let mut held = false;
        while !guess.is_finished() {
            if !held && house.clock.sleepers() > before {
                held = true;
                now += 5;
                house.go(now);
            }
            tokio::task::yield_now().await;
        }
    }
    let before = house.clock.sleepers();
    let right = {
        let house = Arc::clone(&house);
        tokio::spawn(async move { house.pin_from(OFFICE, "alice", PIN).await })
    };
    house.clock.so_many_wait(before + 1).await;
    house.go(now + 5);
    assert_eq!(right.await.unwrap(), as_alice(1));
}

#[tokio::test]
async fn programs_are_refused_during_the_pause_and_remembered_ones_are_not() {
    let house = House::new();
    house.application("emapp", PASSWORD).await.unwrap();
    let ask = |who: &'static str| {
        let source = OFFICE.map(|source| source.parse::<IpAddr>().unwrap());
        let secret = Secret::Password(Password::new(PASSWORD));
        house
            .directory
            .verify(Identity::Application(id(who)), secret, source)
    };
    for _ in 0..5 {
        assert_eq!(ask("nobody").await, Err(Denied::Unknown));
    }
    let before = house.checks();
    let until = Timestamp(1_000);
    assert_eq!(ask("nobody").await, Err(Denied::SourceLocked { until }));
    assert_eq!(ask("alice").await, Err(Denied::SourceLocked { until }));
    assert_eq!(ask("emapp").await, as_emapp(1));
    assert_eq!(house.checks(), before, "nothing was looked at");
    house.go(1);
    assert_eq!(ask("alice").await, as_alice(1));
}
