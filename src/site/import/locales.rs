//! Locales as other systems name them.

/// The country codes of CME and the locales that they stand for (*Unified CME
/// Command Reference*, `user-locale`).
const COUNTRIES: [(&str, &str); 16] = [
    ("CA", "French_Canada"),
    ("CN", "Chinese_China"),
    ("DE", "German_Germany"),
    ("DK", "Danish_Denmark"),
    ("ES", "Spanish_Spain"),
    ("FI", "Finnish_Finland"),
    ("FR", "French_France"),
    ("GB", "English_United_Kingdom"),
    ("IT", "Italian_Italy"),
    ("JP", "Japanese_Japan"),
    ("NL", "Dutch_Netherlands"),
    ("NO", "Norwegian_Norway"),
    ("PT", "Portuguese_Portugal"),
    ("RU", "Russian_Russian_Federation"),
    ("SE", "Swedish_Sweden"),
    ("US", "English_United_States"),
];

/// The locale of a country code of CME.
pub(super) fn of_country(code: &str) -> Option<&'static str> {
    let code = code.trim().to_ascii_uppercase();
    let found = COUNTRIES.iter().find(|(country, _)| *country == code);
    found.map(|(_, locale)| *locale)
}

/// The network locale of a country code of CME: the folder is the country's.
pub(super) fn network_of_country(code: &str) -> Option<&'static str> {
    of_country(code)?
        .split_once('_')
        .map(|(_, country)| country)
}

/// A locale by its name, as CUCM's pages and exports write it (`English,
/// United States`) and as its folder is called.
pub(super) fn of_name(name: &str) -> Option<String> {
    let name: String = name
        .trim()
        .chars()
        .filter(|c| *c != ',')
        .map(|c| if c == ' ' { '_' } else { c })
        .take(64)
        .collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let none = ["", "none", "null"].contains(&name.to_ascii_lowercase().as_str());
    (!none && name.chars().all(plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_have_one_name() {
        assert_eq!(of_country("de"), Some("German_Germany"));
        assert_eq!(network_of_country("GB"), Some("United_Kingdom"));
        assert_eq!(of_country("U1"), None);
        let name = of_name("English, United States");
        assert_eq!(name.as_deref(), Some("English_United_States"));
        assert_eq!(of_name("< None >"), None);
        assert_eq!(of_name(""), None);
    }
}
