//! Asking for a page as the model does, and judging what comes.

use std::fmt;

use jiff::Timestamp;

use crate::handset::fault::PageFault;
use crate::handset::http::{self, Answer};
use crate::handset::model::{Client, Model};
use crate::handset::net;
use crate::handset::page::Refresh;
use crate::handset::phone::Phone;
use crate::handset::profile::Profile;
use crate::phonexml::limits::DOCUMENT;
use crate::phonexml::{Charset, Object, PhoneFault, Strictness, SubmitMethod, parse_with_charset};
use crate::sip::wire::parse_date;

/// 2020: whatever expires before then was over when it was sent.
const LONG_AGO: i64 = 1_577_836_800;

/// Where to, and with what.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) url: String,
    /// The values of a posted form.
    pub(super) body: Option<String>,
}

impl Target {
    pub(super) fn get(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            body: None,
        }
    }

    /// The URL without its query, which may hold a PIN.
    pub(super) fn address(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.address())
    }
}

/// A page that can be shown.
pub(super) struct Loaded {
    pub(super) object: Object,
    pub(super) refresh: Option<Refresh>,
    /// Whether it is over already, so that Exit does not come back to it.
    pub(super) passing: bool,
}

impl From<Object> for Loaded {
    fn from(object: Object) -> Self {
        Self {
            object,
            refresh: None,
            passing: false,
        }
    }
}

/// Loads one page.
pub(super) async fn load(phone: &Phone, target: &Target) -> Result<Loaded, PageFault> {
    judge(&phone.profile, &ask(phone, target).await?)
}

/// What is answered, whatever it is.
pub(super) async fn ask(phone: &Phone, target: &Target) -> Result<Answer, PageFault> {
    let place = Place::read(&target.url)?;
    let not_found = |why: String| PageFault::HostNotFound(why);
    let server = net::resolve(&place.host, place.port)
        .await
        .map_err(|error| not_found(error.to_string()))?
        .first()
        .copied()
        .ok_or_else(|| not_found(place.host.clone()))?;
    let language = phone.shared.file().map(|file| file.language.clone());
    let request = request(
        phone.profile.model,
        &place,
        target.body.as_deref(),
        language.as_deref().unwrap_or("en"),
    );
    http::exchange(phone, server, request.as_bytes(), DOCUMENT).await
}

/// A URL taken apart.
struct Place {
    host: String,
    port: u16,
    /// Host and port as they stand in the URL.
    authority: String,
    path: String,
}

impl Place {
    fn read(url: &str) -> Result<Self, PageFault> {
        let bad = || PageFault::HostNotFound(url.split('?').next().unwrap_or_default().to_owned());
        // Without a trusted certificate HTTPS ends in the same words.
        let rest = url
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("http://"))
            .and_then(|scheme| url.get(scheme.len()..))
            .ok_or_else(bad)?;
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(at).ok_or_else(bad)?;
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| bad())?),
            _ => (authority, 80),
        };
        if host.is_empty() {
            return Err(bad());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
            path,
        })
    }
}

