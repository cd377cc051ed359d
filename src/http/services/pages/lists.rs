//! Lists to choose from: services, phones, last users, profiles.

use super::{Known, Look, leaving};
use crate::model::{DeviceName, MenuEntry, ProfileName};
use crate::phonexml::{Menu, Object, Url};
use crate::provision::Word;

/// The most entries before the door: phones show a hundred, and without the
/// door nobody could sign out.
const ENTRIES: usize = 99;

/// The Services menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicesMenu {
    /// Emergency entries without a key, then the services.
    pub entries: Vec<MenuEntry>,
    /// Whether there is Extension Mobility here.
    pub door: bool,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Whether there is the Extension Assigner here.
    pub assigner: bool,
}

impl ServicesMenu {
    /// Extension Mobility comes last (CME: *Extension Mobility*, where the
    /// option appears last in the list) and says what it will do.
    pub(super) fn object(&self, look: &Look) -> Object {
        let mut menu = Menu::new().title(look.word(Word::MenuTitle));
        for entry in self.entries.iter().take(ENTRIES) {
            match Url::new(entry.url.as_str()) {
                Ok(url) => menu = menu.item(&entry.name, url),
                Err(error) => {
                    tracing::warn!(service = entry.name, %error, "left out of the menu");
                }
            }
        }
        if self.door {
            let name = if self.signed_in {
                Word::MenuSignOut
            } else {
                Word::MenuSignIn
            };
            menu = menu.item(look.word(name), look.links.door());
        }
        if self.assigner {
            menu = menu.item(look.word(Word::MenuAssign), look.links.assigner());
        }
        if menu.items.is_empty() {
            return leaving(look, Word::MenuTitle, "", look.word(Word::MenuEmpty));
        }
        Object::Menu(menu.with_labelled_keys(look.layout, &look.list_keys()))
    }
}

/// A phone at the address that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneChoice {
    /// Its name.
    pub device: DeviceName,
    /// What people call it.
    pub description: String,
}

pub(super) fn phones(look: &Look, phones: &[PhoneChoice]) -> Object {
    let mut menu = list(look, Word::PhonesPrompt);
    for phone in phones {
        let name = format!("{} {}", phone.device, phone.description);
        menu = menu.item(name.trim_end(), look.links.application_of(&phone.device));
    }
    Object::Menu(menu.with_labelled_keys(look.layout, &look.list_keys()))
}

pub(super) fn users(look: &Look, users: &[Known]) -> Object {
    let mut menu = list(look, Word::QuickPrompt);
    for user in users {
        let who = user.id.0.to_string();
        menu = menu.item(&user.name, look.links.application(&[("who", &who)]));
    }
    let other = look.links.application(&[("who", "other")]);
    let menu = menu.item(look.word(Word::QuickOther), other);
    Object::Menu(menu.with_labelled_keys(look.layout, &look.list_keys()))
}

/// A profile that can be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub profile: ProfileName,
    /// The ticket that takes it. The name is not in the URL: fifty letters of
    /// another script, escaped, are longer than any URL that a phone takes.
    pub ticket: String,
}

pub(super) fn profiles(look: &Look, profiles: &[Choice]) -> Object {
    let mut menu = list(look, Word::ProfilesPrompt);
    for choice in profiles {
        let url = look.links.application(&[("token", &choice.ticket)]);
        menu = menu.item(choice.profile.as_str(), url);
    }
    Object::Menu(menu.with_labelled_keys(look.layout, &look.list_keys()))
}

fn list(look: &Look, prompt: Word) -> Menu {
    Menu::new()
        .title(look.word(Word::Title))
        .prompt(look.word(prompt))
}
