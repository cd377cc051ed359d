//! Asterisk's configuration files (*Asterisk documentation*, Configuration file
//! syntax, Templates): sections, templates, comments. A file that another names
//! is read when it is one of the input, and not looked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::import::draft::Draft;
use crate::site::import::report::Place;
use crate::site::import::source;

/// The most entries of a section, with those of its templates.
const MOST_ENTRIES: usize = 1000;
/// The most entries of all sections: templates multiply them.
const MOST_IN_ALL: usize = 2_000_000;

/// `key = value`.
#[derive(Clone)]
pub(super) struct Entry {
    /// In lower case.
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: usize,
}

/// A section with what its templates gave it.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) line: usize,
    pub(super) entries: Vec<Entry>,
    template: bool,
}

impl Section {
    /// The value that counts: the last.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// All values of a key, in their order.
    pub(super) fn all<'a>(&'a self, keys: &'a [&str]) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| keys.contains(&entry.key.as_str()))
    }
}

/// The sections of one or more files, in their order.
#[derive(Default)]
pub(super) struct File {
    sections: Vec<Section>,
    by_name: BTreeMap<String, usize>,
    entries: usize,
    /// The names of all files that are read, without folders.
    names: BTreeSet<String>,
}

impl File {
    /// Nothing yet, of files with these names without folders.
    pub(super) fn of(names: BTreeSet<String>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// The sections that are no templates.
    pub(super) fn sections(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| !section.template)
    }

    /// Reads a file.
    pub(super) fn read(&mut self, text: &str, place: &Place, draft: &mut Draft<'_>) {
        let mut commented = false;
        let mut current = None;
        for (number, line) in source::lines(text, place, draft) {
            let line = without_comment(line, &mut commented);
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let at = place.line(number);
            if let Some(directive) = line.strip_prefix('#') {
                self.directive(directive, &at, draft);
            } else if line.starts_with('[') {
                current = self.open(line, number, place, draft);
            } else if let Some((key, value)) = line.split_once('=') {
                let value = value.strip_prefix('>').unwrap_or(value);
                let entry = Entry {
                    key: key.trim().to_ascii_lowercase(),
                    value: value.trim().replace("\\;", ";"),
                    line: number,
                };
                match current {
                    Some(section) => self.add(section, entry),
                    None => draft.note(&at, "an entry", "it stands in no section", "look at it"),
                }
            }
        }
    }

    /// Notes a line that begins with `#`. Only the file that it names is repeated:
    /// some take `#` for the sign of a comment, and secrets stand in comments too.
    fn directive(&self, directive: &str, at: &Place, draft: &mut Draft<'_>) {
        let (word, rest) = directive
            .split_once(char::is_whitespace)
            .unwrap_or((directive, ""));
        let word = word.to_ascii_lowercase();
        let (what, why, remedy) = match word.as_str() {
            "include" | "tryinclude" => {
                let bare = rest.trim().trim_matches(['"', '<', '>']);
                if self.names.contains(bare.rsplit('/').next().unwrap_or(bare)) {
                    return;
                }
                let file: String = rest.trim().chars().take(80).collect();
                (
                    format!("#{word} {file}"),
                    "other files are not followed",
                    "name that file too: embody import chan-sccp sccp.conf OTHER.conf",
                )
            }
            "exec" => (
                "#exec".to_owned(),
                "no program is run here",
                "write what it prints into a file, and name that file too",
            ),
            _ => (
                "a line with #".to_owned(),
                "it is none of #include, #tryinclude and #exec; comments begin with ; there",
                "look at it",
            ),
        };
        draft.note(at, &what, why, remedy);
    }

    fn add(&mut self, section: usize, entry: Entry) {
        if self.entries >= MOST_IN_ALL {
            return;
        }
        if let Some(section) = self.sections.get_mut(section)
            && section.entries.len() < MOST_ENTRIES
        {
            section.entries.push(entry);
            self.entries += 1;
        }
    }

    /// `[name]`, `[name](!)`, `[name](template,other)`, `[name](+)`.
    fn open(
        &mut self,
        line: &str,
        number: usize,
        place: &Place,
        draft: &mut Draft<'_>,
    ) -> Option<usize> {
        let (name, rest) = line.strip_prefix('[')?.split_once(']').or_else(|| {
            draft.note(
                &place.line(number),
                "a section",
                "its bracket is not closed",
                "close it, and import again",
            );
            None
        })?;
        let name = name.trim().to_owned();
        let options = rest
            .trim()
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map_or("", |(options, _)| options);
        let options: Vec<&str> = options.split(',').map(str::trim).collect();
        if options.contains(&"+")
            && let Some(known) = self.by_name.get(&name)
        {
            return Some(*known);
        }
        let index = self.sections.len();
        self.sections.push(Section {
            name: name.clone(),
            place: place.clone(),
            line: number,
            entries: Vec::new(),
            template: options.contains(&"!"),
        });
        for template in options
            .iter()
            .filter(|option| !["", "!", "+"].contains(*option))
        {
            let Some(from) = self.by_name.get(*template).copied() else {
                draft.note(
                    &place.line(number),
                    &format!("template {template:?} of [{name}]"),
                    "there is no such section before it",
                    "put the template before its users, and import again",
                );
                continue;
            };
            let inherited = self
                .sections
                .get(from)
                .map(|section| section.entries.clone());
            for entry in inherited.unwrap_or_default() {
                self.add(index, entry);
            }
        }
        self.by_name.insert(name, index);
        Some(index)
    }
}

