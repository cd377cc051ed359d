//! The whole at a glance.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{Parts, phones};
use crate::mobility::query;
use crate::model::Phone;

/// What an operator must know of what is not built.
const NOTICES: [&str; 1] =
    ["calls are not built yet: emergency keys and numbers cannot be dialled through Embody"];

pub(super) async fn status(State(parts): State<Parts>) -> Json<Value> {
    let statuses = phones::statuses(&parts);
    let registered = parts.registry.all().len();
    let unknown = parts.timelines.unknown_phones();
    let (sessions, pending, waiting) = {
        let world = parts.mobility.store().world();
        let waits = |phone: &&Arc<Phone>| phone.awaits_approval();
        let waiting = world.phones.values().filter(waits).count();
        (world.sessions.len(), world.pending.len(), waiting)
    };
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "now": parts.clock.now(),
        "listen": parts.listen,
        "configured": statuses.len(),
        "registered": registered,
        "sessions": sessions,
        "pending": pending,
        "awaiting_approval": waiting,
        "directory": parts.directory.health(),
        "phones": statuses,
        "unknown_phones": unknown,
        "journal": (parts.journal_stats)(),
        "notices": NOTICES,
    }))
}

/// Users without any secret.
pub(super) async fn users(State(parts): State<Parts>) -> Json<Vec<Value>> {
    let world = parts.mobility.store().world();
    let users = world.users.values().map(|user| {
        json!({
            "id": user.user_id,
            "alias": user.alias,
            "name": user.display_name(),
            "profiles": user.profiles,
            "excluded": user.excluded,
            "devices": query::user_devices(&world, &user.user_id),
        })
    });
    Json(users.collect())
}
