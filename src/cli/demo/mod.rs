//! `embody demo`: the very daemon of `serve` on free loopback ports, the
//! sample site, and three virtual phones whose story is told as it is seen on
//! the wire.

mod narrator;
mod story;

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{Outcome, logging};
use crate::app::{Config, Listen, Options, Running, SystemClock, start};
use crate::handset::{Handset, Kind, Mac, Pace, Profile, Servers};
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

async fn play(data: &std::path::Path, once: bool) -> Outcome {
    let options = Options {
        config: Config {
            listen: Listen::free_ports(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            ..Config::default()
        },
        data: data.to_owned(),
        site: Some(("phone-configs/site.toml".to_owned(), SITE.to_owned())),
    };
    let running = start(options, Arc::new(SystemClock::new()))
        .await
        .map_err(|error| error.to_string())?;
    narrator::say("embody", "the daemon is up; its ports:");
    for (name, address) in &running.listen {
        let address = address
            .as_str()
            .or_else(|| address[0].as_str())
            .unwrap_or("off");
        narrator::say("embody", &format!("  {name:<14} {address}"));
    }
    let phones = plug_in(&running)?;
    let mut seen_all = true;
    let events: Vec<_> = phones.iter().map(Handset::events).collect();
    for ((desk, phone), events) in DESKS.iter().zip(&phones).zip(events) {
        seen_all &= story::tell(desk, phone, events).await;
    }
    if seen_all {
        narrator::say(
            "embody",
            "every step was seen: three phones were embodied and are bare again",
        );
    } else {
        narrator::say(
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
async fn stay(running: &Running, data: &std::path::Path) {
    let data = data.display();
    let program = program();
    narrator::say(
        "embody",
        "the demo stays up until Ctrl-C. Have a look, in another terminal:",
    );
    for command in [
        format!("{program} status --data {data}"),
        format!("{program} why SEP001122334466 --data {data}"),
        format!("{program} login SEP001122334466 bob --data {data}"),
        format!("{program} export --data {data}"),
    ] {
        narrator::say("embody", &format!("  {command}"));
    }
    if let Some(files) = running.address("config_http") {
        let url = format!("http://{files}/SEP001122334466.cnf.xml");
        narrator::say("embody", &format!("  curl {url}"));
    }
    if let Some(services) = running.address("services_http") {
        let url = format!("http://{services}/emapp/EMAppServlet?device=SEP001122334466");
        narrator::say("embody", &format!("  curl '{url}'"));
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
