//! What was looked at, and how it is.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Grade {
    /// As it should be.
    Ok,
    /// Phones may come to grief over it.
    Warning,
    /// Phones, or the daemon, cannot do without.
    Fault,
}

impl Grade {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "FAULT",
        }
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Check {
    /// `embody.toml` and `phone-configs`.
    Configuration,
    /// Whether one runs.
    Daemon,
    /// Each port.
    Ports,
    /// The data folder.
    Data,
    /// The folder of static files.
    Files,
    /// Rules that drop what phones send.
    Firewall,
    /// What phones are told.
    Addresses,
    /// The time that phones are given.
    Clock,
    /// Virtual phones.
    Phones,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Configuration => "configuration",
            Self::Daemon => "daemon",
            Self::Ports => "ports",
            Self::Data => "data",
            Self::Files => "files",
            Self::Firewall => "firewall",
            Self::Addresses => "addresses",
            Self::Clock => "clock",
            Self::Phones => "phones",
        })
    }
}

/// One line: what was seen, what it means, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) check: Check,
    pub(super) grade: Grade,
    pub(super) what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(check: Check, what: impl Into<String>) -> Self {
        Self {
            check,
            grade: Grade::Ok,
            what: what.into(),
            remedy: None,
        }
    }

    /// Phones may come to grief over it.
    pub(super) fn warning(
        check: Check,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            grade: Grade::Warning,
            remedy: Some(remedy.into()),
            ..Self::ok(check, what)
        }
    }

    /// It does not go like this.
    pub(super) fn fault(check: Check, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            grade: Grade::Fault,
            ..Self::warning(check, what, remedy)
        }
    }

    /// The same without a remedy, where the sentence has it.
    pub(super) fn of(check: Check, grade: Grade, what: impl Into<String>) -> Self {
        Self {
            grade,
            ..Self::ok(check, what)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            check, grade, what, ..
        } = self;
        write!(f, "{:<8} {check:<13} {what}", grade.word())?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n{:23}-> {remedy}", ""),
            None => Ok(()),
        }
    }
}

/// The worst of all.
pub(super) fn verdict(findings: &[Finding]) -> Grade {
    let grades = findings.iter().map(|finding| finding.grade);
    grades.max().unwrap_or(Grade::Ok)
}

/// The last line.
pub(super) fn summary(findings: &[Finding]) -> String {
    let count = |grade| findings.iter().filter(|one| one.grade == grade).count();
    let (ok, warnings, faults) = (count(Grade::Ok), count(Grade::Warning), count(Grade::Fault));
    let many = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    format!(
        "{ok} ok, {}, {}",
        many(warnings, "warning"),
        many(faults, "fault")
    )
}

/// For programs.
pub(super) fn to_json(findings: &[Finding]) -> Value {
    json!({"verdict": verdict(findings), "findings": findings})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts_and_every_line_says_what_to_do() {
        let mut findings = vec![Finding::ok(Check::Clock, "the clock is synchronised")];
        assert_eq!(verdict(&findings), Grade::Ok);
        findings.push(Finding::fault(Check::Ports, "taken", "stop the other one"));
        findings.push(Finding::warning(Check::Files, "odd", "look"));
        assert_eq!(verdict(&findings), Grade::Fault);
        assert_eq!(summary(&findings), "1 ok, 1 warning, 1 fault");
        let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let [ok, fault, _] = shown.as_slice() else {
            unreachable!("three findings");
        };
        assert_eq!(ok, "ok       clock         the clock is synchronised");
        let lines: Vec<&str> = fault.lines().collect();
        let expected = [
            "FAULT    ports         taken",
            "                       -> stop the other one",
        ];
        assert_eq!(lines, expected);
        let json = to_json(&findings);
        assert_eq!(json["verdict"], "fault");
        assert_eq!(json["findings"][1]["remedy"], "stop the other one");
        assert_eq!(json["findings"][0].get("remedy"), None);
    }
}
