//! Options of a request and of its acknowledgement (RFC 2347).

use super::put_field;

/// Options read from one packet; more are dropped.
pub const MAX_OPTIONS: usize = 16;

/// The options that this room knows. `windowsize` (RFC 7440) is not among
/// them: phones do not ask for it, and an option that is not acknowledged is
/// an option that is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionKind {
    /// `blksize`, octets of a block (RFC 2348).
    BlockSize,
    /// `timeout`, seconds before a retransmission (RFC 2349).
    Timeout,
    /// `tsize`, octets of the whole file (RFC 2349).
    TransferSize,
}

impl OptionKind {
    /// The name on the wire, lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BlockSize => "blksize",
            Self::Timeout => "timeout",
            Self::TransferSize => "tsize",
        }
    }
}

/// One option: a name and a value, both raw octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferOption {
    /// The name as it was spelled.
    pub name: Vec<u8>,
    /// The value, decimal digits for every option known here.
    pub value: Vec<u8>,
}

impl TransferOption {
    /// An option of ours with a number.
    pub fn number(kind: OptionKind, value: u64) -> Self {
        Self {
            name: kind.as_str().into(),
            value: value.to_string().into_bytes(),
        }
    }

    /// Which option it is, names compared without case; `None` for unknown.
    pub fn kind(&self) -> Option<OptionKind> {
        [
            OptionKind::BlockSize,
            OptionKind::Timeout,
            OptionKind::TransferSize,
        ]
        .into_iter()
        .find(|kind| self.name.eq_ignore_ascii_case(kind.as_str().as_bytes()))
    }

    /// The value as a number: decimal digits only, no sign, no spaces.
    pub fn as_number(&self) -> Option<u64> {
        if !self.value.iter().all(u8::is_ascii_digit) {
            return None;
        }
        str::from_utf8(&self.value).ok()?.parse().ok()
    }
}

/// The options of one packet, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(Vec<TransferOption>);

impl Options {
    pub(super) fn parse<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut options = Vec::new();
        while options.len() < MAX_OPTIONS {
            let Some(name) = fields.next() else { break };
            if name.is_empty() {
                continue; // a stray NUL of an old phone
            }
            let Some(value) = fields.next() else { break };
            options.push(TransferOption {
                name: name.to_vec(),
                value: value.to_vec(),
            });
        }
        Self(options)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        for option in &self.0 {
            put_field(out, &option.name);
            put_field(out, &option.value);
        }
    }

    /// Adds an option at the end.
    pub fn push(&mut self, option: TransferOption) {
        self.0.push(option);
    }

    /// The same with one option more.
    #[must_use]
    pub fn with(mut self, kind: OptionKind, value: u64) -> Self {
        self.push(TransferOption::number(kind, value));
        self
    }

    /// The first option of that kind: each may be given once (RFC 2347), so
    /// later ones do not count.
    pub fn get(&self, kind: OptionKind) -> Option<&TransferOption> {
        self.iter().find(|option| option.kind() == Some(kind))
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, TransferOption> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Options {
    type Item = &'a TransferOption;
    type IntoIter = std::slice::Iter<'a, TransferOption>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<TransferOption> for Options {
    fn from_iter<I: IntoIterator<Item = TransferOption>>(options: I) -> Self {
        Self(options.into_iter().collect())
    }
}
