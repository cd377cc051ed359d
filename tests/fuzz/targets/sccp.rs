//! SCCP: the stream, both directions of messages, alarms.

use bytes::{Bytes, BytesMut};
use embody::sccp::machine::AlarmReport;
use embody::sccp::wire::{
    Dialect, Frame, FrameCodec, FrameError, MessageId, PhoneFeatures, PhoneMessage,
    ProtocolVersion, decode_phone, decode_server, encode_phone, encode_server, frame,
};
use tokio_util::codec::{Decoder, Encoder};

use super::{Dice, cuts, pieces};

/// A stream means the same wherever it is cut, and its frames are written as
/// they came.
pub(super) fn frames(data: &[u8]) {
    let mut dice = Dice(data);
    let lengths = cuts(&mut dice);
    let stream = dice.0;
    let whole = read(&[stream]);
    assert_eq!(read(&pieces(stream, &lengths)), whole, "cut at {lengths:?}");
    let mut written = BytesMut::new();
    for frame in whole.0 {
        let before = written.len();
        assert!(FrameCodec.encode(frame.clone(), &mut written).is_ok());
        assert_eq!(written[before..], frame.to_bytes());
    }
    assert!(stream.starts_with(&written), "not as it came");
}

fn read(pieces: &[&[u8]]) -> (Vec<Frame>, Option<String>) {
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match FrameCodec.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error @ (FrameError::TooShort(_) | FrameError::TooLong(_))) => {
                    return (frames, Some(error.to_string()));
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!(buffer.len() < frame::MAX_FRAME, "more than a frame waits");
    }
    (frames, None)
}

/// Any version, character set, number and body.
fn any_frame(data: &[u8]) -> (Dialect, Frame) {
    let mut dice = Dice(data);
    let version = ProtocolVersion(dice.byte());
    let features = PhoneFeatures(if dice.byte().is_multiple_of(2) {
        0
    } else {
        0x10
    });
    let id = u32::from(dice.word());
    let length = dice.0.len().min(frame::MAX_FRAME - frame::HEADER);
    let frame = Frame {
        header_version: version.header_version(),
        id: MessageId(id),
        body: Bytes::copy_from_slice(dice.take(length)),
    };
    (Dialect::agreed(version, features), frame)
}

/// What a phone says: once read and written, it stays as it is.
pub(super) fn phone(data: &[u8]) {
    let (dialect, frame) = any_frame(data);
    let Ok(message) = decode_phone(&frame, dialect) else {
        return;
    };
    if matches!(&message, PhoneMessage::EnblocCall(call) if call.line.0 > 255) {
        // Phones differ in how they align the line, and only small numbers
        // tell which of them wrote it.
        return;
    }
    let written = encode_phone(&message, dialect);
    assert!(written.to_bytes().len() <= frame::MAX_FRAME, "{message:?}");
    let normal = decode_phone(&written, dialect).expect("its own writing");
    assert_eq!(encode_phone(&normal, dialect), written, "{message:?}");
}

/// The same for what a call manager says.
pub(super) fn server(data: &[u8]) {
    let (dialect, frame) = any_frame(data);
    let Ok(message) = decode_server(&frame, dialect) else {
        return;
    };
    let written = encode_server(&message, dialect);
    assert!(written.to_bytes().len() <= frame::MAX_FRAME, "{message:?}");
    let normal = decode_server(&written, dialect).expect("its own writing");
    assert_eq!(encode_server(&normal, dialect), written, "{message:?}");
}

/// An alarm in either form says no more than is in it.
pub(super) fn alarm(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for report in [AlarmReport::from_text(&text), AlarmReport::from_xml(&text)] {
        let _ = (report.restarted(), report.was_reset());
        for said in [report.load, report.last].into_iter().flatten() {
            assert!(text.contains(&said) && !said.is_empty());
        }
    }
}
