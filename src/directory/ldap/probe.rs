//! The parsers of this room for the fuzzer (`tests/fuzz`), which is a program
//! of its own and sees only what is public. Nothing else uses them.

use super::filter::Filter;
use super::{stored, wire};

/// The messages at the front of what a server sent: of each how many bytes it
/// has, and the number of the request that it answers; `None` for one that
/// cannot be read. Ends where a message is not whole, or is none.
pub fn messages(mut buffer: &[u8]) -> Vec<(usize, Option<u32>)> {
    let mut messages = Vec::new();
    while let Ok(Some(length)) = wire::message_length(buffer)
        && let Some((message, rest)) = buffer.split_at_checked(length)
    {
        let read = wire::read_message(message).ok();
        messages.push((length, read.map(|message| message.id)));
        buffer = rest;
    }
    messages
}

/// The encoded filter for a user id; `None` for what is no filter.
pub fn filter(text: &str, id: &str) -> Option<Vec<u8>> {
    Filter::parse(text).ok().map(|filter| filter.encode(id))
}

/// Whether a stored PIN is the one that was offered; `None` for a form that is
/// not understood.
pub fn stored_pin(stored: &[u8], offered: &str) -> Option<bool> {
    stored::matches(stored, offered)
}
