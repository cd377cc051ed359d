//! A diagnosis as text for a terminal.

use jiff::tz::TimeZone;

use super::describe::clause;
use super::diagnosis::{Diagnosis, Finding, Gravity};
use super::words::add;
use crate::model::Timestamp;
use crate::ports::Event;

/// Events shown below the diagnosis.
const EVENTS: usize = 12;

/// What `embody why` prints, times in the zone of this host.
pub fn render_why(diagnosis: &Diagnosis, timeline: &[Event]) -> String {
    render_why_in(diagnosis, timeline, &TimeZone::system())
}

/// The same with times in `zone`; `timeline` is the phone's, oldest first.
pub fn render_why_in(diagnosis: &Diagnosis, timeline: &[Event], zone: &TimeZone) -> String {
    let mut text = format!("{}\n\n", diagnosis.summary);
    let verdict = diagnosis.verdict.to_string();
    // Told with the finding, if it is one's.
    let told = |what: &&str| {
        let mut findings = diagnosis.findings.iter();
        !findings.any(|finding| finding.remedy == *what)
    };
    let rows = [
        ("Verdict", Some(verdict.as_str())),
        ("Holds", Some(diagnosis.holds.as_str())),
        ("Should hold", Some(diagnosis.should_hold.as_str())),
        ("Waits for", Some(diagnosis.waits_for.as_str())),
        ("What to do", diagnosis.what_to_do.as_deref().filter(told)),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            add(&mut text, format_args!("  {name:<12} {value}\n"));
        }
    }
    text += &render_findings(&diagnosis.findings);
    let shown = timeline
        .get(timeline.len().saturating_sub(EVENTS)..)
        .unwrap_or_default();
    if shown.is_empty() {
        text += "\nNothing happened to it that Embody remembers.\n";
        return text;
    }
    text += "\nWhat happened last:\n";
    for event in shown {
        add(
            &mut text,
            format_args!("  {}  {}\n", moment(event.at, zone), clause(&event.kind)),
        );
    }
    text
}

/// The findings as text, numbered when there are several; nothing without any.
pub fn render_findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for (number, finding) in (1..).zip(findings) {
        let head = match (finding.gravity, findings.len()) {
            (Gravity::Hint, 1) => "A hint".to_owned(),
            (_, 1) => "What is wrong".to_owned(),
            (Gravity::Hint, _) => format!("{number}. A hint"),
            _ => format!("{number}. What is wrong"),
        };
        add(&mut text, format_args!("\n{head}:\n"));
        for (name, value) in [
            ("Seen", &finding.seen),
            ("Means", &finding.means),
            ("Do", &finding.remedy),
        ] {
            add(&mut text, format_args!("  {name:<12} {value}\n"));
        }
    }
    text
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| "at no known time   ".to_owned(),
        |at| {
            at.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::samples::{event, note};
    use crate::journal::{Rule, Verdict};
    use crate::ports::EventKind;

    fn diagnosis() -> Diagnosis {
        Diagnosis {
            verdict: Verdict::Stale,
            summary: "It is so.".into(),
            holds: "This.".into(),
            should_hold: "That.".into(),
            waits_for: "Its boot.".into(),
            what_to_do: Some("Restart it.".into()),
            findings: Vec::new(),
        }
    }

    #[test]
    fn the_answer_stands_first_and_the_story_last() {
        let timeline = [note(0, "one"), event(75, EventKind::Converged)];
        insta::assert_snapshot!(render_why_in(&diagnosis(), &timeline, &TimeZone::UTC), @r"
        It is so.

          Verdict      stale
          Holds        This.
          Should hold  That.
          Waits for    Its boot.
          What to do   Restart it.

        What happened last:
          2026-05-28 20:26:40  one
          2026-05-28 20:27:55  holds what it should
        ");
    }

    #[test]
    fn the_last_twelve_events_are_enough() {
        let timeline: Vec<_> = (0..50).map(|s| note(s, &format!("note {s};"))).collect();
        let text = render_why_in(&diagnosis(), &timeline, &TimeZone::UTC);
        assert_eq!(text.matches("note").count(), EVENTS);
        assert!(text.contains("note 49;") && !text.contains("note 37;"));
    }

    #[test]
    fn findings_stand_below_in_three_parts() {
        let finding = |rule, gravity| Finding {
            rule,
            gravity,
            seen: "It asked.".into(),
            means: "It has none.".into(),
            remedy: "Restart it.".into(),
        };
        let mut found = diagnosis();
        found.findings = vec![finding(Rule::NoFirmware, Gravity::Stops)];
        insta::assert_snapshot!(render_why_in(&found, &[], &TimeZone::UTC), @r"
        It is so.

          Verdict      stale
          Holds        This.
          Should hold  That.
          Waits for    Its boot.

        What is wrong:
          Seen         It asked.
          Means        It has none.
          Do           Restart it.

        Nothing happened to it that Embody remembers.
        ");
        found
            .findings
            .push(finding(Rule::LocaleMissing, Gravity::Hint));
        let text = render_why_in(&found, &[], &TimeZone::UTC);
        assert!(text.contains("\n1. What is wrong:\n") && text.contains("\n2. A hint:\n"));
    }

    #[test]
    fn nothing_to_do_and_nothing_known_are_said_so() {
        let bare = Diagnosis {
            what_to_do: None,
            ..diagnosis()
        };
        let text = render_why_in(&bare, &[], &TimeZone::UTC);
        assert!(!text.contains("What to do"));
        assert!(text.ends_with("Nothing happened to it that Embody remembers.\n"));
    }

    #[test]
    fn times_outside_the_calendar_are_no_panic() {
        let odd = Event {
            at: Timestamp(i64::MAX),
            ..note(0, "x")
        };
        assert!(render_why_in(&diagnosis(), &[odd], &TimeZone::UTC).contains("no known time"));
    }
}
