//! The pages a phone displays, and the one type for every object.

use super::field::{Label, Limited, Url};
use super::limits;
use super::softkey::{KeyLabels, KeyRole, SoftKey, SoftKeyItem, SoftKeyLayout};
use super::write::ChildOrder;
use super::{Charset, ErrorReport, Execute, Input, Response};

/// What every displayable object has around its own content: the schema's base
/// type *CiscoIPPhoneDisplayableType*.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The page's title; without one the phone shows the name of the menu item
    /// that led here.
    pub title: Label<{ limits::TITLE }>,
    /// The line at the foot; without one the phone clears it.
    pub prompt: Label<{ limits::PROMPT }>,
    /// The soft keys. A single one removes *all* of the phone's own, so a page
    /// that has any must also have one to leave by.
    pub soft_keys: Limited<SoftKeyItem, { limits::SOFT_KEYS }>,
}

/// The builder methods that every displayable object shares.
macro_rules! displayable {
    ($($object:ident),+) => {$(
        impl $object {
            /// Sets the title, cut to 32 characters.
            #[must_use]
            pub fn title(mut self, title: impl AsRef<str>) -> Self {
                self.frame.title = $crate::phonexml::Label::new(title);
                self
            }

            /// Sets the prompt, cut to 32 characters.
            #[must_use]
            pub fn prompt(mut self, prompt: impl AsRef<str>) -> Self {
                self.frame.prompt = $crate::phonexml::Label::new(prompt);
                self
            }

            /// Adds a soft key; the ninth and later are dropped and counted.
            #[must_use]
            pub fn soft_key(mut self, key: $crate::phonexml::SoftKeyItem) -> Self {
                self.frame.soft_keys.push(key);
                self
            }

            /// Adds several soft keys, as [`soft_key`](Self::soft_key) does.
            #[must_use]
            pub fn soft_keys(
                mut self,
                keys: impl IntoIterator<Item = $crate::phonexml::SoftKeyItem>,
            ) -> Self {
                self.frame.soft_keys.extend(keys);
                self
            }

            /// Adds the usual soft keys of such a page where this generation of
            /// phones has them, in English.
            #[must_use]
            pub fn with_keys(self, layout: $crate::phonexml::SoftKeyLayout) -> Self {
                self.with_labelled_keys(layout, &$crate::phonexml::KeyLabels::default())
            }

            /// The page as bytes in `charset`, XML declaration included.
            pub fn to_bytes(&self, charset: $crate::phonexml::Charset) -> Vec<u8> {
                $crate::phonexml::Object::from(self.clone()).to_bytes(charset)
            }
        }

        impl From<$object> for $crate::phonexml::Object {
            fn from(object: $object) -> Self {
                Self::$object(object)
            }
        }
    )+};
}
pub(super) use displayable;

displayable!(Menu, Text, Directory);

/// `CiscoIPPhoneMenu`: a list to choose from, at most 100 items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Menu {
    /// Title, prompt and soft keys.
    pub frame: Frame,
    /// The items; see [`Limited::dropped`] for those that did not fit.
    pub items: Limited<MenuItem, { limits::MENU_ITEMS }>,
}

impl Menu {
    /// An empty menu.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item; the 101st and later are dropped and counted.
    #[must_use]
    pub fn item(mut self, name: impl AsRef<str>, url: Url) -> Self {
        self.items.push(MenuItem {
            name: Label::new(name),
            url: Some(url),
        });
        self
    }

    /// Adds *Select* and *Exit* in the words of `labels`.
    #[must_use]
    pub fn with_labelled_keys(self, layout: SoftKeyLayout, labels: &KeyLabels<'_>) -> Self {
        self.soft_keys([
            layout.key(KeyRole::Act, labels.select, SoftKey::Select),
            layout.key(KeyRole::Leave, labels.exit, SoftKey::Exit),
        ])
    }
}

/// One line of a [`Menu`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MenuItem {
    /// What the line says; two carriage returns make it span three lines.
    pub name: Label<{ limits::MENU_NAME }>,
    /// Where it leads.
    pub url: Option<Url>,
}

/// `CiscoIPPhoneText`: a page of plain text, at most 4000 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Title, prompt and soft keys.
    pub frame: Frame,
    /// The text; line feeds break lines.
    pub text: Label<{ limits::TEXT }>,
}

