//! Why phones are not right: of one, of one address, and of all that are not.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Parts;
use super::phones::{Answer, named};
use super::problem::Problem;
use crate::journal::{
    Diagnosis, Evidence, Finding, Stranger, Verdict, diagnose, diagnose_stranger, render_findings,
    render_why,
};
use crate::model::{DeviceName, World};
use crate::ports::Presence;

/// Phones that nobody configured and addresses without a name, in the list of
/// all: more is a flood.
const STRANGERS: usize = 200;

/// Names that are nearly the same, in one diagnosis.
const LOOK_ALIKES: usize = 3;

/// `GET phones/SEP../why`, or with an IP address for the name.
pub(super) async fn one(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    let device = match name.parse::<IpAddr>() {
        Err(_) => named(&name)?,
        Ok(address) => {
            let address = address.to_canonical();
            let now = parts.clock.now();
            let (seen, trail) = parts.timelines.trail_at(address, now);
            let registered = parts.registry.at(address).into_iter().next();
            let Some(device) = registered.or(seen) else {
                let stranger = Stranger { address, trail };
                let findings = found(&stranger, &parts);
                return Ok(Json(tell(&stranger, &findings)));
            };
            device
        }
    };
    let world = parts.mobility.store().world().clone();
    let evidence = gather(&parts, &world, &device, || unconfigured(&parts, &world));
    let diagnosis = diagnose(&evidence);
    let text = render_why(&diagnosis, &evidence.timeline);
    Ok(Json(
        json!({"device": device, "diagnosis": diagnosis, "text": text}),
    ))
}

/// `GET why`: every phone that is not right, and whoever nobody configured.
/// Ten thousand diagnoses are too long for a thread that keeps phones alive.
pub(super) async fn all(State(parts): State<Parts>) -> Answer {
    tokio::task::spawn_blocking(move || Json(not_right(&parts)))
        .await
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

fn not_right(parts: &Parts) -> Value {
    let world = parts.mobility.store().world().clone();
    let configured: BTreeSet<DeviceName> = world
        .phones
        .values()
        .map(|phone| phone.name.clone())
        .collect();
    // Once, not for each phone: anybody may have filled the list with names.
    let unknown = unconfigured(parts, &world);
    let phones: Vec<Value> = configured
        .iter()
        .chain(unknown.iter().take(STRANGERS))
        .map(|device| {
            let evidence = gather(parts, &world, device, || &unknown);
            (device, diagnose(&evidence))
        })
        .filter(|(_, diagnosis)| !is_well(diagnosis))
        .map(|(device, diagnosis)| json!({"device": device, "diagnosis": diagnosis}))
        .collect();
    let strangers: Vec<Value> = parts
        .timelines
        .strangers()
        .iter()
        .map(|stranger| (stranger, found(stranger, parts)))
        .filter(|(_, findings)| !findings.is_empty())
        .take(STRANGERS)
        .map(|(stranger, findings)| tell(stranger, &findings))
        .collect();
    json!({
        "now": parts.clock.now(),
        "configured": configured.len(),
        "phones": phones,
        "strangers": strangers,
    })
}

fn is_well(diagnosis: &Diagnosis) -> bool {
    diagnosis.verdict == Verdict::Right && diagnosis.findings.is_empty()
}

/// Phones that were heard of and that nobody configured, each once: those that
/// tried to register, then those that asked for something, the newest first.
fn unconfigured(parts: &Parts, world: &World) -> Vec<DeviceName> {
    let refused = parts.timelines.unknown_phones().into_iter();
    let heard = parts.timelines.heard().into_iter();
    let mut told = HashSet::new();
    refused
        .filter_map(|phone| phone.device)
        .chain(heard)
        .filter(|device| world.phone(device).is_none() && told.insert(device.clone()))
        .collect()
}

fn found(stranger: &Stranger, parts: &Parts) -> Vec<Finding> {
    diagnose_stranger(stranger.address, &stranger.trail, parts.clock.now())
}

fn tell(stranger: &Stranger, findings: &[Finding]) -> Value {
    let address = stranger.address;
    let summary = match findings.first() {
        Some(finding) => finding.seen.clone(),
        None if stranger.trail.is_empty() => format!("Nothing was heard of {address}."),
        None => format!("Nothing is wrong with what {address} did of late; it named no phone."),
    };
    let text = format!("{summary}\n{}", render_findings(findings));
    json!({"address": address, "summary": summary, "findings": findings, "text": text})
}

/// All that is known of a phone; `unknown` are the [`unconfigured`] ones, where
/// they are needed.
fn gather<N: AsRef<[DeviceName]>>(
    parts: &Parts,
    world: &World,
    device: &DeviceName,
    unknown: impl FnOnce() -> N,
) -> Evidence {
    let catalogue = parts.mobility.catalogue();
    let mut evidence = Evidence::stored(world, catalogue, device, parts.clock.now());
    evidence.registration = parts.registry.registration(device);
    evidence.timeline = parts.timelines.timeline(device);
    evidence.last_delivery = parts.deliveries.last(device);
    evidence.trail = parts.timelines.trail(device);
    evidence.advertised = parts.advertised;
    evidence.up_since = parts.up_since;
    let unheard = evidence.trail.is_empty() && evidence.registration.is_none();
    if evidence.phone.is_none() {
        evidence.look_alikes = never_heard(parts, world, device);
    } else if unheard {
        evidence.look_alikes = look_alikes(device, unknown().as_ref().iter());
    }
    evidence
}

/// The names that may be this one, written wrong.
fn look_alikes<'a>(
    device: &DeviceName,
    names: impl Iterator<Item = &'a DeviceName>,
) -> Vec<DeviceName> {
    let mut alike: Vec<DeviceName> = names
        .filter(|name| slip(name.as_str(), device.as_str()))
        .take(LOOK_ALIKES)
        .cloned()
        .collect();
    alike.sort();
    alike
}

/// Of a phone that nobody configured: the configured ones that it may be, of
/// which nothing was ever heard.
fn never_heard(parts: &Parts, world: &World, device: &DeviceName) -> Vec<DeviceName> {
    let names = world.phones.values().map(|phone| &phone.name);
    look_alikes(
        device,
        names.filter(|name| {
            slip(name.as_str(), device.as_str()) && parts.timelines.trail(name).is_empty()
        }),
    )
}

/// Whether two names differ by one or two letters, or by two that are swapped.
fn slip(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let different = one.bytes().zip(other.bytes()).filter(|(a, b)| a != b);
    (1..=2).contains(&different.take(3).count())
}

#[cfg(test)]
mod tests {
    use super::slip;

    #[test]
    fn a_slip_of_the_finger_is_one_letter_or_two() {
        assert!(slip("SEP001122334455", "SEP001122334445"));
        assert!(slip("SEP001122334455", "SEP001122343455"));
        assert!(!slip("SEP001122334455", "SEP001122334455"), "the same");
        assert!(!slip("SEP001122334455", "SEP001122334000"));
        assert!(!slip("SEP001122334455", "SEP00112233445"));
    }
}
