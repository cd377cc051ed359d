//! Frames into a capture file, and what the dissector makes of them: one run of each
//! program a side.

use std::fmt::Write as _;

use embody::sccp::wire::Frame;

use super::Value;
use crate::support::tools::run;

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Phone,
    Server,
}

/// What the dissector made of a frame.
pub struct Judged {
    pub message_id: Option<u32>,
    pub header_version: Option<u32>,
    pub is_malformed: bool,
    fields: Vec<Vec<String>>,
}

impl Judged {
    /// Every occurrence of one of the fields that were asked for.
    pub fn field(&self, fields: &[&'static str], field: &str) -> &[String] {
        let place = fields.iter().position(|name| *name == field);
        self.fields.get(place.unwrap()).map_or(&[], Vec::as_slice)
    }
}

/// What `text2pcap` reads: the offset starts anew with each packet.
fn hex_dump(frames: &[&Frame]) -> String {
    let mut dump = String::new();
    for frame in frames {
        for (line, bytes) in frame.to_bytes().chunks(16).enumerate() {
            write!(dump, "{:06x} ", line * 16).unwrap();
            for byte in bytes {
                write!(dump, " {byte:02x}").unwrap();
            }
            dump.push('\n');
        }
    }
    dump
}

pub fn dissect(side: Side, frames: &[&Frame], fields: &[&'static str]) -> Vec<Judged> {
    let folder = tempfile::tempdir().unwrap();
    let [dump, capture] = ["dump", "pcap"].map(|end| {
        let path = folder.path().join(format!("frames.{end}"));
        path.to_str().unwrap().to_owned()
    });
    std::fs::write(&dump, hex_dump(frames)).unwrap();
    let ports = match side {
        Side::Phone => "50000,2000",
        Side::Server => "2000,50000",
    };
    let made = run("text2pcap", &["-q", "-T", ports, &dump, &capture]);
    assert!(made.status.success(), "{made:?}");

    let names: Vec<_> = fields.iter().map(|name| format!("skinny.{name}")).collect();
    let mut arguments = vec![
        "-r",
        &*capture,
        "-T",
        "fields",
        "-E",
        "occurrence=a",
        "-E",
        "aggregator=|",
    ];
    let always = ["_ws.malformed", "skinny.messageId", "skinny.hdr_version"];
    for name in always.into_iter().chain(names.iter().map(String::as_str)) {
        arguments.extend(["-e", name]);
    }
    let output = run("tshark", &arguments);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(judged).collect()
}

fn judged(line: &str) -> Judged {
    let mut columns = line.split('\t').map(|column| {
        let values = column.split('|').filter(|value| !value.is_empty());
        values.map(str::to_owned).collect::<Vec<_>>()
    });
    let malformed = columns.next().unwrap();
    let mut only = || {
        let values = columns.next().unwrap();
        values.first().and_then(|value| number(value))
    };
    Judged {
        message_id: only(),
        header_version: only(),
        is_malformed: !malformed.is_empty(),
        fields: columns.collect(),
    }
}

fn number(value: &str) -> Option<u32> {
    match value.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

/// The dissector takes all strings for ASCII: other letters do not count.
fn ascii(words: &str) -> String {
    words.chars().filter(char::is_ascii).collect()
}

pub fn same(expected: &[Value], read: &[String]) -> bool {
    expected.len() == read.len()
        && expected.iter().zip(read).all(|pair| match pair {
            (Value::Number(expected), read) => number(read) == Some(*expected),
            (Value::Words(expected), read) => ascii(expected) == ascii(read),
        })
}
