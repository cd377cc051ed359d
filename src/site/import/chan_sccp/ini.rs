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

/// The longest value that several lines make together, in characters.
const LONGEST_VALUE: usize = 4096;
/// The most `#include` with a wildcard that are compared with the files there are.
const MOST_WILDCARDS: usize = 100;
/// The longest such pattern, in bytes.
const LONGEST_PATTERN: usize = 256;

/// Keys that are there several times; of others the last counts.
const SEVERAL: [&str; 8] = [
    "button",
    "autologin",
    "line",
    "speeddial",
    "addon",
    "setvar",
    "deny",
    "permit",
];

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
    /// The names of all files that are read, as the notes tell them.
    names: BTreeSet<String>,
    /// The same without folders.
    bases: BTreeSet<String>,
    wildcards: usize,
}

impl File {
    /// Nothing yet, of files with these names.
    pub(super) fn of(names: BTreeSet<String>) -> Self {
        let bases = names.iter().map(|name| base(name).to_owned()).collect();
        Self {
            names,
            bases,
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
                let (key, appends) = match key.trim_end().strip_suffix('+') {
                    Some(key) => (key, true),
                    None => (key, false),
                };
                let entry = Entry {
                    key: key.trim().to_ascii_lowercase(),
                    value: value.trim().replace("\\;", ";"),
                    line: number,
                };
                match current {
                    Some(section) if appends => self.append(section, entry),
                    Some(section) => self.add(section, entry),
                    None => draft.note(&at, "an entry", "it stands in no section", "look at it"),
                }
            }
        }
    }

    /// Notes a line that begins with `#`. Only the file that it names is repeated:
    /// some take `#` for the sign of a comment, and secrets stand in comments too.
    fn directive(&mut self, directive: &str, at: &Place, draft: &mut Draft<'_>) {
        let (word, rest) = directive
            .split_once(char::is_whitespace)
            .unwrap_or((directive, ""));
        let word = word.to_ascii_lowercase();
        let (what, why, remedy) = match word.as_str() {
            "include" | "tryinclude" => {
                let bare = rest.trim().trim_matches(['"', '<', '>']);
                if self.has(bare, at.file_name()) {
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

    /// Whether what a file includes is one of those that are read: a name
    /// without its folders, or a pattern with the last of them.
    fn has(&mut self, included: &str, by: &str) -> bool {
        if !included.contains(['*', '?']) {
            return self.bases.contains(base(included));
        }
        self.wildcards = self.wildcards.saturating_add(1);
        if self.wildcards > MOST_WILDCARDS || included.len() > LONGEST_PATTERN {
            return false;
        }
        let parts = |path: &str| -> Vec<String> {
            let parts = path.rsplit('/').take(2);
            parts.map(ToOwned::to_owned).collect()
        };
        let pattern = parts(included);
        let others = self.names.iter().filter(|name| name.as_str() != by);
        others.map(|name| parts(name)).any(|name| {
            let mut pairs = pattern.iter().zip(&name);
            pairs.all(|(pattern, part)| fits(pattern, part))
        })
    }

    /// `key += value` (*Asterisk documentation*, Adding to an existing section):
    /// a further value, or more of the one that the key has.
    fn append(&mut self, section: usize, mut entry: Entry) {
        let before = self
            .sections
            .get(section)
            .and_then(|section| section.get(&entry.key));
        if !SEVERAL.contains(&entry.key.as_str())
            && let Some(before) = before
        {
            entry.value = format!("{},{}", before.value, entry.value)
                .chars()
                .take(LONGEST_VALUE)
                .collect();
        }
        self.add(section, entry);
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

/// A path without its folders.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a name fits a pattern, in which `*` is anything and `?` one letter.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // The places after each prefix of the pattern at which the name may stand.
    let mut reached = vec![false; name.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern {
        let mut next = vec![false; name.len() + 1];
        let mut any = false;
        for (at, place) in next.iter_mut().enumerate() {
            let here = reached.get(at).copied().unwrap_or(false);
            any |= here;
            let before = at.checked_sub(1);
            let from = before.and_then(|before| reached.get(before).copied());
            let letter = before.and_then(|before| name.get(before));
            *place = match wanted {
                '*' => any,
                '?' => from.unwrap_or(false),
                letter_wanted => from.unwrap_or(false) && letter == Some(&letter_wanted),
            };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
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

    /// `+=` adds to what a template gave: further buttons, more of a text.
    #[test]
    fn what_is_added_is_not_lost() {
        let (file, notes) = read(
            "[base](!)\nbutton = line, 1\ndescription = Desk\n\
             [SEP1](base)\nbutton += line, 2\nButton+=line, 3\ndescription += 2nd floor\n\
             tzoffset += 1\n",
        );
        assert_eq!(notes, 0);
        assert_eq!(
            values(&file, "SEP1", "button"),
            ["line, 1", "line, 2", "line, 3"]
        );
        let section = file.sections().next().unwrap();
        assert_eq!(section.get("description").unwrap().value, "Desk,2nd floor");
        assert_eq!(section.get("tzoffset").unwrap().value, "1");
    }

    #[test]
    fn a_pattern_of_files_is_told_where_none_of_them_is_there() {
        let told = |names: &[&str], included: &str| {
            let catalogue = catalogue();
            let options = Options::default();
            let mut draft = Draft::new(&catalogue, &options);
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let text = format!("#include {included}\n");
            File::of(names).read(&text, &Place::file("sccp.conf"), &mut draft);
            draft.into_notes().len()
        };
        let pattern = "sccp_lines.d/*.conf";
        assert_eq!(told(&["sccp.conf", "sccp_lines.d/a.conf"], pattern), 0);
        assert_eq!(told(&["sccp.conf", "/x/sccp_lines.d/a.conf"], pattern), 0);
        let whole = "\"/etc/asterisk/sccp_lines.d/*.conf\"";
        assert_eq!(told(&["sccp.conf", "sccp_lines.d/a.conf"], whole), 0);
        assert_eq!(told(&["sccp.conf"], pattern), 1);
        assert_eq!(told(&["sccp.conf"], "*.conf"), 1, "it is the file itself");
        assert_eq!(told(&["sccp.conf", "other.d/a.conf"], pattern), 1);
        assert_eq!(told(&["sccp.conf", "sccp_lines.d/a.txt"], pattern), 1);
        assert_eq!(
            told(&["sccp.conf", "sccp_lines.d/a1.conf"], "l*.d/a?.conf"),
            1
        );
        assert_eq!(
            told(&["sccp.conf", "sccp_lines.d/a1.conf"], "*.d/a?.c*f"),
            0
        );
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
