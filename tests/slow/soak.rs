//! An hour in a house where nothing is quiet: connections break, phones are
//! reset, people sign in and out, and the daemon itself dies now and then. In
//! the end every phone shows what is wanted.

use std::time::Duration;

use embody::handset::{Fault, Fleet, FleetPlan, Handset, Kind, Member, Pace, PageFault, Servers};
use serde_json::{Value, json};

use crate::load::Plan;
use crate::process::Usage;
use crate::setting::{enough_handles, number};
use crate::support::{Daemon, Site};

/// Seconds that the house has to come to rest: three orders to a phone that
/// does not obey are 180 s apart.
const REST: u32 = 900;

/// How much more memory than after the warm-up there may be at the end, kB:
/// timelines of 64 events a phone fill up to the end.
const GROWTH: u64 = 12 * 1024;

/// Numbers that are the same in every run with the same seed (xorshift,
/// G. Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// Once in `times`, on average.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// What was done, for the report.
#[derive(Debug, Default)]
struct Done {
    cuts: u32,
    restarts: u32,
    resets: u32,
    logins: u32,
    logouts: u32,
    refused: u32,
    lifted: u32,
    at_phones: u32,
    kills: u32,
}

struct House {
    daemon: Daemon,
    phones: Vec<Handset>,
    dice: Dice,
    done: Done,
    walkers: Vec<tokio::task::JoinHandle<bool>>,
}

impl House {
    fn any_phone(&mut self) -> Handset {
        let at = self.dice.below(self.phones.len());
        self.phones[at].clone()
    }

    fn post(&mut self, path: &str, body: &Value) -> bool {
        let (status, _) = self.daemon.admin().post(path, body);
        self.done.refused += u32::from(status != 200);
        status == 200
    }

    /// What happens in one second.
    fn second(&mut self) {
        // One connection of a hundred a minute.
        for at in 0..self.phones.len() {
            if self.dice.once_in(6_000) {
                self.phones[at].cut_connection();
                self.done.cuts += 1;
            }
        }
        if self.dice.once_in(10) {
            let name = self.any_phone().device_name();
            let order = ["restart", "reset"][self.dice.below(2)];
            if self.post(&format!("/phones/{name}/{order}"), &json!({})) {
                let restart = u32::from(order == "restart");
                self.done.restarts += restart;
                self.done.resets += 1 - restart;
            }
        }
        if self.dice.once_in(2) {
            let name = self.any_phone().device_name();
            if self.dice.once_in(3) {
                let out = self.post(&format!("/phones/{name}/logout"), &json!({}));
                self.done.logouts += u32::from(out);
            } else {
                let user = format!("user{}", self.dice.below(self.phones.len()));
                let body = json!({ "user": user });
                let logged_in = self.post(&format!("/phones/{name}/login"), &body);
                self.done.logins += u32::from(logged_in);
            }
        }
        if self.dice.once_in(10) {
            let (phone, user) = (self.any_phone(), self.dice.below(self.phones.len()));
            self.walkers.push(tokio::spawn(sign_in(phone, user)));
        }
        if self.dice.once_in(5) {
            let phone = self.any_phone();
            let lifted = self.dice.once_in(2);
            phone.set_off_hook(lifted);
            self.done.lifted += u32::from(lifted);
        }
    }

    /// Power cut of the server, and back.
    fn kill(&mut self) {
        self.daemon.start_again_with(&[]);
        self.done.kills += 1;
    }

    /// Phones that do not show what is wanted, by the daemon and by what stands
    /// beside their first key.
    fn wrong(&self) -> Vec<String> {
        let status = self.daemon.status();
        let mut wrong = Vec::new();
        for phone in &self.phones {
            let name = phone.device_name();
            let all = status["phones"].as_array().unwrap();
            let told = all
                .iter()
                .find(|told| told["device"] == name.as_str())
                .unwrap();
            let wanted = match told["session"]["user"].as_str() {
                Some(user) => 2_000_000 + user.trim_start_matches("user").parse::<u32>().unwrap(),
                None => 1_000_000 + u32::from_str_radix(&name[9..], 16).unwrap(),
            };
            let shown = phone.buttons().first().map(|key| key.number.clone());
            if told["state"]["is"] != "right"
                || told["peer"].is_null()
                || !phone.is_registered()
                || shown != Some(wanted.to_string())
            {
                wrong.push(format!("{name} shows {shown:?}, wanted {wanted}: {told}"));
            }
        }
        wrong
    }
}

/// Somebody signs in at the phone itself; nothing comes of it when the phone
/// goes down meanwhile.
async fn sign_in(phone: Handset, user: usize) -> bool {
    let id = format!("user{user}");
    let story = async {
        phone.press_services().await.ok()?;
        phone.choose("Extension Mobility").await.ok()?;
        let fields = [("userid", id.as_str()), ("seq", "58213")];
        phone.fill(&fields).await.ok()?;
        phone.soft_key("Submit").await.ok()?
    };
    let page = tokio::time::timeout(Duration::from_secs(30), story).await;
    page.ok()
        .flatten()
        .is_some_and(|page| page.text.contains("uccessful"))
}

