//! The families: which files their phones ask for, in which order, how the
//! names are written, and over what.
//!
//! What lives here: a table, and no doing. The sources are the administration
//! guides of the series (*Understanding the Phone Startup Process*, *Phone
//! Configuration Files and Profile Files*), the *Cisco Unified CME
//! Administrator Guide* (the hunt of the universal application loader), and
//! what phones were seen to ask in packet traces.
//!
//! In names `{MAC}` is the hardware address in capitals, `{mac}` in small
//! letters.

use self::Ask::{Common, Default, Image, Other, Own, Trust, TrustElse};
use self::Side::{DialTemplate, Else, FeaturePolicy, File, SoftKeys, Tones, UserLocale};
use super::profile::Kind;

/// Phones, and loads, that boot alike.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// What they are.
    pub name: &'static str,
    /// How such a phone behaves once it has its file.
    pub kind: Kind,
    /// Where it asks.
    pub fetch: Fetch,
    /// The form of its file, where that is compiled.
    pub compiled: Option<Compiled>,
    /// Whether it shows pages, so that people sign in at it.
    pub pages: bool,
    /// How its name begins, before the hardware address.
    pub(super) device: &'static str,
    /// Skinny version of its loads; SIP loads have none. Up to 3 they do not
    /// tell it.
    pub(super) version: u8,
    /// Release of its loads, as a SIP load writes it behind its name.
    pub(super) release: &'static str,
    /// Until it has its file.
    pub(super) hunt: &'static [Ask],
    /// When it has it.
    pub(super) then: &'static [Side],
}

/// A boot file that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compiled {
    /// Records: phones of the first generation.
    Records,
    /// A profile: adapters.
    Profile,
    /// A profile with a line: SIP loads of 7905 and 7912.
    SipProfile,
}

/// Which services a phone asks for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fetch {
    /// TFTP alone.
    Tftp,
    /// HTTP, and TFTP for each file that does not come over it.
    HttpThenTftp,
}

