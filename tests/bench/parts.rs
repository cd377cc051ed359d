//! The parts of the measurement.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use embody::directory::Argon2Hasher;
use embody::ports::Hasher;

use crate::Plan;
use crate::cpu;
use crate::http;
use crate::login::{self, People};
use crate::measure::{Seen, Series, alternate, closed, paced, sample, search};
use crate::peers::{Ground, SECRET};
use crate::report::Report;
use crate::server::Server;
use crate::sip::{Account, Fleet, Transport};
use crate::site::{self, Embody};
use crate::stopwatch::pause;
use crate::tftp::{self, File};

/// Phones that keep their registration alive.
const REGISTERED: usize = 1000;
/// Refreshes that are under way at once.
const KEEPERS: usize = 50;
/// Clients of the login service.
const APPLICATIONS: usize = 8;

/// The boot files of all phones as the daemon generates them.
async fn boot_files(daemon: &Embody) -> Vec<File> {
    let mut files = Vec::new();
    for number in 0..site::PHONES {
        let name = format!("{}.cnf.xml", site::device(number));
        let body = http::download(daemon.config_http, &name).await;
        files.push(File {
            name,
            body: Some(body.unwrap()),
        });
    }
    files
}

/// Files that every phone asks for, and that are rarely there.
fn misses() -> Vec<File> {
    (0..site::PHONES)
        .map(|number| File {
            name: format!("CTL{}.tlv", site::device(number)),
            body: None,
        })
        .collect()
}

/// The daemon, its files, and the same files in a folder for the others.
async fn with_files<'a>(
    plan: &'a Plan,
    name: &'static str,
) -> (Embody, Arc<Vec<File>>, Ground<'a>) {
    let daemon = Embody::start(name, &plan.embody, plan.core, &plan.folder, "").await;
    let files = boot_files(&daemon).await;
    let ground = Ground {
        core: plan.core,
        folder: &plan.folder,
        files: plan.folder.join("files"),
        hpa: plan.hpa.as_deref(),
    };
    fs::create_dir_all(&ground.files).unwrap();
    for file in &files {
        fs::write(ground.files.join(&file.name), file.body.as_ref().unwrap()).unwrap();
    }
    (daemon, Arc::new(files), ground)
}

fn octets(files: &[File]) -> usize {
    let all: usize = files
        .iter()
        .filter_map(|file| Some(file.body.as_ref()?.len()))
        .sum();
    all / files.len().max(1)
}

/// (a) TFTP.
pub(super) async fn tftp(plan: &Plan, report: &mut Report) {
    let (daemon, files, ground) = with_files(plan, "Embody").await;
    let missing = Arc::new(misses());
    let mut contenders: Vec<(&Server, SocketAddr)> = vec![(&daemon.server, daemon.tftp)];
    let dnsmasq = ground.dnsmasq().await;
    contenders.push((&dnsmasq.0, dnsmasq.1));
    let atftpd = ground.atftpd().await;
    contenders.push((&atftpd.0, atftpd.1));
    let hpa = ground.hpa().await;
    contenders.extend(hpa.iter().map(|(server, at)| (server, *at)));

    report.heading(&format!(
        "(a) TFTP: boot files of {} octets on average, blocks of 512",
        octets(&files)
    ));
    let all = alternate(plan.rounds, &contenders, async |at| {
        let (at, files) = (*at, &missing);
        closed(50, plan.time, |number, until| {
            tftp::client(number, until, at, Arc::clone(files))
        })
        .await
    })
    .await;
    report.rows("50 clients, file not found", &all);
    for clients in [1, 50, 400, 2000] {
        let mut all = alternate(plan.rounds, &contenders, async |at| {
            let (at, files) = (*at, &files);
            closed(clients, plan.time, |number, until| {
                tftp::client(number, until, at, Arc::clone(files))
            })
            .await
        })
        .await;
        if clients == 50 && plan.search {
            search(&mut all, &contenders, plan.time, async |at, rate, time| {
                let at = *at;
                paced(rate, time, |number| {
                    let (files, number) = (Arc::clone(&files), number as usize % site::PHONES);
                    Some(
                        async move { tftp::fetch(tftp::address(number), at, &files[number]).await },
                    )
                })
                .await
            })
            .await;
        }
        report.rows(&format!("{clients} clients"), &all);
    }
}

