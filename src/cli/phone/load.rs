//! `embody phone --load`: thousands of virtual phones in one process, and the
//! site file that makes them known. A measuring instrument: it tells once a
//! second how they fare, as `name=value`, for people and for scripts.

use std::fmt::Write as _; // writing to a String cannot fail
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Arguments, servers};
use crate::app::{SystemClock, raise_handle_limit};
use crate::cli::Outcome;
use crate::directory::Argon2Hasher;
use crate::handset::{Fleet, FleetPlan, Kind, Member, Pace, Tally};
use crate::ports::{Clock, Hasher};

/// The PIN of every user of the site file, and the password of its application.
const PIN: &str = "58213";

/// What a load is made of.
#[derive(Debug, Args)]
pub(super) struct LoadArguments {
    /// Run so many phones, each from an address of its own out of 127.64.0.0/10.
    #[arg(long, value_name = "PHONES", conflicts_with_all = ["name", "bind", "sign_in", "sign_out", "show", "steps"])]
    load: Option<u32>,
    /// Print the site file for these phones instead of running them.
    #[arg(long, requires = "load")]
    site_file: bool,
    /// What the phones are, in turn: models, with the protocol where one has two.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "7961,8841",
        requires = "load"
    )]
    kinds: Vec<String>,
    /// Seconds over which they are plugged in.
    #[arg(long, default_value_t = 10, requires = "load")]
    spread: u64,
    /// So many of them have a second phone with the same name elsewhere.
    #[arg(long, default_value_t = 0, requires = "load")]
    clones: u32,
    /// Keepalives and refreshes come after so many hundredths of their time.
    #[arg(long, default_value_t = 100, requires = "load")]
    intervals: u32,
}

impl LoadArguments {
    pub(super) fn is_wanted(&self) -> bool {
        self.load.is_some()
    }

    fn plan(&self, arguments: &Arguments) -> Result<FleetPlan, String> {
        let kinds = self.kinds.iter().map(|name| kind(name));
        let servers = if self.site_file {
            crate::handset::Servers::new(([127, 0, 0, 1], 69).into())
        } else {
            servers(arguments)?
        };
        Ok(FleetPlan {
            phones: self.load.unwrap_or_default(),
            kinds: kinds.collect::<Result<_, _>>()?,
            servers,
            pace: Pace {
                waits: 0.0,
                intervals: f64::from(self.intervals) / 100.0,
                ..Pace::REAL
            },
            spread: Duration::from_secs(self.spread),
            clones: self.clones,
        })
    }
}

/// `7961` or `7961-sip`.
fn kind(name: &str) -> Result<Kind, String> {
    let (model, protocol) = match name.split_once('-') {
        Some((model, protocol)) => (model, Some(protocol)),
        None => (name, None),
    };
    Kind::find(model, protocol).ok_or_else(|| {
        format!(
            "there is no virtual phone {name}; there are 7960, 7960-sip, 7961, 7961-sip and 8841"
        )
    })
}

pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let plan = arguments.load.plan(arguments)?;
    if arguments.load.site_file {
        let hash = Argon2Hasher::new().hash(PIN)?;
        print!("{}", site(&plan, hash.expose()));
        return Ok(ExitCode::SUCCESS);
    }
    raise_handle_limit();
    let all = plan.phones as usize;
    let fleet = Fleet::spawn(plan);
    let clock = SystemClock::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    let mut faults = 0;
    loop {
        tokio::select! {
            _ = &mut stop => break,
            _ = tick.tick() => {}
        }
        let tally = fleet.tally();
        println!("{}", line(clock.monotonic(), &tally));
        if tally.faults > faults {
            faults = tally.faults;
            for (fault, count, first) in fleet.faults().into_iter().take(5) {
                println!("fault {count} times, first {first}: {fault}");
            }
        }
    }
    let tally = fleet.tally();
    fleet.power_off().await;
    Ok(if tally.faults == 0 && tally.registered == all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(since: Duration, tally: &Tally) -> String {
    format!(
        "t={:.1} phones={} registered={} least={} most={} orders={} most_orders={} faults={} \
         tftp_sent={} tftp_repeated={} http={} clones={} clones_registered={}",
        since.as_secs_f64(),
        tally.phones,
        tally.registered,
        tally.least_registrations,
        tally.most_registrations,
        tally.orders,
        tally.most_orders,
        tally.faults,
        tally.tftp_sent,
        tally.tftp_repeated,
        tally.http_requests,
        tally.clones,
        tally.clones_registered,
    )
}

/// A site of as many users with a profile each as there are phones. All have
/// the same PIN hash: ten thousand hashes would take minutes and show nothing.
fn site(plan: &FleetPlan, pin_hash: &str) -> String {
    let mut out = format!(
        "version = 1\n\n[parameters]\nmultiple_login_behavior = \"auto-logout\"\n\n\
         [[application_user]]\nid = \"emapp\"\npassword = \"{PIN}\"\nproxy_rights = true\n\n\
         [[service]]\nname = \"Weather\"\nurl = \"http://services.example.com/weather.xml\"\n"
    );
    for member in plan.members() {
        block(&mut out, member, pin_hash);
    }
    out
}

fn block(out: &mut String, member: Member, pin_hash: &str) {
    let (number, kind) = (member.number, member.kind);
    let (model, protocol) = (kind.model(), kind.protocol().name().to_lowercase());
    let (own, his) = (1_000_000 + number, 2_000_000 + number);
    let _ = write!(
        out,
        "\n[[phone]]\nname = \"{name}\"\nmodel = \"{model}\"\nprotocol = \"{protocol}\"\n\
         extension_mobility = true\nline = [{{ number = \"{own}\", label = \"Desk {number}\" }}]\n\
         speed_dial = [{{ number = \"112\", label = \"Emergency\", emergency = true }}]\n\
         \n[[profile]]\nname = \"user{number}\"\nmodel = \"{model}\"\n\
         line = [{{ number = \"{his}\", label = \"User {number}\" }}]\n\
         speed_dial = [{{ number = \"{own}\", label = \"Desk {number}\" }}]\n\
         service = [{{ name = \"Weather\" }}]\n\
         \n[[user]]\nid = \"user{number}\"\nalias = \"{his}\"\npin_hash = \"{pin_hash}\"\n\
         profiles = [\"user{number}\"]\n",
        name = member.device_name(),
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::handset::Servers;

    #[test]
    fn kinds_are_named_by_model_and_protocol() {
        assert_eq!(kind("7961"), Ok(Kind::Cisco7961));
        assert_eq!(kind("7961-sip"), Ok(Kind::Cisco7961Sip));
        assert!(kind("8841-sccp").unwrap_err().contains("7961-sip"));
    }

    #[test]
    fn the_site_file_has_all_phones_and_passes_the_check() {
        let plan = FleetPlan {
            phones: 5,
            kinds: Kind::MANAGED.to_vec(),
            servers: Servers::new(([127, 0, 0, 1], 69).into()),
            pace: Pace::default(),
            spread: Duration::ZERO,
            clones: 0,
        };
        let hash = Argon2Hasher::with_cost(8, 1).unwrap().hash(PIN).unwrap();
        let text = site(&plan, hash.expose());
        let configs = crate::provision::PhoneConfigs::load(None).unwrap();
        let document = crate::site::parse(&text).unwrap();
        let findings = crate::site::check(&document, &configs.catalogue);
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == crate::site::Severity::Error);
        assert_eq!(errors.count(), 0, "{findings:?}");
        assert_eq!(text.matches("[[phone]]").count(), 5);
    }
}
