//! Registration, tokens and alarms. All of these come before a version is agreed, so
//! none of their layouts depends on one; what a load does not know yet is left off.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::sccp::wire::buffer::{DEVICE_NAME, Reader, Writer};
use crate::sccp::wire::number::{AlarmSeverity, DeviceType};
use crate::sccp::wire::version::{Dialect, PhoneFeatures, ProtocolVersion};
use crate::sccp::wire::{DecodeError, MessageId};

const ALARM_TEXT: usize = 80;
const LOAD: usize = 32;
const STAMP: usize = 48;

/// What a phone announces about the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Announced {
    /// The highest protocol version of its load.
    pub version: u8,
    /// Not understood; 0, or 20 (hex) on a 6961.
    pub flags: u8,
    /// What it can do.
    pub features: PhoneFeatures,
}

/// A phone registers.
///
/// Loads of different ages send between 36 and 172 bytes. The optional fields are in
/// the order of the wire, and the first one that is `None` ends the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// `SEP` and twelve hexadecimal digits on most phones; case differs.
    pub device_name: String,
    /// Reserved; 0.
    pub user: u32,
    /// 0 or 1.
    pub instance: u32,
    /// The address that the phone believes to have; 0.0.0.0 with IPv6 only.
    pub address: Ipv4Addr,
    /// The model.
    pub device_type: DeviceType,
    /// How many media streams it can have.
    pub max_streams: Option<u32>,
    /// How many it has.
    pub active_streams: Option<u32>,
    /// Protocol version and features.
    pub announced: Option<Announced>,
    /// How many conferences it can have.
    pub max_conferences: Option<u32>,
    /// How many it has; other data on older phones.
    pub active_conferences: Option<u32>,
    /// Hardware address: see [`Self::hardware_address`].
    pub mac: Option<[u8; 12]>,
    /// Scope of the IPv4 address; 3 seen.
    pub ipv4_scope: Option<u32>,
    /// How many lines it can have.
    pub max_lines: Option<u32>,
    /// IPv6 address; `::` for none.
    pub ipv6: Option<Ipv6Addr>,
    /// Scope of the IPv6 address.
    pub ipv6_scope: Option<u32>,
    /// The load that is running, such as `SCCP41.8-5-3S`.
    pub firmware: Option<String>,
    /// The `versionStamp` of the configuration file that it holds.
    pub config_version_stamp: Option<String>,
}

impl Register {
    /// The shortest registration: that of a phone which tells nothing optional.
    pub fn shortest(device_name: &str, device_type: DeviceType, address: Ipv4Addr) -> Self {
        Self {
            device_name: device_name.to_owned(),
            user: 0,
            instance: 0,
            address,
            device_type,
            max_streams: None,
            active_streams: None,
            announced: None,
            max_conferences: None,
            active_conferences: None,
            mac: None,
            ipv4_scope: None,
            max_lines: None,
            ipv6: None,
            ipv6_scope: None,
            firmware: None,
            config_version_stamp: None,
        }
    }

    /// What to speak with this phone: never above what it announced.
    pub fn dialect(&self) -> Dialect {
        let announced = self.announced.unwrap_or_default();
        let version = ProtocolVersion::negotiate(Some(announced.version), self.device_type);
        Dialect::agreed(version, announced.features)
    }

    /// The hardware address. Some loads have text or old memory in its place.
    pub fn hardware_address(&self) -> Option<[u8; 6]> {
        let mac = self.mac?;
        let (address, rest) = mac.split_first_chunk::<6>()?;
        (*address != [0; 6] && rest == [0; 6]).then_some(*address)
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let device_name = r.string(DEVICE_NAME);
        let user = r.or_zero();
        let instance = r.or_zero();
        let address = r.ipv4();
        let device_type = DeviceType(r.required()?);
        let mut message = Self {
            user,
            instance,
            max_streams: r.word(),
            active_streams: r.word(),
            ..Self::shortest(&device_name, device_type, address)
        };
        message.announced = r.u8().map(|version| Announced {
            version,
            flags: r.u8().unwrap_or_default(),
            features: PhoneFeatures(r.u16().unwrap_or_default()),
        });
        message.max_conferences = r.word();
        message.active_conferences = r.word();
        message.mac = r.array();
        message.ipv4_scope = r.word();
        message.max_lines = r.word();
        message.ipv6 = r.ipv6();
        message.ipv6_scope = r.word();
        message.firmware = present(r, LOAD);
        message.config_version_stamp = present(r, STAMP);
        Ok(message)
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        write_station(w, &self.device_name, self.user, self.instance);
        w.ipv4(self.address);
        w.word(self.device_type.0);
        // Ends at the first field that the load does not know.
        let _end = self.write_optional(w);
        MessageId::REGISTER
    }