/// What a server may never give a phone cause for, whatever breaks.
fn is_inexcusable(fault: &Fault) -> bool {
    !matches!(
        fault,
        // The daemon was dead, or the connection was.
        Fault::Closed
            | Fault::Unreachable(_)
            | Fault::Unanswered(_)
            | Fault::FilesSilent(_)
            | Fault::RegisterStatus { status: 503, .. }
            | Fault::Page {
                fault: PageFault::Connection(_),
                ..
            }
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_of_trouble_leaves_no_phone_behind() {
    let minutes = number("EMBODY_SOAK_MINUTES", 60).max(4);
    let phones = number("EMBODY_SOAK_PHONES", 400);
    let seed = number("EMBODY_SOAK_SEED", 20_260_101);
    enough_handles(phones * 3);
    let plan = Plan {
        kinds: "7960,7961,7961-sip,8841",
        ..Plan::of(phones)
    };
    let daemon = Daemon::start(Site::Text(plan.site()));
    let fleet = Fleet::spawn(FleetPlan {
        phones,
        kinds: Kind::MANAGED.to_vec(),
        servers: Servers {
            tftp: daemon.ports.tftp,
            config_http: Some(daemon.ports.config_http),
            bind: None,
        },
        pace: Pace {
            waits: 0.1,
            back_off: Duration::from_secs(3),
            ..Pace::REAL
        },
        spread: Duration::from_secs(5),
        clones: 0,
    });
    let mut looks = 0;
    while fleet.tally().registered < phones as usize {
        assert!(looks < REST, "{:?} {:?}", fleet.tally(), fleet.faults());
        looks += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(fleet.faults(), [], "before anything was broken");
    let mut house = House {
        daemon,
        phones: fleet.phones(),
        dice: Dice(u64::from(seed) | 1),
        done: Done::default(),
        walkers: Vec::new(),
    };
    house.phones.sort_by_key(Handset::device_name);
    println!("{phones} phones of all kinds for {minutes} minutes, seed {seed}");

    let seconds = minutes * 60;
    // In the first half the daemon dies; in the second its memory is watched.
    let kill_every = (seconds / 2 / 3).min(600);
    let mut warm = Usage::default();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    for second in 1..=seconds {
        tick.tick().await;
        house.second();
        if second <= seconds / 2 && second % kill_every == 0 {
            house.kill();
        }
        if second == seconds * 3 / 4 {
            warm = Usage::of(house.daemon.pid());
        }
        if second % 60 == 0 {
            let usage = Usage::of(house.daemon.pid());
            println!("minute {}: {usage}; {:?}", second / 60, fleet.tally());
        }
    }
    for walker in std::mem::take(&mut house.walkers) {
        house.done.at_phones += u32::from(walker.await.unwrap());
    }
    println!("{:?}", house.done);
    for phone in &house.phones {
        phone.set_off_hook(false);
    }

    let mut rest = 0;
    let mut wrong = house.wrong();
    while !wrong.is_empty() && rest < REST {
        tokio::time::sleep(Duration::from_secs(1)).await;
        rest += 1;
        wrong = house.wrong();
    }
    let end = Usage::of(house.daemon.pid());
    println!("at rest after {rest} s: {end}; after the warm-up: {warm}");
    for (fault, count, first) in fleet.faults() {
        println!("{count} times, first {first}: {fault}");
    }
    assert!(wrong.is_empty(), "{} are stuck: {}", wrong.len(), wrong[0]);
    assert_eq!(house.daemon.status()["pending"], 0);
    assert!(
        !house.daemon.log().contains("panicked"),
        "{}",
        house.daemon.log()
    );
    let inexcusable: Vec<Fault> = house
        .phones
        .iter()
        .flat_map(Handset::faults)
        .filter(is_inexcusable)
        .collect();
    assert!(inexcusable.is_empty(), "{inexcusable:?}");
    assert!(end.rss < warm.rss + GROWTH, "memory grew: {warm} to {end}");
    assert!(house.done.logins > 0 && house.done.cuts > 0 && house.done.at_phones > 0);
    drop(house);
    fleet.power_off().await;
}

/// The soak tells phones apart by what the site file gave them.
#[test]
fn numbers_of_the_site_file_are_those_of_the_fleet() {
    let site = Plan::of(3).site();
    let member = Member {
        number: 2,
        kind: Kind::Cisco7961,
    };
    let name = member.device_name();
    assert_eq!(u32::from_str_radix(&name[9..], 16), Ok(2));
    let block = site.split("[[phone]]").find(|block| block.contains(&name));
    assert!(block.unwrap().contains("number = \"1000002\""));
}
