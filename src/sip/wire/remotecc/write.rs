//! What a server says in remote call control.

use std::fmt::Write as _;

use super::super::multipart::Part;
use super::super::service_control::ServiceControl;
use super::super::xml::escape;
use super::REQUEST_TYPE;
use super::read::{Delivery, OptionsOffer};

/// The largest number of parts that CUCM agrees to.
const COMBINE_MAX: u8 = 6;

/// Which of the offered options the server takes. The phone gets it in the 200 to a REGISTER that makes a new
/// binding, and expects unsolicited lamp states only if it was told so here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsAnswer {
    /// How many parts one REFER may combine.
    pub combine_max: Option<u8>,
    /// Hook state of its lines.
    pub hook_status: Option<Delivery>,
    /// State of shared lines.
    pub shared_line: Option<Delivery>,
    /// Busy lamp fields on speed dials.
    pub blf_speed_dial: Option<Delivery>,
    /// Joining of calls.
    pub join: bool,
    /// Call forward on any line. CUCM does not say it.
    pub forward_any_line: bool,
}

impl OptionsAnswer {
    /// The answer that CUCM gives: of what is offered, everything without subscription where that is possible.
    pub fn to(offer: &OptionsOffer) -> Self {
        let choose = |offered: Option<Delivery>| {
            offered.map(|offered| match offered {
                Delivery::Subscribed => Delivery::Subscribed,
                Delivery::Unsolicited | Delivery::Either => Delivery::Unsolicited,
            })
        };
        Self {
            combine_max: offer.combine_max.map(|max| max.min(COMBINE_MAX)),
            hook_status: choose(offer.hook_status),
            shared_line: choose(offer.shared_line),
            blf_speed_dial: choose(offer.blf_speed_dial),
            join: offer.join,
            forward_any_line: false,
        }
    }

    /// The body of the 200, of media type [`RESPONSE_TYPE`](super::RESPONSE_TYPE).
    pub fn body(&self) -> String {
        let mut body = String::from(
            "<x-cisco-remotecc-response>\n<response>\n<code>200</code>\n<optionsind>\n",
        );
        if let Some(max) = self.combine_max {
            let _ = write!(
                body,
                "<combine max=\"{max}\">\n<remotecc><status/></remotecc>\n<service-control/>\n</combine>\n"
            );
        }
        for (element, usage, delivery) in [
            ("dialog", "hook status", self.hook_status),
            ("dialog", "shared line", self.shared_line),
            ("presence", "blf speed dial", self.blf_speed_dial),
        ] {
            let how = match delivery {
                None => continue,
                Some(Delivery::Unsolicited) => "<unot/>",
                Some(Delivery::Subscribed) => "<sub/>",
                Some(Delivery::Either) => "<unot/><sub/>",
            };
            let _ = writeln!(body, "<{element} usage=\"{usage}\">{how}</{element}>");
        }
        if self.join {
            body.push_str("<joinreq></joinreq>\n");
        }
        if self.forward_any_line {
            body.push_str("<cfwdall-anyline>Yes</cfwdall-anyline>\n");
        }
        body.push_str("</optionsind>\n</response>\n</x-cisco-remotecc-response>\n");
        body
    }
}

/// Do not disturb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoNotDisturb {
    /// Off.
    Off,
    /// On, calls are rejected.
    Reject,
    /// On, calls do not ring.
    RingerOff,
}

/// Lamp and forwarding of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineStatus {
    /// The line button, counted from 1.
    pub line: u8,
    /// Whether the message lamp of the line is lit.
    pub message_waiting: bool,
    /// New and old voice messages, where they are known.
    pub voice_messages: Option<(u32, u32)>,
    /// Where all calls are forwarded to.
    pub forward_all: Option<String>,
    /// Whether that is voice mail.
    pub forward_to_voicemail: bool,
}

impl LineStatus {
    /// A line with nothing on it: lamp off, not forwarded.
    pub const fn clear(line: u8) -> Self {
        Self {
            line,
            message_waiting: false,
            voice_messages: None,
            forward_all: None,
            forward_to_voicemail: false,
        }
    }
}

/// A text in the status line of the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusNotice {
    /// The text.
    pub text: String,
    /// For how many seconds.
    pub seconds: u16,
}

