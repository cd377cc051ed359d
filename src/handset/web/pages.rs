//! What the phone's web server answers.

use std::fmt::Write as _;
use std::net::SocketAddr;

use quick_xml::escape::escape;

use crate::handset::phone::Phone;

/// An answer.
pub(super) struct Page {
    status: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
}

/// Points of a display that nobody has measured.
const USUAL: (u32, u32) = (320, 222);

/// Points that a picture has at most in each direction.
const MOST: u32 = 1024;

impl Page {
    fn xml(body: String) -> Self {
        Self {
            status: "200 OK",
            content_type: "text/xml",
            body: body.into_bytes(),
        }
    }

    /// `CiscoIPPhoneError`: 1 the object, 4 the credentials, 6 the request.
    pub(super) fn error(number: u8) -> Self {
        Self::xml(format!("<CiscoIPPhoneError Number=\"{number}\"/>"))
    }

    pub(super) fn unauthorized() -> Self {
        Self {
            status: "401 Unauthorized",
            content_type: "text/html",
            body: Vec::new(),
        }
    }

    pub(super) fn not_found() -> Self {
        Self {
            status: "404 Not Found",
            content_type: "text/html",
            body: Vec::new(),
        }
    }

    /// With its head; the connection ends behind it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let ask = if self.status.starts_with("401") {
            "WWW-Authenticate: Basic realm=\"user\"\r\n"
        } else {
            ""
        };
        let mut bytes = format!(
            "HTTP/1.1 {}\r\nServer: Allegro-Software-RomPager/4.34\r\nContent-Type: {}\r\n\
             {ask}Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.status,
            self.content_type,
            self.body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// `/DeviceInformationX`.
pub(super) fn device_information(phone: &Phone) -> Page {
    let profile = &phone.profile;
    let buttons = phone.shared.buttons();
    let number = buttons.first().map(|key| key.number.as_str());
    let waiting = phone.shared.message_lamp() == Some(true);
    document(
        "DeviceInformation",
        &[
            ("MACAddress", &profile.mac.to_string()),
            ("HostName", &profile.device_name()),
            ("phoneDN", number.unwrap_or_default()),
            ("appLoadID", &profile.load),
            ("bootLoadID", ""),
            ("versionID", &profile.load),
            ("addonModule1", ""),
            ("addonModule2", ""),
            ("modelNumber", profile.model.product),
            ("MessageWaiting", if waiting { "Yes" } else { "No" }),
        ],
    )
}

/// `/NetworkConfigurationX`, asked at this address of the phone's.
pub(super) fn network_configuration(phone: &Phone, own: Option<SocketAddr>) -> Page {
    let own = own.map(|at| at.ip().to_string()).unwrap_or_default();
    let file = phone.shared.file();
    let managers = file.iter().flat_map(|file| &file.managers);
    let managers: Vec<String> = managers.map(|manager| manager.host.clone()).collect();
    let manager = |place: usize| managers.get(place).map_or("", String::as_str);
    document(
        "NetworkConfiguration",
        &[
            ("HostName", &phone.profile.device_name()),
            ("DomainName", ""),
            ("IPAddress", &own),
            ("TFTPServer1", &phone.servers.tftp.ip().to_string()),
            ("CallManager1", manager(0)),
            ("CallManager2", manager(1)),
            ("WebAccess", "Yes"),
        ],
    )
}

fn document(root: &str, entries: &[(&str, &str)]) -> Page {
    let mut text = format!("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\r\n<{root}>\r\n");
    for (name, value) in entries {
        // Writing to a String cannot fail.
        let _ = write!(text, "<{name}>{}</{name}>\r\n", escape(*value));
    }
    let _ = write!(text, "</{root}>");
    Page::xml(text)
}

/// `CiscoIPPhoneResponse`, one item for each order.
pub(super) fn response(done: &[(u8, String)]) -> Page {
    let mut text = String::from("<CiscoIPPhoneResponse>");
    for (status, url) in done {
        let data = if *status == 0 { "Success" } else { "" };
        let url = escape(url.as_str());
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "<ResponseItem Status=\"{status}\" Data=\"{data}\" URL=\"{url}\"/>"
        );
    }
    text.push_str("</CiscoIPPhoneResponse>");
    Page::xml(text)
}

/// `/CGI/Screenshot`: a blank display of the right size. What stands there is
/// told by `Handset::main_screen` and by pages, in letters.
pub(super) fn screenshot(phone: &Phone) -> Page {
    let (width, height) = phone.profile.model.pixels.and_then(size).unwrap_or(USUAL);
    if phone.profile.kind.is_first() {
        // Two bits a point, four points a byte, two digits a byte.
        let bytes = (width * height).div_ceil(4);
        let data = "0".repeat(usize::try_from(bytes * 2).unwrap_or_default());
        return Page::xml(format!(
            "<CiscoIPPhoneImage><LocationX>0</LocationX><LocationY>0</LocationY>\
             <Width>{width}</Width><Height>{height}</Height><Depth>2</Depth><Data>{data}</Data>\
             </CiscoIPPhoneImage>"
        ));
    }
    Page {
        status: "200 OK",
        content_type: "image/bmp",
        body: bitmap(width, height),
    }
}

/// The first two numbers of what a phone reports of its display.
fn size(pixels: &str) -> Option<(u32, u32)> {
    let mut numbers = pixels.split(',').map(|number| number.trim().parse::<u32>());
    let (width, height) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let fits = |points: u32| (1..=MOST).contains(&points);
    (fits(width) && fits(height)).then_some((width, height))
}

/// A bitmap of one bit a point, all of them white.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    const HEAD: u32 = 14 + 40 + 8;
    let row = width.div_ceil(32) * 4;
    let points = row * height;
    let mut bytes = b"BM".to_vec();
    for word in [HEAD + points, 0, HEAD, 40, width, height] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    for half in [1_u16, 1] {
        bytes.extend_from_slice(&half.to_le_bytes());
    }
    for word in [0, points, 2835, 2835, 2, 2, 0x0000_0000, 0x00FF_FFFF] {
        bytes.extend_from_slice(&u32::to_le_bytes(word));
    }
    bytes.resize(
        bytes.len() + usize::try_from(points).unwrap_or_default(),
        0xFF,
    );
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_has_the_size_that_it_reports() {
        assert_eq!(size("298, 144, 4, C"), Some((298, 144)));
        assert_eq!(size("133,65,2,G"), Some((133, 65)));
        for odd in ["", "298", "0,65", "5000,5", "a,b"] {
            assert_eq!(size(odd), None, "{odd}");
        }
        let picture = bitmap(33, 2);
        assert_eq!(picture.len(), 62 + 16);
        assert_eq!(picture.get(2..6), Some(&78_u32.to_le_bytes()[..]));
    }
}
