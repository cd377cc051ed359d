//! The header in front of every signed file: who signed it, how, when, and
//! under which name the phone asked for it.
//!
//! One layout for trust lists (`.tlv`), signed configuration (`.sgn`) and
//! descriptors of firmware (`.loads`). What follows the header is the body:
//! records in a trust list, the file itself in the others.

use std::fmt;
use std::ops::Range;

use super::tlv::{self, CutShort, Reader, TooLong};

const VERSION: u8 = 1;
const HEADER_LENGTH: u8 = 2;
const SIGNER: u8 = 3;
const SIGNER_NAME: u8 = 4;
const SERIAL: u8 = 5;
const ISSUER: u8 = 6;
const SIGNATURE_INFO: u8 = 7;
const HASH: u8 = 8;
const ALGORITHM: u8 = 9;
const SIGNATURE_ALGORITHM: u8 = 10;
const MODULUS: u8 = 11;
const SIGNATURE: u8 = 12;
const FILE_NAME: u8 = 14;
const TIMESTAMP: u8 = 15;
const SIGNER_VERSION: u8 = 28;

/// RSA, the only signature that phones know in such files.
const RSA: u8 = 0;
/// Tags besides the known ones that a header may hold.
const MOST_OTHERS: usize = 32;

/// Why some bytes are no signed file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It does not begin as one.
    #[error("this is no signed file: it does not begin with a version and the length of a header")]
    NotSigned,
    /// The header is longer than the file, or shorter than its own beginning.
    #[error("the header claims {0} octets, which cannot be")]
    HeaderLength(u16),
    /// A tag without its whole value.
    #[error("the tag at offset {0} claims more octets than there are")]
    CutShort(usize),
    /// A tag that is needed.
    #[error("tag {0} ({1}) is missing")]
    Missing(u8, &'static str),
    /// A tag that stands there twice.
    #[error("tag {0} stands there twice")]
    Twice(u8),
    /// A value of another length than it must have.
    #[error("tag {0} has a value of {1} octets")]
    Length(u8, usize),
    /// A signature that is not RSA, or a hash that is not known.
    #[error("tag {0} says {1}, which is not known")]
    Unknown(u8, u8),
    /// More of something than any phone would take.
    #[error("there are more than {0} {1}")]
    TooMany(usize, &'static str),
}

impl From<CutShort> for Unreadable {
    fn from(cut: CutShort) -> Self {
        Self::CutShort(cut.at)
    }
}

/// Something is too long for the length that stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name or certificate is too long for a signed file")]
pub struct Unwritable;

impl From<TooLong> for Unwritable {
    fn from(_: TooLong) -> Self {
        Self
    }
}

/// Text of a signed file, without the NUL that ends it there. Phones compare
/// its octets, so that nothing in it is mended.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<u8>);

impl Text {
    /// This text.
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    pub(super) fn read(value: &[u8]) -> Self {
        Self(value.strip_suffix(&[0]).unwrap_or(value).to_vec())
    }

    pub(super) fn put(&self, out: &mut Vec<u8>, tag: u8) -> Result<(), TooLong> {
        let mut value = self.0.clone();
        value.push(0);
        tlv::put(out, tag, &value)
    }

    /// Whether it is this text.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text.as_bytes()
    }
}

/// Safe to print: what is no printable character is escaped.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in String::from_utf8_lossy(&self.0).chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Major and minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u8, pub u8);

impl Version {
    /// Of a trust list.
    pub const TRUST_LIST: Self = Self(1, 2);
    /// Of a signed file.
    pub const SIGNED_FILE: Self = Self(1, 0);
    /// A signer that does what phones always knew.
    pub const BASIC_SIGNER: Self = Self(1, 0);
    /// A signer whose phones fetch their configuration over HTTPS.
    pub const ADVANCED_SIGNER: Self = Self(1, 1);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// What is signed is a hash of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HashAlgorithm {
    /// What every phone takes, and 79xx take nothing else.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512, of CallManager 12 and later.
    Sha512,
}

