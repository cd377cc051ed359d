//! Wireshark's dissector reads every message that a phone or a call manager can send,
//! at every version that it knows: the right message, nothing malformed, and the
//! values that we meant. Where the dissector itself is known to be wrong, `limits`
//! says so, message by message.

mod from_phone;
mod from_server;
mod limits;
#[path = "../../src/sccp/wire/samples/mod.rs"]
mod samples;
mod tshark;

use std::collections::BTreeSet;

use embody::sccp::wire::*;

use limits::{LIMITS, Limit, Wrong};
use tshark::{Side, dissect};

/// Versions below 10 have a header of 0, which the dissector reads as the oldest; 12
/// to 14 and 19 and 21 differ in nothing that the others do not show.
const VERSIONS: [u8; 11] = [3, 5, 8, 10, 11, 15, 16, 17, 18, 20, 22];

/// What a field should read as, every time that it occurs.
type Expected = Vec<(&'static str, Vec<Value>)>;

/// What one occurrence of a field should read as.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Number(u32),
    Words(String),
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

fn is<T: Into<Value>>(field: &'static str, value: T) -> (&'static str, Vec<Value>) {
    (field, vec![value.into()])
}

fn are<T: Into<Value>>(
    field: &'static str,
    values: impl IntoIterator<Item = T>,
) -> (&'static str, Vec<Value>) {
    (field, values.into_iter().map(Into::into).collect())
}

/// A frame and what it should read as.
struct Case {
    version: u8,
    what: String,
    frame: Frame,
    expected: Expected,
}

impl Case {
    /// Tells apart the forms of a message in what is printed.
    fn name(&self) -> String {
        format!("version {} {} {}", self.version, self.frame.id, self.what)
    }
}

fn variant(message: &impl std::fmt::Debug) -> String {
    let shown = format!("{message:?}");
    let end = shown.find(|c: char| !c.is_alphanumeric());
    shown[..end.unwrap_or(shown.len())].to_owned()
}

fn phone_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for version in VERSIONS {
        for message in samples::samples(ProtocolVersion(version)).0 {
            cases.push(Case {
                version,
                what: variant(&message),
                frame: encode_phone(&message, samples::dialect(version)),
                expected: from_phone::expected(&message, version),
            });
        }
    }
    cases
}

fn server_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for version in VERSIONS {
        let dialect = samples::dialect(version);
        for message in samples::samples(ProtocolVersion(version)).1 {
            let forms = BTreeSet::from([None, Some(false), Some(true)].map(|form| {
                let frame = match form {
                    None => encode_server(&message, dialect),
                    Some(false) => encode_server_in(&message, dialect, Form::Fixed),
                    Some(true) => encode_server_in(&message, dialect, Form::Dynamic),
                };
                (frame.id, frame.header_version, frame.body)
            }));
            for (id, header_version, body) in forms {
                cases.push(Case {
                    version,
                    what: variant(&message),
                    expected: from_server::expected(&message, id, version),
                    frame: Frame {
                        header_version,
                        id,
                        body,
                    },
                });
            }
        }
    }
    cases
}

/// Judges the cases of one side: the limits that were met, and what no limit excuses.
fn judge(side: Side, cases: &[Case]) -> (BTreeSet<(usize, usize)>, Vec<String>) {
    let fields: BTreeSet<&'static str> = cases
        .iter()
        .flat_map(|case| case.expected.iter().map(|(field, _)| *field))
        .collect();
    let fields: Vec<_> = fields.into_iter().collect();
    let frames: Vec<_> = cases.iter().map(|case| &case.frame).collect();
    let judged = dissect(side, &frames, &fields);
    assert_eq!(judged.len(), cases.len(), "each frame is one packet");

    let mut met = BTreeSet::new();
    let mut complaints = Vec::new();
    for (case, judged) in cases.iter().zip(&judged) {
        let mut complain = |wrong: Wrong, detail: String| match excuse(case, wrong) {
            Some(limit) => {
                met.insert(limit);
            }
            None => complaints.push(format!("{}: {detail}", case.name())),
        };
        if judged.message_id != Some(case.frame.id.0) {
            complain(
                Wrong::Unread,
                format!("read as message {:?}", judged.message_id),
            );
            continue;
        }
        assert_eq!(judged.header_version, Some(case.frame.header_version));
        if judged.is_malformed {
            complain(Wrong::Malformed, "malformed".to_owned());
        }
        for (field, expected) in &case.expected {
            let read = judged.field(&fields, field);
            if !tshark::same(expected, read) {
                complain(
                    Wrong::Field(field),
                    format!("{field} is {expected:?}, read as {read:?}"),
                );
            }
        }
    }
    (met, complaints)
}

/// The limit, and which of its faults, that excuses a fault.
fn excuse(case: &Case, wrong: Wrong) -> Option<(usize, usize)> {
    LIMITS.iter().enumerate().find_map(|(place, limit)| {
        if limit.message != case.frame.id || !limit.versions.contains(&case.version) {
            return None;
        }
        let fault = limit.wrong.iter().position(|known| *known == wrong)?;
        Some((place, fault))
    })
}

#[test]
fn wireshark_reads_every_message_of_both_sides_as_it_was_meant() {
    let (phone, server) = (phone_cases(), server_cases());
    // Values are compared for all but the messages that have none.
    let compared = |cases: &[Case]| cases.iter().map(|case| case.expected.len()).sum::<usize>();
    assert!(phone.len() > 500 && compared(&phone) > 1500);
    assert!(server.len() > 700 && compared(&server) > 2500);
    let (mut met, mut complaints) = judge(Side::Phone, &phone);
    let (by_server, of_server) = judge(Side::Server, &server);
    met.extend(by_server);
    complaints.extend(of_server);
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    // A limit that is met no more is an excuse for what may come.
    let mut unmet = Vec::new();
    for (
        place,
        Limit {
            message,
            wrong,
            why,
            ..
        },
    ) in LIMITS.iter().enumerate()
    {
        for (fault, wrong) in wrong.iter().enumerate() {
            if !met.contains(&(place, fault)) {
                unmet.push(format!("{message} {wrong:?}: {why}"));
            }
        }
    }
    assert!(unmet.is_empty(), "no more: {unmet:#?}");
}

#[test]
fn the_judge_sees_what_is_cut_unknown_or_other_than_meant() {
    let reset = |body: &'static [u8]| Frame {
        header_version: 0,
        id: MessageId::RESET,
        body: body.into(),
    };
    let cases = [
        ("whole", reset(&[2, 0, 0, 0])),
        ("cut", reset(&[2, 0])),
        ("other", reset(&[1, 0, 0, 0])),
        (
            "unknown version",
            Frame {
                header_version: 5,
                ..reset(&[2, 0, 0, 0])
            },
        ),
    ]
    .map(|(what, frame)| Case {
        version: 3,
        what: what.to_owned(),
        frame,
        expected: vec![is("resetType", 2)],
    });
    let (_, complaints) = judge(Side::Server, &cases);
    let seen: Vec<_> = complaints
        .iter()
        .map(|complaint| complaint.trim_start_matches("version 3 009F Reset "))
        .collect();
    assert_eq!(
        seen,
        [
            "cut: malformed",
            "cut: resetType is [Number(2)], read as []",
            "other: resetType is [Number(2)], read as [\"0x00000001\"]",
            "unknown version: read as message None",
        ]
    );
}
