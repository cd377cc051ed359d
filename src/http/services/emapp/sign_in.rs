//! Who it is (steps 5 to 7 of the login): user id and PIN, then his profiles.

use axum::body::Body;
use axum::http::Response;

use super::super::pages::{About, ChangePinForm, Choice, Failure, Known, Mistake, Page};
use super::super::tickets::{Errand, Ticket};
use super::Visit;
use crate::emapi::{AppCode, Code};
use crate::mobility::query::{self, ProfileChoice};
use crate::model::{LoginType, ObjectId, ProfileName, UserId};
use crate::ports::{Denied, Identity};

/// A user whose PIN was right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proven {
    pub(super) user: ObjectId,
    /// The version of the credential that was checked.
    pub(super) version: u64,
    /// Whether the PIN was changed on the way.
    pub(super) new_pin: bool,
}

impl Visit<'_> {
    /// User id and PIN, from the form or from a program with its URL.
    pub(super) async fn sign_in(&self, typed: &str, pin: &str) -> Response<Body> {
        if let Some(refusal) = self.closed() {
            return self.refused_login(&refusal);
        }
        let typed = typed.trim();
        if typed.is_empty() || pin.is_empty() {
            self.tell_refused(AppCode::Blank, None, "a field was left empty");
            return self.form(Some(Mistake::Blank), Some(typed));
        }
        match self.verify(typed, self.login_type, pin).await {
            Ok(proven) => self.proven(proven).await,
            Err(denied) => {
                let code = denied_code(&denied, self.login_type);
                let user = self.configured(typed, self.login_type);
                let whom = match &user {
                    Some(user) => format!("user id {user}"),
                    // It may be a PIN in the wrong field.
                    None => format!("an unknown user id of {} characters", typed.chars().count()),
                };
                self.tell_refused(code, user, &format!("{whom}: {denied}"));
                match code {
                    AppCode::Authentication => self.form(Some(Mistake::Wrong), Some(typed)),
                    other => self.app_error(other),
                }
            }
        }
    }

    /// One of the last users of the phone, who types his PIN only.
    pub(super) async fn sign_in_known(&self, who: &str, pin: &str) -> Response<Body> {
        if let Some(refusal) = self.closed() {
            return self.refused_login(&refusal);
        }
        let Some((known, user)) = self.known(who) else {
            return self.form(None, None);
        };
        if pin.is_empty() {
            self.tell_refused(AppCode::Blank, None, "the PIN was left empty");
            return self.pin_form(Some(Mistake::Blank), known);
        }
        let typed = user.user_id.as_str();
        match self.verify(typed, LoginType::UserId, pin).await {
            Ok(proven) => self.proven(proven).await,
            Err(denied) => self.denied_known(known, &user.user_id, &denied),
        }
    }

    fn denied_known(&self, known: Known, user: &UserId, denied: &Denied) -> Response<Body> {
        let code = denied_code(denied, LoginType::UserId);
        self.tell_refused(
            code,
            Some(user.clone()),
            &format!("user id {user}: {denied}"),
        );
        match code {
            AppCode::Authentication => self.pin_form(Some(Mistake::Wrong), known),
            other => self.app_error(other),
        }
    }

    async fn verify(
        &self,
        typed: &str,
        login_type: LoginType,
        pin: &str,
    ) -> Result<Checked, Denied> {
        let identity = self.identity(typed, login_type)?;
        let right = self.services.right_pin(self.asked, identity, pin).await?;
        Ok(Checked {
            proven: Proven {
                user: right.user,
                version: right.version,
                new_pin: false,
            },
            pin_must_change: right.must_change,
        })
    }

    /// Whom the directory is asked for.
    pub(super) fn identity(&self, typed: &str, login_type: LoginType) -> Result<Identity, Denied> {
        Ok(Identity::User {
            typed: UserId::new(typed).map_err(|_| Denied::Unknown)?,
            login_type,
            ignore_case: self.parameters.ignore_user_id_case,
        })
    }

    /// The user that was named, where it is one.
    pub(super) fn configured(&self, typed: &str, login_type: LoginType) -> Option<UserId> {
        self.services.configured(typed, login_type)
    }

    async fn proven(&self, known: Checked) -> Response<Body> {
        if !known.pin_must_change {
            return self.with_user(known.proven).await;
        }
        // Nobody changes his PIN for a login that cannot be.
        if let Some(session) = self.present().filter(|_| !self.may_replace()) {
            return self.already_here(&session);
        }
        let named = match self.named_profile() {
            Ok(named) => named,
            Err(code) => return self.failed(Failure::Service(code), About::Nothing),
        };
        let user = self.user_id(known.proven.user);
        self.tell_service_refused(Code::ChangePin, user, "the PIN must be changed first");
        match self.ticket(known.proven, Errand::ChangePin(named)) {
            Some(ticket) => self.change_pin_form(None, "", Some(ticket)),
            None => self.app_error(AppCode::InitFailed),
        }
    }

    /// The form that changes a PIN.
    pub(super) fn change_pin_form(
        &self,
        mistake: Option<Mistake>,
        typed: &str,
        ticket: Option<String>,
    ) -> Response<Body> {
        self.show(&Page::ChangePin(ChangePinForm {
            login_type: self.login_type,
            alphanumeric: self.parameters.alphanumeric_user_id,
            star_and_pound: self.parameters.pin_star_and_pound,
            mistake,
            prefilled: typed.to_owned(),
            ticket,
        }))
    }

    /// The profile that the request names, if any.
    ///
    /// # Errors
    ///
    /// For a name that no profile can have.
    fn named_profile(&self) -> Result<Option<ProfileName>, Code> {
        let named = self.asked.parameter("profile").map(str::trim);
        named
            .filter(|name| !name.is_empty())
            .map(ProfileName::new)
            .transpose()
            .map_err(|_| Code::NoSuchProfile)
    }

    async fn with_user(&self, proven: Proven) -> Response<Body> {
        match self.named_profile() {
            Ok(named) => self.with_profile(proven, named).await,
            Err(code) => self.failed(Failure::Service(code), About::Nothing),
        }
    }

    /// The PIN was right: the profile that was named is taken, or the only one;
    /// several are shown.
    pub(super) async fn with_profile(
        &self,
        proven: Proven,
        named: Option<ProfileName>,
    ) -> Response<Body> {
        let profiles = {
            let world = self.services.parts.mobility.store().world();
            query::profiles_of_id(&world, proven.user)
        };
        match (profiles.as_slice(), named) {
            ([], _) => {
                let user = self.user_id(proven.user);
                self.tell_refused(AppCode::ProfileAbsent, user, "the user has no profile");
                self.app_error(AppCode::ProfileAbsent)
            }
            (_, Some(named)) => self.take(proven, Some(named)).await,
            ([one], None) => self.take(proven, Some(one.name.clone())).await,
            (several, None) => self.choose(proven, several),
        }
    }

    fn choose(&self, proven: Proven, profiles: &[ProfileChoice]) -> Response<Body> {
        // Nobody chooses in vain, nor again when he is on the phone already.
        if let Some(session) = self.present() {
            if let Some(page) = self.same_press(proven.user, &session) {
                return self.done(&page);
            }
            if !self.may_replace() {
                return self.already_here(&session);
            }
        }
        let mut choices = Vec::with_capacity(profiles.len());
        for profile in profiles {
            // A ticket each: whichever is pressed, its one use is not spent.
            let errand = Errand::Take(profile.name.clone());
            let Some(ticket) = self.ticket(proven, errand) else {
                return self.app_error(AppCode::InitFailed);
            };
            choices.push(Choice {
                profile: profile.name.clone(),
                ticket,
            });
        }
        self.show(&Page::Profiles(choices))
    }

    /// A user's id, where he is still configured.
    pub(super) fn user_id(&self, user: ObjectId) -> Option<UserId> {
        let world = self.services.parts.mobility.store().world();
        let user = world.users.get(&user)?;
        Some(user.user_id.clone())
    }

    /// A ticket for what is left to do.
    pub(super) fn ticket(&self, proven: Proven, errand: Errand) -> Option<String> {
        let ticket = Ticket {
            device: self.phone.name.clone(),
            user: proven.user,
            version: proven.version,
            errand,
            new_pin: proven.new_pin,
        };
        self.services.tickets.open(ticket, self.now)
    }
}

/// A right PIN, and whether it must be changed.
struct Checked {
    proven: Proven,
    pin_must_change: bool,
}

/// What the phone is told of a refusal by the directory: no more than
/// *wrong*, unless that would be untrue.
pub(super) fn denied_code(denied: &Denied, login_type: LoginType) -> AppCode {
    match denied {
        outage if outage.is_outage() => AppCode::DirectoryServer,
        // Nothing was checked: it would be untrue that the PIN is wrong.
        Denied::SourceLocked { .. } => AppCode::DirectoryServer,
        Denied::Ambiguous if login_type == LoginType::DirectoryNumber => {
            AppCode::DnHasMultipleUsers
        }
        _ => AppCode::Authentication,
    }
}
