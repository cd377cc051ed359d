//! `vendorConfig` of a boot file: switches of the phone itself.

use super::xml::Element;
use crate::model::{PhoneModel, Protocol, VendorConfig};
use crate::site::import::draft::Draft;
use crate::site::import::report::Place;
use crate::site::import::values;

/// The most names in a note, and the most characters of each.
const NAMES: usize = 10;
const LONGEST_NAME: usize = 32;

/// The switches that stand otherwise in the file than Embody writes them for
/// this model.
pub(super) fn read(
    element: &Element,
    place: &Place,
    draft: &mut Draft<'_>,
    model: &PhoneModel,
    protocol: Option<Protocol>,
) -> VendorConfig {
    let mut said = VendorConfig::default();
    let protocol = protocol.unwrap_or(model.first_protocol());
    let Some(facts) = model.facts(protocol) else {
        return said;
    };
    let mut usual = draft.catalogue.vendor_config(facts.dialect).to_vec();
    facts.vendor_config.over(&mut usual);
    let mut left_out: Vec<String> = Vec::new();
    for switch in &element.children {
        let (name, value) = (switch.name.as_str(), switch.text());
        let known = usual.iter().find(|(known, _)| known == name);
        let same = known.is_some_and(|(_, known)| known == value);
        if same || (value.is_empty() && switch.children.is_empty()) {
            continue;
        }
        let one_value = switch.children.is_empty() && !values::is_secret(name);
        if facts.dialect.is_text() || !one_value || said.set(name, value).is_err() {
            left_out.push(name.chars().take(LONGEST_NAME).collect());
        }
    }
    if !left_out.is_empty() {
        let more = if left_out.len() > NAMES { " .." } else { "" };
        left_out.truncate(NAMES);
        draft.note(
            &place.line(element.line),
            &format!("{}{more} of vendorConfig", left_out.join(", ")),
            "vendor_config holds one value for each, no password, and nothing for a phone that \
             reads text",
            "nothing, or change the template of the boot file if you need it",
        );
    }
    said
}
