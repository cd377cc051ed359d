//! Which first file a phone got last of which nobody knows the load: one that
//! nobody configured, or a 7940 or 7960 that never registered. A file for another
//! load may be of no use to it, and then it boots again.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{DeviceName, Protocol};

/// Phones remembered; of more, each time the first guess.
const MOST: usize = 4096;

/// A phone asks for its file over HTTP and then over TFTP, and repeats itself:
/// within this time that is one boot.
const ONE_BOOT: Duration = Duration::from_secs(2);

/// A phone whose blocks are lost repeats itself for so long, and boots no faster.
const REPEATED: Duration = Duration::from_secs(8);

/// After this a phone begins anew.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// A first file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstFile {
    /// The XML file, for a load of this protocol.
    Xml(Protocol),
    /// None, so that the SIP load of a 7940 or 7960 asks on for its lines of
    /// text: the first file that it finds picks its protocol.
    Text,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    file: FirstFile,
    at: Duration,
    /// The phone showed that it runs such a load.
    is_sure: bool,
}

/// What phones were told.
#[derive(Debug, Default)]
pub(super) struct FirstFiles(HashMap<DeviceName, Told>);

impl FirstFiles {
    /// The file for a phone that asks for the XML one at `now` (monotonic):
    /// what it showed; else one for `guess`, and when it comes again one for the
    /// other protocol, then none if it `may_read_text`, and so on in turn.
    pub(super) fn next(
        &mut self,
        device: &DeviceName,
        guess: Protocol,
        may_read_text: bool,
        now: Duration,
    ) -> FirstFile {
        let file = match self.at(device, now) {
            Some(told) if told.is_sure || now < told.at + ONE_BOOT => return told.file,
            Some(told) => match told.file {
                FirstFile::Xml(protocol) if protocol == guess => FirstFile::Xml(guess.other()),
                FirstFile::Xml(_) if may_read_text => FirstFile::Text,
                FirstFile::Xml(_) | FirstFile::Text => FirstFile::Xml(guess),
            },
            None => FirstFile::Xml(guess),
        };
        let is_sure = false;
        let told = Told {
            file,
            at: now,
            is_sure,
        };
        self.remember(device, told, now);
        file
    }

    /// Whether a phone that asks for the XML file at `now` (monotonic) is to find
    /// none, so that it asks on for lines of text: every third boot, for it may
    /// have been somebody who looked at its file, or one that was put off.
    pub(super) fn is_texts_turn(&mut self, device: &DeviceName, now: Duration) -> bool {
        let file = match self.at(device, now) {
            Some(told) if now < told.at + REPEATED => return told.file == FirstFile::Text,
            // The second time it is the same file, and only counted as another.
            Some(told) => match told.file {
                FirstFile::Xml(Protocol::Sccp) => FirstFile::Xml(Protocol::Sip),
                FirstFile::Xml(Protocol::Sip) => FirstFile::Text,
                FirstFile::Text => FirstFile::Xml(Protocol::Sccp),
            },
            None => FirstFile::Xml(Protocol::Sccp),
        };
        let told = Told {
            file,
            at: now,
            is_sure: false,
        };
        self.remember(device, told, now);
        file == FirstFile::Text
    }

    /// Whether a phone was told last that there is no XML file.
    pub(super) fn is_told_to_go_on(&self, device: &DeviceName, now: Duration) -> bool {
        self.at(device, now)
            .is_some_and(|told| told.file == FirstFile::Text)
    }

    /// Whether a phone that asks for lines of text gets them: not where it has
    /// the XML file already.
    pub(super) fn reads_text(&self, device: &DeviceName, now: Duration) -> bool {
        self.at(device, now)
            .is_none_or(|told| told.file == FirstFile::Text)
    }

    /// A phone showed which load it runs.
    pub(super) fn shown(&mut self, device: &DeviceName, protocol: Protocol, now: Duration) {
        let told = Told {
            file: FirstFile::Xml(protocol),
            at: now,
            is_sure: true,
        };
        self.remember(device, told, now);
    }

