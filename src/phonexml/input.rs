//! `CiscoIPPhoneInput`: the form, its fields, and what may be typed into them.

use super::field::{FieldError, Label, Limited, Url};
use super::limits;
use super::object::{Frame, displayable};
use super::softkey::{KeyLabels, KeyRole, SoftKey, SoftKeyLayout};

displayable!(Input);

/// `CiscoIPPhoneInput`: at most five fields that are submitted to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Title, prompt and soft keys.
    pub frame: Frame,
    /// Where the form goes. Only the lenient reader leaves it out: an old phone
    /// does not complain before the user submits.
    pub url: Option<Url>,
    /// How the form goes there.
    pub method: SubmitMethod,
    /// The fields; see [`Limited::dropped`] for those that did not fit.
    pub items: Limited<InputItem, { limits::INPUT_ITEMS }>,
}

impl Input {
    /// A form for `url` without fields, submitted by GET as all phones can.
    pub fn new(url: Url) -> Self {
        Self {
            frame: Frame::default(),
            url: Some(url),
            method: SubmitMethod::Get,
            items: Limited::default(),
        }
    }

    /// Sets how the form is submitted.
    #[must_use]
    pub fn method(mut self, method: SubmitMethod) -> Self {
        self.method = method;
        self
    }

    /// Adds a field; the sixth and later are dropped and counted.
    #[must_use]
    pub fn item(mut self, item: InputItem) -> Self {
        self.items.push(item);
        self
    }

    /// Adds *Submit*, *<<* and *Exit* in the words of `labels`.
    #[must_use]
    pub fn with_labelled_keys(self, layout: SoftKeyLayout, labels: &KeyLabels<'_>) -> Self {
        self.soft_keys([
            layout.key(KeyRole::Act, labels.submit, SoftKey::Submit),
            layout.key(KeyRole::Erase, labels.erase, SoftKey::Erase),
            layout.key(KeyRole::Leave, labels.exit, SoftKey::Exit),
        ])
    }
}

/// How a form reaches its URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SubmitMethod {
    /// The values are put into the URL; every phone knows this.
    #[default]
    Get,
    /// The values are sent as a body, so that no PIN shows in a URL. Only the
    /// 7800 and 8800 series know this (`<URL method="post">`).
    Post,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputItem {
    /// What stands before the field.
    pub name: Label<{ limits::DISPLAY_NAME }>,
    parameter: String,
    /// What is in the field to begin with.
    pub default_value: Label<{ limits::DEFAULT_VALUE }>,
    /// What may be typed.
    pub flags: InputFlags,
}

impl InputItem {
    /// A field submitted as `parameter`, which phones copy into the URL as it
    /// is: 1 to 32 characters that need no encoding there.
    pub fn new(parameter: impl Into<String>, flags: InputFlags) -> Result<Self, FieldError> {
        let parameter = parameter.into();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~*".contains(&b);
        if (1..=limits::PARAMETER).contains(&parameter.len()) && parameter.bytes().all(plain) {
            Ok(Self::from_page(parameter, flags))
        } else {
            Err(FieldError::Parameter)
        }
    }

    /// A field as a page had it.
    pub(super) fn from_page(parameter: String, flags: InputFlags) -> Self {
        Self {
            name: Label::default(),
            parameter,
            default_value: Label::default(),
            flags,
        }
    }

    /// Sets what stands before the field, cut to 32 characters.
    #[must_use]
    pub fn named(mut self, name: impl AsRef<str>) -> Self {
        self.name = Label::new(name);
        self
    }

    /// Sets what is in the field to begin with. A value of more than 32
    /// characters is left out: the user would submit the half of it.
    #[must_use]
    pub fn prefilled(mut self, value: impl AsRef<str>) -> Self {
        self.default_value = Label::whole(value);
        self
    }

    /// The name under which the value is submitted.
    pub fn parameter(&self) -> &str {
        &self.parameter
    }
}

/// What the keypad enters in a field (`InputFlags`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputMode {
    /// `A`: letters of both cases, digits, special characters.
    Ascii,
    /// `T`: a telephone number, digits with `#` and `*`.
    Telephone,
    /// `N`: digits.
    Numeric,
    /// `E`: digits and mathematical symbols.
    Equation,
    /// `U`: capital letters.
    Upper,
    /// `L`: small letters.
    Lower,
}

impl InputMode {
    const ALL: [Self; 6] = [
        Self::Ascii,
        Self::Telephone,
        Self::Numeric,
        Self::Equation,
        Self::Upper,
        Self::Lower,
    ];

