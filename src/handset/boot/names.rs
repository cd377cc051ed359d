//! What files are called by the phone that asks for them.

use crate::handset::file::{BootFile, SipProfile};
use crate::handset::model::LocaleFiles;
use crate::handset::profile::Profile;

/// The name with the phone's hardware address in its places.
pub(super) fn spelled(name: &str, profile: &Profile) -> String {
    let mac = profile.mac.to_string();
    name.replace("{MAC}", &mac)
        .replace("{mac}", &mac.to_ascii_lowercase())
}

/// Without a locale the newer loads ask at the root of the server all the same.
pub(super) fn user_locale(profile: &Profile, file: &BootFile) -> Vec<String> {
    let user = &file.user_locale;
    match profile.model.locale_files(profile.kind) {
        LocaleFiles::Archive(archive) => vec![format!("{user}/{archive}")],
        LocaleFiles::Single(_) if user.is_empty() => Vec::new(),
        LocaleFiles::Single(begin) => ["dictionary", "font", "kate"]
            .map(|end| format!("{user}/{begin}-{end}.xml"))
            .into_iter()
            .chain([format!("{user}/SCCP-dictionary.xml")])
            .collect(),
    }
}

pub(super) fn tones(profile: &Profile, file: &BootFile, tones: &str) -> Vec<String> {
    let network = &file.network_locale;
    match profile.model.locale_files(profile.kind) {
        LocaleFiles::Single(_) if network.is_empty() => Vec::new(),
        _ => vec![format!("{network}/{tones}")],
    }
}

/// What a SIP file names, if it names anything.
pub(super) fn of_sip(file: &BootFile, which: impl Fn(&SipProfile) -> &String) -> Vec<String> {
    let name = file.sip.as_ref().map(which);
    name.filter(|name| !name.is_empty())
        .cloned()
        .into_iter()
        .collect()
}
