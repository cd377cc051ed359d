//! Certificates: read from files of an operator, and made when a site key is.

use std::str::FromStr as _;
use std::time::Duration;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use x509_cert::der::asn1::{BitString, GeneralizedTime, Ia5String, UtcTime};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::{rfc4519, rfc5280, rfc5912};
use x509_cert::der::pem::{LineEnding, encode_string};
use x509_cert::der::{Any, Decode as _, Encode as _, Error};
use x509_cert::ext::AsExtension as _;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
};
use x509_cert::name::RdnSequence;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};
use x509_cert::{TbsCertificate, Version};

use super::header::{Signer, Text};
use super::record::{Record, Role};
use crate::model::Timestamp;

/// How long a certificate of ours is valid: a trust list is renewed at every
/// desk by hand, so longer than the phones will last.
const VALID: Duration = Duration::from_secs(25 * 365 * 86_400);
/// How long before it is made: clocks of phones are set late.
const BEFORE: Duration = Duration::from_secs(86_400);

/// Why a certificate cannot stand in a trust list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It is none.
    #[error("it is no certificate in PEM")]
    NoCertificate,
    /// Phones want these in the subject.
    #[error("its subject has no {0}; phones want CN, O and OU")]
    Lacks(&'static str),
    /// Neither RSA nor a curve that phones know.
    #[error("its key is neither RSA of at most 2048 bits nor of the curves P-256, P-384, P-521")]
    Key,
}

/// What a public key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    Elliptic,
}

/// A certificate, and what a trust list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: Text,
    issuer: Text,
    serial: Vec<u8>,
    public_key: Vec<u8>,
    signature: Vec<u8>,
    kind: KeyKind,
    not_after: Duration,
}

impl Certificate {
    /// The first certificate of a PEM file.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_pem(text: &[u8]) -> Result<Self, CertificateError> {
        let der = CertificateDer::from_pem_slice(text);
        Self::from_der(&der.map_err(|_| CertificateError::NoCertificate)?)
    }

    /// A certificate in DER, whatever phones think of it.
    fn read(der: &[u8]) -> Result<(Self, x509_cert::Certificate), CertificateError> {
        let read = x509_cert::Certificate::from_der(der);
        let read = read.map_err(|_| CertificateError::NoCertificate)?;
        let inner = &read.tbs_certificate;
        let key = &inner.subject_public_key_info;
        let kind = if key.algorithm.oid == rfc5912::RSA_ENCRYPTION {
            KeyKind::Rsa
        } else {
            KeyKind::Elliptic
        };
        let this = Self {
            der: der.to_vec(),
            subject: told(&inner.subject),
            issuer: told(&inner.issuer),
            serial: inner.serial_number.as_bytes().to_vec(),
            public_key: key.subject_public_key.raw_bytes().to_vec(),
            signature: read.signature.raw_bytes().to_vec(),
            kind,
            not_after: inner.validity.not_after.to_unix_duration(),
        };
        Ok((this, read))
    }

    /// A certificate in DER that phones take.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (this, read) = Self::read(der)?;
        for (oid, name) in [(rfc4519::CN, "CN"), (rfc4519::O, "O"), (rfc4519::OU, "OU")] {
            let mut attributes = read
                .tbs_certificate
                .subject
                .0
                .iter()
                .flat_map(|r| r.0.iter());
            if !attributes.any(|attribute| attribute.oid == oid) {
                return Err(CertificateError::Lacks(name));
            }
        }
        // A modulus of 2048 bits makes an `RSAPublicKey` of 270 octets; a
        // point is an octet and two coordinates.
        let fits = match this.kind {
            KeyKind::Rsa => this.public_key.len() <= 270,
            KeyKind::Elliptic => matches!(this.public_key.len(), 65 | 97 | 133),
        };
        if fits {
            Ok(this)
        } else {
            Err(CertificateError::Key)
        }
    }

    /// In DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whose it is.
    pub fn subject(&self) -> &Text {
        &self.subject
    }

    /// Its serial number, octets.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The end of its life, since 1970.
    pub fn not_after(&self) -> Duration {
        self.not_after
    }

    /// As trust lists hold it: `RSAPublicKey`, or a point.
    pub(super) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    pub(super) fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Its owner as a signer.
    pub(super) fn signer(&self) -> Signer {
        Signer {
            subject: self.subject.clone(),
            issuer: self.issuer.clone(),
            serial: self.serial.clone(),
        }
    }

    /// Its owner in a trust list.
    pub(super) fn record(&self, role: Role) -> Record {
        Record {
            dns_name: None,
            subject: self.subject.clone(),
            role,
            issuer: self.issuer.clone(),
            serial: self.serial.clone(),
            public_key: self.public_key.clone(),
            signature: self.signature.clone(),
            certificate: Some(self.der.clone()),
            address: None,
            certificate_hash: None,
            hash_algorithm: None,
            others: Vec::new(),
        }
    }

    /// What is wrong with a record that claims to be of a certificate.
    pub(super) fn faults(record: &Record) -> Vec<String> {
        let Some(der) = &record.certificate else {
            return Vec::new();
        };
        let read = match Self::from_der(der) {
            Ok(read) => read,
            Err(why) => return vec![format!("the certificate of {}: {why}", record.subject)],
        };
        let mut faults = Vec::new();
        for (same, what) in [
            (read.serial == record.serial, "serial number"),
            (read.public_key == record.public_key, "public key"),
            (read.signature == record.signature, "signature"),
        ] {
            if !same {
                faults.push(format!(
                    "the {what} in the record of {} is not that of its certificate",
                    record.subject
                ));
            }
        }
        faults
    }
}

