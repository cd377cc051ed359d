//! Which model a phone is: as its file, its load, its type or the operator
//! says.

use super::draft::Draft;
use super::report::Place;
use crate::model::{Catalogue, DeviceName, ModelName, PhoneModel, Protocol};

/// Loads by how they begin (in lower case), the protocol that they speak and
/// the models that run them (Cisco's release notes of the loads).
const LOADS: [(&str, Option<Protocol>, &[&str]); 48] = [
    ("p0s3", Some(Protocol::Sip), &["7940", "7960"]),
    ("pos3", Some(Protocol::Sip), &["7940", "7960"]),
    ("p003", Some(Protocol::Sccp), &["7940", "7960"]),
    ("p004", Some(Protocol::Sccp), &["7910"]),
    ("p005", Some(Protocol::Sccp), &["7935"]),
    ("cmterm_7920", Some(Protocol::Sccp), &["7920"]),
    ("cmterm_7936", Some(Protocol::Sccp), &["7936"]),
    ("cmterm_7985", Some(Protocol::Sccp), &["7985"]),
    ("cp7902", None, &["7902"]),
    ("cp7905", None, &["7905"]),
    ("cp7912", None, &["7912"]),
    ("cp7921g", Some(Protocol::Sccp), &["7921"]),
    ("cp7925g", Some(Protocol::Sccp), &["7925"]),
    ("cp7926g", Some(Protocol::Sccp), &["7926"]),
    ("apps37sccp", Some(Protocol::Sccp), &["7937"]),
    ("sccp11", Some(Protocol::Sccp), &["7911", "7906"]),
    ("sip11", Some(Protocol::Sip), &["7911", "7906"]),
    ("sccp31", Some(Protocol::Sccp), &["7931"]),
    ("sip31", Some(Protocol::Sip), &["7931"]),
    ("sccp41", Some(Protocol::Sccp), LARGE_41),
    ("sip41", Some(Protocol::Sip), LARGE_41),
    ("sccp42", Some(Protocol::Sccp), &["7962", "7942"]),
    ("sip42", Some(Protocol::Sip), &["7962", "7942"]),
    ("sccp45", Some(Protocol::Sccp), &["7965", "7945"]),
    ("sip45", Some(Protocol::Sip), &["7965", "7945"]),
    ("sccp70", Some(Protocol::Sccp), &["7970", "7971"]),
    ("sip70", Some(Protocol::Sip), &["7970", "7971"]),
    ("sccp75", Some(Protocol::Sccp), &["7975"]),
    ("sip75", Some(Protocol::Sip), &["7975"]),
    ("term06", None, &["7906"]),
    ("term11", None, &["7911"]),
    ("term31", None, &["7931"]),
    ("term41", None, &["7941", "7941G-GE"]),
    ("term61", None, &["7961", "7961G-GE"]),
    ("term42", None, &["7942"]),
    ("term62", None, &["7962"]),
    ("term45", None, &["7945"]),
    ("term65", None, &["7965"]),
    ("term70", None, &["7970"]),
    ("term71", None, &["7971"]),
    ("term75", None, &["7975"]),
    ("sccp69xx", Some(Protocol::Sccp), &["6961", "6941", "6921"]),
    ("sip69xx", Some(Protocol::Sip), &["6961", "6941", "6921"]),
    ("sccp894x", Some(Protocol::Sccp), &["8945", "8941"]),
    ("sip894x", Some(Protocol::Sip), &["8945", "8941"]),
    (
        "sip78xx",
        Some(Protocol::Sip),
        &["7861", "7841", "7821", "7811"],
    ),
    ("sipdx650", Some(Protocol::Sip), &["DX650"]),
    (
        "sip8845_65",
        Some(Protocol::Sip),
        &["8865", "8845", "8865NR"],
    ),
];

/// The models of `sip88xx`, which another prefix would hide.
const LOAD_88: (&str, &[&str]) = ("sip88xx", &["8861", "8851", "8841", "8811", "8851NR"]);

const LARGE_41: &[&str] = &["7961", "7961G-GE", "7941", "7941G-GE"];

/// What is known about the model of a phone.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints<'a> {
    /// The name of the model, as the other system writes it.
    pub(super) name: Option<&'a str>,
    /// The load that it shall run.
    pub(super) load: Option<&'a str>,
    /// Models that a file of defaults gives this load to.
    pub(super) by_default: &'a [ModelName],
    /// The last key in use, from 1.
    pub(super) keys: usize,
    /// Whether it has add-on modules.
    pub(super) modules: bool,
    /// What it speaks.
    pub(super) protocol: Option<Protocol>,
}

