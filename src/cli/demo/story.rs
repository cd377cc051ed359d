//! One person at one desk: boot, sign in, restart as the person, sign out.
//! Every line is said after it was seen; a step that is not seen ends the
//! story of this desk.

use std::cell::RefCell;
use std::time::Duration;

use tokio::sync::broadcast;

use super::narrator::Narrator;
use crate::handset::{ButtonSeen, FileOutcome, FileService, Handset, HandsetEvent, Kind, Page};

/// How long a step may take before it counts as not seen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A desk, who sits down there, and what must be seen.
pub(super) struct Desk {
    pub(super) kind: Kind,
    pub(super) mac: [u8; 6],
    /// The numeric alias and PIN that are keyed in.
    pub(super) alias: &'static str,
    pub(super) pin: &'static str,
    /// Whose name the display shows.
    pub(super) name: &'static str,
    /// What is chosen, for who has several profiles.
    pub(super) profile: Option<&'static str>,
    /// The first key after the login, and before and after everything.
    pub(super) label: &'static str,
    pub(super) bare: &'static str,
    /// How many orders a login takes: a restart, or a restart and a reset.
    pub(super) orders: u32,
    /// The key that confirms the logout, and the words after it, in the
    /// language of who is signed in.
    pub(super) yes: &'static str,
    pub(super) signed_out: &'static str,
}

/// Why a story ended early.
pub(super) type NotSeen = String;

/// Tells the story of one desk. The error is what was not seen, and what the
/// phone complained of.
pub(super) async fn tell(
    narrator: Narrator,
    desk: &Desk,
    phone: &Handset,
    events: broadcast::Receiver<HandsetEvent>,
) -> Result<(), NotSeen> {
    let teller = Teller {
        narrator,
        desk,
        phone,
        name: phone.device_name(),
        events: RefCell::new(events),
    };
    let told = teller.story().await;
    told.map_err(|not_seen| {
        teller.say(&format!("NOT SEEN: {not_seen}"));
        let complaints = phone.faults();
        for fault in &complaints {
            teller.say(&format!("its own complaint: {fault}"));
        }
        match complaints.first() {
            Some(first) => format!("{not_seen}; its own complaint: {first}"),
            None => not_seen,
        }
    })
}

struct Teller<'a> {
    narrator: Narrator,
    desk: &'a Desk,
    phone: &'a Handset,
    name: String,
    events: RefCell<broadcast::Receiver<HandsetEvent>>,
}

