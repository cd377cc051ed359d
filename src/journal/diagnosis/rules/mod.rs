//! A rule for each trap: what it looks at is in a [`Scene`], and what it finds
//! is a [`Finding`]. A rule that finds nothing says nothing.

mod files;
mod pages;
mod place;
mod signalling;

use std::net::IpAddr;
use std::time::Duration;

use super::Evidence;
use super::finding::{Finding, Gravity};
use crate::journal::trail::{Mark, Seen, Trail};
use crate::journal::words::{address, ago, clean, span};
use crate::model::{Protocol, Timestamp};
use crate::ports::{EventKind, Registration, Sign};

/// From the last byte of its file to its registration a phone needs seconds;
/// after so long something is in its way.
pub(super) const BOOT: Duration = Duration::from_secs(60);

/// A phone goes from one file to the next within seconds: before that a
/// question may only be the first of several.
const NEXT_FILE: Duration = Duration::from_secs(10);

/// What was seen of a registered phone, and of an address without a name,
/// counts for so long.
pub(super) const RECENT: Duration = Duration::from_secs(1800);

/// What is to be judged: a phone, or an address that named none.
pub(super) struct Scene<'a> {
    pub(super) now: Timestamp,
    pub(super) trail: &'a Trail,
    /// Who, for a sentence.
    pub(super) who: String,
    /// All that is known, where it is a phone.
    pub(super) evidence: Option<&'a Evidence>,
}

impl<'a> Scene<'a> {
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        Self {
            now: evidence.now,
            trail: &evidence.trail,
            who: evidence.device.to_string(),
            evidence: Some(evidence),
        }
    }

    pub(super) fn at(address: IpAddr, trail: &'a Trail, now: Timestamp) -> Self {
        Self {
            now,
            trail,
            who: format!("a phone at {address}"),
            evidence: None,
        }
    }

    fn registration(&self) -> Option<&'a Registration> {
        self.evidence?.registration.as_ref()
    }

    fn is_registered(&self) -> bool {
        self.registration().is_some()
    }

    fn registered_since(&self) -> Option<Timestamp> {
        Some(self.registration()?.since)
    }

    /// Whether something was seen of late.
    fn is_recent(&self, seen: &Seen) -> bool {
        self.now.since(seen.last) < RECENT
    }

    /// Whether a registered phone was seen at another address than it is
    /// registered from: that is not the phone, but somebody who gives its name.
    fn is_elsewhere(&self, seen: &Seen) -> bool {
        self.registration()
            .zip(seen.peer)
            .is_some_and(|(registration, peer)| address(registration.peer) != peer)
    }

    /// What was seen after the last registration, so that nothing has settled
    /// it. Of a registered phone it counts for a while alone: no other
    /// registration need ever come.
    fn open(&self, mark: Mark) -> Option<&'a Seen> {
        // A registration may be older than what is remembered.
        let held = match self.trail.of(Mark::Registered) {
            Some(_) => None,
            None => self.registered_since(),
        };
        self.trail
            .of(mark)
            .filter(|seen| self.not_since(Mark::Registered, seen))
            .filter(|seen| held.is_none_or(|at| seen.last >= at))
            .filter(|seen| !self.is_registered() || self.is_recent(seen))
    }

    fn open_sign(&self, sign: Sign) -> Option<&'a Seen> {
        self.open(Mark::Sign(sign))
    }

    /// What was seen of late.
    fn recently(&self, sign: Sign) -> Option<&'a Seen> {
        self.trail.sign(sign).filter(|seen| self.is_recent(seen))
    }

    /// What was seen of late, or is open.
    fn lately(&self, sign: Sign) -> Option<&'a Seen> {
        self.open_sign(sign).or_else(|| self.recently(sign))
    }

    /// Whether nothing of this mark came after the last of what was seen.
    fn not_since(&self, mark: Mark, seen: &Seen) -> bool {
        !self
            .trail
            .of(mark)
            .is_some_and(|other| other.is_after_last(seen))
    }

    /// Whether nothing of this mark came after the first of what was seen.
    fn not_since_first(&self, mark: Mark, seen: &Seen) -> bool {
        !self
            .trail
            .of(mark)
            .is_some_and(|other| other.is_after_first(seen))
    }

    /// Whether it is more than the first question of several.
    fn stays(&self, seen: &Seen) -> bool {
        seen.count > 1 || self.now.since(seen.last) > NEXT_FILE
    }

    /// `3 times, last 12 s ago from 192.0.2.7`.
    fn how_often(&self, seen: &Seen) -> String {
        let ago = ago(self.now, seen.last);
        let from = seen
            .peer
            .map_or_else(String::new, |peer| format!(" from {peer}"));
        if seen.count == 1 {
            return format!("once, {ago}{from}");
        }
        let pace = match seen.pace() {
            Some(pace) if pace >= Duration::from_secs(2) && seen.count > 2 => {
                format!(", every {} or so", span(pace))
            }
            _ => String::new(),
        };
        format!("{} times{pace}, last {ago}{from}", seen.count)
    }

    /// Anybody may try a port: without a name that is no phone in trouble.
    fn gravity_of_a_visit(&self) -> Gravity {
        match self.evidence {
            Some(_) => self.gravity(),
            None => Gravity::Hint,
        }
    }

    /// Stops a phone that is not registered, only disturbs one that is.
    fn gravity(&self) -> Gravity {
        if self.is_registered() {
            Gravity::Disturbs
        } else {
            Gravity::Stops
        }
    }

    fn is_configured(&self) -> bool {
        self.evidence
            .is_some_and(|evidence| evidence.phone.is_some())
    }

    fn model(&self) -> Option<&str> {
        let phone = self.evidence?.phone.as_ref()?;
        Some(phone.served_model().as_str())
    }

    /// The protocol that it is served over, where it is a phone of ours.
    fn protocol(&self) -> Option<Protocol> {
        Some(self.evidence?.wanted.as_ref()?.protocol)
    }

    /// The last words of the phone about why it left, as a sentence, or none.
    fn last_alarm(&self) -> String {
        let alarm = self.evidence.and_then(|evidence| {
            let mut events = evidence.timeline.iter().rev();
            events.find_map(|event| match &event.kind {
                EventKind::Alarm { text } => Some(text.as_str()),
                _ => None,
            })
        });
        alarm.map_or_else(String::new, |text| {
            format!(" Its last alarm: {}.", clean(text))
        })
    }
}

/// What the rules find, in no order.
pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    const RULES: &[fn(&Scene<'_>) -> Option<Finding>] = &[
        pages::awaits_approval,
        files::signed_files_only,
        files::trust_list_loop,
        files::no_firmware,
        files::firmware_loop,
        files::blank_in_name,
        files::wrong_protocol,
        files::text_file_missing,
        files::other_form,
        files::answer_not_heard,
        files::transfer_turned_away,
        files::file_not_given,
        files::load_missing,
        files::locale_missing,
        signalling::wrong_secret,
        signalling::names_differ,
        signalling::refused,
        signalling::not_sccp,
        signalling::connects_and_leaves,
        signalling::never_in_service,
        signalling::sip_over_udp,
        signalling::registers_and_leaves,
        place::other_address_told,
        place::boot_loop,
        place::file_not_from_here,
        pages::clock_off,
        pages::page_elsewhere,
        pages::form_never_sent,
    ];
    RULES.iter().filter_map(|rule| rule(scene)).collect()
}