/// Decides on the model of a phone; `None` with a note when nothing tells it.
pub(super) fn choose<'c>(
    draft: &mut Draft<'c>,
    at: &Place,
    device: &DeviceName,
    hints: Hints<'_>,
) -> Option<&'c PhoneModel> {
    let catalogue = draft.catalogue;
    let options = draft.options;
    if let Some(said) = options.models.get(device) {
        draft.model_was_said(device);
        return known(draft, at, device, said);
    }
    if let Some(name) = hints.name.filter(|name| !name.trim().is_empty()) {
        if let Some(model) = by_name(catalogue, name) {
            return Some(model);
        }
        draft.note(
            at,
            &format!("phone {device}"),
            &format!("model {name:?} is not one that Embody serves"),
            &remedy(device),
        );
        return None;
    }
    let candidates = candidates(catalogue, hints);
    if let [one] = candidates.as_slice() {
        return Some(one);
    }
    if let Some(said) = &options.model
        && (candidates.is_empty() || candidates.iter().any(|model| model.name == *said))
    {
        return known(draft, at, device, said);
    }
    let Some(largest) = candidates
        .iter()
        .enumerate()
        .max_by_key(|(at, model)| (model.keys, std::cmp::Reverse(*at)))
        .map(|(_, model)| *model)
    else {
        let why = match hints.load.filter(|load| !load.is_empty()) {
            Some(load) => format!("load {load:?} tells no model that Embody serves"),
            None => "no file says which model it is".to_owned(),
        };
        draft.note(at, &format!("phone {device}"), &why, &remedy(device));
        return None;
    };
    let others: Vec<&str> = candidates.iter().map(|model| model.name.as_str()).collect();
    draft.note(
        at,
        &format!("model {} of phone {device}", largest.name),
        &format!(
            "its load runs on {}, and the one with most keys was taken",
            others.join(", ")
        ),
        &format!(
            "look at the phone; if it is another: --model {device}={}",
            others
                .iter()
                .find(|name| **name != largest.name.as_str())
                .unwrap_or(&"MODEL")
        ),
    );
    Some(largest)
}

fn known<'c>(
    draft: &mut Draft<'c>,
    at: &Place,
    device: &DeviceName,
    said: &ModelName,
) -> Option<&'c PhoneModel> {
    let found = draft.catalogue.model(said);
    if found.is_none() {
        draft.note(
            at,
            &format!("phone {device}"),
            &format!("model {said}, as --model says, is not in the model catalogue"),
            "take a name that the catalogue has",
        );
    }
    found
}

/// Notes models that the operator said of phones which the input has not.
pub(super) fn unused(draft: &mut Draft<'_>) {
    let place = Place::file("--model");
    for (device, model) in &draft.options.models {
        if !draft.was_asked_for(device) {
            draft.note(
                &place,
                &format!("{device}={model}"),
                "no phone of that name was read here",
                "look at the name: SEP and the 12 digits of the hardware address",
            );
        }
    }
}

fn remedy(device: &DeviceName) -> String {
    format!("say it: --model {device}=MODEL, or --model MODEL for all such phones")
}

/// The models that a phone may be by its load and by what hangs on it.
fn candidates<'c>(catalogue: &'c Catalogue, hints: Hints<'_>) -> Vec<&'c PhoneModel> {
    let load = hints.load.unwrap_or_default().trim();
    if load.is_empty() {
        return Vec::new();
    }
    let mut models: Vec<&PhoneModel> = of_load(load)
        .iter()
        .filter_map(|name| catalogue.model(&ModelName::new(name).ok()?))
        .collect();
    if models.is_empty() {
        models.extend(by_name(
            catalogue,
            load.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
        ));
    }
    keep(&mut models, |model| hints.by_default.contains(&model.name));
    keep(&mut models, |model| {
        hints
            .protocol
            .is_none_or(|protocol| model.facts(protocol).is_some())
    });
    keep(&mut models, |model| {
        !hints.modules || model.maximum_modules > 0
    });
    keep(&mut models, |model| {
        hints.modules || hints.keys <= usize::from(model.keys)
    });
    models
}

