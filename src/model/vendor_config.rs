//! `vendorConfig` of boot files: switches of the phone itself, which no login
//! changes. A model of the catalogue, a device pool and a phone may each say
//! some, the later over the earlier.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most switches that one object says.
const MOST: usize = 100;
/// The longest name and the longest value, in characters.
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 255;

/// Switches by the name of their element (*Cisco Unified IP Phone
/// Administration Guide*, Product Specific Configuration), for example
/// `webAccess = "1"`.
///
/// Every name can name an element and every value is text: nothing that is
/// written here can break a boot file. None is empty: phones take an empty
/// number for a broken file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct VendorConfig(BTreeMap<String, String>);

impl VendorConfig {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a switch, if it is said.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Says another one, or says it anew.
    ///
    /// # Errors
    /// When it can stand in no boot file, or there are too many.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let mut settings = self.0.clone();
        settings.insert(name.to_owned(), value.to_owned());
        *self = settings.try_into()?;
        Ok(())
    }

    /// Writes what is said here over `settings`; what is new comes last.
    pub fn over(&self, settings: &mut Vec<(String, String)>) {
        for (name, value) in &self.0 {
            match settings.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.clone_from(value),
                None => settings.push((name.clone(), value.clone())),
            }
        }
    }
}

impl TryFrom<BTreeMap<String, String>> for VendorConfig {
    type Error = String;

    fn try_from(settings: BTreeMap<String, String>) -> Result<Self, String> {
        if settings.len() > MOST {
            return Err(format!("vendor_config has at most {MOST} settings"));
        }
        for (name, value) in &settings {
            let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !letters || name.len() > LONGEST_NAME {
                return Err(format!("vendor_config: {name:?} cannot name an element"));
            }
            if value.is_empty()
                || value.chars().count() > LONGEST_VALUE
                || value.chars().any(char::is_control)
            {
                return Err(format!(
                    "vendor_config: {name} is 1 to {LONGEST_VALUE} characters in one line; to say \
                     nothing, leave it out"
                ));
            }
        }
        Ok(Self(settings))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Result<VendorConfig, String> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        settings
            .iter()
            .map(own)
            .collect::<BTreeMap<_, _>>()
            .try_into()
    }

    #[test]
    fn the_later_is_written_over_the_earlier() {
        let mut settings = vec![("pcPort".to_owned(), "0".to_owned())];
        config(&[("webAccess", "1"), ("pcPort", "1")])
            .unwrap()
            .over(&mut settings);
        config(&[("webAccess", "2")]).unwrap().over(&mut settings);
        let plain: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(plain, [("pcPort", "1"), ("webAccess", "2")]);
    }

    #[test]
    fn nothing_can_break_a_file() {
        for (name, value) in [
            ("a b", "1"),
            ("", "1"),
            ("1a", "1"),
            ("a>", "1"),
            ("webAccess", ""),
            ("webAccess", "a\nb"),
        ] {
            assert!(config(&[(name, value)]).is_err(), "{name:?} {value:?}");
        }
        assert!(config(&[("webAccess", "<&>")]).is_ok(), "it is escaped");
    }
}
