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
    #[arg(required_unless_present_any = ["stale", "all"], conflicts_with_all = ["stale", "all"])]
    phone: Option<String>,
    /// Every registered phone that holds an older template, load or version.
    #[arg(long, conflicts_with = "all")]
    stale: bool,
    /// Every registered phone.
    #[arg(long)]
    all: bool,
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
    if let Some(phone) = &arguments.phone {
        order(&client, phone, "restart").await?;
        return Ok(ExitCode::SUCCESS);
    }
    let (which, none) = if arguments.all {
        ("registered", "no phone is registered")
    } else {
        ("stale", "no registered phone is stale")
    };
    let body = json!({"phones": which});
    let done = client.post("/phones/restart", &body).await?;
    match done["ordered"].as_u64() {
        None | Some(0) => println!("{none}"),
        // The daemon paces them: a hundred restarts a second are plenty.
        Some(1) => println!("1 phone will restart"),
        Some(ordered) => println!("{ordered} phones will restart, one after the other"),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset(arguments: &ResetArguments) -> Outcome {
    order(&Client::find(&arguments.daemon)?, &arguments.phone, "reset").await?;
    Ok(ExitCode::SUCCESS)
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
