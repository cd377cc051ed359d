//! What a directory server sends, and what an operator asks it.

use embody::directory::ldap_probe::{filter, messages, stored_pin};

use super::Dice;

/// A message means the same with whatever follows it, and none is longer than
/// what came.
pub(super) fn responses(data: &[u8]) {
    let read = messages(data);
    let total: usize = read.iter().map(|(length, _)| length).sum();
    assert!(total <= data.len());
    let mut at = 0;
    for (length, id) in read {
        let alone = data.get(at..at + length).unwrap_or_default();
        assert_eq!(messages(alone), [(length, id)]);
        at += length;
    }
}

/// What is typed as a user id changes nothing but its own bytes in the filter:
/// nobody is found by stars and brackets.
pub(super) fn search(data: &[u8]) {
    let mut dice = Dice(data);
    let length = usize::from(dice.byte() % 32);
    let id = dice.take(length);
    let (Ok(id), Ok(text)) = (std::str::from_utf8(id), std::str::from_utf8(dice.0)) else {
        return;
    };
    let plain = "x".repeat(id.len());
    let (Some(typed), Some(other)) = (filter(text, id), filter(text, &plain)) else {
        assert_eq!(filter(text, id), filter(text, &plain));
        return;
    };
    assert_eq!(typed.len(), other.len());
    let differing = typed.iter().zip(&other).filter(|(one, two)| one != two);
    let places = text.matches("{id}").count();
    assert!(differing.count() <= places * id.len());
}

/// A stored PIN in any form, and what is offered.
pub(super) fn stored(data: &[u8]) {
    let mut dice = Dice(data);
    let length = usize::from(dice.byte() % 16);
    let Ok(offered) = std::str::from_utf8(dice.take(length)) else {
        return;
    };
    let told = stored_pin(dice.0, offered);
    if !dice.0.starts_with(b"{") {
        assert_eq!(told, Some(dice.0 == offered.as_bytes()));
    }
}
