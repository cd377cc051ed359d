//! Phones that nobody configured, at the moment they register.

use std::net::IpAddr;

use super::BoxFuture;
use crate::model::{DeviceName, Protocol};

/// What a phone that nobody configured says of itself when it registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Its name.
    pub device: DeviceName,
    /// Over which protocol it registers.
    pub protocol: Protocol,
    /// The type that it reports.
    pub type_id: Option<u32>,
    /// The load that it reports.
    pub load: Option<String>,
    /// Where it is.
    pub address: IpAddr,
}

/// Why a phone did not register by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// Auto-registration is off, or the phone was refused.
    NotConfigured,
    /// Its model is not in the catalogue, or does not speak this protocol.
    ModelUnknown,
    /// All numbers of the pool are in use.
    NoNumber,
    /// It could not be stored now.
    Busy,
}

impl TurnedAway {
    /// The words for the display of the phone, at most 32 characters.
    pub fn on_display(self) -> &'static str {
        match self {
            Self::NotConfigured => "Phone not configured",
            Self::ModelUnknown => "Model not supported",
            Self::NoNumber => "No number is free",
            Self::Busy => "Busy, please wait",
        }
    }
}

/// Decides about phones that nobody configured.
pub trait Newcomers: Send + Sync + 'static {
    /// Whether a phone of this name may register by itself. Returns at once.
    fn takes(&self, device: &DeviceName) -> bool;

    /// Gives it a number and stores it; afterwards it is a phone as any other.
    /// The reason is told to the operator here.
    fn arrived(&self, newcomer: Newcomer) -> BoxFuture<'_, Result<(), TurnedAway>>;
}

/// Nobody registers by himself.
#[derive(Clone, Copy, Debug)]
pub struct NoNewcomers;

impl Newcomers for NoNewcomers {
    fn takes(&self, _: &DeviceName) -> bool {
        false
    }

    fn arrived(&self, _: Newcomer) -> BoxFuture<'_, Result<(), TurnedAway>> {
        Box::pin(async { Err(TurnedAway::NotConfigured) })
    }
}
