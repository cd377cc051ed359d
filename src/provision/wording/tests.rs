//! What an operator's file of words may say, and which language a phone speaks.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::provision::ConfigFile;

fn embedded(language: Language) -> BTreeMap<Word, String> {
    read(ConfigFile::texts(language).embedded()).unwrap()
}

#[test]
fn every_language_has_every_word_with_the_same_places() {
    let all: BTreeSet<Word> = Word::ALL.iter().copied().collect();
    for language in Language::ALL {
        let words = embedded(language);
        let has: BTreeSet<Word> = words.keys().copied().collect();
        let missing: Vec<&str> = all.difference(&has).map(|word| word.key()).collect();
        assert_eq!(missing, Vec::<&str>::new(), "{language:?}");
        for (word, text) in words {
            let own: BTreeSet<&str> = places(&text).unwrap();
            let wanted: BTreeSet<&str> = word.places().iter().copied().collect();
            assert_eq!(own, wanted, "{language:?} {}", word.key());
        }
    }
}

/// Old displays have nothing but ISO-8859-1, and some firmware reads nothing
/// else.
#[test]
fn every_text_is_written_in_letters_that_every_phone_has() {
    for language in Language::ALL {
        for (word, text) in embedded(language) {
            let odd = text
                .chars()
                .find(|c| u32::from(*c) > 0xFF || ('\u{80}'..='\u{9F}').contains(c));
            assert_eq!(odd, None, "{language:?} {}: {text}", word.key());
        }
    }
}

#[test]
fn what_a_language_lacks_is_in_english() {
    let german = "[key]\nsubmit = \"Los\"\n";
    let wording = Wording::new(|language| match language {
        Language::English => [ConfigFile::texts(language).embedded(), ""],
        Language::German => ["", german],
        Language::French | Language::Spanish => ["", ""],
    });
    let german = Arc::new(wording.unwrap()).words(Language::German);
    assert_eq!(german.text(Word::Submit), "Los");
    assert_eq!(german.text(Word::Exit), "Exit");
}

/// The operator's file need not be whole: the built-in one stands behind it.
#[test]
fn an_operator_s_file_changes_the_words_that_it_has() {
    let wording = Wording::new(|language| match language {
        Language::German => [
            ConfigFile::texts(language).embedded(),
            "[key]\nyes = \"Jo\"\n",
        ],
        other => [ConfigFile::texts(other).embedded(), ""],
    });
    let german = Arc::new(wording.unwrap()).words(Language::German);
    assert_eq!(german.text(Word::Yes), "Jo");
    assert_eq!(german.text(Word::No), "Nein");
}

#[test]
fn a_text_that_would_not_do_is_refused_with_the_reason() {
    for (file, why) in [
        ("[key]\nsubmitt = \"x\"", "nobody reads key.submitt"),
        ("[key]\nsubmit = 1", "line 2"),
        ("[key]\nsubmit = \"\"", "key.submit: it is empty"),
        ("[key]\nsubmit = \"Submit the form\"", "15 characters"),
        ("[key]\nsubmit = \"a\\u0007\"", "no phone shows"),
        (
            "[form]\ntitle = \"A title that is longer than titles are\"",
            "32",
        ),
        ("[logout]\nprompt = \"Out {usr}?\"", "{usr}"),
        ("[logout]\nprompt = \"Out {user?\"", "not closed"),
        ("[logout]\nprompt = \"Out }?\"", "closes nothing"),
        ("[error]\nlogin = \"Not now\"", "write {code}"),
        ("submit = \"x\"", "line 1"),
    ] {
        let told = read(file).unwrap_err();
        assert!(told.contains(why), "{file}: {told}");
    }
}

#[test]
fn a_user_locale_says_the_language() {
    for (locale, language) in [
        ("German_Germany", Some(Language::German)),
        ("german", Some(Language::German)),
        ("French_Canada", Some(Language::French)),
        ("Spanish_Colombia", Some(Language::Spanish)),
        ("English_United_Kingdom", Some(Language::English)),
        ("Italian_Italy", None),
        ("Germanic_Somewhere", None),
        ("", None),
    ] {
        assert_eq!(Language::of_locale(locale), language, "{locale}");
    }
}

#[test]
fn an_accept_language_as_phones_and_browsers_send_it() {
    for (header, language) in [
        ("de", Some(Language::German)),
        ("en_US", Some(Language::English)),
        ("fr-CA,fr;q=0.8", Some(Language::French)),
        ("it, es;q=0.5, de;q=0.7", Some(Language::German)),
        ("de;q=0, es;q=0.1", Some(Language::Spanish)),
        ("de;q=plenty", Some(Language::German)),
        ("de;q=NaN,fr", Some(Language::German)),
        ("it", None),
        ("*", None),
        ("", None),
        (",;,q=,=;q", None),
    ] {
        assert_eq!(Language::accepted(header), language, "{header}");
    }
}

#[test]
fn values_are_filled_in_once() {
    assert_eq!(
        fill("Out {user}?", &[("user", "{user}{x}")]),
        "Out {user}{x}?"
    );
    assert_eq!(fill("{a}{b}", &[("b", "2")]), "2");
    assert_eq!(fill("{a", &[("a", "1")]), "a");
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused(file in "(\\PC|\\n|[\\[\\]=\"{}]){0,80}") {
        let _ = read(&file);
    }

    #[test]
    fn any_text_is_filled(text in "(\\PC|[{}a]){0,60}", value in "\\PC{0,9}") {
        let _ = fill(&text, &[("a", &value)]);
        let _ = places(&text);
    }

    #[test]
    fn any_header_says_a_language_or_none(header in "(\\PC|[;,=qde]){0,60}") {
        let _ = Language::accepted(&header);
        let _ = Language::of_locale(&header);
    }
}
