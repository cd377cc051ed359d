//! Orders about media: open, start, stop, and what it is to look like.
//!
//! `OpenReceiveChannel` and `StartMediaTransmission` grew with the versions, at the end
//! and, with the size of addresses, in the middle. CallManager 4 (version 5) and 7
//! (version 11) were seen to end them where the fields below say.

use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::layout::{Endpoint, Field, layouts};
use crate::sccp::wire::number::{
    AddressType, CallRef, Codec, Encryption, MediaTransport, MediaType, PortHandling, Tone,
};
use crate::sccp::wire::{DecodeError, MessageId};

/// The key of an encrypted stream. Its content stays out of logs.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct MediaKey {
    /// The algorithm; [`Encryption::NONE`] for a stream in the clear.
    pub algorithm: Encryption,
    /// Bytes of the key that count.
    pub key_length: u16,
    /// Bytes of the salt that count.
    pub salt_length: u16,
    /// The key.
    pub key: [u8; 16],
    /// The salt.
    pub salt: [u8; 16],
}

impl std::fmt::Debug for MediaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Field for MediaKey {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            algorithm: Field::read(r),
            key_length: Field::read(r),
            salt_length: Field::read(r),
            key: Field::read(r),
            salt: Field::read(r),
        }
    }

    fn write(&self, w: &mut Writer) {
        self.algorithm.write(w);
        self.key_length.write(w);
        self.salt_length.write(w);
        self.key.write(w);
        self.salt.write(w);
    }
}

layouts! {
    /// What the phone may be asked to do later in the call: modem relay and the like.
    LatentCapabilities {
        /// Whether any of it counts.
        active: u32;
        /// Modem relay: capabilities and version; modulations and RFC 2833.
        modem_relay: [u8; 8];
        /// SPRT: largest payloads of channels 0, 2 and 3, and the window of channel 2.
        relay_transport: [u8; 8];
        /// State signalling events: standard and vendor.
        state_events: [u8; 8];
        /// Dynamic payload types.
        payload_types: [u8; 8];
    }

    /// The phone is to take media, and to say where (`OpenReceiveChannelAck`).
    OpenReceiveChannel {
        /// The conference.
        conference: u32;
        /// The party; the acknowledgement has it.
        party: u32;
        /// Milliseconds of a packet.
        packet_ms: u32;
        /// The codec.
        codec: Codec;
        /// Whether to cancel echo; 1 is on.
        echo_cancel: u32;
        /// What the codec adds, such as a bit rate.
        codec_parameters: [u8; 4];
        /// The call.
        call: CallRef;
        /// The key of what comes.
        key: MediaKey;
        /// Whether packets have a master key identifier.
        key_identifier: u32, from 6;
        /// Rate of key derivation.
        key_derivation_rate: u32, from 6;
        /// The party of the stream.
        stream_party: u32, from 6;
        /// A stream that belongs to this one.
        associated_stream: u32, from 6;
        /// Payload type of digits (RFC 2833), such as 101; 0 for none.
        dtmf_payload: u32, from 6;
        /// How digits travel.
        dtmf_type: u32, from 6;
        /// How streams are mixed.
        mixing_mode: u32, from 12;
        /// Direction of the party.
        direction: u32, from 12;
        /// Where media comes from.
        source: Endpoint, from 12;
        /// Which kind of address the phone is to open.
        address_type: AddressType, from 17;
        /// Louder or softer.
        level_adjustment: u32, from 21;
        /// What may be asked for later.
        latent: LatentCapabilities, from 21;
    }

    /// The phone is to send media. Newer phones say that they do
    /// (`StartMediaTransmissionAck`).
    StartMediaTransmission {
        /// The conference.
        conference: u32;
        /// The party; the acknowledgement has it.
        party: u32;
        /// Where to.
        remote: Endpoint;
        /// Milliseconds of a packet.
        packet_ms: u32;
        /// The codec.
        codec: Codec;
        /// What the packets are marked with (DSCP × 4): 184 is expedited forwarding.
        precedence: u32;
        /// Whether to be silent when the user is; 1 is on.
        silence_suppression: u32;
        /// Most frames of a packet.
        max_frames: u16;
        /// Nothing.
        padding: u16;
        /// What the codec adds, such as a bit rate.
        codec_parameters: [u8; 4];
        /// The call.
        call: CallRef;
        /// The key of what goes out.
        key: MediaKey;
        /// Whether packets have a master key identifier.
        key_identifier: u32, from 6;
        /// Rate of key derivation.
        key_derivation_rate: u32, from 6;
        /// The party of the stream.
        stream_party: u32, from 6;
        /// A stream that belongs to this one.
        associated_stream: u32, from 6;
        /// Payload type of digits (RFC 2833), such as 101; 0 for none.
        dtmf_payload: u32, from 6;
        /// How digits travel.
        dtmf_type: u32, from 6;
        /// How streams are mixed.
        mixing_mode: u32, from 6;
        /// Direction of the party.
        direction: u32, from 6;
        /// What may be asked for later.
        latent: LatentCapabilities, from 21;
    }

    /// A stream is over (`CloseReceiveChannel`, `StopMediaTransmission` and their like
    /// for video). Old CallManagers name conference and party alone.
    StreamEnd {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// The call.
        call: CallRef;
        /// What becomes of the port.
        port: PortHandling;
    }

    /// The phone is to join a multicast, such as music or a page.
    StartMulticastMediaReception {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// The group.
        group: Endpoint;
        /// Milliseconds of a packet.
        packet_ms: u32;
        /// The codec.
        codec: Codec;
        /// Whether to cancel echo; 1 is on.
        echo_cancel: u32;
        /// What the codec adds.
        codec_parameters: [u8; 4];
        /// The call.
        call: CallRef;
    }

    /// The phone is to send to a multicast.
    StartMulticastMediaTransmission {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// The group.
        group: Endpoint;
        /// Milliseconds of a packet.
        packet_ms: u32;
        /// The codec.
        codec: Codec;
        /// What the packets are marked with (DSCP × 4).
        precedence: u32;
        /// Whether to be silent when the user is; 1 is on.
        silence_suppression: u32;
        /// Most frames of a packet.
        max_frames: u16;
        /// Nothing.
        padding: u16;
        /// What the codec adds.
        codec_parameters: [u8; 4];
        /// The call.
        call: CallRef;
    }

    /// A multicast is over.
    MulticastEnd {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// The call.
        call: CallRef;
    }

    /// The phone is to notice when media stops (`MediaTransmissionFailure`).
    StartMediaFailureDetection {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// Milliseconds of a packet.
        packet_ms: u32;
        /// The codec.
        codec: Codec;
        /// Whether to cancel echo; 1 is on.
        echo_cancel: u32;
        /// What the codec adds.
        codec_parameters: [u8; 4];
        /// The call.
        call: CallRef;
    }

    /// A digit of the other party (`NotifyDtmfTone`), or one to send (`SendDtmfTone`).
    DtmfTone {
        /// The digit.
        tone: Tone;
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
    }

    /// Less or more video, please (`FlowControlCommand`, `FlowControlNotify`).
    FlowControl {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// The call.
        call: CallRef;
        /// The highest bit rate.
        max_bit_rate: u32;
    }

    /// How a conference is laid out on the screen.
    VideoDisplayCommand {
        /// The conference.
        conference: u32;
        /// The call.
        call: CallRef;
        /// The layout.
        layout: u32;
    }

    /// The phone is to set ports aside, and to say which (`PortRes`).
    PortReq {
        /// The conference.
        conference: u32;
        /// The call.
        call: CallRef;
        /// The party.
        party: u32;
        /// How media travels.
        transport: MediaTransport;
        /// Which kind of address.
        address_type: AddressType;
        /// What the port is for.
        media: MediaType;
    }

    /// The ports are free again.
    PortClose {
        /// The conference.
        conference: u32;
        /// The call.
        call: CallRef;
        /// The party.
        party: u32;
        /// What the port was for.
        media: MediaType;
    }
}

