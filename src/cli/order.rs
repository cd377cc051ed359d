//! `embody restart` and `embody reset`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::client::Client;
use super::login::{tell, word};
use super::{Daemon, Outcome};

/// What `restart` and `reset` take.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments, order: &str) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let path = format!("/phones/{}/{order}", arguments.phone);
    let done = client.post(&path, &json!({})).await?;
    tell(&done["planned"]);
    if done["registered"] == false {
        println!(
            "{} is not registered now; it is told when it comes back",
            word(&done["device"])
        );
    }
    Ok(ExitCode::SUCCESS)
}
