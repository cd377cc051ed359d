//! `embody look`: what a phone says of itself and of its network, the picture
//! on its display, a key pressed for whoever stands there.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::client::Client;
use super::login::word;
use super::{Daemon, Outcome};

/// What `look` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    /// Write the picture on its display into this file.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    screenshot: Option<PathBuf>,
    /// Press a key, for example Services, Soft1 or KeyPad5.
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let phone = &arguments.phone;
    if let Some(key) = &arguments.key {
        let path = format!("/phones/{phone}/key");
        let done = client.post(&path, &json!({"key": key})).await?;
        println!(
            "pressed {} on {}",
            word(&done["key"]),
            word(&done["device"])
        );
    } else if let Some(file) = &arguments.screenshot {
        let picture = client.bytes(&format!("/phones/{phone}/screenshot")).await?;
        let name = file.display();
        std::fs::write(file, &picture)
            .map_err(|error| format!("{name} cannot be written: {error}"))?;
        println!("{name}: {}, {} bytes", form(&picture), picture.len());
    } else {
        let seen = client.get(&format!("/phones/{phone}/look")).await?;
        print!("{}", told(&seen));
    }
    Ok(ExitCode::SUCCESS)
}

/// What is in the file, for who named it otherwise.
fn form(picture: &[u8]) -> &'static str {
    match picture {
        [b'B', b'M', ..] => "a BMP picture",
        [0x89, b'P', b'N', b'G', ..] => "a PNG picture",
        [0xFF, 0xD8, ..] => "a JPEG picture",
        _ => "a CiscoIPPhoneImage object (XML)",
    }
}

/// Both pages as tables, what the phone leaves empty left out.
fn told(seen: &Value) -> String {
    let mut text = format!("{} at {}\n", word(&seen["device"]), word(&seen["address"]));
    for (title, page) in [
        ("Device", &seen["information"]),
        ("Network", &seen["network"]),
    ] {
        let lines: Vec<(&str, &str)> = page
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| (word(&entry["name"]), word(&entry["value"])))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        if lines.is_empty() {
            continue;
        }
        let names = lines.iter().map(|(name, _)| name.chars().count());
        let width = names.max().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{title}\n");
        for (name, value) in lines {
            let _ = writeln!(text, "  {name:<width$}  {value}");
        }
    }
    for problem in seen["problems"].as_array().into_iter().flatten() {
        let _ = write!(text, "\nwarning: {}\n", word(problem));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_are_tables_without_what_is_empty() {
        let entry = |name: &str, value: &str| json!({"name": name, "value": value});
        let seen = json!({
            "device": "SEP001122334455", "address": "192.0.2.7",
            "information": [entry("HostName", "SEP001122334455"), entry("addonModule1", "")],
            "network": null,
            "problems": ["SEP001122334455: it has no /NetworkConfigurationX"],
        });
        assert_eq!(
            told(&seen),
            "SEP001122334455 at 192.0.2.7\n\nDevice\n  HostName  SEP001122334455\n\n\
             warning: SEP001122334455: it has no /NetworkConfigurationX\n"
        );
    }
}
