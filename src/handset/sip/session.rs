//! A connection that carries a registration: register, refresh, answer, leave.

use std::convert::Infallible;
use std::net::SocketAddr;

use tokio::sync::watch;

use super::answer::{self, Act, Standing};
use super::granted::{self, Asked, Granted};
use super::link::Link;
use super::proof::Proof;
use super::requests::{Identity, Purpose};
use crate::handset::cause::Cause;
use crate::handset::display::Clock;
use crate::handset::event::Order;
use crate::handset::fault::Fault;
use crate::handset::file::{BootFile, SipProfile};
use crate::handset::hook::HookPoint;
use crate::handset::life::{self, Ending};
use crate::handset::phone::Phone;
use crate::handset::{boot, chance};
use crate::sip::wire::service_control::RegisteredLine;
use crate::sip::wire::{Message, Method, StatusCode};

/// Times that a phone answers challenges to one REGISTER.
const ANSWERS: u32 = 2;

pub(super) struct Session<'a> {
    phone: &'a Phone,
    file: &'a BootFile,
    sip: &'a SipProfile,
    link: Link<'a>,
    off_hook: &'a mut watch::Receiver<bool>,
    identity: Identity<'a>,
    cseq: u32,
    /// An order that waits for the end of a call.
    waiting: Option<Order>,
    registered: bool,
    proof: Proof,
    /// Whether the alarm was answered.
    alarm_answered: bool,
}

enum Heard {
    Message(Message),
    Hook,
}

impl<'a> Session<'a> {
    /// `None` when the connection is gone already.
    pub(super) fn new(
        phone: &'a Phone,
        file: &'a BootFile,
        sip: &'a SipProfile,
        link: Link<'a>,
        off_hook: &'a mut watch::Receiver<bool>,
    ) -> Option<Self> {
        let local: SocketAddr = link.own_address()?;
        let identity = Identity::new(&phone.profile, sip, &link, local)?;
        Some(Self {
            phone,
            file,
            sip,
            link,
            off_hook,
            identity,
            cseq: 100,
            waiting: None,
            registered: false,
            proof: Proof::default(),
            alarm_answered: false,
        })
    }

    /// Registers and stays, until something ends it.
    pub(super) async fn live(&mut self, cause: Cause) -> Ending {
        match self.serve(cause).await {
            Ok(never) => match never {},
            Err(ending) => ending,
        }
    }

    async fn serve(&mut self, cause: Cause) -> Result<Infallible, Ending> {
        self.send_alarm().await?;
        self.phone.shared.pause(|| HookPoint::Register).await;
        let mut expires = self.register(Purpose::First(cause)).await?;
        self.await_alarm_answer().await?;
        self.phone.shared.pause(|| HookPoint::InService).await;
        self.registered = true;
        self.phone.shared.set_buttons(self.sip.buttons.clone());
        self.phone.shared.in_service();
        loop {
            let seconds = expires.saturating_sub(self.sip.register_delta);
            let refresh = tokio::time::sleep(self.phone.pace.interval(seconds));
            tokio::pin!(refresh);
            loop {
                let heard = tokio::select! {
                    heard = self.hear() => heard?,
                    () = &mut refresh => break,
                };
                self.attend(heard).await?;
            }
            expires = self.register(Purpose::Refresh).await?;
        }
    }

    async fn send_alarm(&mut self) -> Result<(), Ending> {
        match self.identity.alarm() {
            Some(alarm) => self.link.send(&alarm).await,
            None => Ok(()),
        }
    }

    /// The answer may come before that to the REGISTER or after it.
    async fn await_alarm_answer(&mut self) -> Result<(), Ending> {
        let limit = tokio::time::sleep(self.phone.pace.patience);
        tokio::pin!(limit);
        while !self.alarm_answered {
            let heard = tokio::select! {
                heard = self.hear() => heard?,
                () = &mut limit => {
                    let fault = Fault::Unanswered("the alarm (REFER)".to_owned());
                    self.phone.shared.fault(fault);
                    break;
                }
            };
            self.attend(heard).await?;
        }
        Ok(())
    }

