//! What stands on the display: for tests to look at, and for people to read.

use std::fmt;

use super::display;
use super::model::Model;

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
    /// On which phone.
    pub model: &'static Model,
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
    /// The item that is marked, or the field that is typed into, from 0.
    pub cursor: usize,
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

/// Numbers of Extension Mobility that a page may end a line with; above them
/// are directory numbers.
const CODES: std::ops::Range<u16> = 1..300;

impl Page {
    /// The page as this phone shows it, as text: first what is on the display,
    /// then what scrolling and the key for more keys bring.
    pub fn draw(&self) -> String {
        display::draw(self)
    }

    /// The number of the error that the page tells, as CallManager's pages
    /// tell it: in brackets at the end of the prompt or of the text's first
    /// line.
    pub fn error(&self) -> Option<u16> {
        let first = self.text.lines().find(|line| !line.trim().is_empty());
        [Some(self.prompt.as_str()), first]
            .into_iter()
            .flatten()
            .find_map(code_at_end)
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

fn code_at_end(line: &str) -> Option<u16> {
    let (_, code) = line.trim().strip_suffix(')')?.rsplit_once('(')?;
    code.parse().ok().filter(|code| CODES.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_by_the_number_at_the_end() {
        assert_eq!(code_at_end("Authentication Error (201) "), Some(201));
        for line in ["", "(", ")", "()", "Alice (2001)", "(25) and more", "(x)"] {
            assert_eq!(code_at_end(line), None, "{line:?}");
        }
    }
}
