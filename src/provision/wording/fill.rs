//! Places in a text: `{name}` stands for what is known when the page is made.

use std::collections::BTreeSet;

/// The names of the places in a text.
///
/// # Errors
/// A brace that opens or closes no place.
pub(super) fn places(text: &str) -> Result<BTreeSet<&str>, String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("a { is not closed")?;
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        if name.is_empty() || !name.chars().all(plain) || before.contains('}') {
            return Err(format!("{{{name}}} is no place for a value"));
        }
        found.insert(name);
        rest = after;
    }
    if rest.contains('}') {
        return Err("a } closes nothing".to_owned());
    }
    Ok(found)
}

/// The text with its places filled, in one pass: what is filled in is not
/// looked at again. A place without a value stays empty.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}