    fn write_optional(&self, w: &mut Writer) -> Option<()> {
        w.word(self.max_streams?);
        w.word(self.active_streams?);
        let announced = self.announced?;
        w.u8(announced.version);
        w.u8(announced.flags);
        w.u16(announced.features.0);
        w.word(self.max_conferences?);
        w.word(self.active_conferences?);
        w.bytes(&self.mac?);
        w.word(self.ipv4_scope?);
        w.word(self.max_lines?);
        w.ipv6(self.ipv6?);
        w.word(self.ipv6_scope?);
        w.string(self.firmware.as_ref()?, LOAD);
        w.string(self.config_version_stamp.as_ref()?, STAMP);
        Some(())
    }
}

/// A phone that registered elsewhere asks whether it may come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterTokenReq {
    /// As in [`Register`].
    pub device_name: String,
    /// Reserved; 0.
    pub user: u32,
    /// 0 or 1.
    pub instance: u32,
    /// As in [`Register`].
    pub address: Ipv4Addr,
    /// The model.
    pub device_type: DeviceType,
    /// IPv6 address; `::` for none.
    pub ipv6: Ipv6Addr,
}

impl RegisterTokenReq {
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            device_name: r.string(DEVICE_NAME),
            user: r.or_zero(),
            instance: r.or_zero(),
            address: r.ipv4(),
            device_type: DeviceType(r.required()?),
            ipv6: read_token_ipv6(r).unwrap_or(Ipv6Addr::UNSPECIFIED),
        })
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        write_station(w, &self.device_name, self.user, self.instance);
        w.ipv4(self.address);
        w.word(self.device_type.0);
        w.word(u32::from(!self.ipv6.is_unspecified()));
        w.ipv6(self.ipv6);
        MessageId::REGISTER_TOKEN_REQ
    }
}

/// The same from an SPA phone, repeated now and then, also during calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpcpRegisterTokenReq {
    /// As in [`Register`].
    pub device_name: String,
    /// Reserved; 0.
    pub user: u32,
    /// 1, in the wrong byte order (01000000 hex).
    pub instance: u32,
    /// As in [`Register`].
    pub address: Ipv4Addr,
    /// The model.
    pub device_type: DeviceType,
    /// How many media streams it can have.
    pub max_streams: u32,
}

impl SpcpRegisterTokenReq {
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            device_name: r.string(DEVICE_NAME),
            user: r.or_zero(),
            instance: r.or_zero(),
            address: r.ipv4(),
            device_type: DeviceType(r.required()?),
            max_streams: r.or_zero(),
        })
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        write_station(w, &self.device_name, self.user, self.instance);
        w.ipv4(self.address);
        w.words([self.device_type.0, self.max_streams]);
        MessageId::SPCP_REGISTER_TOKEN_REQ
    }
}

/// Why the phone is here: the text ends in `Last=…`, such as `Last=Reset-Restart`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// How grave.
    pub severity: AlarmSeverity,
    /// A number, a colon, and words.
    pub text: String,
    /// Depends on the alarm.
    pub parameter1: u32,
    /// Depends on the alarm; often the address of the server.
    pub parameter2: u32,
}

impl Alarm {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            severity: r.number(),
            text: r.string(ALARM_TEXT),
            parameter1: r.or_zero(),
            parameter2: r.or_zero(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.severity.0);
        w.string(&self.text, ALARM_TEXT);
        w.words([self.parameter1, self.parameter2]);
        MessageId::ALARM
    }
}

fn write_station(w: &mut Writer, device_name: &String, user: u32, instance: u32) {
    w.string(device_name, DEVICE_NAME);
    w.words([user, instance]);
}

/// The bare address, or one with its type in front of it: 0 for IPv4, which stands in
/// the message already.
fn read_token_ipv6(r: &mut Reader<'_>) -> Option<Ipv6Addr> {
    if r.rest().len() >= 20 && r.word()? == 0 {
        return None;
    }
    r.ipv6()
}

/// A string at the end of a message, where the message goes that far.
fn present(r: &mut Reader<'_>, size: usize) -> Option<String> {
    (!r.rest().is_empty()).then(|| r.string(size))
}
