//! Traps of who and where: another server, another address, a loop.

use std::net::IpAddr;
use std::time::Duration;

use super::signalling::{LOOP, OVER};
use super::{BOOT, Scene};
use crate::journal::diagnosis::finding::{Finding, Gravity, Rule};
use crate::journal::trail::{Mark, Seen};
use crate::journal::words::{ago, clean};
use crate::ports::Sign;

/// Boots, before that is more than an operator who tries something.
const BOOTS: u32 = 4;

/// A phone fetches its file within this time before it registers, also when it
/// takes a load in between.
const FETCH: Duration = Duration::from_secs(900);

/// Words of phones for a boot that reads files: `Initialized` after power-up,
/// `Reset-Reset`. A restart may go without on old loads.
const BOOTED: [&str; 3] = ["initialized", "reset-reset", "power"];

pub(super) fn other_address_told(scene: &Scene<'_>) -> Option<Finding> {
    let evidence = scene.evidence?;
    let told = evidence.advertised?;
    let asked = scene.open_sign(Sign::BootFileAsked)?;
    let reached: IpAddr = asked.detail.parse().ok()?;
    let sent = scene.open(Mark::FileSent)?;
    let tried = [Sign::NoSccpRegister, Sign::NoSipRegister, Sign::SipOverUdp]
        .into_iter()
        .any(|sign| scene.open_sign(sign).is_some())
        || [Mark::WrongSecret, Mark::NamesDiffer, Mark::Refused]
            .into_iter()
            .any(|mark| scene.open(mark).is_some());
    if told == reached || tried || scene.is_registered() || scene.now.since(sent.last) < BOOT {
        return None;
    }
    Some(Finding::new(
        (Rule::OtherAddressTold, Gravity::Stops),
        format!(
            "{} took its file at {reached} {}, the file tells it {told}, and nothing of it came \
             there.",
            scene.who,
            ago(scene.now, sent.last)
        ),
        format!(
            "Every phone is told `advertised_address`, {told}, and this one seems not to reach it."
        ),
        format!(
            "Take `advertised_address` out of embody.toml: each phone is then told the address \
             that it reached. Or see that {told} is this host as the phone sees it."
        ),
    ))
}

/// The boots, where they are a loop. A phone that stays registered all the while
/// does not boot, nor does it at another address: somebody else fetches its file.
pub(super) fn boots_in_a_loop<'a>(scene: &Scene<'a>) -> Option<&'a Seen> {
    scene.trail.of(Mark::FileSent).filter(|seen| {
        seen.count >= BOOTS
            && seen.pace().is_some_and(|pace| pace <= LOOP)
            && scene.now.since(seen.last) < OVER
            && !scene.is_elsewhere(seen)
            && scene
                .registered_since()
                .is_none_or(|since| since >= seen.first)
    })
}

pub(super) fn boot_loop(scene: &Scene<'_>) -> Option<Finding> {
    let seen = boots_in_a_loop(scene)?;
    let other_protocol = other_protocol(scene);
    let registered = match scene.trail.of(Mark::Registered) {
        Some(registered) if registered.is_after_first(seen) => "It registers in between.",
        _ => "It did not register in between.",
    };
    Some(Finding::new(
        (Rule::BootLoop, Gravity::Stops),
        format!(
            "{} took its file {}. {registered}{}",
            scene.who,
            scene.how_often(seen),
            scene.last_alarm()
        ),
        format!(
            "It boots in a loop, and nobody ordered it: {}a file that it does not like, power \
             that fails (a switch port with too little of it), a load that crashes, or somebody \
             pulls the plug.",
            if other_protocol.is_empty() {
                ""
            } else {
                "a load of the other protocol, which the first file that it finds stops, "
            }
        ),
        format!(
            "{other_protocol}Look at its display and at Settings > Status > Status Messages for \
             what it says of its file; try it on another port or with a power supply; then give it \
             another load."
        ),
    ))
}

/// What to do first about a 7940 or 7960 that never registered: the first file
/// that such a phone finds picks its protocol, and it may have no such load.
fn other_protocol(scene: &Scene<'_>) -> String {
    let is_theirs = matches!(scene.model(), Some("7940" | "7960"));
    let Some(served) = scene.protocol().filter(|_| is_theirs) else {
        return String::new();
    };
    if scene.trail.of(Mark::Registered).is_some() || scene.is_registered() {
        return String::new();
    }
    let other = served.other().to_string().to_ascii_lowercase();
    format!(
        "Does it run a load of {}? It is given a file for {served}: set \
         `protocol = \"{other}\"` in its [[phone]] block. ",
        served.other()
    )
}

pub(super) fn file_not_from_here(scene: &Scene<'_>) -> Option<Finding> {
    let evidence = scene.evidence?;
    let registration = evidence.registration.as_ref()?;
    let registered = scene.trail.of(Mark::Registered)?;
    let words = registered.detail.to_ascii_lowercase();
    let booted = BOOTED.iter().any(|word| words.contains(word));
    let up_before = registered.last.since(evidence.up_since) > FETCH;
    // An operator's own file is asked for, and not one of ours that is sent.
    let fetched = [
        Mark::FileSent,
        Mark::Sign(Sign::SignedSent),
        Mark::Sign(Sign::BootFileAsked),
    ]
    .into_iter()
    .filter_map(|mark| scene.trail.last(mark))
    .any(|at| registered.last.since(at) < FETCH);
    // The second port of an adapter has the file of the first.
    let elsewhere =
        registration.configured_elsewhere || evidence.device.as_str().starts_with("ATA");
    if !booted || !up_before || fetched || elsewhere {
        return None;
    }
    Some(Finding::new(
        (Rule::FileNotFromHere, Gravity::Disturbs),
        format!(
            "{} booted ({}) and registered {}, and did not ask for its file here.",
            scene.who,
            clean(&registered.detail),
            ago(scene.now, registered.last)
        ),
        "Its file came from another TFTP server, or from its own memory because none answered: \
         what is changed here does not reach it.",
        "Let DHCP option 150 (or 66) name Embody alone, clear an Alternate TFTP address in its \
         network settings, and restart it at the phone.",
    ))
}