/// What a [`DtmfSubscription`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtmfStep {
    /// Digits are wanted in the media stream.
    Subscribe,
    /// They will come.
    Subscribed,
    /// They cannot.
    SubscribeFailed,
    /// They are wanted no more.
    Unsubscribe,
    /// They come no more.
    Unsubscribed,
    /// They cannot be stopped.
    UnsubscribeFailed,
}

/// About digits in the media stream (`SubscribeDtmfPayload…`,
/// `UnSubscribeDtmfPayload…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DtmfSubscription {
    /// What is said.
    pub step: DtmfStep,
    /// The payload type of digits.
    pub payload: u32,
    /// The conference.
    pub conference: u32,
    /// The party.
    pub party: u32,
    /// How digits travel; in the two requests only.
    pub dtmf_type: u32,
}

impl DtmfSubscription {
    pub(super) fn read(r: &mut Reader<'_>, step: DtmfStep) -> Self {
        Self {
            step,
            payload: r.or_zero(),
            conference: r.or_zero(),
            party: r.or_zero(),
            dtmf_type: r.or_zero(),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.payload, self.conference, self.party]);
        match self.step {
            DtmfStep::Subscribe => {
                w.word(self.dtmf_type);
                MessageId::SUBSCRIBE_DTMF_PAYLOAD_REQ
            }
            DtmfStep::Subscribed => MessageId::SUBSCRIBE_DTMF_PAYLOAD_RES,
            DtmfStep::SubscribeFailed => MessageId::SUBSCRIBE_DTMF_PAYLOAD_ERR,
            DtmfStep::Unsubscribe => {
                w.word(self.dtmf_type);
                MessageId::UN_SUBSCRIBE_DTMF_PAYLOAD_REQ
            }
            DtmfStep::Unsubscribed => MessageId::UN_SUBSCRIBE_DTMF_PAYLOAD_RES,
            DtmfStep::UnsubscribeFailed => MessageId::UN_SUBSCRIBE_DTMF_PAYLOAD_ERR,
        }
    }
}

impl OpenReceiveChannel {
    /// Up to 108 bytes, or up to 168 with wide addresses.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(28)?;
        r.wide_from(120);
        Ok(Self::read(r))
    }
}

impl StartMediaTransmission {
    /// Up to 116 bytes, or up to 168 with wide addresses.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(44)?;
        r.wide_from(120);
        Ok(Self::read(r))
    }
}

impl StartMulticastMediaReception {
    /// 36 bytes, or 52.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(16)?;
        r.wide_from(52);
        Ok(Self::read(r))
    }
}

impl StartMulticastMediaTransmission {
    /// 44 bytes, or 60.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(16)?;
        r.wide_from(60);
        Ok(Self::read(r))
    }
}
