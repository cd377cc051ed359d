//! Words and XML objects for the display of a phone that is registered now.
//! Nothing is kept: who is not there does not see it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::Parts;
use super::phones::{Answer, bad, device};
use super::problem::Problem;
use crate::model::{Charset as ModelCharset, DeviceName, Origin};
use crate::phonexml::{Charset, Object, PhoneFault, Strictness, parse};
use crate::ports::{Event, EventKind, LinkFault, LinkOrder, Notice, Presence};

/// Characters of a message; the longest prompt of a phone has 96.
const TEXT: usize = 96;

/// How long a message stands when nothing else is said, seconds.
const USUAL: u32 = 10;

/// The longest time for a message, seconds.
const LONGEST: u32 = 24 * 60 * 60;

/// The most that an object may hold: what one Skinny message carries.
const OBJECT: usize = 2000;

/// What an operator says to a phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    /// The words; none clear what stands there.
    text: String,
    /// Seconds; 0 until something else is shown.
    #[serde(default)]
    seconds: Option<u32>,
}

pub(super) async fn message(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    Json(body): Json<MessageBody>,
) -> Answer {
    let device = device(&parts, &name)?;
    if body.text.chars().count() > TEXT {
        return Err(bad(format!("a message has at most {TEXT} characters")));
    }
    let seconds = body.seconds.unwrap_or(USUAL);
    if seconds > LONGEST {
        return Err(bad(format!("a message stands at most {LONGEST} seconds")));
    }
    let said = format!("an operator's message was sent: {}", body.text);
    let what = format!("sent {device} the message {:?}", body.text);
    let text = body.text;
    let order = LinkOrder::Show(Notice { text, seconds });
    send(&parts, &device, order, what).await?;
    let at = parts.clock.now();
    parts.journal.record(Event {
        at,
        device: Some(device.clone()),
        kind: EventKind::Note { text: said },
    });
    Ok(Json(json!({"device": device, "sent": "message"})))
}

pub(super) async fn push(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let device = device(&parts, &name)?;
    let object = object(&parts, &device, &body)?;
    let registration = parts.registry.registration(&device);
    if registration.is_some_and(|found| !found.takes_objects) {
        let why = format!("{device} has a SIP load that takes no pushed objects");
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let what = format!("pushed an object of {} bytes to {device}", object.len());
    send(&parts, &device, LinkOrder::Push(object), what).await?;
    Ok(Json(json!({"device": device, "sent": "push"})))
}

/// The object, in the character set of the phone.
fn object(parts: &Parts, device: &DeviceName, body: &[u8]) -> Result<Vec<u8>, Problem> {
    too_long(body)?;
    match parse(body, Strictness::Strict) {
        Ok(Object::Response(_) | Object::Error(_)) => {
            Err(bad("phones send such objects, and show none".to_owned()))
        }
        Ok(object) => {
            let bytes = object.to_bytes(charset(parts, device));
            too_long(&bytes)?;
            Ok(bytes)
        }
        // Well formed, and known to some phones alone: pictures and keys.
        Err(PhoneFault::Unsupported { object }) if object.starts_with("CiscoIPPhone") => {
            Ok(body.to_vec())
        }
        Err(fault) => Err(bad(format!("no phone would show this: {fault}"))),
    }
}

fn too_long(object: &[u8]) -> Result<(), Problem> {
    let length = object.len();
    if length > OBJECT {
        let why = format!("the object has {length} bytes, {OBJECT} are the most");
        return Err(bad(why));
    }
    Ok(())
}

fn charset(parts: &Parts, device: &DeviceName) -> Charset {
    let world = parts.mobility.store().world();
    let phone = world.phone(device);
    let model = phone.and_then(|phone| parts.mobility.catalogue().model(phone.served_model()));
    match model.map(|model| model.charset) {
        Some(ModelCharset::Utf8) => Charset::Utf8,
        Some(ModelCharset::Latin1) | None => Charset::Latin1,
    }
}

/// Sends `order` once `what` is written down: what nobody could tell later is
/// not done.
async fn send(
    parts: &Parts,
    device: &DeviceName,
    order: LinkOrder,
    what: String,
) -> Result<(), Problem> {
    let refused = |fault| Problem::new(StatusCode::CONFLICT, not_sent(device, fault));
    let link = parts.registry.link(device);
    let (_, link) = link.ok_or_else(|| refused(LinkFault::Closed))?;
    let audited = parts.mobility.audit(&Origin::Operator, device, what);
    audited.await?;
    link.send(order).map_err(refused)
}

fn not_sent(device: &DeviceName, fault: LinkFault) -> String {
    match fault {
        LinkFault::Closed => format!("{device} is not registered now"),
        LinkFault::Full => {
            format!("{device} is registered, but does not take what it is sent; try again later")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_phone_that_is_stuck_is_not_said_to_be_away() {
        let device = DeviceName::new("SEP001122334455").unwrap();
        let away = "SEP001122334455 is not registered now";
        assert_eq!(not_sent(&device, LinkFault::Closed), away);
        let stuck = not_sent(&device, LinkFault::Full);
        assert!(stuck.contains("is registered"), "{stuck}");
    }
}
