//! `embody login` and `embody logout`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::client::Client;
use super::{Daemon, Outcome};

/// What `login` takes.
#[derive(Debug, Args)]
pub(super) struct LoginArguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    /// The user id.
    user: String,
    /// The profile to take; the user's default when absent.
    #[arg(long)]
    profile: Option<String>,
    /// Minutes after which the login ends; 0 is without end.
    #[arg(long)]
    minutes: Option<u32>,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `logout` takes.
#[derive(Debug, Args)]
pub(super) struct LogoutArguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn login(arguments: &LoginArguments) -> Outcome {
    let mut body = json!({"user": arguments.user});
    if let Some(profile) = &arguments.profile {
        body["profile"] = json!(profile);
    }
    if let Some(minutes) = arguments.minutes {
        body["minutes"] = json!(minutes);
    }
    let client = Client::find(&arguments.daemon)?;
    let done = client
        .post(&format!("/phones/{}/login", arguments.phone), &body)
        .await?;
    println!(
        "{} signed in on {} with profile {}",
        word(&done["user"]),
        word(&done["device"]),
        word(&done["profile"])
    );
    tell(&done["planned"]);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn logout(arguments: &LogoutArguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let done = client
        .post(&format!("/phones/{}/logout", arguments.phone), &json!({}))
        .await?;
    println!(
        "{} signed out on {}",
        word(&done["user"]),
        word(&done["device"])
    );
    tell(&done["planned"]);
    Ok(ExitCode::SUCCESS)
}

/// Tells what was set going.
pub(super) fn tell(planned: &Value) {
    for item in planned.as_array().into_iter().flatten() {
        println!(
            "{}: {} because {}",
            word(&item["device"]),
            word(&item["plan"]),
            word(&item["because"])
        );
    }
}

/// A JSON string as text.
pub(super) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
