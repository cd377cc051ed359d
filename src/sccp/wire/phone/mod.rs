//! Messages that a phone sends.

mod capabilities;
mod codec;
mod keys;
mod media;
mod registration;
mod requests;

pub use capabilities::{
    AddOnDeviceCapabilities, AudioCapability, CapabilitiesForm, MediaPathCapability,
    MediaPathEvent, UpdateCapabilities,
};
pub use keys::{EnblocCall, HookEvent, KeypadButton, SoftKeyPress, Stimulus};
pub use media::{
    ClearConference, ConnectionStatistics, MediaResourceNotification, MediaTransmissionFailure,
    MulticastMediaReceptionAck, OffHookWithCallingParty, OpenReceiveChannelAck, PortRes,
    StartMediaTransmissionAck, StreamCounters, SubscriptionStatReq,
};
pub use registration::{Alarm, Announced, Register, RegisterTokenReq, SpcpRegisterTokenReq};
pub use requests::FeatureStatReq;

pub use codec::{decode_phone, encode_phone};

use super::Unknown;
use super::call_events::{CallHistoryInfo, RecordingStatus};
use super::number::{Instance, UnregisterReason};
use super::user_data::UserData;

/// A message from a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneMessage {
    /// I am still here; wants `KeepAliveAck`, registered or not.
    KeepAlive,
    /// Who the phone is and what it can do.
    Register(Box<Register>),
    /// The UDP port on which the phone takes media.
    IpPort(u32),
    /// Why the phone is (back) here; comes before `Register`. Never an error.
    Alarm(Alarm),
    /// The same from newer loads, as XML.
    XmlAlarm(String),
    /// May I come back to this server?
    RegisterTokenReq(RegisterTokenReq),
    /// The same from SPA phones; must be answered, or the phone reboots for ever.
    SpcpRegisterTokenReq(SpcpRegisterTokenReq),
    /// The phone wants to leave; wants `UnregisterAck`.
    Unregister(UnregisterReason),
    /// The codecs of the phone.
    CapabilitiesRes(Vec<AudioCapability>),
    /// The same with video and data.
    UpdateCapabilities(Box<UpdateCapabilities>),
    /// Asks for `ButtonTemplate`.
    ButtonTemplateReq,
    /// Asks for `SoftKeyTemplate`.
    SoftKeyTemplateReq,
    /// Asks for `SoftKeySets`.
    SoftKeySetReq,
    /// Asks for `ConfigStat`.
    ConfigStatReq,
    /// Asks for `LineStat`.
    LineStatReq(Instance),
    /// Asks for `SpeedDialStat`.
    SpeedDialStatReq(Instance),
    /// Asks for `FeatureStat`.
    FeatureStatReq(FeatureStatReq),
    /// Asks for `ServiceUrlStat`.
    ServiceUrlStatReq(Instance),
    /// Asks for `ForwardStat`.
    ForwardStatReq(Instance),
    /// Asks for `DefineTimeDate`; the last step of a registration.
    TimeDateReq,
    /// Asks for `Version`.
    VersionReq,
    /// Asks for `ServerRes`.
    ServerReq,
    /// The headset was switched on or off.
    HeadsetStatus(bool),
    /// How many lines the phone has in service.
    RegisterAvailableLines(u32),
    /// The user changed between handset, headset and speaker.
    MediaPathEvent(MediaPathEvent),
    /// What a media path may be used for.
    MediaPathCapability(MediaPathCapability),
    /// An expansion module is attached.
    AddOnDeviceCapabilities(AddOnDeviceCapabilities),
    /// Where a wireless phone is, as XML.
    LocationInfo(String),
    /// The handset was lifted.
    OffHook(HookEvent),
    /// The handset was put back.
    OnHook(HookEvent),
    /// A key of the dial pad was pressed.
    KeypadButton(KeypadButton),
    /// A number was dialled as a whole.
    EnblocCall(EnblocCall),
    /// A programmable button was pressed.
    Stimulus(Stimulus),
    /// A soft key was pressed.
    SoftKeyEvent(SoftKeyPress),
    /// The hook was pressed shortly.
    HookFlash(HookEvent),
    /// The handset was lifted by a gateway that knows who calls.
    OffHookWithCallingParty(OffHookWithCallingParty),
    /// The phone takes media.
    OpenReceiveChannelAck(OpenReceiveChannelAck),
    /// The phone takes video.
    OpenMultiMediaReceiveChannelAck(OpenReceiveChannelAck),
    /// The phone sends media.
    StartMediaTransmissionAck(StartMediaTransmissionAck),
    /// The phone sends video.
    StartMultiMediaTransmissionAck(StartMediaTransmissionAck),
    /// The phone joined a multicast.
    MulticastMediaReceptionAck(MulticastMediaReceptionAck),
    /// Media does not flow any more.
    MediaTransmissionFailure(MediaTransmissionFailure),
    /// What can be bridged.
    MediaResourceNotification(MediaResourceNotification),
    /// The ports that the phone set aside.
    PortRes(PortRes),
    /// The counters of a call.
    ConnectionStatistics(Box<ConnectionStatistics>),
    /// A conference is over.
    ClearConference(ClearConference),
    /// Asks for `SubscriptionStat`, and for `Notification` later.
    SubscriptionStatReq(SubscriptionStatReq),
    /// In which list a call was entered.
    CallHistoryInfo(CallHistoryInfo),
    /// Whether a call is being recorded.
    RecordingStatus(RecordingStatus),
    /// Data from an application on the phone.
    DeviceToUserData(UserData),
    /// The phone's answer to pushed data.
    DeviceToUserDataResponse(UserData),
    /// Not taken apart here.
    Unknown(Unknown),
}
