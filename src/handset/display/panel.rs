//! The frame around everything, and a whole page in it.

use std::fmt::Write as _; // writing to a String cannot fail

use super::body::{self, Row};
use super::letters::cut;
use super::{Display, Panel, keys};
use crate::handset::page::Page;
use crate::phonexml::SoftKeyLayout;

/// A drawing that grows downwards.
pub(super) struct Drawing {
    display: Display,
    text: String,
}

impl Drawing {
    pub(super) fn new(display: Display) -> Self {
        let mut drawing = Self {
            display,
            text: String::new(),
        };
        drawing.edge('.', '-', '.');
        drawing
    }

    pub(super) fn finish(mut self) -> String {
        self.bottom();
        self.text
    }

    /// Letters between the borders: the mark, a line, the mark for scrolling,
    /// and a blank.
    fn inside(&self) -> usize {
        self.display.columns + 3
    }

    fn edge(&mut self, left: char, line: char, right: char) {
        let line = String::from(line).repeat(self.inside());
        let _ = writeln!(self.text, "{left}{line}{right}");
    }

    fn bottom(&mut self) {
        self.edge('\'', '-', '\'');
    }

    /// A line between the parts, where the panel has dots for it.
    pub(super) fn rule(&mut self) {
        match self.display.panel {
            Panel::Text => {}
            Panel::Dots => self.edge('|', '-', '|'),
            Panel::Colour => self.edge('|', '=', '|'),
        }
    }

    /// One line, cut to the display; what is beside the display after it.
    pub(super) fn line(&mut self, marked: bool, text: &str, scroll: char, beside: &str) {
        let columns = self.display.columns;
        let text = cut(text, columns);
        let mark = if marked { '>' } else { ' ' };
        let line = format!("|{mark}{text:<columns$}{scroll} |{beside}");
        let _ = writeln!(self.text, "{line}");
    }

    fn words(&mut self, text: &str) {
        let text = self.display.letters.line(text);
        self.line(false, text.trim(), ' ', "");
    }

    /// As many lines as the display has, of those from `first` on.
    fn window(&mut self, rows: &[Row], first: usize) {
        let shown = self.display.rows;
        for at in 0..shown {
            let above = at == 0 && first > 0;
            let below = at + 1 == shown && first + shown < rows.len();
            let scroll = match (above, below) {
                (true, _) => '^',
                (false, true) => 'v',
                (false, false) => ' ',
            };
            match rows.get(first + at) {
                Some(row) => self.line(row.marked, &row.text, scroll, ""),
                None => self.line(false, "", scroll, ""),
            }
        }
    }

    /// The soft keys.
    pub(super) fn keys(&mut self, names: &[String]) {
        let letters = self.display.key_letters();
        let cells: Vec<String> = names
            .iter()
            .map(|name| format!("{name:<letters$}"))
            .collect();
        let width = self.inside();
        let row = cells.join("|");
        let _ = writeln!(self.text, "|{row:<width$}|");
    }

    /// What is not seen before the user does something.
    fn behind(&mut self, how: &str) {
        self.bottom();
        let _ = writeln!(self.text, "({how})");
    }
}

/// The page as this phone shows it, and below that what scrolling and the key
/// for more keys bring.
pub(in crate::handset) fn draw(page: &Page) -> String {
    let display = page.model.display;
    let rows = body::rows(page, &display);
    let layout = SoftKeyLayout::for_model(page.model.product);
    let key_rows = keys::rows(&page.keys, &display, layout);
    let mut drawing = Drawing::new(display);
    let (title, prompt) = headings(page, &display);
    drawing.words(title);
    drawing.rule();
    drawing.window(&rows, 0);
    drawing.rule();
    if let Some(prompt) = prompt {
        drawing.words(prompt);
    }
    let mut behind = key_rows.iter();
    if let Some(first) = behind.next() {
        drawing.keys(first);
    }
    let shown = display.rows.max(1);
    for first in (shown..rows.len()).step_by(shown) {
        drawing.behind("scrolled");
        drawing.window(&rows, first);
    }
    for more in behind {
        drawing.behind("more");
        drawing.keys(more);
    }
    drawing.finish()
}

/// Title and prompt, or the one line that has to do for both (*CiscoIPPhone
/// XML Object Definitions*, of the 6900 series: only the prompt is shown when
/// there are both).
fn headings<'a>(page: &'a Page, display: &Display) -> (&'a str, Option<&'a str>) {
    match (display.one_heading, page.prompt.as_str()) {
        (false, prompt) => (&page.title, Some(prompt)),
        (true, "") => (&page.title, None),
        (true, prompt) => (prompt, None),
    }
}
