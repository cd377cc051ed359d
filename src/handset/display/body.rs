//! What stands between title and prompt: lists, text, fields.

use super::Display;
use super::letters::{cut, tail, wrapped};
use crate::handset::page::{Page, PageField, PageKind};

/// Letters of a field that nobody would call narrow.
const FIELD: usize = 20;

/// A line of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Whether the mark of the chosen item, or of the field that is typed
    /// into, stands before it.
    pub(super) marked: bool,
    pub(super) text: String,
}

impl Row {
    pub(super) fn plain(text: String) -> Self {
        Self {
            marked: false,
            text,
        }
    }
}

/// All lines of the body, those that need scrolling included.
pub(super) fn rows(page: &Page, display: &Display) -> Vec<Row> {
    match page.kind {
        PageKind::Text => wrapped(&page.text, display.letters, display.columns)
            .into_iter()
            .map(Row::plain)
            .collect(),
        PageKind::Menu | PageKind::Directory => listed(page, display),
        PageKind::Input => fields(page, display),
    }
}

/// Items with their numbers; what is too long for a line is cut, and a name
/// that breaks itself goes on in the next lines.
fn listed(page: &Page, display: &Display) -> Vec<Row> {
    let digits = page.items.len().to_string().len();
    let mut rows = Vec::new();
    for (at, item) in page.items.iter().enumerate() {
        let number = format!("{:>digits$} ", at + 1);
        let item = item.replace("\r\n", "\n");
        // A name spans three lines at most.
        for (part, line) in item.split(['\n', '\r']).take(3).enumerate() {
            let head = if part == 0 { number.as_str() } else { "" };
            let text = format!(
                "{head:<width$}{}",
                display.letters.line(line),
                width = number.len()
            );
            rows.push(Row {
                marked: at == page.cursor && part == 0,
                text: cut(text.trim_end(), display.columns),
            });
        }
    }
    rows
}

/// Fields beside their names where both have room, else below them.
fn fields(page: &Page, display: &Display) -> Vec<Row> {
    let names: Vec<String> = page
        .fields
        .iter()
        .map(|field| format!("{}: ", display.letters.line(&field.name).trim()))
        .collect();
    let beside = |name: &String| name.chars().count() <= display.columns / 2;
    let column = names
        .iter()
        .filter(|name| beside(name))
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut rows = Vec::new();
    for (at, (field, name)) in page.fields.iter().zip(&names).enumerate() {
        let marked = at == page.cursor;
        if beside(name) {
            let room = (display.columns - column).min(FIELD);
            let text = format!("{name:<column$}{}", typed(field, display, room));
            rows.push(Row { marked, text });
            continue;
        }
        let lines = wrapped(name, display.letters, display.columns);
        rows.extend(lines.into_iter().map(Row::plain));
        let text = typed(field, display, display.columns.min(FIELD));
        rows.push(Row { marked, text });
    }
    rows
}

/// What was typed, on the line that shows where the field is. Of a long value
/// the end is seen, where the next letter goes.
fn typed(field: &PageField, display: &Display, room: usize) -> String {
    let value = tail(&display.letters.line(&field.shown()), room);
    let rest = room - value.chars().count();
    format!("{value}{}", "_".repeat(rest))
}
