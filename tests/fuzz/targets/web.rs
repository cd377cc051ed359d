//! Pages of phones, queries and forms, the login service.

use embody::emapi::{
    self, Certificate, ChildOrder, Generation, LoginTypeElement, Reading, Root, RootElement,
    UnknownElements, form,
};
use embody::http::look::PhoneIdentity;
use embody::http::look::page::{MOST, NAME, VALUE, read_page};
use embody::http::look::picture::PictureKind;
use embody::http::services::{PARAMETERS, read_pairs};
use embody::phonexml::{self, Charset, Strictness};

/// What a strict phone shows, a forgiving one shows too; and an object that is
/// written again is the same object, in both character sets.
pub(super) fn phone_page(data: &[u8]) {
    let strict = phonexml::parse(data, Strictness::Strict);
    let lenient = phonexml::parse(data, Strictness::Lenient);
    if let Err(fault) = &strict {
        // Odd characters are shown as escapes.
        assert!(fault.to_string().len() <= 8 * data.len() + 400, "{fault}");
    }
    let Ok(object) = strict else {
        return;
    };
    assert!(lenient.is_ok(), "only a strict phone reads {object:?}");
    for charset in [Charset::Utf8, Charset::Latin1] {
        let written = object.to_bytes(charset);
        let again = phonexml::parse(&written, Strictness::Strict);
        match again {
            Ok(again) => {
                assert_eq!(again.to_bytes(charset), written);
                if charset == Charset::Utf8 {
                    assert_eq!(again, object);
                }
            }
            // A URL with blanks and far letters grows when they are encoded.
            Err(fault) => assert!(
                fault.to_string().contains("a URL of"),
                "{fault}: {}",
                written.escape_ascii()
            ),
        }
    }
}

/// Parameters are bounded in number, and in size by the input.
pub(super) fn parameters(data: &[u8]) {
    let pairs = read_pairs(data);
    assert!(pairs.len() <= PARAMETERS);
    // An octet that is no UTF-8 becomes a character of two octets.
    let octets: usize = pairs
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    assert!(octets <= 2 * data.len());
    for (name, _) in &pairs {
        assert!(name.len() <= 2 * data.len());
    }
}

/// Requests and answers read again as they are written, and no password shows.
/// What the strictest reading takes, the most liberal takes for the same, and
/// answers are ASCII in all words.
pub(super) fn login_service(data: &[u8]) {
    let strict = Reading {
        login_type: LoginTypeElement::Refuse,
        child_order: ChildOrder::Definition,
        root_element: RootElement::Definition,
        ..Reading::default()
    };
    let liberal = Reading {
        unknown_elements: UnknownElements::Ignore,
        ..Reading::default()
    };
    let usual = emapi::parse(data);
    if let Ok(strictly) = emapi::parse_with(data, strict) {
        assert_eq!(usual.as_ref(), Ok(&strictly));
    }
    if let Ok(usually) = &usual {
        assert_eq!(emapi::parse_with(data, liberal).as_ref(), Ok(usually));
    }
    match usual {
        Ok(envelope) => {
            let written = envelope.to_xml();
            let again = emapi::parse(written.as_bytes());
            if let emapi::Credential::Certificate(_) = &envelope.app.credential {
                assert_eq!(again.as_ref(), Ok(&envelope));
                let mut other = envelope.clone();
                other.app.credential =
                    emapi::Credential::Certificate(Certificate::new("another password"));
                assert_eq!(format!("{envelope:?}"), format!("{other:?}"), "it shows");
            }
        }
        Err(error) => assert!(error.to_string().len() <= 600, "{error}"),
    }
    if let Ok(response) = emapi::parse_response(data) {
        let written = response.to_xml(Root::Query, Generation::Eight);
        // Control characters inside texts are left out.
        let again = emapi::parse_response(written.as_bytes()).expect("its own writing");
        assert_eq!(again.to_xml(Root::Query, Generation::Eight), written);
        for generation in [Generation::CallManager, Generation::Five, Generation::Eight] {
            for to in [Root::Request, Root::Query] {
                assert!(response.to_xml(to, generation).is_ascii());
            }
        }
    }
}

/// The message in a form is never larger than the form, and what an
/// application encodes comes out whole.
pub(super) fn login_form(data: &[u8]) {
    for kind in [
        None,
        Some("application/x-www-form-urlencoded"),
        Some("text/xml"),
    ] {
        if let Ok(xml) = form::from_body(kind, data) {
            assert!(xml.len() <= data.len());
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(xml) = form::from_query(text) {
        assert!(xml.len() <= data.len());
    }
    let decoded = emapi::decode_user_id(text);
    assert!(decoded.len() <= text.len());
    // What would hide a control character is taken literally.
    if !text.chars().any(char::is_control) {
        assert_eq!(emapi::decode_user_id(&emapi::encode_user_id(text)), text);
    }
    let sent = form::encode(text);
    match form::from_query(&sent) {
        Ok(xml) => assert_eq!(*xml, data),
        Err(error) => assert!(data.len() > emapi::DOCUMENT_LIMIT, "{error}"),
    }
}

/// What the web server of a phone says: a page is bounded in every direction,
/// fits a table, and names one phone at most.
pub(super) fn phone_web(data: &[u8]) {
    for media in ["image/bmp", "image/png", "image/jpeg", "text/xml"] {
        if let Ok(kind) = PictureKind::of(Some(media), data) {
            assert_eq!(kind.content_type(), media);
        }
    }
    let Ok(entries) = read_page(data) else {
        return;
    };
    assert!(entries.len() <= MOST);
    for entry in &entries {
        assert!(entry.name.chars().count() <= NAME);
        assert!(entry.value.chars().count() <= VALUE);
        assert!(!entry.value.contains(char::is_control));
    }
    if let Some(identity) = PhoneIdentity::of(&entries) {
        let name = identity.to_string();
        let digits = name.strip_prefix("SEP").unwrap_or_default();
        assert!(
            digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            "{name}"
        );
    }
}
