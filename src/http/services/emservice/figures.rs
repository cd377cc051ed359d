//! What the login service counts (Cisco's performance object *Extension
//! Mobility*: requests in progress and throttled, and the attempts and
//! successes of each kind).

use std::sync::atomic::{AtomicU64, Ordering};

use crate::emapi::Operation;

/// What a request can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `login`.
    Login,
    /// `logout`.
    Logout,
    /// `logoutAll`.
    LogoutAll,
    /// `deviceUserQuery`.
    DeviceUserQuery,
    /// `userDevicesQuery`.
    UserDevicesQuery,
    /// `deviceProfileQuery`.
    DeviceProfileQuery,
    /// `checkUser`.
    CheckUser,
    /// It could not be read.
    Unreadable,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Login,
        Self::Logout,
        Self::LogoutAll,
        Self::DeviceUserQuery,
        Self::UserDevicesQuery,
        Self::DeviceProfileQuery,
        Self::CheckUser,
        Self::Unreadable,
    ];

    pub(super) fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Login { .. } => Self::Login,
            Operation::Logout { .. } => Self::Logout,
            Operation::LogoutAll => Self::LogoutAll,
            Operation::DeviceUserQuery { .. } => Self::DeviceUserQuery,
            Operation::UserDevicesQuery { .. } => Self::UserDevicesQuery,
            Operation::DeviceProfileQuery { .. } => Self::DeviceProfileQuery,
            Operation::CheckUser { .. } => Self::CheckUser,
        }
    }
}

/// How often something was tried, and how often it succeeded, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Tried.
    pub attempts: u64,
    /// Succeeded.
    pub successes: u64,
}

/// What the service has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Requests that are worked on or wait now.
    pub in_progress: usize,
    /// Requests that were answered 26 since the start.
    pub throttled: u64,
    /// By kind, in the order of [`Kind::ALL`].
    pub kinds: [Tries; Kind::ALL.len()],
}

impl Figures {
    /// Those of one kind.
    pub fn of(&self, kind: Kind) -> Tries {
        self.kinds.get(kind as usize).copied().unwrap_or_default()
    }
}

/// The counts by kind.
#[derive(Debug, Default)]
pub(super) struct Counters([(AtomicU64, AtomicU64); Kind::ALL.len()]);

impl Counters {
    pub(super) fn count(&self, kind: Kind, success: bool) {
        if let Some((attempts, successes)) = self.0.get(kind as usize) {
            attempts.fetch_add(1, Ordering::Relaxed);
            successes.fetch_add(u64::from(success), Ordering::Relaxed);
        }
    }

    pub(super) fn read(&self) -> [Tries; Kind::ALL.len()] {
        self.0.each_ref().map(|(attempts, successes)| Tries {
            attempts: attempts.load(Ordering::Relaxed),
            successes: successes.load(Ordering::Relaxed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_count() {
        let counters = Counters::default();
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
            counters.count(kind, at % 2 == 0);
        }
        counters.count(Kind::Login, false);
        let figures = Figures {
            in_progress: 0,
            throttled: 0,
            kinds: counters.read(),
        };
        let tries = |kind| (figures.of(kind).attempts, figures.of(kind).successes);
        assert_eq!(tries(Kind::Login), (2, 1));
        assert_eq!(tries(Kind::Logout), (1, 0));
        assert_eq!(tries(Kind::CheckUser), (1, 1));
    }
}
