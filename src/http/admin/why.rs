//! Why phones are not right: of one, of one address, and of all that are not.

use std::collections::BTreeSet;
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
            match registered.or(seen) {
                Some(device) => device,
                None => return Ok(Json(stranger(&Stranger { address, trail }, &parts))),
            }
        }
    };
    let world = parts.mobility.store().world().clone();
    let evidence = gather(&parts, &world, &device);
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
    let unknown: Vec<DeviceName> = unknown(parts)
        .filter(|device| !configured.contains(device))
        .take(STRANGERS)
        .collect();
    let phones: Vec<Value> = configured
        .iter()
        .chain(&unknown)
        .map(|device| (device, diagnose(&gather(parts, &world, device))))
        .filter(|(_, diagnosis)| !is_well(diagnosis))
        .map(|(device, diagnosis)| json!({"device": device, "diagnosis": diagnosis}))
        .collect();
    let strangers: Vec<Value> = parts
        .timelines
        .strangers()
        .iter()
        .filter(|stranger| !found(stranger, parts).is_empty())
        .take(STRANGERS)
        .map(|one| stranger(one, parts))
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

/// Phones that were heard of, the newest first; some are configured.
fn unknown(parts: &Parts) -> impl Iterator<Item = DeviceName> {
    let refused = parts.timelines.unknown_phones().into_iter();
    let heard = parts.timelines.heard().into_iter();
    refused.filter_map(|phone| phone.device).chain(heard)
}

fn found(stranger: &Stranger, parts: &Parts) -> Vec<Finding> {
    diagnose_stranger(stranger.address, &stranger.trail, parts.clock.now())
}

fn stranger(stranger: &Stranger, parts: &Parts) -> Value {
    let findings = found(stranger, parts);
    let address = stranger.address;
    let summary = match findings.first() {
        Some(finding) => finding.seen.clone(),
        None if stranger.trail.is_empty() => format!("Nothing was heard of {address}."),
        None => format!("Nothing is wrong with what {address} did, and it named no phone."),
    };
    let text = format!("{summary}\n{}", render_findings(&findings));
    json!({"address": address, "summary": summary, "findings": findings, "text": text})
}

fn gather(parts: &Parts, world: &World, device: &DeviceName) -> Evidence {
    let catalogue = parts.mobility.catalogue();
    let mut evidence = Evidence::stored(world, catalogue, device, parts.clock.now());
    evidence.registration = parts.registry.registration(device);
    evidence.timeline = parts.timelines.timeline(device);
    evidence.last_delivery = parts.deliveries.last(device);
    evidence.trail = parts.timelines.trail(device);
    evidence.advertised = parts.advertised;
    evidence.up_since = parts.up_since;
    let unheard = evidence.trail.is_empty() && evidence.registration.is_none();
    if unheard || evidence.phone.is_none() {
        evidence.look_alikes = look_alikes(parts, world, device);
    }
    evidence
}

/// Of a phone that was never heard of: the unknown ones that it may be. Of one
/// that is not configured: the configured ones that were never heard of.
fn look_alikes(parts: &Parts, world: &World, device: &DeviceName) -> Vec<DeviceName> {
    let is_configured = |name: &DeviceName| world.phone(name).is_some();
    let alike = |name: &DeviceName| slip(name.as_str(), device.as_str());
    if is_configured(device) {
        let mut names: Vec<DeviceName> = unknown(parts)
            .filter(|name| alike(name) && !is_configured(name))
            .take(LOOK_ALIKES * 2)
            .collect();
        names.sort();
        names.dedup();
        names.truncate(LOOK_ALIKES);
        return names;
    }
    world
        .phones
        .values()
        .map(|phone| &phone.name)
        .filter(|name| alike(name) && parts.timelines.trail(name).is_empty())
        .take(LOOK_ALIKES)
        .cloned()
        .collect()
}

/// Whether two names differ by one or two letters, or by two that are swapped.
fn slip(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let different = one.bytes().zip(other.bytes()).filter(|(a, b)| a != b);
    (1..=2).contains(&different.count())
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
