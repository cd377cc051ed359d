//! What an operator should know about the folder of static files: which loads
//! are whole, and what phones will miss. Sentences without a full stop; the
//! same before the daemon runs (`embody check`) and while it does.

use std::collections::BTreeMap;

use super::firmware::{Ladder, Whole};
use super::statics::{StaticAnswer, StaticFiles};
use crate::model::{Catalogue, DeviceName, LoadName, World};

/// Phones named in a sentence, at most.
const MOST_NAMED: usize = 3;
/// The file that tells old 7940 and 7960 loads which load to run.
const OS79XX: &str = "OS79XX.TXT";

/// What lies in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderReport {
    /// A sentence for each load, and whether it is whole.
    pub loads: Vec<(String, bool)>,
    /// What phones will stumble over.
    pub findings: Vec<String>,
}

impl FolderReport {
    /// Looks at the folder alone.
    pub fn of(files: &StaticFiles) -> Self {
        let mut report = Self::default();
        let mut staged: Vec<&str> = Vec::new();
        for load in files.loads().iter() {
            let whole = load.whole();
            report.loads.push(match &load.parts {
                Ok(parts) if whole == Whole::Yes => {
                    staged.push(&load.name);
                    let files = parts.len() + 1;
                    (
                        format!("{} is whole: {files} files, {}", load.name, load.at),
                        true,
                    )
                }
                _ => (format!("{} {whole} ({})", load.name, load.at), false),
            });
        }
        for load in &staged {
            let ladder = Ladder::of_staged(load, staged.iter().copied());
            report.findings.extend(ladder);
        }
        report.findings.extend(image_name(files));
        report.findings.extend(archives(files));
        report.findings.extend(files.media().remarks().to_vec());
        report
    }
}

/// Which loads of a site its phones are not told, and what to know before they
/// take the others; `runs` tells the load that a phone reported.
pub fn loads_of_site(
    files: &StaticFiles,
    world: &World,
    catalogue: &Catalogue,
    runs: &dyn Fn(&DeviceName) -> Option<String>,
) -> Vec<String> {
    let mut findings = Vec::new();
    // Phones of one model share their files: each load is looked up once.
    let mut whole: BTreeMap<String, Whole> = BTreeMap::new();
    let mut kept: BTreeMap<String, Phones<'_>> = BTreeMap::new();
    for phone in world.phones.values() {
        let wanted = world.wanted(catalogue, phone.id);
        let Some(load) = wanted.and_then(|wanted| wanted.file.load) else {
            continue;
        };
        let whole = whole
            .entry(load.to_string())
            .or_insert_with(|| files.whole(&load));
        let ladder = if *whole == Whole::Yes {
            runs(&phone.name).and_then(|runs| Ladder::between(&runs, &load))
        } else {
            let what = format!("load {load} {whole}");
            kept.entry(what).or_default().0.push(&phone.name);
            None
        };
        let set = phone.protocol;
        let other = set.and_then(|set| Ladder::other_protocol(&load, set));
        let told = ladder.into_iter().chain(other);
        findings.extend(told.map(|what| format!("{}: {what}", phone.name)));
    }
    for (what, phones) in kept {
        findings.push(format!("{what}: {phones} told to keep the load they run"));
    }
    findings
}

/// Which user locales of a site's phones are not there.
pub fn locales_of_site(files: &StaticFiles, world: &World, catalogue: &Catalogue) -> Vec<String> {
    let mut archives: BTreeMap<String, Phones<'_>> = BTreeMap::new();
    for phone in world.phones.values() {
        let Some(wanted) = world.wanted(catalogue, phone.id) else {
            continue;
        };
        let facts = catalogue
            .model(&wanted.file.model)
            .and_then(|model| model.facts(wanted.protocol));
        let locale = &wanted.file.user_locale;
        if let Some(archive) = facts.and_then(|facts| facts.locale_jar.as_deref())
            && !locale.is_empty()
        {
            let name = format!("{locale}/{archive}");
            archives.entry(name).or_default().0.push(&phone.name);
        }
    }
    archives.retain(|name, _| !files.has(name));
    let missing = archives.iter();
    missing
        .map(|(name, phones)| missing_archive(files, name, phones))
        .collect()
}

fn missing_archive(files: &StaticFiles, name: &str, phones: &Phones<'_>) -> String {
    let ending = format!("/{}", name.to_lowercase());
    let elsewhere = files
        .names()
        .filter(|there| there.to_lowercase().ends_with(&ending))
        .min();
    let cure = match elsewhere {
        Some(there) => format!("it lies at {there}, and phones look at the top of the folder"),
        None => "stage the locale".to_owned(),
    };
    format!("{name} is missing: {phones} left with English; {cure}")
}

/// Phones, the first of them by name.
#[derive(Default)]
struct Phones<'a>(Vec<&'a DeviceName>);

impl std::fmt::Display for Phones<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut names: Vec<&str> = self.0.iter().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let more = names.len().saturating_sub(MOST_NAMED);
        names.truncate(MOST_NAMED);
        f.write_str(&names.join(", "))?;
        match (more, names.len()) {
            (0, 1) => f.write_str(" is"),
            (0, _) => f.write_str(" are"),
            (more, _) => write!(f, " and {more} more are"),
        }
    }
}

/// `OS79XX.TXT` is served while the load that it names can be fetched whole:
/// old phones would ask for what is missing without end.
fn image_name(files: &StaticFiles) -> Option<String> {
    let StaticAnswer::Found(body) = files.read(OS79XX) else {
        return None;
    };
    let text = String::from_utf8_lossy(&body);
    let Ok(load) = LoadName::new(text.trim()) else {
        return Some(format!(
            "{OS79XX} is not served: it names no load; write the name of one into it, in one line"
        ));
    };
    let whole = files.whole(&load);
    (whole != Whole::Yes).then(|| format!("{OS79XX} is not served: load {load} {whole}"))
}

fn archives(files: &StaticFiles) -> impl Iterator<Item = String> {
    let mut archives: Vec<&str> = files
        .names()
        .filter(|name| name.to_lowercase().ends_with(".zip"))
        .take(50)
        .collect();
    archives.sort_unstable();
    archives.into_iter().map(|name| {
        format!("{name} lies in the folder, and phones read no archives: embody stage unpacks it")
    })
}
