//! The first page: the form, the last users, or the question to who is signed
//! in (steps 3 and 4 of the login, 4 and 5 of the logout).

use axum::body::Body;
use axum::http::Response;

use super::super::pages::{Form, Known, Mistake, Page, Question};
use super::{SAME_FINGER, Visit};
use crate::emapi::Code;
use crate::http::services::pages::{About, Failure};
use crate::mobility::Refusal;
use crate::mobility::query::{self, SessionView};
use crate::model::{LoginType, ObjectId, Progress, User};

/// The parameter `who` for somebody who is not among the last users.
pub(super) const OTHER: &str = "other";

impl Visit<'_> {
    /// A request without credentials: what the phone is asked depends on who
    /// is on it.
    pub(super) async fn begin(&self, who: Option<&str>) -> Response<Body> {
        match (&self.session, who) {
            // Whoever means to sign in over him has said so.
            (Some(_), Some(_)) if self.may_replace() => self.form_or_pin(who),
            (Some(session), Some(_)) => self.question(session),
            (Some(session), None) => self.leave(session).await,
            (None, _) => self.first_page(who),
        }
    }

    /// What a ticket gets that is spent or too old: nothing is done for it.
    pub(super) fn spent(&self) -> Response<Body> {
        // As it is now: the first of two presses may have ended meanwhile.
        match &self.present() {
            Some(session) if self.is_fresh(session) => self.done(&self.signed_in_as(session)),
            Some(session) => self.question(session),
            None => self.first_page(None),
        }
    }

    /// The first page of a bare phone.
    fn first_page(&self, who: Option<&str>) -> Response<Body> {
        if let Some(refusal) = self.closed() {
            return self.refused_login(&refusal);
        }
        if who.is_some() {
            return self.form_or_pin(who);
        }
        let last = self.last_users();
        if last.is_empty() {
            self.form(None, None)
        } else {
            self.show(&Page::Quick(last))
        }
    }

    /// Why nobody signs in here, before anybody has typed anything.
    pub(super) fn closed(&self) -> Option<Refusal> {
        if !self.parameters.login_service_enabled {
            return Some(Refusal::ServiceDisabled);
        }
        (!self.phone.extension_mobility).then(|| Refusal::MobilityDisabled(self.phone.name.clone()))
    }

    /// Whether the newcomer's own PIN signs out who is here.
    pub(super) fn may_replace(&self) -> bool {
        self.parameters.evict_previous_user && self.closed().is_none()
    }

    /// The login form; after a mistake with the user id as typed.
    pub(super) fn form(&self, mistake: Option<Mistake>, typed: Option<&str>) -> Response<Body> {
        let typed = typed.filter(|typed| !typed.is_empty());
        let prefilled = typed.map(str::to_owned).or_else(|| self.remembered());
        self.show(&Page::Form(self.blank_form(mistake, prefilled, None)))
    }

    /// The form for a PIN alone.
    pub(super) fn pin_form(&self, mistake: Option<Mistake>, known: Known) -> Response<Body> {
        self.show(&Page::Form(self.blank_form(mistake, None, Some(known))))
    }

    fn blank_form(
        &self,
        mistake: Option<Mistake>,
        prefilled: Option<String>,
        known: Option<Known>,
    ) -> Form {
        let present = self.session.as_ref().filter(|_| self.may_replace());
        Form {
            login_type: self.login_type,
            alphanumeric: self.parameters.alphanumeric_user_id,
            star_and_pound: self.parameters.pin_star_and_pound,
            mistake,
            prefilled: prefilled.unwrap_or_default(),
            replaces: present.map(|session| session.user.clone()),
            known,
        }
    }

    fn form_or_pin(&self, who: Option<&str>) -> Response<Body> {
        let known = who.and_then(|who| self.known(who));
        match known {
            Some((known, _)) => self.pin_form(None, known),
            None => self.form(None, None),
        }
    }

    /// The last user of this phone as he would type himself (Cisco: *Remember
    /// the Last User Logged In*, for user ids only). Where letters cannot be
    /// typed it is his alias.
    fn remembered(&self) -> Option<String> {
        if !self.parameters.remember_last_user || self.login_type != LoginType::UserId {
            return None;
        }
        let world = self.services.parts.mobility.store().world();
        let last = world.last_user(self.phone.id)?;
        let user = world.users.get(&last)?;
        let alias = user.alias.as_ref();
        let name = alias.filter(|_| !self.parameters.alphanumeric_user_id);
        Some(name.unwrap_or(&user.user_id).to_string())
    }

    /// The users that this phone offers by name.
    fn last_users(&self) -> Vec<Known> {
        if self.login_type != LoginType::UserId {
            return Vec::new();
        }
        let world = self.services.parts.mobility.store().world();
        let last = world.last_users.get(&self.phone.id);
        last.into_iter()
            .flatten()
            .take(usize::from(self.parameters.quick_sign_in_users))
            .filter_map(|id| world.users.get(id))
            .filter(|user| !user.excluded)
            .map(|user| known(user))
            .collect()
    }

    /// Whom `who` names among those; nobody else can be named by number.
    pub(super) fn known(&self, who: &str) -> Option<(Known, std::sync::Arc<User>)> {
        let id = ObjectId(who.trim().parse().ok()?);
        let known = self.last_users().into_iter().find(|user| user.id == id)?;
        let world = self.services.parts.mobility.store().world();
        Some((known, world.users.get(&id)?.clone()))
    }

    /// Somebody is signed in and the application was opened: ask, or, where
    /// the site or the phone does without the question, sign out.
    async fn leave(&self, session: &SessionView) -> Response<Body> {
        let asks = self.phone.confirm_logout;
        let asks = asks.unwrap_or(self.parameters.confirm_logout);
        if !asks && self.is_meant(session) {
            return self.sign_out().await;
        }
        self.question(session)
    }

    pub(super) fn question(&self, session: &SessionView) -> Response<Body> {
        self.show(&Page::Question(Question {
            user: session.user.clone(),
            name: session.display_name.clone(),
            since: session.since,
            may_replace: self.may_replace(),
        }))
    }

    /// One press signs out only when it cannot be meant otherwise: not by the
    /// finger that signed in, not while the phone is still on its way to be his,
    /// not by the trigger that signs in. A request with credentials never comes
    /// here.
    fn is_meant(&self, session: &SessionView) -> bool {
        let pending = {
            let world = self.services.parts.mobility.store().world();
            let row = world.pending.get(&self.phone.id);
            // A phone that refuses is left alone: nothing is on its way.
            row.is_some_and(|row| !matches!(row.progress, Progress::Refuses { .. }))
        };
        let same_finger = self.now.since(session.since) < SAME_FINGER;
        self.entrance == super::Entrance::Application && !pending && !same_finger
    }

    /// Who is on the phone by now: it may have changed while a PIN was checked.
    pub(super) fn present(&self) -> Option<SessionView> {
        let world = self.services.parts.mobility.store().world();
        query::session_on(&world, self.phone.id)
    }

    pub(super) fn already_here(&self, session: &SessionView) -> Response<Body> {
        self.failed(
            Failure::Service(Code::AnotherUserLoggedIn),
            About::User(session.user.clone()),
        )
    }
}

fn known(user: &User) -> Known {
    Known {
        id: user.id,
        name: user.display_name(),
    }
}