impl HashAlgorithm {
    fn code(self) -> u8 {
        match self {
            Self::Sha1 => 1,
            Self::Sha256 => 2,
            Self::Sha512 => 3,
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// How long the modulus of the signer's RSA key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modulus {
    /// 512 bits.
    Bits512,
    /// 1024 bits.
    Bits1024,
    /// 2048 bits.
    Bits2048,
    /// 4096 bits.
    Bits4096,
}

impl Modulus {
    const ALL: [Self; 4] = [
        Self::Bits512,
        Self::Bits1024,
        Self::Bits2048,
        Self::Bits4096,
    ];

    /// Its bits; a signature has an eighth of it in octets.
    pub fn bits(self) -> u16 {
        match self {
            Self::Bits512 => 512,
            Self::Bits1024 => 1024,
            Self::Bits2048 => 2048,
            Self::Bits4096 => 4096,
        }
    }

    fn code(self) -> u8 {
        self as u8
    }
}

/// Who signed: the names and the serial number of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Whose certificate it is.
    pub subject: Text,
    /// Who made it.
    pub issuer: Text,
    /// Its serial number, octets as in the certificate.
    pub serial: Vec<u8>,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Of the layout.
    pub version: Version,
    /// Only in trust lists.
    pub signer_version: Option<Version>,
    /// Who signed.
    pub signer: Signer,
    /// The hash that is signed.
    pub hash: HashAlgorithm,
    /// The size of the signer's key.
    pub modulus: Modulus,
    /// RSA PKCS#1 v1.5 over the whole file without this value, its tag and its
    /// length.
    pub signature: Vec<u8>,
    /// The name under which phones ask for it.
    pub file_name: Option<Text>,
    /// When it was signed, in seconds since 1970.
    pub timestamp: Option<u32>,
    /// Tags that are not known here, for example those of encrypted files.
    pub others: Vec<(u8, Vec<u8>)>,
}

/// A file that was taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedFile<'a> {
    /// Its header.
    pub header: Header,
    /// What follows it.
    pub body: &'a [u8],
    data: &'a [u8],
    signature: Range<usize>,
}

impl<'a> SignedFile<'a> {
    /// Takes a file apart. Says nothing of whether its signature is right.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(data: &'a [u8]) -> Result<Self, Unreadable> {
        let mut begin = Reader::new(data, 0);
        let mut two_octets = |tag| match begin.next() {
            Some(Ok(one)) if one.tag == tag => pair(one.tag, one.value),
            _ => Err(Unreadable::NotSigned),
        };
        let version = two_octets(VERSION)?;
        let length = u16::from_be_bytes(two_octets(HEADER_LENGTH)?);
        let wrong = || Unreadable::HeaderLength(length);
        let whole = data.get(..usize::from(length)).ok_or_else(wrong)?;
        let body = data.get(usize::from(length)..).unwrap_or_default();
        if begin.at() > whole.len() {
            return Err(wrong());
        }
        let (header, signature) = fields(Version(version[0], version[1]), whole, begin.at())?;
        Ok(Self {
            header,
            body,
            data,
            signature,
        })
    }

    /// What was signed: the file without its signature, tag and length of that
    /// included.
    pub fn signed_octets(&self) -> Vec<u8> {
        let mut octets = self.data.to_vec();
        octets.drain(self.signature.clone());
        octets
    }
}

/// A header that is not signed yet.
pub(super) struct Unsigned {
    octets: Vec<u8>,
    signature_at: usize,
}

