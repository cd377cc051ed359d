//! What came of it: signed in, signed out, the question before that, and a PIN
//! that was not changed.

use std::fmt;

use super::{Look, leaving, offering, paragraph};
use crate::model::{DeviceName, Timestamp, UserId};
use crate::phonexml::{KeyRole, Object, Text};
use crate::ports::PinFault;
use crate::provision::Word;

/// What the phone does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It restarts, or resets, once.
    Restart,
    /// It restarts, then resets, because language or add-on modules differ.
    Twice,
    /// It does so when the handset is put down (Cisco, *Extension Mobility
    /// 4.1*, Login and Behavior).
    OnHook,
    /// Nothing: it holds what is wanted already.
    AtOnce,
}

/// Signed in (step 11 of the login).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The name he goes by.
    pub name: String,
    /// The profile that the phone takes.
    pub profile: String,
    /// What the phone does.
    pub effect: Effect,
    /// The phones on which he was signed out for it.
    pub moved_from: Vec<DeviceName>,
    /// Whether his PIN was changed on the way.
    pub new_pin: bool,
}

impl SignedIn {
    pub(super) fn object(&self, look: &Look) -> Object {
        let word = match self.effect {
            Effect::Restart => Word::LoginRestart,
            Effect::Twice => Word::LoginTwice,
            Effect::OnHook => Word::LoginOffHook,
            Effect::AtOnce => Word::LoginAtOnce,
        };
        let values = [("name", self.name.as_str()), ("profile", &self.profile)];
        let moved = match self.moved_from.as_slice() {
            [] => String::new(),
            from => look.say(Word::LoginMoved, &[("devices", &listed(from))]),
        };
        let new_pin = if self.new_pin {
            look.word(Word::LoginNewPin)
        } else {
            ""
        };
        let done = look.word(Word::LoginDone);
        let text = paragraph([done, &look.say(word, &values), &moved, new_pin]);
        leaving(look, Word::Title, done, &text)
    }
}

/// Whether to sign out (step 5 of the logout). Anybody is asked, so the next
/// user of a phone can sign the last one out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who is signed in.
    pub user: UserId,
    /// The name he goes by.
    pub name: String,
    /// Since when: the answer is about this login and no later one.
    pub since: Timestamp,
    /// Whether the next user may sign in over him.
    pub may_replace: bool,
}

impl Question {
    pub(super) fn object(&self, look: &Look) -> Object {
        let values = [("name", self.name.as_str()), ("user", self.user.as_str())];
        let question = look.say(Word::LogoutQuestion, &values);
        let sign_in = look.word(Word::SignIn);
        let replace = look.say(Word::LogoutReplace, &[("key", sign_in)]);
        let text = if self.may_replace {
            paragraph([question.as_str(), &replace])
        } else {
            question
        };
        let since = self.since.0.to_string();
        let out = look
            .links
            .application(&[("doLogout", "true"), ("since", &since)]);
        let mut page = Text::new(text)
            .title(look.word(Word::Title))
            .prompt(look.say(Word::LogoutPrompt, &[("user", self.user.as_str())]))
            .with_question(
                look.layout,
                (look.word(Word::Yes), out),
                look.word(Word::No),
            );
        if self.may_replace {
            let form = look.links.application(&[("who", "other")]);
            page = page.soft_key(look.layout.key(KeyRole::Second, sign_in, form));
        }
        Object::Text(page)
    }
}

/// Signed out (step 10 of the logout).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// What the phone does.
    pub effect: Effect,
}

impl SignedOut {
    pub(super) fn object(&self, look: &Look) -> Object {
        let word = match self.effect {
            Effect::Restart | Effect::Twice => Word::LogoutRestart,
            Effect::OnHook => Word::LogoutOffHook,
            Effect::AtOnce => Word::LogoutAtOnce,
        };
        let done = look.word(Word::LogoutDone);
        let text = paragraph([done, look.word(word)]);
        leaving(look, Word::Title, done, &text)
    }
}

/// Why a PIN was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinTrouble {
    /// The two new ones differ.
    Differ,
    /// It is none that the site takes.
    Fault(PinFault),
    /// PINs are kept where we cannot write.
    KeptElsewhere,
}

impl fmt::Display for PinTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differ => f.write_str("the two new ones differ"),
            Self::Fault(fault) => fault.fmt(f),
            Self::KeptElsewhere => f.write_str("PINs are kept elsewhere"),
        }
    }
}

/// The PIN is not changed: a page of its own, because the reason is a
/// sentence, with a way back to the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinFailed {
    /// Why.
    pub trouble: PinTrouble,
    /// The ticket of the login that waits for it.
    pub ticket: Option<String>,
}

impl PinFailed {
    pub(super) fn object(&self, look: &Look) -> Object {
        let sentence = match self.trouble {
            PinTrouble::Differ => look.word(Word::PinDiffer).to_owned(),
            PinTrouble::KeptElsewhere => look.word(Word::PinElsewhere).to_owned(),
            PinTrouble::Fault(fault) => fault_sentence(look, fault),
        };
        let refused = look.word(Word::PinRefused);
        let text = paragraph([refused, &sentence]);
        if self.trouble == PinTrouble::KeptElsewhere {
            return leaving(look, Word::PinTitle, refused, &text);
        }
        let again = match &self.ticket {
            Some(ticket) => look.links.change_pin(&[("token", ticket)]),
            None => look.links.change_pin(&[]),
        };
        offering(look, Word::PinTitle, refused, &text, (Word::Again, again))
    }
}

fn fault_sentence(look: &Look, fault: PinFault) -> String {
    match fault {
        PinFault::TooShort { least } => {
            look.say(Word::PinTooShort, &[("least", &least.to_string())])
        }
        PinFault::TooLong { most } => look.say(Word::PinTooLong, &[("most", &most.to_string())]),
        PinFault::Characters {
            star_and_pound: false,
        } => look.word(Word::PinDigits).to_owned(),
        PinFault::Characters {
            star_and_pound: true,
        } => look.word(Word::PinDigitsStarPound).to_owned(),
        PinFault::Trivial => look.word(Word::PinTrivial).to_owned(),
        PinFault::Same => look.word(Word::PinSame).to_owned(),
    }
}

/// Names in a row.
pub(super) fn listed(devices: &[DeviceName]) -> String {
    let names: Vec<&str> = devices.iter().map(DeviceName::as_str).collect();
    names.join(", ")
}
