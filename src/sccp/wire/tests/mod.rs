//! The codec against bytes from elsewhere, and against itself.
#![allow(clippy::unwrap_used)]

mod callmanager;
mod golden;
mod layout;
mod media;
mod oddities;
mod round_trip;

use bytes::Bytes;

use super::*;

/// A frame from hexadecimal digits; spaces are for the reader.
fn frame(hex: &str) -> Frame {
    use tokio_util::codec::Decoder;
    let mut stream = bytes::BytesMut::from(&unhex(hex)[..]);
    let frame = FrameCodec.decode(&mut stream).unwrap().unwrap();
    assert!(stream.is_empty(), "the length field does not cover {hex}");
    frame
}

fn unhex(hex: &str) -> Bytes {
    let digits: Vec<u8> = hex
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).unwrap() as u8)
        .collect();
    assert!(digits.len().is_multiple_of(2), "odd number of digits");
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn hex(frame: &Frame) -> String {
    use std::fmt::Write;
    frame
        .to_bytes()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}