/// Without `; comment` and without what stands between `;--` and `--;`.
fn without_comment(line: &str, commented: &mut bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    loop {
        if *commented {
            let Some((_, after)) = rest.split_once("--;") else {
                return out;
            };
            *commented = false;
            rest = after;
        }
        let Some(at) = semicolon(rest) else {
            out.push_str(rest);
            return out;
        };
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(head);
        match tail.strip_prefix(";--") {
            Some(after) if !after.starts_with('-') => {
                *commented = true;
                rest = after;
            }
            _ => return out,
        }
    }
}

/// The first semicolon that no backslash stands before.
fn semicolon(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().find_map(|(at, byte)| {
        let escaped = at
            .checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_some_and(|before| *before == b'\\');
        (*byte == b';' && !escaped).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::super::Options;
    use super::super::super::tests::catalogue;
    use super::*;

    fn read(text: &str) -> (File, usize) {
        let catalogue = catalogue();
        let options = Options::default();
        let mut draft = Draft::new(&catalogue, &options);
        let mut file = File::default();
        file.read(text, &Place::file("sccp.conf"), &mut draft);
        let notes = draft.into_notes().len();
        (file, notes)
    }

    #[test]
    fn of_a_line_with_a_hash_only_the_file_that_it_names_is_told() {
        let catalogue = catalogue();
        let options = Options::default();
        let mut draft = Draft::new(&catalogue, &options);
        let text = "#include \"a b.conf\"\n#include \"x/d.conf\"\n#TryInclude c.conf ; d\n#exec /bin/canary 1\n\
                    #pin = canary\n#include= canary\n# canary\n";
        let names = BTreeSet::from(["sccp.conf".to_owned(), "d.conf".to_owned()]);
        File::of(names).read(text, &Place::file("sccp.conf"), &mut draft);
        let notes = draft.into_notes();
        let whats: Vec<&str> = notes.iter().map(|note| note.what.as_str()).collect();
        assert_eq!(
            whats,
            [
                "#include \"a b.conf\"",
                "#tryinclude c.conf",
                "#exec",
                "a line with #"
            ]
        );
        let told: Vec<String> = notes.iter().map(ToString::to_string).collect();
        assert!(!told.concat().contains("canary"), "{told:?}");
    }

    fn values<'a>(file: &'a File, section: &str, key: &str) -> Vec<&'a str> {
        let section = file.sections().find(|found| found.name == section).unwrap();
        let entries = section.entries.iter().filter(|entry| entry.key == key);
        entries.map(|entry| entry.value.as_str()).collect()
    }

    #[test]
    fn sections_take_what_their_templates_have() {
        let (file, notes) = read(
            "[base](!) ; for all\n\
             button = line, 1 ;-- not\nbutton = line, 9\n--; key=>v\\;w\n\
             [more](!,base)\nbutton = line, 2\n\
             [SEP1](more)\nbutton = line, 3\n\
             [SEP1](+)\nbutton => line, 4\n",
        );
        assert_eq!(notes, 0);
        assert_eq!(
            values(&file, "SEP1", "button"),
            ["line, 1", "line, 2", "line, 3", "line, 4"]
        );
        assert_eq!(values(&file, "SEP1", "key"), ["v;w"]);
        assert_eq!(file.sections().count(), 1);
    }

    #[test]
    fn what_is_not_followed_is_told() {
        let (_, notes) = read("#include \"x.conf\"\nlost = 1\n[a](nowhere)\n[open\n");
        assert_eq!(notes, 4);
    }

    /// Templates that name one another several times would double each time.
    #[test]
    fn templates_cannot_make_a_file_explode() {
        let template = |number: usize| match number.checked_sub(1) {
            None => "[t0](!)\na = 1\nb = 2\n".to_owned(),
            Some(before) => format!("[t{number}](!,t{before},t{before})\n"),
        };
        let templates: Vec<String> = (0..40).map(template).collect();
        let text = templates.concat() + "[SEP1](t39)\n";
        let (file, _) = read(&text);
        assert_eq!(values(&file, "SEP1", "a").len() * 2, MOST_ENTRIES);
    }
}