    /// The letter in `InputFlags`.
    pub fn letter(self) -> char {
        match self {
            Self::Ascii => 'A',
            Self::Telephone => 'T',
            Self::Numeric => 'N',
            Self::Equation => 'E',
            Self::Upper => 'U',
            Self::Lower => 'L',
        }
    }

    /// Whether a user can type `c` in this mode. For the three modes that hold
    /// letters only control characters are excluded: which letters a key offers
    /// depends on the phone's locale.
    pub fn accepts(self, c: char) -> bool {
        match self {
            Self::Telephone => c.is_ascii_digit() || matches!(c, '#' | '*'),
            Self::Numeric => c.is_ascii_digit(),
            Self::Equation => c.is_ascii_digit() || c.is_ascii_punctuation(),
            Self::Ascii => !c.is_control(),
            Self::Upper => !c.is_control() && !c.is_lowercase(),
            Self::Lower => !c.is_control() && !c.is_uppercase(),
        }
    }
}

/// A field's mode, and whether what is typed shows as `*` (the modifier `P`,
/// which never stands alone).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputFlags {
    /// What the keypad enters.
    pub mode: InputMode,
    /// Whether it is masked.
    pub masked: bool,
}

impl InputFlags {
    /// `A`, for user ids.
    pub const ASCII: Self = Self::plain(InputMode::Ascii);
    /// `T`, for telephone numbers.
    pub const TELEPHONE: Self = Self::plain(InputMode::Telephone);
    /// `N`, for digits; masked, for PINs.
    pub const NUMERIC: Self = Self::plain(InputMode::Numeric);
    /// `L`, for small letters.
    pub const LOWER: Self = Self::plain(InputMode::Lower);

    const fn plain(mode: InputMode) -> Self {
        Self {
            mode,
            masked: false,
        }
    }

    /// The same mode with what is typed hidden.
    #[must_use]
    pub const fn masked(self) -> Self {
        Self {
            masked: true,
            ..self
        }
    }

    /// As it is written: the mode's letter, then `P` if masked.
    pub fn letters(self) -> String {
        let mut letters = String::from(self.mode.letter());
        if self.masked {
            letters.push('P');
        }
        letters
    }

    /// Reads the spellings of the schema: a mode alone, or with `P` before or
    /// after it. Case counts.
    pub fn from_letters(letters: &str) -> Option<Self> {
        let masked = letters.len() == 2 && (letters.starts_with('P') || letters.ends_with('P'));
        let mode = if masked {
            letters.trim_matches('P')
        } else {
            letters
        };
        InputMode::ALL
            .into_iter()
            .find(|known| mode.len() == 1 && mode.starts_with(known.letter()))
            .map(|mode| Self { mode, masked })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_schemas_eighteen_spellings_are_read_and_no_other() {
        for mode in InputMode::ALL {
            let letter = mode.letter();
            let plain = InputFlags::from_letters(&letter.to_string()).unwrap();
            assert_eq!(plain, InputFlags::plain(mode));
            for spelling in [format!("{letter}P"), format!("P{letter}")] {
                assert_eq!(
                    InputFlags::from_letters(&spelling),
                    Some(InputFlags::plain(mode).masked())
                );
            }
            assert_eq!(plain.masked().letters(), format!("{letter}P"));
        }
        for wrong in ["", "P", "PP", "a", "np", "NPP", "AN", "X", "N P"] {
            assert_eq!(InputFlags::from_letters(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_parameter_must_survive_in_a_url_as_it_is() {
        assert!(InputItem::new("userid", InputFlags::ASCII).is_ok());
        let long = "p".repeat(33);
        for wrong in ["", "a=b", "a&b", "a b", "ü", long.as_str()] {
            assert_eq!(
                InputItem::new(wrong, InputFlags::ASCII),
                Err(FieldError::Parameter),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_user_id_too_long_for_the_field_is_not_prefilled() {
        let item = InputItem::new("userid", InputFlags::ASCII).unwrap();
        assert!(
            item.clone()
                .prefilled("a".repeat(33))
                .default_value
                .is_empty()
        );
        assert_eq!(item.prefilled("alice").default_value.as_str(), "alice");
    }

    #[test]
    fn digits_are_all_that_a_numeric_field_takes() {
        assert!("0123456789".chars().all(|c| InputMode::Numeric.accepts(c)));
        assert!(!InputMode::Numeric.accepts('#'));
        assert!(InputMode::Telephone.accepts('#'));
        assert!(!InputMode::Upper.accepts('a'));
        assert!(InputMode::Ascii.accepts('a') && InputMode::Ascii.accepts('@'));
    }
}
