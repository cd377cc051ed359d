//! `embody restart` and `embody reset`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::client::Client;
use super::login::{tell, word};
use super::{Daemon, Outcome};

/// What `restart` takes.
#[derive(Debug, Args)]
pub(super) struct RestartArguments {
    /// The phone, for example SEP001122334455.
    #[arg(required_unless_present = "stale", conflicts_with = "stale")]
    phone: Option<String>,
    /// Every registered phone that holds an older template, load or version.
    #[arg(long)]
    stale: bool,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `reset` takes.
#[derive(Debug, Args)]
pub(super) struct ResetArguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn restart(arguments: &RestartArguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let phones = match &arguments.phone {
        Some(phone) => vec![phone.clone()],
        None => stale(&client).await?,
    };
    if phones.is_empty() {
        println!("no registered phone is stale");
    }
    for phone in phones {
        order(&client, &phone, "restart").await?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset(arguments: &ResetArguments) -> Outcome {
    order(&Client::find(&arguments.daemon)?, &arguments.phone, "reset").await?;
    Ok(ExitCode::SUCCESS)
}

/// The phones that are registered and stale; the daemon paces their restarts.
async fn stale(client: &Client) -> Result<Vec<String>, String> {
    let phones = client.get("/phones").await?;
    let stale = phones
        .as_array()
        .into_iter()
        .flatten()
        .filter(|phone| phone["state"]["is"] == "stale" && !phone["peer"].is_null())
        .map(|phone| word(&phone["device"]).to_owned());
    Ok(stale.collect())
}

async fn order(client: &Client, phone: &str, order: &str) -> Result<(), String> {
    let done = client
        .post(&format!("/phones/{phone}/{order}"), &json!({}))
        .await?;
    tell(&done["planned"]);
    if done["registered"] == false {
        println!(
            "{} is not registered now; it is told when it comes back",
            word(&done["device"])
        );
    }
    Ok(())
}
