//! Names that no handset has: it calls itself by its hardware address, and asks
//! for files of that name alone.

use super::Findings;
use crate::model::{Catalogue, Dialect, PhoneModel};
use crate::site::document::SiteDocument;

/// Models whose devices are called as their operator likes (*Cisco Unified
/// Communications Manager Administration Guide*, Device Name), and those that
/// are no handsets of Cisco's.
const FREE: [&str; 10] = [
    "CIPC",
    "CSF",
    "TCT",
    "BOT",
    "TAB",
    "VGC",
    "VGCVIRTUAL",
    "NOKIAE",
    "NOKIAS60",
    "CN622",
];

/// Hexadecimal digits of a hardware address.
const DIGITS: usize = 12;

/// Checks the names of phones.
pub(super) fn check(file: &SiteDocument, catalogue: &Catalogue, findings: &mut Findings) {
    for placed in &file.phones {
        let phone = &placed.value;
        let Some(head) = catalogue.model(&phone.model).and_then(head) else {
            continue;
        };
        if let Some(what) = misnamed(phone.name.as_str(), head) {
            let (name, model) = (&phone.name, &phone.model);
            findings.warn(
                placed,
                format!(
                    "phone {name}: {what}; a {model} calls itself {head} and the {DIGITS} \
                     hexadecimal digits of its hardware address, and would not find its file"
                ),
            );
        }
    }
}

/// What the names of devices of this model begin with; `None` where they are
/// free. The second port of an adapter has the digits from the third on, and 01.
fn head(model: &PhoneModel) -> Option<&'static str> {
    let name = model.name.as_str();
    let compiled = |facts: &crate::model::ProtocolFacts| facts.dialect == Dialect::AtaProfile;
    if FREE.contains(&name) {
        None
    } else if name.starts_with("ATA") || model.sccp.as_ref().is_some_and(compiled) {
        Some("ATA")
    } else {
        Some("SEP")
    }
}

fn misnamed(name: &str, head: &str) -> Option<String> {
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let Some(digits) = name.strip_prefix(head) else {
        return Some(if name.len() == DIGITS && is_hex(name) {
            format!("{head} is missing before it (write {head}{name})")
        } else {
            format!("it does not begin with {head}")
        });
    };
    if let Some(odd) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        let hint = match odd {
            'O' => " (a zero?)",
            'I' | 'L' => " (a one?)",
            'S' => " (a five?)",
            _ => "",
        };
        return Some(format!("{odd:?} is no hexadecimal digit{hint}"));
    }
    let count = digits.len();
    (count != DIGITS).then(|| format!("{count} digits stand behind {head}, not {DIGITS}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use crate::provision::load_catalogue;
    use crate::site::check::{Severity, check};
    use crate::site::parse;

    fn said(name: &str, model: &str) -> String {
        let text = include_str!("../../../phone-configs/catalogue.toml");
        let catalogue = load_catalogue(text, BTreeMap::new()).unwrap();
        let site = format!(
            "version = 1\n[[phone]]\nname = \"{name}\"\nmodel = \"{model}\"\n\
             line = [{{ number = \"1001\" }}]\n"
        );
        let findings = check(&parse(&site).unwrap(), &catalogue);
        let warnings = findings.iter().inspect(|finding| {
            assert_eq!(finding.severity, Severity::Warning, "{finding}");
        });
        warnings.map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_that_no_handset_has_is_told_with_what_is_wrong() {
        for (name, model, what) in [
            (
                "SEP0011223344O5",
                "7961",
                "'O' is no hexadecimal digit (a zero?)",
            ),
            (
                "SEP00112233445",
                "7961",
                "11 digits stand behind SEP, not 12",
            ),
            ("001122334466", "7961", "write SEP001122334466"),
            ("LOBBY", "8841", "does not begin with SEP"),
            ("SEP00112233445G", "30VIP", "'G' is no hexadecimal digit"),
            ("SEP001122334455", "ATA186", "does not begin with ATA"),
            ("ATA00112233", "ATA190", "8 digits stand behind ATA"),
            ("ATA0011223344", "ATA187", "10 digits stand behind ATA"),
        ] {
            let said = said(name, model);
            assert!(said.contains(what), "{name}: {said}");
            assert!(said.starts_with("line 2: warning: "), "{said}");
        }
    }

    #[test]
    fn names_of_handsets_and_free_names_pass() {
        for (name, model) in [
            ("SEP001122334455", "7961"),
            ("sep00aabbccddee", "SPA504G"),
            ("ATA001122334455", "ATA186"),
            ("ATA112233445501", "ATA186"),
            ("RECEPTION", "CIPC"),
            ("SEP001122334455", "CIPC"),
            ("CSFALICE", "CSF"),
            ("BOTALICE", "BOT"),
            ("TABALICE", "TAB"),
            ("TCTALICE", "TCT"),
            ("VGC10AABBCCDD00", "VGC"),
            ("NOKIA01", "NokiaE"),
        ] {
            assert_eq!(said(name, model), "", "{name}");
        }
    }
}
