//! The command line, one file a command. Operator commands are clients of the
//! admin API; `serve` and `demo` are the daemon.
#![allow(clippy::print_stdout)] // a command line talks on standard output

mod apply;
mod audit;
mod check;
mod client;
mod demo;
mod export;
mod logging;
mod login;
mod message;
mod order;
mod phone;
mod serve;
mod status;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Extension Mobility for Cisco IP phones.
#[derive(Debug, Parser)]
#[command(name = "embody", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon.
    Serve(serve::Arguments),
    /// Run the daemon on free loopback ports with virtual phones, narrated.
    Demo(demo::Arguments),
    /// Say what is wrong with the configuration and the site file.
    Check(check::Arguments),
    /// Bring the site to what a site file says; prints the plan.
    Apply(apply::Arguments),
    /// Print the site as a site file.
    Export(export::Arguments),
    /// Run a virtual phone.
    Phone(Box<phone::Arguments>),
    /// Show the phones, who is signed in, and what is on its way.
    Status(status::Arguments),
    /// Sign a user in on a phone.
    Login(login::LoginArguments),
    /// Sign out whoever is on a phone, a user wherever he is, or everybody.
    Logout(login::LogoutArguments),
    /// Sign users in and out, in the words of CME.
    #[command(subcommand)]
    Emadmin(login::Emadmin),
    /// Show who did what, and what was refused.
    Audit(audit::Arguments),
    /// Have a phone restart, or all that hold something older.
    Restart(order::RestartArguments),
    /// Have a phone reboot.
    Reset(order::ResetArguments),
    /// Show a line of text on a registered phone.
    Message(message::Arguments),
    /// Say why a phone is not right yet.
    Why(why::Arguments),
}

/// Which daemon a command talks to.
#[derive(Clone, Debug, Args)]
struct Daemon {
    /// The data folder of the daemon.
    #[arg(long, env = "EMBODY_DATA", default_value = "data")]
    data: PathBuf,
}

/// A command failed: one sentence for standard error.
type Outcome = Result<ExitCode, String>;

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("embody: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Check(arguments) => check::run(&arguments),
            Command::Apply(arguments) => apply::run(&arguments).await,
            Command::Export(arguments) => export::run(&arguments).await,
            Command::Phone(arguments) => phone::run(*arguments).await,
            Command::Status(arguments) => status::run(&arguments).await,
            Command::Login(arguments) => login::login(&arguments).await,
            Command::Logout(arguments) => login::logout(&arguments).await,
            Command::Emadmin(command) => login::emadmin(&command).await,
            Command::Audit(arguments) => audit::run(&arguments).await,
            Command::Restart(arguments) => order::restart(&arguments).await,
            Command::Reset(arguments) => order::reset(&arguments).await,
            Command::Message(arguments) => message::run(&arguments).await,
            Command::Why(arguments) => why::run(&arguments).await,
        }
    });
    // Blocking work that is left (a hash) must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match outcome {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("embody: {sentence}");
            ExitCode::FAILURE
        }
    }
}
