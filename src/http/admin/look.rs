//! Looking at a registered phone through its own web server. It is asked at the
//! address of its live registration and nowhere else.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::Parts;
use super::phones::{Answer, bad, device};
use super::problem::Problem;
use crate::http::look::{KeyName, PhoneIdentity};
use crate::model::{DeviceName, Origin};
use crate::phonexml::{Charset, Execute, Url};
use crate::ports::{PhoneWeb, Presence};

/// Both pages of a phone. A network page that does not come is `null`, with the
/// reason among the problems.
pub(super) async fn look(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    let (device, address) = there(&parts, &name)?;
    let browser = &parts.browser;
    // Who does not answer the first question is not asked a second.
    let information = browser.device_information(address).await;
    let information = information.map_err(|why| silent(&device, &why))?;
    let network = browser.network_configuration(address).await;
    let mut problems = Vec::new();
    let identity = PhoneIdentity::of(&information);
    if let Some(other) = identity.filter(|identity| !identity.is(&device)) {
        problems.push(format!(
            "the web server at {address} is that of {other}, not of {device}: several phones are \
             behind this address, or one has another's name"
        ));
    }
    if let Err(why) = &network {
        problems.push(format!("{device}: {why}"));
    }
    Ok(Json(json!({
        "device": device,
        "address": address,
        "information": information,
        "network": network.ok(),
        "problems": problems,
    })))
}

/// The picture on the display, as the phone sends it.
pub(super) async fn screenshot(
    State(parts): State<Parts>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (device, address) = there(&parts, &name)?;
    write_down(
        &parts,
        &device,
        format!("looked at the display of {device}"),
    )
    .await?;
    let picture = parts.browser.screenshot(&device, address).await;
    let picture = picture.map_err(|why| silent(&device, &why))?;
    let mut response = picture.bytes.into_response();
    let kind = HeaderValue::from_static(picture.kind.content_type());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

/// Which key is pressed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyBody {
    /// Its name in a `Key:` URI, in any case.
    key: String,
}

/// Presses a key for whoever stands at the phone.
pub(super) async fn key(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    Json(body): Json<KeyBody>,
) -> Answer {
    let key: KeyName = body.key.parse().map_err(bad)?;
    let (device, address) = there(&parts, &name)?;
    let uri = Url::new(key.uri()).map_err(|error| bad(error.to_string()))?;
    write_down(&parts, &device, format!("pressed {key} on {device}")).await?;
    // Plain ASCII, which every phone reads.
    let object = Execute::new().item(uri).to_bytes(Charset::Latin1);
    let done = parts.browser.execute(&device, address, object).await;
    done.map_err(|why| silent(&device, &why))?;
    Ok(Json(json!({"device": device, "key": key.to_string()})))
}

/// A configured phone, and where it is registered from now.
fn there(parts: &Parts, name: &str) -> Result<(DeviceName, IpAddr), Problem> {
    let device = device(parts, name)?;
    let Some(registration) = parts.registry.registration(&device) else {
        let why = format!(
            "{device} is not registered now; a phone is asked only where it is registered from"
        );
        return Err(Problem::new(StatusCode::CONFLICT, why));
    };
    Ok((device, registration.peer.ip().to_canonical()))
}

/// Before it is done: what nobody could tell later is not done.
async fn write_down(parts: &Parts, device: &DeviceName, what: String) -> Result<(), Problem> {
    let audited = parts.mobility.audit(&Origin::Operator, device, what);
    Ok(audited.await?)
}

/// The phone, not Embody, is in the way.
fn silent(device: &DeviceName, why: &str) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, format!("{device}: {why}"))
}
