//! `embody doctor`: looks at this host as it is now, and says what would keep
//! phones from coming, and what to do about it. Nothing is changed.
//!
//! `embody check` reads what is written; here the ports, folders, rules and
//! the clock themselves are looked at, a running daemon is asked what a phone
//! asks, and three virtual phones boot, sign in and sign out on a store of
//! their own.

mod address;
mod clock;
mod finding;
mod firewall;
mod folders;
mod ports;
mod probe;
mod sockets;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::client::Client;
use super::demo::{self, Rehearsed};
use super::{Daemon, Outcome, check, host, logging, serve};
use crate::app::{Config, Files, RunFile, SystemClock};
use crate::ports::Clock;
use crate::provision::PhoneConfigs;
use finding::{Check, Finding, Grade};

/// What `doctor` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration; all defaults when absent.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Leave out the virtual phones, which take some seconds.
    #[arg(long)]
    no_phones: bool,
    #[command(flatten)]
    daemon: Daemon,
}

/// Exit code 0 when all is well, 1 with warnings, 2 with faults.
pub(super) async fn run(arguments: &Arguments) -> Outcome {
    logging::install("error");
    let findings = examine(arguments).await;
    if arguments.json {
        println!("{:#}", finding::to_json(&findings));
    } else {
        for finding in &findings {
            println!("{finding}");
        }
        println!("{}", finding::summary(&findings));
    }
    Ok(ExitCode::from(match finding::verdict(&findings) {
        Grade::Ok => 0,
        Grade::Warning => 1,
        Grade::Fault => 2,
    }))
}

async fn examine(arguments: &Arguments) -> Vec<Finding> {
    let data = &arguments.daemon.data;
    let config = match serve::config(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(why) => {
            return vec![Finding::fault(
                Check::Configuration,
                why,
                "correct it; nothing else was looked at",
            )];
        }
    };
    let mut findings = configuration(&config);
    let (about_daemon, running) = daemon(&arguments.daemon).await;
    findings.extend(about_daemon);

    let configured = ports::configured(&config);
    let listeners = if let Some(run) = &running {
        let listeners = ports::running(&config, &run.listen);
        if arguments.config.is_some() {
            findings.extend(ports::of_daemon(run.pid, &listeners, Some(&configured)));
            listeners
        } else {
            let listeners = ports::in_use(listeners, run.pid);
            findings.extend(ports::of_daemon(run.pid, &listeners, None));
            listeners
        }
    } else {
        findings.extend(ports::to_be_had(&configured));
        configured
    };
    findings.extend(folders::data(data));
    findings.extend(folders::site_key(data, &config));
    findings.extend(folders::files(config.files.folder.as_deref()));
    let transfers = config.tftp.ports.map(|(first, _)| first);
    findings.extend(firewall::look(&listeners, transfers).await);
    findings.extend(addresses(&config));
    let now = Arc::new(SystemClock::new()).now();
    findings.extend(clock::look(now, data).await);
    if running.is_some() {
        findings.extend(probe::look(&listeners).await);
    }
    if !arguments.no_phones {
        findings.extend(phones(&config).await);
    }
    findings
}

/// What `embody check` would say of it.
fn configuration(config: &Config) -> Vec<Finding> {
    let warning = |what: String| Finding::of(Check::Configuration, Grade::Warning, what);
    let mut findings: Vec<Finding> = check::of_config(config)
        .into_iter()
        // That folder is looked at by itself.
        .filter(|what| !what.starts_with("[files] folder:"))
        .map(warning)
        .collect();
    match PhoneConfigs::load(config.files.phone_configs.as_deref()) {
        Ok(configs) => {
            let replaced = configs.replaced.iter();
            findings.extend(replaced.map(|replaced| warning(replaced.to_string())));
        }
        Err(error) => findings.push(Finding::fault(
            Check::Configuration,
            format!("the phone configurations cannot be used: {error}"),
            "correct the files in [files] phone_configs",
        )),
    }
    if findings.is_empty() {
        let what = "nothing in it is odd; phone-configs can be used";
        findings.push(Finding::ok(Check::Configuration, what));
    }
    findings
}

fn addresses(config: &Config) -> Vec<Finding> {
    match host::addresses() {
        Ok(own) => address::look(&config.listen, &own),
        Err(error) => vec![Finding::warning(
            Check::Addresses,
            format!("the addresses of this host cannot be read: {error}"),
            "look with `ip addr`",
        )],
    }
}

/// Whether a daemon runs on the data folder, and what it says of itself.
async fn daemon(daemon: &Daemon) -> (Vec<Finding>, Option<RunFile>) {
    let data = daemon.data.display();
    let one = |finding: Finding| (vec![finding], None);
    let path = RunFile::path(&daemon.data);
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return one(Finding::ok(Check::Daemon, format!("none runs on {data}"))),
        Err(error) => {
            return one(Finding::warning(
                Check::Daemon,
                format!("whether one runs on {data} cannot be seen: {error}"),
                "run this as the user that runs Embody, or as root",
            ));
        }
    }
    let run = match RunFile::read(&daemon.data) {
        Ok(run) => run,
        Err(why) => {
            return one(Finding::warning(
                Check::Daemon,
                why,
                "run this as the user that runs Embody, or as root",
            ));
        }
    };
    let pid = run.pid;
    if !Path::new("/proc").join(pid.to_string()).exists() {
        return one(Finding::warning(
            Check::Daemon,
            format!("one ran on {data} as process {pid} and died without a word"),
            "look at its log (journalctl -u embody), and start it again",
        ));
    }
    if run.admin.is_none() {
        let what = format!("one runs on {data} (pid {pid}), its admin port is off");
        return (vec![Finding::ok(Check::Daemon, what)], Some(run));
    }
    let answer = match Client::find(daemon) {
        Ok(client) => client.get("/status").await,
        Err(why) => Err(why),
    };
    match answer {
        Ok(_) => {
            let what = format!("one runs on {data} (pid {pid}) and answers");
            (vec![Finding::ok(Check::Daemon, what)], Some(run))
        }
        Err(why) => one(Finding::fault(
            Check::Daemon,
            format!("process {pid} should be the daemon of {data}, and: {why}"),
            "restart it; when it is another program, the daemon died: start it again",
        )),
    }
}

/// Virtual phones on a store of their own.
async fn phones(config: &Config) -> Vec<Finding> {
    let files = Files {
        phone_configs: config.files.phone_configs.clone(),
        ..Files::default()
    };
    match demo::rehearse(files).await {
        Ok(rehearsed) => rehearsed.into_iter().map(of_phone).collect(),
        Err(why) => vec![Finding::fault(
            Check::Phones,
            format!("no rehearsal: {why}"),
            "a daemon of this program does not start even on free ports of loopback",
        )],
    }
}

fn of_phone(rehearsed: Rehearsed) -> Finding {
    let Rehearsed {
        model,
        protocol,
        seen,
    } = rehearsed;
    match seen {
        Ok(()) => Finding::ok(
            Check::Phones,
            format!("a virtual {model} ({protocol}) booted; somebody signed in and out on it"),
        ),
        Err(not_seen) => Finding::fault(
            Check::Phones,
            format!("a virtual {model} ({protocol}) came to grief; not seen: {not_seen}"),
            "leave out [files] phone_configs to see whether a file there is the cause; \
             `embody demo --once` tells every step",
        ),
    }
}
