//! A way through the pages, from the phone's side; what it shows is drawn.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use embody::handset::{Handset, Pace, Page, PageKey, Servers};
use tokio::sync::{Mutex, MutexGuard};

use super::site::{Drawn, PINS};
use crate::support::Daemon;
use crate::support::phones::{is_right, registered, until};

pub struct Walk<'a> {
    pub daemon: &'a Daemon,
    pub phone: Handset,
    pub drawn: Drawn,
    turn: &'a Mutex<()>,
    /// The drawings of each chapter, by its name.
    chapters: Vec<(String, String)>,
}

impl<'a> Walk<'a> {
    /// The phone boots and registers, and shows its main screen.
    pub async fn begin(daemon: &'a Daemon, drawn: Drawn, turn: &'a Mutex<()>) -> Self {
        let phone = Handset::spawn(drawn.profile(), servers(daemon, drawn), Pace::default());
        registered(&phone, 1).await;
        Self {
            daemon,
            phone,
            drawn,
            turn,
            chapters: Vec::new(),
        }
    }

    /// Whom the phone asks, and the address from which it does.
    pub fn servers(&self) -> Servers {
        servers(self.daemon, self.drawn)
    }

    /// From here on drawings go into the file of this name, behind model and
    /// language.
    pub fn chapter(&mut self, name: &str) {
        let Drawn {
            model, language, ..
        } = self.drawn;
        let name = format!("{model}-{language}-{name}");
        self.chapters.push((name, String::new()));
    }

    /// All drawings. The phone has nothing to complain about.
    pub async fn finish(self) -> Vec<(String, String)> {
        assert_eq!(self.phone.faults(), [], "{}", self.phone.device_name());
        self.phone.power_off().await;
        for (name, text) in &self.chapters {
            for pin in PINS {
                assert!(!text.contains(pin), "{name} tells a PIN:\n{text}");
            }
        }
        self.chapters
    }

    /// While this is held no other phone tries a PIN: too many wrong ones in a
    /// row would lock a user out.
    pub async fn turn(&self) -> MutexGuard<'a, ()> {
        self.turn.lock().await
    }

    fn put(&mut self, heading: &str, drawing: &str) {
        let (_, text) = self.chapters.last_mut().expect("a chapter");
        section(text, heading, &without_reference(drawing));
    }

    /// Draws a page.
    pub fn draw(&mut self, heading: &str, page: &Page) {
        self.put(heading, &page.draw());
    }

    /// Draws the main screen when the phone is as it should be, with this
    /// number on its first key.
    pub async fn main(&mut self, heading: &str, number: &str) {
        self.settled(number).await;
        let screen = steady(&self.phone.main_screen().draw());
        self.put(heading, &screen);
    }

    /// Until the phone is as it should be, with this number on its first key.
    pub async fn settled(&self, number: &str) {
        let device = self.phone.device_name();
        let (daemon, phone) = (self.daemon, &self.phone);
        until(&format!("{device} with line {number}"), || {
            let keys = phone.buttons();
            phone.is_registered()
                && keys.first().is_some_and(|key| key.number == number)
                && is_right(daemon, &device)
        })
        .await;
    }

    /// Presses the Services key.
    pub async fn services(&self) -> Page {
        self.phone.press_services().await.unwrap().unwrap()
    }

    /// Chooses Extension Mobility, which is the last item in every language.
    pub async fn open(&self) -> Page {
        let menu = self.services().await;
        self.number(menu.items.len()).await
    }

    /// The login application for this phone, with more in its URL.
    pub async fn load_own(&self, more: &str) -> Page {
        let device = self.phone.device_name();
        self.load(&format!("/emapp/EMAppServlet?device={device}{more}"))
            .await
    }

    /// Loads a page of the services by its path.
    pub async fn load(&self, path: &str) -> Page {
        let url = format!("http://{}{path}", self.daemon.ports.services_http);
        self.phone.open(&url).await.unwrap().unwrap()
    }

    pub async fn number(&self, number: usize) -> Page {
        self.phone.choose_number(number).await.unwrap().unwrap()
    }

    pub async fn fill(&self, values: &[(&str, &str)]) -> Page {
        self.phone.fill(values).await.unwrap().unwrap()
    }

    /// Fills the form and presses Submit.
    pub async fn submit(&self, values: &[(&str, &str)]) -> Page {
        self.fill(values).await;
        self.press("SoftKey:Submit").await.unwrap()
    }

    /// Presses the key that does this, whatever it is called in that language;
    /// `http` is the first one that leads to another page.
    pub async fn press(&self, action: &str) -> Option<Page> {
        self.press_nth(action, 0).await
    }

    /// As [`press`](Self::press), passing over so many that do the like.
    pub async fn press_nth(&self, action: &str, passed: usize) -> Option<Page> {
        let page = self.phone.page().await.unwrap();
        let does = |key: &&PageKey| key.action.starts_with(action);
        let key = page.keys.iter().filter(does).nth(passed);
        let key = key.unwrap_or_else(|| panic!("no key for {action}:\n{}", page.draw()));
        self.phone.soft_key(&key.name).await.unwrap()
    }

    /// Signs out whoever is signed in, when the phone has become his.
    pub async fn sign_out(&mut self) {
        self.settled("2002").await;
        self.open().await;
        self.press("http").await.unwrap();
        self.settled("1001").await;
    }
}

