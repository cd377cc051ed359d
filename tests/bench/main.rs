//! Measures the daemon: TFTP (a), configuration files over HTTP (b),
//! registrations (c), the login service (d) and the making of boot files (g), beside the servers that do one
//! of these jobs. `tests/bench/run` starts it; method and results are in
//! `contrib/docs/performance.md`.
//!
//! Each server runs on one processor and this program on another. What is
//! compared alternates, A-B-A-B; every answer is verified. The number that
//! counts is the processor time of the server for 1,000 operations, because it
//! does not depend on what else the machine does.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made ends
#![allow(unreachable_pub)] // one program
#![allow(clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts and rates

mod cpu;
mod http;
mod login;
mod measure;
mod parts;
mod peers;
mod render;
mod report;
mod server;
mod sip;
mod site;
mod stopwatch;
mod tftp;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use report::Report;

/// What is measured, and where.
#[derive(Debug, Parser)]
struct Arguments {
    /// Parts: a (TFTP), b (HTTP), c (REGISTER), d (login service), g (boot
    /// files).
    parts: Vec<String>,
    /// The daemon's binary.
    #[arg(long)]
    embody: PathBuf,
    /// A folder for data and logs.
    #[arg(long)]
    folder: PathBuf,
    /// tftpd-hpa's binary; left out, it is not compared.
    #[arg(long)]
    hpa: Option<PathBuf>,
    /// The table is written to this file too.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Rounds of each load.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each run.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Does not look for the highest rate.
    #[arg(long)]
    no_search: bool,
    /// The servers' processor.
    #[arg(long, default_value_t = 0)]
    core: usize,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How a part is measured.
struct Plan {
    embody: PathBuf,
    folder: PathBuf,
    hpa: Option<PathBuf>,
    rounds: usize,
    /// Of one run.
    time: Duration,
    /// Whether the highest rate is looked for.
    search: bool,
    /// The servers' processor.
    core: usize,
}

fn main() {
    let arguments = Arguments::parse();
    let plan = Plan {
        embody: arguments.embody,
        folder: arguments.folder,
        hpa: arguments.hpa,
        rounds: arguments.rounds,
        time: Duration::from_secs_f64(arguments.seconds),
        search: !arguments.no_search,
        core: arguments.core,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut report = Report::default();
    for part in &arguments.parts {
        runtime.block_on(async {
            match part.as_str() {
                "a" => parts::tftp(&plan, &mut report).await,
                "b" => parts::http(&plan, &mut report).await,
                "c" => parts::register(&plan, &mut report).await,
                "d" => parts::login(&plan, &mut report).await,
                "g" => render::files(&plan, &mut report),
                other => panic!("there is no part {other} here"),
            }
        });
        if let Some(output) = &arguments.output {
            std::fs::write(output, report.text()).unwrap();
        }
    }
}
