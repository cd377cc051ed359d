//! Importing, from the side of the operator: his files in, a site out.

#![allow(clippy::unwrap_used)]

mod properties;
mod stories;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Format, Imported, Options, Source, import};
use crate::model::Catalogue;
use crate::provision::load_catalogue;

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
