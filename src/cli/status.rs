//! `embody status`.

use std::fmt::Write as _; // writing to a String cannot fail
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::client::Client;
use super::login::word;
use super::{Daemon, Outcome};
use crate::ports::TurnedAway;

/// What `status` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print the whole as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let status = Client::find(&arguments.daemon)?.get("/status").await?;
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&status).unwrap_or_default()
        );
    } else {
        print!("{}", draw(&status));
    }
    Ok(ExitCode::SUCCESS)
}

/// The status as a table for people.
fn draw(status: &Value) -> String {
    let mut out = format!(
        "embody {}: {} phones configured, {} registered, {} signed in, {} changing\n",
        word(&status["version"]),
        status["configured"],
        status["registered"],
        status["sessions"],
        status["pending"],
    );
    let rows: Vec<[String; 6]> = list(&status["phones"]).map(row).collect();
    if !rows.is_empty() {
        let head = ["PHONE", "MODEL", "PROTOCOL", "ADDRESS", "USER", "STATE"].map(str::to_owned);
        out.push('\n');
        out.push_str(&table(&head, &rows));
    }
    if let Some(waiting) = status["awaiting_approval"]
        .as_u64()
        .filter(|count| *count > 0)
    {
        let _ = write!(
            out,
            "\nRegistered by themselves and not approved yet: {waiting}. See embody waiting.\n"
        );
    }
    for unknown in list(&status["unknown_phones"]) {
        let _ = write!(
            out,
            "\nUnknown phone {} from {} (type {}, load {}, {}), seen {} times{}. To take it in:\n{}\n",
            word(&unknown["device"]),
            word(&unknown["peer"]),
            unknown["type_id"],
            word(&unknown["load"]),
            word(&unknown["protocol"]),
            unknown["count"],
            turned_away(&unknown["turned_away"]),
            word(&unknown["block"]),
        );
    }
    let directory = &status["directory"];
    if let Some(why) = directory["outage"]["why"].as_str() {
        let millis = |value: &Value| value.as_i64().unwrap_or_default();
        let seconds = (millis(&status["now"]) - millis(&directory["outage"]["since"])) / 1000;
        let _ = write!(
            out,
            "\nThe directory {} cannot be asked, for {seconds} s now: {why}\n",
            word(&directory["url"]),
        );
    }
    for notice in list(&status["notices"]) {
        let _ = write!(out, "\nNote: {}\n", word(notice));
    }
    out
}

/// Why a phone could not register by itself, where phones may.
fn turned_away(why: &Value) -> String {
    let why: Option<TurnedAway> = serde_json::from_value(why.clone()).ok();
    why.map_or_else(String::new, |why| format!("; {}", why.why()))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn row(phone: &Value) -> [String; 6] {
    let state = &phone["state"];
    let state = match word(&state["is"]) {
        "changing" => format!(
            "{}{}{}",
            if state["overdue"] == true {
                "overdue: "
            } else {
                "changing: "
            },
            word(&state["plan"]),
            if state["waits_for_handset"] == true {
                ", waits for the handset to be put back"
            } else {
                ""
            },
        ),
        "refuses" => format!("refuses: {}", word(&state["why"])),
        "right" if phone["peer"].is_null() => "away, with what it should hold".to_owned(),
        "right" => "right".to_owned(),
        "stale" => "stale (takes the new file at its next boot)".to_owned(),
        "not-served" => "model not in the catalogue".to_owned(),
        other => other.to_owned(),
    };
    [
        word(&phone["device"]).to_owned(),
        word(&phone["model"]).to_owned(),
        word(&phone["protocol"]).to_owned(),
        phone["peer"]
            .as_str()
            .unwrap_or("not registered")
            .to_owned(),
        user(&phone["session"]),
        state,
    ]
}

/// Who is signed in, and until when by which rule.
fn user(session: &Value) -> String {
    let user = word(&session["user"]);
    let ends = &session["ends"];
    let Some(at) = ends["at"].as_i64() else {
        return user.to_owned();
    };
    let why = match word(&ends["why"]) {
        "time-of-day" => "time of day",
        "idle" => "if nobody uses the phone",
        _ => "login time",
    };
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    let there = at.to_zoned(jiff::tz::TimeZone::system());
    format!("{user} until {} ({why})", there.strftime("%a %H:%M"))
}

/// Rows under a head, in columns.
pub(super) fn table<const N: usize>(head: &[String; N], rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in std::iter::once(head).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for row in std::iter::once(head).chain(rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_end_of_a_session_is_told_with_its_rule() {
        let until = |why: &str| {
            let ends = json!({ "at": 1_782_915_000_000_i64, "why": why });
            user(&json!({ "user": "alice", "ends": ends }))
        };
        for (why, told) in [
            ("expired", "(login time)"),
            ("time-of-day", "(time of day)"),
            ("idle", "(if nobody uses the phone)"),
        ] {
            let text = until(why);
            assert!(
                text.starts_with("alice until ") && text.ends_with(told),
                "{text}"
            );
        }
        assert_eq!(user(&json!({ "user": "bob" })), "bob", "without end");
    }

    #[test]
    fn a_login_that_waits_for_the_handset_says_so() {
        let state = json!({
            "is": "changing",
            "plan": "restart",
            "overdue": false,
            "waits_for_handset": true,
        });
        let [.., told] = row(&json!({ "state": state }));
        assert_eq!(
            told,
            "changing: restart, waits for the handset to be put back"
        );
    }
}
