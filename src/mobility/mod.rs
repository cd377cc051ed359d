//! The heart: who sits where. One verb a file: [`login`], [`logout`],
//! [`query`], [`expiry`], [`order`].
//!
//! Each verb is a pure decision `(world, catalogue, now, command) -> changes or
//! refusal`, repeatable, without I/O; [`Mobility`] runs it inside a store
//! transaction and answers when the commit is durable, as the login service
//! does (Cisco, *Using the Cisco CallManager Extension Mobility API*: success
//! is told when the database transaction completes, not when the phone is
//! back). Orders to phones do not leave from here: a commit writes pending
//! rows, and the reconciler acts on them.
//!
//! What must not live here: the checking of PINs and passwords (slow, done
//! before the decision, which compares the credential version that was seen),
//! XML, pages, and the wording of Cisco's codes.

pub mod expiry;
pub mod login;
pub mod logout;
pub mod order;
pub mod query;
mod refusal;

#[cfg(test)]
mod convergence;
#[cfg(test)]
mod testing;

use std::sync::Arc;
use std::time::Duration;

pub use login::{LoginCommand, Requested, SignedIn, Who};
pub use logout::{LogoutCommand, SignedOut};
pub use order::{OrderCommand, PhoneOrder};
pub use refusal::{CutShort, Refusal};

use crate::model::{
    Audit, Catalogue, Cause, Change, DeviceName, ObjectId, Origin, Plan, Timestamp, UserId, World,
};
use crate::ports::{
    Clock, Decision, Event, EventKind, Journal, Scope, Store, TransactError, transact,
};

/// How long a phone is left alone after a command that came over its own HTTP
/// request: the page goes out first, the restart after, also across a crash.
const PAGE_FIRST: Duration = Duration::from_secs(3);

/// The way a command came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Over an HTTP request of the very phone that is to change: it gets its
    /// page before its order.
    OverPhone,
    /// From anywhere else.
    Elsewhere,
}

impl Channel {
    /// When the first order may leave for the phone that was commanded.
    fn not_before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::OverPhone => now.plus(PAGE_FIRST),
            Self::Elsewhere => now,
        }
    }
}

/// Orders for many phones that share a commit.
const ORDERS_A_COMMIT: usize = 250;

/// Logouts that share a commit: a few milliseconds, which a login waits for.
const LOGOUTS_A_COMMIT: usize = 64;

/// What a commit set going on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The phone.
    pub device: DeviceName,
    /// What will be done.
    pub plan: Plan,
    /// Why.
    pub cause: Cause,
}

/// A plan in words, for people.
pub fn plan_in_words(plan: Plan) -> &'static str {
    match plan {
        Plan::Nothing => "nothing",
        Plan::Refresh => "refresh of its labels",
        Plan::Restart => "restart",
        Plan::Reset => "reset",
        Plan::RestartThenReset => "restart, then reset",
    }
}

/// Runs the verbs against the store, and tells the journal what came of them.
#[derive(Clone)]
pub struct Mobility {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    journal: Arc<dyn Journal>,
    catalogue: Arc<Catalogue>,
}

