//! Pages written and read back; what strict phones refuse and old ones forgive.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn url(url: &str) -> Url {
    Url::new(url).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn strict(page: &str) -> Result<Object, PhoneFault> {
    parse(page.as_bytes(), Strictness::Strict)
}

fn lenient(page: &str) -> Object {
    parse(page.as_bytes(), Strictness::Lenient).unwrap()
}

/// The strict parser's complaint about `page`.
fn complaint(page: &str) -> String {
    match strict(page) {
        Err(PhoneFault::Parse { reason, .. }) => reason,
        other => panic!("{other:?} for {page}"),
    }
}

fn login_form(layout: SoftKeyLayout) -> Input {
    Input::new(url(
        "http://192.0.2.1:8080/emapp/EMAppServlet?device=SEP003094C25B15&loginType=UID",
    ))
    .title("Extension Mobility Service")
    .prompt("Please sign on")
    .item(
        InputItem::new("userid", InputFlags::ASCII)
            .unwrap()
            .named("UserID")
            .prefilled("o'neill"),
    )
    .item(
        InputItem::new("seq", InputFlags::NUMERIC.masked())
            .unwrap()
            .named("PIN"),
    )
    .with_keys(layout)
}

mod golden {
    use super::*;

    #[test]
    fn the_login_form_as_a_7961_gets_it() {
        assert_eq!(
            text(login_form(SoftKeyLayout::Old).to_bytes(Charset::Latin1)),
            include_str!("testdata/login-form-old.xml").trim_end()
        );
    }

    #[test]
    fn the_login_form_as_an_8845_gets_it() {
        let form = login_form(SoftKeyLayout::New).method(SubmitMethod::Post);
        assert_eq!(
            text(form.to_bytes(Charset::Utf8)),
            include_str!("testdata/login-form-new.xml").trim_end()
        );
    }

    #[test]
    fn the_services_menu() {
        let menu = Menu::new()
            .title("Services")
            .item("Extension Mobility", url("http://h/em?device=SEP1"))
            .item("Wetter & Straße", url("http://h/w?a=1&b=2"))
            .with_keys(SoftKeyLayout::New);
        assert_eq!(
            text(menu.to_bytes(Charset::Utf8)),
            include_str!("testdata/services-menu.xml").trim_end()
        );
    }

    #[test]
    fn the_logout_question() {
        let page = Text::new("alice <alice@example.com> is signed in.\nSign out?")
            .title("Extension Mobility")
            .with_question(
                SoftKeyLayout::Old,
                ("Yes", url("http://h/em?device=SEP1&doLogout=true")),
                "No",
            );
        assert_eq!(
            text(page.to_bytes(Charset::Utf8)),
            include_str!("testdata/logout-question.xml").trim_end()
        );
    }

