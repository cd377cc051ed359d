//! Rings and wallpapers: the lists that phones show of what lies in the folder
//! of static files.
//!
//! An operator puts files there and no list; a list of his own always wins.
//! What cannot be listed is told with its reason. Sound and pictures are served
//! as they are: only their sizes are looked at here.

mod rings;
#[cfg(test)]
mod tests;
pub(super) mod thumbnails;
mod wallpapers;

use std::collections::HashMap;

use bytes::Bytes;

use super::firmware::Listed;
use super::xml;

/// Entries of a list. Phones are said to take 50; some stop at 32.
const MOST_ENTRIES: usize = 32;
/// Characters of a name in a list.
const LONGEST_NAME: usize = 25;

/// What is made of the rings and wallpapers of a tree.
#[derive(Clone, Debug, Default)]
pub struct Media {
    /// Lists, by their name in lower case.
    lists: HashMap<String, Bytes>,
    /// Rings that lie in their folder, by their bare name in lower case: some
    /// phones only ask for rings at the top (7942).
    bare: HashMap<String, String>,
    remarks: Vec<String>,
}

impl Media {
    /// Makes the lists of a tree.
    pub(super) fn read(files: &[Listed<'_>]) -> Self {
        let mut media = Self::default();
        rings::add(&mut media, files);
        wallpapers::add(&mut media, files);
        media
    }

    /// A list that nobody wrote himself.
    pub(super) fn list(&self, name: &str) -> Option<Bytes> {
        self.lists.get(&name.to_lowercase()).cloned()
    }

    /// The name in the tree of a ring that is asked for without its folder.
    pub(super) fn in_folder(&self, bare: &str) -> Option<&str> {
        self.bare.get(&bare.to_lowercase()).map(String::as_str)
    }

    /// What is not listed, and why; one sentence each.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The lists that are made, by name in lower case.
    pub fn lists(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.lists.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn remark(&mut self, what: String) {
        // A folder of a thousand wrong files is one mistake.
        if self.remarks.len() < 200 {
            self.remarks.push(what);
        }
    }

    /// What is too much for a list is left out, and told.
    fn bounded<T>(&mut self, list: &str, entries: &mut Vec<T>) {
        if entries.len() > MOST_ENTRIES {
            self.remark(format!(
                "{list}: {} files, and phones show {MOST_ENTRIES} at most: the first by name are \
                 listed; write a list of your own to choose",
                entries.len()
            ));
            entries.truncate(MOST_ENTRIES);
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = xml::escape(&mut out, text);
    out
}

/// Folder and name of a file that lies in one folder of the top.
fn in_one_folder(name: &str) -> Option<(&str, &str)> {
    name.split_once('/').filter(|(_, name)| !name.contains('/'))
}

/// The name without `end`, whatever its letter case.
fn stem<'a>(name: &'a str, end: &str) -> Option<&'a str> {
    let (stem, tail) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    (tail.eq_ignore_ascii_case(end) && !stem.is_empty()).then_some(stem)
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}
