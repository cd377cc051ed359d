//! `DATA/trust`: the site key, the certificates, and the trust list as phones
//! have it.
//!
//! | file | holds |
//! |---|---|
//! | `site.key`, `site.pem` | the key that signs everything, and its certificate |
//! | `https.key`, `https.pem` | the key of the HTTPS port, and its certificate |
//! | `sast.pem`, `ccm.pem`, `tftp.pem`, `capf.pem`, `tvs.pem` | certificates of others whom phones shall trust; put there by an operator |
//! | `ITLFile.tlv` | the trust list that is served |

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use super::certificate::{
    Certificate, CertificateError, KeyKind, Owner, Purpose, pem, self_signed,
};
use super::header::HashAlgorithm;
use super::key::{KeyError, SiteKey};
use super::record::Role;
use crate::model::Timestamp;

const FOLDER: &str = "trust";
const KEY: &str = "site.key";
const CERTIFICATE: &str = "site.pem";
const WEB_KEY: &str = "https.key";
const WEB_CERTIFICATE: &str = "https.pem";
const LIST: &str = "ITLFile.tlv";

/// Certificates that an operator may put beside ours.
const OTHERS: [(&str, Role); 5] = [
    ("sast.pem", Role::Sast),
    ("ccm.pem", Role::Ccm),
    ("tftp.pem", Role::Tftp),
    ("capf.pem", Role::Capf),
    ("tvs.pem", Role::Tvs),
];

/// The longest file that is read here, in bytes.
const LONGEST: u64 = 1 << 20;

/// Why the folder cannot be used: one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// It holds something already.
    #[error(
        "{} exists already, and phones that took its trust list obey no other key: nothing was \
         changed. To begin anew, move that folder away and erase the list at every phone",
        .0.display()
    )]
    Taken(PathBuf),
    /// It holds no key.
    #[error(
        "there is no site key {}; make one with `embody trust init`, put the backup of that \
         folder back, or set [files] sign = false",
        .0.display()
    )]
    NoKey(PathBuf),
    /// Others may read a key.
    #[error("{} can be read by other users (mode {mode:03o}) and is a key; run: chmod 600 {}", .path.display(), .path.display())]
    Exposed {
        /// The key.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A key is none.
    #[error("{} cannot be used: {why}", .path.display())]
    Key {
        /// The key.
        path: PathBuf,
        /// What is wrong with it.
        why: KeyError,
    },
    /// A certificate that phones would not take.
    #[error("{} cannot be used: {why}", .path.display())]
    Certificate {
        /// The certificate.
        path: PathBuf,
        /// What is wrong with it.
        why: CertificateError,
    },
    /// The certificate belongs to another key.
    #[error("{} is the certificate of another key than the one beside it; put the backup of that folder back", .0.display())]
    Foreign(PathBuf),
}

/// The folder of a site's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustFolder(PathBuf);

/// What was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// Where.
    pub folder: PathBuf,
    /// The certificate of the site key.
    pub certificate: Certificate,
}

/// The key and certificate of the HTTPS port.
pub struct WebIdentity {
    /// What phones find in their trust list.
    pub certificate: Certificate,
    /// PKCS#8 in DER.
    pub key: Zeroizing<Vec<u8>>,
}

/// A site's key and everybody whom its phones shall trust.
pub struct Site {
    pub(super) key: SiteKey,
    pub(super) certificate: Certificate,
    pub(super) web: WebIdentity,
    pub(super) others: Vec<(Role, Certificate)>,
}

impl Site {
    /// The certificate of the site key.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The HTTPS port.
    pub fn web(&self) -> &WebIdentity {
        &self.web
    }
}

impl TrustFolder {
    /// That of a data folder.
    pub fn of(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes keys and certificates. The folder appears whole or not at all.
    ///
    /// # Errors
    /// [`FolderError::Taken`] when there is anything already.
    pub fn create(&self, owner: &Owner, now: Timestamp) -> Result<Created, FolderError> {
        let used = |path: &Path| fs::read_dir(path).is_ok_and(|mut files| files.next().is_some());
        if used(&self.0) || self.0.is_file() {
            return Err(FolderError::Taken(self.0.clone()));
        }
        let data = self.0.parent().unwrap_or(Path::new("."));
        private_folder(data, true)?;
        let draft = data.join(format!(".trust-{}", std::process::id()));
        private_folder(&draft, false)?;
        let made = fill(&draft, owner, now).and_then(|certificate| {
            fs::rename(&draft, &self.0).map_err(|error| match error.kind() {
                ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => {
                    FolderError::Taken(self.0.clone())
                }
                _ => file_error(&self.0, &error),
            })?;
            Ok(certificate)
        });
        if made.is_err() {
            let _ = fs::remove_dir_all(&draft);
        }
        Ok(Created {
            folder: self.0.clone(),
            certificate: made?,
        })
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`FolderError`], a sentence with the remedy.
    pub fn load(&self) -> Result<Site, FolderError> {
        let key_at = self.0.join(KEY);
        if !is_there(&key_at)? {
            return Err(FolderError::NoKey(key_at));
        }
        let key = SiteKey::from_pkcs8(&private_key(&key_at)?).map_err(|why| FolderError::Key {
            path: key_at.clone(),
            why,
        })?;
        let certificate_at = self.0.join(CERTIFICATE);
        let certificate = certificate(&certificate_at)?;
        if key.public().ok().as_deref() != Some(certificate.public_key()) {
            return Err(FolderError::Foreign(certificate_at));
        }
        let web_key = self.0.join(WEB_KEY);
        let web = WebIdentity {
            certificate: certificate_of_kind(&self.0.join(WEB_CERTIFICATE), KeyKind::Elliptic)?,
            key: private_key(&web_key)?,
        };
        let mut others = Vec::new();
        for (name, role) in OTHERS {
            let path = self.0.join(name);
            if is_there(&path)? {
                others.push((role, self::certificate(&path)?));
            }
        }
        Ok(Site {
            key,
            certificate,
            web,
            others,
        })
    }

    /// The certificate of the site key alone.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn certificate(&self) -> Result<Certificate, FolderError> {
        certificate(&self.0.join(CERTIFICATE))
    }

