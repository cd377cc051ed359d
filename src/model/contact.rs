//! The UUIDs that stand as the user part of SIP contacts.
//!
//! A phone in CCM mode repeats the `<contact>` of its line in every REGISTER.
//! We put the stamp of the file into it, so that each REGISTER tells which
//! file the phone holds, also after a restart of ours (RFC 9562 section 5.8:
//! version 8 is for such private layouts).

use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;

use super::{DeviceName, Stamp};

/// A UUID of ours: 60 bits of stamp, 62 bits that bind it to device and button.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContactId(u128);

/// What a contact says once it proved to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintedContact {
    /// The button the contact was minted for.
    pub button: u8,
    /// The stamp of the file it was written into.
    pub file: Stamp,
}

impl ContactId {
    /// The contact of `button` in the file with stamp `file` of `device`.
    pub fn mint(device: &DeviceName, button: u8, file: Stamp) -> Self {
        let stamp = u128::from(file.bits());
        let check = u128::from(check_bits(device, button, file));
        // 48 bits | version 8 | 12 bits | variant 10 | 62 bits
        let high = (stamp >> 12) << 80 | 0x8 << 76 | (stamp & 0xfff) << 64;
        Self(high | 0b10 << 62 | check)
    }

    /// Reads a contact of ours: `None` when we did not mint it for this device
    /// (the phone is *configured elsewhere*, or the name is not its own).
    pub fn read(self, device: &DeviceName, buttons: u8) -> Option<MintedContact> {
        // Other servers' contacts come in every refresh of their phones: they are told by version and variant,
        // before a hash is made for each button.
        if (self.0 >> 76) & 0xf != 0x8 || (self.0 >> 62) & 0b11 != 0b10 {
            return None;
        }
        let stamp = (self.0 >> 80) << 12 | (self.0 >> 64) & 0xfff;
        let file = Stamp::from_bits(u64::try_from(stamp & ((1 << Stamp::BITS) - 1)).ok()?);
        (1..=buttons.max(1))
            .find(|button| Self::mint(device, *button, file) == self)
            .map(|button| MintedContact { button, file })
    }
}

fn check_bits(device: &DeviceName, button: u8, file: Stamp) -> u64 {
    let mut hash = sha2::Sha256::new();
    hash.update(b"embody contact\0");
    hash.update(device.as_str());
    hash.update([0, button]);
    hash.update(file.bits().to_be_bytes());
    let bytes: [u8; 32] = hash.finalize().into();
    let mut head = [0u8; 8];
    head.copy_from_slice(&bytes[..8]);
    u64::from_be_bytes(head) >> 2
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        let groups = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        f.write_str(&groups.join("-"))
    }
}

impl fmt::Debug for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ContactId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 36 && [8, 13, 18, 23].iter().all(|i| bytes[*i] == b'-');
        if !shape {
            return Err(());
        }
        let hex: String = text.chars().filter(|c| *c != '-').collect();
        if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(());
        }
        u128::from_str_radix(&hex, 16).map(Self).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_contact_tells_button_and_file_of_its_device_alone() {
        let device = DeviceName::new("SEP001122334455").unwrap();
        let other = DeviceName::new("SEP001122334456").unwrap();
        let file = Stamp::from_bits(0x0123_4567_89ab_cdef);
        let contact = ContactId::mint(&device, 3, file);
        let text = contact.to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(&text[14..15], "8", "version 8 in {text}");
        let read: ContactId = text.parse().unwrap();
        assert_eq!(
            read.read(&device, 10),
            Some(MintedContact { button: 3, file })
        );
        assert_eq!(read.read(&other, 10), None);
        assert_eq!(read.read(&device, 2), None, "no such button");
    }

    #[test]
    fn foreign_uuids_are_not_ours() {
        let device = DeviceName::new("SEP001122334455").unwrap();
        let foreign: ContactId = "04984998-fe29-08c0-6d47-5593bf4ce606".parse().unwrap();
        assert_eq!(foreign.read(&device, 50), None);
        assert!("1001".parse::<ContactId>().is_err());
        assert!(
            "0498499é-fe29-08c0-6d47-5593bf4ce60"
                .parse::<ContactId>()
                .is_err()
        );
    }
}
