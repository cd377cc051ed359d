//! The login itself (steps 8 to 11 of the login).

use axum::body::Body;
use axum::http::Response;

use super::super::pages::{About, Failure, Next, Page, SignedIn};
use super::super::tickets::Errand;
use super::sign_in::Proven;
use super::{SAME_FINGER, Visit, failed, refused};
use crate::emapi::Attempt;
use crate::http::services::pages::{Effect, Failed};
use crate::mobility::query::SessionView;
use crate::mobility::{self, Elsewhere, LoginCommand, Occupied, Refusal, Requested, Who};
use crate::model::{ObjectId, Origin, ProfileName};

impl Visit<'_> {
    /// A ticket comes back: from the list of profiles, or from the key that
    /// moves a user here.
    pub(super) async fn redeem(&self, token: &str) -> Response<Body> {
        let tickets = &self.services.tickets;
        let Some(ticket) = tickets.take(token, &self.phone.name, self.now) else {
            return self.spent();
        };
        let proven = Proven {
            user: ticket.user,
            version: ticket.version,
            new_pin: ticket.new_pin,
        };
        match ticket.errand {
            Errand::Take(profile) => self.take(proven, Some(profile)).await,
            // 25 was shown, and he said so.
            Errand::MoveHere(profile) => self.carry_out(proven, profile, Elsewhere::SignOut).await,
            // Its own form sends it to its own path.
            Errand::ChangePin(_)
            // Those are of the Extension Assigner.
            | Errand::Extension
            | Errand::AskAssign(_)
            | Errand::Assign(_) => self.spent(),
        }
    }

    pub(super) async fn take(
        &self,
        proven: Proven,
        profile: Option<ProfileName>,
    ) -> Response<Body> {
        self.carry_out(proven, profile, Elsewhere::ByBehavior).await
    }

    async fn carry_out(
        &self,
        proven: Proven,
        profile: Option<ProfileName>,
        elsewhere: Elsewhere,
    ) -> Response<Body> {
        if let Some(session) = self.present()
            && let Some(page) = self.same_press(proven.user, &session)
        {
            return self.done(&page);
        }
        let command = LoginCommand {
            device: self.phone.name.clone(),
            user: Who::Id(proven.user),
            checked_version: Some(proven.version),
            profile: profile.clone(),
            any_profile: false,
            duration: Requested::Default,
            // It counts only where the site has it.
            occupied: Occupied::Evict,
            elsewhere,
            origin: Origin::Phone,
            channel: self.channel(),
        };
        match self.services.parts.mobility.login(command).await {
            Ok(done) => self.done(&self.signed_in(done, proven)),
            Err(Refusal::LoggedInElsewhere { devices, .. }) => {
                let failure = Failure::Service(crate::emapi::Code::LoggedInElsewhere);
                let next = self
                    .ticket(proven, Errand::MoveHere(profile))
                    .map_or(Next::Leave, |ticket| Next::MoveHere { ticket });
                self.show(&Page::Failed(Failed {
                    about: About::Devices(devices),
                    next,
                    ..failed(failure, Attempt::Login)
                }))
            }
            Err(refusal) => {
                // The first of two presses was quicker.
                let present = self.present();
                let twice = present.and_then(|session| self.same_press(proven.user, &session));
                match twice {
                    Some(page) => self.done(&page),
                    None => self.refused_login(&refusal),
                }
            }
        }
    }

    fn signed_in(&self, done: mobility::SignedIn, proven: Proven) -> Page {
        Page::SignedIn(SignedIn {
            effect: self.effect(&done.planned),
            name: done.display_name,
            profile: done.profile.to_string(),
            moved_from: done.displaced.into_iter().map(|gone| gone.device).collect(),
            new_pin: proven.new_pin,
        })
    }

    /// The page that a second press of the same key gets: it does nothing.
    pub(super) fn same_press(&self, user: ObjectId, session: &SessionView) -> Option<Page> {
        let his = {
            let world = self.services.parts.mobility.store().world();
            let user = world.users.get(&user);
            user.is_some_and(|user| user.user_id == session.user)
        };
        (his && self.is_fresh(session)).then(|| self.signed_in_as(session))
    }

    pub(super) fn is_fresh(&self, session: &SessionView) -> bool {
        let now = self.services.parts.mobility.now();
        now.since(session.since) < SAME_FINGER
    }

    /// What the first press was told, once more.
    pub(super) fn signed_in_as(&self, session: &SessionView) -> Page {
        let pending = {
            let world = self.services.parts.mobility.store().world();
            world.pending.get(&self.phone.id).map(|row| row.plan)
        };
        let profile = session.profile.as_ref().map(ToString::to_string);
        Page::SignedIn(SignedIn {
            name: session.display_name.clone(),
            profile: profile.unwrap_or_default(),
            effect: pending.map_or(Effect::AtOnce, |plan| self.effect_of(plan)),
            moved_from: Vec::new(),
            new_pin: false,
        })
    }

    pub(super) fn refused_login(&self, refusal: &Refusal) -> Response<Body> {
        self.failed(refused::of_refusal(refusal), refused::about(refusal))
    }
}
