//! Phones that nobody configured: how one registers by itself
//! ([`auto_registration`]), how the operator takes it in or turns it away
//! ([`approval`]), and how somebody says at the phone which configured phone it
//! is ([`assignment`]).

pub mod approval;
pub mod assignment;
pub mod auto_registration;
mod crowd;
#[cfg(test)]
mod tests;

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Mobility, Planned};
use crate::model::{
    Catalogue, Cause, Change, DeviceName, DirectoryNumber, ModelName, ObjectId, Pending, Phone,
    Plan, SipSecret, Timestamp, UserId, Wanted, World,
};
use crate::ports::{
    BoxFuture, Decision, EventKind, Newcomer, Newcomers, Presence, Scope, StoreError,
    TransactError, TurnedAway, transact,
};
use approval::{Approve, Refuse};
use assignment::Assign;
pub(super) use crowd::Crowd;

/// Why a command about such a phone was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewcomerRefusal {
    /// No such phone.
    #[error("no phone {0} is configured, and none of that name waits for approval")]
    DeviceUnknown(DeviceName),
    /// It is a phone as any other.
    #[error("{0} did not register by itself, or is in the site file since: it is configured")]
    Configured(DeviceName),
    /// It was approved before.
    #[error("{0} does not wait for approval: it was approved already")]
    Approved(DeviceName),
    /// The phone that is to be assigned waits for approval itself.
    #[error("{0} waits for approval itself: assign a configured phone")]
    NotConfigured(DeviceName),
    /// The configured phone is there.
    #[error("{0} is registered now: its handset is in use")]
    InUse(DeviceName),
    /// The configured phone was there before we began, just now.
    #[error(
        "{0} was here before the daemon was started and may still come back: try again in three \
         minutes"
    )]
    MayComeBack(DeviceName),
    /// The configured phone was made for another family.
    #[error("{device} is a {model}, the handset a {handset}: they have different keys")]
    OtherModel {
        /// The configured phone.
        device: DeviceName,
        /// Its model.
        model: ModelName,
        /// The model of the handset.
        handset: ModelName,
    },
    /// No configured phone has this number, or several do.
    #[error("no configured phone that is not there has the number {0}, or several have it")]
    NoSuchNumber(DirectoryNumber),
    /// The user whose PIN was checked is not there any more.
    #[error("the user is not configured any more")]
    UserUnknown,
    /// The user may not assign phones.
    #[error("{0} may not assign phones (extension_assigner = true on the user)")]
    NotAllowed(UserId),
    /// The PIN changed after it was checked.
    #[error("the PIN of {0} changed after it was checked")]
    CredentialChanged(UserId),
    /// As many were refused as can be remembered.
    #[error(
        "{} phones were refused by name, and no more can be remembered: embody refuse --forget \
         lets them go without that",
        approval::MOST_REFUSED
    )]
    TooManyRefused,
    /// A phone that was refused is not there to be given a number.
    #[error(
        "{0} was refused: approve it without a number and a description; it gets its number when \
         it comes again"
    )]
    NotThere(DeviceName),
    /// Somebody is signed in on it.
    #[error("{user} is signed in on {device}: sign him out first")]
    SignedIn {
        /// The phone.
        device: DeviceName,
        /// Who.
        user: UserId,
    },
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a command about such a phone came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The phone.
    pub device: DeviceName,
    /// What was done, in a sentence for the operator.
    pub what: String,
    /// What was set going.
    pub planned: Vec<Planned>,
}

impl Mobility {
    /// Takes a phone that registered by itself into the site.
    ///
    /// # Errors
    /// [`NewcomerRefusal`].
    pub async fn approve(&self, command: Approve) -> Result<Settled, NewcomerRefusal> {
        self.settle(move |world, catalogue, now| approval::approve(world, catalogue, now, &command))
            .await
    }

    /// Turns a phone away that registered by itself, for good.
    ///
    /// # Errors
    /// [`NewcomerRefusal`].
    pub async fn refuse(&self, command: Refuse) -> Result<Settled, NewcomerRefusal> {
        self.settle(move |world, _, _| approval::refuse(world, &command))
            .await
    }

    /// Makes a phone that waits for approval the handset of a configured one.
    ///
    /// # Errors
    /// [`NewcomerRefusal`].
    pub async fn assign(&self, command: Assign) -> Result<Settled, NewcomerRefusal> {
        self.settle(move |world, catalogue, now| {
            assignment::decide(world, catalogue, now, &command)
        })
        .await
    }

    async fn settle(
        &self,
        mut decide: impl FnMut(
            &World,
            &Catalogue,
            Timestamp,
        ) -> Result<Decision<Settled>, NewcomerRefusal>
        + Send
        + 'static,
    ) -> Result<Settled, NewcomerRefusal> {
        let catalogue = Arc::clone(&self.catalogue);
        let now = self.clock.now();
        let decide = move |world: &World| decide(world, &catalogue, now);
        // It may concern parameters, and numbers of any phone.
        let settled = match transact(&*self.store, Scope::Site, decide).await {
            Ok(settled) => settled,
            Err(TransactError::Refused(refusal)) => return Err(refusal),
            Err(TransactError::Store(error)) => return Err(error.into()),
        };
        let text = settled.what.clone();
        self.tell(Some(settled.device.clone()), EventKind::Note { text });
        self.tell_planned(&settled.planned);
        Ok(settled)
    }
}

