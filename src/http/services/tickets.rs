//! Tickets stand for a PIN that was right while a login needs one more step at
//! the phone: the PIN itself must not appear in a URL that we write, and is not
//! kept for it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::model::{DeviceName, ObjectId, ProfileName, Timestamp};

/// The most tickets that are open at one time.
const OPEN: usize = 10_000;

/// The most of one user: two menus of profiles (100 items each). More, and his
/// oldest are void, so that one PIN does not use up what all need.
const OPEN_OF_ONE: usize = 200;

/// What is left to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Take this profile.
    Take(ProfileName),
    /// Sign out on the other phones, then take this profile (the default one
    /// when absent).
    MoveHere(Option<ProfileName>),
    /// Change the PIN, then go on, with this profile where one was named.
    ChangePin(Option<ProfileName>),
    /// Type the extension of the phone that this handset shall be.
    Extension,
    /// Ask whether this handset shall be this phone.
    AskAssign(DeviceName),
    /// Make it that phone.
    Assign(DeviceName),
}

impl Errand {
    /// How long it may take: a choice is made at once, a PIN is thought of and
    /// keyed in twice.
    fn lifetime(&self) -> Duration {
        match self {
            Self::Take(_) | Self::MoveHere(_) | Self::AskAssign(_) | Self::Assign(_) => {
                Duration::from_secs(120)
            }
            Self::ChangePin(_) | Self::Extension => Duration::from_secs(300),
        }
    }
}

/// A user who has shown his PIN on a phone, and what is left to do for him
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) device: DeviceName,
    pub(super) user: ObjectId,
    /// The version of the credential that was right.
    pub(super) version: u64,
    pub(super) errand: Errand,
    /// Whether the PIN was changed on the way here.
    pub(super) new_pin: bool,
}

/// The open tickets.
#[derive(Default)]
pub(super) struct Tickets(Mutex<HashMap<String, (Timestamp, Ticket)>>);

impl Tickets {
    /// Opens a ticket; `None` when the system has no randomness, or too many
    /// are open.
    pub(super) fn open(&self, ticket: Ticket, now: Timestamp) -> Option<String> {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).ok()?;
        let token = format!("{:032x}", u128::from_be_bytes(bytes));
        let mut open = self.0.lock().ok()?;
        if open.len() >= OPEN {
            open.retain(|_, (since, ticket)| is_good(*since, ticket, now));
        }
        let user = ticket.user;
        let own = || open.iter().filter(|(_, (_, other))| other.user == user);
        if own().count() >= OPEN_OF_ONE {
            let oldest = own().min_by_key(|(_, (since, _))| *since);
            let oldest = oldest.map(|(token, _)| token.clone())?;
            open.remove(&oldest);
        }
        if open.len() >= OPEN {
            return None;
        }
        open.insert(token.clone(), (now, ticket));
        Some(token)
    }

    /// Takes a ticket; each works once, on its own phone.
    pub(super) fn take(&self, token: &str, device: &DeviceName, now: Timestamp) -> Option<Ticket> {
        let mut open = self.0.lock().ok()?;
        let (since, ticket) = open.remove(token)?;
        (is_good(since, &ticket, now) && ticket.device == *device).then_some(ticket)
    }
}

fn is_good(since: Timestamp, ticket: &Ticket, now: Timestamp) -> bool {
    now.since(since) < ticket.errand.lifetime()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ticket(errand: Errand) -> Ticket {
        Ticket {
            device: DeviceName::new("SEP001122334455").unwrap(),
            user: ObjectId(1),
            version: 7,
            errand,
            new_pin: false,
        }
    }

    #[test]
    fn a_ticket_works_once_on_its_own_phone_and_for_its_time() {
        let tickets = Tickets::default();
        let other = DeviceName::new("SEP001122334456").unwrap();
        for (errand, until) in [
            (Errand::Take(ProfileName::new("desk").unwrap()), 120_000),
            (Errand::MoveHere(None), 120_000),
            (Errand::ChangePin(None), 300_000),
        ] {
            let ticket = ticket(errand);
            let device = &ticket.device;
            let open = || tickets.open(ticket.clone(), Timestamp(0)).unwrap();
            let token = open();
            let at = Timestamp(until - 1);
            assert_eq!(tickets.take(&token, device, at), Some(ticket.clone()));
            assert_eq!(tickets.take(&token, device, at), None, "twice");
            assert_eq!(tickets.take(&open(), &other, at), None, "elsewhere");
            let late = tickets.take(&open(), device, Timestamp(until));
            assert_eq!(late, None, "too late");
        }
    }

    #[test]
    fn there_is_an_end_to_open_tickets_and_old_ones_make_room() {
        let tickets = Tickets::default();
        let open = |user: usize, at| {
            let mut ticket = ticket(Errand::ChangePin(None));
            ticket.user = ObjectId(i64::try_from(user).unwrap());
            tickets.open(ticket, Timestamp(at))
        };
        assert!((0..OPEN).all(|ticket| open(ticket / OPEN_OF_ONE, 0).is_some()));
        assert_eq!(open(OPEN, 299_999), None);
        assert!(open(OPEN, 300_000).is_some());
    }

    #[test]
    fn one_user_does_not_use_up_what_all_need() {
        let tickets = Tickets::default();
        let open = |at| tickets.open(ticket(Errand::ChangePin(None)), Timestamp(at));
        let tokens: Vec<String> = (0..=OPEN_OF_ONE)
            .map_while(|at| open(i64::try_from(at).unwrap()))
            .collect();
        assert_eq!(tickets.0.lock().unwrap().len(), OPEN_OF_ONE);
        let device = ticket(Errand::ChangePin(None)).device;
        let good = |token: &String| tickets.take(token, &device, Timestamp(1000)).is_some();
        assert!(!good(&tokens[0]), "his oldest");
        assert!(tokens[1..].iter().all(good));
    }
}
