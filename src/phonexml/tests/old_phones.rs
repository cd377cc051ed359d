//! What old firmware forgives, and what lies between the two parsers.

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

/// What each parser makes of one page.
fn all(page: &str) -> [Result<Object, PhoneFault>; 4] {
    [
        Strictness::Strict,
        Strictness::Lenient,
        Strictness::Cutting,
        Strictness::Fragile,
    ]
    .map(|strictness| parse(page.as_bytes(), strictness))
}

fn items(page: &Result<Object, PhoneFault>) -> Vec<&str> {
    match page {
        Ok(Object::Menu(menu)) => menu.items.iter().map(|item| item.name.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_nameless_item_is_a_blank_line_to_newer_parsers_and_the_end_to_the_old_one() {
    let menu = all(
        "<CiscoIPPhoneMenu><MenuItem><Name>a</Name></MenuItem><MenuItem/>\
         <MenuItem><Name>b</Name></MenuItem></CiscoIPPhoneMenu>",
    );
    let [strict, lenient, cutting, fragile] = &menu;
    assert_eq!(items(lenient), ["a"]);
    for newer in [strict, cutting, fragile] {
        assert_eq!(items(newer), ["a", "", "b"]);
    }
    let [strict, lenient, ..] = all("<CiscoIPPhoneDirectory><DirectoryEntry>\
         <Telephone>1</Telephone></DirectoryEntry></CiscoIPPhoneDirectory>");
    let entries = |page| match page {
        Ok(Object::Directory(list)) => list.entries.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((entries(strict), entries(lenient)), (1, 0));
}

#[test]
fn a_7921_cuts_what_is_too_long_and_refuses_what_it_does_not_know() {
    let long = format!(
        "<CiscoIPPhoneMenu><Title>{}</Title>{}</CiscoIPPhoneMenu>",
        "t".repeat(40),
        "<MenuItem><Name>n</Name></MenuItem>".repeat(101)
    );
    let [strict, lenient, cutting, fragile] = all(&long);
    assert_eq!(
        strict.unwrap_err().screen_text(),
        "XML Error[4]: Parse Error"
    );
    for cut in [lenient, cutting, fragile] {
        assert_eq!(items(&cut).len(), 100);
        let title = cut.unwrap().frame().unwrap().title.clone();
        assert_eq!(title.as_str(), "t".repeat(32));
    }
    let key = "<SoftKeyItem><Name>Exit</Name><URL>SoftKey:Exit</URL></SoftKeyItem>";
    for inside in [
        "<Colour/>",
        key,
        "<InputItem><InputFlags>A</InputFlags></InputItem>",
        "<InputItem><QueryStringParam>p</QueryStringParam></InputItem>",
    ] {
        let page = format!("<CiscoIPPhoneInput><URL>http://h/</URL>{inside}</CiscoIPPhoneInput>");
        let [strict, lenient, cutting, fragile] = all(&page);
        assert!(lenient.is_ok(), "{inside}");
        for newer in [strict, cutting] {
            assert!(matches!(newer, Err(PhoneFault::Parse { .. })), "{inside}");
        }
        assert!(
            matches!(fragile, Err(PhoneFault::Reboot { .. })),
            "{inside}"
        );
    }
}

#[test]
fn a_form_without_url_is_shown_by_the_old_parser_alone() {
    let [strict, lenient, cutting, fragile] = all("<CiscoIPPhoneInput></CiscoIPPhoneInput>");
    assert!(lenient.is_ok());
    assert!(strict.is_err() && cutting.is_err());
    let fault = fragile.unwrap_err();
    assert_eq!(fault.screen_text(), "", "it shows nothing");
    assert!(
        fault.to_string().starts_with("may reboot (line 1"),
        "{fault}"
    );
}

#[test]
fn no_parser_reads_a_bare_ampersand() {
    for read in all(
        "<CiscoIPPhoneMenu><MenuItem><URL>http://h/?a=1&b=2</URL></MenuItem></CiscoIPPhoneMenu>",
    ) {
        assert!(read.is_err());
    }
}
