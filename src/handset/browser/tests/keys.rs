//! Keys, numbers and URIs that need no page.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::handset::HandsetEvent;

/// A phone with this page on its display, and what it tells from then on.
async fn showing(
    page: &'static str,
) -> (
    Phone,
    Browser,
    tokio::sync::broadcast::Receiver<HandsetEvent>,
) {
    let server = web(move |_| ok(UTF8, &utf8(page))).await;
    let phone = phone(Kind::Cisco7961, nowhere());
    let mut browser = Browser::default();
    let target = Target::get(&format!("http://{server}/"));
    browser.go(&phone, target, "").await.unwrap();
    let events = phone.shared.events();
    (phone, browser, events)
}

const LIST: &str = "<CiscoIPPhoneMenu><Title>Services</Title>\
    <MenuItem><Name>Emergency</Name><URL>Dial:112</URL></MenuItem>\
    <MenuItem><Name>Forget</Name><URL>Init:CallHistory</URL></MenuItem>\
    <MenuItem><Name>Third key</Name><URL>Key:Soft3</URL></MenuItem>\
    <MenuItem><Name>Odd</Name><URL>Teleport:now</URL></MenuItem>\
    <SoftKeyItem><Name>Exit</Name><URL>SoftKey:Exit</URL><Position>3</Position></SoftKeyItem>\
    </CiscoIPPhoneMenu>";

#[tokio::test]
async fn an_emergency_entry_of_the_menu_dials_and_the_list_stays() {
    let (phone, mut browser, mut events) = showing(LIST).await;
    let page = browser.choose_number(&phone, 1).await.unwrap().unwrap();
    assert_eq!((page.title.as_str(), page.cursor), ("Services", 0));
    let dialled = HandsetEvent::Dialled("112".to_owned());
    assert_eq!(events.try_recv(), Ok(dialled));
    for number in [0, 5] {
        let missing = browser.choose_number(&phone, number).await;
        assert_eq!(missing, Err(BrowseError::NoItem(number.to_string())));
    }
}

#[tokio::test]
async fn call_logs_are_forgotten_and_keys_pressed_for_the_user() {
    let (phone, mut browser, mut events) = showing(LIST).await;
    let page = browser.choose(&phone, "forget").await.unwrap().unwrap();
    assert_eq!(page.cursor, 1);
    assert_eq!(events.try_recv(), Ok(HandsetEvent::CallHistoryCleared));
    let odd = browser.choose(&phone, "odd").await;
    assert_eq!(
        odd,
        Err(BrowseError::NotImitated("Teleport:now".to_owned()))
    );
    // The third key is Exit, and there was no page before this one.
    assert_eq!(browser.choose(&phone, "third key").await, Ok(None));
}

#[tokio::test]
async fn an_entry_of_a_directory_is_marked_and_then_dialled() {
    let (phone, mut browser, mut events) = showing(
        "<CiscoIPPhoneDirectory>\
         <DirectoryEntry><Name>Alice</Name><Telephone>2001</Telephone></DirectoryEntry>\
         <DirectoryEntry><Name>Bob</Name><Telephone>2002</Telephone></DirectoryEntry>\
         </CiscoIPPhoneDirectory>",
    )
    .await;
    let page = browser.choose(&phone, "bob").await.unwrap().unwrap();
    assert_eq!(page.cursor, 1);
    assert!(page.draw().contains("|>2 Bob 2002 "), "{}", page.draw());
    browser.soft_key(&phone, "Dial").await.unwrap();
    let dialled = HandsetEvent::Dialled("2002".to_owned());
    assert_eq!(events.try_recv(), Ok(dialled));
}

#[tokio::test]
async fn rubbing_out_is_done_where_one_typed_last() {
    let (phone, mut browser, _) = showing(
        "<CiscoIPPhoneInput><URL>http://h/</URL>\
         <InputItem><DisplayName>User</DisplayName><QueryStringParam>u</QueryStringParam>\
         <InputFlags>A</InputFlags></InputItem>\
         <InputItem><DisplayName>PIN</DisplayName><QueryStringParam>p</QueryStringParam>\
         <InputFlags>NP</InputFlags></InputItem></CiscoIPPhoneInput>",
    )
    .await;
    browser.fill(&phone, &[("p", "123")]).unwrap();
    // What stands before the field does as well.
    browser.fill(&phone, &[("user", "bob")]).unwrap();
    let page = browser.soft_key(&phone, "<<").await.unwrap().unwrap();
    assert_eq!(page.field("u").unwrap().value, "bo");
    assert_eq!(page.field("p").unwrap().value, "123");
    assert_eq!(page.cursor, 0);
}

/// Of a page without keys of its own the first key is *Next* where a `Refresh`
/// header names one, else *Update*.
#[tokio::test]
async fn a_text_that_leads_on_has_a_key_for_it() {
    let server = web(|request| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: "));
        let page = utf8("<CiscoIPPhoneText><Text>x</Text></CiscoIPPhoneText>");
        let answer = String::from_utf8(ok(UTF8, &page)).unwrap();
        if request.starts_with("GET /on ") {
            let refresh = format!("Refresh: 0; url=http://{}/last\r\nContent-L", host.unwrap());
            return answer.replacen("Content-L", &refresh, 1).into_bytes();
        }
        answer.into_bytes()
    })
    .await;
    let phone = phone(Kind::Cisco7961, nowhere());
    let mut browser = Browser::default();
    let target = Target::get(&format!("http://{server}/on"));
    let page = browser.go(&phone, target, "").await.unwrap().unwrap();
    assert!(page.has_key("Next") && !page.has_key("Update"));
    let page = browser.soft_key(&phone, "Next").await.unwrap().unwrap();
    assert!(page.has_key("Update") && !page.has_key("Next"));
    assert!(page.address.unwrap().ends_with("/last"));
}
