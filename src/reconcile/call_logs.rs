//! Call logs that phones shall forget: who sits down after another must not
//! read whom he called.
//!
//! A login or logout marks its phone in the same commit (service parameter
//! `clear_call_logs`). Here the phone is told, before an order makes it
//! restart: by an object over its own protocol, or, where that carries none,
//! over its web server. A mark goes when the phone was told, and stays while
//! the phone is away.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::mpsc;

use super::driver::Reconciler;
use crate::model::{CallLogs, Change, DeviceName, ObjectId, Timestamp, World};
use crate::ports::{
    Decision, Event, EventKind, LinkOrder, Presence, Registration, Scope, transact,
};

/// What clears the lists of placed, received and missed calls (Cisco Unified IP
/// Phone Services Application Development Notes, Init URIs).
const CLEAR: &[u8] =
    b"<CiscoIPPhoneExecute><ExecuteItem Priority=\"0\" URL=\"Init:CallHistory\"/></CiscoIPPhoneExecute>";

/// A phone that could not be told is told again after this.
const AGAIN: Duration = Duration::from_secs(20);

/// A phone that registered after it was marked is told so long after that.
const SETTLED: Duration = Duration::from_secs(5);

/// Phones that are told in one round, and that are asked at one time; the next
/// round comes soon.
const A_ROUND: usize = 50;

/// Until the next phones are told while some wait.
const SOON: Duration = Duration::from_millis(500);

/// After a store that could not write, what came is written again.
const AGAIN_STORED: Duration = Duration::from_secs(1);

/// What came of telling a phone.
#[derive(Clone)]
pub(super) struct Asked {
    phone: ObjectId,
    /// Of which mark: a later one asks for more.
    since: Timestamp,
    outcome: Result<(), String>,
}

/// The line on which web servers' answers come back.
pub(super) struct Answers {
    sender: mpsc::UnboundedSender<Asked>,
    receiver: mpsc::UnboundedReceiver<Asked>,
    /// What came and is not written down yet.
    received: Vec<Asked>,
    /// Phones whose answer is not written down yet.
    out: BTreeSet<ObjectId>,
    /// No further phone is told before this (monotonic).
    rested: Duration,
}

impl Default for Answers {
    fn default() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            sender,
            receiver,
            received: Vec::new(),
            out: BTreeSet::new(),
            rested: Duration::ZERO,
        }
    }
}

impl Answers {
    /// Waits for an answer.
    pub(super) async fn wait(&mut self) {
        if let Some(asked) = self.receiver.recv().await {
            self.received.push(asked);
        }
    }

    /// All that came.
    fn all(&mut self) -> Vec<Asked> {
        while let Ok(asked) = self.receiver.try_recv() {
            self.received.push(asked);
        }
        self.received.clone()
    }

    /// They are written down.
    fn settled(&mut self) {
        for asked in self.received.drain(..) {
            self.out.remove(&asked.phone);
        }
    }
}

/// A phone that is there and is to be told.
struct Due {
    phone: ObjectId,
    since: Timestamp,
    device: DeviceName,
    registration: Registration,
}

impl Reconciler {
    /// Tells the phones that are there; answers when to come again, if any are
    /// left. What came of the last ones is written down first.
    pub(super) async fn clear_call_logs(&mut self) -> Option<Duration> {
        let now = self.clock.now();
        let answered = self.answers.all();
        if !answered.is_empty() {
            if !self.settle_call_logs(answered, now).await {
                return Some(AGAIN_STORED);
            }
            self.answers.settled();
        }
        let rest = self.answers.rested.saturating_sub(self.clock.monotonic());
        let (due, later) = self.call_logs_due(now);
        if due.is_empty() {
            return later;
        }
        if !rest.is_zero() {
            return Some(rest);
        }
        let room = A_ROUND.saturating_sub(self.answers.out.len());
        let more = due.len() > room;
        let mut outcomes = Vec::new();
        for one in due.into_iter().take(room) {
            if one.registration.takes_objects {
                outcomes.push(Asked {
                    phone: one.phone,
                    since: one.since,
                    outcome: self.push_clear(&one),
                });
            } else {
                self.ask_web(&one);
            }
        }
        let stored = outcomes.is_empty() || self.settle_call_logs(outcomes, now).await;
        let pause = if stored { SOON } else { AGAIN_STORED };
        if more || !stored {
            // Not so for a single phone: the order that makes it restart follows.
            self.answers.rested = self.clock.monotonic() + pause;
            return Some(pause);
        }
        later
    }

