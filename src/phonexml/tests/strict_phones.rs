//! What strict firmware refuses.

use super::*;

fn menu(inside: &str) -> String {
    format!("<CiscoIPPhoneMenu>{inside}</CiscoIPPhoneMenu>")
}

fn item_named(name: &str) -> String {
    format!("<MenuItem><Name>{name}</Name><URL>http://h/</URL></MenuItem>")
}

#[test]
fn lengths_are_counted_in_characters() {
    let umlauts = |n| {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><CiscoIPPhoneText><Title>{}</Title></CiscoIPPhoneText>",
            "ü".repeat(n)
        )
    };
    assert!(strict(&umlauts(32)).is_ok());
    assert!(complaint(&umlauts(33)).contains("33 characters"));
    assert!(strict(&menu(&item_named(&"n".repeat(64)))).is_ok());
    assert!(complaint(&menu(&item_named(&"n".repeat(65)))).contains("at most 64"));
    let text = |n| {
        format!(
            "<CiscoIPPhoneText><Text>{}</Text></CiscoIPPhoneText>",
            "t".repeat(n)
        )
    };
    assert!(strict(&text(4000)).is_ok());
    assert!(complaint(&text(4001)).contains("at most 4000"));
    // An escaped character is one character.
    let long = format!("http://h/?{}", "&amp;".repeat(246));
    assert!(strict(&menu(&format!("<MenuItem><URL>{long}</URL></MenuItem>"))).is_ok());
    assert!(complaint(&menu(&format!("<MenuItem><URL>{long}a</URL></MenuItem>"))).contains("257"));
}

#[test]
fn counts_are_limited() {
    assert!(strict(&menu(&item_named("n").repeat(100))).is_ok());
    assert!(complaint(&menu(&item_named("n").repeat(101))).contains("more than 100"));
    let entries = |n| {
        format!(
            "<CiscoIPPhoneDirectory>{}</CiscoIPPhoneDirectory>",
            "<DirectoryEntry><Name>a</Name><Telephone>1</Telephone></DirectoryEntry>".repeat(n)
        )
    };
    assert!(strict(&entries(32)).is_ok());
    assert!(complaint(&entries(33)).contains("more than 32"));
    let fields = |n| {
        format!(
            "<CiscoIPPhoneInput><URL>http://h/</URL>{}</CiscoIPPhoneInput>",
            "<InputItem><QueryStringParam>p</QueryStringParam><InputFlags>A</InputFlags></InputItem>"
                .repeat(n)
        )
    };
    assert!(strict(&fields(5)).is_ok());
    assert!(complaint(&fields(6)).contains("more than 5"));
    let keys = |n| menu(&"<SoftKeyItem><Position>1</Position></SoftKeyItem>".repeat(n));
    assert!(strict(&keys(8)).is_ok());
    assert!(complaint(&keys(9)).contains("more than 8"));
    let orders = |n, uri| {
        format!(
            "<CiscoIPPhoneExecute>{}</CiscoIPPhoneExecute>",
            format!("<ExecuteItem URL=\"{uri}\"/>").repeat(n)
        )
    };
    assert!(strict(&orders(3, "Key:Line1")).is_ok());
    assert!(strict(&orders(4, "Key:Line1")).is_err());
    assert!(strict(&orders(2, "http://h/")).is_err());
}

#[test]
fn every_required_element_is_missed() {
    let key = "<SoftKeyItem><Name>Exit</Name><URL>SoftKey:Exit</URL></SoftKeyItem>";
    assert!(complaint(&menu(key)).contains("Position"));
    let form = |inside: &str| format!("<CiscoIPPhoneInput>{inside}</CiscoIPPhoneInput>");
    assert!(complaint(&form("")).contains("URL"));
    assert!(complaint(&form("<URL/>")).contains("URL"));
    let item = |inside: &str| {
        form(&format!(
            "<URL>http://h/</URL><InputItem>{inside}</InputItem>"
        ))
    };
    assert!(complaint(&item("<InputFlags>A</InputFlags>")).contains("QueryStringParam"));
    assert!(complaint(&item("<QueryStringParam>p</QueryStringParam>")).contains("InputFlags"));
    let flags = "<QueryStringParam>p</QueryStringParam><InputFlags>np</InputFlags>";
    assert!(complaint(&item(flags)).contains("\"np\""));
}

