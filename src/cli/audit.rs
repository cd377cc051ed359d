//! `embody audit`.

use std::fmt::Write as _; // writing to a String cannot fail
use std::process::ExitCode;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::client::Client;
use super::login::{segment, word};
use super::{Daemon, Outcome};

/// What `audit` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// About this phone alone.
    #[arg(long)]
    device: Option<String>,
    /// About this user alone.
    #[arg(long)]
    user: Option<String>,
    /// Only what was refused.
    #[arg(long)]
    refused: bool,
    /// How many lines, the newest.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Print the rows as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let mut path = format!("/audit?limit={}", arguments.limit);
    if let Some(device) = &arguments.device {
        let _ = write!(path, "&device={}", segment(device));
    }
    if let Some(user) = &arguments.user {
        let _ = write!(path, "&user={}", segment(user));
    }
    if arguments.refused {
        path.push_str("&refused=true");
    }
    let answer = Client::find(&arguments.daemon)?.get(&path).await?;
    let rows = answer["rows"].as_array().map_or(&[][..], Vec::as_slice);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(rows).unwrap_or_default());
    } else {
        // As one reads a story: the oldest first.
        for row in rows.iter().rev() {
            println!("{}", line(row, &TimeZone::system()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// When, who, what, by whose authority, and why it failed.
fn line(row: &Value, zone: &TimeZone) -> String {
    let at = row["at"]
        .as_i64()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let at = at.map_or_else(
        || "at no known time".to_owned(),
        |at| {
            at.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        },
    );
    let mut line = format!("{at}  {}  {}", word(&row["actor"]), word(&row["what"]));
    if let Some(authority) = row["authority"].as_str() {
        let _ = write!(line, " (by {authority})");
    }
    if let Some(failed) = row["failed"].as_str() {
        let _ = write!(line, ": REFUSED, {failed}");
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_reads_like_a_sentence() {
        let row = json!({
            "at": 1_780_000_000_000_i64, "actor": "SEP1",
            "what": "signed alice in on SEP1", "authority": "alice's own PIN", "failed": null,
        });
        assert_eq!(
            line(&row, &TimeZone::UTC),
            "2026-05-28 20:26:40  SEP1  signed alice in on SEP1 (by alice's own PIN)"
        );
        let row = json!({"at": i64::MAX, "actor": "emapp", "what": "x", "failed": "code 25: y"});
        assert_eq!(
            line(&row, &TimeZone::UTC),
            "at no known time  emapp  x: REFUSED, code 25: y"
        );
    }
}
