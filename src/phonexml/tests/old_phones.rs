//! What old firmware forgives.

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
