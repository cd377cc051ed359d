//! `embody check`: says what is wrong before a phone does.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Outcome, serve};
use crate::app::{Config, Listen, Port};
use crate::provision::PhoneConfigs;
use crate::site::{self, Severity};

/// What `check` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration; all defaults when absent.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The site file.
    #[arg(long)]
    site: Option<PathBuf>,
}

/// Exit code 0 when nothing is wrong; warnings do not count.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let config = serve::config(arguments.config.as_deref())?;
    let configs = PhoneConfigs::load(config.files.phone_configs.as_deref())
        .map_err(|error| format!("the phone configurations cannot be used: {error}"))?;
    for warning in of_config(&config) {
        println!("warning: {warning}");
    }
    for replaced in &configs.replaced {
        println!("warning: {replaced}");
    }
    let mut errors = 0;
    if let Some(path) = &arguments.site {
        let (name, text) = serve::text(path)?;
        let document = site::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        for finding in site::check(&document, &configs.catalogue) {
            println!("{name}: {finding}");
            errors += usize::from(finding.severity == Severity::Error);
        }
    }
    if errors > 0 {
        return Err(format!("{errors} errors; nothing would be applied"));
    }
    println!("nothing is wrong");
    Ok(ExitCode::SUCCESS)
}

/// What in `embody.toml` is allowed, but probably not meant.
fn of_config(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    let Listen {
        address,
        advertised_address,
        admin_address,
        ..
    } = &config.listen;
    if let Some(told) = advertised_address
        && told.is_loopback()
        && !address.is_loopback()
    {
        warnings.push(format!(
            "[listen] advertised_address {told} is loopback beside address {address}: only phones \
             on this host could reach it"
        ));
    }
    if let Some(told) = advertised_address.filter(IpAddr::is_unspecified) {
        warnings.push(format!(
            "[listen] advertised_address {told} is no address a phone can reach"
        ));
    }
    if !admin_address.is_loopback() {
        warnings.push(format!(
            "[listen] admin_address {admin_address}: the admin API is open to the network without \
             TLS; its token travels in clear"
        ));
    }
    if config.listen.tftp == Port::Off {
        warnings.push(
            "[listen] tftp is off: 7940, 7960 and 79x1 phones cannot boot without it".to_owned(),
        );
    }
    let folders = [
        ("folder", &config.files.folder),
        ("phone_configs", &config.files.phone_configs),
    ];
    for (key, folder) in folders {
        if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
            warnings.push(format!(
                "[files] {key}: there is no folder {}",
                folder.display()
            ));
        }
    }
    warnings.push(
        "calls are not built yet: emergency keys cannot be dialled through Embody".to_owned(),
    );
    warnings
}
