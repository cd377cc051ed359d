//! What is served where signing is on: the trust list, and the signed form of
//! any file.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::folder::{FolderError, Site, TrustFolder};
use super::header::{HashAlgorithm, Header, SignedFile, Signer, Text, Unwritable, Version};
use super::key::{KeyError, SiteKey, is_signed_by};
use super::record::{Record, Role, write_records};
use crate::model::Digest;
use crate::ports::Clock;

/// The name in every trust list of this kind, under whichever name it is asked
/// for.
const LIST_NAME: &str = "ITLFile.tlv";

/// Headers that are kept, at most; each has some 400 octets. A phone asks for
/// half a dozen files, of which all but one are the same for its neighbours.
const MOST_KEPT: usize = 32_768;

/// The longest file that is signed, in bytes; the largest known is a locale
/// archive of some MB.
pub(in crate::provision) const LONGEST_SIGNED: usize = 16 << 20;

/// Signed files longer than this are kept whole, so that a crowd shares one;
/// of others the header alone, in bytes.
const SHARED_FROM: usize = 64 << 10;

/// Room for them, in bytes.
const ROOM: usize = 64 << 20;

/// Signatures that are made at one time: anybody may ask for a name that nobody
/// has asked for yet, and each costs milliseconds of a processor.
const AT_ONE_TIME: usize = 2;

/// What the operator decides about signing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SigningSettings {
    /// The hash that is signed.
    pub hash: HashAlgorithm,
    /// Whether phones shall fetch their configuration over HTTPS.
    pub https: bool,
}

/// Why something could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The layout.
    #[error(transparent)]
    Layout(#[from] Unwritable),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Others are being signed.
    #[error("others are being signed; the phone asks again")]
    Busy,
    /// A file of no phone.
    #[error("it is longer than anything that phones want signed")]
    TooLong,
}

/// Signs on request, and remembers what it signed.
pub struct Signing {
    key: SiteKey,
    signer: Signer,
    hash: HashAlgorithm,
    list: Bytes,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
    /// Signatures being made.
    at_work: AtomicUsize,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("signer", &self.signer)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// Headers by what they are the header of; the oldest leave first.
#[derive(Default)]
struct Kept {
    headers: HashMap<Digest, Bytes>,
    order: VecDeque<Digest>,
    /// Large files whole, the oldest first.
    whole: VecDeque<(Digest, Bytes)>,
    /// Octets of those.
    size: usize,
}

impl Kept {
    fn keep(&mut self, of: Digest, header: Bytes) {
        if self.headers.insert(of, header).is_some() {
            return;
        }
        self.order.push_back(of);
        if self.order.len() > MOST_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.headers.remove(&oldest);
        }
    }

    fn keep_whole(&mut self, of: Digest, file: &Bytes) {
        self.size += file.len();
        self.whole.push_back((of, file.clone()));
        while self.size > ROOM
            && let Some((_, oldest)) = self.whole.pop_front()
        {
            self.size -= oldest.len();
        }
    }

    fn whole(&self, of: &Digest) -> Option<Bytes> {
        let kept = self.whole.iter().find(|(known, _)| known == of);
        kept.map(|(_, file)| file.clone())
    }
}

