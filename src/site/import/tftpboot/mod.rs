//! A folder of boot files, as a TFTP server had it (Cisco's administration
//! guides of the phones, *Phone configuration files*): `SEP<MAC>.cnf.xml` of
//! SCCP and SIP loads, `SIPDefault.cnf` and `SIP<MAC>.cnf` of SIP loads of the
//! 7940 and 7960, `XMLDefault.cnf.xml`.
//!
//! Binary profiles (`gk<mac>`, `ld<mac>`, `ata<mac>`) are named, not read.

mod rest;
mod sep;
mod sip_text;
mod switches;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::source::{Source, Want};
use super::{models, values};
use crate::model::{DeviceName, ModelName};

/// What is in a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The file of a phone.
    Sep,
    /// The file of phones that are not configured.
    XmlDefault,
    /// The text file of a phone.
    Sip,
    /// What such phones have in common.
    SipDefault,
    /// A binary profile of this model.
    Binary(&'static str),
    /// A signed or encrypted file.
    Signed,
    /// A boot file of another device.
    OtherDevice,
}

fn kind(base: &str) -> Option<Kind> {
    let lower = base.to_ascii_lowercase();
    let signed = lower
        .strip_suffix(".sgn")
        .map(|name| name.strip_suffix(".enc").unwrap_or(name));
    if signed.is_some_and(|name| name.strip_suffix(".cnf.xml").is_some()) {
        return Some(Kind::Signed);
    }
    if let Some(name) = lower.strip_suffix(".cnf.xml") {
        return match name {
            _ if values::desk_phone(name).is_some() && name.starts_with("sep") => Some(Kind::Sep),
            "xmldefault" => Some(Kind::XmlDefault),
            _ => Some(Kind::OtherDevice),
        };
    }
    if let Some(name) = lower.strip_suffix(".cnf") {
        let sip = name.strip_prefix("sip");
        return match sip {
            Some("default") => Some(Kind::SipDefault),
            Some(mac) if values::mac(mac).is_some() => Some(Kind::Sip),
            _ if values::desk_phone(name).is_some() && name.starts_with("sep") => {
                Some(Kind::Binary("7910, 7935 or another phone of its time"))
            }
            _ => None,
        };
    }
    let stem = lower.strip_suffix(".txt").unwrap_or(&lower);
    [("gk", "7912"), ("ld", "7905"), ("ata", "ATA 186 or 188")]
        .into_iter()
        .find(|(head, _)| {
            let mac = stem.strip_prefix(head);
            mac.is_some_and(|mac| values::mac(mac).is_some())
        })
        .map(|(_, model)| Kind::Binary(model))
}

/// What of a folder is read.
pub(super) fn wants(base: &str) -> Want {
    match kind(base) {
        Some(Kind::Sep | Kind::XmlDefault | Kind::Sip | Kind::SipDefault) => Want::Text,
        Some(Kind::Binary(_) | Kind::Signed | Kind::OtherDevice) => Want::Name,
        None => Want::Nothing,
    }
}

/// What files for all phones say.
#[derive(Default)]
struct Defaults {
    /// Models by their load, in lower case.
    loads: BTreeMap<String, Vec<ModelName>>,
    /// What SIP text files have in common.
    sip: sip_text::Settings,
}

