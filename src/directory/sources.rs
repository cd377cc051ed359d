//! Back-off by source address: how fast one host may go on guessing.
//!
//! An address is not a person. It may be a phone that a whole floor uses, or a
//! router with an office of phones behind it; so an address is slowed down and
//! never shut out. From the fifth wrong answer in a row (at whomever, unknown
//! ids too) each further attempt from it is *held* before it is looked at: one
//! second, two, four, five at most. Whoever is right gets in after that pause,
//! and a right answer halves the count, so that the common slips of a busy
//! office never add up. What stops a guesser is the lock of the account
//! ([`super::lockout`]); the pause here is what makes trying one PIN on many
//! accounts slow.
//!
//! People wait; programs do not: a request of the login service during the
//! pause is refused at once, because a held one would keep a place that another
//! application needs.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ports::{Clock, Denied};

/// The most addresses that are remembered; the one that has been quiet longest
/// makes room.
const MOST_SOURCES: usize = 4096;
/// The most attempts from one address that are held at one time.
const HELD_OF_ONE: u32 = 8;
/// The most attempts that are held at one time in all.
const HELD_IN_ALL: u32 = 64;

/// How wrong answers of one address are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourcePolicy {
    /// So many wrong answers in a row begin the pauses; 0: never.
    pub attempts: u32,
    /// An address that was quiet so long is forgotten.
    pub window: Duration,
    /// The first pause; each further one takes twice as long.
    pub pause: Duration,
    /// No pause takes longer.
    pub longest_pause: Duration,
}

impl Default for SourcePolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            window: Duration::from_secs(10 * 60),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl SourcePolicy {
    fn pause_after(&self, wrong: u32) -> Option<Duration> {
        let beyond = wrong
            .checked_sub(self.attempts)
            .filter(|_| self.attempts > 0)?;
        let factor = 1u32.checked_shl(beyond).unwrap_or(u32::MAX);
        Some(self.pause.saturating_mul(factor).min(self.longest_pause))
    }
}

/// Who asks, as far as it decides what a pause does to him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// A person at a phone: is held.
    Person,
    /// A program: is refused.
    Program,
}

/// What is known of one address.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    wrong: u32,
    last: Duration,
    held: u32,
}

#[derive(Debug, Default)]
struct Table {
    rows: HashMap<IpAddr, Row>,
    held: u32,
}

/// All addresses from which something was wrong lately.
#[derive(Debug)]
pub(super) struct Sources {
    policy: SourcePolicy,
    table: Mutex<Table>,
}

/// A held attempt; gives its place back when it is over or given up.
struct Held<'a> {
    sources: &'a Sources,
    source: IpAddr,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut table = self.sources.table();
        table.held = table.held.saturating_sub(1);
        if let Some(row) = table.rows.get_mut(&self.source) {
            row.held = row.held.saturating_sub(1);
        }
    }
}

impl Sources {
    pub(super) fn new(policy: SourcePolicy) -> Self {
        Self {
            policy,
            table: Mutex::default(),
        }
    }

    /// Lets an attempt through: at once, after the pause, or not.
    ///
    /// # Errors
    /// [`Denied::SourceLocked`] for a program during the pause, and for a
    /// person when too many are held already.
    pub(super) async fn admit(
        &self,
        source: Option<IpAddr>,
        asker: Asker,
        clock: &dyn Clock,
    ) -> Result<(), Denied> {
        let Some(source) = source.map(host_of) else {
            return Ok(());
        };
        let now = clock.monotonic();
        let Some(pause) = self.pause(source, now) else {
            return Ok(());
        };
        match asker {
            Asker::Program => self.admit_program(source, pause, now, clock),
            Asker::Person => {
                let _held = self.hold(source).ok_or_else(|| Denied::SourceLocked {
                    until: clock.now().plus(pause),
                })?;
                clock.sleep_until(now.saturating_add(pause)).await;
                Ok(())
            }
        }
    }

