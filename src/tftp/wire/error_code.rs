//! The codes of an ERROR packet.

use std::fmt;

/// Code of an ERROR packet (RFC 1350 appendix, RFC 2347 for 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 0: only the text says what happened.
    NotDefined,
    /// 1: phones then go on with the next file.
    FileNotFound,
    /// 2.
    AccessViolation,
    /// 3: disk full or allocation exceeded.
    DiskFull,
    /// 4.
    IllegalOperation,
    /// 5: a packet from a port that takes no part in the transfer.
    UnknownTransferId,
    /// 6.
    FileExists,
    /// 7.
    NoSuchUser,
    /// 8: the options are not acceptable.
    OptionsRefused,
    /// A code that no RFC gives a meaning.
    Other(u16),
}

impl From<u16> for ErrorCode {
    fn from(code: u16) -> Self {
        match code {
            0 => Self::NotDefined,
            1 => Self::FileNotFound,
            2 => Self::AccessViolation,
            3 => Self::DiskFull,
            4 => Self::IllegalOperation,
            5 => Self::UnknownTransferId,
            6 => Self::FileExists,
            7 => Self::NoSuchUser,
            8 => Self::OptionsRefused,
            other => Self::Other(other),
        }
    }
}

impl From<ErrorCode> for u16 {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::NotDefined => 0,
            ErrorCode::FileNotFound => 1,
            ErrorCode::AccessViolation => 2,
            ErrorCode::DiskFull => 3,
            ErrorCode::IllegalOperation => 4,
            ErrorCode::UnknownTransferId => 5,
            ErrorCode::FileExists => 6,
            ErrorCode::NoSuchUser => 7,
            ErrorCode::OptionsRefused => 8,
            ErrorCode::Other(other) => other,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDefined => f.write_str("error 0"),
            Self::FileNotFound => f.write_str("error 1 (file not found)"),
            Self::AccessViolation => f.write_str("error 2 (access violation)"),
            Self::DiskFull => f.write_str("error 3 (disk full)"),
            Self::IllegalOperation => f.write_str("error 4 (illegal operation)"),
            Self::UnknownTransferId => f.write_str("error 5 (unknown transfer ID)"),
            Self::FileExists => f.write_str("error 6 (file exists)"),
            Self::NoSuchUser => f.write_str("error 7 (no such user)"),
            Self::OptionsRefused => f.write_str("error 8 (options refused)"),
            Self::Other(code) => write!(f, "error {code}"),
        }
    }
}
