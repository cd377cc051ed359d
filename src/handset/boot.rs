//! Which files the phone asks for, in which order, and where.
//!
//! Order by family: administration guides of the series, and what phones were
//! seen to ask in packet traces. A file that is not there is no fault, except
//! for the phone's own one.

use std::sync::Arc;

use super::event::{FileOutcome, FileService, HandsetEvent};
use super::fault::Fault;
use super::file::BootFile;
use super::hook::HookPoint;
use super::model::LocaleFiles;
use super::phone::Phone;
use super::profile::{Kind, Profile};
use super::tftp::{self, Fetched};
use super::{http, xml};

/// How often a phone asks for its own file when it gets no definite answer.
const ATTEMPTS: u32 = 3;

/// Everything from the trust lists to the soft keys. What the phone then holds
/// is its file.
pub(super) async fn boot(phone: &Phone) -> Result<Arc<BootFile>, Fault> {
    trust_lists(phone).await;
    let file = Arc::new(configuration(phone).await?);
    let offered = file.load.clone();
    if !offered.is_empty() && offered != phone.profile.load {
        phone.shared.fault(Fault::WouldDownload {
            running: phone.profile.load.clone(),
            offered,
        });
    }
    phone.shared.set_file(file.clone());
    side_files(phone, &file).await;
    Ok(file)
}

/// Whether the phone's own file changed behind its back: what it finds out when
/// told to look.
pub(super) async fn has_changed(phone: &Phone, held: &BootFile) -> bool {
    phone.shared.count_look();
    match fetch(phone, &own_name(phone)).await {
        Fetched::File(bytes) => match BootFile::read(&bytes, &phone.profile) {
            Ok(found) => found.version_stamp != held.version_stamp,
            Err(reason) => {
                phone.shared.fault(Fault::File {
                    name: own_name(phone),
                    reason,
                });
                false
            }
        },
        _ => false,
    }
}

fn own_name(phone: &Phone) -> String {
    format!("{}.cnf.xml", phone.profile.device_name())
}

async fn trust_lists(phone: &Phone) {
    let device = phone.profile.device_name();
    let mut names = vec![format!("CTL{device}.tlv")];
    if phone.profile.kind != Kind::Cisco7960 {
        names.push(format!("ITL{device}.tlv"));
        names.push("ITLFile.tlv".to_owned());
    }
    for name in names {
        if let Fetched::File(bytes) = fetch(phone, &name).await {
            // An empty list is none; some phones want to find one.
            if !bytes.is_empty() {
                phone.shared.fault(Fault::TrustList(name.clone()));
            }
            if name.starts_with("ITL") {
                break;
            }
        }
    }
}

/// The phone's own file, or where there is none the one for all.
async fn configuration(phone: &Phone) -> Result<BootFile, Fault> {
    let own = own_name(phone);
    for name in [own.as_str(), "XMLDefault.cnf.xml"] {
        if let Some(bytes) = insist(phone, name).await? {
            let read = BootFile::read(&bytes, &phone.profile);
            if read.is_err()
                && let LocaleFiles::Archive(archive) =
                    phone.profile.model.locale_files(phone.profile.kind)
            {
                // A load asks for its own archive, also after a file that was
                // made for another one.
                fetch(phone, &format!("/{archive}")).await;
            }
            return read.map_err(|reason| Fault::File {
                name: name.to_owned(),
                reason,
            });
        }
    }
    Err(Fault::NoFile(phone.profile.device_name()))
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
    for name in side_names(&phone.profile, file) {
        fetch(phone, &name).await;
    }
    let Some(sip) = &file.sip else { return };
    for (name, roots) in [
        (
            &sip.dial_template,
            ["DIALTEMPLATE", "dialTemplate"].as_slice(),
        ),
        (&sip.soft_key_file, &["softKeyCfg"]),
    ] {
        if name.is_empty() {
            continue;
        }
        if let Fetched::File(bytes) = fetch(phone, name).await
            && let Err(reason) = check_root(&bytes, roots)
        {
            let name = name.clone();
            phone.shared.fault(Fault::File { name, reason });
        }
    }
}

fn check_root(bytes: &[u8], roots: &[&str]) -> Result<(), String> {
    let root = xml::parse(bytes)?.name;
    if roots.contains(&root.as_str()) {
        return Ok(());
    }
    Err(format!("<{root}> is not what it should be"))
}

/// Without a locale the newer loads ask at the root of the server all the same.
fn side_names(profile: &Profile, file: &BootFile) -> Vec<String> {
    let (user, network) = (&file.user_locale, &file.network_locale);
    let begin = match profile.model.locale_files(profile.kind) {
        LocaleFiles::Archive(archive) => {
            return vec![
                format!("{user}/{archive}"),
                format!("{network}/g3-tones.xml"),
            ];
        }
        LocaleFiles::Single(begin) => begin,
    };
    let mut names = Vec::new();
    if !user.is_empty() {
        for end in ["dictionary", "font", "kate"] {
            names.push(format!("{user}/{begin}-{end}.xml"));
        }
        names.push(format!("{user}/SCCP-dictionary.xml"));
    }
    if !network.is_empty() {
        names.push(format!("{network}/{begin}-tones.xml"));
    }
    names
}

