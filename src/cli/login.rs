//! `embody login`, `embody logout`, and the words of CME for both, `embody
//! emadmin`: at one phone, of one user, of a list, of everybody.

mod list;

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use super::client::Client;
use super::{Daemon, Outcome};

/// What `login` takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("who").required(true).args(["user", "file"]))]
pub(super) struct LoginArguments {
    /// The user id.
    #[arg(requires = "phone")]
    user: Option<String>,
    /// The phone, for example SEP001122334455.
    phone: Option<String>,
    /// The profile to take; the user's default when absent.
    #[arg(long)]
    profile: Option<String>,
    /// Minutes after which the login ends; 0 is without end.
    #[arg(long, conflicts_with = "indefinite")]
    minutes: Option<u32>,
    /// Without end, unless a maximum is enforced.
    #[arg(long)]
    indefinite: bool,
    /// Sign out whoever is on the phone.
    #[arg(long)]
    force: bool,
    /// Sign the user out of his other phones.
    #[arg(long = "move")]
    moves: bool,
    /// Sign in as a list says: lines of `device,user`, and `profile` and
    /// `minutes` where its first line names them. `-` is standard input.
    #[arg(long, conflicts_with_all = ["user", "phone"])]
    file: Option<String>,
    #[command(flatten)]
    daemon: Daemon,
}

/// What `logout` takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").required(true).args(["what", "all", "file"]))]
pub(super) struct LogoutArguments {
    /// The phone, or the user, who is signed out wherever he is.
    what: Option<String>,
    /// Everybody.
    #[arg(long)]
    all: bool,
    /// Sign out as a list says: lines of `device,user`, either of which may be
    /// empty. `-` is standard input.
    #[arg(long)]
    file: Option<String>,
    #[command(flatten)]
    daemon: Daemon,
}

/// CME's words (*Command Reference*, `emadmin login`, `emadmin logout`).
#[derive(Debug, Subcommand)]
pub(super) enum Emadmin {
    /// Sign a user in on a phone.
    Login {
        /// The user id.
        name: String,
        /// The phone, for example SEP001122334455.
        phone: String,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Sign a user out wherever he is.
    Logout {
        /// The user id.
        name: String,
        #[command(flatten)]
        daemon: Daemon,
    },
}

pub(super) async fn login(arguments: &LoginArguments) -> Outcome {
    let mut body = json!({"force": arguments.force, "move": arguments.moves});
    if let Some(profile) = &arguments.profile {
        body["profile"] = json!(profile);
    }
    if let Some(minutes) = arguments.minutes {
        body["minutes"] = json!(minutes);
    }
    if arguments.indefinite {
        body["indefinite"] = json!(true);
    }
    let client = Client::find(&arguments.daemon)?;
    match (&arguments.user, &arguments.phone, &arguments.file) {
        (Some(user), Some(phone), _) => {
            let (user, phone) = in_order(user, phone);
            sign_in(&client, user, phone, body).await
        }
        (_, _, Some(file)) => list::login(&client, file, &body).await,
        _ => Err("say who signs in where: embody login USER PHONE".to_owned()),
    }
}

pub(super) async fn logout(arguments: &LogoutArguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    if arguments.all {
        return sign_out_many(&client, &json!({"all": true})).await;
    }
    if let Some(file) = &arguments.file {
        return list::logout(&client, file).await;
    }
    let what = arguments.what.as_deref().unwrap_or_default();
    if is_phone(&client, what).await {
        return sign_out(&client, what).await;
    }
    sign_out_many(&client, &json!({"user": what})).await
}

pub(super) async fn emadmin(command: &Emadmin) -> Outcome {
    match command {
        Emadmin::Login {
            name,
            phone,
            daemon,
        } => {
            let (name, phone) = in_order(name, phone);
            sign_in(&Client::find(daemon)?, name, phone, json!({})).await
        }
        Emadmin::Logout { name, daemon } => {
            sign_out_many(&Client::find(daemon)?, &json!({"user": name})).await
        }
    }
}

async fn sign_in(client: &Client, user: &str, phone: &str, mut body: Value) -> Outcome {
    body["user"] = json!(user);
    let path = format!("/phones/{}/login", segment(phone));
    let done = client.post(&path, &body).await?;
    for gone in done["displaced"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(Some(&done["replaced"]).filter(|gone| gone.is_object()))
    {
        println!(
            "{} signed out on {}",
            word(&gone["user"]),
            word(&gone["device"])
        );
    }
    println!(
        "{} signed in on {} with profile {}",
        word(&done["user"]),
        word(&done["device"]),
        word(&done["profile"])
    );
    if let Some(owner) = done["desk_of"].as_str() {
        println!("it is the desk of {owner}");
    }
    tell(&done["planned"]);
    Ok(ExitCode::SUCCESS)
}

async fn sign_out(client: &Client, phone: &str) -> Outcome {
    let path = format!("/phones/{}/logout", segment(phone));
    let done = client.post(&path, &json!({})).await?;
    say_out(&done);
    Ok(ExitCode::SUCCESS)
}

async fn sign_out_many(client: &Client, body: &Value) -> Outcome {
    let done = client.post("/sessions/logout", body).await?;
    let gone = done["signed_out"].as_array().map_or(&[][..], Vec::as_slice);
    for one in gone {
        say_out(one);
    }
    if gone.is_empty() {
        println!("nobody was signed in");
    }
    Ok(ExitCode::SUCCESS)
}

fn say_out(gone: &Value) {
    println!(
        "{} signed out on {}",
        word(&gone["user"]),
        word(&gone["device"])
    );
    tell(&gone["planned"]);
}

/// User and phone, also when they were given the other way round: a name of a
/// desk phone cannot be mistaken for anything else.
fn in_order<'a>(user: &'a str, phone: &'a str) -> (&'a str, &'a str) {
    if is_desk_phone(user) && !is_desk_phone(phone) {
        (phone, user)
    } else {
        (user, phone)
    }
}

fn is_desk_phone(text: &str) -> bool {
    let name = crate::model::DeviceName::new(text);
    name.is_ok_and(|name| name.mac().is_some())
}

/// Whether this names a phone that is configured.
async fn is_phone(client: &Client, what: &str) -> bool {
    let path = format!("/phones/{}", segment(what));
    is_desk_phone(what) || client.get(&path).await.is_ok()
}

/// Text as one segment of a path (RFC 3986, section 3.3).
pub(super) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Tells what was set going.
pub(super) fn tell(planned: &Value) {
    for item in planned.as_array().into_iter().flatten() {
        println!(
            "{}: {} because {}",
            word(&item["device"]),
            word(&item["plan"]),
            word(&item["because"])
        );
    }
}

/// A JSON string as text.
pub(super) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