impl Newcomers for Mobility {
    fn takes(&self, device: &DeviceName) -> Result<(), TurnedAway> {
        let world = self.store.world();
        if world.takes_newcomer(device) {
            Ok(())
        } else if world.refused.contains(device) {
            Err(TurnedAway::Refused)
        } else {
            Err(TurnedAway::NotConfigured)
        }
    }

    fn arrived(&self, newcomer: Newcomer) -> BoxFuture<'_, Result<(), TurnedAway>> {
        Box::pin(async move {
            self.may_come(&newcomer)?;
            let secret = secret().ok_or(TurnedAway::Busy)?;
            let (device, address) = (newcomer.device.clone(), newcomer.address);
            let now = self.clock.monotonic();
            let lets_in = self.crowd().lets_in(address, now);
            if !lets_in {
                return Err(TurnedAway::TooMany);
            }
            let catalogue = Arc::clone(&self.catalogue);
            let now = self.clock.now();
            let decide = move |world: &World| {
                auto_registration::decide(world, &catalogue, now, &newcomer, &secret)
            };
            match transact(&*self.store, Scope::Site, decide).await {
                Ok(None) => Ok(()),
                Ok(Some(text)) => {
                    self.tell(Some(device), EventKind::Note { text });
                    Ok(())
                }
                Err(TransactError::Refused(why)) => Err(why),
                Err(TransactError::Store(_)) => Err(TurnedAway::Busy),
            }
        })
    }
}

impl Mobility {
    /// What can be said without a transaction: phones repeat themselves for
    /// ever, and logins must not wait for them.
    fn may_come(&self, newcomer: &Newcomer) -> Result<(), TurnedAway> {
        self.takes(&newcomer.device)?;
        let now = self.clock.monotonic();
        if !self.crowd().has_room(newcomer.address, now) {
            return Err(TurnedAway::TooMany);
        }
        let change = *self.store.changed().borrow();
        if self.crowd().is_exhausted(change) {
            return Err(TurnedAway::NoNumber);
        }
        let world = self.store.world();
        let place = auto_registration::place(&world, &self.catalogue, newcomer);
        if matches!(place, Err(TurnedAway::NoNumber)) {
            self.crowd().exhausted(change);
        }
        place.map(|_| ())
    }

    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a phone is there.
    pub fn whereabouts(&self, presence: &dyn Presence, device: &DeviceName) -> Whereabouts {
        if presence.registration(device).is_some() {
            return Whereabouts::Registered;
        }
        let settles = self.clock.monotonic() < self.began + SETTLING;
        let world = self.store.world();
        let was_here = || {
            let held = world.held.get(&world.phone(device)?.id)?;
            Some(!held.node.is_empty())
        };
        if settles && was_here().unwrap_or(false) {
            Whereabouts::MayComeBack
        } else {
            Whereabouts::Away
        }
    }
}

/// Whether a phone is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// It is registered.
    Registered,
    /// We began just now, and it was here before.
    MayComeBack,
    /// It is not.
    Away,
}

/// How long after our start phones may take to come back.
const SETTLING: Duration = Duration::from_secs(180);

/// A digest secret for a new phone; `None` without randomness.
fn secret() -> Option<SipSecret> {
    // 64 bytes: some are skipped, so that no letter is likelier.
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes).ok()?;
    SipSecret::from_random(&bytes)
}

/// The row that has a phone read the file that it is to have now: what it
/// holds was made for another, or before anybody knew it.
fn reads_anew(
    wanted: &Wanted,
    catalogue: &Catalogue,
    phone: &Phone,
    now: Timestamp,
    not_before: Timestamp,
) -> Change {
    let facts = catalogue
        .model(phone.served_model())
        .and_then(|model| model.facts(wanted.protocol));
    let plan = match facts.map(|facts| facts.file_order) {
        Some(crate::model::FileOrder::Reset) => Plan::Reset,
        Some(crate::model::FileOrder::Restart) | None => Plan::Restart,
    };
    let row = Pending::new(
        wanted,
        plan,
        crate::model::Aim::Holds,
        Cause::Configuration,
        now,
        not_before,
    );
    Change::PutPending(Box::new(row))
}

/// Nothing is known of what the handset of a phone holds.
fn holds_unknown(phone: ObjectId, now: Timestamp) -> Change {
    Change::PutHeld(crate::model::Held {
        phone,
        file: None,
        station: None,
        node: String::new(),
        seen: now,
    })
}

/// The phone of this name, if it waits for approval.
fn waiting<'a>(world: &'a World, device: &DeviceName) -> Result<&'a Arc<Phone>, NewcomerRefusal> {
    let phone = world
        .phone(device)
        .ok_or_else(|| NewcomerRefusal::DeviceUnknown(device.clone()))?;
    match &phone.auto_registered {
        Some(auto) if !auto.approved => Ok(phone),
        Some(_) => Err(NewcomerRefusal::Approved(device.clone())),
        None => Err(NewcomerRefusal::Configured(device.clone())),
    }
}
