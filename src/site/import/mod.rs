//! Site files out of what an operator has: a tftpboot tree, chan-sccp's
//! `sccp.conf`, a CME running-config, CUCM's BAT files.
//!
//! An importer reads bytes that somebody else wrote. It is total and bounded:
//! whatever comes, it makes a site that passes [`check`](super::check), and a
//! [`Note`] for each thing that is not in it. The same input makes the same
//! file, byte for byte.
//!
//! A site file has first PINs and passwords, and so has the one made here; no
//! note ever repeats one. What must not live here: files and folders (the
//! command line reads them), and what phones are served.

mod bat;
mod chan_sccp;
mod cme;
mod draft;
mod finish;
mod keys;
mod locales;
mod models;
mod report;
mod source;
mod tftpboot;
mod values;
mod write;
mod zones;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use report::Note;
pub use source::{LeftOut, Source, Want};

use self::draft::Draft;
use crate::model::{Catalogue, DeviceName, ModelName};

/// What is imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A folder with the boot files of phones.
    Tftpboot,
    /// `sccp.conf` of chan-sccp, an Asterisk configuration file.
    ChanSccp,
    /// The running-config of an IOS router with Unified CME.
    Cme,
    /// CSV files of CUCM's Bulk Administration Tool.
    Bat,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tftpboot, Self::ChanSccp, Self::Cme, Self::Bat];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tftpboot => "tftpboot",
            Self::ChanSccp => "chan-sccp",
            Self::Cme => "cme",
            Self::Bat => "bat",
        }
    }

    /// Whether a file of a folder is one of this format, by its name without
    /// folders. A file that is named itself is always read.
    pub fn wants(self, file: &str) -> Want {
        let lower = file.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
        match self {
            Self::Tftpboot => tftpboot::wants(file),
            Self::ChanSccp if ends(&[".conf"]) => Want::Text,
            Self::Cme if ends(&[".txt", ".cfg", ".conf", "-confg", ".log"]) => Want::Text,
            Self::Bat if ends(&[".csv", ".txt"]) => Want::Text,
            _ => Want::Nothing,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("{text:?} is no format; there are {names}")
        })
    }
}

/// What the operator says besides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The model of phones whose files do not tell it.
    pub model: Option<ModelName>,
    /// The models of single phones; they win over what any file says.
    pub models: BTreeMap<DeviceName, ModelName>,
    /// Whether people may sign in on every phone, and not only where the old
    /// system let them.
    pub extension_mobility: bool,
}

/// What an import made.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The site file, with the notes as comments at its end. It may hold PINs
    /// and passwords.
    pub text: String,
    /// What was not carried over, in the order of the input.
    pub notes: Vec<Note>,
    /// How many phones there are in it.
    pub phones: usize,
    /// How many user device profiles.
    pub profiles: usize,
    /// How many users.
    pub users: usize,
}

impl Imported {
    /// Whether nothing was found that a site could be made of.
    pub fn is_empty(&self) -> bool {
        self.phones == 0 && self.profiles == 0 && self.users == 0
    }
}

/// Makes a site file of these.
pub fn import(
    format: Format,
    sources: &[Source],
    options: &Options,
    catalogue: &Catalogue,
) -> Imported {
    let mut draft = Draft::new(catalogue, options);
    let taken = source::within_bounds(sources, &mut draft);
    match format {
        Format::Tftpboot => tftpboot::read(&taken, &mut draft),
        Format::ChanSccp => chan_sccp::read(&taken, &mut draft),
        Format::Cme => cme::read(&taken, &mut draft),
        Format::Bat => bat::read(&taken, &mut draft),
    }
    models::unused(&mut draft);
    let (document, notes) = finish::finish(draft);
    Imported {
        text: write::write(format, &document, &notes),
        phones: document.phones.len(),
        profiles: document.profiles.len(),
        users: document.users.len(),
        notes,
    }
}
