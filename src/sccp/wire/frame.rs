//! Frames: how messages are cut out of the TCP stream.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | u32 LE | length = 4 + bytes of body (the message number counts, the first eight bytes do not) |
//! | 4 | u32 LE | header version: 0, or the agreed protocol version |
//! | 8 | u32 LE | message number |
//! | 12 | | body |

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::id::MessageId;

/// The biggest frame taken or sent, in bytes, header included. The biggest message
/// that a phone is known to send (a wireless phone's location) has 2416.
pub const MAX_FRAME: usize = 8192;

/// Bytes in front of the body.
pub const HEADER: usize = 12;

/// One message, its body still in bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Second word of the header. For information only: the layout of a message
    /// follows from the version agreed at registration.
    pub header_version: u32,
    /// Message number.
    pub id: MessageId,
    /// What follows the header.
    pub body: Bytes,
}

impl Frame {
    /// The frame as it travels.
    pub fn to_bytes(&self) -> Bytes {
        let mut wire = BytesMut::with_capacity(HEADER + self.body.len());
        self.put(&mut wire);
        wire.freeze()
    }

    fn put(&self, wire: &mut BytesMut) {
        wire.reserve(HEADER + self.body.len());
        wire.put_u32_le(self.body.len() as u32 + 4);
        wire.put_u32_le(self.header_version);
        wire.put_u32_le(self.id.0);
        wire.put_slice(&self.body);
    }
}

/// The body stays out of logs, only its length shows.
impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("header_version", &self.header_version)
            .field("id", &self.id)
            .field("body_length", &self.body.len())
            .finish()
    }
}

/// Why a connection cannot go on. After any of these the place of the next frame is
/// unknown: close.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length does not even cover the message number.
    #[error("frame length {0} is below the minimum of 4")]
    TooShort(u32),
    /// The frame would exceed [`MAX_FRAME`].
    #[error("frame of {0} bytes is above the maximum of {MAX_FRAME}")]
    TooLong(u64),
    /// The socket failed, or closed inside a frame.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Cuts a stream into frames and back. Phones put several frames into a segment and
/// spread a frame over several.
#[derive(Debug, Clone, Copy, Default)]
pub struct FrameCodec;

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = FrameError;

    fn decode(&mut self, stream: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        let Some(length) = stream.first_chunk::<4>().map(|b| u32::from_le_bytes(*b)) else {
            return Ok(None);
        };
        if length < 4 {
            return Err(FrameError::TooShort(length));
        }
        let total = u64::from(length) + 8;
        if total > MAX_FRAME as u64 {
            return Err(FrameError::TooLong(total));
        }
        let total = total as usize;
        if stream.len() < total {
            stream.reserve(total - stream.len());
            return Ok(None);
        }
        let mut frame = stream.split_to(total).freeze();
        frame.advance(4);
        let header_version = frame.get_u32_le();
        let id = MessageId(frame.get_u32_le());
        Ok(Some(Frame {
            header_version,
            id,
            body: frame,
        }))
    }
}

impl Encoder<Frame> for FrameCodec {
    type Error = FrameError;

    fn encode(&mut self, frame: Frame, stream: &mut BytesMut) -> Result<(), FrameError> {
        let total = HEADER + frame.body.len();
        if total > MAX_FRAME {
            return Err(FrameError::TooLong(total as u64));
        }
        frame.put(stream);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const KEEP_ALIVE: &[u8] = &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const RESTART: &[u8] = &[8, 0, 0, 0, 0x11, 0, 0, 0, 0x9f, 0, 0, 0, 2, 0, 0, 0];

    #[test]
    fn several_frames_in_one_segment_come_out_one_by_one() {
        let mut stream = BytesMut::from([KEEP_ALIVE, RESTART].concat().as_slice());
        let first = FrameCodec.decode(&mut stream).unwrap().unwrap();
        assert_eq!((first.id, first.body.len()), (MessageId::KEEP_ALIVE, 0));
        let second = FrameCodec.decode(&mut stream).unwrap().unwrap();
        assert_eq!(second.header_version, 17);
        assert_eq!(second.id, MessageId::RESET);
        assert_eq!(&second.body[..], [2, 0, 0, 0]);
        assert_eq!(FrameCodec.decode(&mut stream).unwrap(), None);
        assert!(stream.is_empty());
    }

    #[test]
    fn a_frame_that_arrives_byte_by_byte_is_waited_for() {
        let mut stream = BytesMut::new();
        for byte in &RESTART[..RESTART.len() - 1] {
            stream.put_u8(*byte);
            assert_eq!(FrameCodec.decode(&mut stream).unwrap(), None);
        }
        stream.put_u8(0);
        assert!(FrameCodec.decode(&mut stream).unwrap().is_some());
    }

    #[test]
    fn impossible_lengths_end_the_connection() {
        for length in 0..4u32 {
            let mut stream = BytesMut::from(&length.to_le_bytes()[..]);
            let error = FrameCodec.decode(&mut stream).unwrap_err();
            assert!(matches!(error, FrameError::TooShort(l) if l == length));
        }
        for length in [8185, u32::MAX] {
            let mut stream = BytesMut::from(&length.to_le_bytes()[..]);
            let error = FrameCodec.decode(&mut stream).unwrap_err();
            assert!(matches!(error, FrameError::TooLong(_)));
        }
        let mut largest = BytesMut::from(&8184u32.to_le_bytes()[..]);
        largest.resize(MAX_FRAME, 0);
        assert!(FrameCodec.decode(&mut largest).unwrap().is_some());
    }

    #[test]
    fn a_connection_that_dies_inside_a_frame_is_an_error() {
        let mut stream = BytesMut::from(&RESTART[..9]);
        assert!(matches!(
            FrameCodec.decode_eof(&mut stream),
            Err(FrameError::Io(_))
        ));
    }

    #[test]
    fn too_large_a_frame_is_not_sent() {
        let frame = Frame {
            header_version: 0,
            id: MessageId::ALARM,
            body: Bytes::from(vec![0; MAX_FRAME - HEADER + 1]),
        };
        let sent = FrameCodec.encode(frame, &mut BytesMut::new());
        assert!(matches!(sent, Err(FrameError::TooLong(8193))));
    }

    proptest! {
        #[test]
        fn frames_survive_the_stream(
            header_version: u32, id: u32,
            body in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let frame = Frame { header_version, id: MessageId(id), body: body.into() };
            let mut stream = BytesMut::new();
            FrameCodec.encode(frame.clone(), &mut stream).unwrap();
            prop_assert_eq!(&stream[..], &frame.to_bytes()[..]);
            prop_assert_eq!(FrameCodec.decode(&mut stream).unwrap(), Some(frame));
        }

        #[test]
        fn any_stream_is_read_to_its_end_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut stream = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = FrameCodec.decode(&mut stream) {}
        }
    }
}
