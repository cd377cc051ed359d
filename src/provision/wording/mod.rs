//! The words of the phone's pages, in the languages of `phone-configs/texts/`:
//! which words there are, how much room each has, and their reading.
//!
//! What a page looks like is not decided here, nor which language a phone
//! gets; only what its words are.

mod fill;
mod language;
#[cfg(test)]
mod tests;
mod word;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use fill::fill;
use fill::places;
pub use language::Language;
pub use word::{Room, Word};

/// The words of all languages.
#[derive(Clone, Debug)]
pub struct Wording(BTreeMap<Language, BTreeMap<Word, String>>);

impl Wording {
    /// Puts the files of all languages together: for each language the built-in
    /// file and, over it, the operator's, so that a word that is missing there
    /// is still in the language.
    ///
    /// # Errors
    /// What is wrong with the first file that cannot be read, and which.
    pub(super) fn new<'a>(
        files: impl Fn(Language) -> [&'a str; 2],
    ) -> Result<Self, (Language, String)> {
        let mut all = BTreeMap::new();
        for language in Language::ALL {
            let mut words = BTreeMap::new();
            for file in files(language) {
                words.extend(read(file).map_err(|why| (language, why))?);
            }
            all.insert(language, words);
        }
        Ok(Self(all))
    }

    /// The words of one language; what it lacks is in English.
    pub fn words(self: &Arc<Self>, language: Language) -> Words {
        Words {
            wording: Arc::clone(self),
            language,
        }
    }

    fn text(&self, language: Language, word: Word) -> &str {
        [language, Language::English]
            .iter()
            .find_map(|language| self.0.get(language)?.get(&word))
            .map_or("", String::as_str)
    }
}

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    wording: Arc<Wording>,
    language: Language,
}

impl Words {
    /// Which language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A word as it is written, its places not filled.
    pub fn text(&self, word: Word) -> &str {
        self.wording.text(self.language, word)
    }
}

/// Reads a file of words: tables of texts. Every key must be one that is
/// looked for, every place one that is filled, and every text must fit.
pub(super) fn read(file: &str) -> Result<BTreeMap<Word, String>, String> {
    let tables: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(file).map_err(|error| error.to_string())?;
    let mut words = BTreeMap::new();
    for (table, texts) in tables {
        for (key, text) in texts {
            let key = format!("{table}.{key}");
            let word = Word::with_key(&key).ok_or_else(|| format!("nobody reads {key}"))?;
            check(word, &text).map_err(|why| format!("{key}: {why}"))?;
            words.insert(word, text);
        }
    }
    Ok(words)
}

fn check(word: Word, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some(control) = text.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(format!("no phone shows the character {control:?}"));
    }
    let places = places(text)?;
    if let Some(place) = places.iter().find(|p| !word.places().contains(p)) {
        return Err(format!("nothing is filled in for {{{place}}}"));
    }
    if word.places().contains(&Word::CODE) && !places.contains(Word::CODE) {
        return Err("the number is missing: write {code}".to_owned());
    }
    // A place takes at least what stands for it: a name of a few letters.
    let sample: Vec<(&str, &str)> = word.places().iter().map(|p| (*p, "9999")).collect();
    let length = fill(text, &sample).chars().count();
    let room = word.room().characters();
    if length > room {
        return Err(format!(
            "it has {length} characters, where phones show {room}"
        ));
    }
    Ok(())
}
