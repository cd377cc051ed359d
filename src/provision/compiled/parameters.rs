//! The parameters of profiles: their names, and their tags when compiled. Those
//! of adapters with SCCP loads (`ptag.dat` of release 3.2.4, for SCCP), and those
//! of 7905 and 7912 with SIP loads (`sip_ptag.dat` of release 8.0.0).
//!
//! Not here: keys of encrypted profiles, and what makes a device load firmware.

/// Whose profile it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Profiled {
    /// An analogue adapter with an SCCP load.
    Adapter,
    /// A 7905 or 7912 with a SIP load.
    SipPhone,
}

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
    pub(super) tag: u16,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// The parameter of this name, in any letter case.
pub(super) fn find(of: Profiled, name: &str) -> Option<&'static Parameter> {
    let parameters: &[Parameter] = match of {
        Profiled::Adapter => &ADAPTER,
        Profiled::SipPhone => &SIP_PHONE,
    };
    parameters
        .iter()
        .find(|parameter| parameter.name.eq_ignore_ascii_case(name))
}

const fn of(tag: u16, name: &'static str, kind: Kind) -> Parameter {
    Parameter { tag, name, kind }
}

const ADAPTER: [Parameter; 46] = [
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

const SIP_PHONE: [Parameter; 79] = [
    of(3, "StaticIP", Kind::Address),
    of(4, "StaticRoute", Kind::Address),
    of(5, "StaticNetMask", Kind::Address),
    of(6, "EchoIP", Kind::Address),
    of(7, "RxCodec", Kind::Number),
    of(8, "TxCodec", Kind::Number),
    of(9, "DNS1IP", Kind::Address),
    of(10, "DNS2IP", Kind::Address),
    of(11, "NumTxFrames", Kind::Number),
    of(12, "AutMethod", Kind::Number),
    of(13, "SIPRegInterval", Kind::Number),
    of(14, "MaxRedirect", Kind::Number),
    of(15, "Dhcp", Kind::Flag),
    of(19, "SIPRegOn", Kind::Flag),
    of(20, "UseTftp", Kind::Flag),
    of(21, "UseLoginID", Kind::Flag),
    of(23, "UIPassword", Kind::Text(9)),
    of(24, "NTPIP", Kind::Address),
    of(25, "UID", Kind::Text(31)),
    of(26, "PWD", Kind::Text(31)),
    of(29, "Proxy", Kind::Text(31)),
    of(32, "TftpURL", Kind::Text(31)),
    of(35, "NPrintf", Kind::Socket),
    of(36, "DialTone", Kind::Shorts(11)),
    of(37, "BusyTone", Kind::Shorts(11)),
    of(38, "ReorderTone", Kind::Shorts(17)),
    of(39, "RingBackTone", Kind::Shorts(11)),
    of(40, "CallWaitTone", Kind::Shorts(11)),
    of(41, "DialPlan", Kind::Text(199)),
    of(44, "LoginID", Kind::Text(51)),
    of(47, "DialTone2", Kind::Shorts(11)),
    of(50, "CfgInterval", Kind::Number),
    of(52, "IPDialPlan", Kind::Number),
    of(56, "TimeZone", Kind::Number),
    of(57, "ConnectMode", Kind::Number),
    of(58, "AudioMode", Kind::Number),
    of(59, "TraceFlags", Kind::Number),
    of(60, "RingOnOffTime", Kind::Shorts(3)),
    of(62, "CallFeatures", Kind::Number),
    of(64, "PaidFeatures", Kind::Number),
    of(67, "Proxy2", Kind::Text(31)),
    of(68, "NATIP", Kind::Address),
    of(69, "SIPPort", Kind::Number),
    of(70, "MediaPort", Kind::Number),
    of(72, "TOS", Kind::Number),
    of(74, "AltProxyTimeOut", Kind::Number),
    of(75, "OutBoundProxy", Kind::Text(31)),
    of(76, "SigTimer", Kind::Number),
    of(77, "OpFlags", Kind::Number),
    of(78, "AltNTPIP", Kind::Address),
    of(95, "VLANSetting", Kind::Number),
    of(97, "NatServer", Kind::Text(47)),
    of(98, "NatTimer", Kind::Number),
    of(100, "Domain", Kind::Text(31)),
    of(111, "Proxy3", Kind::Address),
    of(112, "Proxy4", Kind::Address),
    of(161, "MsgRetryLimits", Kind::Number),
    of(165, "SIPRegInterval2", Kind::Number),
    of(1_001, "ServicesUrl", Kind::Text(63)),
    of(1_002, "DirectoriesUrl", Kind::Text(63)),
    of(1_003, "CallForwardNumber", Kind::Text(31)),
    of(1_004, "VoiceMailNumber", Kind::Text(31)),
    of(1_005, "TimeFormat", Kind::Text(15)),
    of(1_006, "DisplayName", Kind::Text(31)),
    of(1_007, "CallPrefGuiSet", Kind::Number),
    of(1_008, "CallPrefGuiShow", Kind::Number),
    of(1_009, "DateFormat", Kind::Text(15)),
    of(1_010, "DoNotDisturb", Kind::Flag),
    of(1_011, "BlockCallerId", Kind::Flag),
    of(1_012, "AutoLookUp", Kind::Flag),
    of(1_013, "CallWaiting", Kind::Flag),
    of(1_014, "ForwardToVMDelay", Kind::Number),
    of(1_015, "AttendedTransfer", Kind::Flag),
    of(1_016, "BlindTransfer", Kind::Flag),
    of(1_017, "Conference", Kind::Flag),
    of(1_018, "BlockAnonymous", Kind::Flag),
    of(1_019, "ShortName", Kind::Text(31)),
    of(1_020, "CallFwdBusyNumber", Kind::Text(31)),
    of(1_021, "ConfigVersionNumber", Kind::Text(47)),
];
