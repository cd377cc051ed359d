//! `Event: service-control`: how a server tells a phone in CCM mode to restart or reset itself.
//!
//! The reader accepts what Cisco's phone stack accepts and refuses what that refuses, so that a virtual phone that
//! uses it is as hard to please as a real one: keys and actions by prefix and without case, only blanks skipped after
//! `=`, braces as the very first and last characters, the first of several equal keys wins.

use std::fmt::Write as _;

use super::field::HeaderName;
use super::message::Message;
use super::scan;
use super::status::StatusCode;
use super::uri::Uri;

/// The value of the Event header.
pub const EVENT: &str = "service-control";

/// A stamp that matches no configuration, as CUCM writes it.
pub const ZERO_STAMP: &str = "00000000-0000-0000-0000-000000000000";

/// What the phone is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A whole boot: network, files, firmware.
    Reset,
    /// Unregister, read the configuration again, register.
    Restart,
    /// Compare stamps with the running configuration and read again what differs.
    CheckVersion,
    /// Take over a changed configuration without restart where that is possible.
    ApplyConfig,
    /// About the call of the dialog that it comes in.
    CallPreservation,
    /// Upload a problem report.
    ProblemReport,
    /// Anything else, also nothing: accepted and ignored.
    Unknown,
}

impl Action {
    const KNOWN: [(Self, &'static str); 6] = [
        (Self::Reset, "reset"),
        (Self::Restart, "restart"),
        (Self::CheckVersion, "check-version"),
        (Self::CallPreservation, "call-preservation"),
        (Self::ApplyConfig, "apply-config"),
        (Self::ProblemReport, "prt-report"),
    ];

    fn read(value: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|(_, word)| starts_with(value, word))
            .map_or(Self::Unknown, |(action, _)| action)
    }

    fn word(self) -> &'static str {
        Self::KNOWN
            .into_iter()
            .find(|(action, _)| *action == self)
            .map_or("", |(_, word)| word)
    }
}

/// What CUCM found when it applied a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigResult {
    /// Nothing changed for this phone.
    NoChange,
    /// Taken over as it is.
    Applied,
    /// The phone must register again.
    ReregisterNeeded,
}

impl ConfigResult {
    const ALL: [(Self, &'static str); 3] = [
        (Self::NoChange, "no_change"),
        (Self::Applied, "config_applied"),
        (Self::ReregisterNeeded, "reregister_needed"),
    ];
}

/// The body of a service-control notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceControl {
    /// What to do.
    pub action: Action,
    /// The Call-ID of the phone's latest REGISTER. It is all that entitles one to give the order.
    pub register_call_id: Option<String>,
    /// Stamp of the configuration file.
    pub config_stamp: Option<String>,
    /// Stamp of the dial plan.
    pub dialplan_stamp: Option<String>,
    /// Stamp of the soft keys.
    pub softkey_stamp: Option<String>,
    /// Stamp of the feature control policy. Some firmware refuses an order that has it.
    pub feature_control_stamp: Option<String>,
    /// For [`Action::ApplyConfig`].
    pub result: Option<ConfigResult>,
    /// For [`Action::ApplyConfig`]: the load that the phone should have.
    pub load_id: Option<String>,
    /// The load for its second place.
    pub inactive_load_id: Option<String>,
    /// For [`Action::ApplyConfig`]: where loads are.
    pub load_server: Option<String>,
    /// For [`Action::ApplyConfig`]: where logs go.
    pub log_server: Option<String>,
    /// Peer firmware sharing.
    pub peer_firmware_sharing: Option<bool>,
}

impl ServiceControl {
    /// An order in the form that every firmware takes: three stamps that match nothing, and nothing else.
    pub fn order(action: Action, register_call_id: &str) -> Self {
        let zero = || Some(ZERO_STAMP.to_owned());
        Self {
            register_call_id: Some(register_call_id.to_owned()),
            config_stamp: zero(),
            dialplan_stamp: zero(),
            softkey_stamp: zero(),
            ..Self::empty(action)
        }
    }

