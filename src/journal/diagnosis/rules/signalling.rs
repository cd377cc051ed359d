//! Traps between the file and the registration, and after it.

use std::time::Duration;

use super::{BOOT, Scene};
use crate::journal::diagnosis::finding::{Finding, Gravity, Rule};
use crate::journal::trail::{Mark, Seen};
use crate::journal::words::{address, clean};
use crate::model::Protocol;
use crate::ports::Sign;

/// Connections that come to nothing, before that is more than a scanner.
const CONNECTIONS: u32 = 3;

/// Registrations that end, before that is more than a bad day.
const ENDS: u32 = 4;

/// What comes slower than this is no loop.
pub(super) const LOOP: Duration = Duration::from_secs(150);

/// A loop that rests so long is over.
pub(super) const OVER: Duration = Duration::from_secs(300);

/// The name of a registered phone in a request from another address: it is well,
/// and the other is the one to look at.
fn of_another(scene: &Scene<'_>, rule: Rule, seen: &Seen) -> Option<Finding> {
    let registration = scene.registration().filter(|_| scene.is_elsewhere(seen))?;
    let own = address(registration.peer);
    Some(Finding::new(
        (rule, Gravity::Hint),
        format!(
            "Somebody tried to register as {} {}, while it is registered from {own}; the answer \
             was: {}.",
            scene.who,
            scene.how_often(seen),
            clean(&seen.detail)
        ),
        "The phone itself is well. Another gives its name: one that holds a copy of its file, a \
         soft phone, or somebody who tries.",
        "Look at what stands at the other address: a phone there needs its own file, a soft \
         phone its own name.",
    ))
}

pub(super) fn wrong_secret(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.open(Mark::WrongSecret).filter(|s| s.count > 1)?;
    if let Some(finding) = of_another(scene, Rule::WrongSecret, seen) {
        return Some(finding);
    }
    Some(Finding::new(
        (Rule::WrongSecret, Gravity::Stops),
        format!(
            "{} proved itself with a wrong digest {}.",
            scene.who,
            scene.how_often(seen)
        ),
        "The secret in the file that it holds (authPassword) is not the one that it has here: \
         the file is of another server, or older than its secret.",
        "Restart it at the phone, so that it takes its file anew, and see that it asks Embody \
         for it (`embody watch` shows the request). While it cannot be reached, nothing can be \
         ordered from here.",
    ))
}

pub(super) fn names_differ(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.open(Mark::NamesDiffer)?;
    if let Some(finding) = of_another(scene, Rule::NamesDiffer, seen) {
        return Some(finding);
    }
    Some(Finding::new(
        (Rule::NamesDiffer, Gravity::Stops),
        format!(
            "{} gave itself names that contradict each other {}, and was answered 403.",
            scene.who,
            scene.how_often(seen)
        ),
        "Device name, MAC address or digest user in its REGISTER are those of different phones: \
         the file it holds was copied from another phone.",
        "Let it take its own file: erase its configuration at the phone and restart it. One \
         file serves one phone.",
    ))
}

pub(super) fn refused(scene: &Scene<'_>) -> Option<Finding> {
    scene.evidence?.phone.as_ref()?;
    let passed = ["not configured", "another phone", "Busy", "CSeq"];
    let seen = scene
        .open(Mark::Refused)
        .filter(|seen| !passed.iter().any(|words| seen.detail.contains(words)))?;
    if let Some(finding) = of_another(scene, Rule::Refused, seen) {
        return Some(finding);
    }
    Some(Finding::new(
        (Rule::Refused, Gravity::Stops),
        format!(
            "{} tried to register {}; the answer was: {}.",
            scene.who,
            scene.how_often(seen),
            clean(&seen.detail)
        ),
        "What it says of itself does not fit what is configured.",
        "The reason says what does not fit: correct the phone or its [[phone]] block.",
    ))
}

pub(super) fn not_sccp(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.open_sign(Sign::NotSccp).filter(|s| s.count > 1)?;
    Some(Finding::new(
        (Rule::NotSccp, scene.gravity_of_a_visit()),
        format!(
            "{} sent something to the SCCP port {} that is not SCCP.",
            scene.who,
            scene.how_often(seen)
        ),
        "It speaks another protocol (SIP, TLS), or something between changes the bytes.",
        "Check its load, and that its file asks for no secure SCCP (deviceSecurityMode); a \
         firewall that inspects Skinny must leave it alone.",
    ))
}

