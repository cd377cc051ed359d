//! `embody export`.

use std::process::ExitCode;

use clap::Args;

use super::client::Client;
use super::{Daemon, Outcome};

/// What `export` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let text = Client::find(&arguments.daemon)?.text("/site").await?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}