fn servers(daemon: &Daemon, drawn: Drawn) -> Servers {
    Servers {
        tftp: daemon.ports.tftp,
        config_http: Some(daemon.ports.config_http),
        bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 7, drawn.number))),
    }
}

/// Adds a drawing under its heading.
pub fn section(text: &mut String, heading: &str, drawing: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = write!(text, "== {heading} ==\n\n{}", brief(drawing));
}

/// A main screen without what is different each time: the time and the date
/// at the beginning of its first line.
fn steady(screen: &str) -> String {
    let length = "| 14:05 22.11.26".len();
    let mut lines = screen.lines().map(str::to_owned).enumerate();
    lines.by_ref().fold(String::new(), |mut text, (at, line)| {
        let hidden = |(column, letter): (usize, char)| match letter {
            '0'..='9' if at == 1 && column < length => '#',
            letter => letter,
        };
        let line: String = line.chars().enumerate().map(hidden).collect();
        let _ = writeln!(text, "{line}");
        text
    })
}

/// A drawing without the reference of an error page: four letters and digits
/// at the end of its line, behind a colon.
fn without_reference(drawing: &str) -> String {
    const WORDS: [&str; 4] = ["Reference", "Kennung", "Référence", "Referencia"];
    let hidden = |line: &str| -> Option<String> {
        let inside = line
            .strip_prefix("| ")?
            .trim_end_matches(['|', ' ', 'v', '^']);
        let (words, reference) = inside.rsplit_once(": ")?;
        let is_letter = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        let is_reference = reference.len() == 4 && reference.bytes().all(is_letter);
        (is_reference && WORDS.contains(&words.trim_end()))
            .then(|| line.replacen(reference, "####", 1))
    };
    drawing.lines().fold(String::new(), |mut text, line| {
        let line = hidden(line).unwrap_or_else(|| line.to_owned());
        let _ = writeln!(text, "{line}");
        text
    })
}

/// A drawing without the height of large displays: of several empty lines one
/// after the other it says how many they are.
fn brief(drawing: &str) -> String {
    let is_empty = |line: &str| {
        let inside = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'));
        inside.is_some_and(|inside| inside.trim().is_empty())
    };
    let mut text = String::new();
    let mut lines = drawing.lines().peekable();
    while let Some(line) = lines.next() {
        let mut run = usize::from(is_empty(line));
        while run > 0 && lines.next_if(|next| *next == line).is_some() {
            run += 1;
        }
        if run > 2 {
            let inside = line.chars().count() - 2;
            let words = format!("({run} empty lines)");
            let _ = writeln!(text, "|{words:^inside$}|");
        } else {
            let _ = writeln!(
                text,
                "{line}{}",
                format!("\n{line}").repeat(run.saturating_sub(1))
            );
        }
    }
    text
}

#[test]
fn empty_lines_are_counted_and_the_time_is_hidden() {
    let screen = ".----.\n| 14:05 22.11.26  1001 |\n";
    assert_eq!(steady(screen), ".----.\n| ##:## ##.##.##  1001 |\n");
    let drawing = "| a               |\n|                 |\n|                 |\n\
                   |                 |\n| b               |\n";
    let expected = "| a               |\n| (3 empty lines) |\n| b               |\n";
    assert_eq!(brief(drawing), expected);
    let error = "| Nothing: AB12  |\n| Reference: AB12 v |\n";
    let expected = "| Nothing: AB12  |\n| Reference: #### v |\n";
    assert_eq!(without_reference(error), expected);
    let two = "|  |\n|  |\nx\n";
    assert_eq!(brief(two), two);
}
