//! What stands on the display: for tests to look at, and for people to read.

use std::fmt::{self, Write as _};

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// A list to choose from.
    Menu,
    /// Text.
    Text,
    /// A form.
    Input,
    /// Names with numbers to dial.
    Directory,
}

/// A page as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it came from, without the query, which may hold a PIN; `None` for
    /// the phone's own list of services.
    pub address: Option<String>,
    /// What it is.
    pub kind: PageKind,
    /// The title; the name of the chosen item where the page has none.
    pub title: String,
    /// The line at the foot.
    pub prompt: String,
    /// The text of a text page.
    pub text: String,
    /// The items of a list, or the entries of a directory.
    pub items: Vec<String>,
    /// The fields of a form, with what is in them.
    pub fields: Vec<PageField>,
    /// The soft keys, left to right.
    pub keys: Vec<PageKey>,
    /// What the page wants to be followed by.
    pub refresh: Option<Refresh>,
}

/// A field of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct PageField {
    /// What stands before it.
    pub name: String,
    /// The name that its value is sent under.
    pub parameter: String,
    /// What is in it; never shown where it is masked.
    pub value: String,
    /// Whether it shows as asterisks.
    pub masked: bool,
}

impl PageField {
    /// What the display shows of the value.
    pub fn shown(&self) -> String {
        if self.masked {
            "*".repeat(self.value.chars().count())
        } else {
            self.value.clone()
        }
    }
}

impl fmt::Debug for PageField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageField")
            .field("name", &self.name)
            .field("parameter", &self.parameter)
            .field("value", &self.shown())
            .field("masked", &self.masked)
            .finish()
    }
}

/// A soft key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageKey {
    /// Its place, from 1 at the left; -1 the hard button.
    pub position: i8,
    /// What it says.
    pub name: String,
    /// What it does: a URL or URI.
    pub action: String,
}

/// The `Refresh` header of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// Seconds; 0 waits for a key.
    pub seconds: u32,
    /// What to load; the same page where there is none.
    pub url: Option<String>,
}

/// Columns between the borders.
const WIDTH: usize = 40;

impl Page {
    /// The page as text, with a border.
    pub fn draw(&self) -> String {
        let mut drawing = String::new();
        rule(&mut drawing);
        row(&mut drawing, &self.title);
        rule(&mut drawing);
        for (number, item) in (1..).zip(&self.items) {
            row(&mut drawing, &format!("{number} {item}"));
        }
        for line in self.text.lines() {
            row(&mut drawing, line);
        }
        for field in &self.fields {
            row(&mut drawing, &format!("{}: {}", field.name, field.shown()));
        }
        rule(&mut drawing);
        if !self.prompt.is_empty() {
            row(&mut drawing, &self.prompt);
        }
        let keys: Vec<_> = self
            .keys
            .iter()
            .filter(|key| key.position > 0)
            .map(|key| format!("[{}]", key.name))
            .collect();
        row(&mut drawing, &keys.join(" "));
        rule(&mut drawing);
        drawing
    }

    /// The field that is sent under this name.
    pub fn field(&self, parameter: &str) -> Option<&PageField> {
        self.fields
            .iter()
            .find(|field| field.parameter == parameter)
    }

    /// Whether there is a soft key of that name.
    pub fn has_key(&self, name: &str) -> bool {
        self.keys
            .iter()
            .any(|key| key.name.eq_ignore_ascii_case(name))
    }
}

fn rule(drawing: &mut String) {
    let _ = writeln!(drawing, "+{:-<width$}+", "", width = WIDTH + 2);
}

/// One line of the page, broken where it is too long.
fn row(drawing: &mut String, text: &str) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            put(drawing, &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    put(drawing, &line);
}

fn put(drawing: &mut String, line: &str) {
    let _ = writeln!(drawing, "| {line:<WIDTH$} |");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_drawn_without_its_pin() {
        let field = |name: &str, value: &str, masked| PageField {
            name: name.to_owned(),
            parameter: name.to_lowercase(),
            value: value.to_owned(),
            masked,
        };
        let page = Page {
            address: None,
            kind: PageKind::Input,
            title: "Extension Mobility".to_owned(),
            prompt: "Please sign on".to_owned(),
            text: String::new(),
            items: Vec::new(),
            fields: vec![field("UserID", "alice", false), field("PIN", "58213", true)],
            keys: vec![PageKey {
                position: 1,
                name: "Submit".to_owned(),
                action: "SoftKey:Submit".to_owned(),
            }],
            refresh: None,
        };
        let drawing = page.draw();
        assert!(drawing.contains("| UserID: alice"));
        assert!(drawing.contains("| PIN: *****"));
        assert!(drawing.contains("[Submit]"));
        assert!(!format!("{page:?}{drawing}").contains("58213"));
        let width = |line: &str| line.chars().count();
        assert!(drawing.lines().all(|line| width(line) == WIDTH + 4));
    }
}
