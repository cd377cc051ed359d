//! Messages in streams.

use bytes::BytesMut;
use tokio_util::codec::Decoder;

use super::super::*;
use super::{VECTORS, crlf, read};

/// Everything in a stream that arrives in these pieces, and the error that ends it.
pub(super) fn frames<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Frame>, Option<ParseErrorKind>) {
    let mut framer = Framer::default();
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match framer.next_frame(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error.kind)),
            }
        }
    }
    match framer.decode_eof(&mut buffer) {
        Ok(None) => (frames, None),
        Ok(Some(frame)) => panic!("forgotten: {frame:?}"),
        Err(FrameError::Parse(error)) => (frames, Some(error.kind)),
        Err(FrameError::Io(error)) => panic!("{error}"),
    }
}

#[test]
fn a_segment_may_hold_several_messages() {
    let stream = VECTORS.concat();
    let (found, error) = frames([stream.as_slice()]);
    assert_eq!(error, None);
    let expected: Vec<_> = VECTORS
        .iter()
        .map(|bytes| Frame::Message(read(bytes)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_message_may_come_byte_by_byte() {
    let stream = VECTORS.concat();
    assert_eq!(frames(stream.chunks(1)), frames([stream.as_slice()]));
}

#[test]
fn pings_stand_between_messages() {
    let stream = [
        b"\r\n\r\n",
        VECTORS[2],
        b"\r\n",
        VECTORS[6],
        b"\r\n\r\n\r\n\r\n\n",
        VECTORS[8],
        b"\r\n",
    ]
    .concat();
    for size in [1, 2, 3, stream.len()] {
        let (found, error) = frames(stream.chunks(size));
        assert_eq!(error, None);
        let pings: Vec<_> = found.iter().map(|frame| *frame == Frame::Ping).collect();
        assert_eq!(pings, [true, false, false, true, true, false]);
    }
}

#[test]
fn no_length_means_no_body_unless_one_is_announced() {
    let lines = "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1\n";
    let (found, error) = frames([crlf(&format!("{lines}\n{lines}\n")).as_slice()]);
    assert_eq!((found.len(), error), (2, None));
    let announced = crlf(&format!("{lines}Content-Type: text/plain\n\nbody"));
    assert_eq!(
        frames([announced.as_slice()]).1,
        Some(ParseErrorKind::ContentLengthMissing)
    );
}

#[test]
fn a_bad_message_with_a_known_end_does_not_end_the_stream() {
    let bad = crlf("OPTIONS <sip:a@b> SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1\nl: 4\n\nbody");
    let (found, error) = frames([bad.as_slice(), VECTORS[0]]);
    assert_eq!(error, None);
    let [Frame::Malformed(malformed), Frame::Message(_)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(malformed.kind, ParseErrorKind::RequestUri);
    assert!(malformed.answerable().is_some());
}

#[test]
fn what_has_no_known_end_ends_the_stream() {
    for (text, kind) in [
        ("GET / HTTP/1.1\nHost: x\n\n", ParseErrorKind::StartLine),
        (
            "OPTIONS sip:a@b SIP/2.0\nl: -1\n\n",
            ParseErrorKind::ContentLength,
        ),
        (
            "OPTIONS sip:a@b SIP/2.0\nl: 1\nl: 2\n\n",
            ParseErrorKind::ContentLength,
        ),
        (
            "OPTIONS sip:a@b SIP/2.0\nl: 65537\n\n",
            ParseErrorKind::BodyTooLarge,
        ),
        (
            "OPTIONS sip:a@b SIP/2.0\nContent-Length 5\n\n",
            ParseErrorKind::Header,
        ),
        (
            "OPTIONS sip:a@b SIP/2.0\nl: 5\n\n1234",
            ParseErrorKind::Truncated,
        ),
        ("OPTIONS sip:a@b SI", ParseErrorKind::Truncated),
        ("\u{16}\u{3}\u{1}", ParseErrorKind::StartLine),
    ] {
        assert_eq!(frames([crlf(text).as_slice()]).1, Some(kind), "{text}");
    }
    let endless = vec![b'x'; 70_000];
    for size in [1000, endless.len()] {
        assert_eq!(
            frames(endless.chunks(size)).1,
            Some(ParseErrorKind::HeadTooLarge)
        );
    }
}
