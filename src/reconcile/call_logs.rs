//! Call logs that phones shall forget: who sits down after another must not
//! read whom he called.
//!
//! A login or logout marks its phone in the same commit (service parameter
//! `clear_call_logs`). Here the phone is told, before an order makes it
//! restart: by an object over its own protocol, or, where that carries none,
//! over its web server. A mark goes when the phone was told, and stays while
//! the phone is away.

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

/// Phones that are told in one round; the next round comes soon.
const A_ROUND: usize = 50;

/// Until the next round while some wait.
const SOON: Duration = Duration::from_millis(500);

/// What came of asking a phone's web server.
pub(super) struct Asked {
    phone: ObjectId,
    outcome: Result<(), String>,
}

/// The ends of the line on which web servers' answers come back.
pub(super) struct Answers {
    sender: mpsc::UnboundedSender<Asked>,
    receiver: mpsc::UnboundedReceiver<Asked>,
    /// Phones that are asked just now.
    out: std::collections::BTreeSet<ObjectId>,
}

impl Default for Answers {
    fn default() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            sender,
            receiver,
            out: std::collections::BTreeSet::new(),
        }
    }
}

impl Answers {
    /// Waits for an answer and keeps it for the next round.
    pub(super) async fn wait(&mut self) {
        if let Some(asked) = self.receiver.recv().await {
            // Back on the line: the round takes all of them together. The
            // receiver lives as long as this sender.
            let _ = self.sender.send(asked);
        }
    }

    fn take(&mut self) -> Vec<Asked> {
        let mut all = Vec::new();
        while let Ok(asked) = self.receiver.try_recv() {
            self.out.remove(&asked.phone);
            all.push(asked);
        }
        all
    }
}

/// A phone that is there and is to be told.
struct Due {
    phone: ObjectId,
    device: DeviceName,
    registration: Registration,
}

impl Reconciler {
    /// Tells the phones that are there; answers when to come again, if any are
    /// left.
    pub(super) async fn clear_call_logs(&mut self) -> Option<Duration> {
        let answered = self.answers.take();
        let now = self.clock.now();
        let (due, later) = self.call_logs_due(now);
        if answered.is_empty() && due.is_empty() {
            return later;
        }
        let mut outcomes: Vec<Asked> = answered;
        let more = due.len() > A_ROUND;
        for one in due.into_iter().take(A_ROUND) {
            if one.registration.takes_objects {
                let outcome = self.push_clear(&one);
                outcomes.push(Asked {
                    phone: one.phone,
                    outcome,
                });
            } else {
                self.ask_web(&one);
            }
        }
        self.settle_call_logs(outcomes, now).await;
        if more { Some(SOON) } else { later }
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
        let (sender, phone) = (self.answers.sender.clone(), due.phone);
        self.answers.out.insert(phone);
        tokio::spawn(async move {
            let outcome = ask.await;
            // Nobody listens when the daemon stops: the mark stays.
            let _ = sender.send(Asked { phone, outcome });
        });
    }

    /// Writes down what came of it.
    async fn settle_call_logs(&self, outcomes: Vec<Asked>, now: Timestamp) {
        if outcomes.is_empty() {
            return;
        }
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
            }
            // The marks stay; they are carried out again.
            Err(error) => tracing::error!(%error, "cleared call logs could not be written down"),
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
    for Asked { phone, outcome } in outcomes {
        let (Some(logs), Some(known)) = (world.call_logs.get(phone), world.phones.get(phone))
        else {
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
