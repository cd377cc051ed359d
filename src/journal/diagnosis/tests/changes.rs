//! A change is on its way.

use super::*;

#[test]
fn a_login_whose_page_is_still_on_its_way() {
    let mut evidence = changing(Protocol::Sccp, Progress::Waiting);
    evidence.pending.as_mut().unwrap().not_before = at(NOW + 2);
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 is to restart because alice signed in; the order leaves in 2 s, once the \
         phone has its page.",
    );
}

#[test]
fn an_order_about_to_leave() {
    says(
        &changing(Protocol::Sccp, Progress::Waiting),
        Verdict::Waiting,
        "SEP001122334455 is to restart because alice signed in; the order is about to leave.",
    );
}

#[test]
fn a_call_is_not_cut_off() {
    let mut evidence = changing(Protocol::Sccp, Progress::Waiting);
    evidence.registration.as_mut().unwrap().in_call = true;
    let diagnosis = says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 is to restart because alice signed in; it is in a call, and calls are \
         not cut off.",
    );
    assert_eq!(diagnosis.waits_for, "The end of the call.");

    // A SIP phone defers the order itself.
    let mut evidence = changing(Protocol::Sip, ordered(90, true));
    evidence.registration.as_mut().unwrap().in_call = true;
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 accepted 1 min ago to restart because alice signed in; it is in a call \
         and obeys when that ends.",
    );
}

#[test]
fn an_order_sent_and_not_yet_accepted() {
    let evidence = changing(Protocol::Sip, ordered(4, false));
    let diagnosis = says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 was told to restart 4 s ago because alice signed in; it has not accepted \
         yet.",
    );
    assert_eq!(
        diagnosis.waits_for,
        "The phone to accept order 1 of at most 3."
    );

    let refused = EventKind::OrderRefused {
        why: "481 Call Leg Does Not Exist".into(),
    };
    let order = EventKind::Ordered {
        order: "restart".into(),
        attempt: 1,
    };
    says(
        &with(evidence, &[(4, order), (3, refused)]),
        Verdict::Waiting,
        "SEP001122334455 was told to restart 4 s ago because alice signed in; it did not take the \
         order: 481 Call Leg Does Not Exist.",
    );
}

#[test]
fn an_accepted_order() {
    says(
        &changing(Protocol::Sip, ordered(4, true)),
        Verdict::Waiting,
        "SEP001122334455 accepted 4 s ago to restart because alice signed in, and has not come \
         back yet.",
    );
    // SCCP: the phone has left.
    let evidence = gone(changing(Protocol::Sccp, ordered(30, true)));
    says(
        &with(evidence, &[(700, registered()), (28, left("it said so"))]),
        Verdict::Waiting,
        "SEP001122334455 is not registered; it was heard of last 28 s ago (it said so); it was \
         told to restart 30 s ago because alice signed in.",
    );
}

#[test]
fn a_change_that_is_overdue() {
    let mut evidence = changing(Protocol::Sip, ordered(10, true));
    evidence.pending.as_mut().unwrap().deadline = at(NOW - 1);
    evidence.pending.as_mut().unwrap().since = at(NOW - 301);
    let diagnosis = says(
        &evidence,
        Verdict::Overdue,
        "SEP001122334455 accepted 10 s ago to restart because alice signed in, and has not come \
         back yet. That is overdue: the change is 5 min old.",
    );
    assert!(
        diagnosis
            .what_to_do
            .unwrap()
            .contains("embody reset SEP001122334455")
    );

    evidence.registration.as_mut().unwrap().in_call = true;
    let diagnosis = diagnose(&evidence);
    assert_eq!(diagnosis.verdict, Verdict::Overdue);
    assert!(diagnosis.what_to_do.unwrap().contains("handset"));

    says(
        &with(
            gone(evidence),
            &[(400, registered()), (8, left("it said so"))],
        ),
        Verdict::Overdue,
        "SEP001122334455 is not registered; it was heard of last 8 s ago (it said so); it was told \
         to restart 10 s ago because alice signed in. That is overdue: the change is 5 min old.",
    );
}

#[test]
fn a_phone_that_came_back() {
    let back = |progress| {
        let mut evidence = changing(Protocol::Sccp, progress);
        evidence.registration.as_mut().unwrap().since = at(NOW - 2);
        evidence
    };
    let mut evidence = back(ordered(15, true));
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 came back 2 s ago (alice signed in) with file 01d00000, where file \
         f11e0000 is wanted.",
    );
    evidence.held.as_mut().unwrap().file = None;
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 came back 2 s ago (alice signed in), but does not show what it holds.",
    );
    evidence.held = right().held;
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 came back 2 s ago (alice signed in) as it should.",
    );
    evidence.pending.as_mut().unwrap().plan = Plan::RestartThenReset;
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 came back 2 s ago (alice signed in) from its restart; the reset follows.",
    );
    let row = evidence.pending.as_mut().unwrap();
    row.second_step = true;
    row.progress = Progress::Waiting;
    says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 is to reset because alice signed in; the restart before it is done, the \
         reset is about to leave.",
    );
}

#[test]
fn an_operators_restart() {
    let mut evidence = right();
    let mut row = pending(&evidence, Progress::Waiting);
    row.cause = Cause::Operator;
    row.aim = Aim::CameBack;
    row.not_before = at(NOW + 90);
    evidence.pending = Some(row);
    let diagnosis = says(
        &evidence,
        Verdict::Waiting,
        "SEP001122334455 is to restart because the operator ordered it; the order leaves in 1 min.",
    );
    assert!(diagnosis.waits_for.starts_with("Its turn"));
}

#[test]
fn a_phone_that_refuses() {
    let refuses = Progress::Refuses {
        at: at(NOW - 240),
        why: "it restarted and came back with the old file".into(),
        put_off: false,
    };
    let evidence = changing(Protocol::Sip, refuses);
    let diagnosis = says(
        &evidence,
        Verdict::Refuses,
        "SEP001122334455 did not take the change (alice signed in): it restarted and came back \
         with the old file, 4 min ago. Embody leaves it alone.",
    );
    assert_eq!(
        diagnosis.waits_for,
        "Another change, an operator's command, or a boot of its own."
    );
    let summary = diagnose(&gone(evidence)).summary;
    assert!(summary.contains("and is not registered"), "{summary}");
}
