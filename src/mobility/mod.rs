//! The heart: who sits where. One verb a file: [`login`], [`logout`],
//! [`query`], [`expiry`], [`order`], [`profiles`]; [`many`] works lists of them.
//!
//! Each verb is a pure decision `(world, catalogue, now, command) -> changes or
//! refusal`, repeatable, without I/O; [`Mobility`] runs it inside a store
//! transaction and answers when the commit is durable, as the login service
//! does (Cisco, *Using the Cisco CallManager Extension Mobility API*: success
//! is told when the database transaction completes, not when the phone is
//! back). Orders to phones do not leave from here: a commit writes pending
//! rows, and the reconciler acts on them.
//!
//! What was done is a row of the audit in the same commit (`audit`), what was
//! refused one soon after ([`refused`]), and either is told to the journal
//! (`tell`).
//!
//! What must not live here: the checking of PINs and passwords (slow, done
//! before the decision, which compares the credential version that was seen),
//! XML, pages, and the wording of Cisco's codes.

mod audit;
pub mod expiry;
pub mod login;
pub mod logout;
pub mod many;
pub mod newcomers;
pub mod order;
pub mod profiles;
pub mod query;
mod refusal;
pub mod refused;
mod tell;

#[cfg(test)]
mod convergence;
#[cfg(test)]
mod in_use;
#[cfg(test)]
mod testing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use login::{Elsewhere, LoginCommand, Occupied, Requested, SignedIn, Who};
pub use logout::{LogoutCommand, SignedOut, UserLogout};
pub use many::ManyLogout;
pub use order::{OrderCommand, PhoneOrder};
pub use refusal::{CutShort, Refusal};
pub use refused::{RefusedAttempt, Tried};

use crate::model::{
    Audit, Catalogue, Cause, Change, DeviceName, LinesChange, ObjectId, Origin, Phone, Plan,
    Session, Timestamp, UserId, World,
};
use crate::ports::{Clock, Decision, Journal, Scope, Store, TransactError, transact};
use audit::actor;
use newcomers::Crowd;
use refused::Refused;

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
    refused: Arc<Refused>,
    crowd: Arc<Mutex<Crowd>>,
    /// When we began (monotonic).
    began: Duration,
}

impl Mobility {
    /// Puts the service together.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        journal: Arc<dyn Journal>,
        catalogue: Arc<Catalogue>,
    ) -> Self {
        let began = clock.monotonic();
        Self {
            store,
            clock,
            journal,
            catalogue,
            refused: Arc::default(),
            crowd: Arc::default(),
            began,
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
        let scope = login::scope(&self.store.world(), &command);
        let meant = command.clone();
        let outcome = self
            .decide(scope, move |world, catalogue, now| {
                login::decide(world, catalogue, now, &meant)
            })
            .await;
        match &outcome {
            Ok(done) => self.tell_signed_in(done, &command.origin),
            Err(refusal) => self.tell_login_refused(&command, refusal),
        }
        outcome
    }

    /// Signs out whoever is signed in on a phone.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NobodySignedIn`] on an empty phone.
    pub async fn logout(&self, command: LogoutCommand) -> Result<SignedOut, Refusal> {
        let scope = logout::scope(&self.store.world(), &command.device);
        let meant = command.clone();
        let outcome = self
            .decide(scope, move |world, catalogue, now| {
                logout::decide(world, catalogue, now, &meant)
            })
            .await;
        match &outcome {
            Ok(gone) => {
                self.tell_signed_out(gone);
                self.tell_planned(&gone.planned);
            }
            Err(refusal) => {
                let LogoutCommand { device, origin, .. } = &command;
                self.tell_refused(Tried::Logout, origin, device, None, refusal);
            }
        }
        outcome
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

/// How the numbers of a phone change when its session becomes `after`.
fn lines_change(
    world: &World,
    catalogue: &Catalogue,
    phone: &Phone,
    after: Option<&Session>,
) -> Option<LinesChange> {
    let before = world.sessions.get(&phone.id);
    let (old, _) = world.wanted_with(catalogue, phone, before)?;
    let (new, _) = world.wanted_with(catalogue, phone, after)?;
    LinesChange::between(&old, &new)
}

fn user_id(world: &World, user: ObjectId) -> Option<UserId> {
    world.users.get(&user).map(|user| user.user_id.clone())
}

#[cfg(test)]
mod tests;
