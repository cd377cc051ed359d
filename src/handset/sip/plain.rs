//! The SIP load of a 7940 or 7960: every line registers for itself, over UDP,
//! at its proxy; and the phone boots again when it is told to check and finds
//! another word in `syncinfo.xml` (*Cisco 7940G and 7960G Administrator Guide*,
//! Rebooting the Phone Remotely). That of a 7905 or 7912 boots without looking
//! (*Cisco IP Phone Models 7905G and 7912G Administrator Guide (SIP)*, Supported
//! SIP Request Methods).

use std::convert::Infallible;

use tokio::sync::watch;

use super::answer::{self, Act, Standing};
use super::link::Link;
use super::proof::Proof;
use super::requests::mac;
use super::session::utc;
use crate::handset::cause::Cause;
use crate::handset::event::Order;
use crate::handset::fault::Fault;
use crate::handset::file::{SipLine, SipProfile};
use crate::handset::hook::HookPoint;
use crate::handset::life::{self, Ending};
use crate::handset::phone::Phone;
use crate::handset::profile::Profile;
use crate::handset::{boot, chance};
use crate::sip::wire::service_control::RegisteredLine;
use crate::sip::wire::{HeaderName, HostPort, Message, Method, SipUri, StatusCode, Transport, Via};

/// Seconds that the phone must be idle before it checks.
const IDLE: u64 = 20;
/// Seconds below which a registration is worth nothing.
const LEAST: u32 = 60;
/// Times that a phone answers challenges to one REGISTER.
const ANSWERS: u32 = 2;

/// One line, and what its registration is called.
struct Registered<'a> {
    line: &'a SipLine,
    call_id: String,
    tag: String,
    proof: Proof,
}

pub(super) struct Plain<'a> {
    phone: &'a Phone,
    sip: &'a SipProfile,
    link: Link<'a>,
    off_hook: &'a mut watch::Receiver<bool>,
    local: HostPort,
    lines: Vec<Registered<'a>>,
    cseq: u32,
    in_service: bool,
    /// It was told to check, and has not done it yet.
    is_to_check: bool,
}

impl<'a> Plain<'a> {
    /// `None` when there is no way to the proxy any more.
    pub(super) fn new(
        phone: &'a Phone,
        sip: &'a SipProfile,
        link: Link<'a>,
        off_hook: &'a mut watch::Receiver<bool>,
    ) -> Option<Self> {
        let own = link.own_address()?;
        let mac = mac(&phone.profile);
        let (first, last) = mac.split_at_checked(8)?;
        let lines = sip.lines.iter().map(|line| Registered {
            line,
            call_id: format!(
                "{first}-{last}000{}-{}-{}@{}",
                line.index,
                chance::hex(8),
                chance::hex(8),
                own.ip()
            ),
            tag: format!("{mac}000{}{}", line.index, chance::hex(8)),
            proof: Proof::default(),
        });
        Some(Self {
            phone,
            sip,
            lines: lines.collect(),
            link,
            off_hook,
            local: own.into(),
            cseq: 100,
            in_service: false,
            is_to_check: false,
        })
    }

    /// Registers and stays, until something ends it.
    pub(super) async fn live(&mut self) -> Ending {
        match self.serve().await {
            Ok(never) => match never {},
            Err(ending) => ending,
        }
    }

    async fn serve(&mut self) -> Result<Infallible, Ending> {
        let shared = &self.phone.shared;
        shared.pause(|| HookPoint::Register).await;
        let mut expires = self.register().await?;
        shared.pause(|| HookPoint::InService).await;
        self.in_service = true;
        shared.set_buttons(self.sip.buttons.clone());
        shared.in_service();
        loop {
            let seconds = expires.saturating_sub(self.sip.register_delta);
            let refresh = tokio::time::sleep(self.phone.pace.interval(seconds));
            tokio::pin!(refresh);
            loop {
                tokio::select! {
                    message = self.link.receive() => {
                        self.attend(&message?).await?;
                    }
                    () = idle(self.phone, self.off_hook), if self.is_to_check => {
                        self.is_to_check = false;
                        if is_small(&self.phone.profile)
                            || boot::is_out_of_sync(self.phone, &self.sip.sync).await
                        {
                            life::go_down(self.phone, Order::Reset);
                            return Err(Ending::Ordered(Order::Reset));
                        }
                    }
                    () = &mut refresh => break,
                }
            }
            expires = self.register().await?;
        }
    }

    /// Registers all lines; the shortest time granted.
    async fn register(&mut self) -> Result<u32, Ending> {
        let mut expires = self.sip.register_expires;
        for at in 0..self.lines.len() {
            let response = self.transact(at).await?;
            let status = response.status().unwrap_or(StatusCode::BAD_REQUEST);
            if !status.is_success() {
                return Err(rejected(Fault::RegisterStatus {
                    status: status.code(),
                    reason: status.reason().to_owned(),
                }));
            }
            if let Some(clock) = response.headers.date().and_then(utc) {
                self.phone.shared.set_clock(clock);
            }
            let granted = response.headers.expires();
            match granted.filter(|seconds| *seconds >= LEAST) {
                Some(seconds) => expires = expires.min(seconds),
                None => return Err(rejected(Fault::ExpiresTooSmall(granted))),
            }
        }
        Ok(expires)
    }