    /// Registers; the seconds granted.
    async fn register(&mut self, purpose: Purpose) -> Result<u32, Ending> {
        let response = self.transact(purpose).await?;
        let status = response.status().unwrap_or(StatusCode::BAD_REQUEST);
        if !status.is_success() {
            let fault = Fault::RegisterStatus {
                status: status.code(),
                reason: status.reason().to_owned(),
            };
            return Err(rejected(fault));
        }
        if let Some(clock) = response.headers.date().and_then(utc) {
            self.phone.shared.set_clock(clock);
        }
        let granted = self.judge(&response, purpose);
        for fault in granted.faults {
            self.phone.shared.fault(fault);
        }
        if let Some(seconds) = granted.expires {
            return Ok(seconds);
        }
        // The phone gives up what it was given, and tries again much later.
        let _ = self.transact(Purpose::Leave(None)).await;
        let fault = Fault::Unanswered("REGISTER in a way that lasts".to_owned());
        Err(Ending::Lost(Cause::RegistrationTimeout, fault))
    }

    fn judge(&self, response: &Message, purpose: Purpose) -> Granted {
        granted::judge(
            response,
            &Asked {
                contact: &self.identity.contact(),
                line: &self.identity.line().name,
                expires: self.sip.register_expires,
                delta: self.sip.register_delta,
                first: matches!(purpose, Purpose::First(_)),
            },
        )
    }

    /// Sends a REGISTER, with credentials if asked for them; the final answer.
    async fn transact(&mut self, purpose: Purpose) -> Result<Message, Ending> {
        let mut answered = false;
        for _ in 0..=ANSWERS {
            self.cseq += 1;
            let mut request = self
                .identity
                .register(purpose, self.sip.register_expires, self.cseq)
                .ok_or(Ending::Lost(Cause::TcpClosed, Fault::Closed))?;
            self.proof
                .add(
                    &mut request,
                    self.identity.line().credentials.as_ref(),
                    &self.identity.registrar(),
                )
                .map_err(rejected)?;
            self.link.send(&request).await?;
            let response = self.await_final().await?;
            if response.status() != Some(StatusCode::UNAUTHORIZED) {
                return Ok(response);
            }
            self.proof.take(&response, answered).map_err(rejected)?;
            answered = true;
        }
        Err(rejected(Fault::NoCredentials))
    }

    /// The final response to the REGISTER that was sent last.
    async fn await_final(&mut self) -> Result<Message, Ending> {
        let limit = tokio::time::sleep(self.phone.pace.patience);
        tokio::pin!(limit);
        loop {
            let heard = tokio::select! {
                heard = self.hear() => heard?,
                () = &mut limit => {
                    let fault = Fault::Unanswered("REGISTER".to_owned());
                    return Err(Ending::Lost(Cause::RegistrationTimeout, fault));
                }
            };
            let Some(response) = self.attend(heard).await? else {
                continue;
            };
            match response.status() {
                Some(StatusCode::TRYING) | None => {}
                // Anything else before the final answer aborts the attempt.
                Some(status) if status.is_provisional() => {
                    let fault = Fault::RegisterStatus {
                        status: status.code(),
                        reason: status.reason().to_owned(),
                    };
                    return Err(Ending::Lost(Cause::RegistrationTimeout, fault));
                }
                Some(_) => return Ok(response),
            }
        }
    }

    /// May be dropped without losing anything.
    async fn hear(&mut self) -> Result<Heard, Ending> {
        tokio::select! {
            message = self.link.receive() => Ok(Heard::Message(message?)),
            Ok(()) = self.off_hook.changed() => Ok(Heard::Hook),
        }
    }

    /// Answers requests and obeys; gives back a response to the present REGISTER.
    async fn attend(&mut self, heard: Heard) -> Result<Option<Message>, Ending> {
        let message = match heard {
            Heard::Message(message) => message,
            Heard::Hook => {
                let lifted = *self.off_hook.borrow_and_update();
                return match self.waiting.take() {
                    Some(order) if !lifted => Err(Ending::Ordered(order)),
                    waiting => {
                        self.waiting = waiting;
                        Ok(None)
                    }
                };
            }
        };
        if message.method().is_some() {
            for act in self.answer(&message).await? {
                self.act(act).await?;
            }
            return Ok(None);
        }
        let Ok(cseq) = message.headers.cseq() else {
            return Ok(None);
        };
        match cseq.method {
            Method::Refer => {
                self.take_alarm_answer(&message);
                Ok(None)
            }
            Method::Register
                if cseq.number == self.cseq
                    && message.headers.call_id() == Ok(self.identity.call_id.as_str()) =>
            {
                Ok(Some(message))
            }
            _ => Ok(None),
        }
    }

