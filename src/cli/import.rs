//! `embody import`: a site file out of what an operator has.

mod read;

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{Outcome, complain, serve};
use crate::model::{Catalogue, DeviceName, ModelName};
use crate::provision::PhoneConfigs;
use crate::site::import::{Format, Imported, Options, import};

/// What `import` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What it is: tftpboot, chan-sccp, cme or bat.
    format: Format,
    /// Files and folders; of a folder those that belong to the format.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Where the site file goes, for its owner alone; standard output when
    /// absent.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long, requires = "output")]
    force: bool,
    /// The model of phones whose files do not tell it: MODEL for all of them,
    /// SEP001122334455=MODEL for one. May be given several times.
    #[arg(long = "model", value_name = "[PHONE=]MODEL")]
    models: Vec<String>,
    /// People may sign in on every phone, not only where the old system let
    /// them.
    #[arg(long)]
    extension_mobility: bool,
    /// The configuration, for the operator's own model catalogue.
    #[arg(long)]
    config: Option<PathBuf>,
}

/// The report goes to standard error, and as comments into the file.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let config = serve::config(arguments.config.as_deref())?;
    let configs = PhoneConfigs::load(config.files.phone_configs.as_deref())
        .map_err(|error| format!("the phone configurations cannot be used: {error}"))?;
    let options = options(arguments, &configs.catalogue)?;
    let sources = read::sources(arguments.format, &arguments.paths)?;
    let made = import(arguments.format, &sources, &options, &configs.catalogue);
    for note in &made.notes {
        complain(note);
    }
    if made.is_empty() {
        return Err(format!(
            "nothing of the format {} was found there that a site could be made of",
            arguments.format
        ));
    }
    match &arguments.output {
        Some(path) => write(path, &made.text, arguments.force)?,
        None => print!("{}", made.text),
    }
    complain(summary(&made, arguments.output.as_deref()));
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: &Arguments, catalogue: &Catalogue) -> Result<Options, String> {
    let mut options = Options {
        extension_mobility: arguments.extension_mobility,
        ..Options::default()
    };
    for given in &arguments.models {
        let wrong = |why: String| format!("--model {given}: {why}");
        let (phone, model) = match given.split_once('=') {
            Some((phone, model)) => (Some(phone), model),
            None => (None, given.as_str()),
        };
        let model = ModelName::new(model).map_err(|error| wrong(error.to_string()))?;
        if catalogue.model(&model).is_none() {
            return Err(wrong(format!(
                "there is no model {model}; embody models prints those that there are"
            )));
        }
        match phone {
            Some(phone) => {
                let phone = DeviceName::new(phone).map_err(|error| wrong(error.to_string()))?;
                options.models.insert(phone, model);
            }
            None if options.model.is_some() => {
                return Err(wrong(
                    "one model for all phones was given already; write PHONE=MODEL for single ones"
                        .to_owned(),
                ));
            }
            None => options.model = Some(model),
        }
    }
    Ok(options)
}

/// Writes a file that nobody else can read: first PINs are in it.
fn write(path: &Path, text: &str, force: bool) -> Result<(), String> {
    let mut how = OpenOptions::new();
    how.write(true).mode(0o600);
    if force {
        how.create(true).truncate(true);
    } else {
        how.create_new(true);
    }
    let name = path.display();
    how.open(path)
        .and_then(|mut file| {
            for_owner_alone(&file)?;
            file.write_all(text.as_bytes())
        })
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                format!("{name} is there already; take another name, or --force")
            }
            _ => format!("{name} cannot be written: {error}"),
        })
}

/// A file that was there has the mode that somebody gave it. Devices and pipes
/// keep theirs.
fn for_owner_alone(file: &File) -> std::io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn summary(made: &Imported, output: Option<&Path>) -> String {
    let count = |number: usize, one: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {one}{plural}")
    };
    let done = format!(
        "{}, {}, {}; {} not carried over.",
        count(made.phones, "phone"),
        count(made.profiles, "profile"),
        count(made.users, "user"),
        count(made.notes.len(), "thing"),
    );
    match output.map(Path::display) {
        Some(path) => {
            format!("{done} Next: embody check --site {path}, then embody apply {path} --dry-run")
        }
        None => done,
    }
}
