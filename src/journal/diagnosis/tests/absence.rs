//! The phone is not there.

use super::*;

#[test]
fn a_phone_never_seen() {
    let mut evidence = gone(right());
    evidence.held = None;
    let diagnosis = says(
        &evidence,
        Verdict::Away,
        "SEP001122334455 is configured, but nothing was ever heard of it.",
    );
    assert_eq!(
        diagnosis.holds,
        "Not registered. What it holds is not known."
    );
    assert!(diagnosis.what_to_do.unwrap().contains("option 150"));
}

#[test]
fn a_phone_that_is_starting_and_one_that_does_not_arrive() {
    let new = Stamp::from_bits(0xf11_e000_0000_0001);
    let taken = |seconds_ago| {
        let events = [
            (700, registered()),
            (seconds_ago + 2, left("it said so")),
            (seconds_ago, file("sent", Some(new))),
        ];
        let mut evidence = with(gone(right()), &events);
        evidence.held = None;
        evidence
    };
    says(
        &taken(8),
        Verdict::Away,
        "SEP001122334455 took its file f11e0000 8 s ago and is starting.",
    );
    let diagnosis = says(
        &taken(180),
        Verdict::Away,
        "SEP001122334455 took its file f11e0000 3 min ago, but has not registered since.",
    );
    assert!(diagnosis.what_to_do.unwrap().contains("SCCP port"));
}

#[test]
fn a_phone_that_got_no_file() {
    let diagnosis = says(
        &with(
            gone(right()),
            &[(700, registered()), (12, file("not found", None))],
        ),
        Verdict::Away,
        "SEP001122334455 is not registered: it asked for SEP001122334455.cnf.xml 12 s ago, and \
         the answer was: not found.",
    );
    assert!(diagnosis.what_to_do.is_some());
    let diagnosis = says(
        &with(gone(right()), &[(12, file("busy", None))]),
        Verdict::Away,
        "SEP001122334455 is not registered: it asked for SEP001122334455.cnf.xml 12 s ago, when \
         Embody was busy or starting.",
    );
    assert_eq!(diagnosis.what_to_do, None, "it asks again by itself");
}

#[test]
fn optional_files_that_are_not_there_explain_nothing() {
    let optional = EventKind::File {
        name: "CTLSEP001122334455.tlv".into(),
        service: FileServiceName::Tftp,
        peer: peer(),
        outcome: "not found".into(),
        stamp: None,
    };
    says(
        &with(gone(right()), &[(700, registered()), (12, optional)]),
        Verdict::Away,
        "SEP001122334455 is not registered; it was heard of last 12 s ago.",
    );
}

#[test]
fn a_registration_that_was_refused() {
    let refused = EventKind::RegistrationRefused {
        protocol: Protocol::Sip,
        peer: peer(),
        why: "the digest does not fit".into(),
    };
    says(
        &with(gone(right()), &[(20, file("sent", None)), (12, refused)]),
        Verdict::Away,
        "SEP001122334455 is not registered: its registration over SIP from 192.0.2.7 was refused \
         12 s ago: the digest does not fit.",
    );
}

#[test]
fn a_phone_without_power_takes_the_change_when_it_boots() {
    let evidence = gone(changing(Protocol::Sccp, Progress::Waiting));
    let events = [
        (9_000, registered()),
        (7_200, left("the connection was lost")),
    ];
    let diagnosis = says(
        &with(evidence.clone(), &events),
        Verdict::Away,
        "SEP001122334455 is not registered; it was heard of last 11 min ago (the connection was \
         lost); it takes the change (alice signed in) at its next boot.",
    );
    assert!(diagnosis.waits_for.starts_with("The phone to boot"));

    let mut overnight = evidence;
    overnight.now = at(NOW + 40_000);
    assert_eq!(
        diagnose(&overnight).verdict,
        Verdict::Away,
        "it is not late"
    );
}
