//! The records of a trust list: a certificate each, and what its owner is
//! trusted with.

use std::fmt;
use std::net::IpAddr;

use super::header::{Text, Unreadable, Unwritable, only};
use super::tlv::{self, Reader};

const LENGTH: u8 = 1;
const DNS_NAME: u8 = 2;
const SUBJECT: u8 = 3;
const ROLE: u8 = 4;
const ISSUER: u8 = 5;
const SERIAL: u8 = 6;
const PUBLIC_KEY: u8 = 7;
const SIGNATURE: u8 = 8;
const CERTIFICATE: u8 = 9;
const ADDRESS: u8 = 10;
const CERTIFICATE_HASH: u8 = 11;
const HASH_ALGORITHM: u8 = 12;

/// Records of a list, at most. A cluster of twenty nodes has some sixty.
const MOST_RECORDS: usize = 256;
/// Tags of a record besides the known ones, at most.
const MOST_OTHERS: usize = 32;

/// What the owner of a certificate is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// System administrator security token: may sign the next list.
    Sast,
    /// Signalling.
    Ccm,
    /// Signalling and configuration files.
    CcmTftp,
    /// Configuration files.
    Tftp,
    /// Certificates for phones.
    Capf,
    /// An application server.
    AppServer,
    /// Answers whether other certificates are to be trusted.
    Tvs,
    /// Another number.
    Other(u16),
}

impl Role {
    /// Whether its owner may sign configuration files: a phone that has one of
    /// these in its list asks for signed files only.
    pub fn signs_files(self) -> bool {
        matches!(self, Self::CcmTftp | Self::Tftp)
    }

    fn code(self) -> u16 {
        match self {
            Self::Sast => 0,
            Self::Ccm => 1,
            Self::CcmTftp => 2,
            Self::Tftp => 3,
            Self::Capf => 4,
            Self::AppServer => 7,
            Self::Tvs => 21,
            Self::Other(code) => code,
        }
    }

    fn of(code: u16) -> Self {
        match code {
            0 => Self::Sast,
            1 => Self::Ccm,
            2 => Self::CcmTftp,
            3 => Self::Tftp,
            4 => Self::Capf,
            7 => Self::AppServer,
            21 => Self::Tvs,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sast => "SAST (signs trust lists)",
            Self::Ccm => "CCM (signalling)",
            Self::CcmTftp => "CCM+TFTP (signalling, signs files)",
            Self::Tftp => "TFTP (signs files)",
            Self::Capf => "CAPF (makes certificates for phones)",
            Self::AppServer => "APP-SERVER",
            Self::Tvs => "TVS (answers for other certificates)",
            Self::Other(code) => return write!(f, "number {code}"),
        })
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The host that the certificate is for.
    pub dns_name: Option<Text>,
    /// Whose certificate it is.
    pub subject: Text,
    /// What he is trusted with.
    pub role: Role,
    /// Who made the certificate.
    pub issuer: Text,
    /// The serial number, octets as in the certificate.
    pub serial: Vec<u8>,
    /// RSA: `RSAPublicKey` of PKCS#1; elliptic curves: the uncompressed point.
    pub public_key: Vec<u8>,
    /// The signature that ends the certificate.
    pub signature: Vec<u8>,
    /// The certificate in DER; short lists leave it out.
    pub certificate: Option<Vec<u8>>,
    /// The address of its owner.
    pub address: Option<IpAddr>,
    /// A hash of the certificate.
    pub certificate_hash: Option<Vec<u8>>,
    /// Which hash that is.
    pub hash_algorithm: Option<u8>,
    /// Tags that are not known here.
    pub others: Vec<(u8, Vec<u8>)>,
}

/// The records of a trust list's body.
///
/// # Errors
/// [`Unreadable`], offsets counted from the beginning of `body`.
pub fn read_records(body: &[u8]) -> Result<Vec<Record>, Unreadable> {
    let mut records = Vec::new();
    let mut at = 0_usize;
    while at < body.len() {
        if records.len() == MOST_RECORDS {
            return Err(Unreadable::TooMany(MOST_RECORDS, "records"));
        }
        let (record, end) = read_one(body, at)?;
        records.push(record);
        at = end;
    }
    Ok(records)
}

/// The body of a trust list.
///
/// # Errors
/// When a record is longer than its length can say.
pub fn write_records(records: &[Record]) -> Result<Vec<u8>, Unwritable> {
    let mut body = Vec::new();
    for record in records {
        write_one(record, &mut body)?;
    }
    Ok(body)
}

