//! Messages that are fields one after the other: told as a list, read and written by
//! it.
//!
//! Reading goes by what is there: a field that the sender left off reads as zero, and
//! one that its version should not have yet is taken. Writing goes by the version: a
//! field marked `from N` is left off below it, so that the message ends where
//! CallManager ends it. Fields may be marked so at the end only.

use std::net::{IpAddr, Ipv4Addr};

use super::buffer::{Reader, Writer};
use super::number::{CallRef, Instance};

/// A part of a body that knows how to read and write itself.
pub(super) trait Field: Sized {
    /// Zero where the sender left it off.
    fn read(r: &mut Reader<'_>) -> Self;
    fn write(&self, w: &mut Writer);
}

impl Field for u32 {
    fn read(r: &mut Reader<'_>) -> Self {
        r.or_zero()
    }

    fn write(&self, w: &mut Writer) {
        w.word(*self);
    }
}

impl Field for u16 {
    fn read(r: &mut Reader<'_>) -> Self {
        r.u16().unwrap_or_default()
    }

    fn write(&self, w: &mut Writer) {
        w.u16(*self);
    }
}

impl<const N: usize> Field for [u8; N] {
    fn read(r: &mut Reader<'_>) -> Self {
        r.array().unwrap_or([0; N])
    }

    fn write(&self, w: &mut Writer) {
        w.bytes(self);
    }
}

impl Field for Instance {
    fn read(r: &mut Reader<'_>) -> Self {
        Self(r.or_zero())
    }

    fn write(&self, w: &mut Writer) {
        w.word(self.0);
    }
}

impl Field for CallRef {
    fn read(r: &mut Reader<'_>) -> Self {
        Self(r.or_zero())
    }

    fn write(&self, w: &mut Writer) {
        w.word(self.0);
    }
}

/// Where media goes to or comes from: an address of 4 or 20 bytes, and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The address; IPv6 only from version 17 on.
    pub address: IpAddr,
    /// The UDP port; a word on the wire.
    pub port: u32,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            address: Ipv4Addr::UNSPECIFIED.into(),
            port: 0,
        }
    }
}

impl Field for Endpoint {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            address: r.address(),
            port: r.or_zero(),
        }
    }

    fn write(&self, w: &mut Writer) {
        w.address(self.address);
        w.word(self.port);
    }
}

/// Defines messages, or parts of them, as lists of fields.
macro_rules! layouts {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty $(, from $since:literal)?;)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::sccp::wire::layout::Field for $name {
            fn read(r: &mut $crate::sccp::wire::buffer::Reader<'_>) -> Self {
                Self {
                    $($field: $crate::sccp::wire::layout::Field::read(r),)*
                }
            }

            fn write(&self, w: &mut $crate::sccp::wire::buffer::Writer) {
                $($crate::sccp::wire::layout::layouts!(@write self.$field, w $(, $since)?);)*
            }
        }
    )*};
    (@write $value:expr, $w:ident) => {
        $crate::sccp::wire::layout::Field::write(&$value, $w);
    };
    (@write $value:expr, $w:ident, $since:literal) => {
        if $w.dialect.version.0 >= $since {
            $crate::sccp::wire::layout::Field::write(&$value, $w);
        }
    };
}

pub(in crate::sccp::wire) use layouts;
