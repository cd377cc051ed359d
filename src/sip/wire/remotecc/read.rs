//! What phones say in remote call control.

use super::super::message::Message;
use super::super::multipart::{self, MultipartError};
use super::super::xml::{self, Element, XmlError};
use super::{ALARM_TYPE, REQUEST_TYPE, RESPONSE_TYPE};

/// One thing said in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// `bulkregisterreq`: this REGISTER is for all lines of the phone.
    BulkRegister,
    /// `optionsind`: what the phone can do.
    Options(OptionsOffer),
    /// `softkeyeventmsg`: a soft key was pressed.
    SoftkeyEvent(SoftkeyEvent),
    /// The answer to something we asked, with its code.
    Response(Option<u16>),
    /// `x-cisco-alarm`.
    Alarm(DeviceAlarm),
    /// Any other request, by the name of its element.
    Other(String),
}

/// How the phone takes notifications of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// `unot`: without having subscribed.
    Unsolicited,
    /// `sub`: after it subscribed.
    Subscribed,
    /// Both are offered.
    Either,
}

/// What `optionsind` offers, as far as a server answers it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionsOffer {
    /// How many parts one REFER may combine, when status and service-control may be combined.
    pub combine_max: Option<u8>,
    /// Hook state of its lines.
    pub hook_status: Option<Delivery>,
    /// State of shared lines.
    pub shared_line: Option<Delivery>,
    /// Busy lamp fields on speed dials.
    pub blf_speed_dial: Option<Delivery>,
    /// Joining of calls.
    pub join: bool,
    /// Call forward on lines other than the first.
    pub forward_any_line: bool,
}

/// A pressed soft key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftkeyEvent {
    /// Cisco's name of the key: `Park`, `HLog`, `IDivert`.
    pub name: String,
    /// The call that it is about.
    pub dialog: Option<DialogId>,
}

/// A dialog as the phone names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogId {
    /// Its Call-ID.
    pub call_id: String,
    /// The phone's tag.
    pub local_tag: String,
    /// The other side's tag.
    pub remote_tag: String,
}

/// What a phone reports before it registers: names, addresses, certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAlarm {
    /// The kind, such as `DeviceTLInfo`.
    pub name: String,
    /// Its parameters by name.
    pub parameters: Vec<(String, String)>,
}

impl DeviceAlarm {
    /// A parameter, such as `DeviceName`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, value) = self.parameters.iter().find(|(key, _)| key == name)?;
        Some(value)
    }
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RemoteccError {
    /// Its parts cannot be told apart.
    #[error(transparent)]
    Multipart(#[from] MultipartError),
    /// The XML of a part cannot be read.
    #[error(transparent)]
    Xml(#[from] XmlError),
}

/// Everything said in the body of a message, over all its parts. Parts of other media types are passed over, so a
/// message without such a body says nothing.
pub fn items(message: &Message) -> Result<Vec<Item>, RemoteccError> {
    let mut items = Vec::new();
    if message.body().is_empty() {
        return Ok(items);
    }
    for part in multipart::parts(&message.headers, message.body())? {
        let known = part.content_type().is_some_and(|media| {
            [REQUEST_TYPE, RESPONSE_TYPE, ALARM_TYPE]
                .iter()
                .any(|known| media.is(known))
        });
        if known {
            read_document(&xml::parse(&part.body)?, &mut items);
        }
    }
    Ok(items)
}

fn read_document(root: &Element, items: &mut Vec<Item>) {
    match root.name.as_str() {
        "x-cisco-remotecc-request" => items.extend(root.children.iter().map(read_request)),
        "x-cisco-remotecc-response" => {
            let code = root
                .child("response")
                .and_then(|response| response.child_text("code"))
                .and_then(|code| code.parse().ok());
            items.push(Item::Response(code));
        }
        "x-cisco-alarm" => {
            if let Some(alarm) = root.child("Alarm") {
                items.push(Item::Alarm(read_alarm(alarm)));
            }
        }
        _ => items.push(Item::Other(root.name.clone())),
    }
}

fn read_request(request: &Element) -> Item {
    match request.name.as_str() {
        "bulkregisterreq" => Item::BulkRegister,
        "optionsind" => Item::Options(read_offer(request)),
        "softkeyeventmsg" => Item::SoftkeyEvent(SoftkeyEvent {
            name: request
                .child_text("softkeyevent")
                .unwrap_or_default()
                .to_owned(),
            dialog: request.child("dialogid").and_then(read_dialog),
        }),
        other => Item::Other(other.to_owned()),
    }
}

fn read_offer(options: &Element) -> OptionsOffer {
    let usage = |element: &str, usage: &str| {
        let found = options
            .children
            .iter()
            .find(|child| child.name == element && child.attribute("usage") == Some(usage))?;
        match (found.child("unot").is_some(), found.child("sub").is_some()) {
            (true, true) => Some(Delivery::Either),
            (true, false) => Some(Delivery::Unsolicited),
            (false, true) => Some(Delivery::Subscribed),
            (false, false) => None,
        }
    };
    let combine = options.child("combine").filter(|combine| {
        combine.child("remotecc").is_some() && combine.child("service-control").is_some()
    });
    OptionsOffer {
        combine_max: combine
            .and_then(|combine| combine.attribute("max"))
            .and_then(|max| max.trim().parse().ok()),
        hook_status: usage("dialog", "hook status"),
        shared_line: usage("dialog", "shared line"),
        blf_speed_dial: usage("presence", "blf speed dial"),
        join: options.child("joinreq").is_some(),
        forward_any_line: options.child("cfwdall-anyline").is_some(),
    }
}

fn read_dialog(dialog: &Element) -> Option<DialogId> {
    let text = |name| dialog.child_text(name).map(str::to_owned);
    Some(DialogId {
        call_id: text("callid")?,
        local_tag: text("localtag")?,
        remote_tag: text("remotetag")?,
    })
}

fn read_alarm(alarm: &Element) -> DeviceAlarm {
    let parameters = alarm
        .child("ParameterList")
        .map(|list| {
            list.children
                .iter()
                .filter_map(|parameter| {
                    Some((
                        parameter.attribute("name")?.to_owned(),
                        parameter.text.trim().to_owned(),
                    ))
                })
                .collect()
        })
        .unwrap_or_default();
    DeviceAlarm {
        name: alarm.attribute("Name").unwrap_or_default().to_owned(),
        parameters,
    }
}
