//! Importing, from the side of the operator: his files in, a site out.

#![allow(clippy::unwrap_used)]

mod loads;
mod properties;
mod reading;
mod stories;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Format, Imported, Options, Source, import};
use crate::model::Catalogue;
use crate::provision::load_catalogue;
use crate::site::document::{PhoneEntry, SiteDocument};
use crate::site::parse;

/// The models of this release.
pub(super) fn catalogue() -> Catalogue {
    static MODELS: LazyLock<Catalogue> = LazyLock::new(|| {
        let text = include_str!("../../../../phone-configs/catalogue.toml");
        load_catalogue(text, BTreeMap::new()).unwrap()
    });
    MODELS.clone()
}

/// A file of the input.
pub(super) fn source(name: &str, text: &str) -> Source {
    Source::text_file(name.to_owned(), text.as_bytes().to_vec())
}

/// Imports files without options.
pub(super) fn imported(format: Format, sources: &[Source]) -> Imported {
    import(format, sources, &Options::default(), &catalogue())
}

/// The site file that was made.
pub(super) fn document(made: &Imported) -> SiteDocument {
    parse(&made.text).unwrap()
}

/// A phone of it.
pub(super) fn phone<'a>(document: &'a SiteDocument, name: &str) -> &'a PhoneEntry {
    let found = document
        .phones
        .iter()
        .find(|phone| phone.value.name.as_str() == name);
    &found.unwrap().value
}

/// The report.
pub(super) fn notes(made: &Imported) -> String {
    let lines: Vec<String> = made.notes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The numbers of a phone's lines.
pub(super) fn numbers(phone: &PhoneEntry) -> Vec<String> {
    phone
        .line
        .iter()
        .map(|line| line.number.to_string())
        .collect()
}
