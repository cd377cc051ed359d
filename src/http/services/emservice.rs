//! The login service for programs (Cisco: *Using the Extension Mobility API*):
//! XML in, XML out, HTTP 200 for success and failure alike.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response as HttpResponse, header};

use super::Services;
use super::request::Asked;
use crate::emapi::{
    self, Code, Credential, DeviceEntry, Envelope, ExclusiveDuration, Failure, Lookup, Occupancy,
    Operation, Profile, ProfileEntry, Response, Root, UserEntry, form,
};
use crate::mobility::query::{self, DeviceUser};
use crate::mobility::{
    Channel, Elsewhere, LoginCommand, LogoutCommand, Occupied, Refusal, RefusedAttempt, Requested,
    Tried, Who,
};
use crate::model::{DeviceName, Origin, Password, ProfileName, Secret, UserId};
use crate::ports::{Denied, Event, EventKind, Identity, Verified};

/// Who calls, and for whom he may act.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Caller {
    id: UserId,
    /// Whether he may act for others.
    proxy: bool,
}

/// `/emservice/EMServiceServlet`, POST and GET.
pub(super) async fn answer(services: &Services, asked: &Asked) -> HttpResponse<Body> {
    let xml = if asked.method == Method::POST {
        form::from_body(asked.header("content-type"), &asked.body)
    } else {
        form::from_query(&asked.query)
    };
    let (root, response) = match xml {
        Err(error) => {
            tracing::info!(peer = %asked.ends.peer, %error, "login service");
            (Root::Request, Response::from(error.code()))
        }
        Ok(xml) => match emapi::parse(&xml) {
            Ok(envelope) => {
                let root = envelope.operation.root();
                (root, execute(services, asked, &envelope).await)
            }
            Err(error) => {
                tracing::info!(peer = %asked.ends.peer, %error, "login service");
                (
                    error.root.unwrap_or(Root::Request),
                    Response::from(error.code),
                )
            }
        },
    };
    let hook = services.parts.after_answer.clone();
    asked.after.then(move || hook());
    let body = response.to_xml(root, services.parts.generation);
    let mut answer = HttpResponse::new(Body::from(body));
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=UTF-8"),
    );
    answer
}

async fn execute(services: &Services, asked: &Asked, envelope: &Envelope) -> Response {
    let caller = match authenticate(services, asked, envelope).await {
        Ok(caller) => caller,
        Err(code) => {
            let why = format!("application {:?}: {}", envelope.app.id, code.text());
            let mobility = &services.parts.mobility;
            let known = UserId::new(&envelope.app.id).ok().filter(|id| {
                let world = mobility.store().world();
                world.application_users.contains_key(id) || world.user(id).is_some()
            });
            mobility.refused(RefusedAttempt {
                tried: Tried::Call,
                origin: known.map(Origin::Application),
                device: None,
                user: None,
                from: Some(asked.ends.peer.ip()),
                code: code.number(),
                why,
            });
            return Response::from(code);
        }
    };
    let done = match &envelope.operation {
        Operation::Login {
            device,
            user,
            profile,
            duration,
        } => {
            login(
                services,
                &caller,
                device,
                user,
                profile.as_deref(),
                *duration,
            )
            .await
        }
        Operation::Logout { device } => logout(services, &caller, device).await,
        Operation::LogoutAll => logout_all(services, &caller).await,
        Operation::DeviceUserQuery { devices } => device_users(services, &caller, devices),
        Operation::UserDevicesQuery { users } => user_devices(services, &caller, users),
        Operation::DeviceProfileQuery { users } => profiles(services, &caller, users),
        // Cisco defines no public answer.
        Operation::CheckUser { .. } => Err(Code::QueryTypeUndetermined.into()),
    };
    done.unwrap_or_else(Response::Failure)
}

async fn authenticate(
    services: &Services,
    asked: &Asked,
    envelope: &Envelope,
) -> Result<Caller, Code> {
    let id = UserId::new(&envelope.app.id).map_err(|_| Code::InvalidAppUser)?;
    let Credential::Certificate(certificate) = &envelope.app.credential else {
        return Err(Code::InvalidAppUser);
    };
    let secret = Secret::Password(Password::new(certificate.reveal()));
    let source = asked.ends.peer.ip();
    match services
        .parts
        .directory
        .verify(Identity::Application(id), secret, Some(source))
        .await
    {
        Ok(Verified::Application {
            user_id,
            proxy_rights,
            ..
        }) => Ok(Caller {
            id: user_id,
            proxy: proxy_rights,
        }),
        Ok(Verified::User { user_id, .. }) => Ok(Caller {
            id: user_id,
            proxy: false,
        }),
        Err(Denied::Unavailable(_)) => Err(Code::CannotAuthorize),
        Err(_) => Err(Code::InvalidAppUser),
    }
}

impl Caller {
    fn origin(&self) -> Origin {
        if self.proxy {
            Origin::Application(self.id.clone())
        } else {
            Origin::EndUser(self.id.clone())
        }
    }

    /// An end user acts for himself only.
    fn may_act_for(&self, user: &str) -> Result<(), Failure> {
        if self.proxy || self.id.as_str() == user {
            Ok(())
        } else {
            Err(Code::NoProxyRights.into())
        }
    }
}

