//! What was seen of one phone lately, counted: a flood of the same costs one
//! place, and a diagnosis need not search a timeline that a flood has emptied.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::words::{address, clean};
use crate::model::{DeviceName, OrderKind, Timestamp};
use crate::ports::{Event, EventKind, Sign, refusal};

/// What comes again within this time is the same matter. Phones try again
/// within three minutes (Cisco SIP firmware waits 120 to 180 s at most before
/// it starts anew; SCCP loads seconds).
const TOGETHER: Duration = Duration::from_secs(300);

/// Firmware that is loaded, written and started again takes a phone up to a
/// quarter of an hour, and a phone without any may rest between two attempts.
const TOGETHER_FIRMWARE: Duration = Duration::from_secs(1800);

/// Two requests for one file within this time are of one boot.
const SAME_BOOT: Duration = Duration::from_secs(2);

/// The longest detail that is kept, characters.
const DETAIL: usize = 120;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// A sign.
    Sign(Sign),
    /// Its own boot file went out; the detail is the name.
    FileSent,
    /// Its own boot file was not given; the detail is why.
    FileDenied,
    /// Its own boot file arrived.
    FileDelivered,
    /// It registered.
    Registered,
    /// Its registration ended; the detail is how.
    Left,
    /// Its registration was refused: the secret is another.
    WrongSecret,
    /// Its registration was refused: its names contradict each other.
    NamesDiffer,
    /// Its registration was refused for another reason, the detail.
    Refused,
    /// Its registration was refused: another phone has its name.
    NameInUse,
    /// It was ordered to restart or reset.
    Ordered,
}

/// How often something was seen, without a long pause between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How often; 0 where something came after it that ends the count.
    pub count: u32,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// From where last, if that was told.
    pub peer: Option<IpAddr>,
    /// Of the last one.
    pub detail: String,
    /// The places of the first and the last in the order in which things were
    /// seen: two may be of one millisecond, and a clock may be set back.
    turns: (u64, u64),
}

impl Seen {
    /// The mean time from one to the next; `None` for a single one.
    pub fn pace(&self) -> Option<Duration> {
        let gaps = self.count.checked_sub(1).filter(|gaps| *gaps > 0)?;
        Some(self.last.since(self.first) / gaps)
    }

    /// Whether the last of these came after the first of `other`.
    pub fn is_after_first(&self, other: &Self) -> bool {
        self.turns.1 > other.turns.0
    }

    /// Whether the last of these came after the last of `other`.
    pub fn is_after_last(&self, other: &Self) -> bool {
        self.turns.1 > other.turns.1
    }
}

/// When something was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// By the clock.
    pub(super) at: Timestamp,
    /// Its place in the order in which things were seen.
    pub(super) turn: u64,
}

/// What was seen of one phone, or of an address that named none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// One place a mark: bounded by the number of marks.
    seen: Vec<(Mark, Seen)>,
}

impl Trail {
    /// What was counted of a mark.
    pub fn of(&self, mark: Mark) -> Option<&Seen> {
        self.seen
            .iter()
            .find_map(|(known, seen)| (*known == mark).then_some(seen))
    }

    /// What was counted of a sign.
    pub fn sign(&self, sign: Sign) -> Option<&Seen> {
        self.of(Mark::Sign(sign))
    }

    /// When a mark was seen last.
    pub fn last(&self, mark: Mark) -> Option<Timestamp> {
        self.of(mark).map(|seen| seen.last)
    }

    /// When anything was seen last.
    pub fn heard(&self) -> Option<Timestamp> {
        self.seen.iter().map(|(_, seen)| seen.last).max()
    }

