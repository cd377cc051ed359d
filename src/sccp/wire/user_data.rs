//! Data exchanged with an application on the phone: pushed XML and what comes back.

use super::buffer::{Reader, Writer};
use super::number::{CallRef, Instance, Sequence};
use super::version::Dialect;
use super::{MessageId, Opaque};

/// Data for or from an application on the phone, usually `CiscoIPPhone` XML.
///
/// From protocol version 5 on it travels in the `V1` envelope; below, the fields from
/// [`Self::sequence`] to [`Self::routing`] do not travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserData {
    /// Chosen by the server, echoed by the phone.
    pub application: u32,
    /// The line it belongs to, if any.
    pub line: Instance,
    /// The call it belongs to, if any.
    pub call: CallRef,
    /// Pairs a response with its request.
    pub transaction: u32,
    /// Which part of longer data this is; [`Sequence::LAST`] for a single message.
    pub sequence: Sequence,
    /// Who wins the display.
    pub display_priority: u32,
    /// The conference it belongs to, if any.
    pub conference: u32,
    /// Instance of the application.
    pub app_instance: u32,
    /// Routing identifier.
    pub routing: u32,
    /// The data, not more than [`Self::MAX_DATA`] bytes.
    pub data: Opaque,
}

impl Default for UserData {
    fn default() -> Self {
        Self {
            application: 0,
            line: Instance::DEVICE,
            call: CallRef::NONE,
            transaction: 0,
            sequence: Sequence::LAST,
            display_priority: 0,
            conference: 0,
            app_instance: 0,
            routing: 0,
            data: Opaque::default(),
        }
    }
}

impl UserData {
    /// Bytes of data that one message may carry. What is longer would be cut off:
    /// see [`Self::parts`].
    pub const MAX_DATA: usize = 2000;

    /// Splits longer data over several messages. `None` where the phone cannot put
    /// them together again (up to version 17).
    pub fn parts(self, dialect: Dialect) -> Option<Vec<Self>> {
        if self.data.0.len() <= Self::MAX_DATA {
            return Some(vec![self]);
        }
        if dialect.version.0 <= 17 {
            return None;
        }
        let count = self.data.0.len().div_ceil(Self::MAX_DATA);
        let mut rest = self.data.0.clone();
        let part = |index: usize| {
            let length = rest.len().min(Self::MAX_DATA);
            Self {
                sequence: match index {
                    0 => Sequence::FIRST,
                    i if i + 1 == count => Sequence::LAST,
                    _ => Sequence::MORE,
                },
                data: Opaque(rest.split_to(length)),
                ..self.clone()
            }
        };
        Some((0..count).map(part).collect())
    }

    pub(super) fn read(r: &mut Reader<'_>, long: bool) -> Self {
        let mut message = Self {
            application: r.or_zero(),
            line: Instance(r.or_zero()),
            call: CallRef(r.or_zero()),
            transaction: r.or_zero(),
            ..Self::default()
        };
        let length = r.or_zero();
        if long {
            message.sequence = r.number();
            message.display_priority = r.or_zero();
            message.conference = r.or_zero();
            message.app_instance = r.or_zero();
            message.routing = r.or_zero();
        }
        // More than this is never sent; a length beyond it is not believed.
        message.data = r.data(length.min(Self::MAX_DATA as u32));
        message
    }

    /// Returns the number of the envelope that was used.
    pub(super) fn write(&self, w: &mut Writer, short: MessageId, long: MessageId) -> MessageId {
        let is_long = w.is_dynamic(w.dialect.version.has_long_user_data());
        let data = self.data.0.get(..Self::MAX_DATA).unwrap_or(&self.data.0);
        w.words([self.application, self.line.0, self.call.0, self.transaction]);
        w.word(data.len() as u32);
        if is_long {
            w.words([self.sequence.0, self.display_priority, self.conference]);
            w.words([self.app_instance, self.routing]);
        }
        w.bytes(data);
        if is_long { long } else { short }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::version::ProtocolVersion;
    use super::*;

    fn dialect(version: u8) -> Dialect {
        Dialect {
            version: ProtocolVersion(version),
            ..Dialect::BASIC
        }
    }

    #[test]
    fn long_data_is_split_for_phones_that_can_join_it() {
        let long = UserData {
            transaction: 7,
            data: vec![b'x'; 4500].into(),
            ..UserData::default()
        };
        assert_eq!(long.clone().parts(dialect(17)), None);
        let parts = long.parts(dialect(18)).unwrap();
        let shape: Vec<_> = parts.iter().map(|p| (p.sequence, p.data.0.len())).collect();
        assert_eq!(
            shape,
            [
                (Sequence::FIRST, 2000),
                (Sequence::MORE, 2000),
                (Sequence::LAST, 500)
            ]
        );
        assert!(parts.iter().all(|part| part.transaction == 7));
    }

    #[test]
    fn short_data_stays_whole_everywhere() {
        let short = UserData {
            data: vec![b'x'; 2000].into(),
            ..UserData::default()
        };
        assert_eq!(short.clone().parts(dialect(3)), Some(vec![short]));
    }

    #[test]
    fn the_content_does_not_show_in_debug_output() {
        let secret = UserData {
            data: "<pin>12345</pin>".into(),
            ..UserData::default()
        };
        let shown = format!("{secret:?}");
        assert!(!shown.contains("12345") && shown.contains("<16 bytes>"));
    }
}
