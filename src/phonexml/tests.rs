//! Pages written and read back; what strict phones refuse and old ones forgive.

#![allow(clippy::unwrap_used)]

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
    fn the_schemas_order_says_the_same() {
        let form = Object::from(login_form(SoftKeyLayout::New));
        let by_schema = text(form.to_bytes_by_schema(Charset::Utf8));
        assert_eq!(strict(&by_schema), Ok(form));
        let order = [
            "<Title>",
            "<Prompt>",
            "<SoftKeyItem><Name>Submit</Name><Position>2</Position><URL>",
            "<URL>http:",
            "<InputFlags>A</InputFlags><DefaultValue>",
        ];
        let at = order.map(|tag| by_schema.find(tag).unwrap_or_else(|| panic!("{tag}")));
        assert!(at.is_sorted(), "{by_schema}");
    }

    #[test]
    fn the_erase_key_is_escaped() {
        let form = text(login_form(SoftKeyLayout::Old).to_bytes(Charset::Utf8));
        assert!(form.contains("<URL>SoftKey:&lt;&lt;</URL>"));
    }
}

mod strict_phones;

mod old_phones;

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

mod properties;

/// Of an icon menu the list is read; its pictures are checked and passed over.
#[test]
fn an_icon_menu_is_read_as_the_list_that_it_is() {
    let page = |item: &str, more: &str| {
        format!(
            "<CiscoIPPhoneIconMenu><Title>Who</Title><MenuItem>{item}<Name>Alice</Name>\
             <URL>http://h/</URL></MenuItem>{more}<IconItem><Index>0</Index><Height>10</Height>\
             <Width>16</Width><Depth>2</Depth><Data>00ff</Data></IconItem></CiscoIPPhoneIconMenu>"
        )
    };
    let read = |page: String| parse(page.as_bytes(), Strictness::Strict);
    let Ok(Object::Menu(menu)) = read(page("<IconIndex>0</IconIndex>", "")) else {
        panic!("no list");
    };
    assert_eq!(menu.items.as_slice()[0].name.as_str(), "Alice");
    assert!(read(page("<IconFile>0</IconFile>", "")).is_err());
    assert!(read(page("", &"<MenuItem/>".repeat(32))).is_err());
    assert!(read(page("", &"<IconItem/>".repeat(10))).is_err());
    let plain = page("<IconIndex>0</IconIndex>", "").replace("IconMenu", "Menu");
    assert!(read(plain).is_err(), "pictures are for icon menus");
}