    /// Whether nothing was ever seen.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Counts; says how often it was seen now.
    pub(super) fn note(
        &mut self,
        mark: Mark,
        Moment { at, turn }: Moment,
        peer: Option<SocketAddr>,
        detail: &str,
    ) -> u32 {
        self.begin_anew(mark);
        let detail: String = clean(detail).chars().take(DETAIL).collect();
        let peer = peer.map(address);
        let known = self.seen.iter_mut().find(|(known, _)| *known == mark);
        let Some((_, seen)) = known else {
            let seen = Seen {
                count: 1,
                first: at,
                last: at,
                peer,
                detail,
                turns: (turn, turn),
            };
            self.seen.push((mark, seen));
            return 1;
        };
        let is_repeat = match mark {
            // Phones repeat a request from another port within a second.
            Mark::FileSent | Mark::Sign(Sign::SignedSent) => true,
            // Phones that read their files over HTTP ask for each that they did
            // not get over TFTP too.
            Mark::Sign(Sign::TrustListAsked) => seen.detail == detail,
            _ => false,
        };
        let back = seen.last.since(at);
        let is_of_one_boot = back.max(at.since(seen.last)) < SAME_BOOT;
        if at < seen.last {
            // The clock was set back: what was seen before moves with it.
            let span = seen.last.0.saturating_sub(seen.first.0);
            (seen.first, seen.last) = (Timestamp(at.0.saturating_sub(span)), at);
        }
        if is_repeat && seen.count > 0 && is_of_one_boot {
            seen.turns.1 = turn;
            return seen.count;
        }
        if seen.count == 0 || at.since(seen.last) > together(mark) {
            (seen.count, seen.first) = (0, at);
            seen.turns.0 = turn;
        }
        seen.count = seen.count.saturating_add(1);
        seen.last = at;
        seen.turns.1 = turn;
        seen.peer = peer.or(seen.peer);
        seen.detail = detail;
        seen.count
    }

    /// Ends the counts that `mark` ends. When they were seen last stays: a
    /// phone that was ordered to restart has its file from here all the same.
    fn begin_anew(&mut self, mark: Mark) {
        let ended: &[Mark] = match mark {
            // What comes after an order is the order's doing.
            Mark::Ordered => &[Mark::FileSent, Mark::Left, Mark::Sign(Sign::SignedSent)],
            // The signed file was of use.
            Mark::Registered => &[Mark::Sign(Sign::SignedSent)],
            // It went on from the lists.
            Mark::Sign(Sign::BootFileAsked | Sign::SignedMissing | Sign::SignedSent) => {
                &[Mark::Sign(Sign::TrustListAsked)]
            }
            _ => return,
        };
        for (known, seen) in &mut self.seen {
            if ended.contains(known) {
                seen.count = 0;
            }
        }
    }

    /// What was counted of an address, once it is known which phone that is.
    pub(super) fn adopt(&mut self, others: Self) {
        for (mark, seen) in others.seen {
            match self.seen.iter_mut().find(|(known, _)| *known == mark) {
                Some((_, own)) if own.is_after_last(&seen) => {}
                Some((_, own)) => *own = seen,
                None => self.seen.push((mark, seen)),
            }
        }
    }
}

/// What comes again within this time is the same matter.
fn together(mark: Mark) -> Duration {
    match mark {
        Mark::Sign(Sign::FactoryLoadSent | Sign::FactoryLoadMissing) => TOGETHER_FIRMWARE,
        _ => TOGETHER,
    }
}

/// What an event counts as: the mark, where it came from, its detail.
pub(super) fn mark_of(event: &Event) -> Option<(Mark, Option<SocketAddr>, &str)> {
    let (mark, peer, detail) = match &event.kind {
        EventKind::Sign { sign, peer, detail } => (Mark::Sign(*sign), Some(*peer), detail.as_str()),
        EventKind::File {
            name,
            peer,
            outcome,
            stamp,
            ..
        } if is_boot_file(name, event.device.as_ref()?) => match stamp {
            Some(_) => (Mark::FileSent, Some(*peer), name.as_str()),
            None => (Mark::FileDenied, Some(*peer), outcome.as_str()),
        },
        EventKind::FileDelivered { peer, .. } => (Mark::FileDelivered, Some(*peer), ""),
        EventKind::Registered { peer, reason, .. } => (
            Mark::Registered,
            Some(*peer),
            reason.as_deref().unwrap_or_default(),
        ),
        EventKind::Contested { other, .. } => (Mark::NameInUse, Some(*other), ""),
        EventKind::Unregistered { why } => (Mark::Left, None, why.as_str()),
        EventKind::RegistrationRefused { peer, why, .. } => {
            let mark = match why.as_str() {
                refusal::WRONG_SECRET => Mark::WrongSecret,
                refusal::NAMES_DIFFER => Mark::NamesDiffer,
                refusal::NAME_IN_USE => Mark::NameInUse,
                _ => Mark::Refused,
            };
            (mark, Some(*peer), why.as_str())
        }
        // A refresh draws keys anew: no phone boots for it.
        EventKind::Ordered { order, .. } if *order == OrderKind::Refresh.to_string() => {
            return None;
        }
        EventKind::Ordered { order, .. } => (Mark::Ordered, None, order.as_str()),
        _ => return None,
    };
    Some((mark, peer, detail))
}

