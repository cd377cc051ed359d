//! Small words that every sentence of the journal is made of: spans of time,
//! addresses, stamps, and text from outside made fit for one line.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::model::{OrderKind, Stamp, Timestamp};

/// The longest text from outside in one sentence, characters.
const LONGEST: usize = 200;

/// How long something takes: `12 s`, `3 min`, `2 h 5 min`, `3 days 4 h`.
pub(super) fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |large: String, small: u64, unit: &str| {
        if small == 0 {
            large
        } else {
            format!("{large} {small} {unit}")
        }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => two(format!("{hours} h"), minutes % 60, "min"),
        _ => two(count(days, "day"), hours % 24, "h"),
    }
}

/// How long ago: `12 s ago`, `just now`.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> String {
    match now.since(then) {
        length if length < Duration::from_secs(1) => "just now".to_owned(),
        length => format!("{} ago", span(length)),
    }
}

/// For how long: `for 12 min`, `just now`.
pub(super) fn lasting(now: Timestamp, from: Timestamp) -> String {
    match now.since(from) {
        length if length < Duration::from_secs(1) => "just now".to_owned(),
        length => format!("for {}", span(length)),
    }
}

/// When, ahead: `in 3 s` (rounded up), `now`.
pub(super) fn ahead(now: Timestamp, then: Timestamp) -> String {
    let length = then.since(now);
    if length.is_zero() {
        return "now".to_owned();
    }
    let whole = Duration::from_secs(length.as_millis().div_ceil(1000) as u64);
    format!("in {}", span(whole))
}

/// A number and its noun: `1 line`, `3 lines`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The head of a stamp: enough to tell two apart, short enough to read.
pub(super) fn short(stamp: Stamp) -> String {
    stamp.to_string().chars().take(8).collect()
}

/// The address of a peer without its port, IPv4 as IPv4.
pub(super) fn address(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}

/// What the phone is told to do: `restart`, `reset`, `redraw its labels`.
pub(super) fn verb(order: OrderKind) -> &'static str {
    match order {
        OrderKind::Restart => "restart",
        OrderKind::Reset => "reset",
        OrderKind::Refresh => "redraw its labels",
    }
}

/// Adds to a sentence.
pub(super) fn add(text: &mut String, more: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = fmt::Write::write_fmt(text, more);
}

/// Text from outside as part of one line: no control characters, no line or
/// direction marks, cut when long. Never empty, so that a sentence that ends
/// in it does not end in nothing.
pub(super) fn clean(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if harmful(c) { ' ' } else { c })
        .collect();
    let plain = plain.trim();
    if plain.is_empty() {
        return "(nothing)".to_owned();
    }
    match plain.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}..", &plain[..cut]),
        None => plain.to_owned(),
    }
}

/// Control characters, line separators, and the marks that turn the direction
/// of writing (they make a terminal show another text than the one stored).
fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_read_like_speech() {
        let cases = [
            (0, "0 s"),
            (12, "12 s"),
            (59, "59 s"),
            (60, "1 min"),
            (185, "3 min"),
            (3600, "1 h"),
            (7500, "2 h 5 min"),
            (86_400, "1 day"),
            (273_600, "3 days 4 h"),
        ];
        for (seconds, words) in cases {
            assert_eq!(span(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn past_and_future_have_their_words() {
        let now = Timestamp(1_000_000);
        assert_eq!(ago(now, Timestamp(988_000)), "12 s ago");
        assert_eq!(ago(now, Timestamp(999_500)), "just now");
        assert_eq!(ago(now, Timestamp(2_000_000)), "just now", "a skewed clock");
        assert_eq!(lasting(now, Timestamp(400_000)), "for 10 min");
        assert_eq!(ahead(now, Timestamp(1_002_001)), "in 3 s");
        assert_eq!(ahead(now, Timestamp(5)), "now");
    }

    #[test]
    fn text_from_outside_stays_on_its_line() {
        assert_eq!(clean("a\r\nb\u{202e}c"), "a  b c");
        assert_eq!(clean(" \t"), "(nothing)");
        assert_eq!(clean(&"x".repeat(500)).len(), LONGEST + 2);
    }

    #[test]
    fn mapped_addresses_are_shown_as_ipv4() {
        let peer = SocketAddr::new(
            "::ffff:192.0.2.7".parse().unwrap_or(IpAddr::from([0; 4])),
            9,
        );
        assert_eq!(address(peer).to_string(), "192.0.2.7");
    }

    proptest! {
        #[test]
        fn cleaned_text_is_one_short_line(text in any::<String>()) {
            let plain = clean(&text);
            prop_assert!(!plain.is_empty());
            prop_assert!(plain.chars().count() <= LONGEST + 2);
            prop_assert!(!plain.chars().any(char::is_control));
        }
    }
}
