//! Phones that nobody configured, at the moment they register.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::BoxFuture;
use crate::model::{DeviceName, Protocol, Stamp};

/// What a phone that nobody configured says of itself when it registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Its name.
    pub device: DeviceName,
    /// Over which protocol it registers.
    pub protocol: Protocol,
    /// The type that it reports.
    pub type_id: Option<u32>,
    /// The name of its model, where it tells that and no type: plain SIP loads.
    pub product: Option<String>,
    /// The load that it reports.
    pub load: Option<String>,
    /// The file that it shows that it booted from.
    pub file: Option<Stamp>,
    /// Where it is.
    pub address: IpAddr,
}

impl Newcomer {
    /// Letters of a load or product that are kept: the longest known have 32.
    const LETTERS: usize = 48;

    /// The same with texts that can be shown and stored: whoever sends them may
    /// be anybody.
    #[must_use]
    pub fn cleaned(mut self) -> Self {
        for text in [&mut self.load, &mut self.product] {
            let plain = |text: &String| -> String {
                let graphic = text.chars().filter(char::is_ascii_graphic);
                graphic.take(Self::LETTERS).collect()
            };
            *text = text.as_ref().map(plain).filter(|text| !text.is_empty());
        }
        self
    }
}

/// Why a phone did not register by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnedAway {
    /// Phones do not register by themselves here.
    NotConfigured,
    /// The operator refused it.
    Refused,
    /// Its model is not in the catalogue, or does not speak this protocol.
    ModelUnknown,
    /// All numbers of the pool are in use.
    NoNumber,
    /// Too many came at once.
    TooMany,
    /// Over UDP an address is what the sender wrote, and nothing was fetched
    /// from there.
    NotBootedHere,
    /// It could not be stored now.
    Busy,
}

impl TurnedAway {
    /// The words for the display of the phone, at most 32 characters.
    pub fn on_display(self) -> &'static str {
        match self {
            Self::NotConfigured | Self::Refused | Self::NotBootedHere => "Phone not configured",
            Self::ModelUnknown => "Model not supported",
            Self::NoNumber => "No number is free",
            Self::TooMany | Self::Busy => "Busy, please wait",
        }
    }

    /// What happened, for the operator.
    pub fn why(self) -> &'static str {
        match self {
            Self::NotConfigured => "phones do not register by themselves here",
            Self::Refused => "it was refused",
            Self::ModelUnknown => "its model is not in the catalogue",
            Self::NoNumber => "no number of auto_registration is free",
            Self::TooMany => "too many phones registered by themselves at once",
            Self::NotBootedHere => "it took no file from here since the daemon began",
            Self::Busy => "it could not be stored",
        }
    }
}

/// Decides about phones that nobody configured.
pub trait Newcomers: Send + Sync + 'static {
    /// Whether a phone of this name may register by itself. Returns at once.
    fn takes(&self, device: &DeviceName) -> Result<(), TurnedAway>;

    /// Gives it a number and stores it; afterwards it is a phone as any other.
    /// So it is when somebody else configured it meanwhile.
    fn arrived(&self, newcomer: Newcomer) -> BoxFuture<'_, Result<(), TurnedAway>>;
}

/// Nobody registers by himself.
#[derive(Clone, Copy, Debug)]
pub struct NoNewcomers;

impl Newcomers for NoNewcomers {
    fn takes(&self, _: &DeviceName) -> Result<(), TurnedAway> {
        Err(TurnedAway::NotConfigured)
    }

    fn arrived(&self, _: Newcomer) -> BoxFuture<'_, Result<(), TurnedAway>> {
        Box::pin(async { Err(TurnedAway::NotConfigured) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_sends_is_kept_short_and_plain() {
        let newcomer = Newcomer {
            device: DeviceName::from_mac([0; 6]),
            protocol: Protocol::Sip,
            type_id: None,
            product: Some("\u{1b}[2J\n".to_owned()),
            file: None,
            load: Some(format!("SIP41\u{1b}]0;x\u{7}.9-4 {}", "y".repeat(5000))),
            address: IpAddr::from([192, 0, 2, 1]),
        }
        .cleaned();
        let load = newcomer.load.unwrap_or_default();
        assert_eq!(load.len(), 48);
        assert!(load.starts_with("SIP41]0;x.9-4yyy"), "{load}");
        assert_eq!(newcomer.product.as_deref(), Some("[2J"));
    }
}