impl Mobility {
    /// Puts the service together.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        journal: Arc<dyn Journal>,
        catalogue: Arc<Catalogue>,
    ) -> Self {
        Self {
            store,
            clock,
            journal,
            catalogue,
        }
    }

    /// The store, for the queries of [`query`], which read its world.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Signs a user in on a phone.
    ///
    /// # Errors
    /// [`Refusal`], the first that applies in the order of the login service.
    pub async fn login(&self, command: LoginCommand) -> Result<SignedIn, Refusal> {
        let device = command.device.clone();
        let through = through(&command.origin);
        let scope = login::scope(&self.store.world(), &command);
        let outcome = self
            .decide(scope, move |world, catalogue, now| {
                login::decide(world, catalogue, now, &command)
            })
            .await;
        match &outcome {
            Ok(done) => {
                for gone in &done.displaced {
                    self.tell_signed_out(gone, format!("a login on {device}"));
                }
                self.tell(
                    Some(device),
                    EventKind::SignedIn {
                        user: done.user.clone(),
                        through,
                    },
                );
                self.tell_planned(&done.planned);
            }
            Err(refusal) => self.tell_refused(&device, refusal),
        }
        outcome
    }

    /// Signs out whoever is signed in on a phone.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NobodySignedIn`] on an empty phone.
    pub async fn logout(&self, command: LogoutCommand) -> Result<SignedOut, Refusal> {
        let device = command.device.clone();
        let through = through(&command.origin);
        let scope = logout::scope(&self.store.world(), &device);
        let outcome = self
            .decide(scope, move |world, catalogue, now| {
                logout::decide(world, catalogue, now, &command)
            })
            .await;
        match &outcome {
            Ok(gone) => {
                self.tell_signed_out(gone, through);
                self.tell_planned(&gone.planned);
            }
            Err(refusal) => self.tell_refused(&device, refusal),
        }
        outcome
    }

    /// Signs out everybody who is signed in now, some dozens a commit so that
    /// logins go on between them; the reconciler paces the restarts. Who signed
    /// in meanwhile on a phone that was left stays.
    ///
    /// # Errors
    /// [`Refusal::Store`] alone, which leaves the rest signed in; that nobody
    /// is signed in is no refusal.
    pub async fn logout_all(&self, origin: Origin) -> Result<Vec<SignedOut>, Refusal> {
        let through = through(&origin);
        let everybody = logout::everybody(&self.store.world());
        let mut all = Vec::with_capacity(everybody.len());
        for some in everybody.chunks(LOGOUTS_A_COMMIT) {
            let scope = Scope::Of {
                phones: some.iter().map(|one| one.device.clone()).collect(),
                users: Vec::new(),
            };
            let (some, origin) = (some.to_vec(), origin.clone());
            let gone = self
                .decide(scope, move |world, catalogue, now| {
                    Ok(logout::decide_some(world, catalogue, now, &some, &origin))
                })
                .await?;
            for one in &gone {
                self.tell_signed_out(one, through.clone());
                self.tell_planned(&one.planned);
            }
            all.extend(gone);
        }
        Ok(all)
    }

    /// Orders a restart or a reset of a phone, whatever it holds.
    ///
    /// # Errors
    /// [`Refusal::DeviceUnknown`], [`Refusal::ModelUnknown`], or the store's.
    pub async fn order(&self, command: OrderCommand) -> Result<Planned, Refusal> {
        let scope = logout::scope(&self.store.world(), &command.device);
        let planned = self
            .decide(scope, move |world, catalogue, now| {
                order::decide(world, catalogue, now, &command)
            })
            .await?;
        self.tell_planned(std::slice::from_ref(&planned));
        Ok(planned)
    }

    /// Orders a restart or a reset of many phones, some hundreds a commit so
    /// that logins go on between them; the reconciler paces what leaves. A
    /// phone that is not configured any more, or whose model is not known, is
    /// left out.
    ///
    /// # Errors
    /// [`CutShort`] by [`Refusal::Store`]; what was committed before stays, and
    /// is told.
    pub async fn order_many(
        &self,
        phones: Vec<DeviceName>,
        order: PhoneOrder,
        origin: Origin,
    ) -> Result<Vec<Planned>, CutShort> {
        let mut all = Vec::with_capacity(phones.len());
        for some in phones.chunks(ORDERS_A_COMMIT) {
            let commands: Vec<OrderCommand> = some
                .iter()
                .map(|device| OrderCommand {
                    device: device.clone(),
                    order,
                    origin: origin.clone(),
                })
                .collect();
            let scope = Scope::Of {
                phones: some.to_vec(),
                users: Vec::new(),
            };
            let planned = self
                .decide(scope, move |world, catalogue, now| {
                    Ok(order::decide_many(world, catalogue, now, &commands))
                })
                .await
                .map_err(|why| CutShort {
                    ordered: all.len(),
                    of: phones.len(),
                    why,
                })?;
            self.tell_planned(&planned);
            all.extend(planned);
        }
        Ok(all)
    }

    /// Writes down what somebody does to a phone that changes nothing in the
    /// store, such as what he shows on its display.
    ///
    /// # Errors
    /// [`Refusal::Store`] alone.
    pub async fn audit(
        &self,
        origin: &Origin,
        device: &DeviceName,
        what: String,
    ) -> Result<(), Refusal> {
        let audit = Audit::new(actor(origin, device), what).on(device.clone());
        let audit = Change::Audit(Box::new(audit));
        let scope = Scope::Of {
            phones: vec![device.clone()],
            users: Vec::new(),
        };
        self.decide(scope, move |_, _, _| {
            Ok(Decision {
                value: (),
                changes: vec![audit.clone()],
            })
        })
        .await
    }

    /// Runs one decision in a transaction. The time is taken once, so that a
    /// repeated decision decides the same.
    async fn decide<T: Send + 'static>(
        &self,
        scope: Scope,
        mut decide: impl FnMut(&World, &Catalogue, Timestamp) -> Result<Decision<T>, Refusal>
        + Send
        + 'static,
    ) -> Result<T, Refusal> {
        let catalogue = Arc::clone(&self.catalogue);
        let now = self.clock.now();
        transact(&*self.store, scope, move |world| {
            decide(world, &catalogue, now)
        })
        .await
        .map_err(|error| match error {
            TransactError::Refused(refusal) => refusal,
            TransactError::Store(error) => Refusal::Store(error),
        })
    }

    fn tell(&self, device: Option<DeviceName>, kind: EventKind) {
        self.journal.record(Event {
            at: self.clock.now(),
            device,
            kind,
        });
    }

    fn tell_signed_out(&self, gone: &SignedOut, through: String) {
        if let Some(user) = gone.user.clone() {
            self.tell(
                Some(gone.device.clone()),
                EventKind::SignedOut { user, through },
            );
        }
    }

    fn tell_planned(&self, planned: &[Planned]) {
        for one in planned {
            self.tell(
                Some(one.device.clone()),
                EventKind::Planned {
                    what: format!("{}, because {}", plan_in_words(one.plan), one.cause),
                },
            );
        }
    }

    fn tell_refused(&self, device: &DeviceName, refusal: &Refusal) {
        // A name that is no phone gets no timeline of its own: anybody could
        // make any number of them up.
        let known = !matches!(refusal, Refusal::DeviceUnknown(_));
        self.tell(
            known.then(|| device.clone()),
            EventKind::Refused {
                code: refusal.service_code(),
                why: refusal.to_string(),
            },
        );
    }
}

/// Through what a command came, for the journal.
fn through(origin: &Origin) -> String {
    match origin {
        Origin::Phone => "the phone".to_owned(),
        Origin::Application(user) => format!("application {user}"),
        Origin::Operator => "the operator".to_owned(),
        Origin::System => "the end of the login time".to_owned(),
    }
}

/// Who acted, for the audit; at the phone that is the user himself, or whoever
/// stands there.
fn actor(origin: &Origin, device: &DeviceName) -> String {
    match origin {
        Origin::Phone => device.to_string(),
        Origin::Application(user) => user.to_string(),
        Origin::Operator => "operator".to_owned(),
        Origin::System => "system".to_owned(),
    }
}

/// The pending rows among `changes`, by phone.
fn planned_in(world: &World, changes: &[Change]) -> Vec<Planned> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::PutPending(row) => Some(Planned {
                device: world.phones.get(&row.phone)?.name.clone(),
                plan: row.plan,
                cause: row.cause.clone(),
            }),
            _ => None,
        })
        .collect()
}

fn user_id(world: &World, user: ObjectId) -> Option<UserId> {
    world.users.get(&user).map(|user| user.user_id.clone())
}

#[cfg(test)]
mod tests;
