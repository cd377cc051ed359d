//! Values as people and other systems write them, made into ours.

use crate::model::{DeviceName, DirectoryNumber, ObjectName};
use crate::site::document::Placed;

/// The most characters of a label, a name or a description that are kept.
const LONGEST_TEXT: usize = 64;

/// A number without what only makes it readable: blanks, hyphens, dots,
/// brackets, and the backslash that CUCM writes before a `+`.
pub(super) fn number(text: &str) -> Option<DirectoryNumber> {
    let bare: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\\' | '\t'))
        .take(64)
        .collect();
    DirectoryNumber::new(&bare).ok()
}

/// A label, a name, a description: one line, `None` when nothing is left.
pub(super) fn text(text: &str) -> Option<String> {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(4096)
        .collect();
    let clean: String = clean.trim().chars().take(LONGEST_TEXT).collect();
    let clean = clean.trim_end().to_owned();
    (!clean.is_empty()).then_some(clean)
}

/// A label of a number; none where it is the number itself.
pub(super) fn label(given: &str, number: &DirectoryNumber) -> Option<String> {
    text(given).filter(|label| label != number.as_str())
}

/// The name of a service, a device pool, a partition.
pub(super) fn object_name(given: &str) -> Option<ObjectName> {
    ObjectName::new(&text(given)?).ok()
}

/// A MAC address in any spelling: `0011.2233.4455`, `00:11:..`, `00-11-..`.
pub(super) fn mac(given: &str) -> Option<DeviceName> {
    let hex: String = given
        .trim()
        .chars()
        .filter(|c| !matches!(c, '.' | ':' | '-'))
        .take(13)
        .collect();
    if hex.len() != 12 || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    DeviceName::new(&format!("SEP{hex}")).ok()
}

/// The name of a desk phone: `SEP` and twelve hexadecimal digits, or a MAC
/// address alone.
pub(super) fn desk_phone(given: &str) -> Option<DeviceName> {
    let given = given.trim();
    let hex = match given.get(..3) {
        Some(head) if head.eq_ignore_ascii_case("SEP") => given.get(3..).unwrap_or_default(),
        _ => given,
    };
    mac(hex)
}

/// A number from 1 to 255.
pub(super) fn small(given: &str) -> Option<u8> {
    given.trim().parse().ok().filter(|number| *number > 0)
}

/// Whether a setting of this name is a secret, which stands only where secrets
/// are kept.
pub(super) fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["password", "passphrase", "secret", "psk"]
        .iter()
        .any(|part| lower.contains(part))
}

/// A host name or an address.
pub(super) fn host(given: &str) -> Option<String> {
    let given = given.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    (!given.is_empty() && given.len() <= 253 && given.chars().all(plain)).then(|| given.to_owned())
}

/// The host of an http URL.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    let host = rest.split(['/', '?', ':']).next()?;
    (!host.is_empty()).then_some(host)
}

/// Whether a URL is one that a phone takes from a list of services.
pub(super) fn is_service_url(url: &str) -> bool {
    host_of(url).is_some()
        && url.len() <= crate::site::check::LONGEST_URL
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Whether a URL is that of the login pages, of whichever system.
pub(super) fn is_extension_mobility(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    ["/emapp/", "emappservlet", "/loginservice/"]
        .iter()
        .any(|part| lower.contains(part))
}

/// An object that stands nowhere yet.
pub(super) fn unplaced<T>(value: T) -> Placed<T> {
    Placed { line: 0, value }
}

/// A quoted or bare word and what follows it.
pub(super) fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('"') {
        return Some(rest.split_once('"').unwrap_or((rest, "")));
    }
    if text.is_empty() {
        return None;
    }
    Some(text.split_once(char::is_whitespace).unwrap_or((text, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_are_read_as_people_write_them() {
        let read = |text: &str| number(text).map(|number| number.to_string());
        assert_eq!(read("\\+49 (30) 12-34").as_deref(), Some("+49301234"));
        assert_eq!(read("alice"), None);
        assert_eq!(read(""), None);
        let device = |text: &str| desk_phone(text).map(|name| name.to_string());
        for spelling in [
            "000D.EDAB.3566",
            "sep000dedab3566",
            "00:0d:ed:ab:35:66",
            "00-0D-ED-AB-35-66",
        ] {
            let name = device(spelling);
            assert_eq!(name.as_deref(), Some("SEP000DEDAB3566"), "{spelling}");
        }
        for odd in ["", "SEP", "SEP000DEDAB356", "SEP000DEDAB35667", "ÄÖÜ"] {
            assert_eq!(device(odd), None, "{odd}");
        }
    }

    #[test]
    fn words_may_be_quoted() {
        assert_eq!(word(" \"two words\" rest"), Some(("two words", " rest")));
        assert_eq!(word("one two"), Some(("one", "two")));
        assert_eq!(word("\"open"), Some(("open", "")));
        assert_eq!(word("  "), None);
    }
}
