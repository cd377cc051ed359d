//! What was not carried over: where it stood, what it is, why, and what to do
//! by hand.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The most different notes; more are counted.
const MOST: usize = 2000;
/// The most characters of one part of a note.
const LONGEST: usize = 240;

/// A place in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    file: Arc<str>,
    line: Option<usize>,
}

impl Place {
    /// A file as a whole.
    pub(super) fn file(name: &str) -> Self {
        Self {
            file: printable(name).into(),
            line: None,
        }
    }

    /// A line of it, from 1; 0 for what has none of its own.
    pub(super) fn line(&self, line: usize) -> Self {
        Self {
            file: Arc::clone(&self.file),
            line: Some(line).filter(|line| *line > 0).or(self.line),
        }
    }

    /// The name of the file.
    pub(super) fn file_name(&self) -> &str {
        &self.file
    }

    /// Its line, 0 without one.
    pub(super) fn number(&self) -> usize {
        self.line.unwrap_or(0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

/// Something that is not in the site file as it was in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub file: String,
    /// Its line, from 1; absent for what is about the whole file.
    pub line: Option<usize>,
    /// What it is. Never a secret.
    pub what: String,
    /// Why it is not carried over.
    pub why: String,
    /// What to do by hand.
    pub remedy: String,
    /// How many further places have the same.
    pub more: usize,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if self.more > 0 {
            let places = if self.more == 1 { "place" } else { "places" };
            write!(f, " (and {} more {places})", self.more)?;
        }
        write!(f, ": {}: {}; {}", self.what, self.why, self.remedy)
    }
}

/// The notes so far. The same of another place is counted, not repeated.
#[derive(Default)]
pub(super) struct Report {
    notes: Vec<Note>,
    known: HashMap<(String, String, String), usize>,
    left_out: usize,
}

impl Report {
    /// Adds a note: *what* stands there is not carried over *why*; the
    /// operator does the *remedy*.
    pub(super) fn add(&mut self, at: &Place, what: &str, why: &str, remedy: &str) {
        let [what, why, remedy] = [what, why, remedy].map(printable);
        let key = (what, why, remedy);
        if let Some(note) = self.known.get(&key).and_then(|at| self.notes.get_mut(*at)) {
            // What a template or a file for all says stands in one place.
            if note.file != *at.file || note.line != at.line {
                note.more += 1;
            }
            return;
        }
        if self.notes.len() >= MOST {
            self.left_out += 1;
            return;
        }
        let (what, why, remedy) = key.clone();
        self.known.insert(key, self.notes.len());
        self.notes.push(Note {
            file: at.file.to_string(),
            line: at.line,
            what,
            why,
            remedy,
            more: 0,
        });
    }

    /// All notes.
    pub(super) fn finish(mut self) -> Vec<Note> {
        if self.left_out > 0 {
            self.notes.push(Note {
                file: "the input".to_owned(),
                line: None,
                what: format!("{} more notes", self.left_out),
                why: format!("a report has at most {MOST}"),
                remedy: "mend what is told here, and import again".to_owned(),
                more: 0,
            });
        }
        self.notes
    }
}

/// Without line breaks and other control characters, and not without end: a
/// note is a line of a terminal and a comment of a file.
fn printable(text: &str) -> String {
    let one_line = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect::<String>();
    one_line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_note_says_where_what_why_and_what_to_do() {
        let mut report = Report::default();
        let file = Place::file("sccp.conf");
        report.add(&file.line(7), "DND key", "no such keys", "take a template");
        report.add(&file.line(9), "DND key", "no such keys", "take a template");
        report.add(&file.line(7), "DND key", "no such keys", "take a template");
        report.add(&file, "two\nlines", "because", "nothing");
        let lines: Vec<String> = report.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "sccp.conf:7 (and 1 more place): DND key: no such keys; take a template",
                "sccp.conf: two lines: because; nothing",
            ]
        );
    }

    #[test]
    fn a_report_has_an_end() {
        let mut report = Report::default();
        for number in 0..MOST + 5 {
            report.add(&Place::file("x"), &number.to_string(), "", "");
        }
        let notes = report.finish();
        assert_eq!(notes.len(), MOST + 1);
        assert_eq!(notes.last().unwrap().what, "5 more notes");
    }
}
