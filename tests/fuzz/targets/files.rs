//! Files: of operators, and the boot files that phones read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use embody::app::Config;
use embody::handset::{BootFile, Kind, Mac, Profile};
use embody::model::Catalogue;
use embody::provision::firmware::Descriptor;
use embody::provision::load_catalogue;
use embody::site;
use embody::site::import::{Format, Options, Source, import};

/// The models that this release knows.
static MODELS: LazyLock<Catalogue> = LazyLock::new(|| {
    let text = include_str!("../../../phone-configs/catalogue.toml");
    load_catalogue(text, BTreeMap::new()).expect("our own catalogue")
});

/// In the corpus, every PIN and every password is this.
const CANARY: &str = "8675309";

/// A site file is read or refused in one sentence, and its PINs and passwords
/// show in neither.
pub(super) fn site(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let shown = match site::parse(text) {
        Ok(document) => {
            let findings = site::check(&document, &MODELS);
            format!("{document:?} {findings:?}")
        }
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1);
            assert!(error.line <= text.lines().count() + 1);
            error.to_string()
        }
    };
    let secret_only = |line: &str| {
        let key = line.trim_start().split(['=', ' ']).next();
        !line.contains(CANARY) || matches!(key, Some("pin" | "password"))
    };
    // Texts of several lines and free tables may hold such a line as a value.
    let plain = !["\"\"\"", "'''", "parameters"]
        .iter()
        .any(|odd| text.contains(odd));
    if plain && text.lines().all(secret_only) {
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

/// The daemon's own file is read or refused in one line.
pub(super) fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(error) = Config::parse(text) {
        assert!(
            !error.is_empty() && error.len() <= 2 * text.len() + 600,
            "{error}"
        );
    }
}

/// So is the catalogue of models.
pub(super) fn catalogue(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(error) = load_catalogue(text, BTreeMap::new()) {
        assert!(!error.to_string().is_empty());
    }
}

/// The virtual phones read any file, or say what is wrong with it.
pub(super) fn boot_file(data: &[u8]) {
    let mac = Mac([0, 0x11, 0x22, 0x33, 0x44, 0x55]);
    let kinds = [
        Kind::Cisco7960,
        Kind::Cisco7961,
        Kind::Cisco7961Sip,
        Kind::Cisco8841,
        Kind::Cisco7960Sip,
    ];
    // And those whose file is compiled.
    let compiled = [("ATA186", None), ("7910", None), ("7912", Some("sip"))]
        .into_iter()
        .filter_map(|(model, protocol)| Profile::find(model, protocol, mac));
    for profile in kinds
        .map(|kind| Profile::new(kind, mac))
        .into_iter()
        .chain(compiled)
    {
        match BootFile::read(data, &profile) {
            Ok(file) => {
                assert!(!file.managers.is_empty() && file.managers.len() <= 5);
                assert!(file.managers.iter().all(|manager| !manager.host.is_empty()));
            }
            Err(reason) => assert!(!reason.is_empty() && reason.len() <= data.len() + 200),
        }
    }
}

/// A load's list of files names files in no folder, or is refused.
pub(super) fn load_list(data: &[u8]) {
    match Descriptor::parse(data) {
        Ok(list) => {
            assert!(!list.parts.is_empty() && list.parts.len() <= data.len());
            for part in &list.parts {
                assert!(!part.is_empty() && !part.starts_with('.'));
                assert!(!part.contains(['/', '\\', ' ', '=', '#', '\0']));
            }
            // A list of what was read is the same list.
            let again = Descriptor::parse(list.parts.join("\r\n").as_bytes());
            assert_eq!(again, Ok(list));
        }
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}
/// Whatever is imported, a site file that passes comes out, the same each time.
fn imported(format: Format, names: &[&str], data: &[u8]) {
    let sources: Vec<Source> = names
        .iter()
        .map(|name| Source::text_file((*name).to_owned(), data.to_vec()))
        .collect();
    let made = import(format, &sources, &Options::default(), &MODELS);
    let document = site::parse(&made.text).expect("a site file");
    let findings = site::check(&document, &MODELS);
    let error = |finding: &&site::Finding| finding.severity == site::Severity::Error;
    assert!(
        !findings.iter().any(|finding| error(&finding)),
        "{findings:?}"
    );
    let again = import(format, &sources, &Options::default(), &MODELS);
    assert!(made.text == again.text);
    for note in &made.notes {
        assert!(!note.to_string().contains(char::is_control));
    }
}

/// Boot files of phones: the same bytes as each of them.
pub(super) fn import_tftpboot(data: &[u8]) {
    let names = [
        "SEP001122334455.cnf.xml",
        "SIP001122334466.cnf",
        "SIPDefault.cnf",
        "XMLDefault.cnf.xml",
    ];
    imported(Format::Tftpboot, &names, data);
}

/// Asterisk's configuration of Skinny phones.
pub(super) fn import_chan_sccp(data: &[u8]) {
    imported(Format::ChanSccp, &["sccp.conf"], data);
}

/// The configuration of a router.
pub(super) fn import_cme(data: &[u8]) {
    imported(Format::Cme, &["running-config"], data);
}

/// Tables of phones, profiles and users.
pub(super) fn import_bat(data: &[u8]) {
    imported(Format::Bat, &["export.csv"], data);
}
