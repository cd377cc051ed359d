//! How many phones may come at once: whoever reaches a port can make up names,
//! and each that is taken in costs a number and a commit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// A shelf of phones behind one address may come together; after that one in
/// so long.
const OF_ONE: Bucket = Bucket {
    burst: 24,
    each: Duration::from_secs(10),
};

/// All together.
const OF_ALL: Bucket = Bucket {
    burst: 500,
    each: Duration::from_millis(200),
};

/// Addresses remembered; beyond that only the sum counts.
const ADDRESSES: usize = 4096;

struct Bucket {
    burst: u32,
    each: Duration,
}

impl Bucket {
    fn has_room(&self, used: Duration, now: Duration) -> bool {
        used.max(now) + self.each <= now + self.each * self.burst
    }

    /// Takes one, when there is one; `used` is until when what was taken is
    /// paid off.
    fn take(&self, used: &mut Duration, now: Duration) -> bool {
        let allowed = self.has_room(*used, now);
        if allowed {
            *used = (*used).max(now) + self.each;
        }
        allowed
    }
}

/// Who came lately.
#[derive(Debug, Default)]
pub(in crate::mobility) struct Crowd {
    together: Duration,
    by_address: HashMap<IpAddr, Duration>,
    /// The change after which no number was free.
    exhausted: Option<u64>,
}

impl Crowd {
    /// Whether one more might be taken in from `address` at `now` (monotonic).
    pub(super) fn has_room(&self, address: IpAddr, now: Duration) -> bool {
        let own = self.by_address.get(&address).copied().unwrap_or_default();
        OF_ONE.has_room(own, now) && OF_ALL.has_room(self.together, now)
    }

    /// Takes one in from `address` at `now` (monotonic), if it may.
    pub(super) fn lets_in(&mut self, address: IpAddr, now: Duration) -> bool {
        if self.by_address.len() >= ADDRESSES && !self.by_address.contains_key(&address) {
            self.by_address.retain(|_, used| *used > now);
        }
        let own = if self.by_address.len() < ADDRESSES || self.by_address.contains_key(&address) {
            OF_ONE.take(self.by_address.entry(address).or_default(), now)
        } else {
            true
        };
        own && OF_ALL.take(&mut self.together, now)
    }

    /// Whether no number was free after this change.
    pub(super) fn is_exhausted(&self, change: u64) -> bool {
        self.exhausted == Some(change)
    }

    /// No number is free after this change.
    pub(super) fn exhausted(&mut self, change: u64) {
        self.exhausted = Some(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_shelf_comes_together_and_whoever_makes_names_up_is_slowed() {
        let mut crowd = Crowd::default();
        let at = Duration::from_secs;
        let come =
            |crowd: &mut Crowd, from, now| (0..1000).filter(|_| crowd.lets_in(from, now)).count();
        assert_eq!(come(&mut crowd, address(1), at(100)), 24);
        assert_eq!(come(&mut crowd, address(1), at(111)), 1);
        assert_eq!(
            come(&mut crowd, address(2), at(111)),
            24,
            "another is not slowed"
        );
        // With an address each: all together count.
        let mut crowd = Crowd::default();
        let taken = (0..10_000)
            .filter(|&n| crowd.lets_in(address(n), at(100)))
            .count();
        assert_eq!(taken, 500);
        assert!(crowd.by_address.len() <= ADDRESSES);
        assert!(crowd.lets_in(address(20_000), at(101)));
    }
}
