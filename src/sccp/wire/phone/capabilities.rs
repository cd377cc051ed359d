//! What a phone can do: codecs, media paths, expansion modules.

use crate::sccp::wire::MessageId;
use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::number::{Codec, DeviceType, MediaCapability, MediaPath};

/// Codecs that a message has room for; phones always send the whole table.
const AUDIO_SLOTS: usize = 18;
const AUDIO_SLOT: usize = 16;
/// In `UpdateCapabilities`: custom pictures and conference resources, not read.
const BEFORE_AUDIO: usize = 6 * 20 + 172;

/// A codec that the phone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioCapability {
    /// The codec.
    pub codec: Codec,
    /// Most frames in a packet, or most milliseconds on newer phones.
    pub max_frames: u32,
    /// What the codec adds, such as a bit rate.
    pub parameters: [u8; 8],
}

pub(super) fn read_response(r: &mut Reader<'_>) -> Vec<AudioCapability> {
    let count = r.or_zero();
    read_audio(r, count)
}

pub(super) fn write_response(w: &mut Writer, audio: &[AudioCapability]) -> MessageId {
    w.word(audio.len().min(AUDIO_SLOTS) as u32);
    write_audio(w, audio);
    MessageId::CAPABILITIES_RES
}

fn read_audio(r: &mut Reader<'_>, count: u32) -> Vec<AudioCapability> {
    let there = (r.rest().len() / AUDIO_SLOT).min(AUDIO_SLOTS);
    (0..there.min(count as usize))
        .map(|_| AudioCapability {
            codec: r.number(),
            max_frames: r.or_zero(),
            parameters: r.array().unwrap_or_default(),
        })
        .collect()
}

fn write_audio(w: &mut Writer, audio: &[AudioCapability]) {
    let sent = audio.len().min(AUDIO_SLOTS);
    for capability in audio.iter().take(sent) {
        w.words([capability.codec.0, capability.max_frames]);
        w.bytes(&capability.parameters);
    }
    w.zeros((AUDIO_SLOTS - sent) * AUDIO_SLOT);
}

/// Which message carried an [`UpdateCapabilities`]; the parts read here are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapabilitiesForm {
    /// 7940 family and first video phones.
    V1,
    /// Around version 12.
    V2,
    /// Around version 16.
    V3,
}

/// Codecs, and how many entries the tables of video and data behind them have. Those
/// tables are not read: real phones leave stale memory in the gaps between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateCapabilities {
    /// The message that carried it.
    pub form: CapabilitiesForm,
    /// Entries in the table of video.
    pub video_count: u32,
    /// Entries in the table of data.
    pub data_count: u32,
    /// RTP payload format.
    pub rtp_payload_format: u32,
    /// The audio codecs.
    pub audio: Vec<AudioCapability>,
}

impl UpdateCapabilities {
    pub(super) fn read(r: &mut Reader<'_>, form: CapabilitiesForm) -> Self {
        let audio_count = r.or_zero();
        let video_count = r.or_zero();
        let data_count = r.or_zero();
        let rtp_payload_format = r.or_zero();
        let _custom_pictures = r.or_zero();
        r.skip(BEFORE_AUDIO);
        Self {
            form,
            video_count,
            data_count,
            rtp_payload_format,
            audio: read_audio(r, audio_count),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.word(self.audio.len().min(AUDIO_SLOTS) as u32);
        w.words([self.video_count, self.data_count, self.rtp_payload_format]);
        w.word(0);
        w.zeros(BEFORE_AUDIO);
        write_audio(w, &self.audio);
        match self.form {
            CapabilitiesForm::V1 => MessageId::UPDATE_CAPABILITIES,
            CapabilitiesForm::V2 => MessageId::UPDATE_CAPABILITIES_V2,
            CapabilitiesForm::V3 => MessageId::UPDATE_CAPABILITIES_V3,
        }
    }
}

/// The user changed where they hear and speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaPathEvent {
    /// Where.
    pub path: MediaPath,
    /// Whether it is in use now.
    pub on: bool,
}

impl MediaPathEvent {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            path: r.number(),
            on: r.or_zero() == 1,
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.path.0, if self.on { 1 } else { 2 }]);
        MessageId::MEDIA_PATH_EVENT
    }
}

/// What a media path may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaPathCapability {
    /// Which.
    pub path: MediaPath,
    /// For what.
    pub capability: MediaCapability,
}

impl MediaPathCapability {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            path: r.number(),
            capability: r.number(),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.path.0, self.capability.0]);
        MessageId::MEDIA_PATH_CAPABILITY
    }
}

/// Expansion modules attached to the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddOnDeviceCapabilities {
    /// Which module.
    pub instance: u32,
    /// Its model.
    pub device_type: DeviceType,
    /// How many the phone takes.
    pub max_allowed: u32,
    /// Such as `max-chained=2 deviceLine=14`.
    pub description: String,
}

impl AddOnDeviceCapabilities {
    const NOT_UNDERSTOOD: usize = 24;
    const DESCRIPTION: usize = 128;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let instance = r.or_zero();
        let device_type = r.number();
        let max_allowed = r.or_zero();
        r.skip(Self::NOT_UNDERSTOOD);
        Self {
            instance,
            device_type,
            max_allowed,
            description: r.string(Self::DESCRIPTION),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.words([self.instance, self.device_type.0, self.max_allowed]);
        w.zeros(Self::NOT_UNDERSTOOD);
        w.string(&self.description, Self::DESCRIPTION);
        MessageId::ADD_ON_DEVICE_CAPABILITIES
    }
}