/// A file on the way to the boot file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Whom to trust; passed over when it is not there.
    Trust(&'static str),
    /// As [`Trust`](Self::Trust), unless the one before was there.
    TrustElse(&'static str),
    /// The image to run; passed over when it is not there.
    Image(&'static str),
    /// The phone's own file. It ends the hunt.
    Own(&'static str),
    /// The file of all phones that have none of their own. It ends the hunt.
    Default(&'static str),
    /// A file that ends the hunt too, and picks another load than this one.
    Other(&'static str),
    /// Settings that stand behind those of the phone's own file; asked for
    /// wherever that is found.
    Common(&'static str),
}

/// A file that the phone goes on without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The words of the user locale.
    UserLocale,
    /// The tones of the network locale.
    Tones(&'static str),
    /// The dial plan that the boot file names.
    DialTemplate,
    /// The soft keys that the boot file names.
    SoftKeys,
    /// The features that the boot file names.
    FeaturePolicy,
    /// A file by this name.
    File(&'static str),
    /// As [`File`](Self::File), unless the one before was there.
    Else(&'static str),
}

impl Ask {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Trust(name) | TrustElse(name) | Image(name) | Own(name) | Default(name)
            | Other(name) | Common(name) => name,
        }
    }
}

impl Family {
    /// What the phone's own file is called, with the places for its address.
    pub(super) fn own(&self) -> &'static str {
        let own = self.hunt.iter().find(|ask| matches!(ask, Own(_)));
        own.map_or("", |ask| ask.name())
    }
}

const XML: &str = "SEP{MAC}.cnf.xml";
/// As the guides of the 7905, 7912, 7920 and 7921 series spell it.
const XML_SMALL: &str = "SEP{mac}.cnf.xml";
const XML_DEFAULT: &str = "XMLDefault.cnf.xml";
const TEXT: &str = "SIP{MAC}.cnf";
const TEXT_COMMON: &str = "SIPDefault.cnf";
const CTL: &str = "CTLSEP{MAC}.tlv";
const ITL: &str = "ITLSEP{MAC}.tlv";
const ITL_COMMON: &str = "ITLFile.tlv";

const HUNT_8: &[Ask] = &[Trust(CTL), Own(XML), Default(XML_DEFAULT)];
const HUNT_9: &[Ask] = &[
    Trust(CTL),
    Trust(ITL),
    TrustElse(ITL_COMMON),
    Own(XML),
    Default(XML_DEFAULT),
];
const THEN_SCCP: &[Side] = &[UserLocale, Tones("g3-tones.xml")];
const THEN_SIP: &[Side] = &[UserLocale, DialTemplate, SoftKeys, Tones("g3-tones.xml")];

/// 7940 and 7960 before the universal loader: one line of `OS79XX.TXT` is the
/// image that they are to run.
pub(super) static OLD_SCCP: Family = Family {
    name: "7940 and 7960, SCCP 3 to 5",
    kind: Kind::Cisco7960,
    fetch: Fetch::Tftp,
    compiled: None,
    pages: true,
    device: "SEP",
    version: 11,
    release: "5.0",
    hunt: &[Image("OS79XX.TXT"), Own(XML), Default(XML_DEFAULT)],
    then: &[UserLocale, Tones("7960-tones.xml")],
};

/// The same with SIP up to 6.
pub(super) static OLD_SIP: Family = Family {
    name: "7940 and 7960, SIP to 6",
    kind: Kind::Cisco7960Sip,
    release: "6.3",
    hunt: &[Image("OS79XX.TXT"), Common(TEXT_COMMON), Own(TEXT)],
    then: &[File("RINGLIST.DAT"), DialTemplate],
    ..OLD_SCCP
};

/// 7940 and 7960 with the universal application loader: the first file found
/// picks the protocol.
pub(super) static UNIVERSAL_SCCP: Family = Family {
    name: "7940 and 7960, SCCP from 6",
    release: "8.1",
    hunt: &[
        Trust(CTL),
        Own(XML),
        Other(TEXT),
        Default(XML_DEFAULT),
        Other(TEXT_COMMON),
    ],
    ..OLD_SCCP
};

/// The same with SIP.
pub(super) static UNIVERSAL_SIP: Family = Family {
    name: "7940 and 7960, SIP from 7",
    release: "8.0",
    hunt: &[
        Trust(CTL),
        Other(XML),
        Own(TEXT),
        Other(XML_DEFAULT),
        Common(TEXT_COMMON),
    ],
    ..OLD_SIP
};

/// 7905: a profile that `cfgfmt` made is read after the file.
pub(super) static SMALL_7905: Family = Family {
    name: "7905, SCCP",
    release: "8.0",
    hunt: &[
        Own(XML_SMALL),
        Default(XML_DEFAULT),
        Default("SEPDefault.cnf"),
    ],
    then: &[File("ld{mac}"), Else("lddefault.cfg"), UserLocale],
    ..OLD_SCCP
};

/// 7905 with SIP: the profile is all there is.
pub(super) static SMALL_7905_SIP: Family = Family {
    name: "7905, SIP",
    kind: Kind::Cisco7960Sip,
    compiled: Some(Compiled::SipProfile),
    release: "8.0.0-060111A",
    hunt: &[Own("ld{mac}"), Default("lddefault.cfg")],
    then: &[],
    ..SMALL_7905
};

/// 7912 with SIP: likewise, under another name.
pub(super) static SMALL_7912_SIP: Family = Family {
    name: "7912, SIP",
    hunt: &[Own("gk{mac}"), Default("gkdefault.cfg")],
    ..SMALL_7905_SIP
};

/// 7912: likewise, under another name.
pub(super) static SMALL_7912: Family = Family {
    name: "7912, SCCP",
    then: &[File("gk{mac}"), Else("gkdefault.cfg"), UserLocale],
    ..SMALL_7905
};

/// Phones of the first generation (Cisco Unified CM Administration Guide, *Build
/// CNF Files*).
pub(super) static FIRST: Family = Family {
    name: "7910, 7935 and 7936, SCCP",
    compiled: Some(Compiled::Records),
    pages: false,
    version: 3,
    release: "5.0",
    hunt: &[Own("SEP{MAC}.cnf"), Default("SEPDefault.cnf")],
    then: &[],
    ..OLD_SCCP
};

/// Analogue adapters: a profile that `cfgfmt` makes, and with bit 31 of its
/// `ConnectMode` the file of CallManager 3.1 (Cisco ATA 186 and 188
/// Administrator's Guide for SCCP, *Parameters and Defaults*).
pub(super) static ADAPTER: Family = Family {
    name: "ATA 186 and 188, SCCP",
    compiled: Some(Compiled::Profile),
    device: "ATA",
    release: "3.2",
    hunt: &[Own("ata{mac}")],
    then: &[File("ATA{MAC}.cnf.xml")],
    ..FIRST
};

/// The 7920. It asks for a profile of its own before the common one, but no
/// document tells how that is called.
pub(super) static RADIO: Family = Family {
    name: "7920, SCCP",
    release: "4.0",
    hunt: &[Own(XML_SMALL), Default(XML_DEFAULT)],
    then: &[File("WLANDefault.xml"), UserLocale],
    ..OLD_SCCP
};

/// 7921, 7925 and 7926: the same files as the 7920, and all else later.
pub(super) static RADIO_LATER: Family = Family {
    name: "7921, 7925 and 7926, SCCP",
    kind: Kind::Cisco7961,
    version: 20,
    release: "1.4",
    ..RADIO
};

/// 7906 to 7975 with loads of the 8 series: they know no ITL.
pub(super) static SCCP_8: Family = Family {
    name: "7906 to 7975, SCCP 8",
    kind: Kind::Cisco7961,
    fetch: Fetch::Tftp,
    compiled: None,
    pages: true,
    device: "SEP",
    version: 17,
    release: "8.5.4",
    hunt: HUNT_8,
    then: THEN_SCCP,
};

/// The same with SIP.
pub(super) static SIP_8: Family = Family {
    name: "7906 to 7975, SIP 8",
    kind: Kind::Cisco7961Sip,
    then: THEN_SIP,
    ..SCCP_8
};

/// 7906 to 7975 with loads of the 9 series.
pub(super) static SCCP_9: Family = Family {
    name: "7906 to 7975, SCCP 9",
    version: 20,
    release: "9.4.2",
    hunt: HUNT_9,
    ..SCCP_8
};

/// The same with SIP.
pub(super) static SIP_9: Family = Family {
    name: "7906 to 7975, SIP 9",
    kind: Kind::Cisco7961Sip,
    then: THEN_SIP,
    ..SCCP_9
};

/// 6921 to 6961.
pub(super) static SCCP_69XX: Family = Family {
    name: "6921 to 6961, SCCP",
    release: "9.4.1",
    ..SCCP_9
};

/// The same with SIP.
pub(super) static SIP_69XX: Family = Family {
    name: "6921 to 6961, SIP",
    release: "9.4.1",
    ..SIP_9
};

/// 6901 and 6911: they have no display.
pub(super) static SCCP_6901: Family = Family {
    name: "6901 and 6911, SCCP",
    pages: false,
    release: "9.2.1",
    ..SCCP_69XX
};

/// Later adapters: SIP, and files like those of phones.
pub(super) static ADAPTER_SIP: Family = Family {
    name: "ATA 187 and 190, SIP",
    device: "ATA",
    pages: false,
    release: "9.2.3",
    hunt: &[Own("ATA{MAC}.cnf.xml")],
    then: &[DialTemplate, SoftKeys],
    ..SIP_9
};

/// IP Communicator: as a 7970; some of its files lie in a folder of a Windows
/// path.
pub(super) static COMMUNICATOR_SCCP: Family = Family {
    name: "IP Communicator, SCCP",
    release: "8.6.6",
    then: &[
        File("Communicator\\CIPC_Locale.loads"),
        UserLocale,
        Tones("g3-tones.xml"),
    ],
    ..SCCP_8
};

/// The same with SIP.
pub(super) static COMMUNICATOR_SIP: Family = Family {
    name: "IP Communicator, SIP",
    kind: Kind::Cisco7961Sip,
    then: &[
        File("Communicator\\CIPC_Locale.loads"),
        UserLocale,
        DialTemplate,
        SoftKeys,
        Tones("g3-tones.xml"),
    ],
    ..COMMUNICATOR_SCCP
};

/// 7800 series.
pub(super) static SERIES_78: Family = Family {
    name: "7811 to 7861",
    kind: Kind::Cisco8841,
    fetch: Fetch::HttpThenTftp,
    compiled: None,
    pages: true,
    device: "SEP",
    version: 0,
    release: "12.5.1",
    hunt: HUNT_9,
    then: &[UserLocale, Tones("g3-tones.xml"), DialTemplate, SoftKeys],
};

/// 8800 series.
pub(super) static SERIES_88: Family = Family {
    name: "8811 to 8865",
    then: &[
        UserLocale,
        Tones("g3-tones.xml"),
        DialTemplate,
        File("AppDialRules.xml"),
        SoftKeys,
    ],
    ..SERIES_78
};

/// 8961.
pub(super) static SERIES_89: Family = Family {
    name: "8961",
    release: "9.4.1",
    then: &[
        FeaturePolicy,
        UserLocale,
        Tones("g3-tones.xml"),
        DialTemplate,
        SoftKeys,
    ],
    ..SERIES_78
};

/// 9951 and 9971.
pub(super) static SERIES_99: Family = Family {
    name: "9951 and 9971",
    then: &[
        FeaturePolicy,
        UserLocale,
        Tones("g4-tones.xml"),
        DialTemplate,
        SoftKeys,
    ],
    ..SERIES_89
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handset::Model;

    #[test]
    fn every_family_hunts_for_a_file_of_its_own() {
        for (load, family) in Model::all().flat_map(Model::loads) {
            assert!(family.own().contains('{'), "{load}: {}", family.name);
            let text = family.own() == TEXT || family.compiled == Some(Compiled::SipProfile);
            assert_eq!(text, family.kind == Kind::Cisco7960Sip, "{load}");
        }
    }
}
