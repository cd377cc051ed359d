//! Events as they happen, for server-sent events and for doors that are told
//! of logins and logouts.
//!
//! Whoever reads too slowly is told how much it missed; whoever records never
//! waits for a reader.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use tokio::sync::broadcast;

use crate::model::DeviceName;
use crate::ports::{Event, EventKind};

/// What a stream tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Streamed {
    /// An event.
    Event(Arc<Event>),
    /// The reader was too slow: so many events, of any phone and kind, were
    /// passed over.
    Missed(u64),
}

/// Kinds of events by name ([`EventKind::name`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds(BTreeSet<&'static str>);

/// A word that names no kind of event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no kind of event; they are {}", EventKind::NAMES.join(", "))]
pub struct NoSuchKind {
    /// The word.
    pub word: String,
}

impl Kinds {
    /// What applications are told of logins and logouts (Cisco,
    /// *Understanding Extension Mobility*: CTI notifies applications that
    /// monitor the device or user).
    pub fn sessions() -> Self {
        Self(
            [
                "signed-in",
                "signed-out",
                "lines-changed",
                "control-list-changed",
                "call-backs-ended",
            ]
            .into(),
        )
    }

    fn hold(&self, kind: &EventKind) -> bool {
        self.0.contains(kind.name())
    }
}

impl FromStr for Kinds {
    type Err = NoSuchKind;

    /// Names with commas between them; `sessions` is all that is about logins.
    fn from_str(text: &str) -> Result<Self, NoSuchKind> {
        let mut kinds = BTreeSet::new();
        for word in text.split(',').map(str::trim) {
            if word == "sessions" {
                kinds.extend(Self::sessions().0);
                continue;
            }
            let known = EventKind::NAMES.iter().find(|name| **name == word);
            kinds.insert(*known.ok_or_else(|| NoSuchKind {
                word: word.chars().take(40).collect(),
            })?);
        }
        Ok(Self(kinds))
    }
}

/// Events from now on, of all phones or of one, of all kinds or of some.
#[derive(Debug)]
pub struct EventStream {
    receiver: broadcast::Receiver<Arc<Event>>,
    device: Option<DeviceName>,
    kinds: Option<Kinds>,
}

impl EventStream {
    pub(super) fn new(receiver: broadcast::Receiver<Arc<Event>>) -> Self {
        Self {
            receiver,
            device: None,
            kinds: None,
        }
    }

    /// The same stream, of one phone alone.
    #[must_use]
    pub fn only(mut self, device: DeviceName) -> Self {
        self.device = Some(device);
        self
    }

    /// The same stream, of these kinds alone.
    #[must_use]
    pub fn of(mut self, kinds: Kinds) -> Self {
        self.kinds = Some(kinds);
        self
    }

    /// The next event; `None` when the journal is gone. Safe to cancel: an
    /// event that was not returned comes with the next call.
    pub async fn next(&mut self) -> Option<Streamed> {
        loop {
            match self.receiver.recv().await {
                Ok(event) if self.wants(&event) => return Some(Streamed::Event(event)),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    return Some(Streamed::Missed(missed));
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    fn wants(&self, event: &Event) -> bool {
        let of = |kinds: &Kinds| kinds.hold(&event.kind);
        self.device
            .as_ref()
            .is_none_or(|device| event.device.as_ref() == Some(device))
            && self.kinds.as_ref().is_none_or(of)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::samples::every_kind;

    #[test]
    fn every_kind_has_the_name_that_it_is_written_with() {
        let kinds = every_kind("x");
        for kind in &kinds {
            let written = serde_json::to_value(kind).unwrap();
            assert_eq!(written["event"], kind.name());
            assert!(EventKind::NAMES.contains(&kind.name()));
        }
        let names: BTreeSet<&str> = kinds.iter().map(EventKind::name).collect();
        assert_eq!(
            names.len(),
            EventKind::NAMES.len(),
            "no name without a kind"
        );
    }

    #[test]
    fn kinds_are_asked_for_by_name() {
        let some: Kinds = "signed-in, signed-out".parse().unwrap();
        assert_eq!(some.0.len(), 2);
        let sessions: Kinds = "sessions,refused".parse().unwrap();
        assert_eq!(sessions.0.len(), Kinds::sessions().0.len() + 1);
        let error = "signed-in,sigend-out".parse::<Kinds>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("\"sigend-out\" is no kind of event; they are file, "),
            "{error}"
        );
        for name in &Kinds::sessions().0 {
            assert!(EventKind::NAMES.contains(name), "{name}");
        }
    }
}