async fn login(
    services: &Services,
    caller: &Caller,
    device: &str,
    user: &str,
    profile: Option<&str>,
    duration: Option<ExclusiveDuration>,
) -> Result<Response, Failure> {
    let device = DeviceName::new(device).map_err(|_| Code::NoSuchDevice)?;
    let profile = match profile.map(ProfileName::new) {
        None => None,
        Some(Ok(profile)) => Some(profile),
        Some(Err(_)) => return Err(Code::NoSuchProfile.into()),
    };
    let command = LoginCommand {
        device: device.clone(),
        // A name that nobody can have is answered in its turn (11, 22 and 18
        // come first).
        user: Who::Name(
            UserId::new(user)
                .or_else(|_| UserId::new("?"))
                .map_err(|_| Code::UserNotFound)?,
        ),
        checked_version: None,
        profile,
        any_profile: caller.proxy,
        duration: match duration {
            None => Requested::Default,
            Some(ExclusiveDuration::Minutes(minutes)) => Requested::Minutes(minutes),
            Some(ExclusiveDuration::Indefinite) => Requested::Indefinite,
        },
        occupied: Occupied::Refuse,
        elsewhere: Elsewhere::ByBehavior,
        origin: caller.origin(),
        channel: Channel::Elsewhere,
    };
    let done = services.parts.mobility.login(command).await;
    done.map(|_| Response::Success)
        .map_err(|refusal| failure(&refusal))
}

async fn logout(services: &Services, caller: &Caller, device: &str) -> Result<Response, Failure> {
    let device = DeviceName::new(device).map_err(|_| Code::NoSuchDevice)?;
    let origin = caller.origin();
    let command = LogoutCommand {
        device,
        origin,
        channel: Channel::Elsewhere,
    };
    let done = services.parts.mobility.logout(command).await;
    done.map(|_| Response::Success)
        .map_err(|refusal| failure(&refusal))
}

async fn logout_all(services: &Services, caller: &Caller) -> Result<Response, Failure> {
    if !caller.proxy {
        return Err(Code::NoProxyRights.into());
    }
    let done = services
        .parts
        .mobility
        .logout_all(Origin::Application(caller.id.clone()))
        .await;
    let done = done.map_err(|refusal| failure(&refusal))?;
    let text = format!("{} users were signed out by {}", done.len(), caller.id);
    let at = services.parts.mobility.now();
    services.parts.journal.record(Event {
        at,
        device: None,
        kind: EventKind::Note { text },
    });
    Ok(Response::Success)
}

fn device_users(
    services: &Services,
    caller: &Caller,
    devices: &[String],
) -> Result<Response, Failure> {
    let world = services.parts.mobility.store().world();
    let mut entries = Vec::with_capacity(devices.len());
    for device in devices {
        let known = DeviceName::new(device)
            .ok()
            .map(|name| query::device_user(&world, &name));
        let found = match known {
            Some(DeviceUser::Known { current, last }) => {
                if let Some(user) = &current {
                    caller.may_act_for(user.as_str())?;
                }
                Lookup::Found(Occupancy {
                    user: current.map(String::from),
                    last_login: last.map(String::from).filter(|_| caller.proxy),
                })
            }
            Some(DeviceUser::DoesNotExist) | None => Lookup::DoesNotExist,
        };
        entries.push(DeviceEntry {
            device: device.clone(),
            found,
        });
    }
    Ok(Response::DeviceUsers(entries))
}

fn user_devices(
    services: &Services,
    caller: &Caller,
    users: &[String],
) -> Result<Response, Failure> {
    let world = services.parts.mobility.store().world();
    let mut entries = Vec::with_capacity(users.len());
    for user in users {
        caller.may_act_for(user)?;
        let devices = UserId::new(user)
            .ok()
            .and_then(|id| query::user_devices(&world, &id));
        let found = match devices {
            Some(devices) => Lookup::Found(devices.into_iter().map(String::from).collect()),
            None => Lookup::DoesNotExist,
        };
        entries.push(UserEntry {
            user: user.clone(),
            found,
        });
    }
    Ok(Response::UserDevices(entries))
}

fn profiles(services: &Services, caller: &Caller, users: &[String]) -> Result<Response, Failure> {
    let world = services.parts.mobility.store().world();
    let mut entries = Vec::with_capacity(users.len());
    for user in users {
        caller.may_act_for(user)?;
        let profiles = UserId::new(user)
            .ok()
            .and_then(|id| query::profiles_of(&world, &id));
        let found = match profiles {
            Some(profiles) => Lookup::Found(
                profiles
                    .into_iter()
                    .map(|profile| Profile {
                        name: profile.name.to_string(),
                        is_default: profile.is_default,
                    })
                    .collect(),
            ),
            None => Lookup::DoesNotExist,
        };
        entries.push(ProfileEntry {
            user: user.clone(),
            found,
        });
    }
    Ok(Response::DeviceProfiles(entries))
}

fn failure(refusal: &Refusal) -> Failure {
    let code = Code::from_number(refusal.service_code()).unwrap_or(Code::Unknown);
    Failure {
        code,
        text: format!("{}: {refusal}", code.text()),
    }
}