pub(super) fn connects_and_leaves(scene: &Scene<'_>) -> Option<Finding> {
    let of = |sign| {
        scene
            .open_sign(sign)
            .filter(|seen: &&Seen| seen.count >= CONNECTIONS)
    };
    let (protocol, seen) = match (of(Sign::NoSccpRegister), of(Sign::NoSipRegister)) {
        (Some(seen), None) => (Protocol::Sccp, seen),
        (None, Some(seen)) => (Protocol::Sip, seen),
        (Some(sccp), Some(sip)) if sccp.last > sip.last => (Protocol::Sccp, sccp),
        (Some(_), Some(sip)) => (Protocol::Sip, sip),
        (None, None) => return None,
    };
    let other = scene.protocol().filter(|served| *served != protocol);
    let means = match other {
        Some(served) => format!(
            "It reaches the {protocol} port, and is served as a {served} phone: its load speaks \
             {protocol}, or it holds another file."
        ),
        None => "It reaches us and does not go on: its load gives up, a firewall that inspects \
                 the protocol cuts in, or it is no phone (a scanner, a check of the port)."
            .to_owned(),
    };
    Some(Finding::new(
        (Rule::ConnectsAndLeaves, scene.gravity_of_a_visit()),
        format!(
            "{} connected over {protocol} {} and left without a registration: {}.",
            scene.who,
            scene.how_often(seen),
            clean(&seen.detail)
        ),
        means,
        "Restart it, so that it takes its file anew; switch off the inspection of Skinny and SIP \
         in firewalls between; then compare its load with the protocol of its [[phone]] block.",
    ))
}

pub(super) fn never_in_service(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .trail
        .sign(Sign::NeverInService)
        .filter(|seen| seen.count > 1 && scene.now.since(seen.last) < OVER)?;
    Some(Finding::new(
        (Rule::NeverInService, Gravity::Stops),
        format!(
            "{} registered and left before it was in service {}: {}.{}",
            scene.who,
            scene.how_often(seen),
            clean(&seen.detail),
            scene.last_alarm()
        ),
        "It was let in, and something that it was answered is not to its liking, or an answer \
         did not reach it.",
        "Look at its alarm for what it waited for; try another load; and please report it with \
         the load and the log at level trace.",
    ))
}

pub(super) fn sip_over_udp(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.trail.sign(Sign::SipOverUdp)?;
    let since = scene.registered_since();
    if since.is_some_and(|since| seen.last < since) {
        return None;
    }
    Some(Finding::new(
        (Rule::SipOverUdp, scene.gravity()),
        format!(
            "{} registered over UDP {}.",
            scene.who,
            scene.how_often(seen)
        ),
        "Enterprise loads do SIP over TCP: over UDP they repeat themselves badly, and their \
         requests are longer than a datagram. Embody's files say TCP, so it holds another file.",
        "Restart it, so that it takes its file from Embody (transportLayerProtocol 1); if an \
         override or a template of yours says 2, take that out.",
    ))
}

pub(super) fn registers_and_leaves(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.trail.of(Mark::Left).filter(|seen| {
        seen.count >= ENDS
            && seen.pace().is_some_and(|pace| pace <= LOOP)
            && scene.now.since(seen.last) < OVER
    })?;
    if super::place::boots_in_a_loop(scene).is_some() {
        return None;
    }
    let settled = scene
        .registered_since()
        .is_some_and(|since| scene.now.since(since) > BOOT * 2);
    if settled {
        return None;
    }
    Some(Finding::new(
        (Rule::RegistersAndLeaves, Gravity::Stops),
        format!(
            "{} registered and was gone again {}; the last time: {}.{}",
            scene.who,
            scene.how_often(seen),
            clean(&seen.detail),
            scene.last_alarm()
        ),
        "It is let in and does not stay: its keepalives or our answers are lost on the way \
         (firewall, NAT with a short memory, a bad cable), or it changes between two call \
         managers.",
        "Look at how it ended: where the connection broke, look at the network between; where \
         the phone closed it, see that its file names no other call manager and no SRST router.",
    ))
}
