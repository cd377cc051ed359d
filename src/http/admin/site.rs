//! The site file in and out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Parts;
use super::problem::Problem;
use crate::mobility::{Mobility, SignedOut};
use crate::model::LogoutReason;
use crate::site;

pub(super) async fn export(State(parts): State<Parts>) -> impl IntoResponse {
    let world = parts.mobility.store().world().clone();
    (
        [(header::CONTENT_TYPE, "application/toml; charset=utf-8")],
        site::export(&world),
    )
}

/// What `embody apply` sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplyBody {
    text: String,
    #[serde(default)]
    prune: bool,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn apply(
    State(parts): State<Parts>,
    Json(body): Json<ApplyBody>,
) -> Result<Json<Value>, Problem> {
    let options = site::Options {
        prune: body.prune,
        force: body.force,
        dry_run: body.dry_run,
        ..site::Options::default()
    };
    let plan = site::apply(
        &**parts.mobility.store(),
        parts.hasher,
        Arc::clone(parts.mobility.catalogue()),
        &*parts.clock,
        &body.text,
        &options,
    )
    .await
    .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    if !plan.dry_run {
        told(&parts.mobility, &plan);
    }
    Ok(Json(json!({"plan": plan, "text": plan.to_string()})))
}

/// Tells those who listen what the new site did to who is signed in.
fn told(mobility: &Mobility, plan: &site::ApplyPlan) {
    let gone: Vec<SignedOut> = plan
        .signed_out
        .iter()
        .map(|leaving| SignedOut {
            device: leaving.device.clone(),
            user: leaving.user.clone(),
            reason: LogoutReason::Configuration,
            lines: None,
            planned: Vec::new(),
        })
        .collect();
    let lines: Vec<_> = plan
        .restarts
        .iter()
        .filter_map(|restart| Some((restart.device.clone(), restart.lines.clone()?)))
        .collect();
    mobility.tell_configured(&gone, &lines);
}
