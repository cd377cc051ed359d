//! `embody serve`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{Outcome, check, logging};
use crate::app::{Config, Options, SystemClock, start};

/// What `serve` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration; all defaults when absent.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The data folder, made when missing.
    #[arg(long, env = "EMBODY_DATA", default_value = "data")]
    data: PathBuf,
    /// A site file that fills an empty store; ignored on a filled one.
    #[arg(long)]
    site: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> Outcome {
    logging::install("info");
    let config = config(arguments.config.as_deref())?;
    if let Some(clash) = check::clashes(&config).into_iter().next() {
        return Err(clash);
    }
    let site = arguments.site.as_deref().map(text).transpose()?;
    let options = Options {
        config,
        data: arguments.data,
        site,
    };
    let mut terminate = on(SignalKind::terminate())?;
    let mut interrupt = on(SignalKind::interrupt())?;
    let running = start(options, Arc::new(SystemClock::new()))
        .await
        .map_err(|error| error.to_string())?;
    tracing::info!(listen = %serde_json::Value::Object(running.listen.clone()), "embody is up");
    // Without systemd there is nobody to tell.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("embody stops");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn on(kind: SignalKind) -> Result<tokio::signal::unix::Signal, String> {
    signal(kind).map_err(|error| format!("signals cannot be heard: {error}"))
}

/// Reads `embody.toml`, or takes the defaults.
pub(super) fn config(path: Option<&Path>) -> Result<Config, String> {
    let Some(path) = path else {
        return Ok(Config::default());
    };
    let (name, text) = text(path)?;
    Config::parse(&text).map_err(|error| format!("{name}: {error}"))
}

/// The longest file that is read, in bytes: a site file of 10,000 phones with
/// all that they may have is some 10 MB.
const LONGEST: u64 = 32 << 20;

/// Reads a file, with its name for messages.
pub(super) fn text(path: &Path) -> Result<(String, String), String> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Err(format!("{name} cannot be read: {error}"));
    }
    if bytes.len() as u64 > LONGEST {
        let most = LONGEST >> 20;
        return Err(format!(
            "{name} is longer than {most} MB; is it the right file?"
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(format!("{name} cannot be read: it is no text in UTF-8")),
    }
}
