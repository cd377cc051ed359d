//! The login application on the phone (Cisco: *Extension Mobility*, call flows
//! of login and logout): form, profiles, success; question, success.

use axum::body::Body;
use axum::http::Response;

use super::Services;
use super::choices::Choice;
use super::page::Look;
use super::request::Asked;
use crate::emapi::{AppCode, Attempt, Code};
use crate::mobility::query::{self, ProfileChoice, SessionView};
use crate::mobility::{
    Channel, Elsewhere, LoginCommand, LogoutCommand, Occupied, Refusal, RefusedAttempt, Requested,
    Tried, Who,
};
use crate::model::{
    DeviceName, LoginType, ObjectId, Origin, Parameters, Phone, Pin, ProfileName, Secret,
    Timestamp, UserId,
};
use crate::phonexml::{Input, InputFlags, InputItem, Menu, Object, Text};
use crate::ports::{Denied, Event, EventKind, Identity, Verified};

/// Our path, as CallManager's.
const PATH: &str = "/emapp/EMAppServlet";

const TITLE: &str = "Extension Mobility";

/// Within this time after a login one press does not sign out: it is the same
/// finger that signed in.
const SAME_FINGER: std::time::Duration = std::time::Duration::from_secs(15);

/// One request of the application.
struct Visit<'a> {
    services: &'a Services,
    asked: &'a Asked,
    look: Look,
    phone: std::sync::Arc<Phone>,
    parameters: std::sync::Arc<Parameters>,
    session: Option<SessionView>,
    now: Timestamp,
}

/// `/emapp/EMAppServlet`.
pub(super) async fn answer(services: &Services, asked: &Asked) -> Response<Body> {
    let no_phone = Look::of(services, asked, None);
    let Some(Ok(device)) = asked.device() else {
        return app_error(&no_phone, AppCode::DeviceNameEmpty);
    };
    let mobility = &services.parts.mobility;
    let known = {
        let world = mobility.store().world();
        world.phone(&device).map(|phone| {
            (
                phone.clone(),
                world.parameters.clone(),
                query::session_on(&world, phone.id),
            )
        })
    };
    let Some((phone, parameters, session)) = known else {
        return refused(&no_phone, Attempt::Login, &Refusal::DeviceUnknown(device));
    };
    let look = Look::of(services, asked, Some(&phone));
    let now = mobility.now();
    Visit {
        services,
        asked,
        look,
        phone,
        parameters,
        session,
        now,
    }
    .answer()
    .await
}

