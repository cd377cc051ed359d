//! Phones that nobody configured: how one registers by itself
//! ([`auto_registration`]), how the operator takes it in or turns it away
//! ([`approval`]), and how somebody says at the phone which configured phone it
//! is ([`assignment`]).

pub mod approval;
pub mod assignment;
pub mod auto_registration;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{Mobility, Planned};
use crate::model::{
    Catalogue, Cause, Change, DeviceName, DirectoryNumber, ModelName, ObjectId, Pending, Phone,
    Plan, SipSecret, Timestamp, UserId, Wanted, World,
};
use crate::ports::{
    BoxFuture, Decision, EventKind, Newcomer, Newcomers, Scope, StoreError, TransactError,
    TurnedAway, transact,
};
use approval::{Approve, Refuse};
use assignment::Assign;

/// Why a command about such a phone was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewcomerRefusal {
    /// No such phone.
    #[error("no phone {0} is configured, and none of that name waits for approval")]
    DeviceUnknown(DeviceName),
    /// It is a phone as any other.
    #[error("{0} does not wait for approval: it is configured already")]
    Approved(DeviceName),
    /// The phone that is to be assigned waits for approval itself.
    #[error("{0} waits for approval itself: assign a configured phone")]
    NotConfigured(DeviceName),
    /// The configured phone is there.
    #[error("{0} is registered now: its handset is in use")]
    InUse(DeviceName),
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
        "{} phones were refused by name, and no more can be: clear \
         auto_registration.excluded, or keep unknown phones away",
        crate::model::AutoRegistration::MOST_EXCLUDED
    )]
    TooManyRefused,
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
    fn takes(&self, device: &DeviceName) -> bool {
        self.store
            .world()
            .parameters
            .auto_registration
            .takes(device)
    }

    fn arrived(&self, newcomer: Newcomer) -> BoxFuture<'_, Result<(), TurnedAway>> {
        Box::pin(async move {
            let secret = secret().ok_or(TurnedAway::Busy)?;
            let device = newcomer.device.clone();
            let meant = newcomer.clone();
            let outcome = self
                .settle_newcomer(move |world, catalogue, now| {
                    auto_registration::decide(world, catalogue, now, &meant, &secret)
                })
                .await;
            let text = match &outcome {
                Ok(None) => return Ok(()),
                Ok(Some(text)) => text.clone(),
                Err(turned_away) => auto_registration::in_words(*turned_away, &newcomer),
            };
            self.tell(Some(device), EventKind::Note { text });
            outcome.map(|_| ())
        })
    }
}

impl Mobility {
    async fn settle_newcomer(
        &self,
        mut decide: impl FnMut(
            &World,
            &Catalogue,
            Timestamp,
        ) -> Result<Decision<Option<String>>, TurnedAway>
        + Send
        + 'static,
    ) -> Result<Option<String>, TurnedAway> {
        let catalogue = Arc::clone(&self.catalogue);
        let now = self.clock.now();
        let decide = move |world: &World| decide(world, &catalogue, now);
        match transact(&*self.store, Scope::Site, decide).await {
            Ok(told) => Ok(told),
            Err(TransactError::Refused(why)) => Err(why),
            Err(TransactError::Store(_)) => Err(TurnedAway::Busy),
        }
    }
}

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
    match phone.awaits_approval {
        Some(_) => Ok(phone),
        None => Err(NewcomerRefusal::Approved(device.clone())),
    }
}
