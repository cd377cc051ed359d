//! Answers that may have to be given again: the server transactions of RFC
//! 3261 section 17.2 over UDP. (Over TCP nothing is lost and nothing is kept.)
//!
//! There is no state before the final answer, because every request is
//! answered at once. What is kept is bounded in number and bytes; the oldest
//! goes first, since a request whose answer was forgotten is merely served
//! once more.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::transactions::Repetition;
use crate::sip::wire::{HeaderName, Message, Method, Via};

/// Timer J, and H for INVITE: 64 * T1 over UDP.
const KEPT: Duration = Duration::from_secs(32);

/// Timer I, T4: how long ACKs are absorbed after the first.
const AFTER_ACK: Duration = Duration::from_secs(5);

/// The most answers kept for one flow. A phone that boots has three in 32 s.
const ANSWERS: usize = 16;

/// The most bytes of answers kept for one flow.
const BYTES: usize = 8 * 1024;

/// What makes two requests the same one (RFC 3261 section 17.2.3). Where the
/// branch has no magic cookie the whole topmost Via stands for it. Call-ID and
/// CSeq are compared always: a sender that never changes its branch must not
/// be given the answer to another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    way: String,
    method: Method,
    call: Call,
}

/// What two copies of one request have in common that came on different ways
/// (RFC 3261 section 8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    id: String,
    cseq: u32,
    from_tag: String,
}

impl Key {
    /// Of a request that passed [`Message::check`]. An ACK has the key of the
    /// INVITE that it ends.
    pub(super) fn of(request: &Message, method: &Method, top: &Via) -> Option<Self> {
        let headers = &request.headers;
        let way = match top.unique_branch() {
            Some(branch) => format!("{branch} {}", top.sent_by),
            None => headers.text(HeaderName::VIA)?.to_owned(),
        };
        let from = headers.from().ok()?;
        Some(Self {
            way,
            method: match method {
                Method::Ack => Method::Invite,
                other => other.clone(),
            },
            call: Call {
                id: headers.call_id().ok()?.to_owned(),
                cseq: headers.cseq().ok()?.number,
                from_tag: from.tag().unwrap_or_default().to_owned(),
            },
        })
    }

    /// The INVITE that a CANCEL with this key wants to end.
    fn cancels(&self, other: &Self) -> bool {
        self.method == Method::Cancel
            && other.method == Method::Invite
            && self.way == other.way
            && self.call == other.call
    }

    fn size(&self) -> usize {
        self.way.len() + self.call.id.len() + self.call.from_tag.len()
    }
}

#[derive(Debug)]
struct Kept {
    key: Key,
    packet: Bytes,
    until: Duration,
    /// The answer to an INVITE is repeated until there is an ACK (timer G).
    again: Option<Repetition>,
}

/// The answers that were given not long ago, oldest first.
#[derive(Debug, Default)]
pub(super) struct Answered(VecDeque<Kept>);

impl Answered {
    /// The answer to this very request, when it was given already.
    pub(super) fn given(&self, key: &Key) -> Option<&Bytes> {
        let kept = self.0.iter().find(|kept| kept.key == *key)?;
        Some(&kept.packet)
    }

    /// Whether the same request came on another way. Never a REGISTER: a
    /// phone that repeats it with a new branch is to be kept in service, and
    /// registering twice is registering once.
    pub(super) fn is_merged(&self, key: &Key) -> bool {
        key.method != Method::Register
            && self
                .0
                .iter()
                .any(|kept| kept.key.method == key.method && kept.key.call == key.call)
    }

    /// Whether a CANCEL belongs to an INVITE that was answered.
    pub(super) fn cancels_answered(&self, key: &Key) -> bool {
        self.0.iter().any(|kept| key.cancels(&kept.key))
    }

    /// An ACK came.
    pub(super) fn acknowledged(&mut self, key: &Key, now: Duration) {
        for kept in self.0.iter_mut().filter(|kept| kept.key == *key) {
            if kept.again.take().is_some() {
                kept.until = now + AFTER_ACK;
            }
        }
    }

    /// An answer leaves.
    pub(super) fn keep(&mut self, key: Key, packet: Bytes, now: Duration) {
        if packet.len() > BYTES {
            return;
        }
        let again = (key.method == Method::Invite).then(|| Repetition::starting(now));
        self.0.push_back(Kept {
            key,
            packet,
            until: now + KEPT,
            again,
        });
        while self.0.len() > ANSWERS || self.size() > BYTES {
            self.0.pop_front();
        }
    }

    /// Forgets what is old; what is to be repeated now.
    pub(super) fn on_time(&mut self, now: Duration) -> Vec<Bytes> {
        self.0.retain(|kept| kept.until > now);
        if self.0.is_empty() {
            // Nothing for an hour is better than room for sixteen.
            self.0 = VecDeque::new();
        }
        self.0
            .iter_mut()
            .filter_map(|kept| {
                let due = kept.again.as_mut()?.falls_due(now);
                due.then(|| kept.packet.clone())
            })
            .collect()
    }

    /// When something is to be repeated or forgotten.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0
            .iter()
            .map(|kept| match &kept.again {
                Some(repetition) => repetition.at().min(kept.until),
                None => kept.until,
            })
            .min()
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.0
            .iter()
            .map(|kept| kept.packet.len() + kept.key.size())
            .sum()
    }
}
