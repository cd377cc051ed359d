//! Phones: their state, why they are not right, and commands for them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Parts;
use super::problem::Problem;
use crate::journal::describe;
use crate::mobility::query::{self, PhoneState, PhoneStatus};
use crate::mobility::{
    Channel, Elsewhere, LoginCommand, LogoutCommand, Occupied, OrderCommand, PhoneOrder, Planned,
    Requested, SignedOut, Who, plan_in_words,
};
use crate::model::{DeviceName, Origin, ProfileName, UnknownLoginType, UserId, Wanted};
use crate::ports::Presence;

pub(super) type Answer = Result<Json<Value>, Problem>;

pub(super) async fn all(State(parts): State<Parts>) -> Json<Vec<PhoneStatus>> {
    Json(statuses(&parts))
}

/// The status of every phone, from a copy of the world: the guard is not held
/// while wanted is worked out.
pub(super) fn statuses(parts: &Parts) -> Vec<PhoneStatus> {
    let world = parts.mobility.store().world().clone();
    query::status(
        &world,
        parts.mobility.catalogue(),
        &*parts.registry,
        parts.clock.now(),
    )
}

pub(super) async fn one(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    let device = device(&parts, &name)?;
    let world = parts.mobility.store().world();
    let phone = world.phone(&device).ok_or_else(|| unknown(&device))?;
    let status = query::phone_status(
        &world,
        parts.mobility.catalogue(),
        &*parts.registry,
        phone,
        parts.clock.now(),
    );
    let wanted = world.wanted(parts.mobility.catalogue(), phone.id);
    let keys: Vec<Value> = wanted
        .iter()
        .flat_map(Wanted::buttons)
        .map(|button| json!({"key": button.key, "label": button.kind.label()}))
        .collect();
    let left_out = wanted.map(|wanted| wanted.left_out).unwrap_or_default();
    Ok(Json(
        json!({"status": status, "keys": keys, "left_out": left_out}),
    ))
}

pub(super) async fn timeline(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    let device = named(&name)?;
    let events: Vec<Value> = parts
        .timelines
        .timeline(&device)
        .iter()
        .map(|event| json!({"at": event.at, "text": describe(event), "event": event.kind}))
        .collect();
    Ok(Json(json!({"device": device, "events": events})))
}

/// What an operator says with a login.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    /// The user, as `login_type` has it.
    pub(super) user: String,
    /// What `user` is: `UID` (when absent), `DN` or `SP`.
    #[serde(default)]
    login_type: Option<String>,
    #[serde(default)]
    profile: Option<String>,
    /// Minutes; 0 is without end.
    #[serde(default)]
    minutes: Option<u32>,
    /// Without end, unless a maximum is enforced.
    #[serde(default)]
    indefinite: bool,
    /// Whoever is on the phone is signed out for it.
    #[serde(default)]
    force: bool,
    /// The user is signed out of his other phones for it.
    #[serde(default, rename = "move")]
    moves: bool,
}

impl LoginBody {
    /// The login of this user on `device`.
    pub(super) fn command(&self, device: DeviceName) -> Result<LoginCommand, Problem> {
        let user = UserId::new(&self.user).map_err(|error| bad(error.to_string()))?;
        let user = match self.login_type.as_deref() {
            None => Who::Name(user),
            Some(login_type) => Who::Typed {
                typed: user,
                login_type: login_type
                    .parse()
                    .map_err(|error: UnknownLoginType| bad(error.to_string()))?,
                ignore_case: false,
            },
        };
        let profile = self.profile.as_deref().map(ProfileName::new).transpose();
        let duration = match (self.indefinite, self.minutes) {
            (false, None) => Requested::Default,
            (false, Some(minutes)) => Requested::Minutes(minutes),
            (true, None) => Requested::Indefinite,
            (true, Some(_)) => return Err(bad("either minutes or indefinite".to_owned())),
        };
        Ok(LoginCommand {
            device,
            user,
            checked_version: None,
            profile: profile.map_err(|error| bad(error.to_string()))?,
            any_profile: true,
            duration,
            occupied: if self.force {
                Occupied::Force
            } else {
                Occupied::Refuse
            },
            elsewhere: if self.moves {
                Elsewhere::SignOut
            } else {
                Elsewhere::ByBehavior
            },
            origin: Origin::Operator,
            channel: Channel::Elsewhere,
        })
    }
}

