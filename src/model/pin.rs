//! Which PINs a site takes.

use super::{Parameters, Pin, User};

/// Why a PIN is not one that the site takes. No variant holds the PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinFault {
    /// It is too short.
    #[error("a PIN has {least} or more characters")]
    TooShort {
        /// The fewest.
        least: u8,
    },
    /// It is longer than any phone's form takes.
    #[error("a PIN has at most {most} characters")]
    TooLong {
        /// The most.
        most: u8,
    },
    /// It holds what the keypad does not give.
    #[error("a PIN is made of digits{}", if *.star_and_pound { ", * and #" } else { "" })]
    Characters {
        /// Whether `*` and `#` would do.
        star_and_pound: bool,
    },
    /// Everybody tries it first.
    #[error("that PIN is too easy to guess")]
    Trivial,
    /// It is the present one.
    #[error("the new PIN is the old one")]
    Same,
}

/// The rules for PINs, from the service parameters (Cisco, *Extension Mobility
/// 4.1*, Associating a User Device Profile to a User: numeric, five or more
/// characters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinRules {
    least: u8,
    star_and_pound: bool,
    refuse_trivial: bool,
}

impl PinRules {
    /// The most characters of a PIN.
    pub const LONGEST: u8 = 32;

    /// Those of a site.
    pub fn of(parameters: &Parameters) -> Self {
        Self {
            least: parameters
                .minimum_pin_length
                .clamp(Parameters::SHORTEST_PIN, Self::LONGEST),
            star_and_pound: parameters.pin_star_and_pound,
            refuse_trivial: parameters.refuse_trivial_pins,
        }
    }

    /// Whether `user` may have this PIN.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, pin: &Pin, user: &User) -> Result<(), PinFault> {
        let keys = pin.expose();
        if keys.len() > usize::from(Self::LONGEST) {
            return Err(PinFault::TooLong {
                most: Self::LONGEST,
            });
        }
        let star_and_pound = self.star_and_pound;
        let on_keypad = |key: u8| key.is_ascii_digit() || (star_and_pound && b"*#".contains(&key));
        if !keys.bytes().all(on_keypad) {
            return Err(PinFault::Characters { star_and_pound });
        }
        if keys.len() < usize::from(self.least) {
            return Err(PinFault::TooShort { least: self.least });
        }
        if self.refuse_trivial && is_trivial(keys, user) {
            return Err(PinFault::Trivial);
        }
        Ok(())
    }
}

/// What is tried first: one key over and over, a run of digits, the user's own
/// names.
fn is_trivial(keys: &str, user: &User) -> bool {
    is_one_key(keys) || is_run(keys) || names(user).iter().any(|name| is_made_of(keys, name))
}

fn is_one_key(keys: &str) -> bool {
    let mut keys = keys.bytes();
    let first = keys.next();
    keys.all(|key| Some(key) == first)
}

/// Digits in a row, up or down, over the 0 as well: 12345, 98765, 67890.
fn is_run(keys: &str) -> bool {
    let keys = keys.as_bytes();
    [1u8, 9].iter().any(|step| {
        keys.windows(2).all(|pair| match pair {
            [one, next] => {
                one.is_ascii_digit()
                    && next.is_ascii_digit()
                    && (one - b'0' + step) % 10 == next - b'0'
            }
            _ => false,
        })
    })
}

/// The names by which others know the user, as typed and as spelled on the
/// keys of a phone.
fn names(user: &User) -> Vec<String> {
    let typed = [
        Some(user.user_id.as_str()),
        user.alias.as_ref().map(super::UserId::as_str),
        user.primary_extension
            .as_ref()
            .map(super::DirectoryNumber::as_str),
        user.self_service_id.as_ref().map(super::UserId::as_str),
    ];
    let typed = typed.into_iter().flatten();
    typed.filter_map(on_keys).collect()
}

/// A name as the keys that spell it; `None` for what no keypad spells.
fn on_keys(name: &str) -> Option<String> {
    let key = |letter: char| match letter.to_ascii_lowercase() {
        'a'..='c' => Some('2'),
        'd'..='f' => Some('3'),
        'g'..='i' => Some('4'),
        'j'..='l' => Some('5'),
        'm'..='o' => Some('6'),
        'p'..='s' => Some('7'),
        't'..='v' => Some('8'),
        'w'..='z' => Some('9'),
        key @ ('0'..='9' | '*' | '#') => Some(key),
        _ => None,
    };
    name.chars().map(key).collect()
}

