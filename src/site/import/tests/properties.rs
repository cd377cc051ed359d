//! What holds of any input.

use proptest::prelude::*;

use super::*;
use crate::site::{Severity, check, parse};

/// Words of all formats: garbage that gets further than noise.
const WORDS: &[&str] = &[
    "[general]",
    "[SEP001122334455]",
    "(!)",
    "(a,b)",
    "type=device",
    "type = line",
    "[1001]",
    "button = line, 1001",
    "button=speeddial,x,1002,1002@h",
    "addon=7914",
    "devicetype = 7960",
    "ephone-dn 1",
    "ephone 1",
    " number 1001",
    " mac-address 0011.2233.4455",
    " type 7960",
    " button 1:1 2s1 3o1,1",
    "voice user-profile 1",
    " user a password 12345",
    "!",
    " number 1,2,1 type overlay",
    " number 3 type monitor-ring",
    " logout-profile 1",
    "voice logout-profile 1",
    " speed-dial 1 112 label \"x\"",
    " max-idle-time 5",
    "telephony-service",
    " em logout 1:0 24:00",
    " time-zone 23",
    "voice register pool 1",
    "Device Name,Device Type,Directory Number 1,Directory Number 2",
    "SEP001122334455,Cisco 7961,1,1",
    "Device Profile Name,Device Type,Directory Number 1",
    "p,Cisco 7961,1",
    "User ID,PIN,Last Name",
    "a,12345,B",
    "a,1,B",
    "\"",
    ",",
    ";",
    "<device>",
    "</device>",
    "<loadInformation>",
    "SCCP41.9",
    "</loadInformation>",
    "<sipProfile>",
    "</sipProfile>",
    "<sipLines>",
    "</sipLines>",
    "<line button=\"1\">",
    "</line>",
    "<name>",
    "</name>",
    "1001",
    "<featureID>9</featureID>",
    "<phoneServices>",
    "</phoneServices>",
    "line1_name: 1001",
    "line2_name=\"1002\" ; x",
    "speed_line1: 1003;",
    "image_version: P0S3-8-12-00",
    " button 3x2",
    " date-format D/M/Y",
    " user-locale 1",
    " load 7960-7940 P00308010200",
    " service phone webAccess 0",
    "imageversion = SCCP41.9",
    "#pin = 1",
    "ephone-template 1",
    "ephone-dn-template 1",
    " --More-- \u{8}\u{8}",
    "button += line, 1002",
    "#include *.d/*.conf",
    "Ä",
    "\u{0}",
    "\r",
];

fn garbage() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let end = prop::sample::select(&["\n", "\n", "", " ", ","][..]);
    prop::collection::vec((word, end), 0..60)
        .prop_map(|parts| parts.into_iter().map(|(word, end)| word + end).collect())
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "SEP001122334455.cnf.xml",
            "SIP001122334466.cnf",
            "SIPDefault.cnf",
            "XMLDefault.cnf.xml",
            "gk001122334455",
            "sccp.conf",
            "r1.cfg",
            "phones.csv",
            "\u{1}",
        ][..],
    )
}

/// Whatever comes, what is made is a site file that passes, the same each time.
fn holds(format: Format, sources: &[Source]) {
    let made = imported(format, sources);
    let document = parse(&made.text).unwrap();
    let errors: Vec<_> = check(&document, &catalogue())
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", made.text);
    assert_eq!(made.phones, document.phones.len());
    assert_eq!(made.text, imported(format, sources).text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_words_make_a_site_that_passes(
        files in prop::collection::vec((name(), garbage()), 0..3),
    ) {
        let sources: Vec<Source> = files.iter().map(|(name, text)| source(name, text)).collect();
        for format in Format::ALL {
            holds(format, &sources);
        }
    }

    #[test]
    fn any_bytes_make_a_site_that_passes(name in name(), bytes: Vec<u8>) {
        let sources = [Source::text_file(name.to_owned(), bytes)];
        for format in Format::ALL {
            holds(format, &sources);
        }
    }
}
