//! How the feed names a change: the kind of object and its key.

use crate::model::Change;

/// The kind of object that changed, and its key. Objects that can be renamed
/// are keyed by internal id, what belongs to a phone by the phone's.
pub(super) fn kind_and_key(change: &Change) -> (&'static str, String) {
    match change {
        Change::Parameters(_) => ("parameters", String::new()),
        Change::PutPool(pool) => ("pool", pool.name.to_string()),
        Change::DropPool(name) => ("pool", name.to_string()),
        Change::PutPhone(phone) => ("phone", phone.id.0.to_string()),
        Change::DropPhone(id) => ("phone", id.0.to_string()),
        Change::PutProfile(profile) => ("profile", profile.id.0.to_string()),
        Change::DropProfile(id) => ("profile", id.0.to_string()),
        Change::PutProfileDefault(default) => ("profile-default", default.model.to_string()),
        Change::DropProfileDefault(model) => ("profile-default", model.to_string()),
        Change::PutButtonTemplate(template) => ("button-template", template.name.to_string()),
        Change::DropButtonTemplate(name) => ("button-template", name.to_string()),
        Change::PutAutoProfile(profile) => ("auto-profile", profile.phone.0.to_string()),
        Change::DropAutoProfile(phone) => ("auto-profile", phone.0.to_string()),
        Change::PutUser(user) => ("user", user.id.0.to_string()),
        Change::DropUser(id) => ("user", id.0.to_string()),
        Change::PutApplicationUser(user) => ("application-user", user.user_id.to_string()),
        Change::DropApplicationUser(id) => ("application-user", id.to_string()),
        Change::PutService(service) => ("service", service.name.to_string()),
        Change::DropService(name) => ("service", name.to_string()),
        Change::PutNumber(record) => ("number", record.number.to_string()),
        Change::DropNumber(number) => ("number", number.to_string()),
        Change::PutSession(session) => ("session", session.phone.0.to_string()),
        Change::DropSession(phone) => ("session", phone.0.to_string()),
        Change::PutHeld(held) => ("held", held.phone.0.to_string()),
        Change::PutPending(row) => ("pending", row.phone.0.to_string()),
        Change::DropPending(phone) => ("pending", phone.0.to_string()),
        Change::PutCallLogs(logs) => ("call-logs", logs.phone.0.to_string()),
        Change::DropCallLogs(phone) => ("call-logs", phone.0.to_string()),
        Change::RefusedPhones(_) => ("refused-phones", String::new()),
        Change::LogoutSchedule(_) => ("logout-schedule", String::new()),
        Change::Applied(_) => ("applied", String::new()),
        Change::Audit(audit) => ("audit", audit.actor.clone()),
    }
}
