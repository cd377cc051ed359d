//! What is wrong with a site file before a phone says so: names that are
//! there twice, references to what is not there, values that cannot be; and
//! what is allowed but probably not meant.

mod references;
mod values;

use std::fmt;

use serde::Serialize;

use super::document::{Placed, SiteDocument};
use crate::model::{Catalogue, World};

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
    values::check(file, catalogue, &mut findings);
    references::check(file, catalogue, world, &mut findings);
    findings.0.sort_by_key(|finding| finding.line);
    findings.0
}

/// Findings so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn error<T>(&mut self, at: &Placed<T>, message: String) {
        self.push(Severity::Error, at.line, message);
    }

    fn warn<T>(&mut self, at: &Placed<T>, message: String) {
        self.push(Severity::Warning, at.line, message);
    }

    fn push(&mut self, severity: Severity, line: usize, message: String) {
        self.0.push(Finding {
            severity,
            line: Some(line),
            message,
        });
    }
}
