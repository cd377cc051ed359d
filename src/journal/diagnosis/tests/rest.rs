//! The phone is at rest, or is not what it seems.

use super::*;
use crate::journal::samples;
use crate::journal::trail::Mark;
use crate::model::AutoRegistered;
use crate::ports::TurnedAway;

#[test]
fn a_phone_that_is_right() {
    let mut evidence = right();
    evidence.last_delivery = Some(Delivery {
        peer: "192.0.2.7".parse().unwrap(),
        file: evidence.wanted.as_ref().unwrap().stamps.file,
        at: at(NOW - 710),
    });
    let diagnosis = says(
        &evidence,
        Verdict::Right,
        "SEP001122334455 is registered (SCCP, 192.0.2.7) and shows what it should: signed in as \
         alice, file f11e0000, for 11 min.",
    );
    assert_eq!(
        diagnosis.holds,
        "Registered over SCCP from 192.0.2.7 (for 11 min, load SCCP41.9-4-2SR3-1S). It holds file \
         f11e0000 and station 57a70000, seen 11 min ago. Its file f11e0000 went out 11 min ago to \
         192.0.2.7."
    );
    assert_eq!(
        diagnosis.should_hold,
        "Cisco 7961 over SCCP, signed in as alice (since 12 min ago, until 2 h from now): lines \
         2001, 2002; file f11e0000, station 57a70000."
    );
    assert_eq!(diagnosis.waits_for, "Nothing.");
    assert_eq!(diagnosis.what_to_do, None);
}

#[test]
fn a_sip_phone_has_its_keys_in_its_file() {
    let mut evidence = right_over(Protocol::Sip);
    evidence.held.as_mut().unwrap().station = None;
    let diagnosis = says(
        &evidence,
        Verdict::Right,
        "SEP001122334455 is registered (SIP, 192.0.2.7) and shows what it should: signed in as \
         alice, file f11e0000, for 11 min.",
    );
    assert!(!diagnosis.holds.contains("station"), "{}", diagnosis.holds);
}

#[test]
fn a_phone_that_nobody_configured() {
    let nowhere = Evidence::stored(&World::default(), &catalogue(), &device(), at(NOW));
    let diagnosis = says(
        &nowhere,
        Verdict::Unknown,
        "SEP001122334455 is not configured, and nothing was heard of it.",
    );
    assert_eq!(diagnosis.should_hold, "Nothing: it is not configured.");

    let mut heard = nowhere;
    heard.timeline = vec![stranger(NOW - 12, Some(device()))];
    let diagnosis = says(
        &heard,
        Verdict::Unknown,
        "SEP001122334455 is not configured; it tried to register over SCCP from 192.0.2.7 12 s ago.",
    );
    assert!(diagnosis.what_to_do.unwrap().contains("[[phone]]"));
}

#[test]
fn a_phone_that_may_not_register_by_itself() {
    let mut evidence = Evidence::stored(&World::default(), &catalogue(), &device(), at(NOW));
    for (why, remedy) in [
        (TurnedAway::NoNumber, "ending_directory_number"),
        (TurnedAway::ModelUnknown, "catalogue.toml"),
        (TurnedAway::Refused, "embody approve SEP001122334455"),
        (TurnedAway::NotBootedHere, "Restart it"),
        (TurnedAway::TooMany, "comes again by itself"),
        (TurnedAway::Busy, "the log"),
    ] {
        let mut event = stranger(NOW - 12, Some(device()));
        if let EventKind::UnknownPhone { turned_away, .. } = &mut event.kind {
            *turned_away = Some(why);
        }
        evidence.timeline = vec![event];
        let diagnosis = says(
            &evidence,
            Verdict::Unknown,
            &format!(
                "SEP001122334455 is not configured and was turned away: {}; it tried to register \
                 over SCCP as type 30018 from 192.0.2.7 12 s ago.",
                why.why()
            ),
        );
        let told = diagnosis.what_to_do.unwrap();
        assert!(told.contains(remedy), "{told}");
        assert_eq!(diagnosis.findings[0].rule, Rule::TurnedAway);
    }
}

#[test]
fn a_phone_that_waits_for_approval_is_right_and_says_so() {
    let mut evidence = right();
    let mut phone = (*evidence.phone.take().unwrap()).clone();
    phone.auto_registered = Some(AutoRegistered {
        since: at(NOW - 720),
        address: [192, 0, 2, 7].into(),
        load: None,
        first_file: None,
        approved: false,
    });
    evidence.phone = Some(phone.clone().into());
    let diagnosis = diagnose(&evidence);
    assert_eq!(diagnosis.verdict, Verdict::Right);
    let [finding] = &diagnosis.findings[..] else {
        panic!("{:?}", diagnosis.findings);
    };
    assert_eq!(
        (finding.rule, finding.gravity),
        (Rule::AwaitsApproval, Gravity::Hint)
    );
    assert!(
        finding.seen.contains("12 min ago from 192.0.2.7"),
        "{finding:?}"
    );
    assert!(
        finding.remedy.contains("embody approve SEP001122334455"),
        "{finding:?}"
    );
    if let Some(auto) = &mut phone.auto_registered {
        auto.approved = true;
    }
    evidence.phone = Some(phone.into());
    assert_eq!(diagnose(&evidence).findings, []);
}

