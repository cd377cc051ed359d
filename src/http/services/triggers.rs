//! The triggers of the 3.1 application (Cisco, *Extension Mobility 3.1*, Adding
//! the Login Application Trigger): two paths with names of the site's own, by
//! which the application is reached without the name of a servlet.

use std::sync::atomic::{AtomicU16, Ordering};

use axum::body::Body;
use axum::http::{Response, StatusCode};

use super::Services;
use super::emapp::{self, Entrance};
use super::page;
use super::request::Asked;
use crate::model::Trigger;
use crate::ports::{Event, EventKind};

/// The requests that are being worked on. A session of the document is one of
/// these.
#[derive(Default)]
pub(super) struct Sessions {
    login: AtomicU16,
    logout: AtomicU16,
    application: AtomicU16,
}

/// A place among so many; it is free again when this is dropped.
struct Place<'a>(&'a AtomicU16);

impl<'a> Place<'a> {
    fn among(taken: &'a AtomicU16, most: u8) -> Option<Self> {
        taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
                (now < u16::from(most)).then(|| now.saturating_add(1))
            })
            .ok()
            .map(|_| Self(taken))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How well a path fits a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Exact,
    /// But for case: the document says that case counts.
    ButForCase,
    None,
}

fn fit(trigger: &Trigger, path: &str) -> Fit {
    let name = trigger.name.trim_matches('/');
    let path = path.trim_matches('/');
    if name.is_empty() {
        Fit::None
    } else if path == name {
        Fit::Exact
    } else if path.eq_ignore_ascii_case(name) {
        Fit::ButForCase
    } else {
        Fit::None
    }
}

/// What no other route has taken.
pub(super) async fn answer(services: &Services, asked: &Asked, path: &str) -> Response<Body> {
    let parameters = services.parts.mobility.store().world().parameters.clone();
    let sessions = &services.sessions;
    let [login, logout] = [&parameters.login_trigger, &parameters.logout_trigger];
    for (trigger, taken, leaves) in [
        (login, &sessions.login, false),
        (logout, &sessions.logout, true),
    ] {
        match fit(trigger, path) {
            Fit::None => continue,
            Fit::ButForCase => {
                let name = &trigger.name;
                note(
                    services,
                    asked,
                    &format!(
                        "asked for a service but for case: the trigger is {name:?}, and case counts; correct the service's URL"
                    ),
                );
                return page::error(StatusCode::NOT_FOUND);
            }
            Fit::Exact if !trigger.enabled => {
                let name = &trigger.name;
                note(
                    services,
                    asked,
                    &format!("asked for the trigger {name:?}, which is not enabled"),
                );
                return page::error(StatusCode::NOT_FOUND);
            }
            Fit::Exact => {}
        }
        let path = format!("/{}", trigger.name.trim_matches('/'));
        let entrance = if leaves {
            Entrance::Logout(path)
        } else {
            Entrance::Login(path)
        };
        let most = trigger.maximum_sessions.min(Trigger::MOST_SESSIONS);
        let whole = parameters.application_sessions.min(Trigger::MOST_SESSIONS);
        let place = Place::among(taken, most);
        let inside = Place::among(&sessions.application, whole);
        return match (place, inside) {
            (Some(_place), Some(_inside)) => emapp::answer(services, asked, entrance).await,
            // Who leaves shows no PIN, and is not kept in by those who try some.
            (Some(_place), None) if leaves => emapp::answer(services, asked, entrance).await,
            _ => emapp::busy(services, asked, &entrance),
        };
    }
    page::error(StatusCode::NOT_FOUND)
}

fn note(services: &Services, asked: &Asked, what: &str) {
    let mobility = &services.parts.mobility;
    let device = asked.device().and_then(Result::ok);
    // A name that is no phone gets no timeline of its own.
    let device = device.filter(|device| mobility.store().world().phone(device).is_some());
    services.parts.journal.record(Event {
        at: mobility.now(),
        device,
        kind: EventKind::Note {
            text: format!("{} {what}", asked.ends.peer.ip()),
        },
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(name: &str) -> Trigger {
        Trigger {
            name: name.to_owned(),
            enabled: true,
            maximum_sessions: 1,
        }
    }

    /// Extension Mobility 3.1, Adding the Login Service: the URL is
    /// case-sensitive.
    #[test]
    fn a_trigger_is_found_by_its_exact_name() {
        for (name, path, wanted) in [
            ("login", "/login", Fit::Exact),
            ("/login", "/login/", Fit::Exact),
            ("login", "/Login", Fit::ButForCase),
            ("Hotel", "/hotel", Fit::ButForCase),
            ("login", "/logins", Fit::None),
            ("", "/", Fit::None),
        ] {
            assert_eq!(fit(&trigger(name), path), wanted, "{name} {path}");
        }
    }

    #[test]
    fn places_are_given_back() {
        let taken = AtomicU16::new(0);
        let first = Place::among(&taken, 2);
        let second = Place::among(&taken, 2);
        assert!(first.is_some() && second.is_some());
        assert!(Place::among(&taken, 2).is_none());
        drop(first);
        assert!(Place::among(&taken, 2).is_some());
        drop(second);
        assert_eq!(taken.load(Ordering::Acquire), 0);
    }
}
