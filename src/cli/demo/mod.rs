//! `embody demo`: the very daemon of `serve` on free loopback ports, the
//! sample site, and three virtual phones whose story is told as it is seen on
//! the wire.

mod narrator;
mod story;

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;

use clap::Args;

use super::{Outcome, logging};
use crate::app::{Config, Files, Listen, Options, Running, SystemClock, start};
use crate::handset::{Handset, Kind, Mac, Pace, Profile, Servers};
use narrator::Narrator;
use story::Desk;

/// What `demo` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// End after the story; the exit code tells whether every step was seen.
    #[arg(long)]
    once: bool,
}

/// The sample site that the phones live on.
const SITE: &str = include_str!("../../../phone-configs/site.toml");

/// Who sits down where.
const DESKS: [Desk; 3] = [
    Desk {
        kind: Kind::Cisco7960,
        mac: [0x00, 0x11, 0x22, 0x33, 0x44, 0x55],
        alias: "2002",
        pin: "31415",
        name: "Bob Brandt",
        profile: None,
        label: "Bob",
        bare: "Lobby",
        orders: 1,
        yes: "Yes",
        signed_out: "Logout successful",
    },
    Desk {
        kind: Kind::Cisco7961,
        mac: [0x00, 0x11, 0x22, 0x33, 0x44, 0x66],
        alias: "2001",
        pin: "58213",
        name: "Alice Adler",
        profile: Some("alice-desk"),
        label: "Alice",
        bare: "Sign in",
        orders: 1,
        yes: "Yes",
        signed_out: "Logout successful",
    },
    Desk {
        kind: Kind::Cisco8841,
        mac: [0x00, 0x11, 0x22, 0x33, 0x44, 0x77],
        alias: "2003",
        pin: "27182",
        name: "Carol Conrad",
        profile: None,
        label: "Carol",
        bare: "Meeting room",
        // Her language differs from the phone's: a restart, then a reset.
        orders: 2,
        yes: "Ja",
        signed_out: "Abmeldung erfolgreich",
    },
];

pub(super) async fn run(arguments: Arguments) -> Outcome {
    logging::install("warn");
    let data = folder()?;
    let outcome = play(&data, arguments.once).await;
    let _ = std::fs::remove_dir_all(&data);
    outcome
}