/// Whether this is the boot file that the phone cannot do without:
/// `SEP<MAC>.cnf.xml`, `SIP<MAC>.cnf` of the old SIP loads, or a compiled one,
/// `SEP<MAC>.cnf`, `ata<mac>`, `ld<mac>` or `gk<mac>`. Where files are signed here, the signed one is
/// the same file; where not, no answer to it is written down.
pub(super) fn is_boot_file(name: &str, device: &DeviceName) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let base = without_ending(base, ".sgn");
    let device = device.as_str();
    let is = |name: &str| base.eq_ignore_ascii_case(name);
    let of_sip = |mac: &str| {
        is(&format!("SIP{mac}.cnf")) || is(&format!("ld{mac}")) || is(&format!("gk{mac}"))
    };
    is(&format!("{device}.cnf.xml"))
        || is(&format!("{device}.cnf"))
        || device.starts_with("ATA") && is(device)
        || device.strip_prefix("SEP").is_some_and(of_sip)
}

/// A name without this ending, in whatever letters it has it.
fn without_ending<'a>(name: &'a str, ending: &str) -> &'a str {
    let cut = name.len().saturating_sub(ending.len());
    match name.split_at_checked(cut) {
        Some((plain, last)) if last.eq_ignore_ascii_case(ending) => plain,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::samples::{at, device, every_kind, moment, peer};

    #[test]
    fn what_comes_again_is_counted_and_after_a_pause_counted_anew() {
        let mut trail = Trail::default();
        let mark = Mark::Sign(Sign::LoadMissing);
        for (second, count) in [(0, 1), (31, 2), (62, 3), (400, 1)] {
            assert_eq!(
                trail.note(mark, moment(second), Some(peer()), "X.loads"),
                count
            );
        }
        let seen = trail.of(mark).unwrap();
        assert_eq!((seen.first, seen.last), (at(400), at(400)));
        assert_eq!(seen.pace(), None);
        assert_eq!(trail.note(mark, moment(430), None, "Y.loads"), 2);
        let seen = trail.of(mark).unwrap();
        assert_eq!(seen.pace(), Some(Duration::from_secs(30)));
        assert_eq!(seen.peer, Some(address(peer())), "kept");
        assert_eq!(seen.detail, "Y.loads");
    }

    /// What is a repetition, and how fast it comes, is told by what came before.
    #[test]
    fn a_clock_that_is_set_back_hides_nothing() {
        let mut trail = Trail::default();
        for second in [3600, 3603] {
            trail.note(Mark::FileSent, moment(second), None, "");
        }
        for (second, boots) in [(0, 3), (1, 3), (3, 4), (6, 5)] {
            assert_eq!(trail.note(Mark::FileSent, moment(second), None, ""), boots);
        }
        let seen = trail.of(Mark::FileSent).unwrap();
        assert_eq!(seen.last, at(6));
        assert_eq!(seen.first, at(-3));
    }

    #[test]
    fn what_is_repeated_comes_after_what_was_between() {
        let mut trail = Trail::default();
        trail.note(Mark::FileSent, moment(0), None, "");
        trail.note(Mark::FileDenied, moment(0), None, "busy");
        assert_eq!(trail.note(Mark::FileSent, moment(1), None, ""), 1);
        let of = |mark| trail.of(mark).unwrap();
        assert!(of(Mark::FileSent).is_after_last(of(Mark::FileDenied)));
    }

    #[test]
    fn boots_that_were_ordered_are_no_loop() {
        let mut trail = Trail::default();
        for (second, boots) in [(0, 1), (1, 1), (30, 2), (60, 3)] {
            assert_eq!(trail.note(Mark::FileSent, moment(second), None, ""), boots);
        }
        trail.note(Mark::Ordered, moment(64), None, "restart");
        assert_eq!(trail.last(Mark::FileSent), Some(at(60)), "it has its file");
        assert_eq!(trail.note(Mark::FileSent, moment(65), None, ""), 1);
        assert_eq!(trail.note(Mark::FileSent, moment(95), None, ""), 2);
        assert_eq!(trail.of(Mark::FileSent).unwrap().first, at(65));
    }

    #[test]
    fn a_refresh_is_no_order_to_boot() {
        let ordered = |order: OrderKind| Event {
            at: at(0),
            device: Some(device()),
            kind: EventKind::Ordered {
                order: order.to_string(),
                attempt: 1,
            },
        };
        assert_eq!(mark_of(&ordered(OrderKind::Refresh)), None);
        for order in [OrderKind::Restart, OrderKind::Reset] {
            let event = ordered(order);
            assert_eq!(mark_of(&event).map(|(mark, ..)| mark), Some(Mark::Ordered));
        }
    }

    #[test]
    fn signed_files_that_were_of_use_are_not_counted_together() {
        let sent = Mark::Sign(Sign::SignedSent);
        for settles in [Mark::Registered, Mark::Ordered] {
            let mut trail = Trail::default();
            for (second, times) in [(0, 1), (1, 1), (30, 2)] {
                assert_eq!(trail.note(sent, moment(second), None, "x.sgn"), times);
            }
            trail.note(settles, moment(40), None, "");
            assert_eq!(trail.last(sent), Some(at(30)));
            assert_eq!(trail.note(sent, moment(60), None, "x.sgn"), 1);
        }
    }

    #[test]
    fn who_goes_on_from_the_trust_lists_is_in_no_loop() {
        let asked = Mark::Sign(Sign::TrustListAsked);
        for goes_on in [Sign::BootFileAsked, Sign::SignedMissing, Sign::SignedSent] {
            let mut trail = Trail::default();
            for (times, list) in (1..).zip(["ctlsep.tlv", "itlsep.tlv", "itlfile.tlv"]) {
                assert_eq!(trail.note(asked, moment(0), None, list), times);
            }
            trail.note(Mark::Sign(goes_on), moment(1), None, "");
            assert_eq!(trail.note(asked, moment(1), None, "ctlsep.tlv"), 1);
        }
    }

    #[test]
    fn a_list_that_is_asked_for_over_http_and_over_tftp_is_asked_for_once() {
        let asked = Mark::Sign(Sign::TrustListAsked);
        let mut trail = Trail::default();
        for (times, list) in (1..).zip(["ctlsep.tlv", "itlsep.tlv", "itlfile.tlv"]) {
            for way in ["HTTP", "TFTP"] {
                assert_eq!(
                    trail.note(asked, moment(5), None, list),
                    times,
                    "{list}, {way}"
                );
            }
        }
        // One that asks for the same without end is counted all the same.
        let mut trail = Trail::default();
        let count = (0..30).map(|second| trail.note(asked, moment(second), None, "ctlsep.tlv"));
        assert_eq!(count.last(), Some(15));
    }

    #[test]
    fn firmware_takes_its_time() {
        for sign in [Sign::FactoryLoadSent, Sign::FactoryLoadMissing] {
            let mut trail = Trail::default();
            for (second, times) in [(0, 1), (700, 2), (2_400, 3), (4_300, 1)] {
                let mark = Mark::Sign(sign);
                assert_eq!(trail.note(mark, moment(second), None, "term41"), times);
            }
        }
    }

    #[test]
    fn every_event_is_one_mark_at_most_and_a_flood_takes_one_place() {
        let mut trail = Trail::default();
        for _ in 0..1000 {
            for kind in every_kind(&"x".repeat(5_000)) {
                let event = Event {
                    at: at(0),
                    device: Some(device()),
                    kind,
                };
                if let Some((mark, peer, detail)) = mark_of(&event) {
                    trail.note(mark, moment(0), peer, detail);
                }
            }
        }
        assert!(trail.seen.len() < 20, "{}", trail.seen.len());
        let longest = trail.seen.iter().map(|(_, seen)| seen.detail.len()).max();
        assert!(longest.unwrap() <= DETAIL);
    }

    #[test]
    fn own_files_are_known_by_name() {
        for name in [
            "SEP001122334455.cnf.xml",
            "sip001122334455.CNF",
            "/SEP001122334455.cnf.xml.SGN",
        ] {
            assert!(is_boot_file(name, &device()), "{name}");
        }
        assert!(is_boot_file("SEP001122334455.cnf", &device()));
        assert!(!is_boot_file("SEP001122334455", &device()));
        assert!(is_boot_file("ld001122334455", &device()));
        assert!(is_boot_file("gk001122334455", &device()));
        assert!(!is_boot_file("gk001122334466", &device()));
        let adapter = DeviceName::new("ATA001122334455").unwrap();
        assert!(is_boot_file("ata001122334455", &adapter));
        assert!(is_boot_file("ATA001122334455.cnf.xml", &adapter));
        for name in [
            "SEP001122334466.cnf.xml",
            "SEP001122334455.cnf.xml.enc.sgn",
            "SEP001122334455.cnf.xmüsgn",
            "sgn",
        ] {
            assert!(!is_boot_file(name, &device()), "{name}");
        }
    }
}
