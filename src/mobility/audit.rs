//! What the audit is told of logins and logouts: who acted, by whose
//! authority, what was done. In the same commit as what it tells of.

use super::{LoginCommand, SignedIn, SignedOut};
use crate::model::{Audit, Change, DeviceName, LogoutReason, Origin, UserId};

/// Who acted; at the phone that is whoever stands there.
pub(super) fn actor(origin: &Origin, device: &DeviceName) -> String {
    match origin {
        Origin::Phone => device.to_string(),
        Origin::Application(id) | Origin::EndUser(id) => id.to_string(),
        Origin::Operator => "operator".to_owned(),
        Origin::System => "system".to_owned(),
    }
}

/// A login that was done.
pub(super) fn signed_in(done: &SignedIn, command: &LoginCommand) -> Change {
    let mut what = format!(
        "signed {} in on {} with profile {}",
        done.user, done.device, done.profile
    );
    if let Some(owner) = &done.desk_of {
        what.push_str(", which is the desk of ");
        what.push_str(owner.as_str());
    }
    let audit = Audit {
        authority: login_authority(command, &done.user),
        ..Audit::new(actor(&command.origin, &done.device), what)
    };
    row(audit.on(done.device.clone()).of(done.user.clone()))
}

/// By whose authority somebody is signed in: his own credential, or that of a
/// program that answers for him (Cisco, *Understanding Extension Mobility*:
/// authentication by proxy).
fn login_authority(command: &LoginCommand, user: &UserId) -> Option<String> {
    match &command.origin {
        Origin::Phone => command.checked_version.map(|_| own_pin(user)),
        Origin::Application(_) => Some(PROXY_RIGHTS.to_owned()),
        Origin::EndUser(id) => Some(own_password(id)),
        Origin::Operator | Origin::System => None,
    }
}

/// A logout that was done.
pub(super) fn signed_out(gone: &SignedOut, origin: &Origin) -> Change {
    let who = gone.user.as_ref().map_or("somebody", UserId::as_str);
    let what = format!("signed {who} out of {}", gone.device);
    let mut audit = Audit {
        authority: logout_authority(gone, origin),
        ..Audit::new(actor(origin, &gone.device), what)
    };
    audit.user.clone_from(&gone.user);
    row(audit.on(gone.device.clone()))
}

fn logout_authority(gone: &SignedOut, origin: &Origin) -> Option<String> {
    let words = match (&gone.reason, origin) {
        (LogoutReason::Manual, _) => "a key pressed at the phone".to_owned(),
        (LogoutReason::Elsewhere { on }, _) => format!("his own login on {on}"),
        (LogoutReason::Expired, _) => "the end of the login time".to_owned(),
        (LogoutReason::Idle, _) => "the idle limit".to_owned(),
        (LogoutReason::TimeOfDay, _) => "the time of day".to_owned(),
        (LogoutReason::Evicted { by }, _) => own_pin(by),
        (LogoutReason::Configuration, _) => "the configuration".to_owned(),
        (LogoutReason::Application { .. }, Origin::EndUser(id)) => own_password(id),
        (LogoutReason::Application { .. }, _) => PROXY_RIGHTS.to_owned(),
        (LogoutReason::Operator, _) => return None,
    };
    Some(words)
}

const PROXY_RIGHTS: &str = "its proxy rights";

fn own_pin(user: &UserId) -> String {
    format!("{user}'s own PIN")
}

fn own_password(user: &UserId) -> String {
    format!("{user}'s own password")
}

fn row(audit: Audit) -> Change {
    Change::Audit(Box::new(audit))
}
