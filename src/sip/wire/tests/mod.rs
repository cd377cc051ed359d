//! The codec as a whole: recorded forms of messages, the classes of RFC 4475, framing, answers, orders, properties.
#![allow(clippy::unwrap_used)]

mod framing;
mod orders;
mod properties;
mod responses;
pub(in crate::sip) mod rfc4475;
mod spellings;
mod torture;
mod vectors;

use super::{Message, parse_datagram};

/// One message of the recorded forms.
macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/sip/",
            $name,
            ".sip"
        ))
        .as_slice()
    };
}
use vector;

const VECTORS: [&[u8]; 9] = [
    vector!("notify-service-control-restart"),
    vector!("refer-alarm-7821"),
    vector!("refer-token"),
    vector!("register-200-first"),
    vector!("register-7821-first"),
    vector!("register-7960-auth"),
    vector!("register-7960"),
    vector!("register-7975-keepalive"),
    vector!("register-standby-keepalive"),
];

fn read(bytes: &[u8]) -> Message {
    parse_datagram(bytes).unwrap().unwrap()
}

/// A message written with LF only, for the eyes.
fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}