pub(super) async fn login(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    Json(body): Json<LoginBody>,
) -> Answer {
    let device = device(&parts, &name)?;
    let done = parts.mobility.login(body.command(device)?).await?;
    let out = |gone: &SignedOut| json!({"device": gone.device, "user": gone.user});
    Ok(Json(json!({
        "device": done.device,
        "user": done.user,
        "profile": done.profile,
        "expires": done.expires,
        "replaced": done.replaced.as_ref().map(out),
        "displaced": done.displaced.iter().map(out).collect::<Vec<_>>(),
        "desk_of": done.desk_of,
        "planned": planned(&done.planned),
    })))
}

pub(super) async fn logout(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    let device = device(&parts, &name)?;
    let (origin, channel) = (Origin::Operator, Channel::Elsewhere);
    let done = parts
        .mobility
        .logout(LogoutCommand {
            device,
            origin,
            channel,
        })
        .await?;
    Ok(Json(json!({
        "device": done.device,
        "user": done.user,
        "planned": planned(&done.planned),
    })))
}

pub(super) async fn restart(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    order(&parts, &name, PhoneOrder::Restart).await
}

pub(super) async fn reset(State(parts): State<Parts>, Path(name): Path<String>) -> Answer {
    order(&parts, &name, PhoneOrder::Reset).await
}

/// Which of the registered phones shall restart.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RestartBody {
    phones: Which,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Which {
    /// All that are registered.
    Registered,
    /// Those that hold an older template, load or version.
    Stale,
}

/// Restarts many phones. One that is not registered is left out: it takes what
/// is wanted when it comes.
pub(super) async fn restart_many(
    State(parts): State<Parts>,
    Json(RestartBody { phones }): Json<RestartBody>,
) -> Answer {
    let statuses = statuses(&parts);
    let configured = statuses.len();
    let meant: Vec<DeviceName> = statuses
        .into_iter()
        .filter(|phone| phone.peer.is_some())
        .filter(|phone| phones == Which::Registered || phone.state == PhoneState::Stale)
        .map(|phone| phone.device)
        .collect();
    let (order, origin) = (PhoneOrder::Restart, Origin::Operator);
    let done = parts.mobility.order_many(meant, order, origin).await?;
    Ok(Json(
        json!({"ordered": done.len(), "configured": configured}),
    ))
}

async fn order(parts: &Parts, name: &str, order: PhoneOrder) -> Answer {
    let device = device(parts, name)?;
    let registered = parts.registry.registration(&device).is_some();
    let command = OrderCommand {
        device: device.clone(),
        order,
        origin: Origin::Operator,
    };
    let done = parts.mobility.order(command).await?;
    Ok(Json(json!({
        "device": device,
        "planned": planned(std::slice::from_ref(&done)),
        "registered": registered,
    })))
}

pub(super) fn planned(planned: &[Planned]) -> Vec<Value> {
    planned
        .iter()
        .map(|planned| {
            json!({
                "device": planned.device,
                "plan": plan_in_words(planned.plan),
                "because": planned.cause.to_string(),
            })
        })
        .collect()
}

/// A name that a phone can have.
pub(super) fn named(name: &str) -> Result<DeviceName, Problem> {
    DeviceName::new(name).map_err(|error| bad(error.to_string()))
}

/// A configured phone by name.
pub(super) fn device(parts: &Parts, name: &str) -> Result<DeviceName, Problem> {
    let device = named(name)?;
    if parts.mobility.store().world().phone(&device).is_none() {
        return Err(unknown(&device));
    }
    Ok(device)
}

fn unknown(device: &DeviceName) -> Problem {
    Problem::not_found(format!("no phone {device} is configured"))
}

pub(super) fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}
