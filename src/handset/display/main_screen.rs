//! What the phone shows while nobody has pressed anything: date, line keys
//! with their labels, prompt, soft keys.

use std::fmt::Write as _; // writing to a String cannot fail

use super::letters::cut;
use super::panel::Drawing;
use super::{Display, Labels};
use crate::handset::event::{ButtonKind, ButtonSeen};
use crate::handset::model::Model;

/// Date and time as the server told them when the phone registered. A virtual
/// phone knows no time zones: over SIP, which tells UTC, it shows that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Such as 2026.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
}

/// The main screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainScreen {
    /// Of which phone.
    pub model: &'static Model,
    /// Date and time, once a server told them.
    pub clock: Option<Clock>,
    /// `dateTemplate` of the phone's file, such as `D.M.Y`.
    pub date_template: String,
    /// The keys beside the display, those of add-on modules after them.
    pub buttons: Vec<ButtonSeen>,
    /// The line at the foot; a passing notice while there is one.
    pub prompt: String,
    /// What the soft keys say while the handset is on its hook, as far as a
    /// server told it.
    pub soft_keys: Vec<String>,
    /// Whether the message lamp is lit.
    pub message_lamp: bool,
}

impl MainScreen {
    /// The screen as text; beside it what each key is and does.
    pub fn draw(&self) -> String {
        let display = self.model.display;
        let mut drawing = Drawing::new(display);
        drawing.line(false, &self.heading(&display), ' ', self.lamp());
        drawing.rule();
        for row in 0..self.rows(&display) {
            let (text, beside) = self.row(row, &display);
            drawing.line(false, &text, ' ', &beside);
        }
        drawing.rule();
        let prompt = display.letters.line(&self.prompt);
        drawing.line(false, prompt.trim(), ' ', "");
        let keys: Vec<String> = (0..display.soft_keys)
            .map(|place| self.soft_key(place, &display))
            .collect();
        drawing.keys(&keys);
        let mut text = drawing.finish();
        for button in self.unlabelled(&display) {
            let label = display.letters.line(&button.label);
            let _ = writeln!(text, "[{}] {}: {}", button.key, label.trim(), does(button));
        }
        text
    }

    /// Date and time on the left, the first line's number on the right.
    fn heading(&self, display: &Display) -> String {
        let clock = self.clock.as_ref();
        let time = clock.map_or_else(String::new, |clock| clock.written(&self.date_template));
        let line = self.buttons.iter().find(|key| key.kind == ButtonKind::Line);
        let number = line.map_or("", |line| line.number.as_str());
        let number = display.letters.line(number);
        let room = display.columns.saturating_sub(time.chars().count() + 1);
        let number = cut(number.trim(), room);
        let left = display.columns.saturating_sub(number.chars().count());
        format!("{time:<left$}{number}")
    }

    fn lamp(&self) -> &'static str {
        if self.message_lamp {
            "(message lamp)"
        } else {
            ""
        }
    }

    /// As many as the display has, or keys are beside it.
    fn rows(&self, display: &Display) -> usize {
        match display.labels {
            Labels::None => display.rows,
            Labels::Right | Labels::Left => display.rows.max(self.model.keys),
        }
    }

    /// A line between date and prompt, and what is beside it.
    fn row(&self, row: usize, display: &Display) -> (String, String) {
        let columns = display.columns;
        let key = row + 1;
        let button = self
            .buttons
            .iter()
            .find(|button| usize::from(button.key) == key);
        let shown = |button: &ButtonSeen| {
            let label = display.letters.line(&button.label);
            cut(label.trim(), columns)
        };
        if display.labels == Labels::None {
            // The first line alone is on the display.
            let label = button.filter(|_| key == 1).map(shown);
            return (label.unwrap_or_default(), String::new());
        }
        if key > self.model.keys {
            return (String::new(), String::new());
        }
        let Some(button) = button else {
            return (String::new(), format!("[{key}]"));
        };
        let label = shown(button);
        let label = match display.labels {
            Labels::Right => format!("{label:>columns$}"),
            Labels::Left | Labels::None => label,
        };
        (label, format!("[{key}] {}", does(button)))
    }

    /// Keys whose labels are not on the display: of phones that have none
    /// beside it, and of add-on modules.
    fn unlabelled(&self, display: &Display) -> impl Iterator<Item = &ButtonSeen> {
        let first = match display.labels {
            Labels::None => 1,
            Labels::Right | Labels::Left => self.model.keys,
        };
        self.buttons
            .iter()
            .filter(move |button| usize::from(button.key) > first)
    }

    /// More than there are places: the last one leads to the rest.
    fn soft_key(&self, place: usize, display: &Display) -> String {
        let places = display.soft_keys;
        let more = self.soft_keys.len() > places && place + 1 == places;
        let name = if more {
            "more"
        } else {
            self.soft_keys.get(place).map_or("", String::as_str)
        };
        cut(display.letters.line(name).trim(), display.key_letters())
    }
}

/// What a key does, for who reads the drawing.
fn does(button: &ButtonSeen) -> String {
    let what = match button.kind {
        ButtonKind::Line => "line",
        ButtonKind::SpeedDial => "speed dial",
        ButtonKind::BusyLamp => "speed dial with lamp",
        ButtonKind::Service => "service",
        ButtonKind::Feature => "feature",
    };
    // A URL is the server's address above all.
    match (button.kind, button.number.as_str()) {
        (ButtonKind::Service, _) | (_, "") => what.to_owned(),
        (_, number) => format!("{what} {}", number.replace(char::is_control, "?")),
    }
}

impl Clock {
    /// By a template: `D`, `M` and `Y` in their order with what stands between
    /// them, and `A` at the end for a clock of twelve hours (*Cisco Unified CM
    /// Administration Guide*, Date/Time Group Configuration). Without a
    /// template it is American, as on a phone that was told nothing.
    pub fn written(&self, template: &str) -> String {
        let template = template.trim();
        let short = template.trim_end_matches(['A', 'a']);
        let twelve = short.len() < template.len() || template.is_empty();
        let order = if short.is_empty() { "M/D/Y" } else { short };
        let mut date = String::new();
        let mut letters = order.chars().take(16).peekable();
        while let Some(letter) = letters.next() {
            let mut long = false;
            while letter.is_ascii_alphabetic() && letters.next_if_eq(&letter).is_some() {
                long = true;
            }
            let _ = match letter {
                'D' | 'd' => write!(date, "{:02}", self.day),
                'M' | 'm' => write!(date, "{:02}", self.month),
                'Y' | 'y' if long => write!(date, "{:04}", self.year),
                'Y' | 'y' => write!(date, "{:02}", self.year % 100),
                '.' | '/' | '-' => write!(date, "{letter}"),
                _ => Ok(()),
            };
        }
        if twelve {
            let half = if self.hour < 12 { 'a' } else { 'p' };
            let hour = match self.hour % 12 {
                0 => 12,
                hour => hour,
            };
            format!("{hour}:{:02}{half} {date}", self.minute)
        } else {
            format!("{:02}:{:02} {date}", self.hour, self.minute)
        }
    }
}
