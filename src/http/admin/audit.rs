//! The audit: who did what, where, when, by whose authority, and how it ended.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::json;

use super::Parts;
use super::phones::{Answer, bad, named};
use crate::model::UserId;
use crate::ports::AuditFilter;

/// Rows in one answer when nothing else is asked.
const USUAL: usize = 100;

/// Rows in one answer at most.
const MOST: usize = 1_000;

/// Which rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// About one phone.
    #[serde(default)]
    device: Option<String>,
    /// About one user.
    #[serde(default)]
    user: Option<String>,
    /// Only what was refused, or only what was done.
    #[serde(default)]
    refused: Option<bool>,
    /// Only rows before this number: the `next` of the answer before.
    #[serde(default)]
    before: Option<u64>,
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET audit?device=&user=&refused=&before=&limit=`, the newest first.
pub(super) async fn audit(State(parts): State<Parts>, Query(which): Query<Which>) -> Answer {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let user = given(which.user).map(|id| UserId::new(&id)).transpose();
    let filter = AuditFilter {
        device: given(which.device).map(|name| named(&name)).transpose()?,
        user: user.map_err(|error| bad(error.to_string()))?,
        failed: which.refused,
    };
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let store = parts.mobility.store();
    let rows = store.audit(filter, which.before, limit).await?;
    // A full answer may have more behind it.
    let next = rows.last().filter(|_| rows.len() == limit);
    let next = next.map(|row| row.number);
    Ok(Json(json!({"rows": rows, "next": next})))
}
