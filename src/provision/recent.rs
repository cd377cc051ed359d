//! Boot files made lately: a phone that asks again (over HTTP, then over TFTP;
//! because a packet was lost; because it boots once more) gets the file that
//! was made for it before.
//!
//! A stamp stands for everything that is in a file but how the phone reaches
//! us, so the two together tell whether the file is still the right one.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::view::AdvertisedPorts;
use crate::model::{DeviceName, Stamp};

/// What is kept at most, in octets: files of some three thousand phones.
const MOST_OCTETS: usize = 32 << 20;

/// What a boot file says: what is wanted, and how this phone reaches us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) stamp: Stamp,
    pub(super) host: String,
    pub(super) ports: AdvertisedPorts,
}

/// The last file of each phone, the oldest forgotten first. Files hold secrets:
/// this is never printed.
#[derive(Default)]
pub(super) struct RecentFiles {
    files: HashMap<DeviceName, (Content, Bytes)>,
    /// In the order in which they came; each phone once.
    order: VecDeque<DeviceName>,
    octets: usize,
}

impl RecentFiles {
    /// The file of `device`, if it still says `content`.
    pub(super) fn find(&self, device: &DeviceName, content: &Content) -> Option<Bytes> {
        let (kept, body) = self.files.get(device)?;
        (kept == content).then(|| body.clone())
    }

    /// Keeps the file of `device` in the place of an earlier one.
    pub(super) fn keep(&mut self, device: &DeviceName, content: Content, body: Bytes) {
        self.octets += body.len();
        match self.files.insert(device.clone(), (content, body)) {
            Some((_, old)) => self.octets -= old.len(),
            None => self.order.push_back(device.clone()),
        }
        while self.octets > MOST_OCTETS
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, gone)) = self.files.remove(&oldest) {
                self.octets -= gone.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn content(stamp: u64, host: &str) -> Content {
        Content {
            stamp: Stamp::from_bits(stamp),
            host: host.to_owned(),
            ports: AdvertisedPorts::default(),
        }
    }

    fn device(number: u32) -> DeviceName {
        DeviceName::new(&format!("SEP0200000{number:05X}")).unwrap()
    }

    #[test]
    fn a_file_is_found_while_it_says_what_is_wanted() {
        let mut recent = RecentFiles::default();
        let (phone, first) = (device(1), content(1, "192.0.2.1"));
        recent.keep(&phone, first.clone(), Bytes::from_static(b"one"));
        assert_eq!(recent.find(&phone, &first).unwrap(), "one");
        assert_eq!(recent.find(&phone, &content(2, "192.0.2.1")), None);
        assert_eq!(recent.find(&phone, &content(1, "192.0.2.2")), None);
        assert_eq!(recent.find(&device(2), &first), None);
        let second = content(2, "192.0.2.1");
        recent.keep(&phone, second.clone(), Bytes::from_static(b"two"));
        assert_eq!(recent.find(&phone, &first), None);
        assert_eq!(recent.find(&phone, &second).unwrap(), "two");
        assert_eq!((recent.octets, recent.order.len()), (3, 1));
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let mut recent = RecentFiles::default();
        let body = Bytes::from(vec![b'x'; 1 << 20]);
        for number in 0..100 {
            recent.keep(&device(number), content(1, "h"), body.clone());
            assert!(recent.octets <= MOST_OCTETS);
            assert_eq!(recent.files.len(), recent.order.len());
        }
        assert_eq!(recent.octets, MOST_OCTETS);
        assert_eq!(recent.find(&device(0), &content(1, "h")), None);
        assert!(recent.find(&device(99), &content(1, "h")).is_some());
    }
}
