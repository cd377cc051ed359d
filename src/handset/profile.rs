//! Which phone, whom it asks, and how fast it lives.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Mac;
use super::family::Family;
use super::model::Model;
use crate::sccp::wire::ProtocolVersion;

/// The phones that there are, by how they behave; each [`Model`] is like one of
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 7960 with its last Skinny load: version 11, short file, TFTP, an XML
    /// parser that forgives, ISO-8859-1 only.
    Cisco7960,
    /// 7961 with a Skinny load of the 9 series: version 17 to 22, TFTP.
    Cisco7961,
    /// 7961 with a SIP load of the 9 series: TCP, files by TFTP only.
    Cisco7961Sip,
    /// 8841 with an enterprise load: SIP over TCP, files by HTTP first.
    Cisco8841,
    /// 7960 with its SIP load: a text file, TFTP, UDP, each line for itself;
    /// pages as with the Skinny load.
    Cisco7960Sip,
}

/// What a phone registers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Skinny.
    Sccp,
    /// SIP.
    Sip,
}

impl Protocol {
    /// As `deviceProtocol` spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sccp => "SCCP",
            Self::Sip => "SIP",
        }
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Cisco7960,
        Self::Cisco7961,
        Self::Cisco7961Sip,
        Self::Cisco8841,
        Self::Cisco7960Sip,
    ];

    /// Those that a call manager can order to restart. A
    /// [`Cisco7960Sip`](Self::Cisco7960Sip) is a SIP phone like any other, and
    /// can only be told to check.
    pub const MANAGED: [Self; 4] = [
        Self::Cisco7960,
        Self::Cisco7961,
        Self::Cisco7961Sip,
        Self::Cisco8841,
    ];

    /// The kind of this model with this protocol (`"7961"`, `"sip"`); without
    /// a protocol Skinny where the model has it.
    pub fn find(model: &str, protocol: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| {
            kind.model() == model
                && protocol.is_none_or(|name| name.eq_ignore_ascii_case(kind.protocol().name()))
        })
    }

    /// The number on the case of the model after which it is called.
    pub const fn model(self) -> &'static str {
        match self {
            Self::Cisco7960 | Self::Cisco7960Sip => "7960",
            Self::Cisco7961 | Self::Cisco7961Sip => "7961",
            Self::Cisco8841 => "8841",
        }
    }

    /// What it registers with.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Cisco7960 | Self::Cisco7961 => Protocol::Sccp,
            Self::Cisco7961Sip | Self::Cisco8841 | Self::Cisco7960Sip => Protocol::Sip,
        }
    }

    /// Whether it is one of the first phones with pages: ISO-8859-1 only, and no
    /// services of its own.
    pub(super) const fn is_first(self) -> bool {
        matches!(self, Self::Cisco7960 | Self::Cisco7960Sip)
    }

    /// Whether it shows what is sent about its keys while it is in service.
    pub(super) const fn redraws_labels(self) -> bool {
        matches!(self, Self::Cisco7961)
    }
}

/// The Skinny version from which on loads tell the stamp of their file.
const STAMPED: u8 = 20;

/// One phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Which phone it is.
    pub kind: Kind,
    /// What stands on its case, and hangs on it.
    pub model: &'static Model,
    /// How its load boots.
    pub family: &'static Family,
    /// Its hardware address; its name follows from it.
    pub mac: Mac,
    /// The firmware that it runs. Any other load that it is told to have is a
    /// [`Fault`](super::Fault): it would begin a download.
    pub load: String,
    /// Skinny version of the load; 7960 11, 7961 17 to 22.
    pub version: ProtocolVersion,
    /// TFTP block size to ask for (RFC 2348); phones ask for none.
    pub block_size: Option<u16>,
    /// Whether a restart reads the files again, as a reset always does. Cisco's
    /// documents disagree about the 7940 and 7960.
    pub rereads_on_restart: bool,
    /// Whether a Skinny `Register` tells the `versionStamp` of the file held.
    pub reports_stamp: bool,
    /// Whether a Skinny phone says why it comes in XML and in no other form,
    /// as some loads of the 9 series do.
    pub alarms_in_xml: bool,
}

impl Profile {
    /// A phone of that kind with its usual load, of the model after which the
    /// kind is called.
    pub fn new(kind: Kind, mac: Mac) -> Self {
        let model = kind.usual_model();
        Self::of(model, model.usual(kind), mac)
    }

    /// The phone with that number on its case (`"7940"`) and a load for that
    /// protocol (`"sip"`); without a protocol Skinny where the model has it.
    pub fn find(model: &str, protocol: Option<&str>, mac: Mac) -> Option<Self> {
        let model = Model::find(model)?;
        Some(Self::of(model, model.usual(model.kind(protocol)?), mac))
    }

    /// The phone with that number on its case that runs that load, of those
    /// that [`Model::loads`] names.
    pub fn with_load(model: &str, load: &str, mac: Mac) -> Option<Self> {
        let model = Model::find(model)?;
        let of = model.loads().find(|(name, _)| *name == load)?;
        Some(Self::of(model, of, mac))
    }