/// (b) Files over HTTP.
pub(super) async fn http(plan: &Plan, report: &mut Report) {
    let (daemon, files, ground) = with_files(plan, "Embody").await;
    let missing = Arc::new(misses());
    let nginx = ground.nginx(false).await;
    let keeping = ground.nginx(true).await;
    let contenders = [(&daemon.server, daemon.config_http), (&nginx.0, nginx.1)];

    report.heading(&format!(
        "(b) HTTP: boot files of {} octets on average",
        octets(&files)
    ));
    for clients in [1, 50, 400] {
        let mut all = alternate(plan.rounds, &contenders, async |at| {
            let (at, files) = (*at, &files);
            closed(clients, plan.time, |number, until| {
                http::client(number, until, at, Arc::clone(files))
            })
            .await
        })
        .await;
        if clients == 50 && plan.search {
            search(&mut all, &contenders, plan.time, async |at, rate, time| {
                let at = *at;
                paced(rate, time, |number| {
                    let (files, number) = (Arc::clone(&files), number as usize % site::PHONES);
                    Some(
                        async move { http::fetch(tftp::address(number), at, &files[number]).await },
                    )
                })
                .await
            })
            .await;
        }
        report.rows(&format!("{clients} clients, a connection a file"), &all);
    }
    let all = alternate(plan.rounds, &contenders, async |at| {
        let (at, files) = (*at, &missing);
        closed(50, plan.time, |number, until| {
            http::client(number, until, at, Arc::clone(files))
        })
        .await
    })
    .await;
    report.rows("50 clients, file not found", &all);
    let contenders = [
        (&daemon.server, daemon.config_http),
        (&keeping.0, keeping.1),
    ];
    let all = alternate(plan.rounds, &contenders, async |at| {
        let (at, files) = (*at, &files);
        closed(50, plan.time, |number, until| {
            http::keeping_client(number, until, at, Arc::clone(files))
        })
        .await
    })
    .await;
    report.rows("50 clients, keep-alive offered", &all);
}

/// (c) Refreshes of registrations.
pub(super) async fn register(plan: &Plan, report: &mut Report) {
    report.heading(&format!("(c) REGISTER: refreshes of {REGISTERED} phones"));
    for digest in [false, true] {
        let (name, more) = if digest {
            ("Embody (digest)", "[sip]\ndigest = true")
        } else {
            ("Embody", "")
        };
        let (daemon, files, ground) = {
            let daemon = Embody::start(name, &plan.embody, plan.core, &plan.folder, more).await;
            let files = boot_files(&daemon).await;
            let ground = Ground {
                core: plan.core,
                folder: &plan.folder,
                files: plan.folder.join("files"),
                hpa: None,
            };
            (daemon, files, ground)
        };
        let ours: Vec<Account> = files
            .iter()
            .take(REGISTERED)
            .enumerate()
            .map(|(number, file)| Account::of(&site::device(number), file.body.as_ref().unwrap()))
            .collect();
        let theirs: Vec<Account> = ours
            .iter()
            .map(|account| Account {
                secret: SECRET.to_owned(),
                ..account.clone()
            })
            .collect();
        let kamailio = ground.kamailio(digest).await;
        for transport in [Transport::Udp, Transport::Tcp] {
            let load = format!(
                "{transport:?}, {}",
                if digest {
                    "with digest"
                } else {
                    "without digest"
                }
            )
            .replace("Tcp", "TCP")
            .replace("Udp", "UDP");
            if !Fleet::is_served(&ours, daemon.sip, transport, digest).await {
                report.line(&format!("| {load} | Embody | not served | | | | | | |"));
                continue;
            }
            let fleet = Fleet::register(&ours, daemon.sip, transport, digest).await;
            let other = Fleet::register(&theirs, kamailio.1, transport, digest).await;
            let disk = Disk::settled(&daemon).await;
            let contenders = [(&daemon.server, fleet), (&kamailio.0, other)];
            let mut all = alternate(plan.rounds, &contenders, async |fleet| {
                closed(KEEPERS, plan.time, |_, until| {
                    fleet.clone().keeper(until, digest)
                })
                .await
            })
            .await;
            if plan.search {
                search(
                    &mut all,
                    &contenders,
                    plan.time,
                    async |fleet, rate, time| {
                        paced(rate, time, |_| {
                            let fleet = fleet.clone();
                            let mut phone = fleet.take()?;
                            Some(async move {
                                let operation = phone.refresh(digest).await;
                                fleet.give_back(phone);
                                operation
                            })
                        })
                        .await
                    },
                )
                .await;
            }
            report.rows(&load, &all);
            let refreshes: u64 = all.first().map_or(0, |ours| ours.total(|one| one.done));
            let touched = disk.touched(&daemon);
            report.line(&format!(
                "| {load}, the disk | Embody | {refreshes} refreshes: {touched} | | | | | | |"
            ));
        }
    }
}

