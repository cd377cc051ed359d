//! Where Wireshark 4.0 is wrong about real frames, or knows less than they hold.

use embody::sccp::wire::MessageId;

use super::VERSIONS;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is taken for no message, or for another.
    Unread,
    /// It is said to be malformed.
    Malformed,
    /// This field reads otherwise.
    Field(&'static str),
}

use Wrong::{Field, Malformed};

/// A known limit of the dissector.
pub struct Limit {
    pub message: MessageId,
    pub versions: &'static [u8],
    pub wrong: &'static [Wrong],
    /// For the reader of the table and of a failure.
    pub why: &'static str,
}

const NO_STEP: &str = "it does not step over tables without entries, which stand before the codecs";

pub const LIMITS: &[Limit] = &[
    Limit {
        message: MessageId::REGISTER,
        versions: &VERSIONS,
        wrong: &[Field("configVersionStamp")],
        why: "it looks for the stamp in frames of more than 191 bytes only",
    },
    Limit {
        message: MessageId::UNREGISTER,
        versions: &VERSIONS,
        wrong: &[Field("unRegReasonCode")],
        why: "it looks for the reason in longer frames only",
    },
    Limit {
        message: MessageId::FEATURE_STAT_REQ,
        versions: &VERSIONS,
        wrong: &[Field("featureCapabilities")],
        why: "it looks for the second word in longer frames only",
    },
    Limit {
        message: MessageId::UPDATE_CAPABILITIES,
        versions: &VERSIONS,
        wrong: &[Field("payloadCapability"), Field("maxFramesPerPacket")],
        why: NO_STEP,
    },
    Limit {
        message: MessageId::UPDATE_CAPABILITIES_V2,
        versions: &VERSIONS,
        wrong: &[Field("payloadCapability"), Field("maxFramesPerPacket")],
        why: NO_STEP,
    },
    Limit {
        message: MessageId::UPDATE_CAPABILITIES_V3,
        versions: &VERSIONS,
        wrong: &[Field("payloadCapability"), Field("maxFramesPerPacket")],
        why: NO_STEP,
    },
    Limit {
        message: MessageId::ADD_ON_DEVICE_CAPABILITIES,
        versions: &VERSIONS,
        wrong: &[Field("unknownString.0159")],
        why: "it takes the 24 bytes before the description for its beginning",
    },
    Limit {
        message: MessageId::CONNECTION_STATISTICS_RES,
        versions: &[18, 20],
        wrong: &[
            Field("numberPacketsSent"),
            Field("numberOctetsSent"),
            Field("numberPacketsReceived"),
            Field("numberOctetsReceived"),
            Field("numberPacketsLost"),
            Field("jitter"),
            Field("latency"),
            Field("dataSize"),
            Field("data"),
            Malformed,
        ],
        why: "it reads the processing mode as one byte from version 18 on; servers in use with \
              real phones read a word up to 21",
    },
    Limit {
        message: MessageId::SERVICE_URL_STAT_V2,
        versions: &VERSIONS,
        wrong: &[Field("serviceURL"), Field("serviceURLDisplayName")],
        why: "it knows the index alone",
    },
    Limit {
        message: MessageId::CALL_INFO_V2,
        versions: &[3, 5, 8, 10, 11, 15],
        wrong: &[
            Field("AlternateCallingParty"),
            Field("calledParty"),
            Field("originalCalledParty"),
            Field("lastRedirectingParty"),
            Field("cgpnVoiceMailbox"),
            Field("cdpnVoiceMailbox"),
            Field("originalCdpnVoiceMailbox"),
            Field("lastRedirectingVoiceMailbox"),
            Field("callingPartyName"),
            Field("calledPartyName"),
            Field("originalCalledPartyName"),
            Field("lastRedirectingPartyName"),
        ],
        why: "it reads an alternate calling party, which is not there below version 16",
    },
    Limit {
        message: MessageId::CALL_INFO_V2,
        versions: &[16],
        wrong: &[Field("HuntPilotNumber"), Field("HuntPilotName")],
        why: "it looks for the hunt pilot from version 17 on",
    },
    Limit {
        message: MessageId::OPEN_RECEIVE_CHANNEL,
        versions: &[3, 5],
        wrong: &[Malformed],
        why: "CallManager 4 ends it after the key, with 68 bytes",
    },
    Limit {
        message: MessageId::OPEN_RECEIVE_CHANNEL,
        versions: &[11],
        wrong: &[Malformed],
        why: "CallManager 7 ends it before the mixing mode, with 92 bytes",
    },
    Limit {
        message: MessageId::OPEN_RECEIVE_CHANNEL,
        versions: &[16],
        wrong: &[Malformed],
        why: "it looks for the kind of address below version 17",
    },
    Limit {
        message: MessageId::START_MEDIA_TRANSMISSION,
        versions: &[3, 5],
        wrong: &[Malformed],
        why: "CallManager 4 ends it after the key, with 84 bytes",
    },
    Limit {
        message: MessageId::START_MEDIA_TRANSMISSION,
        versions: &[8, 10, 11],
        wrong: &[Field("partyDirection")],
        why: "it looks for the direction from a later version on",
    },
];
