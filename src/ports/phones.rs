//! Phones that are there now: what can be told them, and what they show.

use std::net::{IpAddr, SocketAddr};

use crate::model::{
    Basis, DeviceName, ObjectId, OrderKind, Protocol, Stamp, StationPart, Timestamp,
};

/// Something to tell a registered phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOrder {
    /// Unregister, read the file, register.
    Restart,
    /// Reboot.
    Reset,
    /// New labels and prompt, live. Carries what the station should show.
    Refresh(Box<StationPart>),
    /// A line of text on the display; empty clears it.
    Show(Notice),
    /// An XML object, at most 2,000 bytes.
    Push(Vec<u8>),
}

/// A line of text for a display, and how long it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub text: String,
    /// Seconds; 0 until something else is shown. A protocol that has no such
    /// time uses its own.
    pub seconds: u32,
}

impl LinkOrder {
    /// The kind of order, for the journal; `None` for plain display.
    pub fn kind(&self) -> Option<OrderKind> {
        match self {
            Self::Restart => Some(OrderKind::Restart),
            Self::Reset => Some(OrderKind::Reset),
            Self::Refresh(_) => Some(OrderKind::Refresh),
            Self::Show(_) | Self::Push(_) => None,
        }
    }
}

/// Why an order was not handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// The connection to the phone is gone.
    #[error("the connection to the phone is closed")]
    Closed,
    /// So many orders wait for the phone that it takes no more now.
    #[error("too many orders wait for the phone already")]
    Full,
}

/// The way to one registered phone. Never blocks: what became of an order is
/// told through [`Sightings`].
pub trait PhoneLink: Send + Sync + 'static {
    /// Hands an order to the protocol that holds the phone.
    ///
    /// # Errors
    /// [`LinkFault`] when the phone is no longer there, or stuck.
    fn send(&self, order: LinkOrder) -> Result<(), LinkFault>;

    /// Whether the connection is open, as far as is known.
    fn is_open(&self) -> bool;

    /// A newer registration took over: end this connection without a word.
    fn retire(&self);
}

/// A phone that is registered now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The phone.
    pub device: DeviceName,
    /// Counts registrations on this node; a late word about an older one is
    /// told by it.
    pub generation: u64,
    /// The protocol it registered over.
    pub protocol: Protocol,
    /// Its address.
    pub peer: SocketAddr,
    /// The local address it reached.
    pub local: SocketAddr,
    /// The load it reported.
    pub load: Option<String>,
    /// The type it reported (Skinny device type, SIP model parameter).
    pub type_id: Option<u32>,
    /// Since when.
    pub since: Timestamp,
    /// When it was heard of last.
    pub heard: Timestamp,
    /// Whether it is off-hook or in a call.
    pub in_call: bool,
    /// Whether its lines were not configured by us.
    pub configured_elsewhere: bool,
}

/// Who is registered.
pub trait Presence: Send + Sync + 'static {
    /// The registration of a phone.
    fn registration(&self, device: &DeviceName) -> Option<Registration>;

    /// The phones that are registered from an address, by name. Who does not
    /// know phones by address knows none.
    fn at(&self, _address: IpAddr) -> Vec<DeviceName> {
        Vec::new()
    }
}

/// What a registration shows of what the phone holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The boot file, when it can be told.
    pub file: Option<Stamp>,
    /// What it was told by SCCP, when it can be told.
    pub station: Option<Stamp>,
}

/// Why the phone came, as far as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameBack {
    /// It obeyed a restart (SIP Reason 23; alarm `Last=Reset-Restart`).
    Restarted,
    /// It obeyed a reset (SIP Reason 22; alarm `Last=Reset-Reset`).
    WasReset,
    /// For another reason, or it does not say.
    Other,
}

/// A new registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The phone.
    pub phone: ObjectId,
    /// The phone by name.
    pub device: DeviceName,
    /// Which registration.
    pub generation: u64,
    /// Over which protocol.
    pub protocol: Protocol,
    /// What it shows.
    pub shown: Shown,
    /// Why it came.
    pub came_back: CameBack,
}

/// Told what phones show and how they took orders; the reconciler listens.
/// Calls return at once.
pub trait Sightings: Send + Sync + 'static {
    /// A phone registered anew (not a refresh).
    fn registered(&self, sighting: Sighting);
    /// The phone accepted the order (SIP 200 to NOTIFY, SCCP Unregister).
    fn order_accepted(&self, device: &DeviceName, generation: u64);
    /// The phone refused the order, or it could not be delivered.
    fn order_refused(&self, device: &DeviceName, generation: u64, why: String);
    /// The phone went away.
    fn unregistered(&self, device: &DeviceName, generation: u64);
    /// A live refresh was sent: the phone shows this now.
    fn refreshed(&self, device: &DeviceName, generation: u64, shown: Shown);
    /// The phone is on-hook again after it was not.
    fn idle(&self, device: &DeviceName);
    /// The phone's own boot file went out to the address it is registered
    /// from: what it holds is unknown until it registers again. `basis` is what
    /// was wanted when it was made.
    fn file_taken(&self, device: &DeviceName, file: Stamp, basis: Basis);
}
