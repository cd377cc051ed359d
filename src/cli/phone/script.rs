//! `embody phone --do`: what a person does at the phone, as a line of steps.
//!
//! Steps are separated by commas; a comma or backslash of a step itself is
//! written behind a backslash. Blanks around a step do not count.
//!
//! | step | does |
//! |---|---|
//! | `services` | presses the Services key |
//! | `3` | presses the digit of the third item |
//! | `userid=alice` | types into the field that is sent as, or called, `userid` |
//! | `seq=-` | types the next line of standard input, for what no list of processes shall show |
//! | `refresh` | loads what the page's `Refresh` header names |
//! | `wait` | waits until the phone has restarted and registered again |
//! | `main` | looks at the main screen |
//! | `open:URL` | loads that page, as if a key led there |
//! | `key:NAME`, `item:NAME` | presses that soft key, chooses that item |
//! | anything else | presses the soft key of that name, or chooses the item |

use std::str::FromStr;

/// Most steps of a line.
const STEPS: usize = 64;
/// Most bytes of a line.
const LINE: usize = 4096;

/// One step.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The Services key.
    Services,
    /// The item with this number, from 1.
    Number(usize),
    /// Something typed into a field.
    Type {
        /// What the field is sent as, or called.
        field: String,
        /// What is typed.
        value: Typed,
    },
    /// What the `Refresh` header names.
    Refresh,
    /// Until the phone is back.
    Wait,
    /// The main screen.
    Main,
    /// The page of that URL.
    Open(String),
    /// The soft key of that name.
    Key(String),
    /// The item of that name.
    Item(String),
    /// The soft key or the item of that name.
    Either(String),
}

/// What is typed; it may be a PIN, and so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// This.
    Here(String),
    /// The next line of standard input.
    NextLine,
}

/// A script as it was given. Read later than the rest of the command line,
/// which would repeat it, PINs and all, where it is wrong.
#[derive(Clone)]
pub(super) struct Line(String);

impl From<String> for Line {
    fn from(line: String) -> Self {
        Self(line)
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line(..)")
    }
}

impl Line {
    /// The steps.
    pub(super) fn read(&self) -> Result<Script, ScriptError> {
        self.0.parse()
    }
}

/// Some steps.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Script(pub(super) Vec<Step>);

/// What stands in the place of a script wherever one is shown.
impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Script({} steps)", self.0.len())
    }
}

/// Why a line is no script. Never repeats what was to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScriptError {
    /// Nothing between two commas, or nothing at all.
    #[error("step {0} is empty")]
    Empty(usize),
    /// More than the longest script.
    #[error("more than {STEPS} steps or {LINE} bytes")]
    TooLong,
    /// A backslash before neither comma nor backslash.
    #[error("a backslash in step {0} stands before neither a comma nor a backslash")]
    Escape(usize),
    /// An equals sign without a field.
    #[error("step {0} names no field")]
    NoField(usize),
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        if line.len() > LINE {
            return Err(ScriptError::TooLong);
        }
        let steps = split(line)?;
        if steps.len() > STEPS {
            return Err(ScriptError::TooLong);
        }
        let steps = (1..).zip(&steps).map(|(number, step)| read(step, number));
        Ok(Self(steps.collect::<Result<_, _>>()?))
    }
}

fn split(line: &str) -> Result<Vec<String>, ScriptError> {
    let mut steps = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let number = steps.len();
        let letter = match letter {
            ',' => {
                steps.push(String::new());
                continue;
            }
            '\\' => match letters.next() {
                Some(escaped @ (',' | '\\')) => escaped,
                _ => return Err(ScriptError::Escape(number)),
            },
            other => other,
        };
        if let Some(step) = steps.last_mut() {
            step.push(letter);
        }
    }
    Ok(steps)
}

fn read(step: &str, number: usize) -> Result<Step, ScriptError> {
    let step = step.trim();
    if step.is_empty() {
        return Err(ScriptError::Empty(number));
    }
    if let Some(name) = step.strip_prefix("key:") {
        return Ok(Step::Key(name.trim().to_owned()));
    }
    if let Some(name) = step.strip_prefix("item:") {
        return Ok(Step::Item(name.trim().to_owned()));
    }
    if let Some(url) = step.strip_prefix("open:") {
        return Ok(Step::Open(url.trim().to_owned()));
    }
    if let Some((field, value)) = step.split_once('=') {
        let field = field.trim().to_owned();
        if field.is_empty() {
            return Err(ScriptError::NoField(number));
        }
        let value = match value.trim() {
            "-" => Typed::NextLine,
            value => Typed::Here(value.to_owned()),
        };
        return Ok(Step::Type { field, value });
    }
    if step.bytes().all(|digit| digit.is_ascii_digit())
        && let Ok(item) = step.parse()
    {
        return Ok(Step::Number(item));
    }
    Ok(match step {
        "services" => Step::Services,
        "refresh" => Step::Refresh,
        "wait" => Step::Wait,
        "main" => Step::Main,
        name => Step::Either(name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn typed(field: &str, value: &str) -> Step {
        Step::Type {
            field: field.to_owned(),
            value: Typed::Here(value.to_owned()),
        }
    }

    fn steps(line: &str) -> Vec<Step> {
        line.parse::<Script>().unwrap().0
    }

    #[test]
    fn a_login_is_a_line() {
        let line = "services, 1, userid=alice, seq=58213, Submit, wait, main";
        let expected = [
            Step::Services,
            Step::Number(1),
            typed("userid", "alice"),
            typed("seq", "58213"),
            Step::Either("Submit".to_owned()),
            Step::Wait,
            Step::Main,
        ];
        assert!(steps(line) == expected);
    }

    #[test]
    fn commas_and_names_can_be_written_all_the_same() {
        let expected = [
            Step::Item("Adler, Alice".to_owned()),
            Step::Open("http://h/?a=b".to_owned()),
            Step::Key("1".to_owned()),
            typed("x", "a=b\\"),
            Step::Type {
                field: "seq".to_owned(),
                value: Typed::NextLine,
            },
        ];
        assert!(
            steps("item:Adler\\, Alice, open:http://h/?a=b,key: 1, x=a=b\\\\, seq=-") == expected
        );
    }

    #[test]
    fn what_is_no_step_is_told_without_what_was_typed() {
        let error = |line: &str| line.parse::<Script>().unwrap_err();
        assert_eq!(error(""), ScriptError::Empty(1));
        assert_eq!(error("services,,1"), ScriptError::Empty(2));
        assert_eq!(error("=58213"), ScriptError::NoField(1));
        assert_eq!(error("a,b\\c"), ScriptError::Escape(2));
        assert_eq!(error(&"1,".repeat(65)), ScriptError::TooLong);
        assert_eq!(error(&"x".repeat(4097)), ScriptError::TooLong);
        let script: Script = "seq=58213".parse().unwrap();
        assert!(!format!("{script:?}").contains("58213"));
    }

    proptest! {
        #[test]
        fn any_line_is_a_script_or_none(line in "(\\PC|[,=\\\\-]){0,80}") {
            if let Ok(script) = line.parse::<Script>() {
                prop_assert!((1..=STEPS).contains(&script.0.len()));
            }
        }
    }
}
