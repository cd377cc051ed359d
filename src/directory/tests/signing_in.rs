//! Right and wrong, here.

use super::*;

#[tokio::test]
async fn the_right_pin_opens_and_no_other() {
    let house = House::new();
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
    assert_eq!(house.pin("2001", PIN).await, as_alice(1));
    assert_eq!(house.pin("Alice", PIN).await, as_alice(1));
    assert_eq!(house.pin("alice", "58214").await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", PASSWORD).await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", "").await, Err(Denied::Wrong));
}

#[tokio::test]
async fn an_application_or_a_user_may_call_the_login_service() {
    let house = House::new();
    assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(1));
    assert_eq!(house.application("alice", PASSWORD).await, as_alice(1));
    assert_eq!(house.application("alice", PIN).await, Err(Denied::Wrong));
    let nobody = house.application("nobody", PASSWORD).await;
    assert_eq!(nobody, Err(Denied::Unknown));
}

#[tokio::test]
async fn every_refusal_costs_one_hash() {
    let house = House::new();
    let refusals = [
        (house.pin("nobody", PIN).await, Denied::Unknown),
        (house.pin("twin", PIN).await, Denied::Ambiguous),
        (house.pin("Twin", PIN).await, Denied::NotSet),
        (house.pin("alice", "1").await, Denied::Wrong),
    ];
    let count = refusals.len();
    for (answer, expected) in refusals {
        assert_eq!(answer, Err(expected));
    }
    assert_eq!(house.checks(), count);
    for _ in 0..4 {
        assert_eq!(house.pin("alice", "1").await, Err(Denied::Wrong));
    }
    let before = house.checks();
    let locked = house.pin("alice", PIN).await;
    assert!(matches!(locked, Err(Denied::LockedOut { .. })));
    assert_eq!(house.checks(), before + 1);
}

#[tokio::test]
async fn a_new_pin_counts_at_once() {
    let house = House::new();
    assert_eq!(house.pin("alice", PIN).await, as_alice(1));
    let changed = User {
        pin: Some(hash("77777")),
        credential_version: 2,
        ..alice()
    };
    house.put(Change::PutUser(Box::new(changed))).await;
    assert_eq!(house.pin("alice", PIN).await, Err(Denied::Wrong));
    assert_eq!(house.pin("alice", "77777").await, as_alice(2));
    house.put(Change::DropUser(ObjectId(11))).await;
    assert_eq!(house.pin("alice", "77777").await, Err(Denied::Unknown));
}

#[tokio::test]
async fn application_passwords_alone_are_remembered() {
    let house = House::new();
    for _ in 0..3 {
        assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(1));
    }
    assert_eq!(house.checks(), 1, "hashed once");
    assert_eq!(house.application("emapp", "x").await, Err(Denied::Wrong));
    assert_eq!(house.checks(), 2, "what is not remembered is hashed");
    for _ in 0..3 {
        house.pin("alice", PIN).await.unwrap();
        house.application("alice", PASSWORD).await.unwrap();
    }
    assert_eq!(
        house.checks(),
        8,
        "what belongs to a user is hashed each time"
    );
}

#[tokio::test]
async fn a_changed_application_password_is_forgotten() {
    let house = House::new();
    house.application("emapp", PASSWORD).await.unwrap();

    // The same password under a new version is checked again.
    let newer = ApplicationUser {
        credential_version: 2,
        ..emapp()
    };
    house.put(Change::PutApplicationUser(newer.clone())).await;
    assert_eq!(house.application("emapp", PASSWORD).await, as_emapp(2));
    assert_eq!(house.checks(), 2);

    // Another hash is another credential, even if the version was not counted.
    let other = ApplicationUser {
        password: Some(hash("other")),
        ..newer
    };
    house.put(Change::PutApplicationUser(other.clone())).await;
    assert_eq!(
        house.application("emapp", PASSWORD).await,
        Err(Denied::Wrong)
    );
    house.application("emapp", "other").await.unwrap();

    house.put(Change::DropApplicationUser(id("emapp"))).await;
    let gone = house.application("emapp", "other").await;
    assert_eq!(gone, Err(Denied::Unknown));

    // Rights are read from the world each time, never remembered.
    house.put(Change::PutApplicationUser(other.clone())).await;
    house.application("emapp", "other").await.unwrap();
    let humbler = ApplicationUser {
        proxy_rights: false,
        ..other
    };
    house.put(Change::PutApplicationUser(humbler)).await;
    let before = house.checks();
    assert!(matches!(
        house.application("emapp", "other").await,
        Ok(Verified::Application {
            proxy_rights: false,
            ..
        })
    ));
    assert_eq!(house.checks(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_hash_at_a_time_and_the_queue_is_bounded() {
    let house = Arc::new(House::with(DirectorySettings {
        waiting: 3,
        ..DirectorySettings::default()
    }));
    house.shut(true);
    let five: Vec<_> = (0..5)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.pin("alice", PIN).await })
        })
        .collect();
    while house.directory.places_left() > 0 {
        tokio::task::yield_now().await;
    }
    let sixth = house.pin("alice", PIN).await;
    assert!(matches!(sixth, Err(Denied::Unavailable(_))), "{sixth:?}");
    house.shut(false);
    for one in five {
        assert_eq!(one.await.unwrap(), as_alice(1));
    }
    assert!(house.hasher.most.load(Ordering::SeqCst) <= 2);
    assert_eq!(house.pin("alice", PIN).await, as_alice(1), "and it goes on");
}

#[tokio::test]
async fn nothing_that_prints_holds_a_secret() {
    let house = House::new();
    let wrong = house.pin("alice", "31415926").await;
    let identity = Identity::Application(id("emapp"));
    let secret = Secret::Password(Password::new("31415926"));
    let printed = [
        format!("{wrong:?}"),
        wrong.unwrap_err().to_string(),
        format!("{:?}", house.directory),
        format!("{identity:?} {secret:?}"),
        format!("{:?}", house.application("emapp", PASSWORD).await),
        format!("{:?}", *house.store.world()),
    ];
    for text in printed {
        for secret in ["31415926", PIN, PASSWORD, "$argon2id"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