#[test]
fn a_phone_of_an_unknown_model() {
    let mut evidence = right();
    evidence.wanted = None;
    evidence.model_title = None;
    let diagnosis = says(
        &evidence,
        Verdict::Unknown,
        "SEP001122334455 is configured as model 7961, which the catalogue does not know, so no \
         file can be made for it.",
    );
    assert_eq!(
        diagnosis.should_hold,
        "Nothing can be said: the catalogue has no model 7961."
    );
    let [finding] = &diagnosis.findings[..] else {
        panic!("{:?}", diagnosis.findings);
    };
    assert_eq!(
        (finding.rule, finding.gravity),
        (Rule::ModelUnknown, Gravity::Stops)
    );
    assert_eq!(finding.seen, diagnosis.summary);
    assert!(finding.remedy.contains("[[phone]]"), "{finding:?}");
    assert_eq!(
        diagnose(&right()).findings,
        [],
        "with its model all is well"
    );
}

#[test]
fn a_stale_phone() {
    let mut evidence = right();
    evidence.held.as_mut().unwrap().file = Some(old_file());
    let diagnosis = says(
        &evidence,
        Verdict::Stale,
        "SEP001122334455 is registered (SCCP, 192.0.2.7), but holds file 01d00000 from before a \
         template, a load or Embody itself changed; its configuration did not.",
    );
    assert!(diagnosis.what_to_do.unwrap().contains("--stale"));

    let mut evidence = right();
    evidence.held.as_mut().unwrap().station = Some(old_file());
    let summary = diagnose(&evidence).summary;
    assert!(
        summary.contains("holds keys and labels from before"),
        "{summary}"
    );
}

#[test]
fn a_phone_that_does_not_show_what_it_holds() {
    let mut evidence = right();
    evidence.held.as_mut().unwrap().file = None;
    let diagnosis = says(
        &evidence,
        Verdict::Unknown,
        "SEP001122334455 is registered (SCCP, 192.0.2.7), but it does not show what it holds. \
         Nothing changed for it, so it is left in peace.",
    );
    assert!(
        diagnosis
            .holds
            .contains("an unknown file and station 57a70000")
    );

    let events = [(700, registered()), (5, file("sent", Some(old_file())))];
    says(
        &with(evidence, &events),
        Verdict::Unknown,
        "SEP001122334455 is registered (SCCP, 192.0.2.7), but it took its file 5 s ago and has \
         not registered anew since. Nothing changed for it, so it is left in peace.",
    );
}

#[test]
fn a_phone_configured_elsewhere() {
    let mut evidence = right_over(Protocol::Sip);
    evidence.registration.as_mut().unwrap().configured_elsewhere = true;
    let diagnosis = says(
        &evidence,
        Verdict::ConfiguredElsewhere,
        "SEP001122334455 is registered (SIP, 192.0.2.7), but with lines that are not from \
         Embody's file.",
    );
    assert!(diagnosis.what_to_do.unwrap().contains("option 150"));
}

#[test]
fn a_contested_name() {
    let contested = EventKind::Contested {
        holder: peer(),
        other: rival(),
    };
    let refused = |ago| {
        let mut evidence = with(right(), &[(ago, contested.clone())]);
        let at = samples::moment(NOW - ago);
        evidence.trail.note(Mark::NameInUse, at, Some(rival()), "");
        evidence
    };
    says(
        &refused(5),
        Verdict::Contested,
        "SEP001122334455 is claimed by two phones: the one at 192.0.2.7 stays registered, the one \
         at 192.0.2.8 was refused 5 s ago.",
    );
    assert_eq!(
        diagnose(&refused(500)).verdict,
        Verdict::Right,
        "it is over"
    );
    // The other tries on and on: the timeline has forgotten how it began.
    let mut evidence = refused(5);
    evidence.timeline.clear();
    assert_eq!(diagnose(&evidence).verdict, Verdict::Contested);
}

#[test]
fn a_file_that_went_elsewhere_is_mentioned() {
    let mut evidence = right();
    evidence.last_delivery = Some(Delivery {
        peer: "192.0.2.99".parse().unwrap(),
        file: old_file(),
        at: at(NOW - 3),
    });
    let holds = diagnose(&evidence).holds;
    assert!(
        holds.ends_with(
            "Its file 01d00000 went out 3 s ago to 192.0.2.99, which is not where it is \
             registered from."
        ),
        "{holds}"
    );
}

#[test]
fn surprises_are_told() {
    let mut evidence = right();
    let mut phone = (**evidence.phone.as_ref().unwrap()).clone();
    phone.protocol = Some(Protocol::Sip);
    phone.observed_protocol = Some(Protocol::Sccp);
    evidence.phone = Some(Arc::new(phone));
    let wanted = evidence.wanted.as_mut().unwrap();
    wanted.left_out = vec![LeftOut {
        kind: LeftOutKind::Line,
        number: DirectoryNumber::new("2003").unwrap(),
        reason: LeftOutReason::KeysTaken(6),
    }];
    let told = diagnose(&evidence).should_hold;
    assert!(
        told.contains(" Line 2003 has no key: all 6 are taken."),
        "{told}"
    );
    assert!(
        told.ends_with("but it showed that it speaks SCCP."),
        "{told}"
    );
}

#[test]
fn no_secret_of_the_phone_is_told() {
    let diagnosis = diagnose(&right_over(Protocol::Sip));
    assert!(!format!("{diagnosis:?}").contains("abcdefghijklmnopqrst"));
}

#[test]
fn a_diagnosis_travels_as_json() {
    let diagnosis = diagnose(&right());
    let json = serde_json::to_string(&diagnosis).unwrap();
    assert!(json.contains("\"verdict\":\"right\""));
    assert_eq!(serde_json::from_str::<Diagnosis>(&json).unwrap(), diagnosis);
}
