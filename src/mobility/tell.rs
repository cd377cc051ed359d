//! What the journal is told of once it is durable: what the documents call
//! notifications to CTI applications (Cisco, *Understanding Extension
//! Mobility*, How the Extension Mobility System Works), as typed events.

use super::{
    LoginCommand, Mobility, Planned, Refusal, RefusedAttempt, SignedIn, SignedOut, Tried,
    plan_in_words,
};
use crate::model::{DeviceName, LinesChange, Origin, UserId};
use crate::ports::{Event, EventKind};

impl Mobility {
    pub(super) fn tell(&self, device: Option<DeviceName>, kind: EventKind) {
        self.journal.record(Event {
            at: self.clock.now(),
            device,
            kind,
        });
    }

    /// A login, and all that it did to others.
    pub(super) fn tell_signed_in(&self, done: &SignedIn, origin: &Origin) {
        for gone in done.displaced.iter().chain(&done.replaced) {
            self.tell_signed_out(gone);
        }
        let device = Some(&done.device);
        let told = |kind| self.tell(device.cloned(), kind);
        told(EventKind::SignedIn {
            user: done.user.clone(),
            origin: origin.clone(),
            profile: done.profile.clone(),
        });
        if let Some(owner) = &done.desk_of {
            told(EventKind::DeskOfAnother {
                user: done.user.clone(),
                owner: owner.clone(),
            });
        }
        told(EventKind::ControlListChanged {
            user: done.user.clone(),
            controls: true,
        });
        self.tell_lines(&done.device, done.lines.as_ref());
        self.tell_planned(&done.planned);
    }

    /// The end of a session. What it sets going on the phone is told apart.
    pub(super) fn tell_signed_out(&self, gone: &SignedOut) {
        if let Some(user) = &gone.user {
            let told = |kind| self.tell(Some(gone.device.clone()), kind);
            told(EventKind::SignedOut {
                user: user.clone(),
                reason: gone.reason.clone(),
            });
            told(EventKind::ControlListChanged {
                user: user.clone(),
                controls: false,
            });
            // Cisco, Extension Mobility 4.1, Restrictions: call back services
            // end with the login.
            told(EventKind::CallBacksEnded { user: user.clone() });
        }
        self.tell_lines(&gone.device, gone.lines.as_ref());
    }

    fn tell_lines(&self, device: &DeviceName, change: Option<&LinesChange>) {
        if let Some(change) = change {
            let kind = EventKind::LinesChanged {
                change: change.clone(),
            };
            self.tell(Some(device.clone()), kind);
        }
    }

    pub(super) fn tell_planned(&self, planned: &[Planned]) {
        for one in planned {
            self.tell(
                Some(one.device.clone()),
                EventKind::Planned {
                    what: format!("{}, because {}", plan_in_words(one.plan), one.cause),
                },
            );
        }
    }

    /// The configuration took phones, profiles or users away, or gave phones
    /// other numbers: who was signed out by it, and what changed. Their audit
    /// is part of that commit.
    pub fn tell_configured(&self, gone: &[SignedOut], lines: &[(DeviceName, LinesChange)]) {
        for one in gone {
            self.tell_signed_out(one);
        }
        for (device, change) in lines {
            self.tell_lines(device, Some(change));
        }
    }

    pub(super) fn tell_login_refused(&self, command: &LoginCommand, refusal: &Refusal) {
        // Also when it was refused before its user was looked for.
        let user = {
            let world = self.store.world();
            let user = command.user.find(&world).ok();
            user.map(|user| user.user_id.clone())
        };
        self.tell_refused(
            Tried::Login,
            &command.origin,
            &command.device,
            user,
            refusal,
        );
    }

    pub(super) fn tell_refused(
        &self,
        tried: Tried,
        origin: &Origin,
        device: &DeviceName,
        user: Option<UserId>,
        refusal: &Refusal,
    ) {
        // A name that is no phone gets no timeline of its own: anybody could
        // make any number of them up.
        let known = self.store.world().phone(device).is_some();
        self.refused(RefusedAttempt {
            tried,
            origin: Some(origin.clone()),
            device: known.then(|| device.clone()),
            user,
            from: None,
            code: refusal.service_code(),
            why: refusal.to_string(),
        });
    }
}