    fn take_alarm_answer(&mut self, response: &Message) {
        let Some(status) = response.status().filter(|status| !status.is_provisional()) else {
            return;
        };
        self.alarm_answered = true;
        if status != StatusCode::ACCEPTED {
            let what = format!("the alarm (REFER) by 202, but by {status}");
            self.phone.shared.fault(Fault::Unanswered(what));
        }
    }

    /// Answers a request; what is to be done afterwards.
    async fn answer(&mut self, request: &Message) -> Result<Vec<Act>, Ending> {
        let call_id = self.identity.call_id.clone();
        let lines: Vec<_> = self
            .sip
            .lines
            .iter()
            .map(|line| RegisteredLine {
                name: &line.name,
                contact: &line.contact,
                // One REGISTER stands for all lines.
                call_id: Some(&call_id),
                standby_call_id: None,
                ccm_mode: line.ccm_mode,
            })
            .collect();
        let standing = Standing {
            lines: &lines,
            advertised: &self.identity.local,
            registered: self.registered,
        };
        let Some(reply) = answer::answer(request, &standing) else {
            return Ok(Vec::new());
        };
        let response = reply.response(request, &chance::hex(12));
        self.link.send(&response).await?;
        if let (Some(reason), Some(method)) = (reply.reason, request.method()) {
            self.phone.shared.count_refusal();
            self.phone.shared.fault(Fault::RequestRefused {
                method: method.to_string(),
                status: reply.status.code(),
                reason,
            });
        }
        Ok(reply.acts)
    }

    async fn act(&mut self, act: Act) -> Result<(), Ending> {
        let shared = &self.phone.shared;
        match act {
            Act::Status(text) => shared.set_prompt(text),
            Act::MessageLamp(on) => shared.set_message_lamp(on),
            Act::Look => {
                if boot::has_changed(self.phone, self.file).await {
                    return self.obey(Order::Restart);
                }
            }
            Act::Order(order) => return self.obey(order),
        }
        Ok(())
    }

    /// At once, or when the handset is put back.
    fn obey(&mut self, order: Order) -> Result<(), Ending> {
        let lifted = *self.off_hook.borrow();
        self.phone.shared.take_order(order, lifted);
        if lifted {
            self.waiting = Some(order);
            return Ok(());
        }
        Err(Ending::Ordered(order))
    }

    /// Unregisters and waits for the acknowledgement, as the phone does before
    /// it obeys.
    pub(super) async fn leave(&mut self, order: Order) {
        self.phone.shared.pause(|| HookPoint::Unregister).await;
        life::go_down(self.phone, order);
        let leave = Purpose::Leave(Some(Cause::Ordered(order)));
        let acknowledged = loop {
            match self.transact(leave).await {
                Ok(response) => break response.status().is_some_and(StatusCode::is_success),
                // A second order while the first is obeyed.
                Err(Ending::Ordered(_)) => {}
                Err(Ending::Lost(..)) => break false,
            }
        };
        if !acknowledged {
            let what = "REGISTER with Expires: 0".to_owned();
            self.phone.shared.fault(Fault::Unanswered(what));
        }
    }
}

/// `Date` is in UTC, and a virtual phone knows no zones.
pub(super) fn utc(at: jiff::Timestamp) -> Option<Clock> {
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let number = |small: i8| u32::try_from(small).ok();
    Some(Clock {
        year: u32::try_from(at.year()).ok()?,
        month: number(at.month())?,
        day: number(at.day())?,
        hour: number(at.hour())?,
        minute: number(at.minute())?,
    })
}

fn rejected(fault: Fault) -> Ending {
    Ending::Lost(Cause::Rejected, fault)
}
