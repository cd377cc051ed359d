//! Attempts that came to nothing, for the audit.
//!
//! A refusal has no transaction of its own to be a row of, and whoever guesses
//! PINs makes thousands: the same attempt again is counted, not written, and
//! what many different attempts come to beyond [`KINDS`] is counted as one. So
//! a flood is one small commit every [`PAUSE`], and the first attempt after a
//! quiet time is written at once.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Mobility, Refusal};
use crate::model::{Audit, Change, DeviceName, Origin, Timestamp, UserId};
use crate::ports::{Decision, EventKind, Scope};

/// Kinds of attempts that have a row of their own in one commit.
pub const KINDS: usize = 32;

/// At least this long between two commits.
pub const PAUSE: Duration = Duration::from_secs(10);

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// To sign in.
    Login,
    /// To sign out.
    Logout,
    /// To say which configured phone a handset is.
    Assignment,
    /// To ask or command something through the login service.
    Call,
}

/// An attempt that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedAttempt {
    /// What was tried.
    pub tried: Tried,
    /// By whom; `None` when nobody known said who he is.
    pub origin: Option<Origin>,
    /// On which phone; `None` when none of that name is configured: anybody
    /// could make any number of them up.
    pub device: Option<DeviceName>,
    /// For which user. Only one that is configured: what names nobody may be a
    /// PIN that was typed into the wrong field.
    pub user: Option<UserId>,
    /// From which host, where that is known.
    pub from: Option<IpAddr>,
    /// The code that was answered.
    pub code: u16,
    /// The precise reason, for the operator; without secrets.
    pub why: String,
}

/// One kind of attempt, and how often it was made.
#[derive(Clone, Debug)]
struct Group {
    attempt: RefusedAttempt,
    count: u64,
    since: Timestamp,
}

/// What is not written yet.
#[derive(Debug, Default)]
struct Waiting {
    groups: Vec<Group>,
    /// Attempts beyond the kinds that have a row.
    left_out: u64,
}

/// The attempts that wait for their rows.
#[derive(Debug, Default)]
pub(super) struct Refused {
    waiting: Mutex<Waiting>,
    news: Notify,
}

impl Refused {
    fn note(&self, attempt: RefusedAttempt, now: Timestamp) {
        self.lock().add(Group {
            attempt,
            count: 1,
            since: now,
        });
        self.news.notify_one();
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.lock())
    }

    /// They could not be written.
    fn give_back(&self, waiting: Waiting) {
        let mut now = self.lock();
        for group in waiting.groups {
            now.add(group);
        }
        now.left_out = now.left_out.saturating_add(waiting.left_out);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, group: Group) {
        let room = self.groups.len() < KINDS;
        let known = self.groups.iter_mut().find(|known| {
            // The same but for the words: those may hold a time.
            let (a, b) = (&known.attempt, &group.attempt);
            (a.tried, a.code, a.from) == (b.tried, b.code, b.from)
                && (&a.origin, &a.device, &a.user) == (&b.origin, &b.device, &b.user)
        });
        match known {
            Some(known) => {
                known.count = known.count.saturating_add(group.count);
                known.since = known.since.min(group.since);
            }
            None if room => self.groups.push(group),
            None => self.left_out = self.left_out.saturating_add(group.count),
        }
    }

    fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.left_out == 0
    }

    fn rows(&self, now: Timestamp) -> Vec<Change> {
        let mut rows: Vec<Audit> = self.groups.iter().map(|group| group.row(now)).collect();
        if self.left_out > 0 {
            let what = format!("refused {} more attempts of other kinds", self.left_out);
            rows.push(Audit::new("system", what).failed("too many to have a row each"));
        }
        rows.into_iter()
            .map(|row| Change::Audit(Box::new(row)))
            .collect()
    }
}

impl Group {
    fn row(&self, now: Timestamp) -> Audit {
        let attempt = &self.attempt;
        let who = attempt.user.as_ref().map_or("somebody", UserId::as_str);
        let place = attempt
            .device
            .as_ref()
            .map_or("a phone", DeviceName::as_str);
        let mut what = match attempt.tried {
            Tried::Login => format!("tried to sign {who} in on {place}"),
            Tried::Logout => format!("tried to sign out of {place}"),
            Tried::Assignment => format!("tried to assign {place}"),
            Tried::Call => "called the login service".to_owned(),
        };
        if let Some(from) = attempt.from {
            what = format!("{what}, from {}", from.to_canonical());
        }
        if self.count > 1 {
            let seconds = now.since(self.since).as_secs();
            what = format!("{what}, {} times in {seconds} s", self.count);
        }
        let actor = match (&attempt.origin, &attempt.device) {
            (None, _) => "somebody".to_owned(),
            (Some(Origin::Phone), None) => "a phone".to_owned(),
            (Some(Origin::Phone), Some(device)) => device.to_string(),
            (Some(Origin::Application(id) | Origin::EndUser(id)), _) => id.to_string(),
            (Some(Origin::Operator), _) => "operator".to_owned(),
            (Some(Origin::System), _) => "system".to_owned(),
        };
        let mut row =
            Audit::new(actor, what).failed(format!("code {}: {}", attempt.code, attempt.why));
        row.device.clone_from(&attempt.device);
        row.user.clone_from(&attempt.user);
        row
    }
}

impl Mobility {
    /// Tells journal and audit of an attempt that was refused. Never waits.
    pub fn refused(&self, attempt: RefusedAttempt) {
        self.tell(
            attempt.device.clone(),
            EventKind::Refused {
                code: attempt.code,
                why: attempt.why.clone(),
            },
        );
        self.refused.note(attempt, self.clock.now());
    }

    /// Writes the attempts that wait into the audit, in one commit.
    ///
    /// # Errors
    /// [`Refusal::Store`]; they wait for the next time then.
    pub async fn write_refused(&self) -> Result<(), Refusal> {
        let waiting = self.refused.take();
        if waiting.is_empty() {
            return Ok(());
        }
        let rows = waiting.rows(self.clock.now());
        let nobody = Scope::Of {
            phones: Vec::new(),
            users: Vec::new(),
        };
        let written = self
            .decide(nobody, move |_, _, _| {
                Ok(Decision {
                    value: (),
                    changes: rows.clone(),
                })
            })
            .await;
        if written.is_err() {
            self.refused.give_back(waiting);
        }
        written
    }
}

/// Writes refused attempts into the audit until cancelled, and then once more.
pub async fn run_refused(mobility: Mobility, cancel: CancellationToken) {
    loop {
        tokio::select! {
            () = cancel.cancelled() => break,
            () = mobility.refused.news.notified() => {}
        }
        if let Err(refusal) = mobility.write_refused().await {
            tracing::warn!(%refusal, "refused attempts could not be written into the audit");
            mobility.refused.news.notify_one();
        }
        let rested = mobility
            .clock
            .sleep_until(mobility.clock.monotonic() + PAUSE);
        tokio::select! {
            () = cancel.cancelled() => break,
            () = rested => {}
        }
    }
    if let Err(refusal) = mobility.write_refused().await {
        tracing::warn!(%refusal, "the last refused attempts could not be written into the audit");
    }
}
