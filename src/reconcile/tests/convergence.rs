//! For any interleaving of logins, logouts, edits, commands, lost orders,
//! phones that are off, deaf, stubborn or in a call, crashes, upgrades and a
//! full disk: every phone that can be reached converges, phones of which
//! nothing changed hear nothing, and no phone gets more than three orders
//! between two changes (but those that it forgot, and the reset after a
//! restart). The rules of single orders are in `sim::rules`.

use std::time::Duration;

use proptest::prelude::*;

use super::sim::{Fuse, Sim};
use super::site::{Deed, LAB, LOBBY, PHONES, USERS};

/// Something that happens.
#[derive(Clone, Debug)]
enum Happening {
    Deed {
        deed: Deed,
        page: u64,
    },
    Loses {
        on: usize,
        orders: u8,
    },
    Deaf {
        on: usize,
        secs: u64,
    },
    Stubborn {
        on: usize,
        is: bool,
    },
    Rude {
        on: usize,
        is: bool,
    },
    Boot {
        on: usize,
        fetch: u64,
        register: u64,
    },
    PowerFails {
        on: usize,
        secs: u64,
    },
    Flaps {
        on: usize,
        secs: u64,
    },
    Calls {
        on: usize,
        secs: u64,
    },
    Crash {
        secs: u64,
    },
    Upgrade {
        secs: u64,
        edition: u8,
    },
    Fuse {
        after: bool,
    },
    Stall {
        millis: u64,
    },
    DiskFull {
        secs: u64,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let (on, user) = (0..PHONES, 0..USERS.len());
    prop_oneof![
        6 => (user.clone(), on.clone(), any::<bool>())
            .prop_map(|(who, on, over)| Deed::Login { who, on, over }),
        5 => (on.clone(), any::<bool>()).prop_map(|(on, over)| Deed::Logout { on, over }),
        2 => (user.clone(), 0..3u8).prop_map(|(of, to)| Deed::Label { of, to }),
        2 => (on.clone(), 0..3u8).prop_map(|(on, to)| Deed::OwnLabel { on, to }),
        1 => (on.clone(), 0..3u8).prop_map(|(on, to)| Deed::Number { on, to }),
        1 => (1..4u8).prop_map(|to| Deed::Ntp { to }),
        1 => (user, any::<bool>()).prop_map(|(of, there)| Deed::Menu { of, there }),
        1 => (on, any::<bool>()).prop_map(|(on, reset)| Deed::Command { on, reset }),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let on = 0..PHONES;
    // A 7960 cannot show that it did not take its file.
    let telling = LOBBY + 1..PHONES;
    prop_oneof![
        12 => (deed(), 0..3000u64).prop_map(|(deed, page)| Happening::Deed { deed, page }),
        2 => (on.clone(), 1..4u8).prop_map(|(on, orders)| Happening::Loses { on, orders }),
        1 => (on.clone(), 1..300u64).prop_map(|(on, secs)| Happening::Deaf { on, secs }),
        1 => (telling, any::<bool>()).prop_map(|(on, is)| Happening::Stubborn { on, is }),
        1 => (on.clone(), any::<bool>()).prop_map(|(on, is)| Happening::Rude { on, is }),
        2 => (on.clone(), 0..40u64, 1..90u64)
            .prop_map(|(on, fetch, register)| Happening::Boot { on, fetch, register }),
        3 => (on.clone(), 0..400u64).prop_map(|(on, secs)| Happening::PowerFails { on, secs }),
        2 => (on.clone(), 0..60u64).prop_map(|(on, secs)| Happening::Flaps { on, secs }),
        2 => (on, 1..900u64).prop_map(|(on, secs)| Happening::Calls { on, secs }),
        2 => (0..90u64).prop_map(|secs| Happening::Crash { secs }),
        1 => (0..90u64, 0..3u8).prop_map(|(secs, edition)| Happening::Upgrade { secs, edition }),
        2 => any::<bool>().prop_map(|after| Happening::Fuse { after }),
        1 => (1..3000u64).prop_map(|millis| Happening::Stall { millis }),
        1 => (1..90u64).prop_map(|secs| Happening::DiskFull { secs }),
    ]
}

/// How long until the next thing happens, in milliseconds: at once, while
/// phones boot, or much later.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => 0..50u64,
        4 => 50..4000u64,
        4 => 4000..40_000u64,
        1 => 40_000..400_000u64,
    ]
}

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn happen(sim: &mut Sim, happening: &Happening) {
    match *happening {
        Happening::Deed { deed, page } => {
            sim.does(deed, Duration::from_millis(page));
        }
        Happening::Loses { on, orders } => sim.loses(on, orders),
        Happening::Deaf { on, secs: length } => sim.deafens(on, secs(length)),
        Happening::Stubborn { on, is } => sim.stubborn(on, is),
        Happening::Rude { on, is } => sim.rude(on, is),
        Happening::Boot {
            on,
            fetch,
            register,
        } => sim.set_boot(on, secs(fetch), secs(register)),
        Happening::PowerFails { on, secs: length } => sim.power_fails(on, secs(length)),
        Happening::Flaps { on, secs: length } => sim.flap(on, secs(length)),
        Happening::Calls { on, secs: length } => sim.calls(on, secs(length)),
        Happening::Crash { secs: length } => sim.crash_same(secs(length)),
        Happening::Upgrade {
            secs: length,
            edition,
        } => sim.crash(secs(length), edition),
        Happening::Fuse { after } => sim.light(if after {
            Fuse::AfterOrder
        } else {
            Fuse::BeforeOrder
        }),
        Happening::Stall { millis } => sim.stall(Duration::from_millis(millis)),
        Happening::DiskFull { secs: length } => sim.fill_disk(secs(length)),
    }
}

/// How many cases: `PROPTEST_CASES` for a long night.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_every_phone_that_can_be_reached_converges(
        story in proptest::collection::vec((pause(), happening()), 1..40),
    ) {
        let mut sim = Sim::new();
        sim.forgetful(LAB);
        for (pause, happening) in &story {
            sim.run_for(Duration::from_millis(*pause));
            happen(&mut sim, happening);
        }
        // Peace: the disk and the daemon are well, every phone is on.
        sim.run(120);
        (0..PHONES).for_each(|on| sim.calm(on));
        sim.run(20 * 60);
        for on in 0..PHONES {
            let right = sim.is_right(on) && sim.row(on).is_none();
            let refuses = sim.refuses(on) && sim.may_refuse(on);
            prop_assert!(right || refuses, "{}", sim.portrait(on));
        }
        // Whoever was left alone becomes right when it boots by itself, some
        // with the order that was still to come; the others hear nothing.
        let at_rest: Vec<bool> = (0..PHONES).map(|on| sim.row(on).is_none()).collect();
        let orders: Vec<usize> = (0..PHONES).map(|on| sim.orders(on).len()).collect();
        (0..PHONES).for_each(|on| sim.power_fails(on, secs(1)));
        sim.run(20 * 60);
        for (on, before) in orders.into_iter().enumerate() {
            let right = sim.is_right(on) && sim.row(on).is_none();
            prop_assert!(right, "after its own boot: {}", sim.portrait(on));
            let ordered = at_rest[on] && sim.orders(on).len() > before;
            prop_assert!(!ordered, "ordered at rest: {}", sim.portrait(on));
        }
    }
}
