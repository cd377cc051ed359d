//! `embody trust`: the site key, and a look into signed files.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Daemon, Outcome};
use crate::app::SystemClock;
use crate::ports::Clock as _;
use crate::provision::trust::{
    Certificate, Owner, SignedFile, TrustFolder, Verdict, describe, verify,
};

/// The longest file that is looked into, in bytes: as the longest that is
/// served.
const LONGEST: u64 = 64 << 20;

/// What `trust` takes.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the site key; phones that take its trust list obey it alone.
    Init(InitArguments),
    /// Print what a .tlv, .sgn or .loads file says.
    Show(ShowArguments),
    /// Check the signature of such a file.
    Verify(VerifyArguments),
}

/// What `trust init` takes.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The signer's name (CN); made up when absent, so that no two sites have
    /// the same.
    #[arg(long)]
    name: Option<String>,
    /// The signer's organization (O).
    #[arg(long, default_value = "Embody")]
    organization: String,
    /// The signer's unit (OU).
    #[arg(long, default_value = "Telephony")]
    unit: String,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `trust show` takes.
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The file.
    file: PathBuf,
}

/// What `trust verify` takes.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// The file.
    file: PathBuf,
    /// The signer's certificate in PEM; when absent, that of the site key, and
    /// without one a trust list is checked against itself.
    #[arg(long)]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) fn run(command: &Command) -> Outcome {
    match command {
        Command::Init(arguments) => init(arguments),
        Command::Show(arguments) => show(arguments),
        Command::Verify(arguments) => check(arguments),
    }
}

fn init(arguments: &InitArguments) -> Outcome {
    let owner = Owner {
        name: arguments.name.clone().map_or_else(made_up, Ok)?,
        unit: arguments.unit.clone(),
        organization: arguments.organization.clone(),
    };
    owner.check()?;
    let folder = TrustFolder::of(&arguments.daemon.data);
    let made = folder
        .create(&owner, SystemClock::new().now())
        .map_err(|error| error.to_string())?;
    let (path, subject) = (made.folder.display(), made.certificate.subject());
    println!(
        "the site key of {subject} is in {path}

What it means. Nothing yet: set [files] sign = true in embody.toml and restart the daemon. Then
every phone that asks for a trust list takes this one, and from that moment it takes its
configuration only with the signature of this key: no other call manager, and not this one
without {path}, can configure it any more. Firmware is not concerned.

Keep a backup of {path} where only you can read it. Who has it can configure your phones; who
loses it has to go to every desk.

To free a phone, erase the list at the phone itself:
  79xx, 69xx   Settings > Security Configuration > Trust List > ITL File, **#, Erase
  78xx, 88xx   Applications > Admin settings > Reset settings > Security settings
  89xx, 99xx   Administrator settings > Reset security settings
  any          a factory reset (it erases the firmware of a 79xx)
"
    );
    Ok(ExitCode::SUCCESS)
}

fn made_up() -> Result<String, String> {
    let mut number = [0; 4];
    getrandom::fill(&mut number)
        .map_err(|error| format!("the system has no randomness: {error}"))?;
    Ok(format!("embody-{:08x}", u32::from_be_bytes(number)))
}

fn show(arguments: &ShowArguments) -> Outcome {
    let octets = read(&arguments.file)?;
    let text = SignedFile::read(&octets)
        .and_then(|file| describe(&file))
        .map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &VerifyArguments) -> Outcome {
    let name = arguments.file.display();
    let octets = read(&arguments.file)?;
    let file = SignedFile::read(&octets).map_err(|error| format!("{name}: {error}"))?;
    let certificate = signer(arguments)?;
    let verdict =
        verify(&file, certificate.as_ref()).map_err(|error| format!("{name}: {error}"))?;
    match verdict {
        Verdict::Right => {
            println!("{name}: right, signed by {}", file.header.signer.subject);
        }
        Verdict::RightInItself => println!(
            "{name}: right in itself, signed by {}; a phone takes it if it has no list yet, or one \
             with this signer",
            file.header.signer.subject
        ),
        Verdict::Wrong(faults) => {
            for fault in faults {
                println!("{name}: {fault}");
            }
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn signer(arguments: &VerifyArguments) -> Result<Option<Certificate>, String> {
    if let Some(path) = &arguments.certificate {
        let certificate = Certificate::from_pem(&read(path)?);
        let certificate = certificate.map_err(|why| format!("{}: {why}", path.display()))?;
        return Ok(Some(certificate));
    }
    let folder = TrustFolder::of(&arguments.daemon.data);
    if !folder.path().exists() {
        return Ok(None);
    }
    let certificate = folder.certificate();
    certificate.map(Some).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut octets = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(LONGEST + 1)
        .read_to_end(&mut octets)
        .map_err(failed)?;
    if octets.len() as u64 > LONGEST {
        return Err(format!(
            "{} is longer than any file for phones",
            path.display()
        ));
    }
    Ok(octets)
}