impl Visit<'_> {
    async fn answer(&self) -> Response<Body> {
        let wants_out = self
            .asked
            .parameter("doLogout")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if wants_out {
            return self.sign_out().await;
        }
        if !self.phone.extension_mobility {
            let refusal = Refusal::MobilityDisabled(self.phone.name.clone());
            return self.refused(Attempt::Login, &refusal);
        }
        if let Some(token) = self.asked.parameter("token") {
            return self.chosen(token).await;
        }
        let (typed, pin) = (self.asked.parameter("userid"), self.asked.parameter("seq"));
        match (typed, pin, &self.session) {
            (None, None, Some(session)) => self.leave(session).await,
            (None, None, None) => self.form(None, None),
            (typed, pin, _) => {
                let (typed, pin) = (typed.unwrap_or_default().trim(), pin.unwrap_or_default());
                if typed.is_empty() || pin.is_empty() {
                    self.record_refusal(AppCode::Blank.number(), "a field was left empty");
                    return self.form(Some(AppCode::Blank), Some(typed));
                }
                self.sign_in(typed, pin).await
            }
        }
    }

    /// The login form; after a mistake with the user id as typed.
    fn form(&self, mistake: Option<AppCode>, typed: Option<&str>) -> Response<Body> {
        let Some(url) = self.look.url(PATH, &[("device", self.phone.name.as_str())]) else {
            return app_error(&self.look, AppCode::InitFailed);
        };
        let id_flags = if self.parameters.alphanumeric_user_id {
            InputFlags::ASCII
        } else {
            InputFlags::NUMERIC
        };
        let remembered = self.remembered();
        let prefilled = typed
            .filter(|typed| !typed.is_empty())
            .or(remembered.as_deref());
        let fields = (
            InputItem::new("userid", id_flags),
            InputItem::new("seq", InputFlags::NUMERIC.masked()),
        );
        let (Ok(user), Ok(pin)) = fields else {
            return app_error(&self.look, AppCode::InitFailed);
        };
        let prompt = mistake.map_or_else(
            || "Please sign on".to_owned(),
            |mistake| mistake.phone_text(Attempt::Login),
        );
        let form = Input::new(url)
            .method(self.look.submit)
            .title(TITLE)
            .prompt(prompt)
            .item(
                user.named("UserID")
                    .prefilled(prefilled.unwrap_or_default()),
            )
            .item(pin.named("PIN"))
            .with_keys(self.look.layout);
        self.tell(EventKind::Page {
            page: "login form".into(),
        });
        self.look.show(&Object::Input(form))
    }

    fn remembered(&self) -> Option<String> {
        if !self.parameters.remember_last_user {
            return None;
        }
        let world = self.services.parts.mobility.store().world();
        let last = world.last_user(self.phone.id)?;
        world.users.get(&last).map(|user| user.user_id.to_string())
    }

    async fn sign_in(&self, typed: &str, pin: &str) -> Response<Body> {
        let verified = match UserId::new(typed) {
            Ok(typed) => {
                let identity = Identity::User {
                    typed,
                    login_type: LoginType::UserId,
                    ignore_case: self.parameters.ignore_user_id_case,
                };
                let secret = Secret::Pin(Pin::new(pin));
                let source = Some(self.asked.ends.peer.ip());
                let directory = &self.services.parts.directory;
                directory.verify(identity, secret, source).await
            }
            Err(_) => Err(Denied::Unknown),
        };
        match verified {
            Ok(Verified::User { id, version, .. }) => self.with_user(id, version).await,
            Ok(Verified::Application { .. }) => self.denied(typed, &Denied::Unknown),
            Err(denied) => self.denied(typed, &denied),
        }
    }

    fn denied(&self, typed: &str, denied: &Denied) -> Response<Body> {
        let code = if denied.is_outage() {
            AppCode::DirectoryServer
        } else {
            AppCode::Authentication
        };
        self.record_refusal(code.number(), &format!("{}: {denied}", self.who(typed)));
        if code == AppCode::DirectoryServer {
            return app_error(&self.look, code);
        }
        self.form(Some(code), Some(typed))
    }

    /// Who tried, for the operator. What names nobody may be a PIN that was
    /// typed into the wrong field.
    fn who(&self, typed: &str) -> String {
        let known = UserId::new(typed).ok().filter(|typed| {
            let world = self.services.parts.mobility.store().world();
            !world
                .users_for(
                    typed,
                    LoginType::UserId,
                    self.parameters.ignore_user_id_case,
                )
                .is_empty()
        });
        match known {
            Some(user) => format!("user id {user}"),
            None => format!("an unknown user id of {} characters", typed.chars().count()),
        }
    }

    /// The PIN was right: one profile is taken at once, several are shown.
    async fn with_user(&self, user: ObjectId, version: u64) -> Response<Body> {
        let profiles = {
            let world = self.services.parts.mobility.store().world();
            query::profiles_of_id(&world, user)
        };
        let named = self
            .asked
            .parameter("profile")
            .filter(|name| !name.is_empty());
        match (profiles.as_slice(), named.map(ProfileName::new)) {
            ([], _) => {
                self.record_refusal(AppCode::ProfileAbsent.number(), "the user has no profile");
                app_error(&self.look, AppCode::ProfileAbsent)
            }
            (_, Some(Ok(profile))) => self.take(user, version, Some(profile)).await,
            ([one], _) => self.take(user, version, Some(one.name.clone())).await,
            (several, _) => self.choose(user, version, several),
        }
    }

    fn choose(&self, user: ObjectId, version: u64, profiles: &[ProfileChoice]) -> Response<Body> {
        let device = &self.phone.name;
        let mut menu = Menu::new().title(TITLE).prompt("Choose a profile");
        for profile in profiles {
            let choice = Choice {
                device: device.clone(),
                user,
                version,
                profile: profile.name.clone(),
            };
            // A token each: whichever is pressed, its one use is not spent.
            let Some(token) = self.services.choices.open(choice, self.now) else {
                return app_error(&self.look, AppCode::InitFailed);
            };
            let parameters = [("device", device.as_str()), ("token", &token)];
            if let Some(url) = self.look.url(PATH, &parameters) {
                menu = menu.item(profile.name.as_str(), url);
            }
        }
        self.tell(EventKind::Page {
            page: "choice of profiles".into(),
        });
        self.look
            .show(&Object::Menu(menu.with_keys(self.look.layout)))
    }

    async fn chosen(&self, token: &str) -> Response<Body> {
        let choices = &self.services.choices;
        match choices.take(token, &self.phone.name, self.now) {
            Some(choice) => {
                let profile = Some(choice.profile);
                self.take(choice.user, choice.version, profile).await
            }
            None => self.form(None, None),
        }
    }

    async fn take(
        &self,
        user: ObjectId,
        version: u64,
        profile: Option<ProfileName>,
    ) -> Response<Body> {
        let command = LoginCommand {
            device: self.phone.name.clone(),
            user: Who::Id(user),
            checked_version: Some(version),
            profile,
            any_profile: false,
            duration: Requested::Default,
            occupied: Occupied::Evict,
            elsewhere: Elsewhere::ByBehavior,
            origin: Origin::Phone,
            channel: self.channel(),
        };
        match self.services.parts.mobility.login(command).await {
            Ok(signed_in) => {
                let text = format!(
                    "Login Successful\n{}: this phone restarts with your profile {}.",
                    signed_in.display_name, signed_in.profile
                );
                self.done("Login Successful", &text)
            }
            Err(refusal) => self.refused(Attempt::Login, &refusal),
        }
    }

    /// Somebody is signed in and the application was opened: ask, or, where
    /// the site does without the question, sign out.
    async fn leave(&self, session: &SessionView) -> Response<Body> {
        if !self.parameters.confirm_logout && !self.by_accident(session) {
            return self.sign_out().await;
        }
        let out = [("device", self.phone.name.as_str()), ("doLogout", "true")];
        let Some(yes) = self.look.url(PATH, &out) else {
            return app_error(&self.look, AppCode::InitFailed);
        };
        let question = Text::new(format!(
            "{} ({}) is signed in on this phone. Sign out?",
            session.display_name, session.user
        ))
        .title(TITLE)
        .prompt(format!("Logout {}?", session.user))
        .with_question(self.look.layout, ("Yes", yes), "No");
        self.tell(EventKind::Page {
            page: "logout question".into(),
        });
        self.look.show(&Object::Text(question))
    }

    /// One press signs out only when it cannot be meant otherwise.
    fn by_accident(&self, session: &SessionView) -> bool {
        let pending = {
            let world = self.services.parts.mobility.store().world();
            world.pending.contains_key(&self.phone.id)
        };
        pending || self.now.since(session.since) < SAME_FINGER
    }

    async fn sign_out(&self) -> Response<Body> {
        let command = LogoutCommand {
            device: self.phone.name.clone(),
            origin: Origin::Phone,
            channel: self.channel(),
        };
        match self.services.parts.mobility.logout(command).await {
            Ok(_) => self.done(
                "Logout successful",
                "Logout successful\nThis phone restarts without your profile.",
            ),
            Err(refusal) => self.refused(Attempt::Logout, &refusal),
        }
    }

    /// The last page: it goes out first, the restart follows.
    fn done(&self, prompt: &str, text: &str) -> Response<Body> {
        let hook = self.services.parts.after_answer.clone();
        let reconcile = self.services.parts.reconcile.clone();
        let device = self.phone.name.clone();
        let over_phone = self.channel() == Channel::OverPhone;
        self.asked.after.then(move || {
            hook();
            if over_phone {
                reconcile.page_left(&device);
            }
        });
        self.tell(EventKind::Page {
            page: prompt.to_owned(),
        });
        self.look.say(TITLE, prompt, text)
    }

    /// Whether it is the phone itself that asks, or a program with its URL.
    fn channel(&self) -> Channel {
        let registered = self.services.parts.presence.registration(&self.phone.name);
        match registered {
            Some(there) if there.peer.ip() == self.asked.ends.peer.ip() => Channel::OverPhone,
            Some(_) | None => Channel::Elsewhere,
        }
    }

    fn refused(&self, attempt: Attempt, refusal: &Refusal) -> Response<Body> {
        refused(&self.look, attempt, refusal)
    }

    fn record_refusal(&self, code: u16, why: &str) {
        let mobility = &self.services.parts.mobility;
        let typed = self.asked.parameter("userid").map(UserId::new);
        let user = typed.and_then(Result::ok).and_then(|typed| {
            let world = mobility.store().world();
            let ignore_case = self.parameters.ignore_user_id_case;
            match world
                .users_for(&typed, LoginType::UserId, ignore_case)
                .as_slice()
            {
                [user] => Some(user.user_id.clone()),
                _ => None,
            }
        });
        mobility.refused(RefusedAttempt {
            tried: Tried::Login,
            origin: Some(Origin::Phone),
            device: Some(self.phone.name.clone()),
            user,
            from: Some(self.asked.ends.peer.ip()),
            code,
            why: why.to_owned(),
        });
    }

    fn tell(&self, kind: EventKind) {
        let device: Option<DeviceName> = Some(self.phone.name.clone());
        self.services.parts.journal.record(Event {
            at: self.now,
            device,
            kind,
        });
    }
}

/// A refusal on the phone: Cisco's text and code, and a sentence that helps.
fn refused(look: &Look, attempt: Attempt, refusal: &Refusal) -> Response<Body> {
    let (text, sentence) = match refusal {
        Refusal::NoProfile(_) => {
            let code = AppCode::ProfileAbsent;
            (code.phone_text(attempt), code.sentence().to_owned())
        }
        Refusal::CredentialChanged(_) => {
            let code = AppCode::Authentication;
            (
                code.phone_text(attempt),
                "Your PIN was changed just now.".to_owned(),
            )
        }
        other => {
            let code = Code::from_number(other.service_code()).unwrap_or(Code::Unknown);
            (code.phone_text(attempt), sentence_of(other))
        }
    };
    look.say(TITLE, &text, &format!("{text}\n{sentence}"))
}

fn sentence_of(refusal: &Refusal) -> String {
    let mut sentence = refusal.to_string();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence.push('.');
    sentence
}

fn app_error(look: &Look, code: AppCode) -> Response<Body> {
    let text = code.phone_text(Attempt::Login);
    look.say(TITLE, &text, &format!("{text}\n{}", code.sentence()))
}
