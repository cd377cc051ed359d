//! The change of a PIN at the phone: by its own service or by the key on the
//! login form, and before a login that may not go on without it (41).

use axum::body::Body;
use axum::http::Response;

use super::super::pages::{Mistake, Page, PinFailed, PinTrouble};
use super::super::tickets::{Errand, Ticket};
use super::Visit;
use super::sign_in::{Proven, denied_code};
use crate::emapi::AppCode;
use crate::model::{LoginType, Pin, ProfileName};
use crate::ports::{Denied, Event, EventKind, PinRefused};

/// What was typed; it never prints.
struct Typed {
    present: Pin,
    new: Pin,
    again: Pin,
}

impl Typed {
    fn has_blank(&self) -> bool {
        self.present.is_empty() || self.new.is_empty() || self.again.is_empty()
    }
}

impl Visit<'_> {
    /// `/changecredential/ChangeCredentialServlet`.
    pub(super) async fn change_pin(&self) -> Response<Body> {
        if let Some(token) = self.asked.parameter("token") {
            return self.change_for_login(token).await;
        }
        let user = self.asked.parameter("userid").map(str::trim);
        let Some(typed) = self.typed_pins(user.is_some()) else {
            return self.change_pin_form(None, "", None);
        };
        let user = user.unwrap_or_default();
        if user.is_empty() || typed.has_blank() {
            self.tell_refused(AppCode::Blank, None, "a field was left empty");
            return self.change_pin_form(Some(Mistake::Blank), user, None);
        }
        match self.change(user, self.login_type, typed).await {
            Ok(()) => self.show(&Page::PinChanged),
            Err(trouble) => self.not_changed(trouble, user, None),
        }
    }

    /// What was typed into the form; `None` when it was only asked for.
    fn typed_pins(&self, sent: bool) -> Option<Typed> {
        let fields = ["seq", "newpin", "confirmpin"].map(|name| self.asked.parameter(name));
        let sent = sent || fields.iter().any(Option::is_some);
        let [present, new, again] = fields.map(|field| Pin::new(field.unwrap_or_default()));
        sent.then_some(Typed {
            present,
            new,
            again,
        })
    }

    /// The form that stands between a right PIN and the login.
    async fn change_for_login(&self, token: &str) -> Response<Body> {
        let tickets = &self.services.tickets;
        let ticket = tickets.take(token, &self.phone.name, self.now);
        let Some(Ticket {
            user: id,
            version,
            errand: Errand::ChangePin(profile),
            ..
        }) = ticket
        else {
            return self.spent();
        };
        let Some(user) = self.user_id(id) else {
            return self.spent();
        };
        let proven = Proven {
            user: id,
            version,
            new_pin: false,
        };
        let once_more = || self.ticket(proven, Errand::ChangePin(profile.clone()));
        let typed = match self.typed_pins(false) {
            Some(typed) if !typed.has_blank() => typed,
            Some(_) => return self.change_pin_form(Some(Mistake::Blank), "", once_more()),
            // From the page that said what was wrong with the last one.
            None => return self.change_pin_form(None, "", once_more()),
        };
        match self.change(user.as_str(), LoginType::UserId, typed).await {
            Ok(()) => self.log_in_with_new_pin(proven, profile).await,
            Err(trouble) => self.not_changed(trouble, user.as_str(), once_more()),
        }
    }

    /// The login goes on with the credential that the change made, which is the
    /// one after that of the ticket: when somebody else changed it in between,
    /// the login is refused.
    async fn log_in_with_new_pin(
        &self,
        before: Proven,
        profile: Option<ProfileName>,
    ) -> Response<Body> {
        let proven = Proven {
            version: before.version.saturating_add(1),
            new_pin: true,
            ..before
        };
        self.with_profile(proven, profile).await
    }

    async fn change(&self, user: &str, login_type: LoginType, typed: Typed) -> Result<(), Trouble> {
        if typed.new != typed.again {
            return Err(Trouble::Pin(PinTrouble::Differ));
        }
        let identity = self.identity(user, login_type).map_err(Trouble::Denied)?;
        let source = Some(self.asked.ends.peer.ip());
        let directory = &self.services.parts.directory;
        let changed = directory.change_pin(identity, typed.present, typed.new, source);
        match changed.await {
            Ok(()) => {
                self.note_pin(user, login_type, "was changed at this phone");
                Ok(())
            }
            Err(PinRefused::Denied(denied)) => Err(Trouble::Denied(denied)),
            Err(PinRefused::Fault(fault)) => Err(Trouble::Pin(PinTrouble::Fault(fault))),
            Err(PinRefused::KeptElsewhere) => Err(Trouble::Pin(PinTrouble::KeptElsewhere)),
        }
    }

    fn not_changed(&self, trouble: Trouble, user: &str, ticket: Option<String>) -> Response<Body> {
        match trouble {
            Trouble::Pin(trouble) => self.show(&Page::PinFailed(PinFailed { trouble, ticket })),
            Trouble::Denied(denied) => {
                let login_type = match ticket {
                    Some(_) => LoginType::UserId,
                    None => self.login_type,
                };
                let code = denied_code(&denied, login_type);
                let whom = self.configured(user, login_type);
                self.tell_refused(code, whom, &format!("a PIN was to be changed: {denied}"));
                match code {
                    AppCode::Authentication => {
                        self.change_pin_form(Some(Mistake::Wrong), user, ticket)
                    }
                    other => self.app_error(other),
                }
            }
        }
    }

    fn note_pin(&self, user: &str, login_type: LoginType, what: &str) {
        let Some(user) = self.configured(user, login_type) else {
            return;
        };
        self.services.parts.journal.record(Event {
            at: self.now,
            device: Some(self.phone.name.clone()),
            kind: EventKind::Note {
                text: format!("the PIN of user id {user} {what}"),
            },
        });
    }
}

/// Why it was not changed.
enum Trouble {
    Denied(Denied),
    Pin(PinTrouble),
}
