//! Phones that are well, and of whom a rule must not say otherwise.

use super::*;
use crate::journal::samples::{self, moment};
use crate::journal::trail::{Mark, Trail};
use crate::ports::Sign;

/// A mark, so many seconds ago, from the phone itself.
type Noted<'a> = (Mark, i64, &'a str);

fn note(trail: &mut Trail, noted: &[Noted<'_>]) {
    for (mark, ago, detail) in noted {
        trail.note(*mark, moment(NOW - ago), Some(peer()), detail);
    }
}

fn rules(evidence: &Evidence, noted: &[Noted<'_>]) -> Vec<Rule> {
    let mut evidence = evidence.clone();
    note(&mut evidence.trail, noted);
    let diagnosis = diagnose(&evidence);
    diagnosis.findings.iter().map(|one| one.rule).collect()
}

/// Registered since yesterday.
fn at_work() -> Evidence {
    let mut evidence = right();
    evidence.registration.as_mut().unwrap().since = at(NOW - 86_400);
    evidence
}

fn absent() -> Evidence {
    gone(right())
}

const BOOTED: Noted<'_> = (Mark::Registered, 700, "Last=Initialized");

#[test]
fn an_order_does_not_make_its_file_another_servers() {
    let mut evidence = right();
    evidence.up_since = at(NOW - 9_000);
    assert_eq!(rules(&evidence, &[BOOTED]), [Rule::FileNotFromHere]);
    let boot = (Mark::FileSent, 705, "SEP001122334455.cnf.xml");
    assert_eq!(rules(&evidence, &[boot, BOOTED]), []);
    let order = (Mark::Ordered, 60, "restart");
    assert_eq!(rules(&evidence, &[boot, BOOTED, order]), []);
    let own = (Mark::Sign(Sign::BootFileAsked), 705, "192.0.2.1");
    assert_eq!(rules(&evidence, &[own, BOOTED]), []);
    // The second port of an adapter has the file of the first.
    let mut second = evidence.clone();
    second.device = DeviceName::new("ATA112233445501").unwrap();
    assert_eq!(rules(&second, &[BOOTED]), []);
    let signed = (Mark::Sign(Sign::SignedSent), 705, "x.sgn");
    assert_eq!(rules(&evidence, &[signed, BOOTED, order]), []);
}

#[test]
fn a_file_that_was_taken_on_the_second_question_was_heard() {
    let unheard = (Mark::Sign(Sign::NotAcknowledged), 2, "x.cnf.xml");
    let taken = |ago| (Mark::FileDelivered, ago, "");
    assert_eq!(rules(&absent(), &[unheard]), [Rule::AnswerNotHeard]);
    assert_eq!(rules(&absent(), &[taken(32), unheard]), []);
    assert_eq!(rules(&absent(), &[unheard, taken(1)]), []);
    let before = [taken(300), unheard];
    assert_eq!(rules(&absent(), &before), [Rule::AnswerNotHeard]);
    assert_eq!(rules(&at_work(), &[unheard]), []);
}

#[test]
fn signed_files_that_a_phone_takes_are_no_trap() {
    let sent = |ago| (Mark::Sign(Sign::SignedSent), ago, "x.cnf.xml.sgn");
    let mut noted = Vec::new();
    for login in [260, 180, 100, 20] {
        noted.push((Mark::Ordered, login, "restart"));
        noted.push(sent(login - 8));
        noted.push((Mark::Registered, login - 15, ""));
    }
    noted.pop();
    assert_eq!(rules(&absent(), &noted), [], "alice comes and goes");

    // Counted of its address, before that had a name.
    let mut evidence = absent();
    let mut address = Trail::default();
    note(&mut address, &[sent(100), sent(80)]);
    note(&mut evidence.trail, &[(Mark::Registered, 60, "")]);
    note(&mut address, &[sent(50)]);
    evidence.trail.adopt(address);
    assert_eq!(rules(&evidence, &[]), []);

    let missing = (Mark::Sign(Sign::SignedMissing), 20, "x.cnf.xml.enc.sgn");
    assert_eq!(rules(&absent(), &[missing]), [Rule::SignedFilesOnly]);
    assert_eq!(rules(&absent(), &[missing, sent(20)]), []);
}

/// On a bench of virtual phones a file and the next are of one millisecond.
#[test]
fn what_came_after_is_told_by_its_turn_and_not_by_the_clock() {
    let sent = (Mark::FileSent, 5, "SEP001122334455.cnf.xml");
    let refused = (Mark::FileDenied, 5, "busy: it cannot be made");
    let registered = (Mark::Registered, 5, "");
    let found = [Rule::FileNotGiven];
    assert_eq!(rules(&absent(), &[sent, refused]), found);
    assert_eq!(rules(&absent(), &[refused, sent]), []);
    assert_eq!(rules(&absent(), &[registered, refused]), found);
    assert_eq!(rules(&absent(), &[refused, registered]), []);
    // The clock was set back in between.
    let later = (Mark::FileSent, 65, "SEP001122334455.cnf.xml");
    assert_eq!(rules(&absent(), &[refused, later]), []);
}

#[test]
fn lists_over_two_ways_are_one_boot() {
    let asked = Mark::Sign(Sign::TrustListAsked);
    let boots = |times: i64, apart: i64| {
        let lists = ["ctlsep.tlv", "itlsep.tlv", "itlfile.tlv"];
        let boot = |number: i64| {
            let over_both = lists.into_iter().flat_map(|list| [list, list]);
            over_both.map(move |list| (asked, 5 + number * apart, list))
        };
        let noted: Vec<_> = (0..times).rev().flat_map(boot).collect();
        rules(&absent(), &noted)
    };
    assert_eq!(boots(1, 0), [], "three over HTTP, three over TFTP");
    assert_eq!(boots(2, 20), [], "somebody pulled its plug");
    assert_eq!(boots(2, 40), [Rule::TrustListLoop]);
    let same =
        |apart: i64| [5, 4, 3, 2, 1, 0].map(|number| (asked, 5 + number * apart, "ctlsep.tlv"));
    assert_eq!(rules(&absent(), &same(6)), [Rule::TrustListLoop]);
    assert_eq!(rules(&absent(), &same(5)), [], "not for long yet");
}

#[test]
fn another_host_does_not_make_a_registered_phone_unwell() {
    let expected = [
        (Mark::WrongSecret, Rule::WrongSecret),
        (Mark::NamesDiffer, Rule::NamesDiffer),
        (Mark::Refused, Rule::Refused),
    ];
    for (mark, rule) in expected {
        let mut evidence = at_work();
        for ago in [9, 5] {
            evidence
                .trail
                .note(mark, moment(NOW - ago), Some(rival()), "No");
        }
        let diagnosis = diagnose(&evidence);
        assert_eq!(diagnosis.verdict, Verdict::Right, "{rule:?}");
        let [finding] = &diagnosis.findings[..] else {
            panic!("{:?}", diagnosis.findings);
        };
        assert_eq!((finding.rule, finding.gravity), (rule, Gravity::Hint));
        for address in ["192.0.2.8", "192.0.2.7"] {
            assert!(finding.seen.contains(address), "{}", finding.seen);
        }
        let own = [(mark, 9, "No"), (mark, 5, "No")];
        assert_eq!(rules(&at_work(), &own), [rule]);
        let mut evidence = at_work();
        note(&mut evidence.trail, &own);
        assert_eq!(diagnose(&evidence).findings[0].gravity, Gravity::Stops);
    }
}

#[test]
fn who_stays_registered_does_not_boot() {
    let fetched = [250, 190, 130, 70].map(|ago| (Mark::FileSent, ago, "x.cnf.xml"));
    assert_eq!(rules(&at_work(), &fetched), [], "by curl");
    let mut back = right();
    back.registration.as_mut().unwrap().since = at(NOW - 60);
    assert_eq!(rules(&back, &fetched), [Rule::BootLoop]);
    let by = |somebody| {
        let mut booted = right();
        booted.registration.as_mut().unwrap().since = at(NOW - 240);
        let trail = &mut booted.trail;
        trail.note(Mark::FileSent, moment(NOW - 250), Some(peer()), "x.cnf.xml");
        for ago in [190, 130, 70] {
            trail.note(
                Mark::FileSent,
                moment(NOW - ago),
                Some(somebody),
                "x.cnf.xml",
            );
        }
        rules(&booted, &[])
    };
    assert_eq!(by(rival()), [], "it booted once, the rest is another's");
    assert_eq!(by(peer()), [Rule::BootLoop]);
}

#[test]
fn what_a_registered_phone_did_passes() {
    let cases = [
        (Sign::PageElsewhere, Rule::PageElsewhere),
        (Sign::ClockOff, Rule::ClockOff),
        (Sign::BlankInName, Rule::BlankInName),
        (Sign::LocaleMissing, Rule::LocaleMissing),
        (Sign::LoadMissing, Rule::LoadMissing),
        (Sign::TurnedAway, Rule::TransferTurnedAway),
        (Sign::NotSccp, Rule::NotSccp),
    ];
    for (sign, rule) in cases {
        let seen = |ago| {
            [
                (Mark::Sign(sign), ago + 9, "x"),
                (Mark::Sign(sign), ago, "x"),
            ]
        };
        assert_eq!(rules(&at_work(), &seen(1_700)), [rule]);
        assert_eq!(rules(&at_work(), &seen(1_801)), [], "{rule:?}");
    }
    for sign in [Sign::PageElsewhere, Sign::ClockOff] {
        let seen = [(Mark::Sign(sign), 1_801, "x")];
        assert_eq!(rules(&absent(), &seen), [], "not of one that left either");
    }
    let aborted = (Mark::Sign(Sign::TurnedAway), 60, "a-ring.raw: 0");
    assert_eq!(rules(&at_work(), &[aborted]), [], "a ring, once");
    assert_eq!(rules(&absent(), &[aborted]), [Rule::TransferTurnedAway]);
}

#[test]
fn who_tries_a_port_is_no_phone_in_trouble() {
    let monitor = |ago| {
        let mut trail = Trail::default();
        for visit in 0..4 {
            let mark = Mark::Sign(Sign::NoSccpRegister);
            note(&mut trail, &[(mark, ago + 90 - visit * 30, "it closed")]);
            note(&mut trail, &[(Mark::Sign(Sign::NotSccp), ago, "0x47")]);
        }
        diagnose_stranger(samples::rival().ip(), &trail, at(NOW))
    };
    let found: Vec<_> = monitor(5)
        .iter()
        .map(|one| (one.rule, one.gravity))
        .collect();
    let hints = [Rule::NotSccp, Rule::ConnectsAndLeaves].map(|rule| (rule, Gravity::Hint));
    assert_eq!(found, hints);
    assert_eq!(monitor(1_801), [], "it is gone");
}
