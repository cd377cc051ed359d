//! Round trips, and input of any kind.

use proptest::prelude::*;

use super::*;

/// Text as anything might hold it: markup, control characters, far alphabets.
fn any_text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("([ -~]|[\\r\\n\\t\\x00-\\x1f]|[&<>\"']|\\PC){0,90}").unwrap()
}

fn any_url() -> impl Strategy<Value = Url> {
    "(http://h/|SoftKey:)[!-~]{0,200}".prop_map(|u| Url::new(u).unwrap())
}

fn any_keys() -> impl Strategy<Value = Vec<SoftKeyItem>> {
    let key = (any_text(), any_url(), 1..=8_i8)
        .prop_map(|(name, url, at)| SoftKeyItem::new(name, url, Position::new(at).unwrap()));
    proptest::collection::vec(key, 0..8)
}

fn any_flags() -> impl Strategy<Value = InputFlags> {
    let letters = ["A", "T", "N", "E", "U", "L", "AP", "NP", "LP"];
    proptest::sample::select(letters.to_vec()).prop_map(|l| InputFlags::from_letters(l).unwrap())
}

fn any_object() -> impl Strategy<Value = Object> {
    let menu = proptest::collection::vec((any_text(), any_url()), 0..6).prop_map(|items| {
        items
            .into_iter()
            .fold(Menu::new(), |menu, (name, url)| menu.item(name, url))
    });
    let menu =
        (menu, any_text(), any_text(), any_keys()).prop_map(|(menu, title, prompt, keys)| {
            menu.title(title).prompt(prompt).soft_keys(keys).into()
        });
    let page = (any_text(), any_text(), any_keys())
        .prop_map(|(text, title, keys)| Text::new(text).title(title).soft_keys(keys).into());
    let item = ("[a-z]{1,32}", any_flags(), any_text(), any_text()).prop_map(
        |(parameter, flags, name, value)| {
            InputItem::new(parameter, flags)
                .unwrap()
                .named(name)
                .prefilled(value)
        },
    );
    let form = (
        any_url(),
        proptest::collection::vec(item, 0..5),
        any::<bool>(),
    )
        .prop_map(|(url, items, post)| {
            let form = items.into_iter().fold(Input::new(url), Input::item);
            form.method(if post {
                SubmitMethod::Post
            } else {
                SubmitMethod::Get
            })
            .into()
        });
    let directory = proptest::collection::vec((any_text(), any_text()), 0..6).prop_map(|entries| {
        entries
            .into_iter()
            .fold(Directory::new(), |list, (name, number)| {
                list.entry(name, number)
            })
            .into()
    });
    let execute = proptest::collection::vec("Key:[!-~]{0,100}", 1..=3).prop_map(|uris| {
        uris.into_iter()
            .fold(Execute::new(), |list, uri| {
                list.item(Url::new(uri).unwrap())
            })
            .into()
    });
    prop_oneof![menu, page, form, directory, execute]
}

proptest! {
    #[test]
    fn whatever_we_write_a_strict_phone_reads_back(object in any_object()) {
        let read = parse_with_charset(&object.to_bytes(Charset::Utf8), Some("utf-8"), Strictness::Strict);
        prop_assert_eq!(&read, &Ok(object.clone()));
        let by_schema = object.to_bytes_by_schema(Charset::Utf8);
        prop_assert_eq!(parse(&by_schema, Strictness::Strict), read);
    }

    #[test]
    fn whatever_we_write_in_latin1_is_valid_and_stays_so(object in any_object()) {
        let bytes = object.to_bytes(Charset::Latin1);
        let read = parse_with_charset(&bytes, Some("iso-8859-1"), Strictness::Strict);
        prop_assert!(read.is_ok(), "{:?}", read);
        prop_assert_eq!(read.unwrap().to_bytes(Charset::Latin1), bytes);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes, Strictness::Strict);
        let _ = parse(&bytes, Strictness::Lenient);
        let _ = parse(&bytes, Strictness::Fragile);
    }

    #[test]
    fn no_markup_makes_the_reader_panic(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "<CiscoIPPhoneMenu>", "</CiscoIPPhoneMenu>", "<MenuItem>", "</MenuItem>", "<Name>",
            "</Name>", "<URL method='post'>", "</URL>", "<a b='c' b='d'/>", "&amp;", "&#0;", "&#x1F600;",
            "&", ";", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<?xml version='1.0'?>", "<!", ">",
            "<", "/>", "</", "=", "'", "\"", "x", " ", "<SoftKeyItem><Position>1</Position></SoftKeyItem>",
            "<CiscoIPPhoneInput>", "</CiscoIPPhoneInput>", "<InputItem>", "</InputItem>", "<!DOCTYPE a",
        ]), 0..40)
    ) {
        let page = parts.concat();
        let _ = parse(page.as_bytes(), Strictness::Strict);
        let _ = parse(page.as_bytes(), Strictness::Lenient);
    }

    #[test]
    fn no_header_makes_the_negotiation_panic(header in "\\PC{0,60}") {
        let _ = Charset::negotiate(Some(&header));
    }
}
