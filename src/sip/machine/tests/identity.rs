//! Which phone a REGISTER names.

use super::*;

/// A REGISTER with these places filled in.
fn register(param: &str, instance: &str, reason: &str, call_id: &str, to: &str) -> Box<Register> {
    let or_nothing = |value: &str, text: String| {
        if value.is_empty() {
            String::new()
        } else {
            text
        }
    };
    let uuid = format!(";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-{instance}>\"");
    let name = format!(";+u.sip!devicename.ccm.cisco.com=\"{param}\"");
    let cause =
        format!("Reason: SIP;cause=200;text=\"cisco-alarm:25 Name={reason} Last=initialized\"\n");
    let (uuid, name, cause) = (
        or_nothing(instance, uuid),
        or_nothing(param, name),
        or_nothing(reason, cause),
    );
    let text = format!(
        "REGISTER sip:any.example SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.104:51778;branch=z9hG4bK1\nFrom: <sip:{to}@elsewhere.example>;tag=1\nTo: <sip:{to}@elsewhere.example>\nCall-ID: {call_id}\nCSeq: 1 REGISTER\nContact: <sip:x@192.0.2.104:51778;transport=tcp>{uuid}{name}\n{cause}Content-Length: 0\n\n"
    );
    Desk::new().ask(&text.replace('\n', "\r\n"))
}

#[test]
fn a_phone_is_known_by_what_it_says_in_the_order_of_trust() {
    const ONE: &str = "SEP001122334455";
    const TWO: &str = "SEPAABBCCDDEEFF";
    const CALL: &str = "aabbccdd-eeff0003-255b99f4-783a63d4@192.0.2.104";
    // Parameter, instance, Reason, Call-ID -> the phone, or none (a hint at
    // most), or a contradiction.
    let cases = [
        ((ONE, "001122334455", ONE, CALL), Ok(Some(ONE))),
        (("sep001122334455", "", "", "x"), Ok(Some(ONE))),
        (("", "001122334455", "", "x"), Ok(Some(ONE))),
        (("", "", ONE, "x"), Ok(Some(ONE))),
        (("", "", "", CALL), Ok(None)),
        (("", "", "", "x"), Ok(None)),
        // The names of soft phones hold no MAC address to compare.
        (("CSFALICE", "001122334455", "", "x"), Ok(Some("CSFALICE"))),
        (("", "001122334455", "CSFALICE", "x"), Ok(Some("CSFALICE"))),
        // A name that cannot be one is not said.
        (("../../etc/passwd", "001122334455", "", "x"), Ok(Some(ONE))),
        ((ONE, "aabbccddeeff", "", "x"), Err(Contradiction)),
        ((ONE, "", TWO, "x"), Err(Contradiction)),
        (("CSFALICE", "", "CSFBOB", "x"), Err(Contradiction)),
        (("", "aabbccddeeff", ONE, "x"), Err(Contradiction)),
    ];
    for ((param, instance, reason, call_id), expected) in cases {
        let register = register(param, instance, reason, call_id, "1001");
        let device = register.claims().device();
        assert_eq!(
            device.map(|device| device.map(DeviceName::as_str)),
            expected,
            "{param} {instance} {reason} {call_id}"
        );
    }
}

#[test]
fn hints_and_the_line_remain_for_phones_that_say_nothing() {
    let register = register(
        "",
        "",
        "",
        "aabbccdd-eeff0003-255b99f4-783a63d4@192.0.2.104",
        "SEP001122334455",
    );
    let hints: Vec<&str> = register
        .claims()
        .hints()
        .iter()
        .map(DeviceName::as_str)
        .collect();
    assert_eq!(hints, ["SEPAABBCCDDEEFF", "SEP001122334455"]);
    assert_eq!(register.claims().line(), Some("SEP001122334455"));
    let plain = super::identity::register("", "", "", "x", "1001");
    assert!(plain.claims().hints().is_empty());
    assert_eq!(plain.claims().line(), Some("1001"));
}

#[test]
fn a_7960_with_plain_firmware_is_known_by_its_instance() {
    let register = Desk::new().ask(vector!("register-7960"));
    let device = DeviceName::new("SEP000E84C060A6").unwrap();
    assert_eq!(register.claims().device(), Ok(Some(&device)));
    assert!(register.is_plain_firmware());
    assert_eq!(register.file_of(&device), None);
}

/// These do not tell their type (Cisco IP Phone Models 7905G and 7912G
/// Administrator Guide (SIP), Call Flow Scenarios for Successful Calls).
#[test]
fn a_7905_and_a_7912_are_known_by_their_name_and_instance() {
    let of_7960 = vector!("register-7960");
    let agent = of_7960.lines().find(|line| line.starts_with("User-Agent:"));
    for agent_of_it in ["Cisco-CP7905/1.01-030429A", "Cisco-CP7912/8.0.0-060111A"] {
        let text = of_7960
            .replace(agent.unwrap(), &format!("User-Agent: {agent_of_it}"))
            .replace(";+u.sip!model.ccm.cisco.com=\"7\"", "");
        let register = Desk::new().ask(&text);
        assert_eq!(register.type_id(), None, "{text}");
        let device = DeviceName::new("SEP000E84C060A6").unwrap();
        assert_eq!(register.claims().device(), Ok(Some(&device)));
        assert!(register.is_plain_firmware(), "{agent_of_it}");
    }
}

#[test]
fn a_contact_minted_for_another_phone_shows_no_file() {
    let other = DeviceName::new("SEP000000000001").unwrap();
    let contact = ContactId::mint(&other, 1, stamp(5)).to_string();
    let text = vector!("register-7821-first").replace(FOREIGN, &contact);
    let register = Desk::new().ask(&text);
    assert_eq!(register.file_of(&device()), None);
    let own = Desk::new().ask(&first(stamp(5)));
    assert_eq!(own.file_of(&device()), Some(stamp(5)));
}
