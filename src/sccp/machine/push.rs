//! Words and XML objects that are shown on a phone, and what it answers.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::Output;
use super::family::Screen;
use super::registered::Registered;
use crate::sccp::wire::{DisplayNotify, Opaque, ServerMessage, Text, UserData};

/// Pushes whose answer is still waited for; the oldest is given up for a new one.
const OUTSTANDING: usize = 16;

/// The most of an answer that is looked at, bytes.
const ANSWER: usize = 2000;

/// The pushes of a registration.
#[derive(Debug, Default)]
pub(super) struct Pushes {
    last: u32,
    outstanding: VecDeque<u32>,
}

impl Pushes {
    fn next(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1).max(1);
        if self.outstanding.len() >= OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back(self.last);
        self.last
    }

    fn answered(&mut self, transaction: u32) -> bool {
        let before = self.outstanding.len();
        self.outstanding.retain(|waiting| *waiting != transaction);
        self.outstanding.len() < before
    }
}

impl Registered {
    /// Shows a line of text for `seconds`, 0 until something else is shown;
    /// an empty one makes room again.
    pub(super) fn show(&mut self, text: &str, seconds: u32, now: Duration) -> Vec<Output> {
        self.notice_ends = None;
        let words = Text::default().words(text);
        match self.family.screen {
            Screen::Prompt if words.is_empty() => vec![Output::Send(ServerMessage::ClearNotify)],
            Screen::Prompt => vec![Output::Send(ServerMessage::DisplayNotify(DisplayNotify {
                timeout: seconds,
                text: words,
            }))],
            Screen::Line if words.is_empty() => self.idle_prompt().into_iter().collect(),
            Screen::Line => {
                // Such a phone counts no seconds.
                let length = Duration::from_secs(seconds.into());
                self.notice_ends = (seconds > 0).then(|| now.saturating_add(length));
                vec![Output::Send(ServerMessage::DisplayText(words))]
            }
            Screen::None => vec![Output::Note("it has no display for words".to_owned())],
        }
    }

    /// Pushes an XML object. What is longer than a message goes in parts,
    /// where the phone can join them.
    pub(super) fn push(&mut self, xml: Bytes) -> Vec<Output> {
        if self.family.screen != Screen::Prompt {
            return vec![Output::Note("it has no display for XML objects".to_owned())];
        }
        let length = xml.len();
        let whole = UserData {
            transaction: self.pushes.next(),
            data: Opaque(xml),
            ..UserData::default()
        };
        let transaction = whole.transaction;
        let Some(parts) = whole.parts(self.dialect) else {
            self.pushes.answered(transaction);
            let most = UserData::MAX_DATA;
            let note = format!("it cannot take a push of {length} bytes, {most} at most");
            return vec![Output::Note(note)];
        };
        let sent = parts.into_iter().map(ServerMessage::UserToDeviceData);
        let mut outputs: Vec<Output> = sent.map(Output::Send).collect();
        let note = format!("push {transaction} of {length} bytes was sent");
        outputs.push(Output::Note(note));
        outputs
    }

    /// The phone answers a push; `None` where it answers none of ours.
    pub(super) fn push_answered(&mut self, answer: &UserData) -> Option<Output> {
        let transaction = answer.transaction;
        self.pushes.answered(transaction).then(|| {
            let outcome = outcome(&answer.data.0);
            Output::Note(format!("it answered push {transaction}: {outcome}"))
        })
    }
}

/// What an answer says, in numbers alone: its URLs may hold what is nobody's
/// business.
fn outcome(answer: &[u8]) -> String {
    let answer = answer.get(..ANSWER).unwrap_or(answer);
    let text = String::from_utf8_lossy(answer);
    if let Some(number) = numbers(&text, "Number=").first() {
        return format!("error {number}");
    }
    match numbers(&text, "Status=").as_slice() {
        [] if text.is_empty() => "nothing said".to_owned(),
        [] => format!("{} bytes", answer.len()),
        statuses => format!("status {}", statuses.join(", ")),
    }
}

/// The numbers behind every `key` of that name, at most three.
fn numbers(text: &str, key: &str) -> Vec<String> {
    text.match_indices(key)
        .filter_map(|(at, _)| {
            let rest = text.get(at + key.len()..)?;
            let rest = rest.trim_start_matches(['"', '\'']);
            let digits = rest.chars().take_while(char::is_ascii_digit).take(6);
            let number: String = digits.collect();
            (!number.is_empty()).then_some(number)
        })
        .take(3)
        .collect()
}
