//! The rules, and how they stand beside the case.

use proptest::prelude::*;

use super::*;
use crate::journal::samples::moment;
use crate::journal::trail::{Mark, Trail};
use crate::ports::Sign;

/// Seen so often, the last time so long ago, so far from each other.
type Counted<'a> = (Mark, u32, i64, i64, &'a str);

fn trail(counted: &[Counted<'_>]) -> Trail {
    let mut trail = Trail::default();
    for (mark, times, last, apart, detail) in counted {
        for number in (0..i64::from(*times)).rev() {
            let second = NOW - last - number * apart;
            trail.note(*mark, moment(second), Some(peer()), detail);
        }
    }
    trail
}

fn found(mut evidence: Evidence, counted: &[Counted<'_>]) -> Vec<Rule> {
    evidence.trail = trail(counted);
    let diagnosis = diagnose(&evidence);
    diagnosis.findings.iter().map(|one| one.rule).collect()
}

fn sign(sign: Sign) -> Mark {
    Mark::Sign(sign)
}

/// An absent phone of which nothing else is known than these.
fn absent(counted: &[Counted<'_>]) -> Vec<Rule> {
    let mut evidence = gone(right());
    // It was heard of: else that is a finding.
    evidence.held.as_mut().unwrap().seen = at(NOW - 700);
    found(evidence, counted)
}

#[test]
fn signed_files_stop_a_phone_only_where_it_asks_for_no_other() {
    let signed = sign(Sign::SignedMissing);
    let asked = sign(Sign::BootFileAsked);
    let only = [Rule::SignedFilesOnly];
    assert_eq!(absent(&[(signed, 5, 5, 1, "x.sgn")]), only);
    assert_eq!(
        absent(&[(signed, 4, 5, 1, "x.sgn")]),
        [],
        "two names over two ways are one boot"
    );
    assert_eq!(absent(&[(signed, 1, 20, 1, "x.sgn")]), only);
    assert_eq!(absent(&[(signed, 1, 2, 1, "x.sgn")]), [], "it may go on");
    let goes_on = [(signed, 5, 5, 1, "x.sgn"), (asked, 1, 4, 1, "::1")];
    assert_eq!(absent(&goes_on), []);
    let sent = sign(Sign::SignedSent);
    assert_eq!(
        absent(&[(sent, 3, 5, 60, "x.sgn")]),
        only,
        "of no use to it"
    );
    assert_eq!(absent(&[(sent, 2, 5, 60, "x.sgn")]), []);
    assert_eq!(found(right(), &[(signed, 2, 800, 1, "x.sgn")]), []);
}

#[test]
fn a_registration_settles_what_was_before_it() {
    let before = [
        (sign(Sign::NoSccpRegister), 5, 20, 31, "it closed"),
        (Mark::WrongSecret, 5, 20, 31, "wrong"),
        (sign(Sign::TrustListAsked), 6, 20, 7, "ctl"),
        (Mark::Registered, 1, 10, 1, ""),
    ];
    assert_eq!(absent(&before), []);
    let after: Vec<Rule> = absent(&before[..3]);
    let expected = [
        Rule::TrustListLoop,
        Rule::WrongSecret,
        Rule::ConnectsAndLeaves,
    ];
    assert_eq!(after, expected, "several at once, in their order");
}

/// The first file that a 7940 or 7960 finds picks its protocol, and it may have
/// no such load.
#[test]
fn a_7960_that_takes_its_file_and_never_registers_may_have_the_other_load() {
    let boots = [(Mark::FileSent, 5, 10, 40, "SEP001122334455.cnf.xml")];
    let remedy = |model: &str, more: &[Counted<'_>]| {
        let mut evidence = gone(right());
        let mut phone = (**evidence.phone.as_ref().unwrap()).clone();
        phone.model = crate::model::ModelName::new(model).unwrap();
        evidence.phone = Some(std::sync::Arc::new(phone));
        evidence.trail = trail(&[&boots, more].concat());
        let found = diagnose(&evidence).findings;
        assert_eq!(found[0].rule, Rule::BootLoop);
        found[0].remedy.clone()
    };
    let told = remedy("7960", &[]);
    assert!(told.starts_with("Does it run a load of SIP?"), "{told}");
    assert!(told.contains("protocol = \"sip\""), "{told}");
    let registered = [(Mark::Registered, 1, 400, 1, "")];
    assert!(!remedy("7960", &registered).contains("protocol ="));
    assert!(!remedy("7961", &[]).contains("protocol ="));
}

#[test]
fn a_7960_that_asks_for_xml_alone_has_an_sccp_load() {
    let why = "not found: its boot file is that of a SIP load";
    let denied = |times| (Mark::FileDenied, times, 5, 30, why);
    assert_eq!(absent(&[denied(3)]), [Rule::WrongProtocol]);
    assert_eq!(absent(&[denied(1)]), [], "it may go on to its own");
    let sent = (Mark::FileSent, 1, 4, 1, "SIP001122334455.cnf");
    assert_eq!(absent(&[denied(3), sent]), []);
}

#[test]
fn loops_have_a_pace_and_an_end() {
    let boots = |times, last, apart| absent(&[(Mark::FileSent, times, last, apart, "f")]);
    let only = [Rule::BootLoop];
    assert_eq!(boots(4, 10, 60), only);
    assert_eq!(boots(3, 10, 60), [], "somebody tries something");
    assert_eq!(boots(4, 10, 250), [], "slowly");
    assert_eq!(boots(4, 400, 60), [], "it is over");
    let ends = |last| absent(&[(Mark::Left, 4, last, 31, "it broke")]);
    assert_eq!(ends(10), [Rule::RegistersAndLeaves]);
    assert_eq!(ends(400), []);
    let both = [
        (Mark::FileSent, 4, 10, 60, "f"),
        (Mark::Left, 4, 12, 60, "it broke"),
    ];
    assert_eq!(absent(&both), only, "one explains the other");
}

#[test]
fn a_registered_phone_with_trouble_is_not_right_and_a_hint_changes_nothing() {
    let mut evidence = right();
    evidence.trail = trail(&[(sign(Sign::LocaleMissing), 1, 20, 1, "german/mk-sip.jar")]);
    let hinted = diagnose(&evidence);
    assert_eq!(hinted.verdict, Verdict::Right);
    assert_eq!(hinted.findings[0].rule, Rule::LocaleMissing);
    assert!(hinted.findings[0].remedy.contains("`german`"));
    evidence.trail = trail(&[(sign(Sign::LoadMissing), 2, 20, 5, "x.loads")]);
    assert_eq!(diagnose(&evidence).verdict, Verdict::Troubled);
}

#[test]
fn what_is_wrong_with_an_absent_phone_is_what_to_do() {
    let mut evidence = gone(right());
    evidence.trail = trail(&[(
        sign(Sign::FactoryLoadMissing),
        2,
        5,
        30,
        "term41.default.loads",
    )]);
    let diagnosis = diagnose(&evidence);
    assert_eq!(diagnosis.verdict, Verdict::Away);
    assert!(
        diagnosis
            .what_to_do
            .unwrap()
            .contains("term41.default.loads")
    );
}

#[test]
fn cases_are_findings_too() {
    let mut unheard = gone(right());
    unheard.held = None;
    unheard.look_alikes = vec![DeviceName::new("SEP001122334456").unwrap()];
    let diagnosis = diagnose(&unheard);
    assert_eq!(diagnosis.findings[0].rule, Rule::NeverHeard);
    assert!(diagnosis.findings[0].remedy.contains("SEP001122334456"));

    let refuses = Progress::Refuses {
        at: at(NOW - 60),
        why: "it came back with file 01d00000".into(),
        put_off: false,
    };
    let evidence = changing(Protocol::Sccp, refuses);
    let diagnosis = diagnose(&evidence);
    assert_eq!(diagnosis.findings[0].rule, Rule::RestartNotObeyed);
    assert_eq!(diagnosis.verdict, Verdict::Refuses);

    let mut overdue = changing(Protocol::Sccp, ordered(10, true));
    overdue.pending.as_mut().unwrap().deadline = at(NOW - 1);
    let diagnosis = diagnose(&overdue);
    assert_eq!(diagnosis.findings[0].rule, Rule::OrderOverdue);
    assert_eq!(diagnosis.verdict, Verdict::Overdue);
}

#[test]
fn an_address_without_a_name_can_be_in_a_trap() {
    let address = peer().ip();
    let seen = trail(&[(
        sign(Sign::FactoryLoadMissing),
        3,
        5,
        30,
        "term06.default.loads",
    )]);
    let findings = diagnose_stranger(address, &seen, at(NOW));
    assert_eq!(findings.len(), 1);
    assert!(findings[0].seen.starts_with("a phone at 192.0.2.7 asked"));
    assert_eq!(diagnose_stranger(address, &Trail::default(), at(NOW)), []);
}

fn marks() -> impl Strategy<Value = Mark> {
    proptest::sample::select(vec![
        Mark::FileSent,
        Mark::FileDenied,
        Mark::FileDelivered,
        Mark::Registered,
        Mark::Left,
        Mark::WrongSecret,
        Mark::NamesDiffer,
        Mark::Refused,
        Mark::Sign(Sign::TrustListAsked),
        Mark::Sign(Sign::BootFileAsked),
        Mark::Sign(Sign::SignedMissing),
        Mark::Sign(Sign::SignedSent),
        Mark::Sign(Sign::LoadMissing),
        Mark::Sign(Sign::FactoryLoadMissing),
        Mark::Sign(Sign::FactoryLoadSent),
        Mark::Sign(Sign::TextFileMissing),
        Mark::Sign(Sign::OtherFormMissing),
        Mark::Sign(Sign::LocaleMissing),
        Mark::Sign(Sign::BlankInName),
        Mark::Sign(Sign::NotAcknowledged),
        Mark::Sign(Sign::TurnedAway),
        Mark::Sign(Sign::NoSccpRegister),
        Mark::Sign(Sign::NoSipRegister),
        Mark::Sign(Sign::NotSccp),
        Mark::Sign(Sign::NeverInService),
        Mark::Sign(Sign::SipOverUdp),
        Mark::Sign(Sign::PageElsewhere),
        Mark::Sign(Sign::FormShown),
        Mark::Sign(Sign::ClockOff),
    ])
}

proptest! {
    #[test]
    fn whatever_was_seen_is_told_in_sentences_the_gravest_first(
        seen in proptest::collection::vec((marks(), 0..9_000_i64, any::<String>()), 0..60),
        registered in any::<bool>(),
    ) {
        let mut evidence = if registered { right() } else { gone(right()) };
        for (mark, ago, detail) in &seen {
            evidence.trail.note(*mark, moment(NOW - ago), Some(peer()), detail);
        }
        let findings = diagnose(&evidence).findings;
        let order: Vec<_> = findings.iter().map(|one| (one.gravity, one.rule)).collect();
        prop_assert!(order.is_sorted());
        for one in &findings {
            for part in [&one.seen, &one.means, &one.remedy] {
                prop_assert!(part.len() > 10 && !part.chars().any(char::is_control), "{part:?}");
            }
        }
    }
}
