//! Phones that registered by themselves: who waits for approval, and the
//! operator's word about them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Parts;
use super::phones::{Answer, bad, named, planned};
use super::problem::Problem;
use crate::mobility::Channel;
use crate::mobility::newcomers::approval::{Approve, Refuse};
use crate::mobility::newcomers::assignment::Assign;
use crate::mobility::newcomers::{NewcomerRefusal, Settled};
use crate::model::{DirectoryNumber, Origin};
use crate::ports::Presence;

/// `GET newcomers`: who waits, who was refused, and how many numbers are left.
pub(super) async fn all(State(parts): State<Parts>) -> Json<Value> {
    let world = parts.mobility.store().world().clone();
    let waiting = world.phones.values().filter_map(|phone| {
        let waits = phone.awaits_approval.as_ref()?;
        let here = parts.registry.registration(&phone.name);
        let load = here.as_ref().and_then(|here| here.load.clone());
        Some(json!({
            "device": phone.name,
            "model": phone.served_model(),
            "protocol": phone.observed_protocol.or(phone.protocol),
            "number": phone.lines.first().map(|line| &line.number),
            "load": load.or_else(|| waits.load.clone()),
            "address": here.as_ref().map_or(waits.address, |here| here.peer.ip()),
            "registered": here.is_some(),
            "since": waits.since,
        }))
    });
    let rules = &world.parameters.auto_registration;
    Json(json!({
        "enabled": rules.enabled,
        "waiting": waiting.collect::<Vec<_>>(),
        "refused": rules.excluded,
        "next_number": rules.pool().and_then(|pool| pool.free_in(&world)),
    }))
}

/// What an operator says with an approval.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveBody {
    /// Another number than the one that it got.
    #[serde(default)]
    number: Option<String>,
    /// What people call it.
    #[serde(default)]
    description: Option<String>,
}

/// `POST phones/{name}/approve`.
pub(super) async fn approve(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    Json(body): Json<ApproveBody>,
) -> Answer {
    let number = body.number.as_deref().map(DirectoryNumber::new).transpose();
    let description = body.description.map(|text| text.trim().to_owned());
    if description.as_deref().is_some_and(|text| !is_plain(text)) {
        return Err(bad(format!(
            "a description is one line of at most {DESCRIPTION} characters"
        )));
    }
    let command = Approve {
        device: named(&name)?,
        number: number.map_err(|error| bad(error.to_string()))?,
        description,
        origin: Origin::Operator,
    };
    Ok(told(&parts.mobility.approve(command).await?))
}

/// Characters of a description.
const DESCRIPTION: usize = 128;

fn is_plain(text: &str) -> bool {
    text.chars().count() <= DESCRIPTION && !text.chars().any(char::is_control)
}

/// `POST phones/{name}/refuse`.
pub(super) async fn refuse(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    let command = Refuse {
        device: named(&name)?,
        origin: Origin::Operator,
    };
    Ok(told(&parts.mobility.refuse(command).await?))
}

/// Which handset a configured phone shall have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignBody {
    handset: String,
}

/// `POST phones/{name}/assign`.
pub(super) async fn assign(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    Json(body): Json<AssignBody>,
) -> Answer {
    let phone = named(&name)?;
    let command = Assign {
        handset: named(&body.handset)?,
        is_there: parts.registry.registration(&phone).is_some(),
        phone,
        by: None,
        origin: Origin::Operator,
        channel: Channel::Elsewhere,
    };
    Ok(told(&parts.mobility.assign(command).await?))
}

fn told(settled: &Settled) -> Json<Value> {
    Json(json!({
        "device": settled.device,
        "done": settled.what,
        "planned": planned(&settled.planned),
    }))
}

impl From<NewcomerRefusal> for Problem {
    fn from(refusal: NewcomerRefusal) -> Self {
        let status = match &refusal {
            NewcomerRefusal::DeviceUnknown(_) | NewcomerRefusal::NoSuchNumber(_) => {
                StatusCode::NOT_FOUND
            }
            NewcomerRefusal::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.to_string())
    }
}
