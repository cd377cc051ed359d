//! Phones that try to register and that nobody configured.
//!
//! They repeat for ever, and anyone on the network can invent them: what is
//! kept of them is bounded, and so is what is written about them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::describe::mac;
use super::recent::Recent;
use super::words::clean;
use crate::model::{Catalogue, DeviceName, Protocol, Timestamp};
use crate::ports::{Event, EventKind, TurnedAway};

/// One line a phone in this time.
const QUIET: Duration = Duration::from_secs(60);

/// The most lines about unknown phones together in [`QUIET`].
const TOGETHER: u32 = 120;

/// A phone that tried to register and is not configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownPhone {
    /// Its name; `None` when it gave none.
    pub device: Option<DeviceName>,
    /// Where it came from last.
    pub peer: SocketAddr,
    /// The type it reported.
    pub type_id: Option<u32>,
    /// The load it reported.
    pub load: Option<String>,
    /// The protocol it tried.
    pub protocol: Protocol,
    /// When it tried last.
    pub at: Timestamp,
    /// How often it tried.
    pub count: u64,
    /// Why it was not let in, where phones may register by themselves.
    #[serde(default)]
    pub turned_away: Option<TurnedAway>,
    /// What to paste into the site file; `None` without a name.
    pub block: Option<String>,
}

/// A `[[phone]]` block for the site file. The model is guessed from the type
/// that the phone reported; a question mark where the catalogue does not know
/// it, which `embody check` refuses until it is filled in.
pub fn phone_block(
    device: &DeviceName,
    type_id: Option<u32>,
    protocol: Protocol,
    catalogue: &Catalogue,
) -> String {
    let model = match type_id.and_then(|id| catalogue.by_type(id)) {
        Some(model) => format!("model = \"{}\"", model.name),
        None => "model = \"?\"   # its number stands on the phone".to_owned(),
    };
    let protocol = match protocol {
        Protocol::Sccp => "sccp",
        Protocol::Sip => "sip",
    };
    format!(
        "[[phone]]\nname = \"{device}\"\n{model}\nprotocol = \"{protocol}\"\n\
         extension_mobility = true\n"
    )
}

/// What is added to the log line of an unknown phone: its MAC address and the
/// block, on the same line.
pub(super) fn adoption(event: &Event, catalogue: &Catalogue) -> Option<String> {
    let EventKind::UnknownPhone {
        protocol, type_id, ..
    } = &event.kind
    else {
        return None;
    };
    let device = event.device.as_ref()?;
    let mac = mac(device).map_or_else(String::new, |mac| format!(", MAC {mac}"));
    let block = phone_block(device, *type_id, *protocol, catalogue);
    let lines: Vec<&str> = block.lines().collect();
    Some(format!("{mac}; to adopt it: {}", lines.join("  ")))
}

/// A phone by what it can be told by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Name(DeviceName),
    Address(IpAddr),
}

#[derive(Debug)]
struct Seen {
    phone: UnknownPhone,
    /// When a line about it was written last.
    told: Timestamp,
}

/// The unknown phones of late.
#[derive(Debug)]
pub(super) struct UnknownPhones {
    seen: Recent<Key, Seen>,
    window: Timestamp,
    told_in_window: u32,
}