    fn of(
        model: &'static Model,
        (load, family): (&'static str, &'static Family),
        mac: Mac,
    ) -> Self {
        let kind = family.kind;
        Self {
            kind,
            model,
            family,
            mac,
            load: load.to_owned(),
            version: ProtocolVersion(family.version),
            block_size: None,
            rereads_on_restart: kind != Kind::Cisco7960,
            reports_stamp: kind == Kind::Cisco7961 && family.version >= STAMPED,
            alarms_in_xml: false,
        }
    }

    /// A 7961 with a load that speaks this Skinny version (taken into 17 to
    /// 22). Loads below 20 do not report the stamp of their file.
    #[must_use]
    pub fn with_version(mut self, version: u8) -> Self {
        if self.kind == Kind::Cisco7961 {
            self.version = ProtocolVersion(version.clamp(17, 22));
            self.reports_stamp = self.version.0 >= STAMPED;
        }
        self
    }

    /// `SEP`, of adapters `ATA`, and the hardware address.
    pub fn device_name(&self) -> String {
        format!("{}{}", self.family.device, self.mac)
    }
}

/// Whom the phone asks for its files. Everything else is in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Servers {
    /// TFTP.
    pub tftp: SocketAddr,
    /// HTTP for files (6970 on a real server); `None`: only TFTP is asked.
    pub config_http: Option<SocketAddr>,
    /// The phone's own address; `None`: what the system chooses.
    pub bind: Option<IpAddr>,
}

impl Servers {
    /// TFTP alone.
    pub const fn new(tftp: SocketAddr) -> Self {
        Self {
            tftp,
            config_http: None,
            bind: None,
        }
    }
}

/// How fast the phone lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// What a real phone takes for itself (starting up, loading) times this;
    /// 0 waits for nothing.
    pub waits: f64,
    /// What the server orders in seconds (keepalives, refreshes) times this.
    pub intervals: f64,
    /// How long an answer may take before it counts as missing.
    pub patience: Duration,
    /// How long one TFTP packet may take before it is repeated.
    pub retransmit: Duration,
    /// The least time between the last file and the connection. A server knows
    /// that a file is through when the last acknowledgement has reached it; a
    /// phone that registers in the same instant could overtake that.
    pub settle: Duration,
    /// The pause after something went wrong.
    pub back_off: Duration,
}

impl Pace {
    /// As a desk phone: a minute to boot, half a minute to try again.
    pub const REAL: Self = Self {
        waits: 1.0,
        intervals: 1.0,
        patience: Duration::from_secs(10),
        retransmit: Duration::from_secs(4),
        settle: Duration::from_millis(600),
        back_off: Duration::from_secs(30),
    };

    /// `real` as this phone waits it.
    pub(super) fn wait(&self, real: Duration) -> Duration {
        scale(real, self.waits)
    }

    /// `seconds` between two signs of life, at least 10 ms.
    pub(super) fn interval(&self, seconds: u32) -> Duration {
        scale(Duration::from_secs(seconds.into()), self.intervals).max(Duration::from_millis(10))
    }
}

/// For tests and demonstrations: no waits of its own, all else in earnest.
impl Default for Pace {
    fn default() -> Self {
        Self {
            waits: 0.0,
            intervals: 1.0,
            patience: Duration::from_secs(5),
            retransmit: Duration::from_secs(1),
            settle: Duration::from_millis(50),
            back_off: Duration::from_millis(250),
        }
    }
}

fn scale(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_phone_is_found_by_what_stands_on_it() {
        assert_eq!(Kind::find("7961", None), Some(Kind::Cisco7961));
        assert_eq!(Kind::find("7961", Some("sip")), Some(Kind::Cisco7961Sip));
        assert_eq!(Kind::find("8841", None), Some(Kind::Cisco8841));
        assert_eq!(Kind::find("8841", Some("sccp")), None);
        let mac = Mac::from_hex("00aabbccddee").unwrap();
        let found = Profile::find("7970", Some("sip"), mac).unwrap();
        assert_eq!(found.kind, Kind::Cisco7961Sip);
        assert_eq!(found.load, "SIP70.9-4-2SR3-1S");
        assert_eq!(Profile::find("7970", Some("h323"), mac), None);
        let profile = Profile::new(Kind::Cisco7961, mac).with_version(40);
        assert_eq!(profile.device_name(), "SEP00AABBCCDDEE");
        assert_eq!(profile.version, ProtocolVersion(22));
        assert!(!profile.with_version(17).reports_stamp);
    }

    #[test]
    fn a_pace_never_overflows() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(Duration::from_secs(60)), Duration::ZERO);
        pace.waits = f64::MAX;
        pace.intervals = -1.0;
        assert_eq!(pace.wait(Duration::from_secs(60)), Duration::ZERO);
        assert_eq!(pace.interval(30), Duration::from_millis(10));
    }
}
