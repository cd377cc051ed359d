//! What is wrong with a site file before a phone says so: names that are
//! there twice, references to what is not there, values that cannot be; and
//! what is allowed but probably not meant. What only objects together can get
//! wrong is in `together`, which looks at a whole site.

mod names;
mod parameters;
mod people;
mod references;
mod settings;
mod values;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::document::{Placed, SiteDocument};
use super::normal::{Entry, Kind};
use super::together;
use crate::model::{Catalogue, DeviceName, World};

pub(super) use settings::{Rules, Settings};
pub(super) use values::{LONGEST_URL, is_date_template, is_zone};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Allowed, but probably not meant.
    Warning,
    /// The file is not applied.
    Error,
}

/// Something about a site file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The line on which the object begins, from 1.
    pub line: Option<usize>,
    /// What it is, without secrets.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        let word = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{word}: {}", self.message)
    }
}

/// Checks a file by itself.
pub fn check(file: &SiteDocument, catalogue: &Catalogue) -> Vec<Finding> {
    check_with(file, catalogue, None)
}

/// Checks a file that may refer to objects of the stored site too.
pub fn check_with(
    file: &SiteDocument,
    catalogue: &Catalogue,
    world: Option<&World>,
) -> Vec<Finding> {
    let mut findings = Findings::default();
    parameters::check(file, &mut findings);
    values::check(file, catalogue, &mut findings);
    names::check(file, catalogue, &mut findings);
    people::check(file, &mut findings);
    references::check(file, catalogue, world, &mut findings);
    whole(file, catalogue, world, &mut findings);
    findings.0.sort_by_key(|finding| finding.line);
    findings.0
}

/// What is wrong with the site that the file would make of the stored one, as
/// far as it is about objects of the file.
fn whole(
    file: &SiteDocument,
    catalogue: &Catalogue,
    world: Option<&World>,
    findings: &mut Findings,
) {
    let site = together::site_of(file, world);
    let phones: BTreeSet<&DeviceName> = file.phones.iter().map(|p| &p.value.name).collect();
    let of_file = |phone: &DeviceName| phones.contains(phone);
    for misfit in together::combinations(&site, catalogue, &of_file) {
        if let Some(line) = line_of(file, misfit.kind, &misfit.name) {
            findings.push(misfit.severity, Some(line), misfit.message);
        }
    }
}

fn line_of(file: &SiteDocument, kind: Kind, name: &str) -> Option<usize> {
    fn find<T: Entry>(entries: &[Placed<T>], name: &str) -> Option<usize> {
        let mut entries = entries.iter();
        entries
            .find(|entry| entry.value.name() == name)
            .map(|entry| entry.line)
    }
    match kind {
        Kind::Parameters => Some(file.parameters_line.unwrap_or(1)),
        Kind::DevicePool => find(&file.device_pools, name),
        Kind::Phone => find(&file.phones, name),
        Kind::Profile => find(&file.profiles, name),
        Kind::ProfileDefault => find(&file.profile_defaults, name),
        Kind::ButtonTemplate => find(&file.button_templates, name),
        Kind::User => find(&file.users, name),
        Kind::ApplicationUser => find(&file.application_users, name),
        Kind::Service => find(&file.services, name),
        Kind::DirectoryNumber => find(&file.directory_numbers, name),
    }
}

/// Findings so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    fn error<T>(&mut self, at: &Placed<T>, message: String) {
        self.push(Severity::Error, Some(at.line), message);
    }

    fn warn<T>(&mut self, at: &Placed<T>, message: String) {
        self.push(Severity::Warning, Some(at.line), message);
    }

    fn push(&mut self, severity: Severity, line: Option<usize>, message: String) {
        self.0.push(Finding {
            severity,
            line,
            message,
        });
    }

    /// The errors alone, in words.
    pub(super) fn errors(self) -> Vec<String> {
        self.0
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.message)
            .collect()
    }
}
