//! `embody stage`: puts firmware, locales, rings and wallpapers into the folder
//! of static files, and says what of it is whole.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::client::Client;
use super::{Daemon, Outcome, serve};
use crate::provision::firmware::{Staged, stage};
use crate::provision::{FolderReport, StaticFiles};

/// Names printed, at most.
const MOST_PRINTED: usize = 20;

/// What `stage` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Zip archives and folders; without any, the folder is only looked at.
    sources: Vec<PathBuf>,
    /// The configuration, which names the folder ([files] folder).
    #[arg(long)]
    config: Option<PathBuf>,
    /// The folder, instead of the configuration's.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The folder inside it that everything is put into; "." is the top.
    #[arg(long)]
    under: Option<String>,
    #[command(flatten)]
    daemon: Daemon,
}

/// Exit code 0 when every load in the folder is whole.
pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let config = serve::config(arguments.config.as_deref())?;
    let folder =
        arguments.folder.clone().or(config.files.folder).ok_or(
            "which folder? Name it with --folder, or in the configuration as [files] folder",
        )?;
    let under = arguments
        .under
        .as_deref()
        .map(|under| if under == "." { "" } else { under });
    for source in &arguments.sources {
        let staged = stage(source, &folder, under).map_err(|error| error.to_string())?;
        print(source, &staged);
    }
    let scan = || {
        StaticFiles::scan(&folder)
            .map_err(|error| format!("{} cannot be read: {error}", folder.display()))
    };
    let mut files = scan()?;
    if !arguments.sources.is_empty() {
        let made = files.make_thumbnails();
        for what in &made {
            println!("{what}");
        }
        if !made.is_empty() {
            files = scan()?;
        }
    }
    let report = FolderReport::of(&files);
    for (what, _) in &report.loads {
        println!("{what}");
    }
    for finding in &report.findings {
        println!("warning: {finding}");
    }
    println!("{} files in {}", files.len(), folder.display());
    tell(&arguments.daemon).await;
    let whole = report.loads.iter().all(|(_, whole)| *whole);
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(source: &Path, staged: &Staged) {
    let source = source.display();
    println!(
        "{source}: {} new, {} replaced, {} there already",
        staged.added.len(),
        staged.replaced.len(),
        staged.same
    );
    for (word, names) in [("new", &staged.added), ("replaced", &staged.replaced)] {
        for name in names.iter().take(MOST_PRINTED) {
            println!("  {word} {name}");
        }
        if let Some(more) = names
            .len()
            .checked_sub(MOST_PRINTED)
            .filter(|more| *more > 0)
        {
            println!("  and {more} more");
        }
    }
    for left_out in &staged.left_out {
        println!("  {left_out}");
    }
}

/// Has the daemon look through the folder too; it knows the phones.
async fn tell(daemon: &Daemon) {
    let told = match Client::find(daemon) {
        Ok(client) => client.post("/files/rescan", &json!({})).await,
        Err(why) => Err(why),
    };
    match told {
        Ok(told) => {
            for finding in told["phones"].as_array().into_iter().flatten() {
                println!("warning: {}", finding.as_str().unwrap_or_default());
            }
            let count = told["files"].as_u64().unwrap_or(0);
            println!("the daemon serves {count} files");
        }
        Err(why) => println!("the daemon was not told ({why}); it looks when it starts"),
    }
}
