//! Which configured phone a REGISTER is from.

use super::phone::vector;
use super::*;
use crate::model::DeviceName;

/// A REGISTER that says nothing but its line.
fn of_line(line: &str, call_id: &str, cseq: u32) -> String {
    format!(
        "REGISTER sip:192.0.2.200 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bK1\r\nFrom: <sip:{line}@192.0.2.200>;tag=1\r\nTo: <sip:{line}@192.0.2.200>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{line}@127.0.0.1:5;transport=tcp>\r\nContent-Length: 0\r\n\r\n"
    )
}

#[tokio::test]
async fn a_register_without_a_name_is_from_the_only_phone_with_its_line() {
    let house = House::open();
    let mut desk = Desk::connect(&house).await;
    assert_eq!(desk.asks(&of_line("9999", "x", 1)).await, 404, "nobody");
    assert_eq!(desk.asks(&of_line("4444", "x", 1)).await, 404, "two phones");
    assert_eq!(desk.asks(&of_line("3333", "x", 1)).await, 200);
    assert!(house.registration(&other_device()).is_some());
    // It stays the same phone when another one gets the number.
    let (device, _) = registered_file(&house);
    let mut phone = house.phone(&device);
    phone.lines = house.phone(&other_device()).lines;
    house.put(phone);
    assert_eq!(desk.asks(&of_line("3333", "x", 2)).await, 200);
    let mut new = Desk::connect(&house).await;
    assert_eq!(new.asks(&of_line("3333", "y", 1)).await, 404);
}

#[tokio::test]
async fn hints_count_when_they_lead_to_a_phone() {
    let house = House::open();
    let mut desk = Desk::connect(&house).await;
    let by_call = of_line("7777", "00112233-44550003-255b99f4-783a63d4@192.0.2.104", 1);
    assert_eq!(desk.asks(&by_call).await, 200);
    assert!(house.registration(&other_device()).is_some());
    // The Call-ID of a phone that nobody configured: the line decides.
    let mut desk = Desk::connect(&house).await;
    let by_line = of_line("2222", "aaaaaaaa-aaaa0003-255b99f4-783a63d4@192.0.2.104", 1);
    assert_eq!(desk.asks(&by_line).await, 200);
    let (device, _) = registered_file(&house);
    assert!(house.registration(&device).is_some());
}

#[tokio::test]
async fn the_number_does_not_matter_when_the_phone_says_its_name() {
    let house = House::open();
    let mut desk = Desk::connect(&house).await;
    let device = DeviceName::new("SEP000E84C060A6").unwrap();
    let foreign_line = vector!("register-7960").replace("1600", "2222");
    assert_eq!(desk.asks(&foreign_line).await, 200);
    assert!(house.registration(&device).is_some());
}