    /// Phones whose logs are to be cleared and who are there, and when the
    /// first of the others is looked at again.
    fn call_logs_due(&self, now: Timestamp) -> (Vec<Due>, Option<Duration>) {
        let world = self.store.world();
        let mut later: Option<Duration> = None;
        let mut due = Vec::new();
        for logs in world.call_logs.values() {
            if self.answers.out.contains(&logs.phone) {
                continue;
            }
            let Some(phone) = world.phones.get(&logs.phone) else {
                continue;
            };
            // Its next registration is news, and wakes us.
            let Some(registration) = self.registry.registration(&phone.name) else {
                continue;
            };
            // A phone that has just come takes its first words first.
            let settled = if registration.since > logs.since {
                registration.since.plus(SETTLED)
            } else {
                logs.since
            };
            let not_before = logs.not_before.max(settled);
            if not_before > now {
                let wait = not_before.since(now);
                later = Some(later.map_or(wait, |least| least.min(wait)));
                continue;
            }
            due.push(Due {
                phone: logs.phone,
                since: logs.since,
                device: phone.name.clone(),
                registration,
            });
        }
        (due, later)
    }

    fn push_clear(&self, due: &Due) -> Result<(), String> {
        let link = self.registry.link(&due.device);
        let (_, link) = link
            .filter(|(generation, _)| *generation == due.registration.generation)
            .ok_or_else(|| "it is not registered any more".to_owned())?;
        link.send(LinkOrder::Push(CLEAR.to_vec()))
            .map_err(|fault| fault.to_string())
    }

    fn ask_web(&mut self, due: &Due) {
        let phone: IpAddr = due.registration.peer.ip();
        let ask = self.web.execute(&due.device, phone, CLEAR.to_vec());
        let (sender, phone, since) = (self.answers.sender.clone(), due.phone, due.since);
        self.answers.out.insert(phone);
        tokio::spawn(async move {
            let outcome = ask.await;
            // Nobody listens when the daemon stops: the mark stays.
            let _ = sender.send(Asked {
                phone,
                since,
                outcome,
            });
        });
    }

    /// Writes down what came of it; whether the store could.
    async fn settle_call_logs(&self, outcomes: Vec<Asked>, now: Timestamp) -> bool {
        let decide = move |world: &World| {
            let (changes, told) = settled(world, &outcomes, now);
            Ok::<_, std::convert::Infallible>(Decision {
                value: told,
                changes,
            })
        };
        match transact(&*self.store, Scope::Site, decide).await {
            Ok(told) => {
                for (device, text) in told {
                    self.journal.record(Event {
                        at: now,
                        device: Some(device),
                        kind: EventKind::Note { text },
                    });
                }
                true
            }
            // The marks stay; they are carried out again.
            Err(error) => {
                tracing::error!(%error, "cleared call logs could not be written down");
                false
            }
        }
    }
}

/// The marks after these outcomes, and what the journal is told.
fn settled(
    world: &World,
    outcomes: &[Asked],
    now: Timestamp,
) -> (Vec<Change>, Vec<(DeviceName, String)>) {
    let (mut changes, mut told) = (Vec::new(), Vec::new());
    for Asked {
        phone,
        since,
        outcome,
    } in outcomes
    {
        let marked = world.call_logs.get(phone);
        let marked = marked.filter(|logs| logs.since == *since);
        let (Some(logs), Some(known)) = (marked, world.phones.get(phone)) else {
            continue;
        };
        let attempts = logs.attempts.saturating_add(1);
        let words = match outcome {
            Ok(()) => {
                changes.push(Change::DropCallLogs(*phone));
                "was told to clear its call logs".to_owned()
            }
            Err(why) if attempts < CallLogs::MAX_ATTEMPTS => {
                changes.push(Change::PutCallLogs(CallLogs {
                    attempts,
                    not_before: now.plus(AGAIN),
                    ..*logs
                }));
                format!("could not be told to clear its call logs, will be told again: {why}")
            }
            Err(why) => {
                changes.push(Change::DropCallLogs(*phone));
                format!("keeps its call logs: it was told {attempts} times in vain: {why}")
            }
        };
        told.push((known.name.clone(), words));
    }
    (changes, told)
}
