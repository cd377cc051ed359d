//! Logs to standard error: `EMBODY_LOG` sets the level (`info` by default),
//! `EMBODY_LOG_FORMAT=json` the form.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Installs the subscriber; a second call changes nothing.
pub(super) fn install(default: &str) {
    let filter = EnvFilter::try_from_env("EMBODY_LOG")
        .or_else(|_| EnvFilter::try_new(default))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // It would be told on the very stream that cannot be written.
        .log_internal_errors(false);
    let json = std::env::var("EMBODY_LOG_FORMAT").is_ok_and(|form| form == "json");
    // Already installed (tests): the first one stands.
    let _ = if json {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
}