impl Header {
    /// Everything but the signature, of which only the length counts.
    pub(super) fn unsigned(&self) -> Result<Unsigned, Unwritable> {
        let mut out = Vec::with_capacity(512);
        tlv::put(&mut out, VERSION, &[self.version.0, self.version.1])?;
        tlv::put(&mut out, HEADER_LENGTH, &[0, 0])?;
        if let Some(version) = self.signer_version {
            tlv::put(&mut out, SIGNER_VERSION, &[version.0, version.1])?;
        }
        let mut signer = Vec::new();
        self.signer.subject.put(&mut signer, SIGNER_NAME)?;
        tlv::put(&mut signer, SERIAL, &self.signer.serial)?;
        self.signer.issuer.put(&mut signer, ISSUER)?;
        tlv::put(&mut out, SIGNER, &signer)?;
        let mut algorithm = Vec::new();
        tlv::put(&mut algorithm, SIGNATURE_ALGORITHM, &[RSA])?;
        tlv::put(&mut algorithm, MODULUS, &[self.modulus.code()])?;
        let mut info = Vec::new();
        tlv::put(&mut info, HASH, &[self.hash.code()])?;
        tlv::put(&mut info, ALGORITHM, &algorithm)?;
        tlv::put(&mut out, SIGNATURE_INFO, &info)?;
        let signature_at = out.len();
        if let Some(name) = &self.file_name {
            name.put(&mut out, FILE_NAME)?;
        }
        if let Some(time) = self.timestamp {
            tlv::put(&mut out, TIMESTAMP, &time.to_be_bytes())?;
        }
        for (tag, value) in &self.others {
            tlv::put(&mut out, *tag, value)?;
        }
        let signature = 3_usize.saturating_add(self.signature.len());
        while out.len().saturating_add(signature) % 4 != 0 {
            out.push(tlv::PADDING);
        }
        let length = out.len().saturating_add(signature);
        let length = u16::try_from(length).map_err(|_| Unwritable)?;
        // Where the value of the second tag stands.
        if let Some(value) = out.get_mut(8..10) {
            value.copy_from_slice(&length.to_be_bytes());
        }
        Ok(Unsigned {
            octets: out,
            signature_at,
        })
    }

    /// The octets of the header.
    ///
    /// # Errors
    /// When it is longer than its length can say.
    pub fn write(&self) -> Result<Vec<u8>, Unwritable> {
        self.unsigned()?.with(&self.signature)
    }
}

impl Unsigned {
    /// What is signed: this header and the body after it.
    pub(super) fn before(&self, body: &[u8]) -> Vec<u8> {
        [&self.octets, body].concat()
    }

    /// The header with its signature, which must have the length that was
    /// counted on.
    pub(super) fn with(mut self, signature: &[u8]) -> Result<Vec<u8>, Unwritable> {
        let mut one = Vec::with_capacity(signature.len().saturating_add(3));
        tlv::put(&mut one, SIGNATURE, signature)?;
        self.octets
            .splice(self.signature_at..self.signature_at, one);
        Ok(self.octets)
    }
}

fn pair(tag: u8, value: &[u8]) -> Result<[u8; 2], Unreadable> {
    value
        .try_into()
        .map_err(|_| Unreadable::Length(tag, value.len()))
}

fn one(tag: u8, value: &[u8]) -> Result<u8, Unreadable> {
    match value {
        [one] => Ok(*one),
        _ => Err(Unreadable::Length(tag, value.len())),
    }
}

/// Puts what was read into its place, once.
pub(super) fn only<T>(place: &mut Option<T>, tag: u8, value: T) -> Result<(), Unreadable> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Unreadable::Twice(tag)),
    }
}

fn fields(version: Version, whole: &[u8], at: usize) -> Result<(Header, Range<usize>), Unreadable> {
    let (mut signer_version, mut signer, mut info) = (None, None, None);
    let (mut signature, mut file_name, mut timestamp) = (None, None, None);
    let mut others = Vec::new();
    for tlv in Reader::new(whole, at).padded() {
        let tlv = tlv?;
        let (tag, value) = (tlv.tag, tlv.value);
        match tag {
            SIGNER_VERSION => {
                let [major, minor] = pair(tag, value)?;
                only(&mut signer_version, tag, Version(major, minor))?;
            }
            SIGNER => only(&mut signer, tag, read_signer(value)?)?,
            SIGNATURE_INFO => only(&mut info, tag, signature_info(value)?)?,
            SIGNATURE => only(&mut signature, tag, (value.to_vec(), tlv.span))?,
            FILE_NAME => only(&mut file_name, tag, Text::read(value))?,
            TIMESTAMP => {
                let octets: [u8; 4] = value
                    .try_into()
                    .map_err(|_| Unreadable::Length(tag, value.len()))?;
                only(&mut timestamp, tag, u32::from_be_bytes(octets))?;
            }
            VERSION | HEADER_LENGTH => return Err(Unreadable::Twice(tag)),
            _ if others.len() == MOST_OTHERS => {
                return Err(Unreadable::TooMany(MOST_OTHERS, "unknown tags"));
            }
            _ => others.push((tag, value.to_vec())),
        }
    }
    let (hash, modulus) = info.ok_or(Unreadable::Missing(SIGNATURE_INFO, "how it is signed"))?;
    let (signature, span) = signature.ok_or(Unreadable::Missing(SIGNATURE, "the signature"))?;
    let header = Header {
        version,
        signer_version,
        signer: signer.ok_or(Unreadable::Missing(SIGNER, "who signed it"))?,
        hash,
        modulus,
        signature,
        file_name,
        timestamp,
        others,
    };
    Ok((header, span))
}