/// Everything that a phone is told after it registered, so that nothing of the last user remains on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationUpdate {
    /// Do not disturb.
    pub dnd: DoNotDisturb,
    /// Whether the phone is logged in to its hunt groups.
    pub hunt_logged_in: bool,
    /// Every line of the phone.
    pub lines: Vec<LineStatus>,
    /// Such as who is signed in now.
    pub notice: Option<StatusNotice>,
    /// May ride along when the phone offered to combine it.
    pub service_control: Option<ServiceControl>,
}

impl RegistrationUpdate {
    /// The parts of one REFER.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = vec![
            request_part(dnd_update(self.dnd)),
            request_part(hunt_update(self.hunt_logged_in)),
            request_part(bulk_update(&self.lines)),
        ];
        if let Some(notice) = &self.notice {
            parts.push(request_part(status_notice(notice)));
        }
        if let Some(order) = &self.service_control {
            parts.push(Part::new("text/plain", order.body()));
        }
        parts
    }
}

fn request_part(body: String) -> Part {
    Part::new(REQUEST_TYPE, body)
}

fn request(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x-cisco-remotecc-request>\n{content}</x-cisco-remotecc-request>\n"
    )
}

/// `datapassthroughreq`: what follows in the next part, of media type
/// [`OBJECT_TYPE`](super::OBJECT_TYPE), is an object for the display.
pub fn data_pass_through(transaction: u32) -> String {
    request(&format!(
        "<datapassthroughreq>\n<applicationid>0</applicationid>\n<transactionid>{transaction}</transactionid>\n<stationsequence>StationSequenceLast</stationsequence>\n<displaypriority>2</displaypriority>\n<appinstance>0</appinstance>\n<routingid>0</routingid>\n<confid>0</confid>\n</datapassthroughreq>\n"
    ))
}

/// `dndupdate`.
pub fn dnd_update(dnd: DoNotDisturb) -> String {
    let (state, option) = match dnd {
        DoNotDisturb::Off => ("disable", "ringeroff"),
        DoNotDisturb::Reject => ("enable", "callreject"),
        DoNotDisturb::RingerOff => ("enable", "ringeroff"),
    };
    request(&format!(
        "<dndupdate>\n<state>{state}</state>\n<option>{option}</option>\n</dndupdate>\n"
    ))
}

/// `hlogupdate`: the phone's place in its hunt groups.
pub fn hunt_update(logged_in: bool) -> String {
    let status = if logged_in { "on" } else { "off" };
    request(&format!(
        "<hlogupdate>\n<status>{status}</status>\n</hlogupdate>\n"
    ))
}

/// `bulkupdate`: lamp and forwarding of every line, always said, since the phone keeps what it was told last.
pub fn bulk_update(lines: &[LineStatus]) -> String {
    let mut content = String::from("<bulkupdate>\n");
    for line in lines {
        let lamp = if line.message_waiting { "yes" } else { "no" };
        let _ = write!(
            content,
            "<contact line=\"{}\">\n<mwi>{lamp}</mwi>\n",
            line.line
        );
        if let Some((new, old)) = line.voice_messages {
            let _ = writeln!(
                content,
                "<emwi><voice-msg new=\"{new}\" old=\"{old}\"/></emwi>"
            );
        }
        let _ = write!(
            content,
            "<cfwdallupdate>\n<fwdaddress>{}</fwdaddress>\n<tovoicemail>{}</tovoicemail>\n</cfwdallupdate>\n</contact>\n",
            escape(line.forward_all.as_deref().unwrap_or_default()),
            if line.forward_to_voicemail {
                "on"
            } else {
                "off"
            },
        );
    }
    content.push_str("</bulkupdate>\n");
    request(&content)
}

/// `statuslineupdatereq`: a text in the status line.
pub fn status_notice(notice: &StatusNotice) -> String {
    request(&format!(
        "<statuslineupdatereq>\n<action>notify_display</action>\n<statustext>{}</statustext>\n<displaytimeout>{}</displaytimeout>\n<linenumber>0</linenumber>\n<priority>1</priority>\n</statuslineupdatereq>\n",
        escape(&notice.text),
        notice.seconds,
    ))
}
