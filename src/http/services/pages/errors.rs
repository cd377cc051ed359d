//! What does not go: Cisco's text and number, a sentence that helps, and a
//! reference by which the operator finds it in the journal.

use std::fmt;

use super::results::listed;
use super::{Look, leaving, offering, paragraph};
use crate::emapi::{AppCode, Attempt, Code};
use crate::model::{DeviceName, UserId};
use crate::phonexml::Object;
use crate::provision::Word;

/// A number of the login service or of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Of the service.
    Service(Code),
    /// Of the application.
    Application(AppCode),
}

impl Failure {
    /// Its number.
    pub fn number(self) -> u16 {
        match self {
            Self::Service(code) => code.number(),
            Self::Application(code) => code.number(),
        }
    }

    /// The text that Cisco shows for it.
    fn text(self, attempt: Attempt) -> Word {
        match (self, attempt) {
            (Self::Application(AppCode::Authentication | AppCode::Blank), _) => Word::ErrorAgain,
            (Self::Application(AppCode::LoginTypeInvalid), _) => Word::ErrorLoginType,
            (
                Self::Application(AppCode::DnHasMultipleUsers)
                | Self::Service(Code::DnHasMultipleUsers),
                _,
            ) => Word::ErrorExtension,
            (Self::Service(Code::LoggedInElsewhere), _) => Word::ErrorElsewhere,
            (Self::Service(Code::ChangePin), _) => Word::ErrorPinChange,
            (_, Attempt::Login) => Word::ErrorLogin,
            (_, Attempt::Logout) => Word::ErrorLogout,
        }
    }
}

/// What a failure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Nothing that could be named.
    Nothing,
    /// A phone.
    Device(DeviceName),
    /// Who is signed in here.
    User(UserId),
    /// Where the user is signed in.
    Devices(Vec<DeviceName>),
}

/// What can be done about it at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Leave,
    /// The same once more.
    Again,
    /// Sign out who is here: the question.
    SignOut,
    /// Sign out there and sign in here.
    MoveHere {
        /// The ticket that does it.
        ticket: String,
    },
}

/// Four letters and digits that are told apart on any display.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reference([u8; 4]);

impl Reference {
    const LETTERS: &'static [u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// The reference of these random bytes.
    pub fn new(random: [u8; 4]) -> Self {
        Self(random.map(|byte| Self::LETTERS[usize::from(byte % 32)]))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Which number.
    pub failure: Failure,
    /// What was tried.
    pub attempt: Attempt,
    /// What it is about.
    pub about: About,
    /// What can be done about it.
    pub next: Next,
    /// By what the operator finds it.
    pub reference: Reference,
}

impl Failed {
    pub(super) fn object(&self, look: &Look) -> Object {
        let code = self.failure.number();
        let text = look.say(
            self.failure.text(self.attempt),
            &[(Word::CODE, &code.to_string())],
        );
        let help = self.help(look, Word::help(code));
        let reference = look.say(
            Word::ErrorReference,
            &[("reference", &self.reference.to_string())],
        );
        let offer = |word, key| look.say(word, &[("key", look.word(key))]);
        let said = |offer: &str| paragraph([text.as_str(), &help, offer, &reference]);
        match &self.next {
            Next::Leave => leaving(look, Word::Title, &text, &said("")),
            Next::Again => {
                let again = (Word::Again, look.links.application(&[]));
                offering(look, Word::Title, &text, &said(""), again)
            }
            Next::SignOut => {
                let offer = offer(Word::OfferSignOut, Word::SignOut);
                let out = (Word::SignOut, look.links.door());
                offering(look, Word::Title, &text, &said(&offer), out)
            }
            Next::MoveHere { ticket } => {
                let offer = offer(Word::OfferMove, Word::MoveHere);
                let here = look.links.application(&[("token", ticket)]);
                let here = (Word::MoveHere, here);
                offering(look, Word::Title, &text, &said(&offer), here)
            }
        }
    }

    fn help(&self, look: &Look, word: Word) -> String {
        let listed = match &self.about {
            About::Devices(devices) => listed(devices),
            About::Nothing | About::Device(_) | About::User(_) => String::new(),
        };
        let value = match &self.about {
            About::Nothing => None,
            About::Device(device) => Some(("device", device.as_str())),
            About::User(user) => Some(("user", user.as_str())),
            About::Devices(_) => Some(("devices", listed.as_str())),
        };
        // A sentence with a hole in it helps nobody.
        let known = word
            .places()
            .iter()
            .all(|place| value.is_some_and(|(name, _)| name == *place));
        let word = if known { word } else { Word::Help };
        look.say(word, &Vec::from_iter(value))
    }

    pub(super) fn name(&self) -> String {
        format!(
            "error {}, reference {}",
            self.failure.number(),
            self.reference
        )
    }
}
