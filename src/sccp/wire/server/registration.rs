//! The server's part of a registration that concerns the device as a whole.

use std::net::{IpAddr, Ipv4Addr};

use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::version::ProtocolVersion;
use crate::sccp::wire::{DecodeError, MessageId};

/// Welcomes a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterAck {
    /// Seconds between the phone's `KeepAlive` messages.
    pub keep_alive: u32,
    /// Order and separators of the date, such as `D.M.Y` or `M/D/Y`; a further `A`
    /// means a clock of twelve hours. Six characters.
    pub date_template: String,
    /// Seconds between `KeepAlive` messages to the phone's second server; 0 where an
    /// old server leaves it off.
    pub secondary_keep_alive: u32,
    /// The version that both speak from now on.
    pub version: ProtocolVersion,
}

impl RegisterAck {
    const DATE_TEMPLATE: usize = 6;

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let keep_alive = r.required()?;
        let date_template = r.string(Self::DATE_TEMPLATE);
        r.skip(2);
        Ok(Self {
            keep_alive,
            date_template,
            secondary_keep_alive: r.or_zero(),
            version: r.u8().map_or(ProtocolVersion::LOWEST, ProtocolVersion),
        })
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.keep_alive);
        // The template may fill its field; the padding behind it holds the NUL.
        w.string(&self.date_template, Self::DATE_TEMPLATE + 1);
        w.zeros(1);
        w.word(self.secondary_keep_alive);
        w.u8(self.version.0);
        w.bytes(&self.version.ack_features());
        MessageId::REGISTER_ACK
    }
}

/// The time on the display: local time of the phone, which applies no zone itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefineTimeDate {
    /// Such as 2025.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 0 is Sunday.
    pub day_of_week: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
    /// 0 to 999.
    pub millisecond: u32,
    /// Seconds since 1970 (UTC); 0 from some servers.
    pub unix_time: u32,
}

impl DefineTimeDate {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            year: r.or_zero(),
            month: r.or_zero(),
            day_of_week: r.or_zero(),
            day: r.or_zero(),
            hour: r.or_zero(),
            minute: r.or_zero(),
            second: r.or_zero(),
            millisecond: r.or_zero(),
            unix_time: r.or_zero(),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.year, self.month, self.day_of_week, self.day]);
        w.words([self.hour, self.minute, self.second, self.millisecond]);
        w.word(self.unix_time);
        MessageId::DEFINE_TIME_DATE
    }
}

/// A call manager that the phone may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSlot {
    /// Its name (47 characters).
    pub name: String,
    /// TCP port.
    pub port: u32,
    /// Its address; IPv6 only from version 17 on.
    pub address: IpAddr,
}

/// The call managers of the phone, best first; five at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerRes {
    /// Where there are fewer than five, the rest of the message is zero.
    pub servers: Vec<ServerSlot>,
}

impl ServerRes {
    const SLOTS: usize = 5;
    const SERVER_NAME: usize = 48;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        r.wide_from(300);
        let names: [String; Self::SLOTS] = std::array::from_fn(|_| r.string(Self::SERVER_NAME));
        let ports: [u32; Self::SLOTS] = std::array::from_fn(|_| r.or_zero());
        let mut servers: Vec<_> = std::iter::zip(names, ports)
            .map(|(name, port)| ServerSlot {
                name,
                port,
                address: r.address(),
            })
            .collect();
        while servers.last().is_some_and(ServerSlot::is_empty) {
            servers.pop();
        }
        Self { servers }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let slots = || (0..Self::SLOTS).map(|slot| self.servers.get(slot));
        for slot in slots() {
            w.string(slot.map_or("", |server| &server.name), Self::SERVER_NAME);
        }
        for slot in slots() {
            w.word(slot.map_or(0, |server| server.port));
        }
        for slot in slots() {
            w.address(slot.map_or(Ipv4Addr::UNSPECIFIED.into(), |server| server.address));
        }
        MessageId::SERVER_RES
    }
}

impl ServerSlot {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.port == 0 && self.address == Ipv4Addr::UNSPECIFIED
    }
}
