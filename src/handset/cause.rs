//! Why the phone comes to register: what its alarms say.

use super::event::Order;

/// What happened last. The numbers are CallManager's out-of-service reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    PowerUp,
    Ordered(Order),
    /// The server closed the connection.
    TcpClosed,
    /// The server could not be reached, or was silent.
    TcpTimeout,
    /// Keepalives were not answered.
    KeepaliveTimeout,
    /// An answer to the registration did not come or was wrong.
    RegistrationTimeout,
    Rejected,
}

impl Cause {
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::PowerUp => 25,
            Self::Ordered(Order::Restart) => 23,
            Self::Ordered(Order::Reset) => 22,
            Self::TcpClosed => 14,
            Self::TcpTimeout | Self::KeepaliveTimeout => 10,
            Self::RegistrationTimeout => 17,
            Self::Rejected => 24,
        }
    }

    /// After `Last=` in a Skinny alarm; SIP writes the same in small letters.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::PowerUp => "Initialized",
            Self::Ordered(Order::Restart) => "Reset-Restart",
            Self::Ordered(Order::Reset) => "Reset-Reset",
            Self::TcpClosed => "CM-closed-TCP",
            Self::TcpTimeout => "TCP-timeout",
            Self::KeepaliveTimeout => "KeepaliveTO",
            Self::RegistrationTimeout => "Registration-timeout",
            Self::Rejected => "Registration-rejected",
        }
    }
}