/// Keeps those that fit, unless that would leave none.
fn keep(models: &mut Vec<&PhoneModel>, fits: impl Fn(&PhoneModel) -> bool) {
    if models.iter().any(|model| fits(model)) {
        models.retain(|model| fits(model));
    }
}

fn of_load(load: &str) -> &'static [&'static str] {
    let lower = load.to_ascii_lowercase();
    if lower.starts_with(LOAD_88.0) {
        return LOAD_88.1;
    }
    let found = LOADS.iter().find(|(head, ..)| lower.starts_with(head));
    found.map_or(&[], |(_, _, models)| models)
}

/// Whether a load is a SIP one of a 7940 or 7960, which reads text files.
pub(super) fn is_text_load(load: &str) -> bool {
    let lower = load.trim().to_ascii_lowercase();
    ["p0s3", "pos3"].iter().any(|head| lower.starts_with(head))
}

/// Whether a load may be one of this model with this protocol, as far as its
/// name tells.
pub(super) fn may_run(model: &PhoneModel, protocol: Protocol, load: &str) -> bool {
    let models = of_load(load);
    (models.is_empty() || models.contains(&model.name.as_str()))
        && protocol_of_load(load).is_none_or(|speaks| speaks == protocol)
}

/// The models that CME calls so in `load`: `7961`, `7941GE`, `7960-7940`.
pub(super) fn several<'c>(catalogue: &'c Catalogue, given: &str) -> Vec<&'c PhoneModel> {
    let each: Option<Vec<&PhoneModel>> = given
        .split('-')
        .map(|name| by_name(catalogue, name))
        .collect();
    each.unwrap_or_else(|| by_name(catalogue, given).into_iter().collect())
}

/// The protocol that a load speaks, where its name tells it.
pub(super) fn protocol_of_load(load: &str) -> Option<Protocol> {
    let lower = load.trim().to_ascii_lowercase();
    let found = LOADS.iter().find(|(head, ..)| lower.starts_with(head));
    let listed = found.and_then(|(_, protocol, _)| *protocol);
    listed.or_else(|| {
        if lower.starts_with("sip") {
            Some(Protocol::Sip)
        } else if lower.contains("sccp") {
            Some(Protocol::Sccp)
        } else {
            None
        }
    })
}

/// The model by the name that other systems give it: `Cisco 7961`, `7961GE`,
/// `CP-8841`, `Cisco IP Communicator`.
pub(super) fn by_name<'c>(catalogue: &'c Catalogue, name: &str) -> Option<&'c PhoneModel> {
    let name: String = name.trim().chars().take(64).collect();
    let titled = catalogue
        .models()
        .find(|model| model.title.eq_ignore_ascii_case(&name));
    if titled.is_some() {
        return titled;
    }
    let exact = |name: &str| catalogue.model(&ModelName::new(name).ok()?);
    name.split(|c: char| c.is_whitespace() || matches!(c, ',' | '_' | '.'))
        .filter(|word| !word.is_empty())
        .find_map(|word| {
            let upper = word.to_ascii_uppercase();
            let upper = upper.strip_prefix("CP-").unwrap_or(&upper);
            let ge = upper
                .strip_suffix("G-GE")
                .or_else(|| upper.strip_suffix("GE"))
                .map(|number| format!("{number}G-GE"));
            exact(upper)
                .or_else(|| exact(&ge?))
                .or_else(|| exact(upper.get(..4).filter(|_| is_variant(upper))?))
        })
}

/// Whether a name is four digits and a letter or two that make no other model:
/// `7961G`, `8841-K9`.
fn is_variant(name: &str) -> bool {
    let (digits, rest) = name.split_at_checked(4).unwrap_or((name, ""));
    digits.chars().all(|c| c.is_ascii_digit())
        && (rest.starts_with('G') || rest.starts_with('-') || rest.is_empty())
}