async fn play(data: &Path, once: bool) -> Outcome {
    let running = begin(data, Files::default()).await?;
    Narrator::Aloud.say("embody", "the daemon is up; its ports:");
    for (name, address) in &running.listen {
        let address = address
            .as_str()
            .or_else(|| address[0].as_str())
            .unwrap_or("off");
        Narrator::Aloud.say("embody", &format!("  {name:<14} {address}"));
    }
    let phones = plug_in(&running)?;
    let mut seen_all = true;
    let events: Vec<_> = phones.iter().map(Handset::events).collect();
    for ((desk, phone), events) in DESKS.iter().zip(&phones).zip(events) {
        let told = story::tell(Narrator::Aloud, desk, phone, events).await;
        seen_all &= told.is_ok();
    }
    if seen_all {
        Narrator::Aloud.say(
            "embody",
            "every step was seen: three phones were embodied and are bare again",
        );
    } else {
        Narrator::Aloud.say(
            "embody",
            "NOT every step was seen; what is missing is said above",
        );
    }
    if !once {
        stay(&running, data).await;
    }
    for phone in &phones {
        phone.power_off().await;
    }
    running.stop().await;
    Ok(if seen_all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The daemon on free ports of loopback, with the sample site.
async fn begin(data: &Path, files: Files) -> Result<Running, String> {
    let options = Options {
        config: Config {
            listen: Listen::free_ports(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            files,
            ..Config::default()
        },
        data: data.to_owned(),
        site: Some(("phone-configs/site.toml".to_owned(), SITE.to_owned())),
    };
    start(options, Arc::new(SystemClock::new()))
        .await
        .map_err(|error| error.to_string())
}

/// How the story of a desk went.
pub(super) struct Rehearsed {
    /// The number on the phone's case.
    pub(super) model: &'static str,
    /// What it registered with.
    pub(super) protocol: &'static str,
    /// What was not seen.
    pub(super) seen: Result<(), String>,
}

/// The whole story without a word: every phone boots, and somebody signs in
/// and out, on a store that is gone afterwards.
///
/// # Errors
/// Why the daemon did not start.
pub(super) async fn rehearse(files: Files) -> Result<Vec<Rehearsed>, String> {
    let data = folder()?;
    let rehearsed = rehearse_in(&data, files).await;
    let _ = std::fs::remove_dir_all(&data);
    rehearsed
}

async fn rehearse_in(data: &Path, files: Files) -> Result<Vec<Rehearsed>, String> {
    let running = begin(data, files).await?;
    let phones = plug_in(&running)?;
    let mut stories = Vec::new();
    // Each desk is somebody else's: the stories go on side by side.
    for (desk, phone) in DESKS.iter().zip(&phones) {
        let events = phone.events();
        stories.push(Box::pin(story::tell(Narrator::Silent, desk, phone, events)));
    }
    let mut rehearsed = Vec::new();
    for (desk, seen) in DESKS.iter().zip(all(stories).await) {
        rehearsed.push(Rehearsed {
            model: desk.kind.model(),
            protocol: desk.kind.protocol().name(),
            seen,
        });
    }
    for phone in &phones {
        phone.power_off().await;
    }
    running.stop().await;
    Ok(rehearsed)
}

/// Runs futures side by side in one task; their outcomes in their order.
async fn all<T, F: Future<Output = T> + Unpin>(futures: Vec<F>) -> Vec<T> {
    let mut running: Vec<(F, Option<T>)> = futures.into_iter().map(|one| (one, None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (future, outcome) in &mut running {
            if outcome.is_none()
                && let Poll::Ready(came) = Pin::new(future).poll(context)
            {
                *outcome = Some(came);
            }
            done &= outcome.is_some();
        }
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running
        .into_iter()
        .filter_map(|(_, outcome)| outcome)
        .collect()
}

/// A data folder that goes away with the demo.
fn folder() -> Result<PathBuf, String> {
    let folder = std::env::temp_dir().join(format!("embody-demo-{}", std::process::id()));
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

/// Plugs the phones in, each with an address of its own.
fn plug_in(running: &Running) -> Result<Vec<Handset>, String> {
    let tftp = running.address("tftp").ok_or("TFTP is off")?;
    let config_http = running.address("config_http");
    let phone = |(desk, host): (&Desk, u8)| {
        let servers = Servers {
            tftp,
            config_http,
            bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 1, host))),
        };
        Handset::spawn(
            Profile::new(desk.kind, Mac(desk.mac)),
            servers,
            Pace::default(),
        )
    };
    Ok(DESKS.iter().zip(1..).map(phone).collect())
}

/// Stays up and says where to look.
async fn stay(running: &Running, data: &Path) {
    let data = data.display();
    let program = program();
    Narrator::Aloud.say(
        "embody",
        "the demo stays up until Ctrl-C. Have a look, in another terminal:",
    );
    for command in [
        format!("{program} status --data {data}"),
        format!("{program} why SEP001122334466 --data {data}"),
        format!("{program} login SEP001122334466 bob --data {data}"),
        format!("{program} export --data {data}"),
    ] {
        Narrator::Aloud.say("embody", &format!("  {command}"));
    }
    if let Some(files) = running.address("config_http") {
        let url = format!("http://{files}/SEP001122334466.cnf.xml");
        Narrator::Aloud.say("embody", &format!("  curl {url}"));
    }
    if let Some(services) = running.address("services_http") {
        let url = format!("http://{services}/emapp/EMAppServlet?device=SEP001122334466");
        Narrator::Aloud.say("embody", &format!("  curl '{url}'"));
    }
    // Without signals there is only the end of the process.
    let _ = tokio::signal::ctrl_c().await;
}

/// This very program as it can be called from here: after `cargo run` there is
/// no `embody` on the path.
fn program() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    std::env::current_exe().map_or_else(
        |_| "embody".to_owned(),
        |program| {
            program
                .strip_prefix(&here)
                .unwrap_or(&program)
                .display()
                .to_string()
        },
    )
}
