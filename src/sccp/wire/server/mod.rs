//! Messages that a call manager sends.

mod call_info;
mod calls;
mod codec;
mod display;
mod keys;
mod media;
mod registration;
mod stat;

pub use call_info::{
    CallInfo, CallSelectStat, ConnectionStatisticsReq, DialedNumber, Notification, Party,
    SubscriptionStat,
};
pub use calls::{CallStateInfo, SelectSoftKeys, SetLamp, SetRinger, StartTone, StopTone};
pub use display::{DisplayNotify, DisplayPriNotify, DisplayPromptStatus};
pub use keys::{
    Button, ButtonTemplate, KeyPlace, SoftKey, SoftKeySet, SoftKeySets, SoftKeyTemplate,
};
pub use media::{
    DtmfStep, DtmfSubscription, DtmfTone, FlowControl, LatentCapabilities, MediaKey, MulticastEnd,
    OpenReceiveChannel, PortClose, PortReq, StartMediaFailureDetection, StartMediaTransmission,
    StartMulticastMediaReception, StartMulticastMediaTransmission, StreamEnd, VideoDisplayCommand,
};
pub use registration::{DefineTimeDate, RegisterAck, ServerRes, ServerSlot};
pub use stat::{
    ConfigStat, FeatureStat, ForwardStat, ForwardedDisplay, LineStat, ServiceUrlStat, SpeedDialStat,
};

pub use codec::{decode_server, encode_server, encode_server_in};

use super::Unknown;
use super::call_events::{CallHistoryInfo, RecordingStatus};
use super::number::{CallRef, Instance, ResetType, UnregisterStatus};
use super::text::Text;
use super::user_data::UserData;

/// A message to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMessage {
    /// Welcome; fixes keep-alive and protocol version.
    RegisterAck(RegisterAck),
    /// Not welcome, with what the phone shows (31 characters). Close afterwards.
    RegisterReject(String),
    /// The phone may come back.
    RegisterTokenAck,
    /// The phone may ask again after so many seconds.
    RegisterTokenReject(u32),
    /// The same as `RegisterTokenAck` for SPA phones, with the server's features.
    SpcpRegisterTokenAck(u32),
    /// The same as `RegisterTokenReject` for SPA phones.
    SpcpRegisterTokenReject(u32),
    /// Asks for the codecs of the phone.
    CapabilitiesReq,
    /// Answers `KeepAlive`.
    KeepAliveAck,
    /// Answers `Unregister`.
    UnregisterAck(UnregisterStatus),
    /// The buttons of the phone.
    ButtonTemplate(ButtonTemplate),
    /// All soft keys that there are.
    SoftKeyTemplate(SoftKeyTemplate),
    /// Which soft keys are shown when.
    SoftKeySets(SoftKeySets),
    /// Which set of soft keys to show now.
    SelectSoftKeys(SelectSoftKeys),
    /// User, server, and how much the phone has of what.
    ConfigStat(ConfigStat),
    /// A line.
    LineStat(LineStat),
    /// A speed dial.
    SpeedDialStat(SpeedDialStat),
    /// A feature button.
    FeatureStat(FeatureStat),
    /// A service button.
    ServiceUrlStat(ServiceUrlStat),
    /// Call forwarding of a line.
    ForwardStat(ForwardStat),
    /// The time on the display.
    DefineTimeDate(DefineTimeDate),
    /// The load that the phone should run (15 characters). Echo what it runs already,
    /// or it downloads.
    Version(String),
    /// The call managers of the phone.
    ServerRes(ServerRes),
    /// Reset, restart, or look at the configuration again. The phone answers with
    /// `Unregister` when it is ready.
    Reset(ResetType),
    /// A lamp.
    SetLamp(SetLamp),
    /// The bell.
    SetRinger(SetRinger),
    /// The loudspeaker.
    SetSpeakerMode(bool),
    /// The microphone.
    SetMicroMode(bool),
    /// A tone begins.
    StartTone(StartTone),
    /// A tone ends.
    StopTone(StopTone),
    /// Text on the display of 7910 and 30VIP.
    DisplayText(Text),
    /// Ends `DisplayText`.
    ClearDisplay,
    /// The prompt line of a line or call.
    DisplayPromptStatus(DisplayPromptStatus),
    /// Ends `DisplayPromptStatus`.
    ClearPromptStatus {
        /// On this line.
        line: Instance,
        /// In this call.
        call: CallRef,
    },
    /// A passing notice.
    DisplayNotify(DisplayNotify),
    /// Ends `DisplayNotify`.
    ClearNotify,
    /// A notice that stands above others of lower priority.
    DisplayPriNotify(DisplayPriNotify),
    /// Ends `DisplayPriNotify` of this priority.
    ClearPriNotify(u32),
    /// The state of a call.
    CallState(CallStateInfo),
    /// The line that is on the display.
    ActivateCallPlane(Instance),
    /// No line is.
    DeactivateCallPlane,
    /// The phone is to notice a short press of the hook.
    SetHookFlashDetect,
    /// Who talks with whom.
    CallInfo(Box<CallInfo>),
    /// What was dialled.
    DialedNumber(DialedNumber),
    /// The last digit is taken back.
    BackSpace {
        /// On this line.
        line: Instance,
        /// In this call.
        call: CallRef,
    },
    /// Whether a call is selected.
    CallSelectStat(CallSelectStat),
    /// The phone is to take media.
    OpenReceiveChannel(Box<OpenReceiveChannel>),
    /// The phone takes no media any more.
    CloseReceiveChannel(StreamEnd),
    /// The phone is to send media.
    StartMediaTransmission(Box<StartMediaTransmission>),
    /// The phone sends no media any more.
    StopMediaTransmission(StreamEnd),
    /// The phone takes no video any more.
    CloseMultiMediaReceiveChannel(StreamEnd),
    /// The phone sends no video any more.
    StopMultiMediaTransmission(StreamEnd),
    /// The phone is to join a multicast.
    StartMulticastMediaReception(StartMulticastMediaReception),
    /// The phone leaves a multicast.
    StopMulticastMediaReception(MulticastEnd),
    /// The phone is to send to a multicast.
    StartMulticastMediaTransmission(StartMulticastMediaTransmission),
    /// The phone sends to a multicast no more.
    StopMulticastMediaTransmission(MulticastEnd),
    /// The phone is to notice when media stops.
    StartMediaFailureDetection(StartMediaFailureDetection),
    /// Asks for the counters of a call.
    ConnectionStatisticsReq(ConnectionStatisticsReq),
    /// A digit of the other party.
    NotifyDtmfTone(DtmfTone),
    /// A digit to send.
    SendDtmfTone(DtmfTone),
    /// About digits in the media stream.
    DtmfSubscription(DtmfSubscription),
    /// Less or more video.
    FlowControlCommand(FlowControl),
    /// Less or more video comes.
    FlowControlNotify(FlowControl),
    /// How a conference is laid out.
    VideoDisplayCommand(VideoDisplayCommand),
    /// The phone is to set ports aside.
    PortReq(PortReq),
    /// The ports are free again.
    PortClose(PortClose),
    /// How a subscription went.
    SubscriptionStat(SubscriptionStat),
    /// What a phone subscribed to has changed.
    Notification(Notification),
    /// In which list a call is entered.
    CallHistoryInfo(CallHistoryInfo),
    /// Whether a call is being recorded.
    RecordingStatus(RecordingStatus),
    /// Data for an application on the phone.
    UserToDeviceData(UserData),
    /// Not taken apart here.
    Unknown(Unknown),
}
