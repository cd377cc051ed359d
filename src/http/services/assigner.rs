//! The Extension Assigner (CME: *Extension Assigner*): on a phone that waits
//! for approval somebody who may do so says, with his PIN, which configured
//! phone this handset is. Who it is, which phone, whether he is sure, and it is
//! done; between two steps a ticket stands for his PIN.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;

use super::Services;
use super::emapp::tell;
use super::look::{ASSIGNER, Look};
use super::page::show;
use super::pages::{AssignChoice, AssignerForm, AssignerPage, Mistake, Page};
use super::request::Asked;
use super::tickets::{Errand, Ticket};
use crate::emapi::AppCode;
use crate::mobility::newcomers::assignment::{Assign, Candidate, by_number, candidates};
use crate::mobility::newcomers::{NewcomerRefusal, Whereabouts};
use crate::mobility::{RefusedAttempt, Tried};
use crate::model::{
    DeviceName, DirectoryNumber, LoginType, ObjectId, Origin, Parameters, Phone, Timestamp, UserId,
};
use crate::ports::{Denied, Identity};
use crate::provision::Word;

/// The most phones of a list; of more the extension is asked.
const LISTED: usize = 90;

/// One request of the Extension Assigner.
struct Visit<'a> {
    services: &'a Services,
    asked: &'a Asked,
    look: Look,
    phone: Arc<Phone>,
    parameters: Arc<Parameters>,
    now: Timestamp,
}

/// Whoever has shown his PIN: he, and the version of the PIN.
#[derive(Clone, Copy)]
struct Proven {
    user: ObjectId,
    version: u64,
}

/// `/assigner/ExtensionAssignerServlet`.
pub(super) async fn answer(services: &Services, asked: &Asked) -> Response<Body> {
    let mobility = &services.parts.mobility;
    let named = asked.device().and_then(Result::ok);
    let (phone, parameters) = {
        let world = mobility.store().world();
        let phone = named.and_then(|device| world.phone(&device).cloned());
        (phone, world.parameters.clone())
    };
    let mut look = Look::of(services, asked, phone.as_deref());
    look.links = look.links.by(ASSIGNER, None);
    let Some(phone) = phone else {
        let page = Page::Assigner(AssignerPage::Sorry(Word::MenuEmpty));
        tell(services, asked, None, &page);
        return show(&look, &page);
    };
    let visit = Visit {
        services,
        asked,
        look,
        phone,
        parameters,
        now: mobility.now(),
    };
    visit.answer().await
}