impl UnknownPhones {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            seen: Recent::new(limit),
            window: Timestamp::default(),
            told_in_window: 0,
        }
    }

    /// Takes note; whether a line about it is due.
    pub(super) fn note(&mut self, event: &Event) -> bool {
        let EventKind::UnknownPhone {
            protocol,
            peer,
            type_id,
            load,
            turned_away,
        } = &event.kind
        else {
            return true;
        };
        let key = match &event.device {
            Some(device) => Key::Name(device.clone()),
            None => Key::Address(peer.ip().to_canonical()),
        };
        let mut new = false;
        let seen = self.seen.touch(&key, || {
            new = true;
            Seen {
                phone: UnknownPhone {
                    device: event.device.clone(),
                    peer: *peer,
                    type_id: None,
                    load: None,
                    protocol: *protocol,
                    at: event.at,
                    count: 0,
                    turned_away: None,
                    block: None,
                },
                told: event.at,
            }
        });
        let phone = &mut seen.phone;
        phone.peer = *peer;
        phone.type_id = type_id.or(phone.type_id);
        phone.load = load.as_deref().map(clean).or(phone.load.take());
        phone.protocol = *protocol;
        phone.turned_away = *turned_away;
        phone.at = event.at;
        phone.count = phone.count.saturating_add(1);

        if !new && !passed(seen.told, event.at) {
            return false;
        }
        if passed(self.window, event.at) {
            self.window = event.at;
            self.told_in_window = 0;
        }
        if self.told_in_window >= TOGETHER {
            return false;
        }
        self.told_in_window += 1;
        seen.told = event.at;
        true
    }

    /// It is known now.
    pub(super) fn forget(&mut self, device: &DeviceName) {
        self.seen.remove(&Key::Name(device.clone()));
    }

    /// All of them, the newest first.
    pub(super) fn list(&self, catalogue: &Catalogue) -> Vec<UnknownPhone> {
        self.seen
            .iter()
            .map(|(_, seen)| UnknownPhone {
                block: seen.phone.device.as_ref().map(|device| {
                    phone_block(device, seen.phone.type_id, seen.phone.protocol, catalogue)
                }),
                ..seen.phone.clone()
            })
            .collect()
    }
}

/// Whether the quiet time after `then` is over; a clock that was set back does
/// not make it last longer.
fn passed(then: Timestamp, now: Timestamp) -> bool {
    now < then || now.since(then) >= QUIET
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::samples::{catalogue, device, nth_device, stranger};

    #[test]
    fn one_line_a_minute_and_every_attempt_counted() {
        let mut phones = UnknownPhones::new(10);
        let lines = (0..120).filter(|second| phones.note(&stranger(*second, Some(device()))));
        assert_eq!(lines.count(), 2);
        assert_eq!(phones.list(&catalogue())[0].count, 120);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_silence_a_phone() {
        let mut phones = UnknownPhones::new(10);
        assert!(phones.note(&stranger(0, Some(device()))));
        assert!(phones.note(&stranger(-86_400, Some(device()))));
        assert!(!phones.note(&stranger(-86_399, Some(device()))));
    }

    #[test]
    fn invented_phones_flood_neither_memory_nor_log() {
        let mut phones = UnknownPhones::new(50);
        let lines = (0..10_000).filter(|n| phones.note(&stranger(0, Some(nth_device(*n)))));
        assert_eq!(lines.count(), TOGETHER as usize);
        let list = phones.list(&catalogue());
        assert_eq!(list.len(), 50);
        assert_eq!(list[0].device, Some(nth_device(9_999)), "the newest first");
    }

    #[test]
    fn nameless_phones_are_told_apart_by_address() {
        let mut phones = UnknownPhones::new(10);
        assert!(phones.note(&stranger(0, None)));
        assert!(!phones.note(&stranger(1, None)));
        let list = phones.list(&catalogue());
        assert_eq!((list.len(), list[0].count), (1, 2));
        assert_eq!(list[0].block, None);
    }

    #[test]
    fn the_block_is_toml_that_names_the_phone() {
        let block = phone_block(&device(), Some(30018), Protocol::Sip, &catalogue());
        assert_eq!(
            block,
            "[[phone]]\nname = \"SEP001122334455\"\nmodel = \"7961\"\nprotocol = \"sip\"\n\
             extension_mobility = true\n"
        );
        let table: toml::Table = block.parse().unwrap();
        assert_eq!(table["phone"][0]["model"].as_str(), Some("7961"));

        let guess = phone_block(&device(), Some(4), Protocol::Sccp, &catalogue());
        let table: toml::Table = guess.parse().unwrap();
        assert_eq!(table["phone"][0]["model"].as_str(), Some("?"));
    }

    #[test]
    fn the_log_line_holds_mac_and_block_on_one_line() {
        let line = adoption(&stranger(0, Some(device())), &catalogue()).unwrap();
        assert!(line.starts_with(", MAC 00:11:22:33:44:55; to adopt it: [[phone]]  name = "));
        assert!(!line.contains('\n'));
        assert_eq!(adoption(&stranger(0, None), &catalogue()), None);
    }

    #[test]
    fn a_phone_that_was_configured_leaves_the_list() {
        let mut phones = UnknownPhones::new(10);
        phones.note(&stranger(0, Some(device())));
        phones.forget(&device());
        assert!(phones.list(&catalogue()).is_empty());
    }
}