#[test]
fn names_must_be_spelt_exactly() {
    assert!(complaint("<ciscoIPPhoneText/>").contains("ciscoIPPhoneText"));
    assert!(complaint("<html><body/></html>").contains("html"));
    assert!(complaint(&menu("<title>t</title>")).contains("<title>"));
    assert!(complaint(&menu("<MenuItem><URl>u</URl></MenuItem>")).contains("<URl>"));
    assert!(complaint(&menu("<SoftKeyItems/>")).contains("<SoftKeyItems>"));
    assert!(complaint(&menu("<Title>a</Title><Title>b</Title>")).contains("twice"));
}

#[test]
fn what_is_not_a_plain_document_is_refused() {
    for page in [
        "",
        "   ",
        "Login failed",
        "<CiscoIPPhoneText>",
        "<CiscoIPPhoneText></CiscoIPPhoneMenu>",
        "<CiscoIPPhoneText/><CiscoIPPhoneText/>",
        "<CiscoIPPhoneText/>junk",
        "<CiscoIPPhoneText/></b>",
        "<CiscoIPPhoneText/><",
        "<CiscoIPPhoneText>loose</CiscoIPPhoneText>",
        "<CiscoIPPhoneText xmlns=\"http://example.com/\"/>",
        "<CiscoIPPhoneText colour=\"red\"/>",
        "<!DOCTYPE CiscoIPPhoneText><CiscoIPPhoneText/>",
        "<?php oops ?><CiscoIPPhoneText/>",
        " <?xml version=\"1.0\"?><CiscoIPPhoneText/>",
        "<CiscoIPPhoneText><Text>a & b</Text></CiscoIPPhoneText>",
        "<CiscoIPPhoneText><Text>&nbsp;</Text></CiscoIPPhoneText>",
        "<CiscoIPPhoneText><Text>\u{1}</Text></CiscoIPPhoneText>",
        "<CiscoIPPhoneText><Text><b>bold</b></Text></CiscoIPPhoneText>",
    ] {
        let fault = strict(page).unwrap_err();
        assert_eq!(fault.screen_text(), "XML Error[4]: Parse Error", "{page}");
    }
    // The commonest of them all: a bare ampersand in a URL.
    let bare = menu("<MenuItem><Name>n</Name><URL>http://h/?a=1&b=2</URL></MenuItem>");
    assert!(strict(&bare).is_err());
}

#[test]
fn an_entity_bomb_is_not_expanded() {
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\
                <CiscoIPPhoneText><Text>&b;</Text></CiscoIPPhoneText>";
    assert!(strict(bomb).is_err());
    assert!(parse(bomb.as_bytes(), Strictness::Lenient).is_err());
}

#[test]
fn size_depth_and_count_are_bounded() {
    let large = format!(
        "<CiscoIPPhoneText>{}</CiscoIPPhoneText>",
        " ".repeat(limits::DOCUMENT)
    );
    assert_eq!(strict(&large), Err(PhoneFault::TooLarge));
    let deep = "<CiscoIPPhoneText>".repeat(9);
    for strictness in [Strictness::Strict, Strictness::Lenient] {
        let fault = parse(deep.as_bytes(), strictness).unwrap_err();
        assert!(fault.to_string().contains("deep"), "{fault}");
        let many = menu(&"<a/>".repeat(limits::ELEMENTS));
        let fault = parse(many.as_bytes(), strictness).unwrap_err();
        assert!(fault.to_string().contains("too many"), "{fault}");
    }
}