impl Visit<'_> {
    async fn answer(&self) -> Response<Body> {
        if !self.phone.awaits_approval() {
            return self.sorry(Word::AssignConfigured);
        }
        if !self.parameters.auto_registration.extension_assigner {
            return self.sorry(Word::AssignNotAllowed);
        }
        let parts = &self.services.parts;
        let trust = parts.login_service.trust();
        let trusted = trust.phone(parts, &self.parameters, self.asked, &self.phone.name);
        if let Err(distrust) = trusted.await {
            self.refused(None, &distrust.why, distrust.code.number());
            return self.sorry(Word::help(distrust.code.number()));
        }
        if let Some(token) = self.asked.parameter("token") {
            return self.redeem(token).await;
        }
        match (self.asked.parameter("userid"), self.asked.parameter("seq")) {
            (None, None) => self.form(None, ""),
            (typed, pin) => {
                self.sign_on(typed.unwrap_or_default().trim(), pin.unwrap_or_default())
                    .await
            }
        }
    }

    /// User id and PIN came.
    async fn sign_on(&self, typed: &str, pin: &str) -> Response<Body> {
        if typed.is_empty() || pin.is_empty() {
            return self.form(Some(Mistake::Blank), typed);
        }
        let user = self.services.configured(typed, LoginType::UserId);
        match self.verify(typed, pin).await {
            Ok((_, true)) => self.sorry(Word::Help41),
            Ok((proven, false)) if self.may_assign(proven.user) => self.choose(proven, false),
            Ok(_) => {
                self.refused(user, "he is no extension assigner, or excluded", 10);
                self.sorry(Word::AssignNotAllowed)
            }
            Err(denied) => {
                let why = denied.to_string();
                let checked = !denied.is_outage() && !matches!(denied, Denied::SourceLocked { .. });
                let code = if checked {
                    AppCode::Authentication
                } else {
                    AppCode::DirectoryServer
                };
                self.refused(user, &why, code.number());
                if checked {
                    self.form(Some(Mistake::Wrong), typed)
                } else {
                    self.sorry(Word::help(code.number()))
                }
            }
        }
    }

    /// The user and whether his PIN must be changed first.
    async fn verify(&self, typed: &str, pin: &str) -> Result<(Proven, bool), Denied> {
        let identity = Identity::User {
            typed: UserId::new(typed).map_err(|_| Denied::Unknown)?,
            login_type: LoginType::UserId,
            ignore_case: self.parameters.ignore_user_id_case,
        };
        let right = self.services.right_pin(self.asked, identity, pin).await?;
        let proven = Proven {
            user: right.user,
            version: right.version,
        };
        Ok((proven, right.must_change))
    }

    fn may_assign(&self, user: ObjectId) -> bool {
        let world = self.services.parts.mobility.store().world();
        let user = world.users.get(&user);
        user.is_some_and(|user| user.extension_assigner && !user.excluded)
    }

    fn candidates(&self) -> Vec<Candidate> {
        let parts = &self.services.parts;
        let world = parts.mobility.store().world().clone();
        candidates(&world, parts.mobility.catalogue(), &self.phone, |device| {
            parts.mobility.whereabouts(&*parts.presence, device) != Whereabouts::Away
        })
    }

    /// Which phones there are; `again`: the extension was of no use.
    fn choose(&self, proven: Proven, again: bool) -> Response<Body> {
        let all = self.candidates();
        if all.is_empty() {
            return self.sorry(Word::AssignNone);
        }
        if all.len() > LISTED {
            return match self.ticket(proven, Errand::Extension) {
                Some(ticket) => self.show(AssignerPage::Extension { ticket, again }),
                None => self.sorry(Word::AssignFailed),
            };
        }
        let mut choices = Vec::with_capacity(all.len());
        for one in &all {
            // A ticket each: whichever is pressed, its one use is not spent.
            let Some(ticket) = self.ticket(proven, Errand::AskAssign(one.device.clone())) else {
                return self.sorry(Word::AssignFailed);
            };
            choices.push(AssignChoice {
                phone: in_words(one),
                ticket,
            });
        }
        self.show(AssignerPage::Phones(choices))
    }

    async fn redeem(&self, token: &str) -> Response<Body> {
        let tickets = &self.services.tickets;
        let Some(ticket) = tickets.take(token, &self.phone.name, self.now) else {
            // Spent, or too old.
            return self.form(None, "");
        };
        let proven = Proven {
            user: ticket.user,
            version: ticket.version,
        };
        match ticket.errand {
            Errand::Extension => self.extension(proven),
            Errand::AskAssign(device) => self.ask(proven, device),
            Errand::Assign(device) => self.assign(proven, device).await,
            Errand::Take(_) | Errand::MoveHere(_) | Errand::ChangePin(_) => self.form(None, ""),
        }
    }

    /// The extension was typed.
    fn extension(&self, proven: Proven) -> Response<Body> {
        let typed = self.asked.parameter("extension").unwrap_or_default();
        let found = DirectoryNumber::new(typed.trim())
            .ok()
            .and_then(|number| by_number(&self.candidates(), &number).ok());
        match found {
            Some(device) => self.ask(proven, device),
            None => self.choose(proven, true),
        }
    }

    fn ask(&self, proven: Proven, device: DeviceName) -> Response<Body> {
        let Some(phone) = self.words_for(&device) else {
            return self.choose(proven, false);
        };
        match self.ticket(proven, Errand::Assign(device)) {
            Some(ticket) => self.show(AssignerPage::Question { phone, ticket }),
            None => self.sorry(Word::AssignFailed),
        }
    }

    async fn assign(&self, proven: Proven, device: DeviceName) -> Response<Body> {
        let phone = self.words_for(&device);
        let parts = &self.services.parts;
        let command = Assign {
            handset: self.phone.name.clone(),
            whereabouts: parts.mobility.whereabouts(&*parts.presence, &device),
            phone: device,
            by: Some((proven.user, proven.version)),
            origin: Origin::Phone,
            channel: self.services.channel(self.asked, &self.phone.name),
        };
        match (parts.mobility.assign(command).await, phone) {
            (Ok(_), phone) => self.done(phone.unwrap_or_default()),
            (Err(refusal), _) => {
                let world_user = {
                    let world = parts.mobility.store().world();
                    let user = world.users.get(&proven.user);
                    user.map(|user| user.user_id.clone())
                };
                self.refused(world_user, &refusal.to_string(), 0);
                self.sorry(match refusal {
                    NewcomerRefusal::NotAllowed(_) => Word::AssignNotAllowed,
                    NewcomerRefusal::Approved(_) | NewcomerRefusal::Configured(_) => {
                        Word::AssignConfigured
                    }
                    NewcomerRefusal::InUse(_) => Word::AssignInUse,
                    _ => Word::AssignFailed,
                })
            }
        }
    }

    /// The last page: it goes out first, the restart follows.
    fn done(&self, phone: String) -> Response<Body> {
        self.services.after_page(self.asked, &self.phone.name);
        self.show(AssignerPage::Done { phone })
    }

    /// A configured phone, for people.
    fn words_for(&self, device: &DeviceName) -> Option<String> {
        let all = self.candidates();
        all.iter().find(|one| one.device == *device).map(in_words)
    }

    fn ticket(&self, proven: Proven, errand: Errand) -> Option<String> {
        let ticket = Ticket {
            device: self.phone.name.clone(),
            user: proven.user,
            version: proven.version,
            errand,
            new_pin: false,
        };
        self.services.tickets.open(ticket, self.now)
    }

    fn form(&self, mistake: Option<Mistake>, typed: &str) -> Response<Body> {
        self.show(AssignerPage::Form(AssignerForm {
            alphanumeric: self.parameters.alphanumeric_user_id,
            star_and_pound: self.parameters.pin_star_and_pound,
            mistake,
            prefilled: typed.to_owned(),
        }))
    }

    fn sorry(&self, why: Word) -> Response<Body> {
        self.show(AssignerPage::Sorry(why))
    }

    fn show(&self, page: AssignerPage) -> Response<Body> {
        let page = Page::Assigner(page);
        tell(self.services, self.asked, Some(&self.phone), &page);
        show(&self.look, &page)
    }

    fn refused(&self, user: Option<UserId>, why: &str, code: u16) {
        self.services.parts.mobility.refused(RefusedAttempt {
            tried: Tried::Assignment,
            origin: Some(Origin::Phone),
            device: Some(self.phone.name.clone()),
            user,
            from: Some(self.asked.ends.peer.ip()),
            code,
            why: why.to_owned(),
        });
    }
}

/// A configured phone in a line of a list.
fn in_words(one: &Candidate) -> String {
    let number = one.number.as_ref().map(DirectoryNumber::as_str);
    let words = [
        number.unwrap_or_default(),
        one.description.as_str(),
        one.device.as_str(),
    ];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
