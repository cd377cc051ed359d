//! `embody phone`: a virtual phone that boots from a server, tells what it
//! sees, and can sign somebody in or do what a script says; or thousands of
//! them.

mod drive;
mod load;
mod script;

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::sync::mpsc;

use super::{Daemon, Outcome, logging};
use crate::app::RunFile;
use crate::handset::{Handset, HandsetEvent, Mac, Model, Pace, Page, Pause, Profile, Servers};

/// What `phone` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The number on its case, such as 7905, 7940, 7961, 7970 or 8841.
    #[arg(long, default_value = "7961")]
    model: String,
    /// The protocol of its load: sccp or sip; the model's first when absent.
    #[arg(long)]
    protocol: Option<String>,
    /// The load that it runs, of those that such phones run: old and new loads
    /// ask for other files, in another order. Its usual one when absent.
    #[arg(long, value_name = "LOAD", conflicts_with_all = ["protocol", "load"])]
    firmware: Option<String>,
    /// Its MAC address, twelve hex digits, or its device name.
    #[arg(long, default_value = "SEP001122334466")]
    name: String,
    /// The TFTP server, address:port; the daemon of --data when absent.
    #[arg(long)]
    tftp: Option<SocketAddr>,
    /// The configuration server over HTTP, address:port.
    #[arg(long)]
    config_http: Option<SocketAddr>,
    /// The phone's own address.
    #[arg(long)]
    bind: Option<IpAddr>,
    /// Sign in: user id or alias, and PIN.
    #[arg(long, num_args = 2, value_names = ["USER", "PIN"])]
    sign_in: Option<Vec<String>>,
    /// The profile to choose, for who has several.
    #[arg(long, requires = "sign_in")]
    profile: Option<String>,
    /// Sign out.
    #[arg(long, conflicts_with = "sign_in")]
    sign_out: bool,
    /// Draw each page, and the main screen, as that model shows them.
    #[arg(long)]
    show: bool,
    /// Do these steps and end: services, 1, userid=alice, seq=-, Submit, wait.
    ///
    /// Steps are separated by commas (a comma of a step is \,): `services`
    /// presses the Services key; a number chooses an item; FIELD=VALUE types,
    /// and FIELD=- types the next line of standard input; `refresh` follows the
    /// page's Refresh header; open:URL loads a page; `wait` waits for the
    /// restart; `main` looks at the main screen; any other name is a soft key
    /// or an item (key:NAME and item:NAME say which). Ends with 0; with 3 when
    /// the last page tells an error; with 1 when a step cannot be done.
    #[arg(long = "do", value_name = "STEPS", conflicts_with_all = ["sign_in", "sign_out"])]
    steps: Option<script::Line>,
    /// End once registered (and signed in or out) instead of staying on.
    #[arg(long)]
    once: bool,
    /// Answer as its own web server at this port of its own address, where
    /// `embody look` asks; 80 on a real phone ([push] phone_port).
    #[arg(long, value_name = "PORT")]
    web: Option<u16>,
    #[command(flatten)]
    load: load::LoadArguments,
    #[command(flatten)]
    daemon: Daemon,
}

