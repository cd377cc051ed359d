//! Which files the phone asks for, in which order, and where: what its
//! [`Family`](super::Family) says is done here. A file that is not there is no
//! fault, except for the phone's own one.

mod names;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::event::{FileOutcome, FileService, HandsetEvent};
use super::family::{Ask, Fetch, Side};
use super::fault::Fault;
use super::file::BootFile;
use super::hook::HookPoint;
use super::model::LocaleFiles;
use super::phone::Phone;
use super::tftp::{self, Fetched};
use super::{http, xml};
use names::spelled;

/// How often a phone asks for its own file when it gets no definite answer.
const ATTEMPTS: u32 = 3;
/// Bytes of a `syncinfo.xml` that are read.
const MAX_SYNC: usize = 4096;

/// The file that the hunt ended with.
struct Found {
    name: String,
    bytes: Vec<u8>,
    /// The settings that all phones have in common, where the family asks.
    common: Vec<u8>,
}

/// Everything from the trust lists to the soft keys. What the phone then holds
/// is its file.
pub(super) async fn boot(phone: &Phone) -> Result<Arc<BootFile>, Fault> {
    let found = hunt(phone).await?;
    let file = Arc::new(read(phone, &found).await?);
    would_download(phone, &file.load);
    phone.shared.set_file(file.clone());
    side_files(phone, &file).await;
    Ok(file)
}

/// Whether the phone's own file changed behind its back: what it finds out when
/// told to look.
pub(super) async fn has_changed(phone: &Phone, held: &BootFile) -> bool {
    phone.shared.count_look();
    let own = spelled(phone.profile.family.own(), &phone.profile);
    match fetch(phone, &own).await {
        Fetched::File(bytes) => match BootFile::read(&bytes, &phone.profile) {
            Ok(found) => found.version_stamp != held.version_stamp,
            Err(reason) => {
                phone.shared.fault(Fault::File { name: own, reason });
                false
            }
        },
        _ => false,
    }
}

/// Whether `syncinfo.xml` has another word for this load than the phone's file:
/// what a text load finds out when it is told to check.
pub(super) async fn is_out_of_sync(phone: &Phone, held: &str) -> bool {
    const NAME: &str = "syncinfo.xml";
    phone.shared.count_look();
    let Fetched::File(bytes) = fetch(phone, NAME).await else {
        return false;
    };
    let read = if bytes.len() > MAX_SYNC {
        Err(format!("{} bytes are too many", bytes.len()))
    } else {
        xml::parse(&bytes)
    };
    match read {
        Ok(root) => root
            .all("IMAGE")
            .find(|image| {
                let version = image.attribute("VERSION");
                version.is_some_and(|version| version == "*" || version == phone.profile.load)
            })
            .and_then(|image| image.attribute("SYNC"))
            .is_some_and(|sync| sync != held),
        Err(reason) => {
            let name = NAME.to_owned();
            phone.shared.fault(Fault::File { name, reason });
            false
        }
    }
}

/// Asks in the order of the family until there is a file.
async fn hunt(phone: &Phone) -> Result<Found, Fault> {
    let mut trusts = false;
    let mut common = Vec::new();
    let mut found = None;
    for ask in phone.profile.family.hunt {
        let name = spelled(ask.name(), &phone.profile);
        match ask {
            Ask::TrustElse(_) if trusts => {}
            Ask::Trust(_) | Ask::TrustElse(_) => trusts = trust_list(phone, &name).await,
            Ask::Image(_) => image(phone, &name).await,
            Ask::Common(_) => common = insist(phone, &name).await?.unwrap_or_default(),
            _ if found.is_some() => {}
            Ask::Own(_) | Ask::Default(_) => {
                found = insist(phone, &name).await?.map(|bytes| (name, bytes));
            }
            Ask::Other(_) => {
                if insist(phone, &name).await?.is_some() {
                    return Err(Fault::OtherLoad(name));
                }
            }
        }
    }
    let (name, bytes) = found.ok_or(Fault::NoFile(phone.profile.device_name()))?;
    Ok(Found {
        name,
        bytes,
        common,
    })
}

/// Whether it is there.
async fn trust_list(phone: &Phone, name: &str) -> bool {
    let Fetched::File(bytes) = fetch(phone, name).await else {
        return false;
    };
    // An empty list is none; some phones want to find one.
    if !bytes.is_empty() {
        phone.shared.fault(Fault::TrustList(name.to_owned()));
    }
    true
}

/// One line: the image to run.
async fn image(phone: &Phone, name: &str) {
    if let Fetched::File(bytes) = fetch(phone, name).await {
        would_download(phone, &String::from_utf8_lossy(&bytes));
    }
}

