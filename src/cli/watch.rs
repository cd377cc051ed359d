//! `embody watch`: events as they happen, a line each, and a line when a
//! finding appears or is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::client::{Blocks, Client};
use super::why::{entries, findings, who, word};
use super::{Daemon, Outcome};

/// How often it is looked whether findings have changed.
const LOOK: Duration = Duration::from_secs(1);

/// All phones are looked at every so many looks; in between those of which
/// something was heard.
const ALL: u32 = 15;

/// Phones that are looked at one by one in one look.
const SOME: usize = 16;

/// What `watch` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The phone, for example SEP001122334455. Without it: all.
    phone: Option<String>,
    /// End after the first event or change of a finding.
    #[arg(long)]
    once: bool,
    /// End after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
    #[command(flatten)]
    daemon: Daemon,
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let client = Client::find(&arguments.daemon)?;
    let path = match &arguments.phone {
        Some(phone) => format!("/events?device={phone}"),
        None => "/events".to_owned(),
    };
    // Listening before looking: nothing is missed between.
    let events = client.follow(&path).await?;
    let mut watch = Watch {
        client,
        phone: arguments.phone.clone(),
        known: BTreeMap::new(),
        heard: BTreeSet::new(),
    };
    let first = watch.look_at_all().await?;
    say(&first)?;
    let told = tokio::select! {
        told = watch.tell(events, arguments.once) => told,
        () = over(arguments.seconds) => {
            return Ok(ExitCode::from(if arguments.once { 3 } else { 0 }));
        }
        ended = tokio::signal::ctrl_c() => match ended {
            Ok(()) => return Ok(ExitCode::SUCCESS),
            Err(error) => Err(format!("Ctrl-C cannot be heard: {error}")),
        },
    };
    told.map(|()| ExitCode::SUCCESS)
}

async fn over(seconds: Option<u64>) {
    match seconds {
        Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
}

/// What is known of the findings.
struct Watch {
    client: Client,
    phone: Option<String>,
    /// By who has them, and by rule.
    known: BTreeMap<String, BTreeMap<String, String>>,
    /// Of whom something was heard since the last look.
    heard: BTreeSet<String>,
}

impl Watch {
    /// Tells until the daemon ends it, or after the first news.
    async fn tell(&mut self, mut events: Blocks, once: bool) -> Result<(), String> {
        let mut looks = tokio::time::interval(LOOK);
        let mut count = 0u32;
        loop {
            let news = tokio::select! {
                event = events.next() => match event {
                    Some((name, data)) => vec![self.event(&name, &data)],
                    None => return Err("the daemon ended".to_owned()),
                },
                _ = looks.tick() => {
                    count = count.wrapping_add(1);
                    self.look(count).await?
                }
            };
            say(&news)?;
            if once && !news.is_empty() {
                return Ok(());
            }
        }
    }

    fn event(&mut self, name: &str, data: &Value) -> String {
        if name == "missed" {
            return format!("          {} events were too many to tell", data["missed"]);
        }
        let device = word(&data["device"]);
        if !device.is_empty() {
            self.heard.insert(device.to_owned());
        }
        format!("{}  {}", moment(&data["at"]), word(&data["text"]))
    }

    async fn look(&mut self, count: u32) -> Result<Vec<String>, String> {
        if self.phone.is_some() || count.is_multiple_of(ALL) {
            self.heard.clear();
            return self.look_at_all().await;
        }
        let mut news = Vec::new();
        for _ in 0..SOME {
            let Some(device) = self.heard.pop_first() else {
                break;
            };
            let answer = self.client.get(&format!("/phones/{device}/why")).await?;
            let found = of(&answer);
            news.extend(self.compare(&device, found));
        }
        Ok(news)
    }

    async fn look_at_all(&mut self) -> Result<Vec<String>, String> {
        if let Some(phone) = self.phone.clone() {
            let answer = self.client.get(&format!("/phones/{phone}/why")).await?;
            return Ok(self.compare(&phone, of(&answer)));
        }
        let answer = self.client.get("/why").await?;
        let mut now: BTreeMap<String, BTreeMap<String, String>> = entries(&answer)
            .map(|entry| (who(entry).to_owned(), of(entry)))
            .collect();
        for known in self.known.keys() {
            now.entry(known.clone()).or_default();
        }
        let mut news = Vec::new();
        for (who, found) in now {
            news.extend(self.compare(&who, found));
        }
        Ok(news)
    }

    /// What has changed; from now on `found` is what is known.
    fn compare(&mut self, who: &str, found: BTreeMap<String, String>) -> Vec<String> {
        let before = self.known.remove(who).unwrap_or_default();
        let new = found
            .iter()
            .filter(|(rule, _)| !before.contains_key(*rule))
            .map(|(_, words)| format!("   !!     {who}: {words}"));
        let gone = before
            .keys()
            .filter(|rule| !found.contains_key(*rule))
            .map(|rule| format!("   ok     {who}: {rule} is gone"));
        let news = new.chain(gone).collect();
        if !found.is_empty() {
            self.known.insert(who.to_owned(), found);
        }
        news
    }
}

/// The findings of one, by rule: what was seen and what to do.
fn of(answer: &Value) -> BTreeMap<String, String> {
    let told = |finding: &Value| {
        format!(
            "{} ({}): {} {}",
            word(&finding["rule"]),
            word(&finding["gravity"]),
            word(&finding["seen"]),
            word(&finding["do"]),
        )
    };
    findings(answer)
        .map(|finding| (word(&finding["rule"]).to_owned(), told(finding)))
        .collect()
}

/// A pipe that is closed is the end, and no failure of ours.
fn say(lines: &[String]) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}").map_err(|error| format!("nobody reads any more: {error}"))?;
    }
    out.flush()
        .map_err(|error| format!("nobody reads any more: {error}"))
}

fn moment(at: &Value) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_i64().unwrap_or_default()).unwrap_or_default();
    let there = at.to_zoned(jiff::tz::TimeZone::system());
    there.strftime("%H:%M:%S").to_string()
}
