//! A connection that carries a registration: what is heard at any time, and
//! leaving.

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::buttons::Known;
use super::link::Link;
use crate::handset::boot;
use crate::handset::cause::Cause;
use crate::handset::event::Order;
use crate::handset::fault::Fault;
use crate::handset::file::BootFile;
use crate::handset::hook::{HookPoint, Pull};
use crate::handset::life::{self, Ending};
use crate::handset::phone::Phone;
use crate::handset::profile::Kind;
use crate::sccp::wire::{
    ButtonType, HookEvent, Instance, LampMode, PhoneMessage, ResetType, ServerMessage,
    UnregisterReason, UnregisterStatus,
};

/// Keepalives that may go unanswered.
const MISSED: u32 = 3;

pub(super) struct Session<'a> {
    pub(super) phone: &'a Phone,
    pub(super) file: &'a BootFile,
    pub(super) link: Link<'a>,
    off_hook: &'a mut watch::Receiver<bool>,
    /// An order that waits for the end of a call.
    waiting: Option<Order>,
    pub(super) in_service: bool,
    /// Seconds between keepalives.
    pub(super) keep_alive: u32,
    unanswered: u32,
    pub(super) buttons: Vec<Known>,
    /// The parts of a push that came so far.
    pub(super) pushed: Vec<u8>,
}

enum Heard {
    Message(ServerMessage),
    Hook,
}