fn would_download(phone: &Phone, offered: &str) {
    if !offered.is_empty() && offered != phone.profile.load {
        phone.shared.fault(Fault::WouldDownload {
            running: phone.profile.load.clone(),
            offered: offered.to_owned(),
        });
    }
}

async fn read(phone: &Phone, found: &Found) -> Result<BootFile, Fault> {
    let read = BootFile::read_with(&found.bytes, &found.common, &phone.profile);
    if read.is_err()
        && let LocaleFiles::Archive(archive) = phone.profile.model.locale_files(phone.profile.kind)
    {
        // A load asks for its own archive, also after a file that was made for
        // another one.
        fetch(phone, &format!("/{archive}")).await;
    }
    read.map_err(|reason| Fault::File {
        name: found.name.clone(),
        reason,
    })
}

/// The file, or `None` when it certainly does not exist. Silence and errors
/// are no answer.
async fn insist(phone: &Phone, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    for attempt in 1..=ATTEMPTS {
        match fetch(phone, name).await {
            Fetched::File(bytes) => return Ok(Some(bytes)),
            Fetched::NotFound => return Ok(None),
            Fetched::Refused(_) | Fetched::NoAnswer if attempt < ATTEMPTS => phone.back_off().await,
            Fetched::Refused(_) | Fetched::NoAnswer => {}
        }
    }
    Err(Fault::FilesSilent(name.to_owned()))
}

/// Locale, tones, dial plan, soft keys: the phone goes on without them.
async fn side_files(phone: &Phone, file: &BootFile) {
    let mut came = false;
    for side in phone.profile.family.then {
        let (names, roots): (Vec<String>, &[&str]) = match side {
            Side::UserLocale => (names::user_locale(&phone.profile, file), &[]),
            Side::Tones(tones) => (names::tones(&phone.profile, file, tones), &[]),
            Side::Else(_) if came => continue,
            Side::File(name) | Side::Else(name) => (vec![spelled(name, &phone.profile)], &[]),
            Side::DialTemplate => (
                names::of_sip(file, |sip| &sip.dial_template),
                &["DIALTEMPLATE", "dialTemplate"],
            ),
            Side::SoftKeys => (
                names::of_sip(file, |sip| &sip.soft_key_file),
                &["softKeyCfg"],
            ),
            Side::FeaturePolicy => (
                names::of_sip(file, |sip| &sip.feature_policy),
                &["featurePolicy"],
            ),
        };
        for name in names {
            let fetched = fetch(phone, &name).await;
            came = matches!(fetched, Fetched::File(_));
            if let Fetched::File(bytes) = fetched
                && let Err(reason) = check_root(&bytes, roots)
            {
                phone.shared.fault(Fault::File { name, reason });
            }
        }
    }
}

/// Without roots it is no file that the virtual phone reads.
fn check_root(bytes: &[u8], roots: &[&str]) -> Result<(), String> {
    if roots.is_empty() {
        return Ok(());
    }
    let root = xml::parse(bytes)?.name;
    if roots.contains(&root.as_str()) {
        return Ok(());
    }
    Err(format!("<{root}> is not what it should be"))
}

/// One file, by HTTP where the phone asks there first, then by TFTP.
async fn fetch(phone: &Phone, name: &str) -> Fetched {
    fetch_at_most(phone, name, tftp::MAX_FILE).await
}

/// As [`fetch`], of this many bytes at most.
pub(super) async fn fetch_at_most(phone: &Phone, name: &str, most: usize) -> Fetched {
    phone
        .shared
        .pause(|| HookPoint::File(name.to_owned()))
        .await;
    if phone.profile.family.fetch == Fetch::HttpThenTftp
        && let Some(server) = phone.servers.config_http
    {
        let fetched = http::fetch(phone, server, name, most).await;
        tell(phone, name, FileService::Http, &fetched);
        if let Fetched::File(_) = fetched {
            return fetched;
        }
    }
    let fetched = tftp::fetch(phone, name, most).await;
    tell(phone, name, FileService::Tftp, &fetched);
    fetched
}

fn tell(phone: &Phone, name: &str, service: FileService, fetched: &Fetched) {
    phone.shared.tell(HandsetEvent::FileFetched {
        name: name.to_owned(),
        service,
        outcome: outcome(fetched),
    });
}

/// The same without the bytes.
pub(super) fn outcome(fetched: &Fetched) -> FileOutcome {
    match fetched {
        Fetched::File(bytes) => FileOutcome::Found { bytes: bytes.len() },
        Fetched::NotFound => FileOutcome::NotFound,
        Fetched::Refused(why) => FileOutcome::Refused(why.clone()),
        Fetched::NoAnswer => FileOutcome::NoAnswer,
    }
}
