//! Phone button templates: what each key of a phone is for.

use serde::{Deserialize, Serialize};

use crate::model::{ModelName, ObjectName};

/// What a key of a phone button template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateKey {
    /// A line.
    Line,
    /// A speed dial, with or without a busy lamp.
    SpeedDial,
    /// Nothing.
    None,
}

/// A phone button template: what each key is for, from the first (Cisco:
/// *Phone Button Template*). Keys beyond its end are unused. The first key is a
/// line on every phone: a template that says otherwise is read as if it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonTemplate {
    /// Its name.
    pub name: ObjectName,
    /// The model whose keys it settles; its family may use it too.
    pub model: ModelName,
    /// Its keys, those of add-on modules after those of the phone.
    pub buttons: Vec<TemplateKey>,
}
