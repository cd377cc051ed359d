//! Soft keys, and where each generation of phones expects them.

use super::field::{Label, Limited, Url};
use super::limits;

/// One soft key of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftKeyItem {
    /// What the key says; 32 characters fit the schema, about 8 a display.
    pub name: Label<{ limits::SOFT_KEY_NAME }>,
    /// What a press does.
    pub url: Option<Url>,
    /// What happens already on the way down; internal URIs only.
    pub url_down: Option<Url>,
    /// Where the key is.
    pub position: Position,
}

impl SoftKeyItem {
    /// A key that says `name`, does `action` when pressed, and sits at
    /// `position`.
    pub fn new(name: impl AsRef<str>, action: impl Into<Url>, position: Position) -> Self {
        Self {
            name: Label::new(name),
            url: Some(action.into()),
            url_down: None,
            position,
        }
    }
}

/// Where a soft key sits: 1 is the leftmost (on an 8821 the right one; all
/// others are under its left key), -1 the hard *Applications* button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(i8);

impl Position {
    /// The hard *Applications* or *Settings* button, which is not drawn.
    pub const HARD_BUTTON: Self = Self(-1);

    /// A position from 1 to 8, which every phone has, or -1.
    pub fn new(position: i8) -> Option<Self> {
        (position == -1 || (1..=8).contains(&position)).then_some(Self(position))
    }

    /// Positions from 9 to 16 exist on some phones beyond the schema.
    pub(super) fn from_page(position: i8) -> Option<Self> {
        (position == -1 || (1..=16).contains(&position)).then_some(Self(position))
    }

    /// The number.
    pub fn number(self) -> i8 {
        self.0
    }
}

/// What the phone itself can do when a soft key is pressed (`SoftKey:` URIs;
/// *Internal URI Features*, *SoftKey*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SoftKey {
    /// One page up.
    Back,
    /// Leave without doing.
    Cancel,
    /// Leave.
    Exit,
    /// The page that the `Refresh` header named.
    Next,
    /// Search (directories).
    Search,
    /// Follow the chosen line.
    Select,
    /// Send the form.
    Submit,
    /// Fetch the page again.
    Update,
    /// Dial the chosen entry.
    Dial,
    /// Edit the chosen entry's number, then dial.
    EditDial,
    /// `<<`: rub out the last character.
    Erase,
}

impl SoftKey {
    const ALL: [Self; 11] = [
        Self::Back,
        Self::Cancel,
        Self::Exit,
        Self::Next,
        Self::Search,
        Self::Select,
        Self::Submit,
        Self::Update,
        Self::Dial,
        Self::EditDial,
        Self::Erase,
    ];

    /// The URI, not XML-escaped.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Back => "SoftKey:Back",
            Self::Cancel => "SoftKey:Cancel",
            Self::Exit => "SoftKey:Exit",
            Self::Next => "SoftKey:Next",
            Self::Search => "SoftKey:Search",
            Self::Select => "SoftKey:Select",
            Self::Submit => "SoftKey:Submit",
            Self::Update => "SoftKey:Update",
            Self::Dial => "SoftKey:Dial",
            Self::EditDial => "SoftKey:EditDial",
            Self::Erase => "SoftKey:<<",
        }
    }

    /// The action behind a URI, if it is one of these.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.uri() == uri)
    }
}

impl From<SoftKey> for Url {
    fn from(key: SoftKey) -> Self {
        Self::internal(key.uri())
    }
}

/// The words on the usual soft keys. The default is English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyLabels<'a> {
    /// Send the form.
    pub submit: &'a str,
    /// Rub out.
    pub erase: &'a str,
    /// Leave.
    pub exit: &'a str,
    /// Follow the chosen line.
    pub select: &'a str,
    /// Fetch again.
    pub update: &'a str,
    /// Dial the chosen entry.
    pub dial: &'a str,
}

impl Default for KeyLabels<'_> {
    fn default() -> Self {
        Self {
            submit: "Submit",
            erase: "<<",
            exit: "Exit",
            select: "Select",
            update: "Update",
            dial: "Dial",
        }
    }
}

/// What a key is for; the layout knows where such a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyRole {
    /// Do what the page is about: Submit, Select, Update, Yes.
    Act,
    /// Rub out (forms only).
    Erase,
    /// Leave: Exit, Cancel, No.
    Leave,
    /// Do the other thing that the page is about; where nothing is rubbed out.
    Second,
    /// Go to another page: the fourth key, as the last one that every display
    /// has room for (on an 8821 under its left key).
    Extra,
}

