//! The folder of static files: looked through anew, and what of it phones will
//! miss.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Parts;
use super::problem::Problem;
use crate::ports::Presence as _;
use crate::provision::{FolderReport, loads_of_site, locales_of_site};

pub(super) async fn rescan(State(parts): State<Parts>) -> Result<Json<Value>, Problem> {
    // Reads the disk, and every phone of the site.
    let told = tokio::task::spawn_blocking(move || {
        let count = parts.files.rescan();
        let files = parts.files.static_files();
        let report = FolderReport::of(&files);
        let runs = |device: &_| parts.registry.registration(device)?.load;
        let world = parts.mobility.store().world().clone();
        let catalogue = parts.mobility.catalogue();
        let mut phones = loads_of_site(&files, &world, catalogue, &runs);
        phones.append(&mut locales_of_site(&files, &world, catalogue));
        let loads: Vec<Value> = report
            .loads
            .iter()
            .map(|(what, whole)| json!({"what": what, "whole": whole}))
            .collect();
        json!({
            "files": count,
            "loads": loads,
            "lists": files.media().lists(),
            "findings": report.findings,
            "phones": phones,
        })
    });
    let told = told.await;
    told.map(Json).map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the folder of static files could not be looked through",
        )
    })
}
