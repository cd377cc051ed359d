//! Phones that register by themselves: what the site allows them, and what is
//! remembered of one that nobody has approved yet.

use std::collections::HashSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    DeviceName, DevicePool, DirectoryNumber, ObjectName, Protocol, Stamp, Timestamp, World,
};

/// Auto-registration (Cisco, *System Configuration Guide for Unified CM*,
/// Autoregistration; *Unified CME Administrator Guide*, Auto Registration of
/// phones): a phone that nobody configured gets a file, a number of its own and
/// a place in the list of those that wait for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // they are switches of the site
pub struct AutoRegistration {
    /// Off, phones that nobody configured are turned away.
    pub enabled: bool,
    /// The first number of the pool (Cisco: *Starting Directory Number*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_directory_number: Option<DirectoryNumber>,
    /// The last number of the pool (Cisco: *Ending Directory Number*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending_directory_number: Option<DirectoryNumber>,
    /// The device pool of such phones.
    pub device_pool: ObjectName,
    /// The load that the first file of a phone is written for, while nothing
    /// shows which it runs (Cisco: *Auto Registration Phone Protocol*). A phone
    /// that comes again without having registered gets one for the other.
    pub phone_protocol: Protocol,
    /// Whether somebody must approve such a phone before people may sign in
    /// there.
    pub approval: bool,
    /// Whether people may sign in on such a phone, once it is approved.
    pub extension_mobility: bool,
    /// Whether the Services menu of a phone that waits for approval offers the
    /// Extension Assigner.
    pub extension_assigner: bool,
}

impl Default for AutoRegistration {
    fn default() -> Self {
        Self {
            enabled: false,
            starting_directory_number: None,
            ending_directory_number: None,
            device_pool: DevicePool::default_pool().name,
            phone_protocol: Protocol::Sccp,
            approval: true,
            extension_mobility: true,
            extension_assigner: true,
        }
    }
}

impl AutoRegistration {
    /// The pool of numbers; `None` while it is not given, or is none.
    pub fn pool(&self) -> Option<NumberPool> {
        NumberPool::between(
            self.starting_directory_number.as_ref()?,
            self.ending_directory_number.as_ref()?,
        )
        .ok()
    }
}

/// Why two numbers are no pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Letters, `*`, `#`, or a `+` elsewhere than at the beginning.
    #[error("both numbers are digits only, with a + before them or without")]
    Digits,
    /// 99 and 100, or +49 and 49.
    #[error("both numbers are of one length")]
    Length,
    /// The last comes before the first.
    #[error("the last number comes before the first")]
    Order,
    /// More than [`NumberPool::MOST`].
    #[error("at most {} numbers", NumberPool::MOST)]
    TooMany,
}

/// The numbers from one to another, all of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPool {
    plus: bool,
    width: usize,
    first: u64,
    last: u64,
}

impl NumberPool {
    /// The most numbers of a pool.
    pub const MOST: u64 = 10_000;

    /// The numbers from `first` to `last`.
    ///
    /// # Errors
    /// [`PoolError`], in the operator's words.
    pub fn between(first: &DirectoryNumber, last: &DirectoryNumber) -> Result<Self, PoolError> {
        let digits = |number: &DirectoryNumber| {
            let text = number.as_str();
            let bare = text.strip_prefix('+').unwrap_or(text);
            let value = bare.parse::<u64>().ok();
            value
                .filter(|_| bare.bytes().all(|byte| byte.is_ascii_digit()))
                .map(|value| (text.starts_with('+'), bare.len(), value))
                .ok_or(PoolError::Digits)
        };
        let ((plus, width, first), (also_plus, also_width, last)) = (digits(first)?, digits(last)?);
        if (plus, width) != (also_plus, also_width) {
            return Err(PoolError::Length);
        }
        if last < first {
            return Err(PoolError::Order);
        }
        if last - first >= Self::MOST {
            return Err(PoolError::TooMany);
        }
        Ok(Self {
            plus,
            width,
            first,
            last,
        })
    }

    /// The numbers, the lowest first.
    pub fn numbers(&self) -> impl Iterator<Item = DirectoryNumber> {
        let (plus, width) = (if self.plus { "+" } else { "" }, self.width);
        (self.first..=self.last)
            .filter_map(move |value| DirectoryNumber::new(&format!("{plus}{value:0width$}")).ok())
    }