fn write_one(record: &Record, body: &mut Vec<u8>) -> Result<(), Unwritable> {
    let mut out = Vec::with_capacity(2_048);
    if let Some(name) = &record.dns_name {
        name.put(&mut out, DNS_NAME)?;
    }
    record.subject.put(&mut out, SUBJECT)?;
    tlv::put(&mut out, ROLE, &record.role.code().to_be_bytes())?;
    record.issuer.put(&mut out, ISSUER)?;
    tlv::put(&mut out, SERIAL, &record.serial)?;
    tlv::put(&mut out, PUBLIC_KEY, &record.public_key)?;
    tlv::put(&mut out, SIGNATURE, &record.signature)?;
    if let Some(certificate) = &record.certificate {
        tlv::put(&mut out, CERTIFICATE, certificate)?;
    }
    match record.address {
        Some(IpAddr::V4(address)) => tlv::put(&mut out, ADDRESS, &address.octets())?,
        Some(IpAddr::V6(address)) => tlv::put(&mut out, ADDRESS, &address.octets())?,
        None => {}
    }
    if let Some(hash) = &record.certificate_hash {
        tlv::put(&mut out, CERTIFICATE_HASH, hash)?;
    }
    if let Some(algorithm) = record.hash_algorithm {
        tlv::put(&mut out, HASH_ALGORITHM, &[algorithm])?;
    }
    for (tag, value) in &record.others {
        tlv::put(&mut out, *tag, value)?;
    }
    // The length counts itself: five octets of tag, length and value.
    let length = u16::try_from(out.len().saturating_add(5)).map_err(|_| Unwritable)?;
    tlv::put(body, LENGTH, &length.to_be_bytes())?;
    body.extend(out);
    Ok(())
}

fn read_one(body: &[u8], at: usize) -> Result<(Record, usize), Unreadable> {
    let cut = || Unreadable::CutShort(at);
    let mut begin = Reader::new(body, at);
    let length = match begin.next() {
        Some(Ok(one)) if one.tag == LENGTH => two(one.tag, one.value)?,
        Some(Ok(_)) => return Err(Unreadable::Missing(LENGTH, "the length of a record")),
        _ => return Err(cut()),
    };
    let end = at.checked_add(usize::from(length)).ok_or_else(cut)?;
    let whole = body.get(..end).ok_or_else(cut)?;
    if end < begin.at() {
        return Err(cut());
    }
    Ok((fields(whole, begin.at())?, end))
}

fn fields(whole: &[u8], at: usize) -> Result<Record, Unreadable> {
    let (mut dns_name, mut subject, mut role, mut issuer) = (None, None, None, None);
    let (mut serial, mut public_key, mut signature) = (None, None, None);
    let (mut certificate, mut address) = (None, None);
    let (mut certificate_hash, mut hash_algorithm) = (None, None);
    let mut others = Vec::new();
    for one in Reader::new(whole, at) {
        let one = one?;
        let (tag, value) = (one.tag, one.value);
        match tag {
            LENGTH => return Err(Unreadable::Twice(tag)),
            DNS_NAME => only(&mut dns_name, tag, Text::read(value))?,
            SUBJECT => only(&mut subject, tag, Text::read(value))?,
            ROLE => only(&mut role, tag, Role::of(two(tag, value)?))?,
            ISSUER => only(&mut issuer, tag, Text::read(value))?,
            SERIAL => only(&mut serial, tag, value.to_vec())?,
            PUBLIC_KEY => only(&mut public_key, tag, value.to_vec())?,
            SIGNATURE => only(&mut signature, tag, value.to_vec())?,
            CERTIFICATE => only(&mut certificate, tag, value.to_vec())?,
            ADDRESS => only(&mut address, tag, ip_address(value)?)?,
            CERTIFICATE_HASH => only(&mut certificate_hash, tag, value.to_vec())?,
            HASH_ALGORITHM => match value {
                [code] => only(&mut hash_algorithm, tag, *code)?,
                _ => return Err(Unreadable::Length(tag, value.len())),
            },
            _ if others.len() == MOST_OTHERS => {
                return Err(Unreadable::TooMany(MOST_OTHERS, "unknown tags"));
            }
            _ => others.push((tag, value.to_vec())),
        }
    }
    Ok(Record {
        dns_name,
        subject: subject.ok_or(Unreadable::Missing(SUBJECT, "whose certificate it is"))?,
        role: role.ok_or(Unreadable::Missing(ROLE, "the role"))?,
        issuer: issuer.unwrap_or_default(),
        serial: serial.unwrap_or_default(),
        public_key: public_key.unwrap_or_default(),
        signature: signature.unwrap_or_default(),
        certificate,
        address,
        certificate_hash,
        hash_algorithm,
        others,
    })
}

fn two(tag: u8, value: &[u8]) -> Result<u16, Unreadable> {
    value
        .try_into()
        .map(u16::from_be_bytes)
        .map_err(|_| Unreadable::Length(tag, value.len()))
}

fn ip_address(value: &[u8]) -> Result<IpAddr, Unreadable> {
    if let Ok(four) = <[u8; 4]>::try_from(value) {
        return Ok(four.into());
    }
    <[u8; 16]>::try_from(value)
        .map(IpAddr::from)
        .map_err(|_| Unreadable::Length(ADDRESS, value.len()))
}
