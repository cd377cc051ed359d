//! `embody why`.

use std::process::ExitCode;

use clap::Args;

use super::client::Client;
use super::{Daemon, Outcome};

/// What `why` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The phone, for example SEP001122334455.
    phone: String,
    #[command(flatten)]
    daemon: Daemon,
}

/// Exit code 0 when the phone is right, 3 when it is not (for scripts).
pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let why = client
        .get(&format!("/phones/{}/why", arguments.phone))
        .await?;
    print!("{}", why["text"].as_str().unwrap_or_default());
    let right = why["diagnosis"]["verdict"] == "right";
    Ok(if right {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}
