//! `embody why`: of one phone all that is known, of all phones a line each.

use std::fmt::Write as _; // writing to a String cannot fail
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::client::Client;
use super::{Daemon, Outcome};

/// What `why` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The phone, for example SEP001122334455, or an IP address. Without it:
    /// every phone that is not right, and whoever else asks for something.
    phone: Option<String>,
    /// Print the whole as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    daemon: Daemon,
}

/// What a diagnosis comes to for a script, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Nothing is wrong; there may be hints.
    Right = 0,
    /// A change is on its way: nothing to do but to wait.
    OnItsWay = 4,
    /// Nobody configured it.
    NotConfigured = 5,
    /// Something is wrong.
    Wrong = 3,
}

impl Exit {
    fn of(answer: &Value) -> Self {
        let diagnosis = &answer["diagnosis"];
        let has =
            |name: &str, value: &str| findings(answer).any(|finding| word(&finding[name]) == value);
        if has("rule", "not-configured") {
            return Self::NotConfigured;
        }
        match word(&diagnosis["verdict"]) {
            "right" => Self::Right,
            "waiting" | "stale" => Self::OnItsWay,
            // An address that is no phone of ours.
            "" if has("gravity", "stops") || has("gravity", "disturbs") => Self::Wrong,
            "" => Self::NotConfigured,
            _ => Self::Wrong,
        }
    }

    /// The same of one of all: an address that is no phone of ours does not make
    /// a house wrong where all phones are right, and a hint about one nothing.
    fn in_the_list(entry: &Value) -> Self {
        let stranger = word(&entry["device"]).is_empty();
        let hint = |finding: &Value| word(&finding["gravity"]) == "hint";
        match Self::of(entry) {
            _ if stranger && findings(entry).all(hint) => Self::Right,
            Self::Wrong if stranger => Self::NotConfigured,
            exit => exit,
        }
    }

    fn grave(self) -> u8 {
        match self {
            Self::Right => 0,
            Self::OnItsWay => 1,
            Self::NotConfigured => 2,
            Self::Wrong => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let (answer, text, exit) = if let Some(phone) = &arguments.phone {
        let answer = client.get(&format!("/phones/{phone}/why")).await?;
        let text = word(&answer["text"]).to_owned();
        let exit = Exit::of(&answer);
        (answer, text, exit)
    } else {
        let answer = client.get("/why").await?;
        let (text, exit) = draw(&answer);
        (answer, text, exit)
    };
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&answer).unwrap_or_default()
        );
    } else {
        print!("{text}");
    }
    Ok(exit.into())
}

/// A text of an answer; empty where there is none.
pub(super) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The findings of a phone or of an address.
pub(super) fn findings(answer: &Value) -> impl Iterator<Item = &Value> {
    let of_phone = answer["diagnosis"]["findings"].as_array();
    of_phone
        .or(answer["findings"].as_array())
        .into_iter()
        .flatten()
}

/// Who a diagnosis is about: a phone, or an address.
pub(super) fn who(answer: &Value) -> &str {
    match word(&answer["device"]) {
        "" => word(&answer["address"]),
        device => device,
    }
}

/// The phones and addresses of the list of all.
pub(super) fn entries(answer: &Value) -> impl Iterator<Item = &Value> {
    ["phones", "strangers"]
        .into_iter()
        .filter_map(|name| answer[name].as_array())
        .flatten()
}

/// A line for each phone that is not right.
fn draw(answer: &Value) -> (String, Exit) {
    let mut text = String::new();
    let mut worst = Exit::Right;
    for entry in entries(answer) {
        let gravest = findings(entry).next();
        let verdict = word(&entry["diagnosis"]["verdict"]);
        let (verdict, said) = match gravest {
            Some(finding) => (
                if verdict.is_empty() {
                    "unknown"
                } else {
                    verdict
                },
                word(&finding["seen"]),
            ),
            None => (verdict, word(&entry["diagnosis"]["summary"])),
        };
        let more = match findings(entry).count() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let _ = writeln!(text, "{:<16} {verdict:<12} {said}{more}", who(entry));
        let exit = Exit::in_the_list(entry);
        if exit.grave() > worst.grave() {
            worst = exit;
        }
    }
    if entries(answer).all(|entry| word(&entry["device"]).is_empty()) {
        let all = format!("All {} phones are right.\n", answer["configured"]);
        text.insert_str(0, &all);
    }
    if entries(answer).next().is_some() {
        text.push_str("\n`embody why PHONE` says what each means, and what to do.\n");
    }
    (text, worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn phone(verdict: &str, findings: &Value) -> Value {
        json!({
            "device": "SEP001122334455",
            "diagnosis": {"verdict": verdict, "summary": "A summary.", "findings": findings},
        })
    }

    #[test]
    fn scripts_tell_states_apart() {
        let hint = json!([{"rule": "locale-missing", "gravity": "hint"}]);
        let stops = json!([{"rule": "no-firmware", "gravity": "stops"}]);
        for (answer, exit) in [
            (phone("right", &json!([])), Exit::Right),
            (phone("right", &hint), Exit::Right),
            (phone("waiting", &json!([])), Exit::OnItsWay),
            (phone("stale", &json!([])), Exit::OnItsWay),
            (phone("away", &stops), Exit::Wrong),
            (phone("troubled", &json!([])), Exit::Wrong),
            (
                phone("unknown", &json!([{"rule": "not-configured"}])),
                Exit::NotConfigured,
            ),
            (json!({"address": "::1", "findings": stops}), Exit::Wrong),
            (
                json!({"address": "::1", "findings": []}),
                Exit::NotConfigured,
            ),
        ] {
            assert_eq!(Exit::of(&answer), exit, "{answer}");
        }
    }

    #[test]
    fn the_list_has_a_line_a_phone_and_the_gravest_exit() {
        let (text, exit) = draw(&json!({"configured": 3, "phones": [], "strangers": []}));
        assert_eq!((&*text, exit), ("All 3 phones are right.\n", Exit::Right));
        let two = json!([{"rule": "no-firmware", "seen": "It has none."}, {"rule": "x"}]);
        let (text, exit) = draw(&json!({
            "phones": [phone("waiting", &json!([])), phone("away", &two)],
            "strangers": [],
        }));
        assert!(
            text.contains("SEP001122334455  waiting      A summary.\n"),
            "{text}"
        );
        assert!(
            text.contains("away         It has none. (and 1 more)\n"),
            "{text}"
        );
        assert_eq!(exit, Exit::Wrong);
    }

    #[test]
    fn addresses_that_are_no_phones_do_not_make_a_house_wrong() {
        let of = |gravity: &str| {
            let findings = json!([{"rule": "x", "gravity": gravity, "seen": "It came."}]);
            let stranger = json!({"address": "192.0.2.9", "findings": findings});
            draw(&json!({"configured": 3, "phones": [], "strangers": [stranger]}))
        };
        let (text, exit) = of("hint");
        assert_eq!(exit, Exit::Right, "a monitor of ports");
        assert!(
            text.starts_with("All 3 phones are right.\n192.0.2.9"),
            "{text}"
        );
        assert_eq!(of("stops").1, Exit::NotConfigured, "a phone of nobody");
        let hinted = phone("troubled", &json!([{"rule": "x", "gravity": "disturbs"}]));
        let mixed = json!({"phones": [hinted], "strangers": []});
        assert_eq!(draw(&mixed).1, Exit::Wrong);
    }
}
