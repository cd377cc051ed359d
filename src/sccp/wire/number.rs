//! The numbers of the protocol: device types, buttons, keys, call states, lamps.
//!
//! All are open sets: a phone or a later CallManager may use a number that has no
//! name here, and such a number passes through unchanged.

/// Defines a newtype over `u32` with named values.
macro_rules! numbers {
    ($($(#[$doc:meta])* $type:ident { $($constant:ident = $value:literal $name:literal)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(pub u32);

        impl $type {
            $(#[doc = concat!($name, " (", stringify!($value), ").")]
              pub const $constant: Self = Self($value);)*

            /// Its name, where it has one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)*
                    _ => None,
                }
            }
        }

        impl From<u32> for $type {
            fn from(number: u32) -> Self {
                Self(number)
            }
        }

        impl $crate::sccp::wire::layout::Field for $type {
            fn read(r: &mut $crate::sccp::wire::buffer::Reader<'_>) -> Self {
                r.number()
            }

            fn write(&self, w: &mut $crate::sccp::wire::buffer::Writer) {
                w.word(self.0);
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{}({} {name})", stringify!($type), self.0),
                    None => write!(f, "{}({})", stringify!($type), self.0),
                }
            }
        }
    )*};
}

mod media;

pub use media::*;

/// Instance of a line, speed dial, feature or service: counted from 1 for each type
/// of button; 0 is the device as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instance(pub u32);

impl Instance {
    /// The device as a whole, or no line in particular.
    pub const DEVICE: Self = Self(0);
}

/// Reference of a call, chosen by the call manager; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CallRef(pub u32);

impl CallRef {
    /// No call.
    pub const NONE: Self = Self(0);
}

