//! Requests and queries out of XML.
//!
//! Strict where a mistake must not pass as something else (names, duplicates,
//! values), liberal where applications are known to differ: root and order of
//! children, white space around values, encoded or raw user ids, namespace
//! declarations, `loginType` in any place, the two names of the profile query,
//! and a `userID` in `logout`. What of it is a matter of taste is in
//! [`Reading`].

use std::fmt;
use std::net::IpAddr;

use super::Code;
use super::reading::{LoginTypeElement, Reading, RootElement};
use super::request::{
    AppInfo, Certificate, Credential, Envelope, ExclusiveDuration, LoginType, Operation, Origin,
    Root,
};
use super::user_id::decode_user_id;
use super::xml::{self, Element, Fault, Reason};

/// Why a message was not understood. The text is for the operator's log: it says
/// where and why, and never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What to answer: [`Code::Parsing`] or [`Code::QueryTypeUndetermined`].
    pub code: Code,
    /// The root element, if it got that far.
    pub root: Option<Root>,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: Reason,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            reason,
            ..
        } = self;
        write!(f, "line {line}, column {column}: {reason}")
    }
}

impl std::error::Error for ParseError {}

impl ParseError {
    pub(super) fn at_start(reason: Reason) -> Self {
        Self::locate("", Fault::new(0, reason))
    }

    pub(super) fn locate(text: &str, fault: Fault) -> Self {
        let (line, column) = xml::line_and_column(text, fault.at);
        Self {
            code: match fault.reason {
                Reason::QueryKind => Code::QueryTypeUndetermined,
                _ => Code::Parsing,
            },
            root: match fault.root {
                Some("request") => Some(Root::Request),
                Some("query") => Some(Root::Query),
                _ => None,
            },
            line,
            column,
            reason: fault.reason,
        }
    }
}

/// Reads one message of at most [`DOCUMENT_LIMIT`](super::DOCUMENT_LIMIT)
/// bytes as liberally as [`Reading::default`] says. Get it out of an HTTP
/// request with [`form`](super::form).
pub fn parse(xml: &[u8]) -> Result<Envelope, ParseError> {
    parse_with(xml, Reading::default())
}

/// The same, as liberally as `reading` says.
pub fn parse_with(xml: &[u8], reading: Reading) -> Result<Envelope, ParseError> {
    let text = xml::decode(xml).map_err(ParseError::at_start)?;
    let root = xml::read(&text, &["request", "query"], "<request> or <query>")
        .map_err(|fault| ParseError::locate(&text, fault))?;
    let kind = match root.name.as_str() {
        "query" => Root::Query,
        _ => Root::Request,
    };
    envelope(&root, kind, reading).map_err(|mut fault| {
        fault.root = Some(kind.name());
        ParseError::locate(&text, fault)
    })
}

fn envelope(root: &Element, kind: Root, reading: Reading) -> Result<Envelope, Fault> {
    let mut app = None;
    let mut operation = None;
    let mut foreign: Option<&Element> = None;
    let mut common = Common::new(reading);
    for child in reading.children(root)? {
        if child.name == "appInfo" {
            once(&mut app, app_info(child, reading)?, child, root)?;
        } else if is_operation(&child.name, kind, reading.root_element) {
            let read = self::operation(child, &mut common)?;
            once(&mut operation, read, child, root)?;
        } else if !common.take(child, root)? {
            foreign = foreign.or(Some(child));
        }
    }
    let app = app.ok_or_else(|| missing("<appInfo>", root))?;
    let Some(operation) = operation else {
        return Err(match (kind, foreign) {
            (Root::Query, foreign) => foreign.unwrap_or(root).fault(Reason::QueryKind),
            (Root::Request, Some(foreign)) => unknown(foreign, root),
            (Root::Request, None) => missing("<login>, <logout> or <logoutAll>", root),
        });
    };
    if let Some(foreign) = foreign {
        reading.unknown(foreign, root)?;
    }
    Ok(Envelope {
        app,
        operation,
        origin: Origin {
            remote_ip: common.remote_ip.value,
            via_header: common.via_header.value,
        },
        login_type: common.login_type.value,
    })
}

fn is_operation(name: &str, kind: Root, roots: RootElement) -> bool {
    let (request, query) = match roots {
        RootElement::Either => (true, true),
        RootElement::Definition => (kind == Root::Request, kind == Root::Query),
    };
    match name {
        "login" | "logout" | "logoutAll" => request,
        "deviceUserQuery"
        | "userDevicesQuery"
        | "deviceProfileQuery"
        | "userDeviceProfileQuery"
        | "checkUser" => query,
        _ => false,
    }
}

