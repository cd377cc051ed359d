//! Boot files made lately: a phone that asks again (over HTTP, then over TFTP;
//! because a packet was lost; because it boots once more) gets the file that
//! was made for it before.
//!
//! While what is wanted rests on the same, it is not even looked at again. After
//! any other change a stamp, which stands for everything that is in a file but
//! how the phone reaches us, tells whether the file is still the right one.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::view::AdvertisedPorts;
use crate::model::{Basis, DeviceName, LoadName, Stamp};

/// What is kept at most, in octets: files of some three thousand phones.
const MOST_OCTETS: usize = 32 << 20;

/// How a phone reaches us: the part of its file that no stamp stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) host: String,
    pub(super) ports: AdvertisedPorts,
}

/// A boot file, and what it was made from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct BootFile {
    pub(super) basis: Basis,
    pub(super) stamp: Stamp,
    pub(super) has_secret: bool,
    /// The load that is wanted, and whether the file tells it.
    pub(super) load: Option<(LoadName, bool)>,
    pub(super) body: Bytes,
}

/// The last file of each phone, the oldest forgotten first. Files hold secrets:
/// this is never printed.
#[derive(Default)]
pub(super) struct RecentFiles {
    files: HashMap<DeviceName, (Reach, BootFile)>,
    /// In the order in which they came; each phone once.
    order: VecDeque<DeviceName>,
    octets: usize,
}

impl RecentFiles {
    /// The file of `device`, if what is wanted still rests on the same.
    pub(super) fn find(
        &self,
        device: &DeviceName,
        reach: &Reach,
        basis: Basis,
    ) -> Option<BootFile> {
        let (kept, file) = self.files.get(device)?;
        (kept == reach && file.basis == basis).then(|| file.clone())
    }

    /// The file of `device`, if it says what is wanted by now: this stamp,
    /// which rests on `basis`.
    pub(super) fn renew(
        &mut self,
        device: &DeviceName,
        reach: &Reach,
        stamp: Stamp,
        basis: Basis,
    ) -> Option<BootFile> {
        let (kept, file) = self.files.get_mut(device)?;
        if kept != reach || file.stamp != stamp {
            return None;
        }
        file.basis = basis;
        Some(file.clone())
    }

    /// Keeps the file of `device` in the place of an earlier one.
    pub(super) fn keep(&mut self, device: &DeviceName, reach: Reach, file: BootFile) {
        self.octets += file.body.len();
        match self.files.insert(device.clone(), (reach, file)) {
            Some((_, old)) => self.octets -= old.body.len(),
            None => self.order.push_back(device.clone()),
        }
        while self.octets > MOST_OCTETS
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, gone)) = self.files.remove(&oldest) {
                self.octets -= gone.body.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::{Change, ObjectId, Parameters, World};

    fn reach(host: &str) -> Reach {
        Reach {
            host: host.to_owned(),
            ports: AdvertisedPorts::default(),
        }
    }

    /// What is wanted after so many changes of the site.
    fn basis(changes: u32) -> Basis {
        let mut world = World::default();
        for _ in 0..changes {
            world.apply(&Change::Parameters(Parameters::default()));
        }
        world.basis(ObjectId(1))
    }

    fn file(changes: u32, stamp: u64, body: impl Into<Bytes>) -> BootFile {
        BootFile {
            basis: basis(changes),
            stamp: Stamp::from_bits(stamp),
            has_secret: false,
            load: None,
            body: body.into(),
        }
    }

    fn device(number: u32) -> DeviceName {
        DeviceName::new(&format!("SEP0200000{number:05X}")).unwrap()
    }

    #[test]
    fn a_file_is_found_while_it_says_what_is_wanted() {
        let mut recent = RecentFiles::default();
        let (phone, here) = (device(1), reach("192.0.2.1"));
        recent.keep(&phone, here.clone(), file(0, 1, "one"));
        let found = |recent: &RecentFiles, reach: &Reach, changes| {
            recent
                .find(&phone, reach, basis(changes))
                .map(|file| file.body)
        };
        assert_eq!(found(&recent, &here, 0).unwrap(), "one");
        assert_eq!(found(&recent, &here, 1), None);
        assert_eq!(found(&recent, &reach("192.0.2.2"), 0), None);
        assert!(recent.find(&device(2), &here, basis(0)).is_none());

        let stamp = Stamp::from_bits;
        assert!(recent.renew(&phone, &here, stamp(2), basis(1)).is_none());
        let elsewhere = reach("192.0.2.2");
        assert!(
            recent
                .renew(&phone, &elsewhere, stamp(1), basis(1))
                .is_none()
        );
        assert_eq!(found(&recent, &here, 1), None, "nothing was renewed");
        let same = recent.renew(&phone, &here, stamp(1), basis(1)).unwrap();
        assert_eq!((same.body, same.basis), ("one".into(), basis(1)));
        assert_eq!(found(&recent, &here, 1).unwrap(), "one");
        assert_eq!(found(&recent, &here, 0), None);

        recent.keep(&phone, here.clone(), file(2, 2, "two"));
        assert_eq!(found(&recent, &here, 1), None);
        assert_eq!(found(&recent, &here, 2).unwrap(), "two");
        assert_eq!((recent.octets, recent.order.len()), (3, 1));
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let mut recent = RecentFiles::default();
        let (body, here) = (Bytes::from(vec![b'x'; 1 << 20]), reach("h"));
        for number in 0..100 {
            recent.keep(&device(number), here.clone(), file(0, 1, body.clone()));
            assert!(recent.octets <= MOST_OCTETS);
            assert_eq!(recent.files.len(), recent.order.len());
        }
        assert_eq!(recent.octets, MOST_OCTETS);
        assert!(recent.find(&device(0), &here, basis(0)).is_none());
        assert!(recent.find(&device(99), &here, basis(0)).is_some());
    }
}