    const fn empty(action: Action) -> Self {
        Self {
            action,
            register_call_id: None,
            config_stamp: None,
            dialplan_stamp: None,
            softkey_stamp: None,
            feature_control_stamp: None,
            result: None,
            load_id: None,
            inactive_load_id: None,
            load_server: None,
            log_server: None,
            peer_firmware_sharing: None,
        }
    }

    /// The body as it goes out: CRLF after every line, no blank anywhere.
    pub fn body(&self) -> String {
        let mut body = format!("action={}\r\n", self.action.word());
        let mut braced = |key: &str, value: &Option<String>| {
            if let Some(value) = value {
                let _ = write!(body, "{key}={{{}}}\r\n", value.replace(['\r', '\n'], ""));
            }
        };
        braced("RegisterCallId", &self.register_call_id);
        braced("ConfigVersionStamp", &self.config_stamp);
        braced("DialplanVersionStamp", &self.dialplan_stamp);
        braced("SoftkeyVersionStamp", &self.softkey_stamp);
        braced("FeatureControlVersionStamp", &self.feature_control_stamp);
        braced("LoadId", &self.load_id);
        braced("InactiveLoadId", &self.inactive_load_id);
        braced("LoadServer", &self.load_server);
        braced("LogServer", &self.log_server);
        if let Some((_, word)) = ConfigResult::ALL
            .into_iter()
            .find(|(result, _)| Some(*result) == self.result)
        {
            let _ = write!(body, "CUCMResult={word}\r\n");
        }
        if let Some(enabled) = self.peer_firmware_sharing {
            let word = if enabled { "enabled" } else { "disabled" };
            let _ = write!(body, "PPID={word}\r\n");
        }
        body
    }

    /// Reads a body as the phone does. There is no malformed body: what cannot be read is not there.
    pub fn parse(body: &[u8]) -> Self {
        let mut order = Self::empty(Action::Unknown);
        for line in body.split(|byte| *byte == b'\n') {
            let line = scan::lossy(line.strip_suffix(b"\r").unwrap_or(line));
            let value = line
                .split_once('=')
                .map(|(_, value)| value.trim_start_matches(' '));
            order.read_line(&line, value);
        }
        order
    }

    fn read_line(&mut self, line: &str, value: Option<&str>) {
        if starts_with(line, "action") {
            self.action = value.map_or(Action::Unknown, Action::read);
            return;
        }
        if starts_with(line, "CUCMResult") {
            self.result = value.and_then(|value| {
                ConfigResult::ALL
                    .into_iter()
                    .find(|(_, word)| starts_with(value, word))
                    .map_or(self.result, |(result, _)| Some(result))
            });
            return;
        }
        if starts_with(line, "PPID") {
            self.peer_firmware_sharing =
                Some(value.is_some_and(|value| starts_with(value, "enabled")));
            return;
        }
        let keys = [
            ("RegisterCallId", &mut self.register_call_id),
            ("ConfigVersionStamp", &mut self.config_stamp),
            ("DialplanVersionStamp", &mut self.dialplan_stamp),
            ("SoftkeyVersionStamp", &mut self.softkey_stamp),
            (
                "FeatureControlVersionStamp",
                &mut self.feature_control_stamp,
            ),
            ("LoadId", &mut self.load_id),
            ("InactiveLoadId", &mut self.inactive_load_id),
            ("LoadServer", &mut self.load_server),
            ("LogServer", &mut self.log_server),
        ];
        let known = keys.into_iter().find(|(key, _)| starts_with(line, key));
        if let Some((_, place @ None)) = known {
            *place = value
                .and_then(|value| value.strip_prefix('{'))
                .and_then(|value| value.strip_suffix('}'))
                .map(str::to_owned);
        }
    }

