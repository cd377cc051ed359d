//! The parameters of adapters with SCCP loads: their names, and their tags in
//! a compiled profile (`ptag.dat` of release 3.2.4, for SCCP).

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 0 or 1: an octet.
    Flag,
    /// Decimal, or hexadecimal behind `0x`: four octets.
    Number,
    /// Four octets; 0 is none.
    Address,
    /// An address and a port behind a fourth dot: six octets.
    Socket,
    /// So many characters at most.
    Text(usize),
    /// Numbers of two octets with commas between; so many at most, and zeros
    /// for the rest.
    Shorts(usize),
}

pub(super) struct Parameter {
    pub(super) tag: u8,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// The parameter of this name, in any letter case.
pub(super) fn find(name: &str) -> Option<&'static Parameter> {
    PARAMETERS
        .iter()
        .find(|parameter| parameter.name.eq_ignore_ascii_case(name))
}

const fn of(tag: u8, name: &'static str, kind: Kind) -> Parameter {
    Parameter { tag, name, kind }
}

const PARAMETERS: [Parameter; 46] = [
    of(3, "StaticIP", Kind::Address),
    of(4, "StaticRoute", Kind::Address),
    of(5, "StaticNetMask", Kind::Address),
    of(7, "PrfCodec", Kind::Number),
    of(9, "DNS1IP", Kind::Address),
    of(10, "DNS2IP", Kind::Address),
    of(11, "NumTxFrames", Kind::Number),
    of(15, "Dhcp", Kind::Flag),
    of(20, "UseTftp", Kind::Flag),
    of(23, "UIPassword", Kind::Text(9)),
    of(25, "CA0UID", Kind::Text(31)),
    of(27, "CA1UID", Kind::Text(31)),
    of(29, "CA0orCM0", Kind::Text(31)),
    of(32, "TftpURL", Kind::Text(31)),
    of(35, "NPrintf", Kind::Socket),
    of(36, "DialTone", Kind::Shorts(11)),
    of(37, "BusyTone", Kind::Shorts(11)),
    of(38, "ReorderTone", Kind::Shorts(17)),
    of(39, "RingBackTone", Kind::Shorts(11)),
    of(40, "CallWaitTone", Kind::Shorts(11)),
    of(43, "DialTone2", Kind::Shorts(11)),
    of(44, "EPID0orSID0", Kind::Text(51)),
    of(45, "EPID1orSID1", Kind::Text(51)),
    of(47, "AlertTone", Kind::Shorts(11)),
    of(49, "ToConfig", Kind::Flag),
    of(50, "CfgInterval", Kind::Number),
    of(54, "LBRCodec", Kind::Number),
    of(55, "Polarity", Kind::Number),
    of(57, "ConnectMode", Kind::Number),
    of(58, "AudioMode", Kind::Number),
    of(59, "TraceFlags", Kind::Number),
    of(60, "RingCadence", Kind::Shorts(3)),
    of(65, "CallerIdMethod", Kind::Number),
    of(66, "AltTftpURL", Kind::Text(31)),
    of(67, "CA1orCM1", Kind::Text(31)),
    of(70, "MediaPort", Kind::Number),
    of(72, "TOS", Kind::Number),
    of(76, "SigTimer", Kind::Number),
    of(77, "OpFlags", Kind::Number),
    of(95, "VLANSetting", Kind::Number),
    of(99, "Domain", Kind::Text(31)),
    of(102, "SyslogIP", Kind::Socket),
    of(103, "SyslogCtrl", Kind::Number),
    of(104, "PortsSetting", Kind::Number),
    of(105, "L2KeepAlive", Kind::Number),
    of(170, "FXSInputLevel", Kind::Number),
];
