//! Ports: the traits through which the heart of the house talks to what is
//! outside (clock, store, directory, journal, phones, files). Traits and the
//! plain values they carry live here; no implementation does.

mod clock;
mod directory;
mod files;
mod journal;
mod newcomers;
mod phones;
mod store;

use std::future::Future;
use std::pin::Pin;

pub use clock::Clock;
pub use directory::{
    Denied, Directory, DirectoryHealth, DirectoryOutage, Hasher, Identity, PinFault, PinRefused,
    Verified,
};
pub use files::{
    Deliveries, Delivery, FileAnswer, FileRequest, FileService, FileSource, NO_TICKET, StagedLoads,
    Undelivered,
};
pub use journal::{Event, EventKind, FileServiceName, Journal, NoJournal, Sign, refusal};
pub use newcomers::{Newcomer, Newcomers, NoNewcomers, TurnedAway};
pub use phones::{
    CameBack, LinkFault, LinkOrder, Notice, PhoneLink, PhoneWeb, Presence, Registration, Shown,
    Sighting, Sightings,
};
pub use store::{
    AuditFilter, AuditRow, ChangeRecord, Commit, Decide, Decision, Scope, Store, StoreError,
    TransactError, Verdict, transact,
};

/// A boxed future, for traits that are used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