/// What a daemon has written, to see whether it writes more.
struct Disk {
    octets: u64,
    traces: Vec<(std::path::PathBuf, u64, std::time::SystemTime)>,
}

impl Disk {
    fn of(daemon: &Embody) -> Self {
        Self {
            octets: cpu::written(daemon.server.pid()),
            traces: site::traces(&daemon.data),
        }
    }

    /// Once everything that registering made it write is written.
    async fn settled(daemon: &Embody) -> Self {
        let mut last = Self::of(daemon);
        let mut quiet = 0;
        while quiet < 6 {
            pause(Duration::from_millis(500)).await;
            let next = Self::of(daemon);
            let same = next.octets == last.octets && next.traces == last.traces;
            quiet = if same { quiet + 1 } else { 0 };
            last = next;
        }
        last
    }

    fn touched(&self, daemon: &Embody) -> String {
        let after = Self::of(daemon);
        if after.octets == self.octets && after.traces == self.traces {
            return "nothing written, no file changed".to_owned();
        }
        let changed: Vec<String> = after
            .traces
            .iter()
            .filter(|trace| !self.traces.contains(trace))
            .filter_map(|(path, ..)| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect();
        format!(
            "**{} octets written; changed: {}**",
            after.octets - self.octets,
            changed.join(", ")
        )
    }
}

/// (d) The login service, and PIN logins at the phone.
pub(super) async fn login(plan: &Plan, report: &mut Report) {
    let daemon = Embody::start("Embody", &plan.embody, plan.core, &plan.folder, "").await;
    let at = daemon.services_http;
    report.heading(&format!(
        "(d) Login service: {} users, as many unregistered phones, {APPLICATIONS} keep-alive clients",
        site::USERS
    ));
    // The application's password costs a hash once.
    let soon = Duration::from_millis(200);
    let applications = async |time| {
        closed(APPLICATIONS, time, |number, until| {
            login::application(number, APPLICATIONS, until, at)
        })
        .await
    };
    let _ = applications(soon).await;
    let contenders = [(&daemon.server, ())];
    let all = alternate(plan.rounds, &contenders, async |()| {
        applications(plan.time * 2).await
    })
    .await;
    report.rows("durable logins and logouts", &all);

    let all_in = async |people, sign_in| -> Seen {
        closed(4, Duration::ZERO, |number, _| {
            login::pages(number, 4, people, sign_in, at)
        })
        .await
    };
    for (people, who) in [
        (People::Cheap(site::USERS), "a PIN whose hash costs nothing"),
        (People::Usual(site::SLOW_USERS), "a PIN of the usual cost"),
    ] {
        let mut series = [("login", true), ("logout", false)].map(|(what, sign_in)| {
            let series = Series {
                server: daemon.server.name,
                samples: Vec::new(),
                highest: None,
            };
            (what, sign_in, series)
        });
        for _ in 0..plan.rounds {
            for (_, sign_in, series) in &mut series {
                let one = sample(&daemon.server, all_in(people, *sign_in)).await;
                series.samples.push(one);
            }
        }
        for (what, _, series) in series {
            report.rows(&format!("{what} at the phone, {who}"), &[series]);
        }
    }
    report.line(&format!(
        "| one argon2id hash | | {:.0} | | | | | | |",
        hash_cost() * 1000.0
    ));
}

/// Milliseconds of one hash of the usual cost, here.
fn hash_cost() -> f64 {
    let hasher = Argon2Hasher::new();
    let hash = hasher.hash(site::PIN).unwrap();
    let own = std::process::id();
    let (before, count) = (cpu::own(own), 40);
    for _ in 0..count {
        assert!(hasher.matches(site::PIN, &hash));
    }
    cpu::own(own).saturating_sub(before).as_secs_f64() * 1000.0 / f64::from(count)
}