    fn at(&self, device: &DeviceName, now: Duration) -> Option<Told> {
        let told = self.0.get(device).copied();
        told.filter(|told| now < told.at + FORGOTTEN)
    }

    fn remember(&mut self, device: &DeviceName, told: Told, now: Duration) {
        if self.0.len() >= MOST && !self.0.contains_key(device) {
            self.0.retain(|_, told| now < told.at + FORGOTTEN);
            if self.0.len() >= MOST {
                return;
            }
        }
        self.0.insert(device.clone(), told);
    }
}

#[cfg(test)]
mod tests {
    use super::FirstFile::{Text, Xml};
    use super::*;
    use Protocol::{Sccp, Sip};

    fn device(number: u32) -> DeviceName {
        let [_, a, b, c] = number.to_be_bytes();
        DeviceName::from_mac([0, 0, 0, a, b, c])
    }

    #[test]
    fn a_phone_that_boots_again_gets_another_file() {
        let mut told = FirstFiles::default();
        let mut ask = |at| told.next(&device(1), Sccp, true, Duration::from_millis(at));
        assert_eq!(ask(0), Xml(Sccp));
        assert_eq!(ask(700), Xml(Sccp), "over TFTP, after HTTP");
        assert_eq!(ask(20_000), Xml(Sip));
        assert_eq!(ask(40_000), Text);
        assert_eq!(ask(60_000), Xml(Sccp), "in turn");
        assert_eq!(ask(900_000), Xml(Sccp), "long after, as at first");
        let mut ask = |at| told.next(&device(2), Sip, false, Duration::from_secs(at));
        let files: Vec<FirstFile> = [0, 20, 40, 60].map(&mut ask).into();
        assert_eq!(files, [Xml(Sip), Xml(Sccp), Xml(Sip), Xml(Sccp)]);
    }

    #[test]
    fn lines_of_text_are_for_who_has_no_other_file() {
        let mut told = FirstFiles::default();
        let at = Duration::from_secs;
        assert!(
            told.reads_text(&device(1), at(0)),
            "it asked for nothing else"
        );
        for (second, text) in [(0, false), (20, false), (40, true)] {
            told.next(&device(1), Sccp, true, at(second));
            assert_eq!(
                told.reads_text(&device(1), at(second + 1)),
                text,
                "{second}"
            );
        }
    }

    #[test]
    fn every_third_boot_is_for_lines_of_text() {
        let mut told = FirstFiles::default();
        let mut ask = |at| told.is_texts_turn(&device(1), Duration::from_secs(at));
        let turns = [0, 5, 20, 40, 41, 60, 80, 100, 800].map(&mut ask);
        let expected = [false, false, false, true, true, false, false, true, false];
        assert_eq!(turns, expected);
        let second = |at| Duration::from_secs(at);
        assert!(!told.is_told_to_go_on(&device(1), second(801)));
        for at in [820, 840] {
            told.is_texts_turn(&device(1), second(at));
        }
        assert!(told.is_told_to_go_on(&device(1), second(841)));
        assert!(!told.is_told_to_go_on(&device(2), second(841)));
    }

    #[test]
    fn what_a_phone_shows_stays() {
        let mut told = FirstFiles::default();
        let at = Duration::from_secs;
        assert_eq!(told.next(&device(1), Sccp, true, at(0)), Xml(Sccp));
        told.shown(&device(1), Sip, at(1));
        for later in [1, 30, 60] {
            assert_eq!(told.next(&device(1), Sccp, true, at(later)), Xml(Sip));
        }
    }

    #[test]
    fn whoever_makes_names_up_fills_nothing() {
        let mut told = FirstFiles::default();
        for number in 0..10_000 {
            told.next(&device(number), Sccp, true, Duration::ZERO);
        }
        assert_eq!(told.0.len(), MOST);
        // Later there is room again.
        told.next(&device(20_000), Sccp, true, FORGOTTEN);
        assert_eq!(told.0.len(), 1);
    }
}