/// The add-on module by its number, as the other system writes it; of one that
/// comes in two sizes the larger.
pub(super) fn module(catalogue: &Catalogue, model: &PhoneModel, given: &str) -> Option<String> {
    let given = given.trim();
    let takes = |name: &&String| catalogue.module_keys(std::slice::from_ref(*name)) > 0;
    let mut known = model.expansion_modules.iter().filter(takes);
    let word = given.split_whitespace().next()?;
    let twelve = given.contains("12");
    known
        .clone()
        .find(|name| name.eq_ignore_ascii_case(word))
        .or_else(|| {
            known.find(|name| match name.split_once('-') {
                Some((number, size)) if number == word => (size == "12") == twelve,
                _ => false,
            })
        })
        .cloned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Options;
    use super::super::tests::catalogue;
    use super::*;

    fn name(given: &str) -> Option<String> {
        by_name(&catalogue(), given).map(|model| model.name.to_string())
    }

    #[test]
    fn models_are_known_under_all_their_names() {
        for (given, model) in [
            ("Cisco 7961", "7961"),
            ("7961G", "7961"),
            ("7961GE", "7961G-GE"),
            ("7961G-GE", "7961G-GE"),
            ("CP-8841-K9", "8841"),
            ("Cisco IP Communicator", "CIPC"),
            ("CIPC", "CIPC"),
            ("Cisco 8851NR", "8851NR"),
        ] {
            assert_eq!(name(given).as_deref(), Some(model), "{given}");
        }
        for strange in ["", "Cisco", "ATA999", "12345", "Cisco 1234", "ä€"] {
            assert_eq!(name(strange), None, "{strange}");
        }
    }

    fn of(hints: Hints<'_>) -> (Option<String>, usize) {
        let catalogue = catalogue();
        let options = Options::default();
        let mut draft = Draft::new(&catalogue, &options);
        let device = DeviceName::new("SEP001122334455").unwrap();
        let model = choose(&mut draft, &Place::file("x"), &device, hints);
        let model = model.map(|model| model.name.to_string());
        (model, draft.into_notes().len())
    }

    #[test]
    fn a_load_and_the_keys_tell_the_model() {
        let load = |load| Hints {
            load: Some(load),
            ..Hints::default()
        };
        assert_eq!(of(load("SCCP75.9-4-2SR4-3S")), (Some("7975".into()), 0));
        assert_eq!(of(load("sip9971.9-4-1-9")), (Some("9971".into()), 0));
        // Several: the one with most keys, and a note.
        assert_eq!(of(load("SCCP42.9-4-2SR3-1S")), (Some("7962".into()), 1));
        let two = [ModelName::new("7942").unwrap()];
        let by_default = Hints {
            by_default: &two,
            ..load("SCCP42.9-4-2SR3-1S")
        };
        assert_eq!(of(by_default), (Some("7942".into()), 0));
        assert_eq!(of(load("SPA504G")), (None, 1));
        assert_eq!(of(Hints::default()), (None, 1));
    }

    /// Loads of small business phones and of ATAs are called for no single one.
    #[test]
    fn each_load_that_the_catalogue_shows_tells_its_model() {
        let catalogue = catalogue();
        for model in catalogue.models() {
            for protocol in [Protocol::Sccp, Protocol::Sip] {
                let shown = model
                    .facts(protocol)
                    .and_then(|facts| facts.load.as_deref());
                let Some(load) = shown else { continue };
                if load.starts_with("spa") || load.starts_with("ATA") {
                    continue;
                }
                let hints = Hints {
                    load: Some(load),
                    protocol: Some(protocol),
                    ..Hints::default()
                };
                let candidates = candidates(&catalogue, hints);
                let known = candidates.iter().any(|known| known.name == model.name);
                assert!(known, "{load} of a {}", model.name);
                assert!(may_run(model, protocol, load), "{load} of a {}", model.name);
            }
        }
    }

    #[test]
    fn cme_names_several_models_at_once() {
        let catalogue = catalogue();
        let names = |given: &str| -> Vec<String> {
            let models = several(&catalogue, given);
            models.iter().map(|model| model.name.to_string()).collect()
        };
        assert_eq!(names("7960-7940"), ["7960", "7940"]);
        assert_eq!(names("7941G-GE"), ["7941G-GE"]);
        assert_eq!(names("7961GE"), ["7961G-GE"]);
        assert!(names("7914").is_empty() && names("-").is_empty());
    }

    #[test]
    fn a_load_tells_the_protocol() {
        assert_eq!(protocol_of_load("P0S3-8-12-00"), Some(Protocol::Sip));
        assert_eq!(protocol_of_load("P0030801SR02"), Some(Protocol::Sccp));
        assert_eq!(protocol_of_load("sip88xx.12-5-1SR2-2"), Some(Protocol::Sip));
        assert_eq!(protocol_of_load("SCCP6945.9-3-1-3"), Some(Protocol::Sccp));
        assert_eq!(protocol_of_load("term61.default"), None);
    }
}