    #[test]
    fn orders_and_answers_are_attributes() {
        let execute = Execute::new()
            .item(url("Init:Services"))
            .prioritised(Priority::WhenIdle, url("http://h/?a=1&b=2"));
        assert_eq!(
            text(execute.to_bytes(Charset::Utf8)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CiscoIPPhoneExecute>\
             <ExecuteItem Priority=\"0\" URL=\"Init:Services\"/>\
             <ExecuteItem Priority=\"1\" URL=\"http://h/?a=1&amp;b=2\"/>\
             </CiscoIPPhoneExecute>"
        );
        let error = Object::from(ErrorReport {
            number: 4,
            text: Label::default(),
        });
        assert_eq!(
            text(error.to_bytes(Charset::Utf8)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CiscoIPPhoneError Number=\"4\"/>"
        );
    }
}

mod writing {
    use super::*;

    #[test]
    fn a_page_for_an_old_phone_is_latin1_to_the_last_byte() {
        let bytes = Text::new("Grüße, Łukasz: 5 €").to_bytes(Charset::Latin1);
        assert!(bytes.starts_with(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"));
        let said = b"<Text>Gr\xFC\xDFe, Lukasz: 5 EUR</Text>";
        assert!(bytes.windows(said.len()).any(|w| w == said));
    }

    #[test]
    fn respelling_does_not_push_a_title_over_its_limit() {
        let page = Object::from(Text::new("t").title("€".repeat(32)));
        let read = parse(&page.to_bytes(Charset::Latin1), Strictness::Strict).unwrap();
        assert_eq!(
            read.frame().unwrap().title.as_str(),
            "EUREUREUREUREUREUREUREUREUREUREU"
        );
    }

    #[test]
    fn a_user_id_that_latin1_cannot_say_is_not_prefilled_wrong() {
        let form = Input::new(url("http://h/")).item(
            InputItem::new("userid", InputFlags::ASCII)
                .unwrap()
                .prefilled("łukasz"),
        );
        let latin1 = text(form.to_bytes(Charset::Latin1));
        assert!(latin1.contains("<DefaultValue></DefaultValue>"), "{latin1}");
        let utf8 = text(form.to_bytes(Charset::Utf8));
        assert!(
            utf8.contains("<DefaultValue>łukasz</DefaultValue>"),
            "{utf8}"
        );
    }

    #[test]
    fn the_hundred_and_first_item_is_dropped_and_counted() {
        let menu = (0..103).fold(Menu::new(), |menu, n| {
            menu.item(format!("Item {n}"), url("http://h/"))
        });
        assert_eq!(menu.items.len(), 100);
        assert_eq!(menu.items.dropped(), 3);
        assert!(strict(&text(menu.to_bytes(Charset::Utf8))).is_ok());
    }

    #[test]
    fn the_erase_key_is_escaped() {
        let form = text(login_form(SoftKeyLayout::Old).to_bytes(Charset::Utf8));
        assert!(form.contains("<URL>SoftKey:&lt;&lt;</URL>"));
    }
}

mod strict_phones {
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
        assert!(
            complaint(&menu(&format!("<MenuItem><URL>{long}a</URL></MenuItem>"))).contains("257")
        );
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
        let fault =
            strict("<CiscoIPPhoneImageFile><URL>u</URL></CiscoIPPhoneImageFile>").unwrap_err();
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
        assert!(
            strict("<CiscoIPPhoneText appId=\"Embody/Login\" onAppClosed=\"Key:Info\"/>").is_ok()
        );
        assert!(strict("<CiscoIPPhoneText keypadTarget=\"nobody\"/>").is_err());
    }
}

mod old_phones {
    use super::*;

    #[test]
    fn they_cut_what_is_too_long_and_pass_over_what_they_do_not_know() {
        let page = format!(
            "<!DOCTYPE x><CiscoIPPhoneMenu xmlns='x'><Title>{}</Title><Colour/>stray\
             <MenuItem><Name>a</Name><URL>http://h/a</URL><Icon/></MenuItem>\
             </CiscoIPPhoneMenu>trailing <junk",
            "t".repeat(40)
        );
        let Object::Menu(menu) = lenient(&page) else {
            panic!("a menu")
        };
        assert_eq!(menu.frame.title.as_str(), "t".repeat(32));
        assert_eq!(menu.items.len(), 1);
    }

    #[test]
    fn they_stop_at_a_nameless_menu_item_and_hide_nameless_entries() {
        let Object::Menu(menu) = lenient(
            "<CiscoIPPhoneMenu><MenuItem><Name>a</Name></MenuItem><MenuItem/>\
             <MenuItem><Name>b</Name></MenuItem></CiscoIPPhoneMenu>",
        ) else {
            panic!("a menu")
        };
        assert_eq!(menu.items.len(), 1);
        let Object::Directory(directory) = lenient(
            "<CiscoIPPhoneDirectory><DirectoryEntry><Telephone>1</Telephone></DirectoryEntry>\
             <DirectoryEntry><Name>b</Name></DirectoryEntry></CiscoIPPhoneDirectory>",
        ) else {
            panic!("a directory")
        };
        assert_eq!(directory.entries.as_slice()[0].name.as_str(), "b");
        assert_eq!(directory.entries.len(), 1);
    }

    #[test]
    fn they_notice_a_missing_form_url_only_at_submit() {
        let Object::Input(form) = lenient(
            "<CiscoIPPhoneInput><InputItem><QueryStringParam>p</QueryStringParam>\
             <InputFlags>np</InputFlags></InputItem></CiscoIPPhoneInput>",
        ) else {
            panic!("a form")
        };
        assert_eq!(form.items.as_slice()[0].flags, InputFlags::NUMERIC.masked());
        assert_eq!(form.submission(&["1"]), Err(SubmitError::NoUrl));
    }

    #[test]
    fn they_number_keys_that_have_no_position() {
        let page = lenient(
            "<CiscoIPPhoneText><SoftKeyItem><Name>a</Name></SoftKeyItem>\
             <SoftKeyItem><Name>b</Name></SoftKeyItem></CiscoIPPhoneText>",
        );
        let positions: Vec<_> = page
            .frame()
            .unwrap()
            .soft_keys
            .iter()
            .map(|k| k.position.number())
            .collect();
        assert_eq!(positions, [1, 2]);
    }

    #[test]
    fn they_read_undeclared_latin1() {
        let page = b"<CiscoIPPhoneText><Text>\xFC</Text></CiscoIPPhoneText>";
        assert_eq!(parse(page, Strictness::Lenient), Ok(Text::new("ü").into()));
    }
}

#[test]
fn the_answers_of_phones_are_read_in_both_shapes() {
    let expected = Object::from(Response {
        items: [ResponseItem {
            status: 0,
            data: Label::new("Success"),
            url: Label::new("Key:Services"),
        }]
        .into_iter()
        .collect(),
    });
    let attributes = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<CiscoIPPhoneResponse>\n\
        <ResponseItem Status=\"0\" Data=\"Success\" URL=\"Key:Services\"/>\n</CiscoIPPhoneResponse>\n";
    let elements = "<CiscoIPhoneResponse><ResponseItem><Status>0</Status><Data>Success</Data>\
        <URL>Key:Services</URL></ResponseItem></CiscoIPhoneResponse>";
    assert_eq!(lenient(attributes), expected);
    assert_eq!(lenient(elements), expected);
    assert_eq!(strict(attributes), Ok(expected));
    let Object::Error(error) = lenient("<CiscoIPPhoneError Number=\"4\"/>") else {
        panic!("an error")
    };
    assert!(error.meaning().contains("credentials"));
    assert!(strict("<CiscoIPPhoneError/>").is_err());
}

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
        prop_assert_eq!(read, Ok(object));
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