/// A place among those that sign.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(at_work: &'a AtomicUsize) -> Option<Self> {
        let taken = at_work.fetch_add(1, Ordering::AcqRel);
        let place = Self(at_work);
        (taken < AT_ONE_TIME).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Signing {
    /// Signs with the key of `site`. The trust list in `folder` is served again
    /// for as long as it says what it should: every new one, were it only
    /// newer, is one more that phones have to take. Reads and writes the disk.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(
        site: Site,
        folder: &TrustFolder,
        settings: SigningSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SealError> {
        let draft = Header {
            signer_version: Some(if settings.https {
                Version::ADVANCED_SIGNER
            } else {
                Version::BASIC_SIGNER
            }),
            version: Version::TRUST_LIST,
            ..draft(site.certificate.signer(), settings.hash, LIST_NAME, &*clock)
        };
        let body = write_records(&records(&site, settings.https))?;
        let public = site.certificate.public_key();
        let same = |old: &Vec<u8>| is_same(old, &draft, &body, public);
        let list = if let Some(old) = folder.list().filter(same) {
            old
        } else {
            let mut list = seal(&site.key, &draft, &body)?;
            list.extend(&body);
            folder.keep_list(&list)?;
            list
        };
        Ok(Self {
            signer: draft.signer,
            key: site.key,
            hash: settings.hash,
            list: list.into(),
            clock,
            kept: Mutex::default(),
            at_work: AtomicUsize::new(0),
        })
    }

    /// The trust list, the same for every phone.
    pub fn trust_list(&self) -> Bytes {
        self.list.clone()
    }

    /// The signed form of `body`, which is asked for as `name`. Takes some
    /// milliseconds the first time, so not on an async thread.
    ///
    /// # Errors
    /// [`SealError`]; [`SealError::Busy`] while enough others are signed.
    pub fn signed(&self, name: &str, body: &Bytes) -> Result<Bytes, SealError> {
        if body.len() > LONGEST_SIGNED {
            return Err(SealError::TooLong);
        }
        let of = Digest::of(&[name.as_bytes(), &[0], &Digest::of(body).0].concat());
        let (header, whole) = {
            let kept = self.kept();
            (kept.headers.get(&of).cloned(), kept.whole(&of))
        };
        if let Some(whole) = whole {
            return Ok(whole);
        }
        let header = if let Some(header) = header {
            header
        } else {
            let _place = Place::take(&self.at_work).ok_or(SealError::Busy)?;
            let draft = draft(self.signer.clone(), self.hash, name, &*self.clock);
            let header = Bytes::from(seal(&self.key, &draft, body)?);
            self.kept().keep(of, header.clone());
            header
        };
        let file = Bytes::from([header, body.clone()].concat());
        if file.len() > SHARED_FROM {
            self.kept().keep_whole(of, &file);
        }
        Ok(file)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who stands in the list: whoever signs it first.
fn records(site: &Site, https: bool) -> Vec<Record> {
    let mut records = vec![site.certificate.record(Role::Sast)];
    let of = |role| site.others.iter().filter(move |(other, _)| *other == role);
    records.extend(of(Role::Sast).map(|(role, other)| other.record(*role)));
    records.push(site.certificate.record(Role::CcmTftp));
    if https {
        records.push(site.web.certificate.record(Role::Tftp));
    }
    let rest = site.others.iter().filter(|(role, _)| *role != Role::Sast);
    records.extend(rest.map(|(role, other)| other.record(*role)));
    records
}

fn draft(signer: Signer, hash: HashAlgorithm, name: &str, clock: &dyn Clock) -> Header {
    Header {
        version: Version::SIGNED_FILE,
        signer_version: None,
        signer,
        hash,
        modulus: SiteKey::MODULUS,
        signature: vec![0; SiteKey::SIGNATURE],
        file_name: Some(Text::new(name)),
        timestamp: u32::try_from(clock.now().0 / 1_000).ok(),
        others: Vec::new(),
    }
}

/// The octets of a header with its signature over itself and `body`.
fn seal(key: &SiteKey, draft: &Header, body: &[u8]) -> Result<Vec<u8>, SealError> {
    let unsigned = draft.unsigned()?;
    let signature = key.sign(draft.hash, &unsigned.before(body))?;
    Ok(unsigned.with(&signature)?)
}

/// Whether an old list says what the new one would, save for its time, and is
/// signed.
fn is_same(old: &[u8], draft: &Header, body: &[u8], public_key: &[u8]) -> bool {
    let Ok(file) = SignedFile::read(old) else {
        return false;
    };
    let header = Header {
        signature: file.header.signature.clone(),
        timestamp: file.header.timestamp,
        ..draft.clone()
    };
    let signature = &file.header.signature;
    file.header == header
        && file.body == body
        && is_signed_by(public_key, draft.hash, &file.signed_octets(), signature)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn few_sign_at_one_time() {
        let at_work = AtomicUsize::new(0);
        let places: Vec<_> = (0..AT_ONE_TIME).map(|_| Place::take(&at_work)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(Place::take(&at_work).is_none(), "the phone asks again");
        drop(places);
        assert!(Place::take(&at_work).is_some());
    }

    #[test]
    fn what_is_kept_whole_has_its_room() {
        let mut kept = Kept::default();
        let file = Bytes::from(vec![0; ROOM / 4]);
        let of = |at: u8| Digest::of(&[at]);
        for at in 0..9 {
            kept.keep_whole(of(at), &file);
        }
        assert!(kept.size <= ROOM && kept.whole.len() == 4);
        assert_eq!(kept.whole(&of(0)), None);
        let same = kept.whole(&of(8)).unwrap();
        assert_eq!(same.as_ptr(), file.as_ptr(), "one for all that send it");
    }
}