    fn has_what_it_needs(&self) -> bool {
        let stamps = self.config_stamp.is_some()
            && self.dialplan_stamp.is_some()
            && self.softkey_stamp.is_some();
        match self.action {
            Action::CheckVersion => stamps,
            Action::ApplyConfig => {
                stamps
                    && self.result.is_some()
                    && self.load_id.is_some()
                    && self.load_server.is_some()
                    && self.log_server.is_some()
            }
            _ => true,
        }
    }
}

/// Whether `text` starts with `prefix` in any case.
fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// A line of a phone, as far as it matters for accepting an order.
#[derive(Debug, Clone, Copy)]
pub struct RegisteredLine<'a> {
    /// The line's name in the configuration.
    pub name: &'a str,
    /// The user part of the line's contact.
    pub contact: &'a str,
    /// Call-ID of its registration, when it has one.
    pub call_id: Option<&'a str>,
    /// Call-ID of the sign of life to the standby server, when it sends one.
    pub standby_call_id: Option<&'a str>,
    /// Whether the line's proxy is the call manager rather than a plain SIP proxy.
    pub ccm_mode: bool,
}

/// Why a phone refuses an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no Event, or it is another one; a parameter after it makes it another one.
    #[error("the event is not service-control")]
    Event,
    /// The Request-URI is no SIP URI with a user.
    #[error("the Request-URI has no user")]
    RequestUri,
    /// The user is neither name nor contact of a line.
    #[error("the Request-URI names no line")]
    UnknownUser,
    /// To is no SIP URI with a user.
    #[error("To has no user")]
    To,
    /// There is no body of type text/plain.
    #[error("the body is not plain text")]
    Body,
    /// RegisterCallId is missing or not that of a registration.
    #[error("RegisterCallId is not that of a registration")]
    RegisterCallId,
    /// The registration is one with a plain SIP proxy.
    #[error("the line is not in CCM mode")]
    PlainProxy,
    /// The action needs more than there is.
    #[error("the action lacks what it needs")]
    Incomplete,
}

impl Refusal {
    /// What the phone answers.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::UnknownUser => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// Judges a NOTIFY as the phone's stack does. What is accepted is answered 200 first and acted upon then; during a
/// call, reset and restart wait until the phone is idle.
pub fn accept(notify: &Message, lines: &[RegisteredLine<'_>]) -> Result<ServiceControl, Refusal> {
    let event = notify.headers.text(HeaderName::EVENT).unwrap_or_default();
    if !event.eq_ignore_ascii_case(EVENT) {
        return Err(Refusal::Event);
    }
    let user = notify
        .request_uri()
        .ok()
        .and_then(|uri| uri.sip()?.user_text())
        .ok_or(Refusal::RequestUri)?;
    if !lines
        .iter()
        .any(|line| line.name == user || line.contact == user)
    {
        return Err(Refusal::UnknownUser);
    }
    let to_has_user = notify
        .headers
        .to()
        .is_ok_and(|to| matches!(&to.uri, Uri::Sip(uri) if uri.user.is_some()));
    if !to_has_user {
        return Err(Refusal::To);
    }
    let plain = notify
        .headers
        .content_type()
        .is_some_and(|media| media.is("text/plain"));
    if !plain || notify.body().is_empty() {
        return Err(Refusal::Body);
    }
    let order = ServiceControl::parse(notify.body());
    let call_id = order
        .register_call_id
        .as_deref()
        .ok_or(Refusal::RegisterCallId)?;
    let line = lines
        .iter()
        .find(|line| line.call_id == Some(call_id) || line.standby_call_id == Some(call_id))
        .ok_or(Refusal::RegisterCallId)?;
    if !line.ccm_mode {
        return Err(Refusal::PlainProxy);
    }
    if !order.has_what_it_needs() {
        return Err(Refusal::Incomplete);
    }
    Ok(order)
}
