#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn hex(octets: &[u8]) -> String {
    let each: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    each.concat()
}

fn profile_of(lines: &str) -> Result<String, String> {
    profile(&format!("#txt\n{lines}\n"), Profiled::Adapter).map(|octets| hex(&octets))
}

/// The one file of which the octets are known: made for 80.70.65.17 and port
/// 2000, with `04` before its URL.
#[test]
fn records_are_those_of_the_file_that_is_known() {
    let text = "# a comment\n01 01 text \"\"\n01 02 address \"80.70.65.17\"\n\
                01 03 number 2000\n04 07 url \"http://80.70.65.17/localdirectory\"\n01 FF end\n";
    assert_eq!(
        hex(&records(text).unwrap()),
        "010100010250464111\
         0103d0070000\
         040700687474703a2f2f38302e37302e36352e31372f6c6f63616c6469726563746f7279000000\
         01ff"
    );
}

#[test]
fn a_url_that_fills_its_four_octets_is_not_filled_up() {
    let of = |url: &str| {
        let octets = records(&format!("05 07 url \"{url}\"\n01 FF end")).unwrap();
        octets.len() - 5
    };
    assert_eq!([of(""), of("a"), of("abc"), of("abcd")], [4, 4, 4, 8]);
}

#[test]
fn what_is_no_record_is_told_by_its_line() {
    for (text, why) in [
        ("", "it has no end"),
        ("01 01 text \"a\"", "it has no end"),
        (
            "01 FF end\n01 01 text \"a\"",
            "line 2 of what it renders to stands behind the end",
        ),
        ("01 FF end now", "line 1 of what it renders to is no record"),
        (
            "1 01 text \"a\"",
            "line 1 of what it renders to is no record",
        ),
        (
            "01 0x text \"a\"",
            "line 1 of what it renders to is no record",
        ),
        ("01 01 text a", "line 1 of what it renders to is no record"),
        (
            "01 01 text \"a\"b\"",
            "line 1 of what it renders to is no record",
        ),
        (
            "01 01 text \"\u{e4}\"",
            "line 1 of what it renders to is no record",
        ),
        (
            "01 02 address \"::1\"",
            "line 1 of what it renders to is no record",
        ),
        (
            "01 03 number -1",
            "line 1 of what it renders to is no record",
        ),
        ("01 03 word 1", "line 1 of what it renders to is no record"),
    ] {
        assert_eq!(records(text), Err(why.to_owned()), "{text:?}");
    }
}

/// What Cisco's own tool makes of the same text.
#[test]
fn profiles_are_those_of_cfgfmt() {
    for (lines, octets) in [
        ("UseTftp:1", "23617461fffe0400160003140101"),
        ("StaticIP:192.0.2.170", "23617461fffe04017300060304c00002aa"),
        (
            "DialTone:2,31538,30831,1380,1740,1,0,0,1000",
            "23617461fffe0403f70018 2416 00027b32786f056406cc00010000000003e8 00000000",
        ),
    ] {
        assert_eq!(profile_of(lines), Ok(octets.replace(' ', "")), "{lines}");
    }
}

#[test]
fn tags_stand_in_their_order_and_large_ones_take_two_octets() {
    let octets = profile_of("FXSInputLevel:-1\nCA0orCM0:10.0.0.2\nusetftp:1").unwrap();
    let body = "140101 1d0831302e302e302e32 80aa04ffffffff".replace(' ', "");
    assert_eq!(octets.split_at(22).1, body);
    assert_eq!(profile_of("UseTftp:0\nUseTftp:1"), profile_of("UseTftp:1"));
}

#[test]
fn what_is_no_parameter_is_told_by_its_line() {
    assert_eq!(
        profile("UseTftp:1", Profiled::Adapter),
        Err("it does not begin with #txt".to_owned())
    );
    let unfit = "line 2 of what it renders to has a value that its parameter cannot have";
    for (lines, why) in [
        ("UseTftp", "line 2 of what it renders to is no parameter"),
        (
            "Teapot:1",
            "line 2 of what it renders to has an unknown name",
        ),
        ("UseTftp:2", unfit),
        ("ConnectMode:0xgg", unfit),
        ("ConnectMode:4294967296", unfit),
        ("StaticIP:192.0.2", unfit),
        ("NPrintf:192.0.2.1", unfit),
        ("CA0orCM0:", unfit),
        ("CA0orCM0:12345678901234567890123456789012", unfit),
        ("RingCadence:1,2,3,4", unfit),
    ] {
        assert_eq!(profile_of(lines), Err(why.to_owned()), "{lines}");
    }
    assert!(profile_of("CA0orCM0:1234567890123456789012345678901").is_ok());
}

/// Each kind of device has names of its own, and tags above 127 take two octets.
#[test]
fn a_phone_has_other_parameters_than_an_adapter() {
    let octets = |lines: &str, of| {
        let octets = profile(&format!("#txt\n{lines}"), of);
        octets.map(|octets| hex(octets.split_at(11).1))
    };
    let phone = |lines: &str| octets(lines, Profiled::SipPhone);
    assert_eq!(phone("UID:1001"), Ok("190431303031".to_owned()));
    assert_eq!(phone("DoNotDisturb:0"), Ok("83f20100".to_owned()));
    assert_eq!(phone("TimeZone:-210"), Ok("3804ffffff2e".to_owned()));
    let strange = Err("line 2 of what it renders to has an unknown name".to_owned());
    assert_eq!(phone("EPID0orSID0:."), strange);
    assert_eq!(octets("UID:1001", Profiled::Adapter), strange);
    // What would load firmware, or make the file unreadable.
    for lines in ["upgradecode:3", "EncryptKey:1", "EncryptKeyEx:1"] {
        assert_eq!(phone(lines), strange);
        assert_eq!(octets(lines, Profiled::Adapter), strange);
    }
}

proptest! {
    #[test]
    fn any_text_is_compiled_or_refused(text in any::<String>()) {
        let _ = records(&text);
        for of in [Profiled::Adapter, Profiled::SipPhone] {
            let _ = profile(&text, of);
            let _ = profile(&format!("#txt\n{text}"), of);
        }
    }

    #[test]
    fn a_profile_says_its_length_and_its_sum(host in "[a-z0-9.]{1,31}", mode in any::<u32>()) {
        let text = format!("#txt\nCA0orCM0:{host}\nConnectMode:{mode}");
        let octets = profile(&text, Profiled::Adapter).unwrap();
        let (head, body) = octets.split_at(11);
        let sum: u16 = body.iter().map(|octet| u16::from(*octet)).sum();
        prop_assert_eq!(&head[..7], b"#ata\xff\xfe\x04");
        prop_assert_eq!(&head[7..9], &sum.to_be_bytes());
        prop_assert_eq!(usize::from(u16::from_be_bytes([head[9], head[10]])), body.len());
    }
}
