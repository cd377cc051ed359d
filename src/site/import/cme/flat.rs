//! Configurations that lost their indentation: which words open a block, and
//! which name one inside another.

use super::blocks::{Block, Mode, opener};

/// Commands that a template has and a phone has not (*Unified CME Command
/// Reference*, `ephone-template`).
const OF_TEMPLATE: [&str; 6] = [
    "softkeys",
    "button-layout",
    "features",
    "user-locale",
    "network-locale",
    "service",
];

/// Commands that a phone has and a template has not (`ephone`).
const OF_PHONE: [&str; 7] = [
    "mac-address",
    "description",
    "username",
    "button",
    "ephone-template",
    "logout-profile",
    "pin",
];

/// Commands of both. They speak for a template where the phone has its buttons:
/// the router prints these last.
const OF_BOTH: [&str; 4] = ["feature-button", "conference", "transfer", "url-button"];

/// How many lines are looked at until a phone or a template shows itself.
const LOOKED_AT: usize = 64;

/// Whether a command that begins as a block does names a template inside the
/// block before it; `following` are the lines after it. A template of
/// directory numbers is always taken for such a name: of one that opens a block
/// nothing is lost.
pub(super) fn is_reference<'a>(
    block: &Block<'_>,
    command: &str,
    following: impl Iterator<Item = &'a str>,
) -> bool {
    let mut words = command.split_whitespace();
    let (word, tag, more) = (words.next(), words.next(), words.next());
    if tag.is_none_or(|tag| tag.parse::<u32>().is_err()) || more.is_some() {
        return false;
    }
    match (block.mode, word) {
        (Mode::EphoneDn, Some("ephone-dn-template")) => true,
        (Mode::Ephone, Some("ephone-template")) => !opens_template(block, following),
        _ => false,
    }
}

fn opens_template<'a>(phone: &Block<'_>, following: impl Iterator<Item = &'a str>) -> bool {
    let mut of_both = false;
    for command in following.filter(|line| !line.is_empty()).take(LOOKED_AT) {
        let word = command.split_whitespace().next().unwrap_or_default();
        if OF_PHONE.contains(&word) {
            return false;
        }
        if OF_TEMPLATE.contains(&word) {
            return true;
        }
        if command.starts_with('!') || opener(command).is_some() {
            break;
        }
        of_both |= OF_BOTH.contains(&word);
    }
    let is_button = |command: &str| command.split_whitespace().next() == Some("button");
    of_both && phone.commands.iter().any(|(_, command)| is_button(command))
}