/// What came of unregistering.
pub(super) enum Leave {
    Gone,
    /// The server wants the phone to stay.
    Refused,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        phone: &'a Phone,
        file: &'a BootFile,
        link: Link<'a>,
        off_hook: &'a mut watch::Receiver<bool>,
    ) -> Self {
        Self {
            phone,
            file,
            link,
            off_hook,
            waiting: None,
            in_service: false,
            keep_alive: 30,
            unanswered: 0,
            buttons: Vec::new(),
            pushed: Vec::new(),
        }
    }

    /// In service, until something ends it.
    pub(super) async fn serve(&mut self) -> Ending {
        match self.idle().await {
            Ok(never) => match never {},
            Err(ending) => ending,
        }
    }

    async fn idle(&mut self) -> Result<std::convert::Infallible, Ending> {
        let mut keepalive = tokio::time::interval(self.phone.pace.interval(self.keep_alive));
        keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        keepalive.tick().await;
        loop {
            tokio::select! {
                heard = self.hear() => {
                    if let Some(message) = self.attend(heard?).await? {
                        self.show(&message);
                    }
                }
                _ = keepalive.tick() => {
                    if self.unanswered >= MISSED {
                        let fault = Fault::Unanswered("KeepAlive".to_owned());
                        return Err(Ending::Lost(Cause::KeepaliveTimeout, fault));
                    }
                    self.unanswered += 1;
                    self.link.send(&PhoneMessage::KeepAlive).await?;
                }
            }
        }
    }

    /// Asks, and waits for the answer among whatever else comes.
    pub(super) async fn ask<T>(
        &mut self,
        pull: Pull,
        request: &PhoneMessage,
        answer: impl FnMut(&ServerMessage) -> Option<T>,
    ) -> Result<T, Ending> {
        self.phone.shared.pause(|| HookPoint::Pull(pull)).await;
        self.link.send(request).await?;
        self.await_answer(&pull.to_string(), answer).await
    }

    pub(super) async fn await_answer<T>(
        &mut self,
        what: &str,
        mut answer: impl FnMut(&ServerMessage) -> Option<T>,
    ) -> Result<T, Ending> {
        let limit = tokio::time::sleep(self.phone.pace.patience);
        tokio::pin!(limit);
        loop {
            let heard = tokio::select! {
                heard = self.hear() => heard?,
                () = &mut limit => {
                    let fault = Fault::Unanswered(what.to_owned());
                    return Err(Ending::Lost(Cause::RegistrationTimeout, fault));
                }
            };
            let Some(message) = self.attend(heard).await? else {
                continue;
            };
            if let Some(found) = answer(&message) {
                return Ok(found);
            }
            self.show(&message);
        }
    }

    /// Takes what came together with the last answer: lamps and prompt are part
    /// of what the user sees when the phone comes into service.
    pub(super) async fn take_arrived(&mut self) -> Result<(), Ending> {
        while let Some(message) = self.link.arrived()? {
            if let Some(message) = self.attend(Heard::Message(message)).await? {
                self.show(&message);
            }
        }
        Ok(())
    }

    /// May be dropped without losing anything.
    async fn hear(&mut self) -> Result<Heard, Ending> {
        tokio::select! {
            message = self.link.receive() => Ok(Heard::Message(message?)),
            Ok(()) = self.off_hook.changed() => Ok(Heard::Hook),
        }
    }

    /// Does what is done in every state; gives back what concerns the state.
    async fn attend(&mut self, heard: Heard) -> Result<Option<ServerMessage>, Ending> {
        match heard {
            Heard::Hook => self.hook_moved().await?,
            Heard::Message(ServerMessage::KeepAliveAck) => self.unanswered = 0,
            Heard::Message(ServerMessage::Reset(kind)) => self.ordered(kind).await?,
            Heard::Message(ServerMessage::UserToDeviceData(data)) => {
                self.take_push(data).await?;
            }
            Heard::Message(message) => return Ok(Some(message)),
        }
        Ok(None)
    }

    async fn hook_moved(&mut self) -> Result<(), Ending> {
        let lifted = *self.off_hook.borrow_and_update();
        if self.in_service {
            let event = HookEvent::default();
            let message = if lifted {
                PhoneMessage::OffHook(event)
            } else {
                PhoneMessage::OnHook(event)
            };
            self.link.send(&message).await?;
        }
        match self.waiting.take() {
            Some(order) if !lifted => Err(Ending::Ordered(order)),
            waiting => {
                self.waiting = waiting;
                Ok(())
            }
        }
    }

    async fn ordered(&mut self, kind: ResetType) -> Result<(), Ending> {
        let order = match kind {
            ResetType::RESET => Order::Reset,
            ResetType::RESTART => Order::Restart,
            // Loads of the 8 series and later look whether they must.
            ResetType::APPLY_CONFIG if self.phone.profile.kind != Kind::Cisco7960 => {
                if !boot::has_changed(self.phone, self.file).await {
                    return Ok(());
                }
                Order::Restart
            }
            _ => return Ok(()),
        };
        let lifted = *self.off_hook.borrow();
        self.phone.shared.take_order(order, lifted);
        if lifted {
            self.waiting = Some(order);
            return Ok(());
        }
        Err(Ending::Ordered(order))
    }

    /// What concerns the display and the keys.
    pub(super) fn show(&mut self, message: &ServerMessage) {
        let shared = &self.phone.shared;
        match message {
            ServerMessage::DisplayPromptStatus(prompt) => {
                shared.set_prompt(prompt.text.to_string());
            }
            ServerMessage::ClearPromptStatus { .. } => shared.set_prompt(String::new()),
            ServerMessage::DisplayNotify(notice) => shared.set_notice(notice.text.to_string()),
            ServerMessage::DisplayPriNotify(notice) => shared.set_notice(notice.text.to_string()),
            ServerMessage::ClearNotify | ServerMessage::ClearPriNotify(_) => {
                shared.set_notice(String::new());
            }
            ServerMessage::SetLamp(lamp)
                if lamp.stimulus == ButtonType::VOICE_MAIL && lamp.instance == Instance::DEVICE =>
            {
                shared.set_message_lamp(lamp.mode != LampMode::OFF);
            }
            _ if self.in_service && self.phone.profile.kind.redraws_labels() => {
                let before = self.buttons.clone();
                for button in &mut self.buttons {
                    button.take(message);
                }
                if before != self.buttons {
                    self.show_buttons();
                }
            }
            _ => {}
        }
    }

    pub(super) fn show_buttons(&self) {
        let seen = self.buttons.iter().map(|known| known.seen.clone());
        self.phone.shared.set_buttons(seen.collect());
    }

    /// Unregisters, as the phone does before it obeys.
    pub(super) async fn leave(&mut self, order: Order) -> Leave {
        self.phone.shared.pause(|| HookPoint::Unregister).await;
        life::go_down(self.phone, order);
        match self.unregister().await {
            Ok(status) if status == UnregisterStatus::NAK && self.in_service => Leave::Refused,
            Ok(_) => Leave::Gone,
            Err(fault) => {
                self.phone.shared.fault(fault);
                Leave::Gone
            }
        }
    }

    async fn unregister(&mut self) -> Result<UnregisterStatus, Fault> {
        let unanswered = || Fault::Unanswered("Unregister".to_owned());
        let goodbye = PhoneMessage::Unregister(UnregisterReason::UNKNOWN);
        self.link.send(&goodbye).await.map_err(|_| unanswered())?;
        let answer = async {
            loop {
                match self.link.receive().await {
                    Ok(ServerMessage::UnregisterAck(status)) => return Ok(status),
                    Ok(_) => {}
                    Err(_) => return Err(unanswered()),
                }
            }
        };
        tokio::time::timeout(self.phone.pace.patience, answer)
            .await
            .unwrap_or_else(|_| Err(unanswered()))
    }
}
