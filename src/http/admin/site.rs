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
    Ok(Json(json!({"plan": plan, "text": plan.to_string()})))
}
