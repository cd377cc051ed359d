//! Tokens that stand for a PIN that was right, while a user chooses among his
//! profiles: the PIN itself must not appear in a URL that we write.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::model::{DeviceName, ObjectId, ProfileName, Timestamp};

/// How long a choice may take.
const LIFETIME: Duration = Duration::from_secs(120);

/// The most choices that are open at one time.
const OPEN: usize = 10_000;

/// A user who has shown his PIN on a phone, and one profile that he may take
/// there. It is not in the URL: fifty letters of another script, escaped, are
/// longer than any URL that a phone takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) device: DeviceName,
    pub(super) user: ObjectId,
    pub(super) version: u64,
    pub(super) profile: ProfileName,
}

/// The open choices.
#[derive(Default)]
pub(super) struct Choices(Mutex<HashMap<String, (Timestamp, Choice)>>);

impl Choices {
    /// Opens a choice; `None` when the system has no randomness, or too many
    /// are open.
    pub(super) fn open(&self, choice: Choice, now: Timestamp) -> Option<String> {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes).ok()?;
        let token = format!("{:032x}", u128::from_be_bytes(bytes));
        let mut open = self.0.lock().ok()?;
        open.retain(|_, (since, _)| now.since(*since) < LIFETIME);
        if open.len() >= OPEN {
            return None;
        }
        open.insert(token.clone(), (now, choice));
        Some(token)
    }

    /// Takes a choice; each token works once, on its own phone.
    pub(super) fn take(&self, token: &str, device: &DeviceName, now: Timestamp) -> Option<Choice> {
        let mut open = self.0.lock().ok()?;
        let (since, choice) = open.remove(token)?;
        (now.since(since) < LIFETIME && choice.device == *device).then_some(choice)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_works_once_on_its_own_phone_and_for_two_minutes() {
        let choices = Choices::default();
        let device = DeviceName::new("SEP001122334455").unwrap();
        let other = DeviceName::new("SEP001122334456").unwrap();
        let choice = Choice {
            device: device.clone(),
            user: ObjectId(1),
            version: 7,
            profile: ProfileName::new("desk").unwrap(),
        };
        let open = |at| choices.open(choice.clone(), Timestamp(at)).unwrap();
        let token = open(0);
        assert_eq!(
            choices.take(&token, &device, Timestamp(1)),
            Some(choice.clone())
        );
        assert_eq!(choices.take(&token, &device, Timestamp(1)), None, "twice");
        assert_eq!(
            choices.take(&open(0), &other, Timestamp(1)),
            None,
            "elsewhere"
        );
        assert_eq!(
            choices.take(&open(0), &device, Timestamp(120_000)),
            None,
            "too late"
        );
    }
}