/// The request as the browser of that generation writes it.
fn request(model: &Model, place: &Place, body: Option<&str>, language: &str) -> String {
    let method = if body.is_some() { "POST" } else { "GET" };
    let Place {
        authority, path, ..
    } = place;
    let name = format!("x-CiscoIPPhoneModelName: {}\r\n", model.product);
    let display = match model.pixels {
        Some(pixels) => format!("x-CiscoIPPhoneDisplay: {pixels}\r\n"),
        None => String::new(),
    };
    let head = match model.client {
        // No blank after `Host:`.
        Client::First => format!(
            "{method} {path} HTTP/1.0\r\n\
             Host:{authority}\r\n\
             User-Agent: Allegro-Software-WebClient/3.12\r\n\
             Accept: x-CiscoIPPhone/Directory, x-CiscoIPPhone/Execute, x-CiscoIPPhone/IconMenu, \
             x-CiscoIPPhone/Image, x-CiscoIPPhone/GraphicMenu, x-CiscoIPPhone/Input, \
             x-CiscoIPPhone/Menu, x-CiscoIPPhone/Text, text/*\r\n\
             Accept-Language: {language}\r\n\
             Accept-Charset: iso-8859-1\r\n\
             {name}{display}\
             Connection: Close\r\n"
        ),
        Client::Second => format!(
            "{method} {path} HTTP/1.1\r\n\
             Host: {authority}\r\n\
             User-Agent: Allegro-Software-WebClient/4.34\r\n\
             Accept: x-CiscoIPPhone/*, text/*,image/png,*/*\r\n\
             Accept-Language: {language}\r\n\
             Accept-Charset: utf-8,iso-8859-1;q=0.8\r\n\
             {name}\
             x-CiscoIPPhoneSDKVersion: 8.5.1\r\n\
             {display}"
        ),
        Client::Third => format!(
            "{method} {path} HTTP/1.1\r\n\
             Host: {authority}\r\n\
             Connection: close\r\n\
             User-Agent: Cisco-{}/12.5.1\r\n\
             Accept: x-CiscoIPPhone/*;version=3.3.3, text/*,image/png,*/*\r\n\
             Accept-Language: {language}\r\n\
             Accept-Charset: utf-8,iso-8859-1;q=0.8\r\n\
             {name}\
             x-CiscoIPPhoneSDKVersion: 9.1.1\r\n\
             {display}",
            model.product.replace('-', "")
        ),
    };
    let Some(body) = body else {
        return format!("{head}\r\n");
    };
    format!(
        "{head}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The answer as that model shows it with that load.
fn judge(profile: &Profile, answer: &Answer) -> Result<Loaded, PageFault> {
    let model = profile.model;
    let parser = Strictness::of(model.number, &profile.load);
    if answer.status != 200 {
        return Err(PageFault::Http(format!("status {}", answer.status)));
    }
    let charset = served_charset(model.client, answer)?;
    if declared_charset(&answer.body) != Some(charset) {
        return Err(PageFault::ContentType(
            "the document declares another character set than it is served in".to_owned(),
        ));
    }
    let object =
        parse_with_charset(&answer.body, Some(charset.name()), parser).map_err(PageFault::Xml)?;
    // The attribute is newer than the schema of the 7900 series.
    if let Object::Input(form) = &object
        && form.method == SubmitMethod::Post
        && SubmitMethod::for_model(model.product) == SubmitMethod::Get
        && parser == Strictness::Strict
    {
        let reason = "attribute method in <URL>".to_owned();
        return Err(PageFault::Xml(PhoneFault::Parse { line: 1, reason }));
    }
    Ok(Loaded {
        object,
        refresh: answer.header("Refresh").and_then(read_refresh),
        passing: is_over(model.client, answer)?,
    })
}

/// `text/xml` in a set that the request offered.
fn served_charset(client: Client, answer: &Answer) -> Result<Charset, PageFault> {
    let value = answer.header("Content-Type").unwrap_or("no Content-Type");
    let refuse = || PageFault::ContentType(value.to_owned());
    let mut parts = value.split(';').map(str::trim);
    if !parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("text/xml"))
    {
        return Err(refuse());
    }
    let charset = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .and_then(|(_, name)| Charset::from_name(name.trim().trim_matches('"')))
        .ok_or_else(refuse)?;
    if client == Client::First && charset != Charset::Latin1 {
        return Err(refuse());
    }
    Ok(charset)
}

/// The `encoding` of the XML declaration.
fn declared_charset(body: &[u8]) -> Option<Charset> {
    let head = body.get(..body.len().min(200))?;
    let end = head.windows(2).position(|two| two == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, rest) = declaration.strip_prefix("<?xml")?.split_once("encoding=")?;
    let quote = rest.chars().next()?;
    let name = rest.get(1..)?.split(quote).next()?;
    Charset::from_name(name)
}

/// `N; url=http://..`
fn read_refresh(value: &str) -> Option<Refresh> {
    let (seconds, url) = match value.split_once(';') {
        Some((seconds, rest)) => (seconds, rest.trim().strip_prefix("url=").map(str::trim)),
        None => (value, None),
    };
    Some(Refresh {
        seconds: seconds.trim().parse().ok()?,
        url: url.filter(|url| !url.is_empty()).map(str::to_owned),
    })
}

/// Whether the page expired before it came. An 8800 takes only real dates
/// after 1970.
fn is_over(client: Client, answer: &Answer) -> Result<bool, PageFault> {
    let Some(value) = answer.header("Expires") else {
        return Ok(false);
    };
    match parse_date(value).map(Timestamp::as_second) {
        Some(second) if second > 0 => Ok(second < LONG_AGO),
        _ if client == Client::Third => Err(PageFault::Http(format!("Expires: {value}"))),
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let cases = [
            ("http://h/p?q", ("h", 80, "h", "/p?q")),
            ("HTTP://h:8080", ("h", 8080, "h:8080", "/")),
            ("http://[::1]:80/x", ("[::1]", 80, "[::1]:80", "/x")),
            ("http://[::1]?x", ("[::1]", 80, "[::1]", "/?x")),
        ];
        for (url, (host, port, authority, path)) in cases {
            let place = Place::read(url).expect(url);
            assert_eq!((place.host.as_str(), place.port), (host, port), "{url}");
            assert_eq!(
                (place.authority.as_str(), place.path.as_str()),
                (authority, path)
            );
        }
        for url in [
            "",
            "https://h/",
            "http:///x",
            "http://h:x/",
            "http://h:70000/",
            "ftp://h/",
        ] {
            assert!(Place::read(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_refresh_may_name_a_page() {
        let refresh = |value| read_refresh(value).map(|r| (r.seconds, r.url));
        assert_eq!(refresh("5"), Some((5, None)));
        let url = "http://h/x".to_owned();
        assert_eq!(refresh("0; url=http://h/x"), Some((0, Some(url))));
        assert_eq!(refresh("soon"), None);
    }

    proptest! {
        #[test]
        fn any_url_is_a_place_or_none(rest in "(http://)?[\\[\\]:/?a-z0-9\\PC]{0,30}") {
            let _ = Place::read(&rest);
        }

        #[test]
        fn any_refresh_is_read_or_not(value in "\\PC{0,30}") {
            let _ = read_refresh(&value);
        }

        #[test]
        fn any_declaration_is_read_or_not(bytes: Vec<u8>, tail in "[ a-z=\"'?>-]{0,60}") {
            let _ = declared_charset(&bytes);
            let _ = declared_charset(format!("<?xml{tail}").as_bytes());
        }
    }
}