fn app_info(element: &Element, reading: Reading) -> Result<AppInfo, Fault> {
    let mut id = None;
    let mut credential = None;
    for child in reading.children(element)? {
        reading.attributes(child)?;
        match child.name.as_str() {
            "appID" => once(&mut id, child.leaf()?.to_owned(), child, element)?,
            "appCertificate" => {
                let password = Certificate::new(unformatted(child.leaf_untrimmed()?));
                once(
                    &mut credential,
                    Credential::Certificate(password),
                    child,
                    element,
                )?;
            }
            "appEncryptedCertificate" => {
                child.leaf()?;
                once(&mut credential, Credential::Encrypted, child, element)?;
            }
            _ => reading.unknown(child, element)?,
        }
    }
    Ok(AppInfo {
        id: id.ok_or_else(|| missing("<appID>", element))?,
        credential: credential.ok_or_else(|| missing("<appCertificate>", element))?,
    })
}

/// A password may begin or end with a space; white space around it that holds a
/// line break is the formatting of the document.
fn unformatted(text: &str) -> &str {
    let start = text.trim_start();
    let text = if text[..text.len() - start.len()].contains(['\r', '\n']) {
        start
    } else {
        text
    };
    let end = text.trim_end();
    if text[end.len()..].contains(['\r', '\n']) {
        end
    } else {
        text
    }
}

fn operation(element: &Element, common: &mut Common) -> Result<Operation, Fault> {
    let reading = common.reading;
    let mut fields = Fields::default();
    for child in reading.children(element)? {
        if !common.take(child, element)? {
            reading.attributes(child)?;
            fields.take(child, element, reading)?;
        }
    }
    match element.name.as_str() {
        "login" => Ok(Operation::Login {
            device: fields.device(element)?,
            user: fields.user(element)?,
            profile: fields.profile.filter(|name| !name.is_empty()),
            duration: fields.duration,
        }),
        "logout" => Ok(Operation::Logout {
            device: fields.device(element)?,
        }),
        "logoutAll" => Ok(Operation::LogoutAll),
        "deviceUserQuery" => Ok(Operation::DeviceUserQuery {
            devices: some(fields.devices, "<deviceName>", element)?,
        }),
        "userDevicesQuery" => Ok(Operation::UserDevicesQuery {
            users: some(fields.users, "<userID>", element)?,
        }),
        "checkUser" => Ok(Operation::CheckUser {
            users: some(fields.users, "<userID>", element)?,
        }),
        _ => Ok(Operation::DeviceProfileQuery {
            users: some(fields.users, "<userID>", element)?,
        }),
    }
}

/// What the operations are made of.
#[derive(Default)]
struct Fields {
    devices: Vec<String>,
    users: Vec<String>,
    profile: Option<String>,
    duration: Option<ExclusiveDuration>,
}

impl Fields {
    fn take(&mut self, child: &Element, parent: &Element, reading: Reading) -> Result<(), Fault> {
        let operation = parent.name.as_str();
        match (child.name.as_str(), operation) {
            ("deviceName", "deviceUserQuery") => self.devices.push(child.leaf()?.to_owned()),
            ("deviceName", "login" | "logout") => {
                single(&self.devices, child, parent)?;
                self.devices.push(child.leaf()?.to_owned());
            }
            ("userID", "login") => {
                single(&self.users, child, parent)?;
                self.users.push(decode_user_id(child.leaf()?));
            }
            (
                "userID",
                "userDevicesQuery" | "deviceProfileQuery" | "userDeviceProfileQuery" | "checkUser",
            ) => self.users.push(decode_user_id(child.leaf()?)),
            // Cisco's own sample program names the user at logout too. Who is
            // on the phone is signed out, as the definition has it.
            ("userID", "logout") => {
                child.leaf()?;
            }
            ("deviceProfile", "login") => {
                let name = child.leaf()?.to_owned();
                once(&mut self.profile, name, child, parent)?;
            }
            ("exclusiveDuration", "login") => {
                once(&mut self.duration, duration(child, reading)?, child, parent)?;
            }
            _ => reading.unknown(child, parent)?,
        }
        Ok(())
    }

    fn device(&mut self, parent: &Element) -> Result<String, Fault> {
        self.devices
            .pop()
            .ok_or_else(|| missing("<deviceName>", parent))
    }

    fn user(&mut self, parent: &Element) -> Result<String, Fault> {
        self.users.pop().ok_or_else(|| missing("<userID>", parent))
    }
}

