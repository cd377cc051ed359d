//! The site key: what signs, and the check of what others signed.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{self, RsaEncoding, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm};
use rsa::pkcs1::EncodeRsaPublicKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use super::header::{HashAlgorithm, Modulus};

/// Bits of a site key: phones take no longer one in a trust list.
const BITS: usize = 2_048;

/// `DigestInfo` of PKCS#1 (RFC 8017, section 9.2, note 1) up to a SHA-1 hash.
const SHA1_PREFIX: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is none, or not one that phones take.
    #[error("it is no RSA key of {BITS} bits in PKCS#8")]
    Unusable,
    /// No key could be made.
    #[error("the system could make no key")]
    NotMade,
    /// It would not sign.
    #[error("the key did not sign")]
    NotSigned,
}

/// An RSA key of 2048 bits. Never shown.
pub struct SiteKey {
    /// Signs SHA-256 and SHA-512.
    modern: RsaKeyPair,
    /// Signs SHA-1, which the other does not.
    old: RsaPrivateKey,
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey")
    }
}

impl SiteKey {
    /// A new one, and its PKCS#8 in DER. Takes a second or so.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub(super) fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), KeyError> {
        let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|_| KeyError::NotMade)?;
        let der = key.to_pkcs8_der().map_err(|_| KeyError::NotMade)?;
        let der = Zeroizing::new(der.as_bytes().to_vec());
        Ok((Self::from_pkcs8(&der)?, der))
    }

    /// The key of a PKCS#8 in DER.
    ///
    /// # Errors
    /// [`KeyError::Unusable`].
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let modern = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError::Unusable)?;
        let old = RsaPrivateKey::from_pkcs8_der(der).map_err(|_| KeyError::Unusable)?;
        if modern.public().modulus_len() != BITS / 8 {
            return Err(KeyError::Unusable);
        }
        Ok(Self { modern, old })
    }

    /// Its size, as headers tell it.
    pub(super) const MODULUS: Modulus = Modulus::Bits2048;

    /// Octets of a signature.
    pub(super) const SIGNATURE: usize = BITS / 8;

    /// `RSAPublicKey` of PKCS#1 in DER.
    pub(super) fn public(&self) -> Result<Vec<u8>, KeyError> {
        let public = self.old.to_public_key().to_pkcs1_der();
        public
            .map(|der| der.as_bytes().to_vec())
            .map_err(|_| KeyError::Unusable)
    }

    /// RSA PKCS#1 v1.5.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the system has no randomness to blind with.
    pub(super) fn sign(&self, hash: HashAlgorithm, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        let modern: &'static dyn RsaEncoding = match hash {
            HashAlgorithm::Sha1 => return self.sign_sha1(octets),
            HashAlgorithm::Sha256 => &signature::RSA_PKCS1_SHA256,
            HashAlgorithm::Sha512 => &signature::RSA_PKCS1_SHA512,
        };
        let mut signature = vec![0; self.modern.public().modulus_len()];
        self.modern
            .sign(modern, &SystemRandom::new(), octets, &mut signature)
            .map_err(|_| KeyError::NotSigned)?;
        Ok(signature)
    }

    /// Blinded: how long it takes tells nothing of the key.
    fn sign_sha1(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        let padding = Pkcs1v15Sign {
            hash_len: Some(20),
            prefix: SHA1_PREFIX.into(),
        };
        self.old
            .sign_with_rng(&mut OsRng, padding, &Sha1::digest(octets))
            .map_err(|_| KeyError::NotSigned)
    }
}

/// Whether `signature` over `octets` is of this `RSAPublicKey` (PKCS#1, DER),
/// of 1024 to 8192 bits.
pub(super) fn is_signed_by(
    public_key: &[u8],
    hash: HashAlgorithm,
    octets: &[u8],
    signature: &[u8],
) -> bool {
    let algorithm: &'static dyn VerificationAlgorithm = match hash {
        HashAlgorithm::Sha1 => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        HashAlgorithm::Sha256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        HashAlgorithm::Sha512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    };
    UnparsedPublicKey::new(algorithm, public_key)
        .verify(octets, signature)
        .is_ok()
}