/// A name as Cisco's files tell it: the last first, semicolons between.
fn told(name: &RdnSequence) -> Text {
    let parts: Vec<String> = name.0.iter().rev().map(ToString::to_string).collect();
    Text::new(&parts.join(";"))
}

/// Who signs: what stands in the subject of the certificates that are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// CN.
    pub name: String,
    /// OU.
    pub unit: String,
    /// O.
    pub organization: String,
}

impl Owner {
    /// What is wrong with a part of a name: phones compare them octet by octet,
    /// so only what is written the same everywhere is taken.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self) -> Result<(), String> {
        for (key, value) in [
            ("name", &self.name),
            ("unit", &self.unit),
            ("organization", &self.organization),
        ] {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'.' | b'-' | b'_');
            let trimmed = value.trim();
            if value.is_empty() || value.len() > 64 || trimmed != value || !value.bytes().all(plain)
            {
                return Err(format!(
                    "--{key} {value:?}: 1 to 64 of A-Z, a-z, 0-9, blank, dot, dash and underscore \
                     are taken"
                ));
            }
        }
        Ok(())
    }

    fn distinguished(&self) -> Result<RdnSequence, Error> {
        RdnSequence::from_str(&format!(
            "CN={},OU={},O={}",
            self.name, self.unit, self.organization
        ))
    }
}

/// What a certificate is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Signs files, with an RSA key.
    Signing,
    /// Serves HTTPS, with a key of the curve P-256.
    Serving,
}

/// A certificate that signs itself. `public_key` is as trust lists hold it.
pub(super) fn self_signed<F>(
    owner: &Owner,
    purpose: Purpose,
    serial: [u8; 16],
    public_key: &[u8],
    now: Timestamp,
    sign: F,
) -> Result<Vec<u8>, Error>
where
    F: FnOnce(&[u8]) -> Option<Vec<u8>>,
{
    let (key_algorithm, algorithm) = match purpose {
        Purpose::Signing => (
            algorithm(rfc5912::RSA_ENCRYPTION, Some(Any::null())),
            algorithm(rfc5912::SHA_256_WITH_RSA_ENCRYPTION, Some(Any::null())),
        ),
        Purpose::Serving => (
            algorithm(
                rfc5912::ID_EC_PUBLIC_KEY,
                Some(Any::encode_from(&rfc5912::SECP_256_R_1)?),
            ),
            algorithm(rfc5912::ECDSA_WITH_SHA_256, None),
        ),
    };
    let subject = owner.distinguished()?;
    let since_1970 = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let usage = KeyUsage(KeyUsages::DigitalSignature.into());
    let constraints = BasicConstraints {
        ca: false,
        path_len_constraint: None,
    };
    let mut extensions = vec![
        constraints.to_extension(&subject, &[])?,
        usage.to_extension(&subject, &[])?,
    ];
    if purpose == Purpose::Serving {
        let server = ExtendedKeyUsage(vec![rfc5280::ID_KP_SERVER_AUTH]);
        extensions.push(server.to_extension(&subject, &[])?);
        // Phones look into their trust list; this is for other people's tools.
        if let Ok(name) = Ia5String::new(&owner.name) {
            let names = SubjectAltName(vec![GeneralName::DnsName(name)]);
            extensions.push(names.to_extension(&subject, &[])?);
        }
    }
    let inner = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&positive(serial))?,
        signature: algorithm.clone(),
        issuer: subject.clone(),
        validity: Validity {
            not_before: time(since_1970.saturating_sub(BEFORE))?,
            not_after: time(since_1970.saturating_add(VALID))?,
        },
        subject,
        subject_public_key_info: SubjectPublicKeyInfoOwned {
            algorithm: key_algorithm,
            subject_public_key: BitString::from_bytes(public_key)?,
        },
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signed = inner.to_der()?;
    let signature = sign(&signed).ok_or(x509_cert::der::ErrorKind::Failed)?;
    x509_cert::Certificate {
        tbs_certificate: inner,
        signature_algorithm: algorithm,
        signature: BitString::from_bytes(&signature)?,
    }
    .to_der()
}

fn algorithm(oid: ObjectIdentifier, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters }
}

/// A serial number whose octets are the same everywhere: the first is neither
/// zero nor makes the number negative.
fn positive(mut serial: [u8; 16]) -> [u8; 16] {
    let [first, ..] = &mut serial;
    *first = *first & 0x3f | 0x40;
    serial
}

/// Two digits of a year up to 2049, four after it (RFC 5280, section 4.1.2.5).
fn time(since_1970: Duration) -> Result<Time, Error> {
    UtcTime::from_unix_duration(since_1970)
        .map(Time::UtcTime)
        .or_else(|_| GeneralizedTime::from_unix_duration(since_1970).map(Time::GeneralTime))
}

/// DER in PEM.
pub(super) fn pem(label: &str, der: &[u8]) -> Result<String, Error> {
    Ok(encode_string(label, LineEnding::LF, der)?)
}
