//! What a phone answers about media: where it takes it, that it sends it, how it was.
//!
//! Their addresses take 4 bytes or 20. Phones are known by the length of the message
//! here, as one may still speak the layout of another version than the agreed one.

use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::layout::{Endpoint, Field, layouts};
use crate::sccp::wire::number::{
    CallRef, DeviceType, Instance, MediaStatus, MediaType, StatsProcessing, SubscribedFeature,
};
use crate::sccp::wire::version::ProtocolVersion;
use crate::sccp::wire::{DecodeError, MessageId};

layouts! {
    /// The phone takes media here, or says why it cannot.
    OpenReceiveChannelAck {
        /// How it went.
        status: MediaStatus;
        /// Where it takes media.
        endpoint: Endpoint;
        /// The party as in `OpenReceiveChannel`.
        party: u32;
        /// The call; left off by old phones.
        call: CallRef;
    }

    /// The phone sends media now, or says why it cannot. Pair it with its order by
    /// [`Self::call`]: a 6901 leaves the party zero, others the conference.
    StartMediaTransmissionAck {
        /// The conference as in `StartMediaTransmission`, or the call, or 0.
        conference: u32;
        /// The party as in `StartMediaTransmission`, or 0.
        party: u32;
        /// The call.
        call: CallRef;
        /// Where it sends from.
        endpoint: Endpoint;
        /// How it went.
        status: MediaStatus;
    }

    /// The phone joined a multicast, or says why it cannot.
    MulticastMediaReceptionAck {
        /// 0 is joined.
        status: u32;
        /// The party as in `StartMulticastMediaReception`.
        party: u32;
        /// The call.
        call: CallRef;
    }

    /// Media does not flow any more.
    MediaTransmissionFailure {
        /// The conference.
        conference: u32;
        /// The party.
        party: u32;
        /// Where the phone sent to.
        remote: Endpoint;
        /// The call.
        call: CallRef;
    }

    /// The ports that the phone set aside (`PortRes`).
    PortRes {
        /// The conference.
        conference: u32;
        /// The call.
        call: CallRef;
        /// The party.
        party: u32;
        /// Where it takes media.
        endpoint: Endpoint;
        /// Where it takes RTCP.
        rtcp_port: u32;
        /// What the port is for.
        media: MediaType, from 19;
    }

    /// What a bridge or a phone that can bridge has to offer.
    MediaResourceNotification {
        /// The model.
        device_type: DeviceType;
        /// Streams that can be used.
        in_service: u32;
        /// Most streams of a conference.
        per_conference: u32;
        /// Streams that cannot be used.
        out_of_service: u32;
    }

    /// A conference is over.
    ClearConference {
        /// The conference.
        conference: u32;
        /// The service.
        service: u32;
    }
}

impl OpenReceiveChannelAck {
    /// 16 or 20 bytes, or 32 or 36.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(16)?;
        r.wide_from(32);
        Ok(Self::read(r))
    }
}

impl StartMediaTransmissionAck {
    /// 24 bytes, or 40; up to 8 more may follow.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(24)?;
        r.wide_from(40);
        Ok(Self::read(r))
    }
}

impl MediaTransmissionFailure {
    /// 20 bytes, or 36.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Self {
        r.wide_from(36);
        Self::read(r)
    }
}

impl PortRes {
    /// 24 or 28 bytes, or 40 or 44.
    pub(super) fn read_any(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.needs(24)?;
        r.wide_from(40);
        Ok(Self::read(r))
    }
}

layouts! {
    /// How the media of a call was, counted by the phone.
    StreamCounters {
        /// Packets sent.
        packets_sent: u32;
        /// Octets sent.
        octets_sent: u32;
        /// Packets received.
        packets_received: u32;
        /// Octets received.
        octets_received: u32;
        /// Packets lost.
        packets_lost: u32;
        /// Jitter in milliseconds.
        jitter: u32;
        /// Latency in milliseconds.
        latency: u32;
    }
}

/// The counters of a call (`ConnectionStatisticsRes`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionStatistics {
    /// The number of the other party, as in the request.
    pub number: String,
    /// The call.
    pub call: CallRef,
    /// What became of the counters.
    pub processing: StatsProcessing,
    /// The counters.
    pub counters: StreamCounters,
    /// Quality in words, such as `MLQK=4.5;…`; empty from old phones. Up to 600 bytes.
    pub quality: String,
}

