//! What the phone sends of its own accord: REGISTER, and the alarm before it.

use std::net::SocketAddr;

use crate::handset::cause::Cause;
use crate::handset::chance;
use crate::handset::file::{SipLine, SipProfile};
use crate::handset::profile::{Kind, Profile};
use crate::handset::sip::link::Link;
use crate::sip::wire::multipart::{self, Part};
use crate::sip::wire::remotecc::{ALARM_TYPE, REQUEST_TYPE};
use crate::sip::wire::{HeaderName, HostPort, Message, Method, SipUri, Transport, Uri, Via};

const ALLOW: &str = "ACK,BYE,CANCEL,INVITE,NOTIFY,OPTIONS,REFER,REGISTER,UPDATE,SUBSCRIBE";

const BULK_REGISTER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <x-cisco-remotecc-request>\n<bulkregisterreq>\n<contact all=\"true\">\n\
    <register></register>\n</contact>\n</bulkregisterreq>\n</x-cisco-remotecc-request>\n";

const OPTIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <x-cisco-remotecc-request>\n<optionsind>\n\
    <combine max=\"6\"><remotecc><status></status></remotecc><service-control></service-control></combine>\n\
    <dialog usage=\"hook status\"><unot></unot><sub></sub></dialog>\n\
    <dialog usage=\"shared line\"><unot></unot><sub></sub></dialog>\n\
    <presence usage=\"blf speed dial\"><unot></unot><sub></sub></presence>\n\
    <joinreq></joinreq>\n<cfwdall-anyline></cfwdall-anyline>\n<coaching></coaching>\n\
    <oosalarm></oosalarm>\n</optionsind>\n</x-cisco-remotecc-request>\n";

/// Names of one registration: they stay the same over all its refreshes.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    profile: &'a Profile,
    line: &'a SipLine,
    /// The registrar's host, as the file names it.
    host: String,
    /// What carries its messages.
    transport: Transport,
    /// The phone's end of the connection.
    pub(super) local: HostPort,
    /// Call-ID of every REGISTER: who knows it may give orders.
    pub(super) call_id: String,
    tag: String,
}

/// Why a REGISTER is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// The first after connecting.
    First(Cause),
    Refresh,
    /// Unregistering, because of an order or for want of a good answer.
    Leave(Option<Cause>),
}

impl<'a> Identity<'a> {
    /// `None` when the profile has no line.
    pub(super) fn new(
        profile: &'a Profile,
        sip: &'a SipProfile,
        link: &Link<'_>,
        local: SocketAddr,
    ) -> Option<Self> {
        let mac = mac(profile);
        let (first, last) = mac.split_at_checked(8)?;
        let call_id = format!(
            "{first}-{last}{}-{}-{}@{}",
            chance::hex(4),
            chance::hex(8),
            chance::hex(8),
            local.ip()
        );
        Some(Self {
            profile,
            line: sip.lines.first()?,
            host: link.host.clone(),
            transport: link.transport(),
            local: local.into(),
            call_id,
            tag: format!("{mac}{}-{}", chance::hex(12), chance::hex(8)),
        })
    }

    /// The primary line.
    pub(super) fn line(&self) -> &SipLine {
        self.line
    }

    /// The Request-URI of REGISTER.
    pub(super) fn registrar(&self) -> String {
        format!("sip:{}", self.host)
    }

    /// What a Contact of this phone is: address and what is said of the device.
    pub(super) fn contact(&self) -> String {
        format!(
            "<{}>;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-{}>\"\
             ;+u.sip!devicename.ccm.cisco.com=\"{}\";+u.sip!model.ccm.cisco.com=\"{}\"",
            self.contact_uri(),
            mac(self.profile),
            self.profile.device_name(),
            self.profile.model.device_type.0
        )
    }

    fn contact_uri(&self) -> Uri {
        let mut uri = SipUri::new(Some(&self.line.contact), self.local.clone());
        uri.params.push("transport", &self.transport.uri_value());
        Uri::Sip(uri)
    }

    /// A REGISTER that asks for `expires` seconds, without credentials.
    pub(super) fn register(&self, purpose: Purpose, expires: u32, cseq: u32) -> Option<Message> {
        let registrar = HostPort::parse(self.host.as_bytes()).ok()?;
        let address = SipUri::new(Some(&self.line.name), registrar);
        let mut message = Message::request(Method::Register, &self.registrar())?;
        self.begin(&mut message, &format!("<{address}>;tag={}", self.tag));
        let headers = &mut message.headers;
        headers.push(HeaderName::TO, format!("<{address}>"));
        headers.push(HeaderName::CALL_ID, &self.call_id);
        headers.push(HeaderName::CSEQ, format!("{cseq} REGISTER"));
        headers.push(HeaderName::CONTACT, self.contact());
        headers.push(HeaderName::SUPPORTED, supported(self.profile.kind));
        let (cause, expires) = match purpose {
            Purpose::First(cause) => (Some(cause), expires),
            Purpose::Refresh => (None, expires),
            Purpose::Leave(cause) => (cause, 0),
        };
        if let Some(cause) = cause {
            headers.push(HeaderName::REASON, reason(self.profile, cause));
        }
        headers.push(HeaderName::EXPIRES, expires.to_string());
        if let Purpose::First(_) = purpose {
            headers.push(HeaderName::MIME_VERSION, "1.0");
            let parts = [part(BULK_REGISTER), part(OPTIONS)];
            message.set_body(&multipart::joined_type(), multipart::join(&parts));
        }
        Some(message)
    }