/// One file, by HTTP where the phone asks there first, then by TFTP.
async fn fetch(phone: &Phone, name: &str) -> Fetched {
    phone
        .shared
        .pause(|| HookPoint::File(name.to_owned()))
        .await;
    if phone.profile.kind.asks_http_first()
        && let Some(server) = phone.servers.config_http
    {
        let fetched = http::fetch(phone, server, name).await;
        tell(phone, name, FileService::Http, &fetched);
        if let Fetched::File(_) = fetched {
            return fetched;
        }
    }
    let fetched = tftp::fetch(phone, name).await;
    tell(phone, name, FileService::Tftp, &fetched);
    fetched
}

fn tell(phone: &Phone, name: &str, service: FileService, fetched: &Fetched) {
    let outcome = match fetched {
        Fetched::File(bytes) => FileOutcome::Found { bytes: bytes.len() },
        Fetched::NotFound => FileOutcome::NotFound,
        Fetched::Refused(why) => FileOutcome::Refused(why.clone()),
        Fetched::NoAnswer => FileOutcome::NoAnswer,
    };
    phone.shared.tell(HandsetEvent::FileFetched {
        name: name.to_owned(),
        service,
        outcome,
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashMap;

    use super::*;
    use crate::handset::Servers;
    use crate::handset::testing::{ok, phone, sccp_file, sip_file, tftp, web};

    const OWN: &str = "SEP000000000001.cnf.xml";

    fn files(list: &[(&str, &str)]) -> HashMap<String, Vec<u8>> {
        list.iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[tokio::test]
    async fn an_8841_asks_http_first_and_tftp_for_what_is_not_there() {
        let file = sip_file("10.0.0.1", 5060);
        let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (kept, body) = (requests.clone(), file.clone());
        let http = web(move |request| {
            kept.lock().unwrap().push(request.to_owned());
            if request.starts_with(&format!("GET /{OWN} ")) {
                return ok("*/*", &body);
            }
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()
        })
        .await;
        let mut servers = Servers::new(tftp(files(&[("dialplan.xml", "<oops/>")])).await);
        servers.config_http = Some(http);
        let phone = phone(Kind::Cisco8841, servers);
        let mut events = phone.shared.events();
        boot(&phone).await.unwrap();
        let requests = requests.lock().unwrap().clone();
        assert_eq!(
            requests[0],
            format!("GET /CTLSEP000000000001.tlv HTTP/1.1\r\nHost:{http}\r\n\r\n")
        );
        let mut fetched = Vec::new();
        while let Ok(event) = events.try_recv() {
            if let HandsetEvent::FileFetched { name, service, .. } = event {
                fetched.push((name, service));
            }
        }
        let of = |name: &str| -> Vec<FileService> {
            let asked = fetched.iter().filter(|(asked, _)| asked == name);
            asked.map(|(_, service)| *service).collect()
        };
        assert_eq!(of(OWN), [FileService::Http]);
        assert_eq!(
            of("CTLSEP000000000001.tlv"),
            [FileService::Http, FileService::Tftp]
        );
        assert_eq!(of("softkeys.xml"), [FileService::Http, FileService::Tftp]);
        let reason = "<oops> is not what it should be".to_owned();
        let name = "dialplan.xml".to_owned();
        assert_eq!(phone.shared.faults(), [Fault::File { name, reason }]);
    }

    #[tokio::test]
    async fn without_its_own_file_a_phone_takes_the_default_one() {
        let default = "<Default><callManagerGroup><members><member priority=\"0\"><callManager>\
            <ports><ethernetPhonePort>2000</ethernetPhonePort></ports>\
            <processNodeName>10.0.0.9</processNodeName></callManager></member></members>\
            </callManagerGroup></Default>";
        let server = tftp(files(&[("XMLDefault.cnf.xml", default)])).await;
        let phone = phone(Kind::Cisco7960, Servers::new(server));
        let file = boot(&phone).await.unwrap();
        assert_eq!(file.managers[0].host, "10.0.0.9");
        assert_eq!(phone.shared.faults(), []);
    }

    #[tokio::test]
    async fn no_file_and_a_broken_file_are_faults() {
        let empty = phone(Kind::Cisco7961, Servers::new(tftp(files(&[])).await));
        let fault = boot(&empty).await.unwrap_err();
        assert_eq!(fault, Fault::NoFile("SEP000000000001".to_owned()));
        let broken = sccp_file("10.0.0.1", 2000).replace("</device>", "");
        let server = tftp(files(&[(OWN, &broken)])).await;
        let phone = phone(Kind::Cisco7961, Servers::new(server));
        assert!(matches!(boot(&phone).await, Err(Fault::File { .. })));
    }

    #[tokio::test]
    async fn another_load_would_be_downloaded() {
        let file = sccp_file("10.0.0.1", 2000)
            .replace("<loadInformation>", "<loadInformation>SCCP41.8-5-4S");
        let server = tftp(files(&[(OWN, &file), ("CTLSEP000000000001.tlv", "x")])).await;
        let phone = phone(Kind::Cisco7961, Servers::new(server));
        boot(&phone).await.unwrap();
        let faults = phone.shared.faults();
        assert!(matches!(faults[0], Fault::TrustList(_)));
        assert!(matches!(faults[1], Fault::WouldDownload { .. }));
    }

    #[tokio::test]
    async fn told_to_look_a_phone_compares_stamps() {
        let file = sccp_file("10.0.0.1", 2000);
        let server = tftp(files(&[(OWN, &file)])).await;
        let phone = phone(Kind::Cisco7961, Servers::new(server));
        let mut held = boot(&phone).await.unwrap().as_ref().clone();
        assert!(!has_changed(&phone, &held).await);
        held.version_stamp = "stamp-0".to_owned();
        assert!(has_changed(&phone, &held).await);
    }
}