fn duration(element: &Element, reading: Reading) -> Result<ExclusiveDuration, Fault> {
    let mut duration = None;
    for child in reading.children(element)? {
        reading.attributes(child)?;
        let read = match child.name.as_str() {
            "time" => {
                let minutes = child.leaf()?.parse().map_err(|_| {
                    child.fault(Reason::Value {
                        element: "time",
                        expected: "a number of minutes",
                    })
                })?;
                ExclusiveDuration::Minutes(minutes)
            }
            "indefinite" if child.leaf()?.is_empty() => ExclusiveDuration::Indefinite,
            "indefinite" => return Err(unknown(child, element)),
            _ => {
                reading.unknown(child, element)?;
                continue;
            }
        };
        once(&mut duration, read, child, element)?;
    }
    duration.ok_or_else(|| missing("<time> or <indefinite>", element))
}

/// A value that may be left empty, but not stand twice.
struct Single<T> {
    seen: bool,
    value: Option<T>,
}

impl<T> Default for Single<T> {
    fn default() -> Self {
        Self {
            seen: false,
            value: None,
        }
    }
}

impl<T> Single<T> {
    fn put(&mut self, value: Option<T>, child: &Element, parent: &Element) -> Result<(), Fault> {
        if std::mem::replace(&mut self.seen, true) {
            return Err(duplicate(child, parent));
        }
        self.value = value;
        Ok(())
    }
}

/// The elements that stand beside the fields of any operation.
struct Common {
    reading: Reading,
    remote_ip: Single<IpAddr>,
    via_header: Single<bool>,
    login_type: Single<LoginType>,
}

impl Common {
    fn new(reading: Reading) -> Self {
        Self {
            reading,
            remote_ip: Single::default(),
            via_header: Single::default(),
            login_type: Single::default(),
        }
    }

    /// Takes `child` if it is one of these; says whether it was.
    fn take(&mut self, child: &Element, parent: &Element) -> Result<bool, Fault> {
        match child.name.as_str() {
            "remoteIPAddr" => self.remote_ip.put(address(child)?, child, parent)?,
            "isViaHeaderSet" => self.via_header.put(flag(child)?, child, parent)?,
            "loginType" if self.reading.login_type == LoginTypeElement::Accept => {
                let login_type = LoginType::from_name(child.leaf()?);
                self.login_type.put(login_type, child, parent)?;
            }
            _ => return Ok(false),
        }
        self.reading.attributes(child)?;
        Ok(true)
    }
}

fn address(element: &Element) -> Result<Option<IpAddr>, Fault> {
    let text = element.leaf()?;
    if text.is_empty() {
        return Ok(None);
    }
    // Java prints IPv6 addresses with their zone.
    let address = text.split('%').next().unwrap_or_default();
    address.parse().map(Some).map_err(|_| {
        element.fault(Reason::Value {
            element: "remoteIPAddr",
            expected: "an IP address",
        })
    })
}

fn flag(element: &Element) -> Result<Option<bool>, Fault> {
    let text = element.leaf()?;
    if text.is_empty() {
        Ok(None)
    } else if text.eq_ignore_ascii_case("true") {
        Ok(Some(true))
    } else if text.eq_ignore_ascii_case("false") {
        Ok(Some(false))
    } else {
        Err(element.fault(Reason::Value {
            element: "isViaHeaderSet",
            expected: "true or false",
        }))
    }
}

fn once<T>(slot: &mut Option<T>, value: T, child: &Element, parent: &Element) -> Result<(), Fault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(duplicate(child, parent)),
    }
}

fn single(seen: &[String], child: &Element, parent: &Element) -> Result<(), Fault> {
    if seen.is_empty() {
        Ok(())
    } else {
        Err(duplicate(child, parent))
    }
}

fn some(list: Vec<String>, name: &'static str, parent: &Element) -> Result<Vec<String>, Fault> {
    if list.is_empty() {
        Err(missing(name, parent))
    } else {
        Ok(list)
    }
}

fn duplicate(child: &Element, parent: &Element) -> Fault {
    child.fault(Reason::Duplicate {
        name: child.shown(),
        parent: parent.shown(),
    })
}

fn missing(name: &'static str, parent: &Element) -> Fault {
    parent.fault(Reason::Missing {
        name,
        parent: parent.shown(),
    })
}

fn unknown(child: &Element, parent: &Element) -> Fault {
    child.fault(Reason::Unknown {
        name: child.shown(),
        parent: parent.shown(),
    })
}
