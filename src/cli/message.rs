//! `embody message`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::client::Client;
use super::login::word;
use super::{Daemon, Outcome};

/// What `message` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    /// The words; none clear what stands there.
    text: String,
    /// How long they stand; 0 until something else is shown.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let body = json!({"text": arguments.text, "seconds": arguments.seconds});
    let done = Client::find(&arguments.daemon)?
        .post(&format!("/phones/{}/message", arguments.phone), &body)
        .await?;
    println!("sent to {}", word(&done["device"]));
    Ok(ExitCode::SUCCESS)
}
