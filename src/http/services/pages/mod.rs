//! Every page that a phone is shown, as what it says: a pure function leads
//! from such a state to the object that is sent. Nothing here asks a store, a
//! clock or a request.
//!
//! The pages follow the call flows of login and logout (Cisco, *Extension
//! Mobility 4.1*, Login Call Flow and Logout Call Flow); what Cisco's own pages
//! look like is published nowhere.

mod assigner;
mod errors;
mod forms;
mod lists;
mod results;
#[cfg(test)]
mod tests;

pub use assigner::{AssignChoice, AssignerForm, AssignerPage};
pub use errors::{About, Failed, Failure, Next, Reference};
pub use forms::{ChangePinForm, Form, Known, Mistake};
pub use lists::{Choice, PhoneChoice, ServicesMenu};
pub use results::{Effect, PinFailed, PinTrouble, Question, SignedIn, SignedOut};

use super::look::Look;
use crate::model::DeviceName;
use crate::phonexml::{KeyRole, Object, SoftKey, Text};
use crate::provision::Word;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The Services menu.
    Services(ServicesMenu),
    /// The Services menu of a phone that nobody configured.
    Unconfigured(DeviceName),
    /// Which of the phones at one address this is.
    Phones(Vec<PhoneChoice>),
    /// User id and PIN.
    Form(Form),
    /// The last users of the phone by name.
    Quick(Vec<Known>),
    /// The profiles of a user.
    Profiles(Vec<Choice>),
    /// Signed in.
    SignedIn(SignedIn),
    /// Whether to sign out.
    Question(Question),
    /// Signed out.
    SignedOut(SignedOut),
    /// The form that changes a PIN.
    ChangePin(ChangePinForm),
    /// The PIN is changed.
    PinChanged,
    /// The PIN is not changed.
    PinFailed(PinFailed),
    /// It does not go, with Cisco's text and number.
    Failed(Failed),
    /// The Extension Assigner.
    Assigner(AssignerPage),
    /// A trigger has all the sessions that it may have.
    Busy,
}

impl Page {
    /// The object that is sent.
    pub fn object(&self, look: &Look) -> Object {
        match self {
            Self::Services(menu) => menu.object(look),
            Self::Unconfigured(device) => {
                let text = look.say(Word::MenuUnknown, &[("device", device.as_str())]);
                leaving(look, Word::MenuTitle, "", &text)
            }
            Self::Phones(phones) => lists::phones(look, phones),
            Self::Form(form) => form.object(look),
            Self::Quick(users) => lists::users(look, users),
            Self::Profiles(profiles) => lists::profiles(look, profiles),
            Self::SignedIn(done) => done.object(look),
            Self::Question(question) => question.object(look),
            Self::SignedOut(done) => done.object(look),
            Self::ChangePin(form) => form.object(look),
            Self::PinChanged => {
                let done = look.word(Word::PinDone);
                let text = format!("{done}\n{}", look.word(Word::PinDoneText));
                leaving(look, Word::PinTitle, done, &text)
            }
            Self::PinFailed(failed) => failed.object(look),
            Self::Failed(failed) => failed.object(look),
            Self::Assigner(page) => page.object(look),
            Self::Busy => {
                let prompt = look.word(Word::BusyPrompt);
                let text = format!("{prompt}\n{}", look.word(Word::BusyText));
                let again = (Word::Again, look.links.application(&[]));
                offering(look, Word::Title, prompt, &text, again)
            }
        }
    }

    /// What it is, for the journal.
    pub fn name(&self) -> String {
        match self {
            Self::Services(_) => "Services menu".to_owned(),
            Self::Unconfigured(_) => "Services menu of a phone that is not configured".to_owned(),
            Self::Phones(_) => "choice of phones".to_owned(),
            Self::Form(form) => form.name(),
            Self::Quick(_) => "last users".to_owned(),
            Self::Profiles(_) => "choice of profiles".to_owned(),
            Self::SignedIn(_) => "Login Successful".to_owned(),
            Self::Question(_) => "logout question".to_owned(),
            Self::SignedOut(_) => "Logout successful".to_owned(),
            Self::ChangePin(form) => form.name(),
            Self::PinChanged => "PIN changed".to_owned(),
            Self::PinFailed(failed) => format!("PIN not changed: {}", failed.trouble),
            Self::Failed(failed) => failed.name(),
            Self::Assigner(page) => page.name(),
            Self::Busy => "busy".to_owned(),
        }
    }
}

/// A page that says something and is left.
fn leaving(look: &Look, title: Word, prompt: &str, text: &str) -> Object {
    let page = Text::new(text)
        .title(look.word(title))
        .prompt(prompt)
        .with_exit(look.layout, look.word(Word::Exit));
    Object::Text(page)
}

/// A page that says something, with one key that does something about it.
fn offering(
    look: &Look,
    title: Word,
    prompt: &str,
    text: &str,
    (key, url): (Word, crate::phonexml::Url),
) -> Object {
    let page = Text::new(text)
        .title(look.word(title))
        .prompt(prompt)
        .soft_keys([
            look.layout.key(KeyRole::Act, look.word(key), url),
            look.layout
                .key(KeyRole::Leave, look.word(Word::Exit), SoftKey::Exit),
        ]);
    Object::Text(page)
}

/// What is said in several sentences.
fn paragraph<'a>(sentences: impl IntoIterator<Item = &'a str>) -> String {
    let sentences: Vec<&str> = sentences.into_iter().filter(|s| !s.is_empty()).collect();
    sentences.join("\n")
}
