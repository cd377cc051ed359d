//! Who is signed in, and lists of logins and logouts: for agent desktops and
//! for what operators script (CME: `emadmin login`, `emadmin logout`).

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Parts;
use super::phones::{Answer, LoginBody, bad, named, planned};
use super::problem::Problem;
use crate::mobility::query::{self, SessionView};
use crate::mobility::{
    Channel, LoginCommand, LogoutCommand, ManyLogout, Refusal, SignedIn, SignedOut, UserLogout,
};
use crate::model::{DeviceName, Origin, UserId};

/// Lines of one list; the command line sends a longer one in parts.
pub(super) const LINES: usize = 250;

pub(super) async fn sessions(State(parts): State<Parts>) -> Json<Vec<SessionView>> {
    let world = parts.mobility.store().world();
    Json(query::sessions(&world))
}

/// A list of logins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginList {
    /// Each with `device` beside what a login of one phone takes.
    items: Vec<Map<String, Value>>,
}

/// The phone and the login of one line.
fn login_line(mut line: Map<String, Value>) -> (String, String, Result<LoginCommand, Problem>) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let device = text(line.remove("device").as_ref());
    let user = text(line.get("user"));
    let body = serde_json::from_value::<LoginBody>(Value::Object(line));
    let command = body
        .map_err(|error| bad(error.to_string()))
        .and_then(|body| body.command(named(&device)?));
    (device, user, command)
}

/// `POST sessions/login`: each line has an answer of its own.
pub(super) async fn login(State(parts): State<Parts>, Json(list): Json<LoginList>) -> Answer {
    fits(list.items.len())?;
    let (mut commands, mut answers) = (Vec::new(), Vec::new());
    for item in list.items {
        let (device, user, command) = login_line(item);
        let wrong = match command {
            Ok(command) => {
                commands.push(command);
                None
            }
            Err(problem) => Some(problem),
        };
        answers.push(((device, user), wrong));
    }
    let mut done = parts.mobility.login_many(commands).await.into_iter();
    let results = answers.into_iter().map(|((device, user), wrong)| {
        let outcome = match wrong {
            Some(wrong) => Err(unreadable(wrong)),
            None => done
                .next()
                .map_or_else(|| Err(left_over()), |o| told_login(o)),
        };
        line(&device, &user, outcome)
    });
    Ok(Json(summed(results.collect())))
}

fn told_login(outcome: Result<SignedIn, Refusal>) -> Result<String, (Option<u16>, String)> {
    let done = outcome.map_err(told_refusal)?;
    Ok(format!(
        "signed {} in on {} with profile {}",
        done.user, done.device, done.profile
    ))
}

/// Who is to be signed out.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LogoutList {
    /// Everybody; has to be `true`.
    All(bool),
    /// A user, wherever he is.
    User(String),
    /// A list.
    Items(Vec<LogoutLine>),
}

/// One line: a phone, a user, or a user on a phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogoutLine {
    #[serde(default)]
    device: String,
    #[serde(default)]
    user: String,
}

/// `POST sessions/logout`.
pub(super) async fn logout(State(parts): State<Parts>, Json(list): Json<LogoutList>) -> Answer {
    match list {
        LogoutList::All(true) => {
            let gone = parts.mobility.logout_all(Origin::Operator).await?;
            Ok(Json(
                json!({"signed_out": gone.iter().map(left).collect::<Vec<_>>()}),
            ))
        }
        LogoutList::All(false) => Err(bad("\"all\" has to be true".to_owned())),
        LogoutList::User(user) => {
            let user = UserId::new(&user).map_err(|error| bad(error.to_string()))?;
            let gone = parts.mobility.logout_user(of(user, None)).await?;
            Ok(Json(
                json!({"signed_out": gone.iter().map(left).collect::<Vec<_>>()}),
            ))
        }
        LogoutList::Items(items) => logout_list(&parts, items).await,
    }
}

async fn logout_list(parts: &Parts, items: Vec<LogoutLine>) -> Answer {
    fits(items.len())?;
    let (mut commands, mut answers) = (Vec::new(), Vec::new());
    for item in items {
        let wrong = match item.command() {
            Ok(command) => {
                commands.push(command);
                None
            }
            Err(problem) => Some(problem),
        };
        answers.push((item, wrong));
    }
    let mut done = parts.mobility.logout_many(commands).await.into_iter();
    let results = answers.into_iter().map(|(item, wrong)| {
        let outcome = match wrong {
            Some(wrong) => Err(unreadable(wrong)),
            None => done
                .next()
                .map_or_else(|| Err(left_over()), |o| told_logout(o)),
        };
        line(&item.device, &item.user, outcome)
    });
    Ok(Json(summed(results.collect())))
}

impl LogoutLine {
    fn command(&self) -> Result<ManyLogout, Problem> {
        let device = Some(&self.device).filter(|device| !device.is_empty());
        let device = device.map(|device| named(device)).transpose()?;
        let user = Some(&self.user).filter(|user| !user.is_empty());
        let user = user.map(|user| UserId::new(user)).transpose();
        match (device, user.map_err(|error| bad(error.to_string()))?) {
            (device, Some(user)) => Ok(ManyLogout::User(of(user, device))),
            (Some(device), None) => Ok(ManyLogout::Phone(LogoutCommand {
                device,
                origin: Origin::Operator,
                channel: Channel::Elsewhere,
            })),
            (None, None) => Err(bad("neither a phone nor a user".to_owned())),
        }
    }
}

fn of(user: UserId, device: Option<DeviceName>) -> UserLogout {
    UserLogout {
        user,
        device,
        origin: Origin::Operator,
    }
}

fn told_logout(outcome: Result<Vec<SignedOut>, Refusal>) -> Result<String, (Option<u16>, String)> {
    let gone = outcome.map_err(told_refusal)?;
    let told: Vec<String> = gone
        .iter()
        .map(|one| {
            let who = one.user.as_ref().map_or("somebody", UserId::as_str);
            format!("signed {who} out of {}", one.device)
        })
        .collect();
    Ok(told.join(", "))
}

fn left(gone: &SignedOut) -> Value {
    json!({"device": gone.device, "user": gone.user, "planned": planned(&gone.planned)})
}

fn fits(lines: usize) -> Result<(), Problem> {
    if lines > LINES {
        return Err(bad(format!(
            "{LINES} lines are the most at one time, not {lines}"
        )));
    }
    Ok(())
}

fn told_refusal(refusal: Refusal) -> (Option<u16>, String) {
    (Some(refusal.service_code()), refusal.to_string())
}

fn unreadable(problem: Problem) -> (Option<u16>, String) {
    (None, problem.into_detail())
}

fn left_over() -> (Option<u16>, String) {
    (None, "it was not worked on".to_owned())
}

/// What became of one line, for programs.
fn line(device: &str, user: &str, outcome: Result<String, (Option<u16>, String)>) -> Value {
    let (ok, code, detail) = match outcome {
        Ok(detail) => (true, None, detail),
        Err((code, detail)) => (false, code, detail),
    };
    json!({"device": device, "user": user, "ok": ok, "code": code, "detail": detail})
}

fn summed(results: Vec<Value>) -> Value {
    let done = results.iter().filter(|line| line["ok"] == true).count();
    json!({"done": done, "refused": results.len() - done, "results": results})
}
