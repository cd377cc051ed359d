//! `embody apply`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::client::Client;
use super::{Daemon, Outcome, serve};

/// What `apply` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The site file.
    site: PathBuf,
    /// Also delete what the file no longer has, signing out first.
    #[arg(long)]
    prune: bool,
    /// Also overwrite what was changed elsewhere.
    #[arg(long)]
    force: bool,
    /// Print the plan and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let (name, text) = serve::text(&arguments.site)?;
    let body = json!({
        "text": text,
        "prune": arguments.prune,
        "force": arguments.force,
        "dry_run": arguments.dry_run,
    });
    let client = Client::find(&arguments.daemon)?;
    let plan = client
        .post("/site/apply", &body)
        .await
        .map_err(|error| format!("{name}: {error}"))?;
    print!("{}", plan["text"].as_str().unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}