numbers! {
    /// Model of a phone, as it says when it registers (CallManager's device types).
    DeviceType {
        CISCO_30SP_PLUS = 1 "30SP+"
        CISCO_12SP_PLUS = 2 "12SP+"
        CISCO_12SP = 3 "12SP"
        CISCO_30VIP = 5 "30VIP"
        CISCO_7910 = 6 "7910"
        CISCO_7960 = 7 "7960"
        CISCO_7940 = 8 "7940"
        CISCO_7935 = 9 "7935"
        ATA_186 = 12 "ATA 186"
        ATA_188 = 13 "ATA 188"
        VIRTUAL_30SP_PLUS = 20 "Virtual 30SP+"
        CISCO_7941 = 115 "7941"
        CISCO_7971 = 119 "7971"
        CISCO_7985 = 302 "7985"
        CISCO_7911 = 307 "7911"
        CISCO_7961_GE = 308 "7961G-GE"
        CISCO_7941_GE = 309 "7941G-GE"
        CISCO_7931 = 348 "7931"
        CISCO_7921 = 365 "7921"
        CISCO_7906 = 369 "7906"
        CISCO_7962 = 404 "7962"
        CISCO_7937 = 431 "7937"
        CISCO_7942 = 434 "7942"
        CISCO_7945 = 435 "7945"
        CISCO_7965 = 436 "7965"
        CISCO_7975 = 437 "7975"
        CISCO_7925 = 484 "7925"
        CISCO_6921 = 495 "6921"
        CISCO_6941 = 496 "6941"
        CISCO_6961 = 497 "6961"
        CSF = 503 "Client Services Framework"
        CISCO_6901 = 547 "6901"
        CISCO_6911 = 548 "6911"
        CISCO_6945 = 564 "6945"
        CISCO_7926 = 577 "7926"
        CISCO_8945 = 585 "8945"
        CISCO_8941 = 586 "8941"
        CISCO_7905 = 20000 "7905"
        CISCO_7920 = 30002 "7920"
        CISCO_7970 = 30006 "7970"
        CISCO_7912 = 30007 "7912"
        CISCO_7902 = 30008 "7902"
        IP_COMMUNICATOR = 30016 "IP Communicator"
        CISCO_7961 = 30018 "7961"
        CISCO_7936 = 30019 "7936"
        ANALOG_GATEWAY = 30027 "analog gateway"
        BRI_GATEWAY = 30028 "BRI gateway"
        SPA_521S = 80000 "SPA 521S"
        SPA_524SG = 80001 "SPA 524SG"
        SPA_502G = 80003 "SPA 502G"
        SPA_504G = 80004 "SPA 504G"
        SPA_525G = 80005 "SPA 525G"
        SPA_508G = 80006 "SPA 508G"
        SPA_509G = 80007 "SPA 509G"
        SPA_525G2 = 80009 "SPA 525G2"
        SPA_303G = 80011 "SPA 303G"
        SPA_512G = 80012 "SPA 512G"
        SPA_514G = 80013 "SPA 514G"
    }

    /// What a button of the phone is, in the button template; also what was pressed
    /// (`Stimulus`) and which lamp is meant (`SetLamp`). One byte in the template.
    ButtonType {
        REDIAL = 0x01 "redial"
        SPEED_DIAL = 0x02 "speed dial"
        HOLD = 0x03 "hold"
        TRANSFER = 0x04 "transfer"
        FORWARD_ALL = 0x05 "forward all"
        FORWARD_BUSY = 0x06 "forward busy"
        FORWARD_NO_ANSWER = 0x07 "forward no answer"
        DISPLAY = 0x08 "display"
        LINE = 0x09 "line"
        VOICE_MAIL = 0x0F "voice mail"
        AUTO_ANSWER = 0x11 "auto answer"
        FEATURE = 0x13 "feature"
        SERVICE_URL = 0x14 "service URL"
        BLF_SPEED_DIAL = 0x15 "BLF speed dial"
        DIRECTED_PARK = 0x16 "directed park"
        INTERCOM = 0x17 "intercom"
        MULTI_BLINK = 0x26 "multi-blink feature"
        MEET_ME = 0x7B "meet me"
        CONFERENCE = 0x7D "conference"
        PARK = 0x7E "park"
        PICKUP = 0x7F "pickup"
        GROUP_PICKUP = 0x80 "group pickup"
        MOBILITY = 0x81 "mobility"
        DO_NOT_DISTURB = 0x82 "do not disturb"
        CONFERENCE_LIST = 0x83 "conference list"
        REMOVE_LAST = 0x84 "remove last participant"
        QUALITY_REPORT = 0x85 "quality report"
        CALL_BACK = 0x86 "call back"
        OTHER_PICKUP = 0x87 "other pickup"
        VIDEO_MODE = 0x88 "video mode"
        NEW_CALL = 0x89 "new call"
        END_CALL = 0x8A "end call"
        HUNT_LOG = 0x8B "hunt group log"
        QUEUING = 0x8F "queuing"
        MESSAGES = 0xC2 "messages"
        DIRECTORY = 0xC3 "directory"
        APPLICATION = 0xC5 "application"
        HEADSET = 0xC6 "headset"
        KEYPAD = 0xF0 "keypad"
        ECHO_CANCEL = 0xFD "echo cancelling"
        UNDEFINED = 0xFF "undefined"
    }

    /// Number of a soft key's event. Strictly the template's choice: the phone echoes
    /// what the template said. These are CallManager's numbers.
    SoftKeyEvent {
        REDIAL = 1 "Redial"
        NEW_CALL = 2 "NewCall"
        HOLD = 3 "Hold"
        TRANSFER = 4 "Trnsfer"
        FORWARD_ALL = 5 "CFwdAll"
        FORWARD_BUSY = 6 "CFwdBusy"
        FORWARD_NO_ANSWER = 7 "CFwdNoAns"
        BACKSPACE = 8 "<<"
        END_CALL = 9 "EndCall"
        RESUME = 10 "Resume"
        ANSWER = 11 "Answer"
        INFO = 12 "Info"
        CONFERENCE = 13 "Confrn"
        PARK = 14 "Park"
        JOIN = 15 "Join"
        MEET_ME = 16 "MeetMe"
        PICKUP = 17 "PickUp"
        GROUP_PICKUP = 18 "GPickUp"
        REMOVE_LAST = 19 "RmLstC"
        CALL_BACK = 20 "CallBack"
        BARGE = 21 "Barge"
        DO_NOT_DISTURB = 22 "DND"
        DIRECT_TRANSFER = 28 "DirTrfr"
        SELECT = 29 "Select"
        CONFERENCE_LIST = 30 "ConfList"
        VIDEO_MODE = 33 "VidMode"
    }

    /// Which set of soft keys to show: the index into the soft key sets.
    KeySetIndex {
        ON_HOOK = 0 "on hook"
        CONNECTED = 1 "connected"
        ON_HOLD = 2 "on hold"
        RING_IN = 3 "ring in"
        OFF_HOOK = 4 "off hook"
        CONNECTED_TRANSFER = 5 "connected transfer"
        DIGITS_FOLLOW = 6 "digits follow"
        CONNECTED_CONFERENCE = 7 "connected conference"
        RING_OUT = 8 "ring out"
        OFF_HOOK_FEATURE = 9 "off hook with feature"
        IN_USE_HINT = 10 "in use hint"
        ON_HOOK_STEALABLE = 11 "on hook, stealable"
    }

    /// State of a call, as the phone shows it.
    CallState {
        OFF_HOOK = 1 "off hook"
        ON_HOOK = 2 "on hook"
        RING_OUT = 3 "ring out"
        RING_IN = 4 "ring in"
        CONNECTED = 5 "connected"
        BUSY = 6 "busy"
        CONGESTION = 7 "congestion"
        HOLD = 8 "hold"
        CALL_WAITING = 9 "call waiting"
        CALL_TRANSFER = 10 "call transfer"
        CALL_PARK = 11 "call park"
        PROCEED = 12 "proceed"
        REMOTE_MULTILINE = 13 "in use remotely"
        INVALID_NUMBER = 14 "invalid number"
        HOLD_REVERT = 15 "hold revert"
        WHISPER = 16 "whisper"
        REMOTE_HOLD = 17 "remote hold"
    }

    /// How a lamp glows.
    LampMode {
        OFF = 1 "off"
        ON = 2 "on"
        WINK = 3 "wink"
        FLASH = 4 "flash"
        BLINK = 5 "blink"
    }

    /// How the phone rings.
    RingMode {
        OFF = 1 "off"
        INSIDE = 2 "inside"
        OUTSIDE = 3 "outside"
        FEATURE = 4 "feature"
        FLASH_ONLY = 5 "flash only"
        URGENT = 6 "urgent"
    }

    /// How long the phone rings.
    RingDuration {
        NORMAL = 1 "normal"
        SINGLE = 2 "single"
    }

    /// A tone in the user's ear.
    Tone {
        SILENCE = 0x00 "silence"
        INSIDE_DIAL = 0x21 "inside dial"
        OUTSIDE_DIAL = 0x22 "outside dial"
        BUSY = 0x23 "busy"
        ALERTING = 0x24 "alerting"
        REORDER = 0x25 "reorder"
        NO_SUCH_NUMBER = 0x2B "no such number"
        CALL_WAITING = 0x2D "call waiting"
        CONFIRMATION = 0x2E "confirmation"
        RECALL_DIAL = 0x30 "recall dial"
        ZIPZIP = 0x31 "zip zip"
        ZIP = 0x32 "zip"
        BEEP_BONK = 0x33 "beep bonk"
        MUSIC = 0x34 "music"
        HOLD = 0x35 "hold"
        NONE = 0x7F "none"
    }

    /// Who hears a tone.
    ToneDirection {
        USER = 0 "user"
        NETWORK = 1 "network"
        BOTH = 2 "both"
    }

    /// What the phone is to do on `Reset`.
    ResetType {
        RESET = 1 "reset"
        RESTART = 2 "restart"
        APPLY_CONFIG = 3 "apply config"
    }

    /// The answer to a phone that wants to leave. After [`Self::NAK`] it stays.
    UnregisterStatus {
        OK = 0 "ok"
        ERROR = 1 "error"
        NAK = 2 "active call"
    }

    /// Why a phone leaves.
    UnregisterReason {
        UNKNOWN = 0 "unknown"
        POWER_SAVE = 1 "power save"
    }

    /// How grave an alarm is.
    AlarmSeverity {
        CRITICAL = 0 "critical"
        WARNING = 1 "warning"
        INFORMATION = 2 "information"
        UNKNOWN = 4 "unknown"
        MAJOR = 7 "major"
        MINOR = 8 "minor"
        MARGINAL = 10 "marginal"
        TRACE = 20 "trace"
    }

    /// An audio codec.
    Codec {
        G711_ALAW_64K = 2 "G.711 A-law 64k"
        G711_ALAW_56K = 3 "G.711 A-law 56k"
        G711_ULAW_64K = 4 "G.711 u-law 64k"
        G711_ULAW_56K = 5 "G.711 u-law 56k"
        G722_64K = 6 "G.722 64k"
        G722_56K = 7 "G.722 56k"
        G722_48K = 8 "G.722 48k"
        G723_1 = 9 "G.723.1"
        G728 = 10 "G.728"
        G729 = 11 "G.729"
        G729_A = 12 "G.729A"
        G729_B = 15 "G.729B"
        G729_AB = 16 "G.729AB"
        WIDEBAND_256K = 25 "wideband 256k"
        ILBC = 86 "iLBC"
        ISAC = 89 "iSAC"
        OPUS = 90 "Opus"
        RFC2833 = 257 "RFC 2833 events"
    }

    /// A key of the dial pad.
    KeypadKey {
        ZERO = 0 "0"
        ONE = 1 "1"
        TWO = 2 "2"
        THREE = 3 "3"
        FOUR = 4 "4"
        FIVE = 5 "5"
        SIX = 6 "6"
        SEVEN = 7 "7"
        EIGHT = 8 "8"
        NINE = 9 "9"
        A = 10 "A"
        B = 11 "B"
        C = 12 "C"
        D = 13 "D"
        STAR = 14 "*"
        POUND = 15 "#"
        PLUS = 16 "+"
    }

    /// Where the user hears and speaks.
    MediaPath {
        HEADSET = 1 "headset"
        HANDSET = 2 "handset"
        SPEAKER = 3 "speaker"
    }

    /// What a media path may be used for.
    MediaCapability {
        ENABLE = 1 "enable"
        DISABLE = 2 "disable"
        MONITOR = 3 "monitor"
    }

    /// Presence shown by a BLF speed dial, in `FeatureStat`.
    BlfStatus {
        UNKNOWN = 0 "unknown"
        IDLE = 1 "idle"
        IN_USE = 2 "in use"
        DO_NOT_DISTURB = 3 "do not disturb"
        ALERTING = 4 "alerting"
    }

    /// Place of a message among the parts of longer pushed data.
    Sequence {
        FIRST = 0 "first"
        MORE = 1 "more"
        LAST = 2 "last"
    }
}

