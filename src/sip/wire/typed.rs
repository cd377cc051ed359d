//! Typed readers of headers. Each looks at the bytes when asked, so one bad header never spoils the others.

use bytes::Bytes;
use jiff::Timestamp;

use super::cisco::CiscoAlarm;
use super::date;
use super::error::{Fault, ValueError};
use super::field::{HeaderName, Headers};
use super::name_addr::{Contact, Contacts, NameAddr};
use super::params::{Params, Style};
use super::scan;
use super::values::{CSeq, EventType, MediaType, Reason, SessionId};
use super::via::Via;

/// What an Expires that cannot be read means, in seconds (RFC 3261 sections 10.2.1.1 and 20.19).
pub(super) const MALFORMED_EXPIRES: u32 = 3600;

impl Headers {
    /// The only header of that name, through its reader.
    fn single<T>(
        &self,
        name: HeaderName,
        read: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, ValueError> {
        let mut fields = self.all(name);
        let field = fields.next().ok_or(ValueError::Missing(name))?;
        if fields.next().is_some() {
            return Err(ValueError::Repeated(name));
        }
        read(field.value()).map_err(|fault| ValueError::Malformed {
            header: name,
            fault,
        })
    }

    /// The elements of a comma-separated header over all its lines, as bytes. An empty line has none.
    fn elements(&self, name: HeaderName) -> Result<Vec<Bytes>, ValueError> {
        let mut elements = Vec::new();
        for field in self.all(name) {
            for element in scan::split(field.value(), b',') {
                let element = element.and_then(|element| match element {
                    _ if elements.len() >= scan::MAX_ELEMENTS => Err(Fault::TooMany),
                    b"" => Err(Fault::Empty),
                    some => Ok(some),
                });
                let element = element.map_err(|fault| ValueError::Malformed {
                    header: name,
                    fault,
                })?;
                elements.push(field.value().slice_ref(element));
            }
        }
        Ok(elements)
    }

    /// Every Via element, topmost first.
    pub fn via(&self) -> Result<Vec<Via>, ValueError> {
        self.elements(HeaderName::VIA)?
            .iter()
            .map(|element| Via::parse(element))
            .collect::<Result<_, _>>()
            .map_err(|fault| ValueError::Malformed {
                header: HeaderName::VIA,
                fault,
            })
    }

    /// The topmost Via.
    pub fn top_via(&self) -> Result<Via, ValueError> {
        let field = self
            .get(HeaderName::VIA)
            .ok_or(ValueError::Missing(HeaderName::VIA))?;
        scan::split(field.value(), b',')
            .next()
            .ok_or(Fault::Empty)
            .flatten()
            .and_then(Via::parse)
            .map_err(|fault| ValueError::Malformed {
                header: HeaderName::VIA,
                fault,
            })
    }

    /// From.
    pub fn from(&self) -> Result<NameAddr, ValueError> {
        self.single(HeaderName::FROM, NameAddr::parse)
    }

    /// To.
    pub fn to(&self) -> Result<NameAddr, ValueError> {
        self.single(HeaderName::TO, NameAddr::parse)
    }

    /// Call-ID. It compares byte by byte (RFC 3261 section 20.8).
    pub fn call_id(&self) -> Result<&str, ValueError> {
        self.single(HeaderName::CALL_ID, |_| Ok(()))?;
        let malformed = |fault| ValueError::Malformed {
            header: HeaderName::CALL_ID,
            fault,
        };
        let text = self
            .text(HeaderName::CALL_ID)
            .ok_or(malformed(Fault::Text))?;
        if text.is_empty() {
            return Err(malformed(Fault::Empty));
        }
        Ok(text)
    }

    /// CSeq.
    pub fn cseq(&self) -> Result<CSeq, ValueError> {
        self.single(HeaderName::CSEQ, CSeq::parse)
    }

    /// All contacts.
    pub fn contacts(&self) -> Result<Contacts, ValueError> {
        let malformed = |fault| ValueError::Malformed {
            header: HeaderName::CONTACT,
            fault,
        };
        let elements = self.elements(HeaderName::CONTACT)?;
        match elements.as_slice() {
            [only] if only.as_ref() == b"*" => return Ok(Contacts::Star),
            several if several.iter().any(|element| element.as_ref() == b"*") => {
                return Err(malformed(Fault::Star));
            }
            _ => {}
        }
        elements
            .into_iter()
            .map(Contact::parse)
            .collect::<Result<_, _>>()
            .map(Contacts::List)
            .map_err(malformed)
    }

    /// Every address of Route or Record-Route.
    pub fn addresses(&self, name: HeaderName) -> Result<Vec<NameAddr>, ValueError> {
        self.elements(name)?
            .iter()
            .map(|element| NameAddr::parse(element))
            .collect::<Result<_, _>>()
            .map_err(|fault| ValueError::Malformed {
                header: name,
                fault,
            })
    }

    /// A header that is one address, such as Refer-To or Referred-By.
    pub fn address(&self, name: HeaderName) -> Result<NameAddr, ValueError> {
        self.single(name, NameAddr::parse)
    }

    /// Expires in seconds, saturated; `None` when it is missing. One that cannot be read means
    /// [`MALFORMED_EXPIRES`].
    pub fn expires(&self) -> Option<u32> {
        let value = self.value(HeaderName::EXPIRES)?;
        Some(scan::delta_seconds(value).unwrap_or(MALFORMED_EXPIRES))
    }

    /// Max-Forwards from 0 to 255. `None` when it is missing, as in messages of RFC 2543.
    pub fn max_forwards(&self) -> Result<Option<u8>, ValueError> {
        let read = |value: &[u8]| {
            scan::number(value)
                .and_then(|number| u8::try_from(number).ok())
                .ok_or(Fault::Number)
        };
        match self.single(HeaderName::MAX_FORWARDS, read) {
            Ok(hops) => Ok(Some(hops)),
            Err(ValueError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Content-Type, when it is there and readable.
    pub fn content_type(&self) -> Option<MediaType> {
        MediaType::parse(self.value(HeaderName::CONTENT_TYPE)?).ok()
    }

    /// Whether the sender can do without his body being understood: `handling=optional` in Content-Disposition
    /// (RFC 3261 section 20.11).
    pub fn body_is_optional(&self) -> bool {
        let handling = |value: &Bytes| {
            let (_, params) = scan::cut(value, b';')?;
            let params = Params::parse(params, Style::Header).ok()?;
            Some(params.value("handling")?.eq_ignore_ascii_case("optional"))
        };
        self.value(HeaderName::CONTENT_DISPOSITION)
            .and_then(handling)
            .unwrap_or(false)
    }

    /// Content-Length: `Ok(None)` when it is missing, an error when it is no number or says different things.
    pub fn content_length(&self) -> Result<Option<usize>, ValueError> {
        let malformed = ValueError::Malformed {
            header: HeaderName::CONTENT_LENGTH,
            fault: Fault::Number,
        };
        let mut length = None;
        for field in self.all(HeaderName::CONTENT_LENGTH) {
            let value = scan::number(field.value()).map(|value| value as usize);
            match (value, length) {
                (None, _) => return Err(malformed),
                (Some(value), Some(before)) if value != before => {
                    return Err(ValueError::Repeated(HeaderName::CONTENT_LENGTH));
                }
                (value, _) => length = value,
            }
        }
        Ok(length)
    }

    /// Event.
    pub fn event(&self) -> Result<EventType, ValueError> {
        self.single(HeaderName::EVENT, EventType::parse)
    }

    /// Session-ID, when it is there and readable.
    pub fn session_id(&self) -> Option<SessionId> {
        SessionId::parse(self.value(HeaderName::SESSION_ID)?).ok()
    }

    /// Content-Id without its brackets, as `cid:` of Refer-To names the body (RFC 2392); some firmware leaves the
    /// brackets out.
    pub fn content_id(&self) -> Option<&str> {
        let text = self.text(HeaderName::CONTENT_ID)?;
        let inner = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'));
        Some(inner.unwrap_or(text)).filter(|id| !id.is_empty())
    }

    /// Date, when it is there and readable.
    pub fn date(&self) -> Option<Timestamp> {
        date::parse_date(self.text(HeaderName::DATE)?)
    }

    /// Every Reason that can be read. Commas inside the quoted text do not divide it.
    pub fn reasons(&self) -> Vec<Reason> {
        self.elements(HeaderName::REASON)
            .unwrap_or_default()
            .iter()
            .filter_map(|element| Reason::parse(element).ok())
            .collect()
    }

    /// The cause of the last restart, when the phone says it.
    pub fn cisco_alarm(&self) -> Option<CiscoAlarm> {
        self.reasons().iter().find_map(CiscoAlarm::from_reason)
    }
}