fn read_signer(value: &[u8]) -> Result<Signer, Unreadable> {
    let (mut subject, mut issuer, mut serial) = (None, None, None);
    for tlv in Reader::new(value, 0) {
        let tlv = tlv?;
        match tlv.tag {
            SIGNER_NAME => only(&mut subject, tlv.tag, Text::read(tlv.value))?,
            ISSUER => only(&mut issuer, tlv.tag, Text::read(tlv.value))?,
            SERIAL => only(&mut serial, tlv.tag, tlv.value.to_vec())?,
            other => return Err(Unreadable::Unknown(SIGNER, other)),
        }
    }
    Ok(Signer {
        subject: subject.ok_or(Unreadable::Missing(SIGNER_NAME, "the signer's name"))?,
        issuer: issuer.ok_or(Unreadable::Missing(ISSUER, "the issuer's name"))?,
        serial: serial.ok_or(Unreadable::Missing(SERIAL, "the serial number"))?,
    })
}

fn signature_info(value: &[u8]) -> Result<(HashAlgorithm, Modulus), Unreadable> {
    let (mut hash, mut algorithm) = (None, None);
    for tlv in Reader::new(value, 0) {
        let tlv = tlv?;
        match tlv.tag {
            HASH => {
                let known = match one(HASH, tlv.value)? {
                    1 => HashAlgorithm::Sha1,
                    2 => HashAlgorithm::Sha256,
                    3 => HashAlgorithm::Sha512,
                    other => return Err(Unreadable::Unknown(HASH, other)),
                };
                only(&mut hash, HASH, known)?;
            }
            ALGORITHM => only(&mut algorithm, ALGORITHM, modulus(tlv.value)?)?,
            other => return Err(Unreadable::Unknown(SIGNATURE_INFO, other)),
        }
    }
    Ok((
        hash.ok_or(Unreadable::Missing(HASH, "the hash"))?,
        algorithm.ok_or(Unreadable::Missing(ALGORITHM, "the algorithm"))?,
    ))
}

fn modulus(value: &[u8]) -> Result<Modulus, Unreadable> {
    let (mut algorithm, mut modulus) = (None, None);
    for tlv in Reader::new(value, 0) {
        let tlv = tlv?;
        match tlv.tag {
            SIGNATURE_ALGORITHM => {
                let code = one(tlv.tag, tlv.value)?;
                if code != RSA {
                    return Err(Unreadable::Unknown(SIGNATURE_ALGORITHM, code));
                }
                only(&mut algorithm, tlv.tag, ())?;
            }
            MODULUS => {
                let code = one(tlv.tag, tlv.value)?;
                let known = Modulus::ALL.get(usize::from(code)).copied();
                let known = known.ok_or(Unreadable::Unknown(MODULUS, code))?;
                only(&mut modulus, tlv.tag, known)?;
            }
            other => return Err(Unreadable::Unknown(ALGORITHM, other)),
        }
    }
    algorithm.ok_or(Unreadable::Missing(SIGNATURE_ALGORITHM, "the algorithm"))?;
    modulus.ok_or(Unreadable::Missing(MODULUS, "the size of the key"))
}