    /// Counts a wrong answer.
    pub(super) fn wrong(&self, source: Option<IpAddr>, now: Duration) {
        let Some(source) = source.map(host_of).filter(|_| self.policy.attempts > 0) else {
            return;
        };
        let mut table = self.table();
        make_room(&mut table.rows, &source);
        let row = table.rows.entry(source).or_default();
        if now.saturating_sub(row.last) >= self.policy.window {
            row.wrong = 0;
        }
        row.wrong = row.wrong.saturating_add(1);
        row.last = now;
    }

    /// A right answer: half of the wrong ones were slips.
    pub(super) fn right(&self, source: Option<IpAddr>) {
        let Some(source) = source.map(host_of) else {
            return;
        };
        let mut table = self.table();
        if let Some(row) = table.rows.get_mut(&source) {
            row.wrong /= 2;
            if row.wrong == 0 && row.held == 0 {
                table.rows.remove(&source);
            }
        }
    }

    fn pause(&self, source: IpAddr, now: Duration) -> Option<Duration> {
        let table = self.table();
        let row = table.rows.get(&source)?;
        if now.saturating_sub(row.last) >= self.policy.window {
            return None;
        }
        self.policy.pause_after(row.wrong)
    }

    /// One program gets through a pause, so that many at once gain nothing.
    fn admit_program(
        &self,
        source: IpAddr,
        pause: Duration,
        now: Duration,
        clock: &dyn Clock,
    ) -> Result<(), Denied> {
        let mut table = self.table();
        let Some(row) = table.rows.get_mut(&source) else {
            return Ok(());
        };
        let until = row.last.saturating_add(pause);
        let left = until.saturating_sub(now);
        if !left.is_zero() {
            let until = clock.now().plus(left);
            return Err(Denied::SourceLocked { until });
        }
        row.last = now;
        Ok(())
    }