/// Where a generation of phones puts its own keys, so that ours are found by
/// habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SoftKeyLayout {
    /// 7900 series: act 1, rub out 2, leave 3, another page 4.
    Old,
    /// 6900, 7800, 8800, 8900, 9900 and later: leave 1, act 2, rub out 3,
    /// another page 4.
    New,
}

impl SoftKeyLayout {
    /// Where a key with this role belongs.
    pub fn position(self, role: KeyRole) -> Position {
        Position(match (self, role) {
            (Self::Old, KeyRole::Act) | (Self::New, KeyRole::Leave) => 1,
            (Self::Old, KeyRole::Erase | KeyRole::Second) | (Self::New, KeyRole::Act) => 2,
            (Self::Old, KeyRole::Leave) | (Self::New, KeyRole::Erase | KeyRole::Second) => 3,
            (Self::Old | Self::New, KeyRole::Extra) => 4,
        })
    }

    /// A key saying `name` in the place of its role.
    pub fn key(self, role: KeyRole, name: &str, action: impl Into<Url>) -> SoftKeyItem {
        SoftKeyItem::new(name, action, self.position(role))
    }
}

/// The key that a press at `position` means; the first one wins.
impl Limited<SoftKeyItem, { limits::SOFT_KEYS }> {
    /// The key at `position`.
    pub fn at(&self, position: Position) -> Option<&SoftKeyItem> {
        self.iter().find(|key| key.position == position)
    }

    /// The key that does `action`.
    pub fn doing(&self, action: SoftKey) -> Option<&SoftKeyItem> {
        self.iter().find(|key| {
            key.url
                .as_ref()
                .is_some_and(|url| url.as_str() == action.uri())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::phonexml::{Input, Menu, Text};

    fn keys(frame: &crate::phonexml::Frame) -> Vec<(i8, &str, &str)> {
        let mut keys: Vec<_> = frame
            .soft_keys
            .iter()
            .map(|k| {
                (
                    k.position.number(),
                    k.name.as_str(),
                    k.url.as_ref().unwrap().as_str(),
                )
            })
            .collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn forms_have_their_keys_where_each_generation_expects_them() {
        let form = Input::new(Url::new("http://h/").unwrap());
        assert_eq!(
            keys(&form.clone().with_keys(SoftKeyLayout::Old).frame),
            [
                (1, "Submit", "SoftKey:Submit"),
                (2, "<<", "SoftKey:<<"),
                (3, "Exit", "SoftKey:Exit"),
            ]
        );
        assert_eq!(
            keys(&form.with_keys(SoftKeyLayout::New).frame),
            [
                (1, "Exit", "SoftKey:Exit"),
                (2, "Submit", "SoftKey:Submit"),
                (3, "<<", "SoftKey:<<"),
            ]
        );
    }

    #[test]
    fn every_page_that_has_keys_has_one_to_leave_by() {
        let yes = || ("Yes", Url::new("http://h/yes").unwrap());
        for layout in [SoftKeyLayout::Old, SoftKeyLayout::New] {
            let pages = [
                Menu::new().with_keys(layout).frame,
                Text::new("t").with_keys(layout).frame,
                Text::new("t").with_exit(layout, "OK").frame,
                Text::new("t").with_question(layout, yes(), "No").frame,
            ];
            for page in pages {
                let leave = page.soft_keys.doing(SoftKey::Exit).unwrap();
                assert_eq!(leave.position, layout.position(KeyRole::Leave));
            }
        }
        let question = Text::new("t").with_question(SoftKeyLayout::Old, yes(), "No");
        assert_eq!(
            keys(&question.frame),
            [(1, "Yes", "http://h/yes"), (3, "No", "SoftKey:Exit")]
        );
    }

    #[test]
    fn softkey_uris_are_read_back() {
        for key in SoftKey::ALL {
            assert_eq!(SoftKey::from_uri(key.uri()), Some(key));
            assert!(Url::new(key.uri()).is_ok());
        }
        assert_eq!(SoftKey::from_uri("SoftKey:Delete"), None);
    }

    #[test]
    fn positions_are_those_that_every_phone_has() {
        assert!((1..=8).all(|p| Position::new(p).is_some()));
        assert_eq!(Position::new(-1), Some(Position::HARD_BUTTON));
        assert!([0, 9, -2, 127].iter().all(|&p| Position::new(p).is_none()));
    }
}