impl Text {
    /// A page saying `text`, cut to 4000 characters.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self {
            frame: Frame::default(),
            text: Label::new(text),
        }
    }

    /// Adds *Update* (fetch the page again) and *Exit* in the words of `labels`.
    #[must_use]
    pub fn with_labelled_keys(self, layout: SoftKeyLayout, labels: &KeyLabels<'_>) -> Self {
        self.soft_keys([
            layout.key(KeyRole::Act, labels.update, SoftKey::Update),
            layout.key(KeyRole::Leave, labels.exit, SoftKey::Exit),
        ])
    }

    /// Adds *Exit* alone: a result that must not be fetched twice.
    #[must_use]
    pub fn with_exit(self, layout: SoftKeyLayout, label: &str) -> Self {
        self.soft_key(layout.key(KeyRole::Leave, label, SoftKey::Exit))
    }

    /// Adds one key that goes to `url`, where the generation has its leaving
    /// key: the page is read, and left for another.
    #[must_use]
    pub fn with_way_out(self, layout: SoftKeyLayout, label: &str, url: Url) -> Self {
        self.soft_key(layout.key(KeyRole::Leave, label, url))
    }

    /// Makes the page a question: `yes` goes to its URL, `no` leaves.
    #[must_use]
    pub fn with_question(self, layout: SoftKeyLayout, yes: (&str, Url), no: &str) -> Self {
        self.soft_keys([
            layout.key(KeyRole::Act, yes.0, yes.1),
            layout.key(KeyRole::Leave, no, SoftKey::Exit),
        ])
    }
}

/// `CiscoIPPhoneDirectory`: names and numbers to dial, at most 32 a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Title, prompt and soft keys.
    pub frame: Frame,
    /// The entries; see [`Limited::dropped`] for those that did not fit.
    pub entries: Limited<DirectoryEntry, { limits::DIRECTORY_ENTRIES }>,
}

impl Directory {
    /// An empty page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry; the 33rd and later are dropped and counted. A number of
    /// more than 32 characters is left out, because half of it would be wrong.
    #[must_use]
    pub fn entry(mut self, name: impl AsRef<str>, telephone: impl AsRef<str>) -> Self {
        self.entries.push(DirectoryEntry {
            name: Label::new(name),
            telephone: Label::whole(telephone),
        });
        self
    }

    /// Adds *Dial* and *Exit* in the words of `labels`.
    #[must_use]
    pub fn with_labelled_keys(self, layout: SoftKeyLayout, labels: &KeyLabels<'_>) -> Self {
        self.soft_keys([
            layout.key(KeyRole::Act, labels.dial, SoftKey::Dial),
            layout.key(KeyRole::Leave, labels.exit, SoftKey::Exit),
        ])
    }
}

/// One line of a [`Directory`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Who.
    pub name: Label<{ limits::DIRECTORY_NAME }>,
    /// The number to dial.
    pub telephone: Label<{ limits::TELEPHONE }>,
}

/// Any object that is written to a phone or read from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// `CiscoIPPhoneMenu`.
    Menu(Menu),
    /// `CiscoIPPhoneText`.
    Text(Text),
    /// `CiscoIPPhoneInput`.
    Input(Input),
    /// `CiscoIPPhoneDirectory`.
    Directory(Directory),
    /// `CiscoIPPhoneExecute`.
    Execute(Execute),
    /// `CiscoIPPhoneResponse`, sent by phones.
    Response(Response),
    /// `CiscoIPPhoneError`, sent by phones.
    Error(ErrorReport),
}

impl Object {
    /// The name of the root element.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Menu(_) => "CiscoIPPhoneMenu",
            Self::Text(_) => "CiscoIPPhoneText",
            Self::Input(_) => "CiscoIPPhoneInput",
            Self::Directory(_) => "CiscoIPPhoneDirectory",
            Self::Execute(_) => "CiscoIPPhoneExecute",
            Self::Response(_) => "CiscoIPPhoneResponse",
            Self::Error(_) => "CiscoIPPhoneError",
        }
    }

    /// Title, prompt and soft keys, when the object is one that is displayed.
    pub fn frame(&self) -> Option<&Frame> {
        match self {
            Self::Menu(menu) => Some(&menu.frame),
            Self::Text(text) => Some(&text.frame),
            Self::Input(input) => Some(&input.frame),
            Self::Directory(directory) => Some(&directory.frame),
            Self::Execute(_) | Self::Response(_) | Self::Error(_) => None,
        }
    }

    /// The object as bytes in `charset`, XML declaration included. Serve it with
    /// [`Charset::content_type`].
    pub fn to_bytes(&self, charset: Charset) -> Vec<u8> {
        super::write::write(self, charset, ChildOrder::Manual)
    }

    /// As [`to_bytes`](Object::to_bytes), with its elements in the order that
    /// the published schema asks for: for tools that judge by a schema. Phones
    /// are sent the manual's order.
    pub fn to_bytes_by_schema(&self, charset: Charset) -> Vec<u8> {
        super::write::write(self, charset, ChildOrder::Schema)
    }
}

impl From<Execute> for Object {
    fn from(execute: Execute) -> Self {
        Self::Execute(execute)
    }
}

impl From<Response> for Object {
    fn from(response: Response) -> Self {
        Self::Response(response)
    }
}

impl From<ErrorReport> for Object {
    fn from(error: ErrorReport) -> Self {
        Self::Error(error)
    }
}
