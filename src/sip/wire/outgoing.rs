//! Requests from the server to a phone, outside any call: NOTIFY and REFER.

use jiff::Timestamp;

use super::date::date_text;
use super::error::Fault;
use super::field::HeaderName;
use super::message::Message;
use super::method::Method;
use super::multipart::{self, Part};
use super::params::Params;
use super::service_control::{EVENT, ServiceControl};
use super::uri::{HostPort, SipUri, Uri};
use super::values::CSeq;
use super::via::{Transport, Via};

/// What every such request is made of. All names are chosen by the caller: this room draws no random numbers and
/// reads no clock.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The phone's Contact URI exactly as it registered it ([`Contact::raw_uri`](super::Contact::raw_uri)): phones
    /// compare it with what they advertised and refuse any other.
    pub request_uri: &'a str,
    /// This server, as the phone knows it.
    pub local: &'a HostPort,
    /// What the request travels on.
    pub transport: &'a Transport,
    /// A new branch, with its magic cookie.
    pub branch: &'a str,
    /// A new tag.
    pub from_tag: &'a str,
    /// A new Call-ID.
    pub call_id: &'a str,
    /// The sequence number.
    pub cseq: u32,
    /// Now.
    pub date: Timestamp,
}

impl Outgoing<'_> {
    /// The request with what all have in common. From has no user part: some firmware answers 400 to one. To is the
    /// Contact without its parameters.
    pub fn request(&self, method: Method) -> Result<Message, Fault> {
        let target = Uri::parse(self.request_uri.as_bytes())?;
        let target = target.sip().ok_or(Fault::Uri)?;
        let to = SipUri {
            params: Params::new(),
            headers: None,
            password: None,
            ..target.clone()
        };
        let cseq = CSeq {
            number: self.cseq,
            method: method.clone(),
        };
        let via = Via::new(self.transport.clone(), self.local.clone(), self.branch);
        let mut request = Message::request(method, self.request_uri).ok_or(Fault::Uri)?;
        let headers = &mut request.headers;
        headers.push(HeaderName::VIA, via.to_string());
        headers.push(
            HeaderName::FROM,
            format!("<sip:{}>;tag={}", self.local.host, self.from_tag),
        );
        headers.push(HeaderName::TO, format!("<{to}>"));
        headers.push(HeaderName::CALL_ID, self.call_id);
        headers.push(HeaderName::CSEQ, cseq.to_string());
        headers.push(HeaderName::MAX_FORWARDS, "70");
        headers.push(HeaderName::DATE, date_text(self.date));
        headers.push(HeaderName::CONTACT, format!("<{}>", self.contact()));
        Ok(request)
    }

    fn contact(&self) -> SipUri {
        let mut uri = SipUri::new(None, self.local.clone());
        if *self.transport != Transport::Udp {
            uri.params.push("transport", &self.transport.uri_value());
        }
        uri
    }

    /// NOTIFY with an order for a phone in CCM mode.
    pub fn service_control(&self, order: &ServiceControl) -> Result<Message, Fault> {
        let mut notify = self.request(Method::Notify)?;
        notify.headers.push(HeaderName::EVENT, EVENT);
        notify
            .headers
            .push(HeaderName::SUBSCRIPTION_STATE, "active");
        notify.set_body("text/plain", order.body());
        Ok(notify)
    }

    /// NOTIFY for 7940 and 7960 with plain SIP firmware: after twenty idle seconds they look at `syncinfo.xml`
    /// (Cisco 7940G and 7960G Administrator Guide, "Rebooting the Phone Remotely").
    pub fn check_sync(&self) -> Result<Message, Fault> {
        let mut notify = self.request(Method::Notify)?;
        notify.headers.push(HeaderName::EVENT, "check-sync");
        notify
            .headers
            .push(HeaderName::SUBSCRIPTION_STATE, "terminated");
        Ok(notify)
    }

    /// REFER that refers to its own body, with one part as it is or several as multipart. `content_id` names the
    /// body, such as `1483336@192.0.2.200`; `expires` is in seconds.
    pub fn refer(&self, content_id: &str, expires: u32, parts: &[Part]) -> Result<Message, Fault> {
        let mut refer = self.request(Method::Refer)?;
        let headers = &mut refer.headers;
        headers.push(HeaderName::EXPIRES, expires.to_string());
        headers.push(HeaderName::REQUIRE, "norefersub");
        headers.push(HeaderName::REFER_TO, format!("cid:{content_id}"));
        headers.push(HeaderName::REFERRED_BY, format!("<{}>", self.contact()));
        headers.push(HeaderName::CONTENT_ID, format!("<{content_id}>"));
        headers.push(HeaderName::MIME_VERSION, "1.0");
        match parts {
            [] => return Err(Fault::Empty),
            [only] => {
                let media = only.headers.text(HeaderName::CONTENT_TYPE);
                refer.set_body(media.ok_or(Fault::Token)?, only.body.clone());
            }
            several => refer.set_body(&multipart::joined_type(), multipart::join(several)),
        }
        Ok(refer)
    }
}