    /// The lowest number that nobody has: no phone, no profile (as it is, as
    /// somebody still shows it, or as a snapshot), no user, and no record.
    pub fn free_in(&self, world: &World) -> Option<DirectoryNumber> {
        let frozen = world
            .sessions
            .values()
            .filter_map(|it| it.frozen.as_deref());
        let phones = world.phones.values().map(|phone| &phone.lines);
        let lines = phones
            .chain(world.profiles.values().map(|profile| &profile.lines))
            .chain(world.auto_profiles.values().map(|auto| &auto.profile.lines))
            .chain(frozen.map(|profile| &profile.lines));
        let mut taken: HashSet<&str> = lines.flatten().map(|line| line.number.as_str()).collect();
        let users = world.users.values();
        let own = users.filter_map(|user| user.primary_extension.as_ref());
        taken.extend(own.chain(world.numbers.keys()).map(DirectoryNumber::as_str));
        self.numbers()
            .find(|number| !taken.contains(number.as_str()))
    }
}

/// A phone that registered by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoRegistered {
    /// When it registered first.
    pub since: Timestamp,
    /// From where.
    pub address: IpAddr,
    /// The load that it reported.
    pub load: Option<String>,
    /// The file that it booted from then, which holds no secret; `None` where it
    /// did not show one.
    pub first_file: Option<Stamp>,
    /// Whether it is a phone of the site by now.
    pub approved: bool,
}

impl World {
    /// Whether a phone of this name, which is not configured, may register by
    /// itself. Only a desk phone is named by its MAC address: what else asks
    /// for a file is no handset.
    pub fn takes_newcomer(&self, device: &DeviceName) -> bool {
        self.parameters.auto_registration.enabled
            && device.mac().is_some()
            && !self.refused.contains(device)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::Change;

    fn number(text: &str) -> DirectoryNumber {
        DirectoryNumber::new(text).unwrap()
    }

    #[test]
    fn a_pool_keeps_the_length_of_its_numbers() {
        let pool = NumberPool::between(&number("0098"), &number("0101")).unwrap();
        let all: Vec<String> = pool.numbers().map(|it| it.to_string()).collect();
        assert_eq!(all, ["0098", "0099", "0100", "0101"]);
        let pool = NumberPool::between(&number("+4930100"), &number("+4930100")).unwrap();
        let all: Vec<String> = pool.numbers().map(|it| it.to_string()).collect();
        assert_eq!(all, ["+4930100"]);
    }

    #[test]
    fn what_is_no_pool_is_refused_with_its_reason() {
        let between = |first, last| NumberPool::between(&number(first), &number(last));
        assert_eq!(between("99", "100"), Err(PoolError::Length));
        assert_eq!(between("+49", "049"), Err(PoolError::Length));
        assert_eq!(between("101", "100"), Err(PoolError::Order));
        assert_eq!(between("*10", "*20"), Err(PoolError::Digits));
        assert_eq!(between("1+0", "120"), Err(PoolError::Digits));
        assert_eq!(between("000000", "010000"), Err(PoolError::TooMany));
        assert!(between("000000", "009999").is_ok());
        let long = "9".repeat(24);
        assert_eq!(between(&long, &long), Err(PoolError::Digits));
    }

    #[test]
    fn only_desk_phones_that_nobody_refused_register_by_themselves() {
        let mut world = World::default();
        let desk = DeviceName::new("SEP001122334455").unwrap();
        assert!(!world.takes_newcomer(&desk), "off unless said");
        let mut parameters = crate::model::Parameters::default();
        parameters.auto_registration.enabled = true;
        world.apply(&Change::Parameters(parameters));
        assert!(world.takes_newcomer(&desk));
        for other in ["ATA001122334455", "SEPDEFAULT"] {
            assert!(!world.takes_newcomer(&DeviceName::new(other).unwrap()));
        }
        world.apply(&Change::RefusedPhones([desk.clone()].into()));
        assert!(!world.takes_newcomer(&desk));
    }

    #[test]
    fn a_number_that_anybody_has_is_not_given_away() {
        let mut world = World::default();
        let pool = NumberPool::between(&number("2900"), &number("2903")).unwrap();
        assert_eq!(pool.free_in(&world), Some(number("2900")));
        let mut profile = crate::model::DeviceProfile::new(
            crate::model::ObjectId(1),
            crate::model::ProfileName::new("p").unwrap(),
            crate::model::ModelName::new("7960").unwrap(),
        );
        profile.lines = vec![crate::model::Line::new(number("2900"))];
        world.apply(&Change::PutProfile(Box::new(profile)));
        world.apply(&Change::PutNumber(crate::model::NumberRecord {
            number: number("2901"),
            partition: None,
            alerting_name: None,
        }));
        assert_eq!(pool.free_in(&world), Some(number("2902")));
    }
}
