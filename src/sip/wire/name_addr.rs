//! `"Display name" <uri>;params`, as From, To, Contact, Refer-To and the route headers have it.

use std::fmt;

use bytes::Bytes;

use super::cisco::SipInstance;
use super::error::Fault;
use super::params::{Params, Style};
use super::scan;
use super::typed::MALFORMED_EXPIRES;
use super::uri::Uri;

/// An address with its display name and header parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// The display name without quotes and escapes.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// The parameters of the header; those of the URI are in the URI.
    pub params: Params,
}

impl NameAddr {
    /// An address without display name and parameters.
    pub const fn new(uri: Uri) -> Self {
        Self {
            display: None,
            uri,
            params: Params::new(),
        }
    }

    /// Reads one address that fills the bytes. An unquoted display name may hold anything but brackets: old firmware
    /// writes commas there.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(Self::parse_spanned(bytes)?.0)
    }

    /// As [`NameAddr::parse`], with the bytes of the URI as they were written.
    fn parse_spanned(bytes: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let bytes = scan::trim(bytes);
        let Some(open) = scan::find_unquoted(bytes, b'<') else {
            return Self::parse_bare(bytes);
        };
        let display = display_name(bytes.get(..open).unwrap_or_default())?;
        let (uri, after) = scan::cut(bytes.get(open + 1..).unwrap_or_default(), b'>')
            .ok_or(Fault::UnbalancedBracket)?;
        let uri = scan::trim(uri);
        let params = match scan::trim(after) {
            b"" => Params::new(),
            [b';', rest @ ..] => Params::parse(rest, Style::Header)?,
            _ => return Err(Fault::Parameter),
        };
        let address = Self {
            display,
            uri: Uri::parse(uri)?,
            params,
        };
        Ok((address, uri))
    }

    /// Without brackets every parameter belongs to the header, and `?` and `,` are not possible (RFC 3261
    /// section 20).
    fn parse_bare(bytes: &[u8]) -> Result<(Self, &[u8]), Fault> {
        if bytes.is_empty() {
            return Err(Fault::Empty);
        }
        if bytes.starts_with(b"\"") {
            return Err(Fault::UnbalancedQuote);
        }
        let (uri, params) = match scan::cut(bytes, b';') {
            Some((uri, params)) => (scan::trim(uri), Params::parse(params, Style::Header)?),
            None => (bytes, Params::new()),
        };
        if uri.iter().any(|byte| b"?,".contains(byte)) {
            return Err(Fault::Uri);
        }
        let address = Self {
            display: None,
            uri: Uri::parse(uri)?,
            params,
        };
        Ok((address, uri))
    }

    /// The `tag` parameter of From and To.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag")
    }
}

fn display_name(bytes: &[u8]) -> Result<Option<String>, Fault> {
    let bytes = scan::trim(bytes);
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.starts_with(b"\"") {
        return scan::unquote(bytes).map(Some).ok_or(Fault::UnbalancedQuote);
    }
    if bytes.iter().any(|byte| b"\">".contains(byte)) {
        return Err(Fault::UnbalancedQuote);
    }
    Ok(Some(scan::lossy(bytes)))
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", scan::quote(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// All contacts of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contacts {
    /// `Contact: *`, which in a REGISTER with `Expires: 0` removes every binding.
    Star,
    /// The contacts in order; empty when there is no Contact header.
    List(Vec<Contact>),
}

/// One contact, with the bytes it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The element as received, for echoing it whole: phones expect every parameter of theirs back.
    pub raw: Bytes,
    /// The URI as received, without brackets: a phone compares the Request-URI it gets with what it advertised.
    pub raw_uri: Bytes,
    /// What it says.
    pub address: NameAddr,
}

impl Contact {
    pub(super) fn parse(element: Bytes) -> Result<Self, Fault> {
        let (address, uri) = NameAddr::parse_spanned(&element)?;
        let raw_uri = element.slice_ref(uri);
        Ok(Self {
            raw_uri,
            address,
            raw: element,
        })
    }

    /// The `expires` parameter in seconds, saturated; one that cannot be read means an hour (RFC 3261
    /// section 10.2.1.1).
    pub fn expires(&self) -> Option<u32> {
        let asked = self.address.params.get("expires")?.value();
        let seconds = scan::delta_seconds(asked.unwrap_or_default().as_bytes());
        Some(seconds.unwrap_or(MALFORMED_EXPIRES))
    }

