//! The pages of the Extension Assigner: who asks, which configured phone this
//! handset shall be, and what came of it.

use super::forms::{code_text, field, pin_field, user_field};
use super::{Look, Mistake, leaving};
use crate::model::LoginType;
use crate::phonexml::{Input, InputFlags, Menu, Object, Text};
use crate::provision::Word;

/// A page of the Extension Assigner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignerPage {
    /// User id and PIN.
    Form(AssignerForm),
    /// The configured phones that this handset can be.
    Phones(Vec<AssignChoice>),
    /// There are too many for a list: the extension of one.
    Extension {
        /// The ticket that it comes back with.
        ticket: String,
        /// Whether the last one was of no use.
        again: bool,
    },
    /// Whether it shall be that phone.
    Question {
        /// That phone, in words.
        phone: String,
        /// The ticket that does it.
        ticket: String,
    },
    /// It is that phone.
    Done {
        /// That phone, in words.
        phone: String,
    },
    /// It does not go.
    Sorry(Word),
}

/// User id and PIN of who may assign phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignerForm {
    /// Whether letters can be typed into a user id.
    pub alphanumeric: bool,
    /// Whether `*` and `#` can be typed into a PIN.
    pub star_and_pound: bool,
    /// What was wrong the last time.
    pub mistake: Option<Mistake>,
    /// What is in the first field.
    pub prefilled: String,
}

/// A configured phone that this handset can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignChoice {
    /// It in words.
    pub phone: String,
    /// The ticket that asks whether it shall be that one.
    pub ticket: String,
}

impl AssignerPage {
    pub(super) fn object(&self, look: &Look) -> Object {
        match self {
            Self::Form(form) => form.object(look),
            Self::Phones(phones) => {
                let mut menu = Menu::new()
                    .title(look.word(Word::AssignTitle))
                    .prompt(look.word(Word::PhonesPrompt));
                for choice in phones {
                    let url = look.links.application(&[("token", &choice.ticket)]);
                    menu = menu.item(&choice.phone, url);
                }
                Object::Menu(menu.with_labelled_keys(look.layout, &look.list_keys()))
            }
            Self::Extension { ticket, again } => {
                let url = look.links.application(&[("token", ticket)]);
                let prompt = if *again {
                    Word::AssignNoSuch
                } else {
                    Word::PhonesPrompt
                };
                let form = Input::new(url)
                    .method(look.submit)
                    .title(look.word(Word::AssignTitle))
                    .prompt(look.word(prompt));
                let name = look.word(Word::FieldExtension);
                let form = field(form, "extension", InputFlags::TELEPHONE, name, "");
                Object::Input(form.with_labelled_keys(look.layout, &look.form_keys()))
            }
            Self::Question { phone, ticket } => {
                let text = look.say(Word::AssignQuestion, &[("phone", phone)]);
                let yes = look.links.application(&[("token", ticket)]);
                let page = Text::new(text)
                    .title(look.word(Word::AssignTitle))
                    .prompt(look.word(Word::AssignAsk))
                    .with_question(
                        look.layout,
                        (look.word(Word::Yes), yes),
                        look.word(Word::No),
                    );
                Object::Text(page)
            }
            Self::Done { phone } => {
                let text = look.say(Word::AssignDoneText, &[("phone", phone)]);
                leaving(look, Word::AssignTitle, look.word(Word::AssignDone), &text)
            }
            Self::Sorry(why) => leaving(look, Word::AssignTitle, "", look.word(*why)),
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Form(AssignerForm {
                mistake: Some(mistake),
                ..
            }) => format!("Extension Assigner, form with {}", mistake.code()),
            Self::Form(_) => "Extension Assigner".to_owned(),
            Self::Phones(_) => "Extension Assigner, choice of phones".to_owned(),
            Self::Extension { .. } => "Extension Assigner, form for the extension".to_owned(),
            Self::Question { .. } => "Extension Assigner, question".to_owned(),
            Self::Done { .. } => "Extension Assigner, done".to_owned(),
            Self::Sorry(_) => "Extension Assigner, refused".to_owned(),
        }
    }
}

impl AssignerForm {
    fn object(&self, look: &Look) -> Object {
        let title = self.mistake.map_or(Word::AssignTitle, Mistake::help);
        let prompt = self.mistake.map_or_else(
            || look.word(Word::AssignPrompt).to_owned(),
            |mistake| code_text(look, mistake.code()),
        );
        let form = Input::new(look.links.application(&[]))
            .method(look.submit)
            .title(look.word(title))
            .prompt(prompt);
        let form = user_field(
            form,
            look,
            LoginType::UserId,
            self.alphanumeric,
            &self.prefilled,
        );
        let form = pin_field(form, look, "seq", Word::FieldPin, self.star_and_pound);
        Object::Input(form.with_labelled_keys(look.layout, &look.form_keys()))
    }
}