    /// Sends the REGISTER of a line, with credentials if asked for them; the
    /// final answer.
    async fn transact(&mut self, at: usize) -> Result<Message, Ending> {
        let mut answered = false;
        for _ in 0..=ANSWERS {
            self.cseq += 1;
            let request = self.request(at)?;
            self.link.send(&request).await?;
            let response = self.await_final(&request).await?;
            let challenged = response.status() == Some(StatusCode::UNAUTHORIZED);
            match self.lines.get_mut(at) {
                Some(line) if challenged => {
                    line.proof.take(&response, answered).map_err(rejected)?;
                }
                _ => return Ok(response),
            }
            answered = true;
        }
        Err(rejected(Fault::NoCredentials))
    }

    fn request(&mut self, at: usize) -> Result<Message, Ending> {
        let gone = Ending::Lost(Cause::TcpClosed, Fault::Closed);
        let registrar = format!("sip:{}", self.link.host);
        let proxy = HostPort::parse(self.link.host.as_bytes()).ok();
        let made = Message::request(Method::Register, &registrar);
        let (Some(line), Some(proxy), Some(mut message)) = (self.lines.get_mut(at), proxy, made)
        else {
            return Err(gone);
        };
        let profile = &self.phone.profile;
        let name = &line.line.name;
        let address = SipUri::new(Some(name), proxy);
        let branch = format!("z9hG4bK{}", chance::hex(8));
        let via = Via::new(Transport::Udp, self.local.clone(), &branch);
        let headers = &mut message.headers;
        headers.push(HeaderName::VIA, via.to_string());
        headers.push(HeaderName::FROM, format!("<{address}>;tag={}", line.tag));
        headers.push(HeaderName::TO, format!("<{address}>"));
        headers.push(HeaderName::CALL_ID, &line.call_id);
        headers.push(HeaderName::MAX_FORWARDS, "70");
        headers.push(HeaderName::CSEQ, format!("{} REGISTER", self.cseq));
        headers.push(HeaderName::USER_AGENT, user_agent(profile));
        headers.push(
            HeaderName::CONTACT,
            format!(
                "<sip:{name}@{};user=phone;transport=udp>;+sip.instance=\"<urn:uuid:\
                 00000000-0000-0000-0000-{}>\"{}",
                self.local,
                mac(profile),
                model(profile)
            ),
        );
        headers.push(HeaderName::EXPIRES, self.sip.register_expires.to_string());
        let credentials = line.line.credentials.as_ref();
        line.proof
            .add(&mut message, credentials, &registrar)
            .map_err(rejected)?;
        Ok(message)
    }

    /// The final response to this request.
    async fn await_final(&mut self, request: &Message) -> Result<Message, Ending> {
        let limit = tokio::time::sleep(self.phone.pace.patience);
        tokio::pin!(limit);
        loop {
            let message = tokio::select! {
                message = self.link.receive() => message?,
                () = &mut limit => {
                    let fault = Fault::Unanswered("REGISTER".to_owned());
                    return Err(Ending::Lost(Cause::RegistrationTimeout, fault));
                }
            };
            let (asked, heard) = (&request.headers, &message.headers);
            let is_final = message
                .status()
                .is_some_and(|status| !status.is_provisional());
            if is_final && heard.cseq() == asked.cseq() && heard.call_id() == asked.call_id() {
                return Ok(message);
            }
            self.attend(&message).await?;
        }
    }

    /// Answers a request and does what it wants.
    async fn attend(&mut self, message: &Message) -> Result<(), Ending> {
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| RegisteredLine {
                name: &line.line.name,
                contact: &line.line.contact,
                call_id: Some(&line.call_id),
                standby_call_id: None,
                ccm_mode: line.line.ccm_mode,
            })
            .collect();
        let standing = Standing {
            lines: &lines,
            advertised: &self.local,
            registered: self.in_service,
        };
        let Some(reply) = answer::answer(message, &standing) else {
            return Ok(());
        };
        self.link
            .send(&reply.response(message, &chance::hex(12)))
            .await?;
        let shared = &self.phone.shared;
        if let (Some(reason), Some(method)) = (reply.reason, message.method()) {
            shared.count_refusal();
            shared.fault(Fault::RequestRefused {
                method: method.to_string(),
                status: reply.status.code(),
                reason,
            });
        }
        let event = message.headers.text(HeaderName::EVENT).unwrap_or_default();
        if reply.status == StatusCode::OK && event.eq_ignore_ascii_case("check-sync") {
            self.is_to_check = true;
        }
        for act in reply.acts {
            if let Act::MessageLamp(on) = act {
                shared.set_message_lamp(on);
            }
        }
        Ok(())
    }
}

/// Until the handset lies on its hook and nobody has touched it for a while.
async fn idle(phone: &Phone, off_hook: &mut watch::Receiver<bool>) {
    // Whoever could lift it is gone: then it lies.
    let _ = off_hook.wait_for(|lifted| !lifted).await;
    phone.take_time(IDLE).await;
}

/// Whether it is a 7905 or 7912.
fn is_small(profile: &Profile) -> bool {
    profile.family.compiled.is_some()
}

/// Its number, where the load tells it.
fn model(profile: &Profile) -> String {
    if is_small(profile) {
        return String::new();
    }
    let number = profile.model.device_type.0;
    format!(";+u.sip!model.ccm.cisco.com=\"{number}\"")
}

fn user_agent(profile: &Profile) -> String {
    let number = profile.model.number;
    let letter = if is_small(profile) { "" } else { "G" };
    format!("Cisco-CP{number}{letter}/{}", profile.family.release)
}

fn rejected(fault: Fault) -> Ending {
    Ending::Lost(Cause::Rejected, fault)
}
