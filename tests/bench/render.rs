//! Making a boot file: what is wanted on a phone, and its bytes. No server and
//! no network: what TFTP and HTTP add is measured by the parts (a) and (b).

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use embody::model::{Change, DeviceName, ObjectId, Origin, Session, Timestamp, World};
use embody::provision::{AdvertisedPorts, PhoneConfigs, RenderContext};
use embody::site::{parse, world_of};

use crate::Plan;
use crate::report::Report;
use crate::stopwatch::now;

/// Model, protocol, add-on modules.
const PHONES: [(&str, &str, &[&str]); 7] = [
    ("7960", "sccp", &["7914", "7914"]),
    ("7960", "sip", &[]),
    ("7962", "sccp", &["7916-24", "7916-24"]),
    ("7962", "sip", &["7916-24", "7916-24"]),
    ("7821", "sip", &[]),
    ("8861", "sip", &[]),
    ("9971", "sip", &["CKEM", "CKEM"]),
];

/// Files made in one run of the watch.
const FILES: u32 = 500;

fn device(number: usize) -> String {
    format!("SEP0200010000{number:02X}")
}

/// Each phone with a line and four speed dials of its own, and a user with a
/// profile of two lines and eight speed dials.
fn site() -> String {
    let dials = |count: u32| {
        let dial = |n| format!("{{ number = \"3{n:03}\", label = \"Office {n}, second floor\" }}");
        (0..count).map(dial).collect::<Vec<_>>().join(", ")
    };
    let mut text = String::from("version = 1\n");
    for (number, (model, protocol, modules)) in PHONES.iter().enumerate() {
        let modules: Vec<String> = modules.iter().map(|name| format!("{name:?}")).collect();
        let _ = write!(
            text,
            "[[phone]]\nname = \"{}\"\nmodel = \"{model}\"\nprotocol = \"{protocol}\"\n\
             extension_mobility = true\nexpansion_modules = [{}]\n\
             line = [{{ number = \"100{number}\", label = \"Desk {number}\" }}]\n\
             speed_dial = [{}]\n\
             [[profile]]\nname = \"user-{number}\"\nmodel = \"{model}\"\n\
             line = [{{ number = \"200{number}\", label = \"Alice\" }}, {{ number = \"210{number}\" }}]\n\
             speed_dial = [{}]\n\
             [[user]]\nid = \"user-{number}\"\nprofiles = [\"user-{number}\"]\n",
            device(number),
            modules.join(", "),
            dials(4),
            dials(8),
        );
    }
    text
}

fn sign_in(world: &mut World, phone: ObjectId, number: usize) {
    let name = format!("user-{number}");
    let user = world
        .users
        .values()
        .find(|user| user.user_id.as_str() == name);
    let profile = world.profiles.values().find(|it| it.name.as_str() == name);
    let session = Session {
        phone,
        user: user.unwrap().id,
        profile: profile.unwrap().id,
        since: Timestamp(0),
        expires: None,
        origin: Origin::Phone,
        frozen: None,
        mismatched: false,
    };
    world.apply(&Change::PutSession(session));
}

/// Microseconds for one, of each round.
fn each(rounds: usize, make: impl Fn()) -> Vec<f64> {
    let mut all: Vec<f64> = (0..rounds)
        .map(|_| {
            let begin = now();
            for _ in 0..FILES {
                make();
            }
            let took: Duration = begin.elapsed();
            took.as_secs_f64() * 1e6 / f64::from(FILES)
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all
}

fn spread(all: &[f64]) -> String {
    let (median, least, most) = (all[all.len() / 2], all[0], all[all.len() - 1]);
    format!("{median:.0} ({least:.0} to {most:.0})")
}

/// (g) Boot files.
pub(super) fn files(plan: &Plan, report: &mut Report) {
    let configs = PhoneConfigs::load(None).unwrap();
    let mut world = world_of(&parse(&site()).unwrap());
    let ctx = RenderContext {
        host: "192.0.2.1",
        ports: AdvertisedPorts {
            services_http: Some(8080),
            sccp: Some(2000),
            sip: Some(5060),
        },
        host_time_zone: "Europe/Berlin",
        now: Timestamp(1_780_000_000_000),
    };
    report.line("\n### (g) Boot files: microseconds for one, median (least to greatest)\n");
    report.line("| phone | | octets | what is wanted | its bytes |");
    report.line("|---|---|---|---|---|");
    for (number, (model, protocol, _)) in PHONES.iter().enumerate() {
        let name = DeviceName::new(&device(number)).unwrap();
        let id = world.phone(&name).unwrap().id;
        for signed_in in [false, true] {
            if signed_in {
                sign_in(&mut world, id, number);
            }
            let wanted = world.wanted(&configs.catalogue, id).unwrap();
            let body = configs.renderer.boot_file(&wanted, &ctx).unwrap();
            let resolving = each(plan.rounds, || {
                black_box(world.wanted(&configs.catalogue, id));
            });
            let rendering = each(plan.rounds, || {
                black_box(configs.renderer.boot_file(&wanted, &ctx).unwrap());
            });
            report.line(&format!(
                "| {model} {protocol} | {} | {} | {} | {} |",
                if signed_in { "signed in" } else { "bare" },
                body.len(),
                spread(&resolving),
                spread(&rendering),
            ));
        }
    }
}
