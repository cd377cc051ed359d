//! Points where a test may hold the phone, to let something happen meanwhile.

use std::fmt;

use tokio::sync::oneshot;

/// Where the phone is about to go on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HookPoint {
    /// Before it asks for a file.
    File(String),
    /// Before it connects to the call manager.
    Connect,
    /// Before it sends Register or the first REGISTER.
    Register,
    /// Before it asks for something (Skinny).
    Pull(Pull),
    /// Everything was answered; before it counts itself in service.
    InService,
    /// Before it unregisters to obey an order.
    Unregister,
}

/// What a Skinny phone asks for when it has registered, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pull {
    /// Its capabilities are awaited (`CapabilitiesReq`).
    Capabilities,
    /// The load that it should run.
    Version,
    /// Its buttons.
    ButtonTemplate,
    /// All soft keys.
    SoftKeyTemplate,
    /// Which soft keys when.
    SoftKeySets,
    /// How much there is of what.
    ConfigStat,
    /// A line, by its instance.
    Line(u32),
    /// Forwarding of a line.
    Forward(u32),
    /// A speed dial.
    SpeedDial(u32),
    /// A feature.
    Feature(u32),
    /// A service.
    ServiceUrl(u32),
    /// The time; the last step.
    TimeDate,
}

impl fmt::Display for Pull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capabilities => f.write_str("Register (CapabilitiesReq)"),
            Self::Version => f.write_str("VersionReq"),
            Self::ButtonTemplate => f.write_str("ButtonTemplateReq"),
            Self::SoftKeyTemplate => f.write_str("SoftKeyTemplateReq"),
            Self::SoftKeySets => f.write_str("SoftKeySetReq"),
            Self::ConfigStat => f.write_str("ConfigStatReq"),
            Self::Line(index) => write!(f, "LineStatReq {index}"),
            Self::Forward(index) => write!(f, "ForwardStatReq {index}"),
            Self::SpeedDial(index) => write!(f, "SpeedDialStatReq {index}"),
            Self::Feature(index) => write!(f, "FeatureStatReq {index}"),
            Self::ServiceUrl(index) => write!(f, "ServiceUrlStatReq {index}"),
            Self::TimeDate => f.write_str("TimeDateReq"),
        }
    }
}

/// The phone stands still at [`Pause::point`] until this is dropped.
#[derive(Debug)]
pub struct Pause {
    /// Where it stands.
    pub point: HookPoint,
    /// Its end tells the phone to go on.
    pub(super) _release: oneshot::Sender<()>,
}

impl Pause {
    /// Lets the phone go on; so does dropping.
    pub fn release(self) {}
}