/// Reads the files.
pub(super) fn read(sources: &[&Source], draft: &mut Draft<'_>) {
    let mut sorted: Vec<(&Source, Option<Kind>)> = sources
        .iter()
        .map(|source| (*source, kind(source.base())))
        .collect();
    sorted.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let mut defaults = Defaults::default();
    for (source, kind) in &sorted {
        match kind {
            Some(Kind::XmlDefault) => xml_default(source, draft, &mut defaults),
            Some(Kind::SipDefault) => {
                defaults.sip = sip_text::Settings::read(source, draft);
                defaults.sip.not_carried(draft);
            }
            _ => {}
        }
    }
    let texts: BTreeSet<DeviceName> = sorted
        .iter()
        .filter(|(_, kind)| *kind == Some(Kind::Sip))
        .filter_map(|(source, _)| sip_text::device(source))
        .collect();
    // Of two files of a phone the XML one is found first by its loader. Where
    // it only has the phone load what reads the other, that one counts.
    let mut loaders = Vec::new();
    for (source, kind) in &sorted {
        match kind {
            Some(Kind::Sep) => {
                let device = sep::device(source).filter(|device| texts.contains(device));
                match device.filter(|_| sep::has_text_load(source)) {
                    Some(device) => loaders.push((source, device)),
                    None => sep::read(source, draft, &defaults),
                }
            }
            None if source.bytes.is_some() => sep::read_unnamed(source, draft),
            _ => {}
        }
    }
    for (source, kind) in &sorted {
        if *kind == Some(Kind::Sip) {
            sip_text::read(source, draft, &defaults);
        }
    }
    for (source, device) in loaders {
        if draft.has_phone(&device) {
            let mac = device.as_str().trim_start_matches("SEP");
            draft.note(
                &source.place(),
                "the file",
                &format!("the load that it names reads SIP{mac}.cnf, and that one was taken"),
                "nothing",
            );
        } else {
            sep::read(source, draft, &defaults);
        }
    }
    for (source, kind) in &sorted {
        not_read(source, *kind, draft);
    }
}

fn not_read(source: &Source, kind: Option<Kind>, draft: &mut Draft<'_>) {
    let (what, why, remedy) = match kind {
        Some(Kind::Binary(model)) => (
            format!("the profile of a {model}"),
            "it is binary, and was seen but not read",
            "write its [[phone]] by hand, and keep the file out of the folder of static files: it \
             would stand before the one that Embody makes",
        ),
        Some(Kind::Signed) => (
            "a signed boot file".to_owned(),
            "phones that ask for it trust another server's key, and would refuse an unsigned one",
            "erase the trust list (ITL) at the phone, and import the file without .sgn",
        ),
        Some(Kind::OtherDevice) => (
            "a boot file of something that is no desk phone".to_owned(),
            "only names of SEP and a MAC address are phones here",
            "write it by hand if Embody serves such a device",
        ),
        _ => return,
    };
    draft.note(&source.place(), &what, why, remedy);
}

/// `XMLDefault.cnf.xml`: which load which model gets.
fn xml_default(source: &Source, draft: &mut Draft<'_>, defaults: &mut Defaults) {
    let place = source.place();
    let root = match xml::parse(&source.text()) {
        Ok(root) => root,
        Err(fault) => return xml::note(&place, &fault, draft),
    };
    let mut told = None;
    for element in &root.children {
        let Some(id) = element.name.strip_prefix("loadInformation") else {
            continue;
        };
        let load = element.text();
        let by_type = id
            .trim_start_matches('0')
            .parse()
            .ok()
            .and_then(|id| draft.catalogue.by_type(id));
        let model = by_type.or_else(|| {
            let name = element.attribute("model")?;
            models::by_name(draft.catalogue, name)
        });
        let Some(model) = model.filter(|_| !load.is_empty()) else {
            continue;
        };
        // A load that reads text is told to no phone.
        if told.is_none() && !models::is_text_load(load) {
            told = Some((element.line, model.name.clone(), load.to_owned()));
        }
        let models = defaults.loads.entry(load.to_ascii_lowercase()).or_default();
        if !models.contains(&model.name) {
            models.push(model.name.clone());
        }
    }
    if let Some((line, model, load)) = told {
        let load: String = load.chars().take(64).collect();
        draft.note(
            &place.line(line),
            "loads by model",
            "they are for phones without a file of their own, and a phone keeps its load here \
             until it is told one",
            &format!(
                "write loads = {{ \"{model}\" = {load:?} }} and the like into the [[device_pool]] \
                 whose phones shall have them, then embody stage the files"
            ),
        );
    }
}