    /// The trust list as it was served last.
    pub(super) fn list(&self) -> Option<Vec<u8>> {
        read(&self.0.join(LIST)).ok()
    }

    /// Keeps the trust list that is served.
    pub(super) fn keep_list(&self, list: &[u8]) -> Result<(), FolderError> {
        let path = self.0.join(LIST);
        let draft = self.0.join(format!(".{LIST}"));
        let _ = fs::remove_file(&draft);
        write(&draft, list)?;
        fs::rename(&draft, &path).map_err(|error| file_error(&path, &error))
    }
}

fn fill(draft: &Path, owner: &Owner, now: Timestamp) -> Result<Certificate, FolderError> {
    let failed = |why| FolderError::Key {
        path: draft.join(KEY),
        why,
    };
    let not_made = || failed(KeyError::NotMade);
    let (key, der) = SiteKey::generate().map_err(failed)?;
    let public = key.public().map_err(failed)?;
    let sign = |octets: &[u8]| key.sign(HashAlgorithm::Sha256, octets).ok();
    let site = self_signed(owner, Purpose::Signing, serial(), &public, now, sign);
    let site = site.map_err(|_| not_made())?;
    write_pem(&draft.join(KEY), "PRIVATE KEY", &der)?;
    write_pem(&draft.join(CERTIFICATE), "CERTIFICATE", &site)?;

    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let der = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| not_made())?;
    let key = EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref(), &random);
    let key = key.map_err(|_| not_made())?;
    let public = key.public_key().as_ref().to_vec();
    let sign = |octets: &[u8]| {
        let signature = key.sign(&random, octets).ok()?;
        Some(signature.as_ref().to_vec())
    };
    let web = Owner {
        name: format!("{}-https", owner.name.chars().take(58).collect::<String>()),
        ..owner.clone()
    };
    let web = self_signed(&web, Purpose::Serving, serial(), &public, now, sign);
    let web = web.map_err(|_| not_made())?;
    write_pem(&draft.join(WEB_KEY), "PRIVATE KEY", der.as_ref())?;
    write_pem(&draft.join(WEB_CERTIFICATE), "CERTIFICATE", &web)?;
    certificate(&draft.join(CERTIFICATE))
}

/// Without randomness keys are not made either.
fn serial() -> [u8; 16] {
    let mut serial = [0; 16];
    let _ = getrandom::fill(&mut serial);
    serial
}

fn file_error(path: &Path, error: &std::io::Error) -> FolderError {
    FolderError::File {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

fn private_folder(path: &Path, may_exist: bool) -> Result<(), FolderError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if may_exist && error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map_err(|error| file_error(path, &error)),
    }
}

fn write(path: &Path, octets: &[u8]) -> Result<(), FolderError> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(octets)?;
            file.sync_all()
        })
        .map_err(|error| file_error(path, &error))
}

fn write_pem(path: &Path, label: &str, der: &[u8]) -> Result<(), FolderError> {
    let text = pem(label, der).map_err(|error| FolderError::File {
        path: path.to_owned(),
        why: error.to_string(),
    })?;
    write(path, Zeroizing::new(text).as_bytes())
}

fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    let mut octets = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_end(&mut octets))
        .map_err(|error| file_error(path, &error))?;
    Ok(octets)
}

fn private_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, FolderError> {
    let data = fs::metadata(path).map_err(|error| file_error(path, &error))?;
    let mode = data.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(FolderError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    let text = Zeroizing::new(read(path)?);
    let key = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|_| FolderError::Key {
        path: path.to_owned(),
        why: KeyError::Unusable,
    })?;
    Ok(Zeroizing::new(key.secret_pkcs8_der().to_vec()))
}

fn certificate(path: &Path) -> Result<Certificate, FolderError> {
    Certificate::from_pem(&read(path)?).map_err(|why| FolderError::Certificate {
        path: path.to_owned(),
        why,
    })
}

fn certificate_of_kind(path: &Path, kind: KeyKind) -> Result<Certificate, FolderError> {
    let certificate = certificate(path)?;
    if certificate.kind() == kind {
        Ok(certificate)
    } else {
        Err(FolderError::Certificate {
            path: path.to_owned(),
            why: CertificateError::Key,
        })
    }
}

/// Whether there is something of this name, a link that leads nowhere among
/// it; what may not be looked at is not taken for missing.
fn is_there(path: &Path) -> Result<bool, FolderError> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FolderError::File {
            path: path.to_owned(),
            why: error.to_string(),
        }),
    }
}
