//! `embody waiting`, `approve`, `refuse` and `assign`: phones that registered
//! by themselves.

use std::fmt::Write as _; // writing to a String cannot fail
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::login::word;
use super::status::table;
use super::{Daemon, Outcome};

/// What `waiting` takes.
#[derive(Debug, Args)]
pub(super) struct WaitingArguments {
    /// Print the whole as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `approve` takes.
#[derive(Debug, Args)]
pub(super) struct ApproveArguments {
    /// The phones; one that was refused may register by itself again.
    #[arg(required_unless_present = "all")]
    phones: Vec<String>,
    /// All that wait.
    #[arg(long, conflicts_with_all = ["phones", "number", "description"])]
    all: bool,
    /// Another number than the one that it got; for one phone.
    #[arg(long)]
    number: Option<String>,
    /// What people call it; for one phone.
    #[arg(long)]
    description: Option<String>,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `refuse` takes.
#[derive(Debug, Args)]
pub(super) struct RefuseArguments {
    /// The phones.
    #[arg(required_unless_present = "all")]
    phones: Vec<String>,
    /// All that wait.
    #[arg(long, conflicts_with = "phones")]
    all: bool,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `assign` takes.
#[derive(Debug, Args)]
pub(super) struct AssignArguments {
    /// The configured phone that the handset shall be; not registered now.
    phone: String,
    /// The handset, which waits for approval.
    handset: String,
    #[command(flatten)]
    daemon: Daemon,
}

/// `embody waiting`.
pub(super) async fn waiting(arguments: &WaitingArguments) -> Outcome {
    let newcomers = Client::find(&arguments.daemon)?.get("/newcomers").await?;
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&newcomers).unwrap_or_default()
        );
    } else {
        print!("{}", draw(&newcomers));
    }
    Ok(ExitCode::SUCCESS)
}

fn draw(newcomers: &Value) -> String {
    let rows: Vec<[String; 7]> = list(&newcomers["waiting"]).map(row).collect();
    let mut out = String::new();
    if rows.is_empty() {
        out.push_str("No phone waits for approval.\n");
    } else {
        let head = [
            "PHONE", "MODEL", "PROTOCOL", "NUMBER", "LOAD", "ADDRESS", "SINCE",
        ];
        out.push_str(&table(&head.map(str::to_owned), &rows));
        out.push_str("\nembody approve PHONE takes one in, embody refuse PHONE turns it away.\n");
    }
    let refused: Vec<&str> = list(&newcomers["refused"]).map(word).collect();
    if !refused.is_empty() {
        let _ = writeln!(
            out,
            "\nRefused: {} (embody approve PHONE lets it come again)",
            refused.join(", ")
        );
    }
    let pool = match (
        newcomers["enabled"] == true,
        newcomers["next_number"].as_str(),
    ) {
        (false, _) => "Phones do not register by themselves here ([parameters.auto_registration] \
                       enabled = true in the site file changes that)."
            .to_owned(),
        (true, Some(number)) => format!("The next phone gets the number {number}."),
        (true, None) => "No number is left for the next phone: make ending_directory_number of \
                         auto_registration larger."
            .to_owned(),
    };
    let _ = writeln!(out, "\n{pool}");
    out
}

fn row(phone: &Value) -> [String; 7] {
    let since = phone["since"].as_i64().unwrap_or_default();
    let since = jiff::Timestamp::from_millisecond(since).unwrap_or_default();
    let since = since.to_zoned(jiff::tz::TimeZone::system());
    let here = if phone["registered"] == true {
        ""
    } else {
        " (away)"
    };
    [
        word(&phone["device"]).to_owned(),
        word(&phone["model"]).to_owned(),
        word(&phone["protocol"]).to_uppercase(),
        word(&phone["number"]).to_owned(),
        word(&phone["load"]).to_owned(),
        format!("{}{here}", word(&phone["address"])),
        since.strftime("%Y-%m-%d %H:%M").to_string(),
    ]
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `embody approve`.
pub(super) async fn approve(arguments: &ApproveArguments) -> Outcome {
    let one_only = arguments.number.is_some() || arguments.description.is_some();
    if one_only && arguments.phones.len() != 1 {
        return Err("--number and --description are for one phone".to_owned());
    }
    let mut body = Map::new();
    for (key, value) in [
        ("number", &arguments.number),
        ("description", &arguments.description),
    ] {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
    let client = Client::find(&arguments.daemon)?;
    let phones = meant(&client, arguments.all, &arguments.phones).await?;
    each(&client, &phones, "approve", &Value::Object(body)).await
}

/// `embody refuse`.
pub(super) async fn refuse(arguments: &RefuseArguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let phones = meant(&client, arguments.all, &arguments.phones).await?;
    each(&client, &phones, "refuse", &json!({})).await
}

/// `embody assign`.
pub(super) async fn assign(arguments: &AssignArguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let body = json!({"handset": arguments.handset});
    each(
        &client,
        std::slice::from_ref(&arguments.phone),
        "assign",
        &body,
    )
    .await
}

/// The phones that were named, or all that wait.
async fn meant(client: &Client, all: bool, named: &[String]) -> Result<Vec<String>, String> {
    if !all {
        return Ok(named.to_vec());
    }
    let newcomers = client.get("/newcomers").await?;
    let names = list(&newcomers["waiting"]).map(|phone| word(&phone["device"]).to_owned());
    Ok(names.collect())
}

/// The same for each phone; one that fails does not keep the others.
async fn each(client: &Client, phones: &[String], what: &str, body: &Value) -> Outcome {
    if phones.is_empty() {
        println!("No phone waits for approval.");
    }
    let mut failed = Vec::new();
    for phone in phones {
        match client.post(&format!("/phones/{phone}/{what}"), body).await {
            Ok(done) => {
                println!("{}", word(&done["done"]));
                for planned in list(&done["planned"]) {
                    println!("  {}: {}", word(&planned["device"]), word(&planned["plan"]));
                }
            }
            Err(why) => failed.push(why),
        }
    }
    if failed.is_empty() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(failed.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_told_with_what_is_known_of_him() {
        let text = draw(&json!({
            "enabled": true,
            "waiting": [{
                "device": "SEP001122334455", "model": "7961", "protocol": "sccp",
                "number": "2900", "load": "SCCP41.9-4-2SR3-1S", "address": "192.0.2.7",
                "registered": false, "since": 1_782_915_000_000_i64,
            }],
            "refused": ["SEPAABBCCDDEEFF"],
            "next_number": "2901",
        }));
        for told in [
            "SEP001122334455",
            "7961",
            "SCCP ",
            "2900",
            "SCCP41.9-4-2SR3-1S",
            "192.0.2.7 (away)",
            "Refused: SEPAABBCCDDEEFF",
            "gets the number 2901",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        let none = draw(&json!({"enabled": true, "waiting": [], "refused": []}));
        assert!(
            none.contains("No phone waits") && none.contains("No number is left"),
            "{none}"
        );
        let off = draw(&json!({"enabled": false, "waiting": [], "refused": []}));
        assert!(off.contains("do not register by themselves"), "{off}");
    }
}
