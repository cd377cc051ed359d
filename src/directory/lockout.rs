//! Lock-out by account: how many wrong answers are taken before none is.
//!
//! In memory and per identity, by a clock that never jumps; a restart forgets
//! it, and so does a change of the credential (an operator who sets a new PIN
//! also unlocks). Unknown ids are not counted here but by their source alone
//! ([`super::sources`]): they would fill the memory of the house.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{ObjectId, UserId};

/// How wrong answers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialPolicy {
    /// So many wrong answers in a row lock, and each one more locks again; 0:
    /// never.
    pub attempts: u32,
    /// A wrong answer so long after the one before, or after the end of the
    /// lock, starts the count anew.
    pub window: Duration,
    /// The first lock takes so long; each further one twice the last.
    pub lock: Duration,
    /// No lock takes longer.
    pub longest_lock: Duration,
}

impl Default for CredentialPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            window: Duration::from_secs(30 * 60),
            lock: Duration::from_secs(60),
            longest_lock: Duration::from_secs(30 * 60),
        }
    }
}

impl CredentialPolicy {
    /// How long the lock after `wrong` answers in a row takes, if they lock.
    fn lock_after(&self, wrong: u32) -> Option<Duration> {
        let beyond = wrong
            .checked_sub(self.attempts)
            .filter(|_| self.attempts > 0)?;
        let factor = 1u32.checked_shl(beyond).unwrap_or(u32::MAX);
        Some(self.lock.saturating_mul(factor).min(self.longest_lock))
    }
}

/// Whose wrong answers are counted together: PIN and password of a user, by
/// id or alias, are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Account {
    User(ObjectId),
    Application(UserId),
}

/// The count of one identity.
#[derive(Clone, Debug)]
struct Count {
    version: u64,
    wrong: u32,
    last: Duration,
    until: Option<Duration>,
}

/// The counts of all.
#[derive(Debug)]
pub(super) struct Lockout {
    policy: CredentialPolicy,
    counts: HashMap<Account, Count>,
}

impl Lockout {
    pub(super) fn new(policy: CredentialPolicy) -> Self {
        Self {
            policy,
            counts: HashMap::new(),
        }
    }

    /// How long the account is still locked, if it is. `version` is that of
    /// its credential, `now` the monotonic time.
    pub(super) fn left(&self, account: &Account, version: u64, now: Duration) -> Option<Duration> {
        self.counts
            .get(account)
            .filter(|count| count.version == version)
            .and_then(|count| count.until)
            .and_then(|until| until.checked_sub(now))
            .filter(|left| !left.is_zero())
    }

    /// A right answer forgets the wrong ones.
    pub(super) fn right(&mut self, account: &Account) {
        self.counts.remove(account);
    }

    /// Counts a wrong answer.
    pub(super) fn wrong(&mut self, account: Account, version: u64, now: Duration) {
        if self.policy.attempts == 0 {
            return;
        }
        let fresh = Count {
            version,
            wrong: 0,
            last: now,
            until: None,
        };
        let policy = self.policy;
        let count = self.counts.entry(account).or_insert_with(|| fresh.clone());
        // Not from the start of a long lock but from its end.
        let quiet_since = count
            .until
            .map_or(count.last, |until| until.max(count.last));
        if count.version != version || now.saturating_sub(quiet_since) >= policy.window {
            *count = fresh;
        }
        count.last = now;
        count.wrong = count.wrong.saturating_add(1);
        if let Some(lock) = policy.lock_after(count.wrong) {
            count.until = Some(now.saturating_add(lock));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Account {
        Account::User(ObjectId(11))
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Answers wrong until a lock, and how long it takes in seconds.
    fn guess(lockout: &mut Lockout, from: u64) -> (u32, u64) {
        for nth in 1..=100 {
            lockout.wrong(alice(), 1, at(from));
            if let Some(left) = lockout.left(&alice(), 1, at(from)) {
                return (nth, left.as_secs());
            }
        }
        (0, 0)
    }

    #[test]
    fn locks_come_with_the_fifth_and_each_further_one_and_grow() {
        let mut lockout = Lockout::new(CredentialPolicy::default());
        let mut now = 0;
        let mut locks = Vec::new();
        for _ in 0..7 {
            let (attempts, length) = guess(&mut lockout, now);
            locks.push((attempts, length));
            now += length;
            assert_eq!(lockout.left(&alice(), 1, at(now)), None, "it ends");
        }
        let (first, further): (Vec<u32>, Vec<u64>) = locks.into_iter().unzip();
        assert_eq!(first, [5, 1, 1, 1, 1, 1, 1]);
        assert_eq!(further, [60, 120, 240, 480, 960, 1800, 1800]);
        // A day of silence, and it starts from the beginning.
        assert_eq!(guess(&mut lockout, now + 86_400), (5, 60));
    }

    #[test]
    fn a_right_answer_or_a_new_credential_forgets() {
        let mut lockout = Lockout::new(CredentialPolicy::default());
        for _ in 0..10 {
            for _ in 0..4 {
                lockout.wrong(alice(), 1, at(0));
            }
            lockout.right(&alice());
        }
        assert_eq!(lockout.left(&alice(), 1, at(0)), None);
        guess(&mut lockout, 0);
        assert!(lockout.left(&alice(), 1, at(1)).is_some());
        assert_eq!(lockout.left(&alice(), 2, at(1)), None, "a new PIN unlocks");
        lockout.wrong(alice(), 2, at(1));
        assert_eq!(lockout.left(&alice(), 2, at(1)), None);
    }

    #[test]
    fn no_policy_and_no_clock_locks_for_ever() {
        let policy = CredentialPolicy {
            attempts: 0,
            ..CredentialPolicy::default()
        };
        assert_eq!(guess(&mut Lockout::new(policy), 0), (0, 0));
        let policy = CredentialPolicy {
            lock: Duration::MAX,
            ..CredentialPolicy::default()
        };
        let mut lockout = Lockout::new(policy);
        assert_eq!(guess(&mut lockout, 0), (5, 1800));
        assert_eq!(policy.lock_after(u32::MAX), Some(Duration::from_secs(1800)));
    }
}