/// Where [`ConnectionStatistics`] has its words.
#[derive(Clone, Copy)]
enum Place {
    /// A number of 24 bytes, the processing a word: below version 18.
    Short,
    /// A number of 28 bytes.
    Long,
    /// A number of 28 bytes, the processing a byte, and all behind it off alignment:
    /// version 22.
    Packed,
}

impl Place {
    const ALL: [Self; 3] = [Self::Short, Self::Long, Self::Packed];

    fn of(version: ProtocolVersion) -> Self {
        match version.0 {
            0..=17 => Self::Short,
            18..=21 => Self::Long,
            _ => Self::Packed,
        }
    }

    /// The size of the number and of the processing.
    fn sizes(self) -> (usize, usize) {
        match self {
            Self::Short => (24, 4),
            Self::Long => (28, 4),
            Self::Packed => (28, 1),
        }
    }

    /// Whether a body read this way ends where it says, but for padding.
    fn fits(self, body: &[u8]) -> bool {
        let (number, processing) = self.sizes();
        let quality = number + 4 + processing + 7 * 4;
        let Some((size, rest)) = body.get(quality..).and_then(<[u8]>::split_first_chunk) else {
            return body.len() == quality;
        };
        let surplus = rest.len().checked_sub(u32::from_le_bytes(*size) as usize);
        surplus.is_some_and(|surplus| surplus < 4)
    }
}

impl ConnectionStatistics {
    const MAX_QUALITY: usize = 600;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let agreed = Place::of(r.dialect.version);
        let place = if agreed.fits(r.rest()) {
            agreed
        } else {
            let other = Place::ALL.into_iter().find(|place| place.fits(r.rest()));
            other.unwrap_or(agreed)
        };
        let (number, processing) = place.sizes();
        let number = r.string(number);
        let call = Field::read(r);
        let processing = match processing {
            1 => StatsProcessing(r.u8().unwrap_or_default().into()),
            _ => r.number(),
        };
        let counters = Field::read(r);
        let size = r.or_zero() as usize;
        Self {
            number,
            call,
            processing,
            counters,
            quality: r.string(size.min(Self::MAX_QUALITY)),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let (number, processing) = Place::of(w.dialect.version).sizes();
        w.string(&self.number, number);
        self.call.write(w);
        if processing == 1 {
            w.u8(u8::try_from(self.processing.0).unwrap_or(u8::MAX));
        } else {
            self.processing.write(w);
        }
        self.counters.write(w);
        w.counted(&self.quality, Self::MAX_QUALITY);
        MessageId::CONNECTION_STATISTICS_RES
    }
}

/// The handset was lifted by a gateway that knows who calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffHookWithCallingParty {
    /// Who calls.
    pub calling_number: String,
    /// Their voice mail box.
    pub voice_mail_box: String,
    /// On this line.
    pub line: Instance,
}

impl OffHookWithCallingParty {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let size = if r.rest().len() < 54 {
            24
        } else {
            r.dialect.version.number_size()
        };
        Self {
            calling_number: r.string(size),
            voice_mail_box: r.string(size),
            line: Field::read(r),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let size = w.dialect.version.number_size();
        w.string(&self.calling_number, size);
        w.string(&self.voice_mail_box, size);
        self.line.write(w);
        MessageId::OFF_HOOK_WITH_CALLING_PARTY_NUMBER
    }
}

/// Asks to be told when somebody else's line is busy (`SubscriptionStatReq`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionStatReq {
    /// Pairs the answer and later notifications with it.
    pub transaction: u32,
    /// What to tell.
    pub feature: SubscribedFeature,
    /// Seconds.
    pub timer: u32,
    /// Whose, such as a number (255 bytes).
    pub target: String,
}

impl SubscriptionStatReq {
    const TARGET: usize = 256;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            transaction: r.or_zero(),
            feature: r.number(),
            timer: r.or_zero(),
            target: r.string(Self::TARGET),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.words([self.transaction, self.feature.0, self.timer]);
        w.string(&self.target, Self::TARGET);
        MessageId::SUBSCRIPTION_STAT_REQ
    }
}