/// Whether the keys are the name, once or several times, forwards or backwards.
fn is_made_of(keys: &str, name: &str) -> bool {
    let backwards: String = name.chars().rev().collect();
    [name, &backwards].iter().any(|name| {
        !name.is_empty()
            && keys.len().is_multiple_of(name.len())
            && keys
                .as_bytes()
                .chunks(name.len())
                .all(|part| part == name.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::{DirectoryNumber, ObjectId, UserId};
    use super::*;

    fn alice() -> User {
        User {
            id: ObjectId(11),
            user_id: UserId::new("alice").unwrap(),
            alias: Some(UserId::new("2001").unwrap()),
            first_name: String::new(),
            last_name: String::new(),
            pin: None,
            password: None,
            credential_version: 1,
            profiles: Vec::new(),
            locale: None,
            primary_extension: Some(DirectoryNumber::new("52347").unwrap()),
            self_service_id: Some(UserId::new("90210").unwrap()),
            controlled_phones: Vec::new(),
            multiple_login_behavior: None,
            excluded: false,
            extension_assigner: false,
            pin_must_change: false,
            pin_set: None,
        }
    }

    fn check(parameters: &Parameters, pin: &str) -> Result<(), PinFault> {
        PinRules::of(parameters).check(&Pin::new(pin), &alice())
    }

    /// Extension Mobility 4.1, Associating a User Device Profile to a User:
    /// numeric, five or more characters.
    #[test]
    fn a_pin_is_numeric_and_has_five_or_more_characters() {
        let cisco = Parameters::default();
        assert_eq!(check(&cisco, "58213"), Ok(()));
        assert_eq!(check(&cisco, &"58213".repeat(6)), Ok(()));
        for short in ["", "5", "5821"] {
            assert_eq!(check(&cisco, short), Err(PinFault::TooShort { least: 5 }));
        }
        for other in ["5821a", "58 13", "5821*", "5821#", "5821\u{0663}"] {
            let star_and_pound = false;
            let fault = Err(PinFault::Characters { star_and_pound });
            assert_eq!(check(&cisco, other), fault, "{other}");
        }
        let long = "58213".repeat(7);
        assert_eq!(check(&cisco, &long), Err(PinFault::TooLong { most: 32 }));
    }

    #[test]
    fn a_site_may_ask_for_more_and_never_for_less_than_five() {
        let mut parameters = Parameters {
            minimum_pin_length: 8,
            ..Parameters::default()
        };
        assert_eq!(
            check(&parameters, "5821347"),
            Err(PinFault::TooShort { least: 8 })
        );
        parameters.minimum_pin_length = 0;
        assert_eq!(
            check(&parameters, "5821"),
            Err(PinFault::TooShort { least: 5 })
        );
    }

    /// Extension Mobility 4.1, Associating a User Device Profile to a User:
    /// the characters of the phone are the digits, the asterisk and the
    /// octothorpe.
    #[test]
    fn star_and_pound_are_taken_where_the_site_says_so() {
        let parameters = Parameters {
            pin_star_and_pound: true,
            ..Parameters::default()
        };
        assert_eq!(check(&parameters, "58*1#"), Ok(()));
        assert_eq!(check(&parameters, "*****"), Err(PinFault::Trivial));
        assert_eq!(
            check(&parameters, "5821a"),
            Err(PinFault::Characters {
                star_and_pound: true
            })
        );
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let cisco = Parameters::default();
        for trivial in [
            "00000",
            "111111", // one key
            "12345",
            "54321",
            "67890",
            "09876",
            "890123", // runs
            "20012001",
            "10021002", // the alias
            "52347",
            "74325",
            "5234752347", // the extension
            "90210",
            "01209", // the self-service id
            "25423",
            "32452", // alice, as the keys spell it
        ] {
            assert_eq!(check(&cisco, trivial), Err(PinFault::Trivial), "{trivial}");
        }
        for good in ["20013", "12346", "52348", "13579", "11112"] {
            assert_eq!(check(&cisco, good), Ok(()), "{good}");
        }
        let lax = Parameters {
            refuse_trivial_pins: false,
            ..Parameters::default()
        };
        assert_eq!(check(&lax, "00000"), Ok(()));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_judged(pin in ".{0,40}", lax: bool, star: bool, least: u8) {
            let parameters = Parameters {
                refuse_trivial_pins: !lax,
                pin_star_and_pound: star,
                minimum_pin_length: least,
                ..Parameters::default()
            };
            if check(&parameters, &pin).is_ok() {
                prop_assert!((5..=32).contains(&pin.len()));
                prop_assert!(pin.chars().all(|c| c.is_ascii_digit() || (star && "*#".contains(c))));
            }
        }
    }
}
