//! Forms: user id and PIN, the PIN alone, the change of a PIN.

use super::Look;
use crate::emapi::{AppCode, Code};
use crate::model::{LoginType, ObjectId, UserId};
use crate::phonexml::{Input, InputFlags, InputItem, KeyRole, Object};
use crate::provision::Word;

/// What was wrong with what was typed. One answer for an unknown user, a wrong
/// PIN and a locked account: none of them shall be told from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// 201.
    Wrong,
    /// 202.
    Blank,
}

impl Mistake {
    /// Its number.
    pub fn code(self) -> u16 {
        match self {
            Self::Wrong => AppCode::Authentication.number(),
            Self::Blank => AppCode::Blank.number(),
        }
    }

    /// What helps, as the title: a form has no room for a sentence.
    pub(super) fn help(self) -> Word {
        match self {
            Self::Wrong => Word::CheckBoth,
            Self::Blank => Word::FillIn,
        }
    }
}

/// Somebody who need not type who he is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub id: ObjectId,
    /// His name.
    pub name: String,
}

/// User id and PIN (step 4 of the login).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What the first field is.
    pub login_type: LoginType,
    /// Whether letters can be typed into a user id.
    pub alphanumeric: bool,
    /// Whether `*` and `#` can be typed into a PIN.
    pub star_and_pound: bool,
    /// What was wrong the last time.
    pub mistake: Option<Mistake>,
    /// What is in the first field.
    pub prefilled: String,
    /// Who is signed in and will be signed out by it.
    pub replaces: Option<UserId>,
    /// Who is asked for his PIN alone.
    pub known: Option<Known>,
}

impl Form {
    pub(super) fn object(&self, look: &Look) -> Object {
        let url = match &self.known {
            Some(known) => {
                let who = known.id.0.to_string();
                look.links.application(&[("who", &who)])
            }
            None => look.links.application(&[]),
        };
        let mut form = Input::new(url)
            .method(look.submit)
            .title(look.word(self.mistake.map_or(Word::Title, Mistake::help)))
            .prompt(self.prompt(look));
        if self.known.is_none() {
            form = user_field(
                form,
                look,
                self.login_type,
                self.alphanumeric,
                &self.prefilled,
            );
        }
        form = pin_field(form, look, "seq", Word::FieldPin, self.star_and_pound);
        let change = look.layout.key(
            KeyRole::Extra,
            look.word(Word::NewPin),
            look.links.change_pin(&[]),
        );
        let form = form
            .with_labelled_keys(look.layout, &look.form_keys())
            .soft_key(change);
        Object::Input(form)
    }

    fn prompt(&self, look: &Look) -> String {
        match (self.mistake, &self.replaces, &self.known) {
            (Some(mistake), _, _) => code_text(look, mistake.code()),
            (None, Some(user), _) => look.say(Word::PromptReplaces, &[("user", user.as_str())]),
            (None, None, Some(known)) => look.say(Word::PromptPin, &[("name", &known.name)]),
            (None, None, None) => look.word(Word::Prompt).to_owned(),
        }
    }

    pub(super) fn name(&self) -> String {
        let form = if self.known.is_some() {
            "PIN form"
        } else {
            "login form"
        };
        match self.mistake {
            Some(mistake) => format!("{form} with {}", mistake.code()),
            None => form.to_owned(),
        }
    }
}

/// 201 and 202 in the prompt of a form.
pub(super) fn code_text(look: &Look, code: u16) -> String {
    look.say(Word::ErrorAgain, &[(Word::CODE, &code.to_string())])
}

/// The present PIN and twice the new one; before them the user id, unless it
/// is known from a login that may not go on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePinForm {
    /// What the first field is.
    pub login_type: LoginType,
    /// Whether letters can be typed into a user id.
    pub alphanumeric: bool,
    /// Whether `*` and `#` can be typed into a PIN.
    pub star_and_pound: bool,
    /// What was wrong the last time.
    pub mistake: Option<Mistake>,
    /// What is in the first field.
    pub prefilled: String,
    /// The ticket of the login that waits for it (41).
    pub ticket: Option<String>,
}

impl ChangePinForm {
    pub(super) fn object(&self, look: &Look) -> Object {
        let url = match &self.ticket {
            Some(ticket) => look.links.change_pin(&[("token", ticket)]),
            None => look.links.change_pin(&[]),
        };
        let prompt = match (self.mistake, &self.ticket) {
            (Some(mistake), _) => code_text(look, mistake.code()),
            (None, Some(_)) => {
                let code = Code::ChangePin.number().to_string();
                look.say(Word::ErrorPinChange, &[(Word::CODE, &code)])
            }
            (None, None) => look.word(Word::PinPrompt).to_owned(),
        };
        let title = self.mistake.map_or(Word::PinTitle, Mistake::help);
        let mut form = Input::new(url)
            .method(look.submit)
            .title(look.word(title))
            .prompt(prompt);
        if self.ticket.is_none() {
            form = user_field(
                form,
                look,
                self.login_type,
                self.alphanumeric,
                &self.prefilled,
            );
        }
        for (parameter, word) in [
            ("seq", Word::PinPresent),
            ("newpin", Word::PinNew),
            ("confirmpin", Word::PinRepeat),
        ] {
            form = pin_field(form, look, parameter, word, self.star_and_pound);
        }
        Object::Input(form.with_labelled_keys(look.layout, &look.form_keys()))
    }

    pub(super) fn name(&self) -> String {
        let form = match &self.ticket {
            Some(_) => "PIN change that the login needs (41)",
            None => "PIN change",
        };
        match self.mistake {
            Some(mistake) => format!("{form} with {}", mistake.code()),
            None => form.to_owned(),
        }
    }
}

pub(super) fn user_field(
    form: Input,
    look: &Look,
    login_type: LoginType,
    alphanumeric: bool,
    prefilled: &str,
) -> Input {
    let (flags, word) = match login_type {
        LoginType::UserId if alphanumeric => (InputFlags::ASCII, Word::FieldUser),
        LoginType::UserId => (InputFlags::NUMERIC, Word::FieldUser),
        LoginType::DirectoryNumber => (InputFlags::NUMERIC, Word::FieldExtension),
        LoginType::SelfService => (InputFlags::NUMERIC, Word::FieldSelfService),
    };
    // A letter that the phone lacks would come back as another one, and what
    // the keypad does not give could not be put right.
    let fits = look.charset.has(prefilled) && prefilled.chars().all(|c| flags.mode.accepts(c));
    let prefilled = if fits { prefilled } else { "" };
    field(form, "userid", flags, look.word(word), prefilled)
}

pub(super) fn pin_field(
    form: Input,
    look: &Look,
    parameter: &str,
    word: Word,
    star_and_pound: bool,
) -> Input {
    let flags = if star_and_pound {
        InputFlags::TELEPHONE
    } else {
        InputFlags::NUMERIC
    };
    field(form, parameter, flags.masked(), look.word(word), "")
}

/// The names of our parameters are ones that a form can have.
pub(super) fn field(
    form: Input,
    parameter: &str,
    flags: InputFlags,
    name: &str,
    prefilled: &str,
) -> Input {
    match InputItem::new(parameter, flags) {
        Ok(item) => form.item(item.named(name).prefilled(prefilled)),
        Err(_) => form,
    }
}