/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(arguments: Arguments) -> Outcome {
    logging::install("warn");
    if arguments.load.is_wanted() {
        return load::run(&arguments).await;
    }
    let script = arguments.steps.as_ref().map(script::Line::read);
    let script = script.transpose().map_err(|error| error.to_string())?;
    let (phone, held) = plug_in(&arguments)?;
    println!("{} boots", phone.device_name());
    if let Some(port) = arguments.web {
        let at = phone.serve_web(port).await;
        let at = at.map_err(|error| format!("its web server cannot have port {port}: {error}"))?;
        println!("its web server is http://{at}/");
    }
    tell(&phone);
    // Who tells is there: from here on it runs freely.
    drop(held);
    registered(&phone, 1).await?;
    if arguments.show {
        println!("{}", phone.main_screen().draw());
    }
    if let Some(script) = script {
        let code = drive::run(&phone, &script, arguments.show).await?;
        phone.power_off().await;
        return Ok(code);
    }
    if arguments.sign_in.is_some() || arguments.sign_out {
        browse(&phone, &arguments).await?;
        registered(&phone, 2).await?;
        if arguments.show {
            println!("{}", phone.main_screen().draw());
        }
    }
    if arguments.once {
        tell_keys(&phone);
    } else {
        // Without signals there is only the end of the process.
        let _ = tokio::signal::ctrl_c().await;
    }
    let faults = phone.faults();
    phone.power_off().await;
    Ok(if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The phone, which waits before its first file until the receiver is dropped.
fn plug_in(arguments: &Arguments) -> Result<(Handset, mpsc::Receiver<Pause>), String> {
    let hex = arguments.name.trim_start_matches("SEP");
    let mac = Mac::from_hex(hex).ok_or_else(|| format!("{} is no MAC address", arguments.name))?;
    let profile = match &arguments.firmware {
        Some(load) => Profile::with_load(&arguments.model, load, mac),
        None => Profile::find(&arguments.model, arguments.protocol.as_deref(), mac),
    };
    let profile = profile.ok_or_else(|| no_such_phone(arguments))?;
    let servers = servers(arguments)?;
    Ok(Handset::spawn_paused(profile, servers, Pace::default()))
}

fn no_such_phone(arguments: &Arguments) -> String {
    let model = &arguments.model;
    if let (Some(known), Some(load)) = (Model::find(model), &arguments.firmware) {
        let loads: Vec<String> = known
            .loads()
            .map(|(load, family)| format!("{load} ({})", family.name))
            .collect();
        return format!(
            "there is no virtual {model} with the load {load}; there are {}",
            loads.join(", ")
        );
    }
    if let (Some(_), Some(protocol)) = (Model::find(model), &arguments.protocol) {
        return format!("there is no virtual {model} with a load for {protocol}");
    }
    let numbers: Vec<&str> = Model::all().map(|model| model.number).collect();
    format!(
        "there is no virtual {model}; there are {}",
        numbers.join(", ")
    )
}

fn tell_keys(phone: &Handset) {
    let keys: Vec<String> = phone
        .buttons()
        .iter()
        .map(|key| format!("[{}] {}", key.key, key.label))
        .collect();
    println!("keys: {}", keys.join("  "));
}

/// Whom the phone asks for its files: who was named, or the daemon of --data.
fn servers(arguments: &Arguments) -> Result<Servers, String> {
    let listen = match arguments.tftp {
        Some(_) => None,
        None => Some(RunFile::read(&arguments.daemon.data)?.listen),
    };
    let port = |name: &str| -> Option<SocketAddr> {
        let address: SocketAddr = listen.as_ref()?[name].as_str()?.parse().ok()?;
        Some(reachable(address))
    };
    let tftp = arguments
        .tftp
        .or_else(|| port("tftp"))
        .ok_or("the daemon's TFTP port is off")?;
    let config_http = arguments.config_http.or_else(|| port("config_http"));
    Ok(Servers {
        tftp,
        config_http,
        bind: arguments.bind,
    })
}

/// Where a daemon that listens on every address is reached from this host.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => address,
        IpAddr::V4(_) => SocketAddr::from(([127, 0, 0, 1], address.port())),
        IpAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port())),
    }
}

/// Prints what the phone sees.
fn tell(phone: &Handset) {
    let mut events = phone.events();
    tokio::spawn(async move {
        while let Ok(event) = events.recv().await {
            match event {
                HandsetEvent::FileFetched {
                    name,
                    service,
                    outcome,
                } => {
                    println!("{name} over {service:?}: {outcome:?}");
                }
                HandsetEvent::Fault(fault) => println!("FAULT: {fault}"),
                HandsetEvent::Prompt(text) | HandsetEvent::Notice(text) => {
                    println!("display: {text}");
                }
                HandsetEvent::Dialled(number) => println!("dials {number} (no calls are made)"),
                HandsetEvent::CallHistoryCleared => println!("forgets its call history"),
                HandsetEvent::Pushed(page) => println!("pushed: {} {}", page.title, page.text),
                HandsetEvent::Rejected(text) => println!("registration rejected: {text}"),
                HandsetEvent::Registered { count } => println!("registered ({count})"),
                HandsetEvent::Restarting => println!("restarts"),
                HandsetEvent::Resetting => println!("resets"),
                HandsetEvent::Buttons(buttons) => {
                    for button in buttons {
                        println!("key {}: {} ({:?})", button.key, button.label, button.kind);
                    }
                }
                _ => {}
            }
        }
    });
}

async fn registered(phone: &Handset, count: u32) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, phone.wait_registrations(count)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(gone)) => Err(gone.to_string()),
        Err(_) => {
            let faults: Vec<String> = phone.faults().iter().map(ToString::to_string).collect();
            Err(format!("the phone did not register: {}", faults.join("; ")))
        }
    }
}

async fn browse(phone: &Handset, arguments: &Arguments) -> Result<(), String> {
    let show = |page: &Option<Page>| {
        if let Some(page) = page.as_ref().filter(|_| arguments.show) {
            println!("{}", page.draw());
        }
    };
    let odd = |error: crate::handset::BrowseError| error.to_string();
    show(&phone.press_services().await.map_err(odd)?);
    show(&phone.choose("Extension Mobility").await.map_err(odd)?);
    #[allow(clippy::single_match_else)] // two ways of one kind
    let page = match arguments.sign_in.as_deref() {
        Some([user, pin]) => {
            phone
                .fill(&[("userid", user), ("seq", pin)])
                .await
                .map_err(odd)?;
            let mut page = phone.soft_key("Submit").await.map_err(odd)?;
            show(&page);
            if let Some(profile) = &arguments.profile {
                page = phone.choose(profile).await.map_err(odd)?;
                show(&page);
            }
            page
        }
        _ => {
            let page = phone.soft_key("Yes").await.map_err(odd)?;
            show(&page);
            page
        }
    };
    let text = page.map(|page| page.text).unwrap_or_default();
    if text.contains("uccessful") {
        println!("{}", text.lines().next().unwrap_or_default());
        return Ok(());
    }
    Err(format!("the phone shows: {}", text.replace('\n', " ")))
}