    /// The REFER that reports what the phone trusts, before the first REGISTER.
    pub(super) fn alarm(&self) -> Option<Message> {
        let host = &self.local.host;
        let content_id = format!("{}@{host}", chance::hex(8));
        let who = format!("<sip:{}@{host}>", self.line.name);
        let mut message = Message::request(Method::Refer, &self.registrar())?;
        self.begin(&mut message, &format!("{who};tag={}", chance::hex(16)));
        let headers = &mut message.headers;
        headers.push(HeaderName::TO, format!("<{}>", self.registrar()));
        headers.push(HeaderName::CALL_ID, format!("{}@{host}", chance::hex(24)));
        headers.push(HeaderName::CSEQ, "1000 REFER");
        headers.push(HeaderName::EXPIRES, "10");
        headers.push(HeaderName::CONTACT, format!("<{}>", self.contact_uri()));
        headers.push(HeaderName::REQUIRE, "norefersub");
        headers.push(HeaderName::REFERRED_BY, who);
        headers.push(HeaderName::REFER_TO, format!("cid:{content_id}"));
        headers.push(HeaderName::CONTENT_ID, format!("<{content_id}>"));
        headers.push(HeaderName::ALLOW, ALLOW);
        headers.push(HeaderName::CONTENT_DISPOSITION, "session;handling=required");
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x-cisco-alarm>\n\
             <Alarm Name=\"DeviceTLInfo\">\n<ParameterList>\n\
             <String name=\"DeviceName\">{}</String>\n\
             <String name=\"IPv4Address\">{host}</String>\n\
             <String name=\"IPv6Address\"></String>\n\
             <String name=\"CTL_Signature\">Not Installed</String>\n\
             <String name=\"CTL_TFTP_Server\">N/A</String>\n\
             <String name=\"ITL_Signature\">Not Installed</String>\n\
             <String name=\"ITL_TFTP_Server\">N/A</String>\n\
             <String name=\"StatusCode\">1</String>\n\
             </ParameterList>\n</Alarm>\n</x-cisco-alarm>\n",
            self.profile.device_name()
        );
        message.set_body(ALARM_TYPE, body);
        Some(message)
    }

    fn begin(&self, message: &mut Message, from: &str) {
        let branch = format!("z9hG4bK{}", chance::hex(8));
        let via = Via::new(self.transport.clone(), self.local.clone(), &branch);
        let headers = &mut message.headers;
        headers.push(HeaderName::VIA, via.to_string());
        headers.push(HeaderName::FROM, from);
        headers.push(HeaderName::MAX_FORWARDS, "70");
        headers.push(HeaderName::USER_AGENT, user_agent(self.profile));
    }
}

/// Twelve small hexadecimal digits.
pub(super) fn mac(profile: &Profile) -> String {
    profile.mac.to_string().to_ascii_lowercase()
}

fn part(body: &'static str) -> Part {
    let mut part = Part::new(REQUEST_TYPE, body);
    part.headers
        .push(HeaderName::CONTENT_DISPOSITION, "session;handling=optional");
    part
}

pub(super) fn user_agent(profile: &Profile) -> String {
    let product = profile.model.product.replace('-', "");
    format!("Cisco-{product}/{}", profile.family.release)
}

fn supported(kind: Kind) -> String {
    let sis = match kind {
        Kind::Cisco8841 => "7.0.0",
        _ => "6.0.0",
    };
    format!(
        "replaces,join,sdp-anat,norefersub,resource-priority,extended-refer,X-cisco-callinfo,\
         X-cisco-serviceuri,X-cisco-escapecodes,X-cisco-service-control,X-cisco-srtp-fallback,\
         X-cisco-monrec,X-cisco-config,X-cisco-sis-{sis},X-cisco-xsi-8.5.1"
    )
}

/// The cause of the last restart, as the generation writes it.
fn reason(profile: &Profile, cause: Cause) -> String {
    let load = match profile.kind {
        Kind::Cisco8841 => format!(
            "ActiveLoad={0}.loads InactiveLoad=sip88xx.11-7-1-17.loads",
            profile.load
        ),
        _ => format!("Load={}", profile.load),
    };
    format!(
        "SIP;cause=200;text=\"cisco-alarm:{} Name={} {load} Last={}\"",
        cause.number(),
        profile.device_name(),
        cause.word().to_ascii_lowercase()
    )
}
