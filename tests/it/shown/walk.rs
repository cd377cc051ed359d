//! A way through the pages, from the phone's side; what it shows is drawn.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use embody::handset::{Handset, Pace, Page, Servers};
use tokio::sync::{Mutex, MutexGuard};

use super::site::Drawn;
use crate::support::Daemon;
use crate::support::phones::{is_right, registered, until};

pub struct Walk<'a> {
    pub daemon: &'a Daemon,
    pub phone: Handset,
    drawn: Drawn,
    turn: &'a Mutex<()>,
    text: String,
}

impl<'a> Walk<'a> {
    /// The phone boots and registers, and shows its main screen.
    pub async fn begin(daemon: &'a Daemon, drawn: Drawn, turn: &'a Mutex<()>) -> Self {
        let servers = Servers {
            tftp: daemon.ports.tftp,
            config_http: Some(daemon.ports.config_http),
            bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 7, drawn.number))),
        };
        let phone = Handset::spawn(drawn.profile(), servers, Pace::default());
        registered(&phone, 1).await;
        Self {
            daemon,
            phone,
            drawn,
            turn,
            text: String::new(),
        }
    }

    /// Model and language.
    pub fn name(&self) -> String {
        format!("{}-{}", self.drawn.model, self.drawn.language)
    }

    /// All drawings so far. The phone has nothing to complain about.
    pub async fn finish(self) -> String {
        assert_eq!(self.phone.faults(), [], "{}", self.name());
        self.phone.power_off().await;
        for pin in ["58213", "31415", "16180", "14142", "99999"] {
            assert!(!self.text.contains(pin), "a PIN: {}", self.text);
        }
        self.text
    }

    /// While this is held no other phone tries a PIN: too many wrong ones in a
    /// row would lock a user out.
    pub async fn turn(&self) -> MutexGuard<'a, ()> {
        self.turn.lock().await
    }

    fn put(&mut self, heading: &str, drawing: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let _ = write!(self.text, "== {heading} ==\n\n{}", brief(drawing));
    }

    /// Draws a page.
    pub fn draw(&mut self, heading: &str, page: &Page) {
        self.put(heading, &page.draw());
    }

    /// Draws the main screen when the phone is as it should be, with this
    /// number on its first key.
    pub async fn main(&mut self, heading: &str, number: &str) {
        let device = self.phone.device_name();
        let (daemon, phone) = (self.daemon, &self.phone);
        until(&format!("{device} with line {number}"), || {
            let keys = phone.buttons();
            phone.is_registered()
                && keys.first().is_some_and(|key| key.number == number)
                && is_right(daemon, &device)
        })
        .await;
        let screen = steady(&self.phone.main_screen().draw());
        self.put(heading, &screen);
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
    /// `http` is the one that leads to another page.
    pub async fn press(&self, action: &str) -> Option<Page> {
        let page = self.phone.page().await.unwrap();
        let key = page.keys.iter().find(|key| key.action.starts_with(action));
        let key = key.unwrap_or_else(|| panic!("no key for {action}:\n{}", page.draw()));
        self.phone.soft_key(&key.name).await.unwrap()
    }
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
    let two = "|  |\n|  |\nx\n";
    assert_eq!(brief(two), two);
}