impl Teller<'_> {
    async fn story(&self) -> Result<(), NotSeen> {
        self.boots().await?;
        self.signs_in().await?;
        self.comes_back(1, self.desk.label, "the user's").await?;
        self.shows_who().await?;
        self.signs_out().await?;
        self.comes_back(1 + self.desk.orders, self.desk.bare, "its own")
            .await?;
        match self.phone.faults().as_slice() {
            [] => Ok(()),
            [first, ..] => Err(format!("a life without complaints: {first}")),
        }
    }

    fn say(&self, what: &str) {
        self.narrator.say(&self.name, what);
    }

    async fn boots(&self) -> Result<(), NotSeen> {
        let kind = self.desk.kind;
        self.say(&format!(
            "{} with {} load is plugged in",
            article(kind.model()),
            article(kind.protocol().name())
        ));
        self.registrations(1, "its first registration").await?;
        self.tells_files();
        if let Some(file) = self.phone.boot_file() {
            let stamp = &file.version_stamp;
            self.say(&format!(
                "booted from {}.cnf.xml, version stamp {stamp}",
                self.name
            ));
        }
        self.say(&format!("registered over {}", kind.protocol().name()));
        self.buttons(self.desk.bare, "its own").await
    }

    /// What it asked for since it was plugged in, and what it got.
    fn tells_files(&self) {
        let mut events = self.events.borrow_mut();
        while let Ok(event) = events.try_recv() {
            if let HandsetEvent::FileFetched {
                name,
                service,
                outcome,
            } = event
            {
                let service = match service {
                    FileService::Tftp => "TFTP",
                    FileService::Http => "HTTP",
                };
                let outcome = match outcome {
                    FileOutcome::Found { bytes } => format!("{bytes} bytes"),
                    FileOutcome::NotFound => "not found".to_owned(),
                    FileOutcome::Refused(why) => format!("refused: {why}"),
                    FileOutcome::NoAnswer => "no answer".to_owned(),
                };
                self.say(&format!("asked for {name} over {service}: {outcome}"));
            }
        }
    }

    async fn signs_in(&self) -> Result<(), NotSeen> {
        let form = self.opens_extension_mobility().await?;
        self.narrator.draw(&form.draw());
        let keyed = [("userid", self.desk.alias), ("seq", self.desk.pin)];
        self.phone
            .fill(&keyed)
            .await
            .map_err(|error| format!("the form: {error}"))?;
        self.say(&format!(
            "{} keys in {} and a PIN, and presses Submit",
            self.desk.name, self.desk.alias
        ));
        let mut page = self.presses("Submit").await?;
        if let Some(profile) = self.desk.profile {
            self.narrator.draw(&page.draw());
            let chosen = self.phone.choose(profile).await;
            page = some(chosen, "the page after the choice of a profile")?;
            self.say(&format!("chose the profile {profile}"));
        }
        self.expects(&page, "Login Successful")?;
        self.say("shows \"Login Successful\": signed in");
        Ok(())
    }

    async fn signs_out(&self) -> Result<(), NotSeen> {
        let question = self.opens_extension_mobility().await?;
        self.narrator.draw(&question.draw());
        let page = self.presses(self.desk.yes).await?;
        self.expects(&page, self.desk.signed_out)?;
        self.say(&format!("shows {:?}: signed out", self.desk.signed_out));
        Ok(())
    }

    async fn opens_extension_mobility(&self) -> Result<Page, NotSeen> {
        let menu = some(self.phone.press_services().await, "the Services menu")?;
        self.say(&format!("Services shows: {}", menu.items.join(", ")));
        let last = menu.items.last();
        if last.is_none_or(|item| !item.contains("Extension Mobility")) {
            return Err("Extension Mobility, last in the Services menu".to_owned());
        }
        some(
            self.phone.choose("Extension Mobility").await,
            "the page of Extension Mobility",
        )
    }

    async fn presses(&self, key: &str) -> Result<Page, NotSeen> {
        some(
            self.phone.soft_key(key).await,
            &format!("the page after {key}"),
        )
    }

    fn expects(&self, page: &Page, text: &str) -> Result<(), NotSeen> {
        if page.text.contains(text) {
            return Ok(());
        }
        self.narrator.draw(&page.draw());
        Err(format!("a page that says {text:?}"))
    }

    /// The phone obeys and comes back with the right keys.
    async fn comes_back(&self, before: u32, label: &str, whose: &str) -> Result<(), NotSeen> {
        let after = before + self.desk.orders;
        self.registrations(after, "the registration after the restart")
            .await?;
        let orders = self.phone.orders_received();
        let reset = if self.desk.orders == 2 {
            ", then the reset for another language"
        } else {
            ""
        };
        self.tells_files();
        self.say(&format!(
            "obeyed the restart{reset} ({} restarts and {} resets so far) and registered again",
            orders.restarts, orders.resets
        ));
        self.buttons(label, whose).await
    }

    async fn registrations(&self, count: u32, what: &str) -> Result<(), NotSeen> {
        match tokio::time::timeout(PATIENCE, self.phone.wait_registrations(count)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(gone)) => Err(format!("{what}: {gone}")),
            Err(_) => Err(what.to_owned()),
        }
    }

    /// Waits until the first key says `label`, then tells all keys.
    async fn buttons(&self, label: &str, whose: &str) -> Result<(), NotSeen> {
        let first = |buttons: &[ButtonSeen]| buttons.first().is_some_and(|b| b.label == label);
        self.until(
            || first(&self.phone.buttons()),
            &format!("the key {label:?}"),
        )
        .await?;
        let keys: Vec<String> = self
            .phone
            .buttons()
            .iter()
            .map(|button| format!("[{}] {}", button.key, button.label))
            .collect();
        self.say(&format!("shows {whose} keys: {}", keys.join("  ")));
        Ok(())
    }

    async fn shows_who(&self) -> Result<(), NotSeen> {
        let text = format!("Signed in as {}", self.desk.name);
        let seen = || self.phone.prompt() == text || self.phone.notice() == text;
        self.until(seen, &format!("the display saying {text:?}"))
            .await?;
        self.say(&format!("its display says \"{text}\""));
        Ok(())
    }

    async fn until(&self, seen: impl Fn() -> bool, what: &str) -> Result<(), NotSeen> {
        let looking = async {
            while !seen() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .map_err(|_| what.to_owned())
    }
}

fn some<E: std::fmt::Display>(page: Result<Option<Page>, E>, what: &str) -> Result<Page, NotSeen> {
    match page {
        Ok(Some(page)) => Ok(page),
        Ok(None) => Err(format!("{what}: the window closed")),
        Err(error) => Err(format!("{what}: {error}")),
    }
}

/// A model or protocol with its article, as it is spoken.
fn article(word: &str) -> String {
    let an = word.starts_with('8') || word == "SCCP";
    format!("{} {word}", if an { "an" } else { "a" })
}