    /// The `q` parameter in thousandths, 1000 when there is none.
    pub fn q_thousandths(&self) -> u16 {
        self.address
            .params
            .value("q")
            .and_then(|q| q.trim().parse::<f32>().ok())
            .filter(|q| (0.0..=1.0).contains(q))
            .map_or(1000, thousandths)
    }

    /// `+sip.instance` (RFC 5626), which on Cisco phones holds the MAC address.
    pub fn instance(&self) -> Option<SipInstance> {
        SipInstance::parse(self.address.params.value("+sip.instance")?)
    }

    /// The device name, such as `SEPC80084AA8743`. Desk phones write it in `+u.sip!devicename.ccm.cisco.com`, soft
    /// phones in `...ccm.features.cisco.com`; firmware before 8.5 writes none.
    pub fn device_name(&self) -> Option<&str> {
        let params = &self.address.params;
        params
            .value("+u.sip!devicename.ccm.cisco.com")
            .or_else(|| params.value("+u.sip!devicename.ccm.features.cisco.com"))
    }

    /// Cisco's number of the phone model, such as 621 for a 7821.
    pub fn model(&self) -> Option<u32> {
        let params = &self.address.params;
        let text = params
            .value("+u.sip!model.ccm.cisco.com")
            .or_else(|| params.value("+u.sip!model.ccm.features.cisco.com"))?;
        scan::number(text.as_bytes())
    }

    /// Whether this REGISTER only asks a standby server for a sign of life: it must not touch bindings, though it
    /// says `expires=0`.
    pub fn is_cisco_keep_alive(&self) -> bool {
        self.address.params.has("cisco-keep-alive")
    }
}

#[allow(clippy::cast_sign_loss)] // The range was checked.
fn thousandths(q: f32) -> u16 {
    (q * 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str) -> NameAddr {
        NameAddr::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn parameters_belong_to_the_header_without_brackets_and_to_the_uri_within() {
        let bare = parse("sip:+19725552222@gw1.example.net;unknownparam");
        assert!(bare.params.has("unknownparam"));
        let bracketed = parse("<sip:+19725552222@gw1.example.net;unknownparam>");
        assert!(bracketed.params.is_empty());
        assert!(bracketed.uri.sip().unwrap().params.has("unknownparam"));
    }

    #[test]
    fn display_names_come_in_many_shapes() {
        assert_eq!(parse("caller<sip:a@b>").display.as_deref(), Some("caller"));
        assert_eq!(parse("\"\" <sip:a@b>").display.as_deref(), Some(""));
        assert_eq!(
            parse("\"J Rosenberg \\\\\\\"\"       <sip:a@b> ; tag = 98asjd8")
                .display
                .as_deref(),
            Some("J Rosenberg \\\"")
        );
        assert_eq!(parse("Bell, Alexander <sip:a@b>;tag=43").tag(), Some("43"));
        assert_eq!(
            parse("\"Watson, T <x>\" < sip:a@b >").uri.to_string(),
            "sip:a@b"
        );
        assert_eq!(
            NameAddr::parse(b"\"M\xfcller\" <sip:a@b>")
                .unwrap()
                .display
                .as_deref(),
            Some("M\u{fffd}ller")
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "\"Mr. J. User <sip:j.user@example.com>",
            "<sip:a@b",
            "sip:user@example.com?Route=%3Csip:sip.example.com%3E",
            "<sip:a@b> tag=1",
            "\"Joe\" <sip:joe@example.org>;;;;",
            "\"a\"b\" <sip:a@b>",
        ] {
            assert!(NameAddr::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_contact_keeps_the_uri_as_the_phone_wrote_it() {
        let raw = Bytes::from_static(
            b"<sip:u@[2001:DB8:0::9]:5060;transport=TCP>;q=0.33;expires=99999999999",
        );
        let contact = Contact::parse(raw.clone()).unwrap();
        assert_eq!(contact.raw, raw);
        assert_eq!(contact.raw_uri, "sip:u@[2001:DB8:0::9]:5060;transport=TCP");
        assert_eq!(contact.q_thousandths(), 330);
        assert_eq!(contact.expires(), Some(u32::MAX));
        assert_eq!(contact.instance(), None);
    }
}