#[test]
fn the_encoding_must_be_true() {
    let page = |encoding: &str, body: &[u8]| {
        let mut page =
            format!("<?xml version=\"1.0\"{encoding}?><CiscoIPPhoneText><Text>").into_bytes();
        page.extend_from_slice(body);
        page.extend_from_slice(b"</Text></CiscoIPPhoneText>");
        page
    };
    let read = |page: &[u8], served| parse_with_charset(page, served, Strictness::Strict);
    let utf8 = page(" encoding=\"UTF-8\"", "ü".as_bytes());
    let latin1 = page(" encoding='iso-8859-1'", b"\xFC");
    let (ascii, undeclared) = (page("", b"u"), page("", "ü".as_bytes()));
    assert_eq!(read(&utf8, None), Ok(Text::new("ü").into()));
    assert_eq!(read(&latin1, Some("ISO-8859-1")), Ok(Text::new("ü").into()));
    assert_eq!(read(&ascii, None), Ok(Text::new("u").into()));
    assert!(read(&undeclared, None).is_err());
    assert!(read(&utf8, Some("ISO-8859-1")).is_err());
    assert!(read(&page(" encoding=\"UTF-8\"", b"\xFC"), None).is_err());
    assert!(read(&page(" encoding=\"EBCDIC\"", b"u"), None).is_err());
}

#[test]
fn objects_that_it_does_not_have_are_error_5() {
    let fault = strict("<CiscoIPPhoneImageFile><URL>u</URL></CiscoIPPhoneImageFile>").unwrap_err();
    assert_eq!(fault.screen_text(), "XML Error[5]");
}

#[test]
fn faults_say_the_line() {
    let page = "<CiscoIPPhoneText>\n<Title>t</Title>\n<Oops/>\n</CiscoIPPhoneText>";
    assert!(matches!(
        strict(page),
        Err(PhoneFault::Parse { line: 3, .. })
    ));
}

#[test]
fn both_published_orders_are_read() {
    let manual = "<CiscoIPPhoneInput><Title>t</Title><URL>http://h/</URL>\
        <InputItem><DisplayName>d</DisplayName><QueryStringParam>p</QueryStringParam>\
        <DefaultValue>v</DefaultValue><InputFlags>NP</InputFlags></InputItem>\
        <SoftKeyItem><Name>n</Name><URL>SoftKey:Submit</URL><Position>1</Position></SoftKeyItem>\
        </CiscoIPPhoneInput>";
    let schema = "<CiscoIPPhoneInput><Title>t</Title>\
        <SoftKeyItem><Name>n</Name><Position>1</Position><URL>SoftKey:Submit</URL></SoftKeyItem>\
        <URL>http://h/</URL>\
        <InputItem><DisplayName>d</DisplayName><QueryStringParam>p</QueryStringParam>\
        <InputFlags>PN</InputFlags><DefaultValue>v</DefaultValue></InputItem>\
        </CiscoIPPhoneInput>";
    assert_eq!(strict(manual).unwrap(), strict(schema).unwrap());
}

#[test]
fn hard_keys_may_be_bound_but_only_those_that_exist() {
    let bound = |key: &str| {
        menu(&format!(
            "<KeyItem><Key>{key}</Key><URL>Key:Hold</URL></KeyItem>"
        ))
    };
    for key in ["KeyPad0", "KeyPadPound", "NavDown", "PushToTalk"] {
        assert!(strict(&bound(key)).is_ok(), "{key}");
    }
    for key in ["", "KeyPad10", "NavDwn", "KeyPad"] {
        assert!(strict(&bound(key)).is_err(), "{key}");
    }
}

#[test]
fn root_attributes_of_the_new_parser_are_known() {
    assert!(strict("<CiscoIPPhoneText appId=\"Embody/Login\" onAppClosed=\"Key:Info\"/>").is_ok());
    assert!(strict("<CiscoIPPhoneText keypadTarget=\"nobody\"/>").is_err());
}

#[test]
fn what_no_xml_may_hold_is_refused_in_texts_and_in_attributes() {
    let execute = |url: &str| {
        format!(
            "<CiscoIPPhoneExecute><ExecuteItem Priority=\"0\" URL=\"{url}\"/></CiscoIPPhoneExecute>"
        )
    };
    assert!(strict(&execute("Key:Services")).is_ok());
    assert!(complaint(&execute("Key:\u{1}")).contains("U+0001"));
    assert!(complaint(&execute("Key:&#1;")).contains("U+0001"));
    assert!(complaint(&menu(&item_named("\u{1}"))).contains("U+0001"));
}