    fn hold(&self, source: IpAddr) -> Option<Held<'_>> {
        let mut table = self.table();
        if table.held >= HELD_IN_ALL {
            return None;
        }
        let row = table.rows.entry(source).or_default();
        if row.held >= HELD_OF_ONE {
            return None;
        }
        row.held += 1;
        table.held += 1;
        Some(Held {
            sources: self,
            source,
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who is behind an address: of IPv6 the network, since a host has all of it.
fn host_of(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

fn make_room(rows: &mut HashMap<IpAddr, Row>, newcomer: &IpAddr) {
    if rows.len() < MOST_SOURCES || rows.contains_key(newcomer) {
        return;
    }
    let idle = rows.iter().filter(|(_, row)| row.held == 0);
    let quietest = idle
        .min_by_key(|(_, row)| row.last)
        .map(|(source, _)| *source);
    if let Some(quietest) = quietest {
        rows.remove(&quietest);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::super::tests::HandClock;
    use super::*;
    use crate::model::Timestamp;

    fn office() -> Option<IpAddr> {
        "203.0.113.7".parse().ok()
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn after(wrong: u32) -> Sources {
        let sources = Sources::new(SourcePolicy::default());
        for _ in 0..wrong {
            sources.wrong(office(), at(0));
        }
        sources
    }

    fn pause(sources: &Sources, now: u64) -> u64 {
        let pause = sources.pause(office().unwrap(), at(now));
        pause.map_or(0, |pause| pause.as_secs())
    }

    #[test]
    fn the_pause_begins_with_the_fifth_and_is_never_longer_than_a_few_seconds() {
        let pauses: Vec<u64> = (3..10).map(|wrong| pause(&after(wrong), 0)).collect();
        assert_eq!(pauses, [0, 0, 1, 2, 4, 5, 5]);
        assert_eq!(pause(&after(u32::from(u16::MAX)), 0), 5);
        assert_eq!(pause(&after(9), 600), 0, "ten quiet minutes");
    }

    #[test]
    fn the_slips_of_a_busy_office_never_add_up() {
        let sources = after(0);
        for second in 0..500 {
            // One of three is a slip.
            sources.wrong(office(), at(second));
            sources.right(office());
            sources.right(office());
            assert_eq!(pause(&sources, second), 0);
        }
        // Who mixes one right answer under many guesses is slowed all the same.
        for second in 500..600 {
            for _ in 0..4 {
                sources.wrong(office(), at(second));
            }
            assert!(second == 500 || pause(&sources, second) > 0);
            sources.right(office());
        }
    }

    #[tokio::test]
    async fn a_person_waits_and_then_gets_in() {
        let clock = Arc::new(HandClock::default());
        let sources = Arc::new(after(100));
        let person = {
            let (sources, clock) = (Arc::clone(&sources), Arc::clone(&clock));
            tokio::spawn(async move { sources.admit(office(), Asker::Person, &*clock).await })
        };
        clock.someone_waits().await;
        assert!(!person.is_finished());
        clock.go(at(5));
        assert_eq!(person.await.unwrap(), Ok(()));
        assert_eq!(sources.table().held, 0);
        let elsewhere = Some("203.0.113.8".parse().unwrap());
        assert_eq!(
            sources.admit(elsewhere, Asker::Person, &*clock).await,
            Ok(())
        );
    }

    #[tokio::test]
    async fn few_are_held_and_who_gives_up_leaves_his_place() {
        let clock = Arc::new(HandClock::default());
        let sources = Arc::new(after(100));
        let held: Vec<_> = (0..HELD_OF_ONE)
            .map(|_| {
                let (sources, clock) = (Arc::clone(&sources), Arc::clone(&clock));
                tokio::spawn(async move { sources.admit(office(), Asker::Person, &*clock).await })
            })
            .collect();
        while sources.table().held < HELD_OF_ONE {
            tokio::task::yield_now().await;
        }
        let until = Timestamp(5_000);
        let ninth = sources.admit(office(), Asker::Person, &*clock).await;
        assert_eq!(ninth, Err(Denied::SourceLocked { until }));
        for one in held {
            one.abort();
            let _ = one.await;
        }
        assert_eq!(sources.table().held, 0);
        assert_eq!(sources.table().rows[&office().unwrap()].held, 0);
    }

    #[tokio::test]
    async fn a_program_is_refused_during_the_pause_and_one_gets_through_after_it() {
        let clock = HandClock::default();
        let sources = after(100);
        let program = || sources.admit(office(), Asker::Program, &clock);
        let until = Timestamp(5_000);
        assert_eq!(program().await, Err(Denied::SourceLocked { until }));
        clock.go(at(5));
        assert_eq!(program().await, Ok(()));
        let until = Timestamp(10_000);
        assert_eq!(program().await, Err(Denied::SourceLocked { until }));
        sources.right(office());
        for _ in 0..6 {
            sources.right(office());
        }
        assert_eq!(program().await, Ok(()));
    }

    #[test]
    fn an_address_is_counted_as_the_host_behind_it() {
        let same = |one: &str, other: &str| {
            host_of(one.parse().unwrap()) == host_of(other.parse().unwrap())
        };
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_and_forgets_the_quietest() {
        let sources = after(6);
        for nth in 0..20_000u32 {
            let source = IpAddr::V4(std::net::Ipv4Addr::from(0x0a00_0000 + nth));
            sources.wrong(Some(source), at(1));
        }
        assert_eq!(sources.table().rows.len(), MOST_SOURCES);
        assert_eq!(pause(&sources, 1), 0, "it was the quietest");
    }

    #[tokio::test]
    async fn a_site_may_do_without() {
        let sources = Sources::new(SourcePolicy {
            attempts: 0,
            ..SourcePolicy::default()
        });
        for _ in 0..100 {
            sources.wrong(office(), at(0));
        }
        let clock = HandClock::default();
        assert_eq!(sources.admit(office(), Asker::Person, &clock).await, Ok(()));
        assert_eq!(sources.admit(None, Asker::Person, &clock).await, Ok(()));
    }
}
