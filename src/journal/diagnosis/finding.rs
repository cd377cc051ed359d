//! What a diagnosis finds: one trap each, in three parts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding keeps the phone from its work. The gravest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// The phone does not come up, or not as what it should be.
    Stops,
    /// It works, and something goes wrong again and again.
    Disturbs,
    /// It works; somebody may miss something.
    Hint,
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stops => "stops",
            Self::Disturbs => "disturbs",
            Self::Hint => "hint",
        })
    }
}

/// The traps that a server can see a phone in. Of two findings of one gravity
/// the one that explains more comes first, which is the order here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Nobody configured a phone of this name.
    NotConfigured,
    /// Phones register by themselves here, and this one was not let in.
    TurnedAway,
    /// The catalogue does not know the model that is configured.
    ModelUnknown,
    /// Two phones claim one name. Other servers let them throw each other out
    /// for ever.
    NameContested,
    /// It holds the trust list of another call manager and asks for signed
    /// files alone (Cisco, *Security Guide for Cisco Unified Communications
    /// Manager*, Security By Default: a phone with an ITL takes no file that
    /// its signers did not sign).
    SignedFilesOnly,
    /// It asks for trust lists again and again and never for its file: some
    /// loads of the 79x1 series do not go on from a missing `CTLSEP<MAC>.tlv`.
    TrustListLoop,
    /// It has no firmware (factory reset, or an interrupted upgrade), and the
    /// `term<NN>.default.loads` of its series is not there (Cisco, *IP Phone
    /// 7900 Series*, Performing a Factory Reset).
    NoFirmware,
    /// It takes `term<NN>.default.loads` and begins anew: the firmware is too
    /// new or too old for its boot loader.
    FirmwareLoop,
    /// It asks for a name with a blank at its end: `OS79XX.TXT` or a `.loads`
    /// file was saved with blanks or Windows line ends (Cisco bug CSCdv19260).
    BlankInName,
    /// Its load speaks another protocol than the file it was given is for.
    WrongProtocol,
    /// Its SIP load reads text files (`SIP<MAC>.cnf`), which are not there
    /// (Cisco, *SIP IP Phone Administrator Guide 7940/7960*).
    TextFileMissing,
    /// It boots from a compiled file, and there is none for it: `SEP<MAC>.cnf`
    /// (Cisco Unified CM, *Build CNF Files*: 12SP+, 30VIP, 7910, 7935), or a
    /// profile that `cfgfmt` makes (ATA 186; 7905 and 7912 with SIP).
    OtherForm,
    /// What we send is never acknowledged: it does not arrive, or another TFTP
    /// server was quicker (RFC 1350 section 4: the answer comes from a new
    /// port).
    AnswerNotHeard,
    /// It ends our transfers with an error: it has the file of another server,
    /// or no room.
    TransferTurnedAway,
    /// Its own file exists and was not given.
    FileNotGiven,
    /// Its digest is made with another secret than ours (RFC 3261 section 22).
    WrongSecret,
    /// The names that it gives itself contradict each other: a copied or an
    /// old file.
    NamesDiffer,
    /// Its registration was refused for another reason.
    Refused,
    /// It says something that is not SCCP on the SCCP port.
    NotSccp,
    /// It connects and leaves without a Register, again and again.
    ConnectsAndLeaves,
    /// It registers and leaves before it is in service, again and again: an
    /// answer of its boot was not to its liking.
    NeverInService,
    /// It registers over UDP, which loads in CCM mode do badly or not at all
    /// (`transportLayerProtocol`; Cisco 9971 guide: no SIP over UDP).
    SipOverUdp,
    /// It took its file at one address of ours, and the file tells it another.
    OtherAddressTold,
    /// It took its file and did not register.
    TookFileNeverRegistered,
    /// It takes its file again and again: it boots in a loop.
    BootLoop,
    /// It registers and is gone again, many times.
    RegistersAndLeaves,
    /// It registers with lines that are not from our file.
    ConfiguredElsewhere,
    /// It booted and registered, and its file did not come from here.
    FileNotFromHere,
    /// It was told to restart and came back unchanged.
    RestartNotObeyed,
    /// It was told to restart long ago and has not come back.
    OrderOverdue,
    /// It was never heard of since it was configured.
    NeverHeard,
    /// It asks for firmware that is not there, again and again.
    LoadMissing,
    /// It asks for locale files that are not there: the folder must have the
    /// name that its file has in `userLocale/name`.
    LocaleMissing,
    /// Its clock is far off.
    ClockOff,
    /// Pages of it are asked for from another address.
    PageElsewhere,
    /// The login form was shown again and again and never came back.
    FormNeverSent,
    /// It registered by itself and nobody has approved it: nobody signs in
    /// there.
    AwaitsApproval,
}

/// One trap that a phone is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which.
    pub rule: Rule,
    /// How grave it is.
    pub gravity: Gravity,
    /// What was seen.
    pub seen: String,
    /// What it means.
    pub means: String,
    /// What to do, at the phone or here.
    #[serde(rename = "do")]
    pub remedy: String,
}

impl Finding {
    pub(super) fn new(
        (rule, gravity): (Rule, Gravity),
        seen: impl Into<String>,
        means: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            gravity,
            seen: seen.into(),
            means: means.into(),
            remedy: remedy.into(),
        }
    }

    /// The gravest first; one finding a rule.
    pub(super) fn sort(findings: &mut Vec<Self>) {
        findings.sort_by_key(|finding| (finding.gravity, finding.rule));
        findings.dedup_by_key(|finding| finding.rule);
    }
}