impl DeviceType {
    /// Phones and gateways that never learned more than protocol version 3.
    pub fn is_first_generation(self) -> bool {
        matches!(
            self,
            Self::CISCO_30SP_PLUS
                | Self::CISCO_12SP_PLUS
                | Self::CISCO_12SP
                | Self::CISCO_30VIP
                | Self::CISCO_7910
                | Self::CISCO_7935
                | Self::CISCO_7936
                | Self::ATA_186
                | Self::ATA_188
        )
    }
}

impl KeypadKey {
    /// The key with this legend.
    pub fn from_char(legend: char) -> Option<Self> {
        Some(match legend {
            '0'..='9' => Self(legend as u32 - '0' as u32),
            'A'..='D' => Self(legend as u32 - 'A' as u32 + 10),
            '*' => Self::STAR,
            '#' => Self::POUND,
            '+' => Self::PLUS,
            _ => return None,
        })
    }

    /// The legend of the key.
    pub fn to_char(self) -> Option<char> {
        self.name()?.chars().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_numbers_pass_and_print() {
        assert_eq!(format!("{:?}", DeviceType(7)), "DeviceType(7 7960)");
        assert_eq!(format!("{:?}", DeviceType(4711)), "DeviceType(4711)");
        assert_eq!(DeviceType(4711).to_string(), "4711");
    }

    #[test]
    fn keys_and_legends_belong_together() {
        for legend in "0123456789ABCD*#+".chars() {
            let key = KeypadKey::from_char(legend);
            assert_eq!(key.and_then(KeypadKey::to_char), Some(legend));
        }
        assert_eq!(KeypadKey::from_char('a'), None);
        assert_eq!(KeypadKey(17).to_char(), None);
    }
}
