//! What an apply does or would do, for people and for programs.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::check::Finding;
use super::merge::{Drift, Fate};
use super::normal::Kind;
use crate::model::{
    Button, ButtonKind, Change, DeviceName, LinesChange, Plan, ProfileName, UserId, Wanted, World,
};

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// It is new.
    Add,
    /// It changes.
    Change,
    /// It goes.
    Delete,
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What is done.
    pub verb: Verb,
    /// To which kind of object.
    pub kind: Kind,
    /// Its name; empty for the parameters.
    pub name: String,
    /// What changes, without secrets; empty for what is added or deleted.
    pub what: String,
}

/// Somebody who is signed out because what he stands on goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leaving {
    /// The phone.
    pub device: DeviceName,
    /// Who.
    pub user: Option<UserId>,
}

/// Somebody who is signed in with a profile that changes, and whose phone
/// shows it as it was at his login until the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keeping {
    /// The phone.
    pub device: DeviceName,
    /// Who.
    pub user: Option<UserId>,
    /// The profile.
    pub profile: Option<ProfileName>,
}

/// A phone that is told of the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restart {
    /// The phone.
    pub device: DeviceName,
    /// What it will be told.
    pub plan: Plan,
    /// What changes on it.
    pub why: String,
    /// How its numbers change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<LinesChange>,
}

/// What an apply did, or a dry run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApplyPlan {
    /// Whether it was only tried.
    pub dry_run: bool,
    /// What is done.
    pub actions: Vec<Action>,
    /// Who is signed out.
    pub signed_out: Vec<Leaving>,
    /// Who keeps what he has until he signs in again.
    pub keeping: Vec<Keeping>,
    /// Which phones are told, and why.
    pub restarts: Vec<Restart>,
    /// What was changed elsewhere and is kept.
    pub drift: Vec<Drift>,
    /// What `--prune` would delete.
    pub would_delete: Vec<(Kind, String)>,
    /// What is odd about the file.
    pub warnings: Vec<Finding>,
}

impl ApplyPlan {
    /// Whether the stored site stays as it is.
    pub fn changes_nothing(&self) -> bool {
        self.actions.is_empty()
    }
}

impl fmt::Display for ApplyPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for warning in &self.warnings {
            writeln!(f, "{warning}")?;
        }
        for action in &self.actions {
            let sign = match action.verb {
                Verb::Add => '+',
                Verb::Change => '~',
                Verb::Delete => '-',
            };
            write!(f, "{sign} {}", named(action.kind, &action.name))?;
            if !action.what.is_empty() {
                write!(f, ": {}", action.what)?;
            }
            writeln!(f)?;
        }
        for leaving in &self.signed_out {
            let who = leaving.user.as_ref().map_or("somebody", UserId::as_str);
            writeln!(f, "! {who} is signed out of {}", leaving.device)?;
        }
        for keeping in &self.keeping {
            let who = keeping.user.as_ref().map_or("somebody", UserId::as_str);
            let device = &keeping.device;
            match &keeping.profile {
                Some(profile) => writeln!(
                    f,
                    "@ {device} keeps profile {profile} as it was when {who} signed in, until the next login"
                )?,
                None => writeln!(f, "@ {device} keeps what {who} has, until the next login")?,
            }
        }
        for restart in &self.restarts {
            let order = match restart.plan {
                Plan::Nothing => continue,
                Plan::Refresh => "redraws its labels",
                Plan::Restart => "restarts",
                Plan::Reset => "resets",
                Plan::RestartThenReset => "restarts, then resets",
            };
            writeln!(f, "> {} {order}: {}", restart.device, restart.why)?;
        }
        for (kind, name) in &self.would_delete {
            writeln!(
                f,
                "? {}: not in the file; --prune deletes it",
                named(*kind, name)
            )?;
        }
        for drift in &self.drift {
            writeln!(
                f,
                "= {}: {} (kept)",
                named(drift.kind, &drift.name),
                drift.what
            )?;
        }
        let count = |verb| self.actions.iter().filter(|a| a.verb == verb).count();
        writeln!(
            f,
            "{}{} added, {} changed, {} deleted; {} to restart or reset; {} kept as changed elsewhere",
            if self.dry_run { "would be: " } else { "" },
            count(Verb::Add),
            count(Verb::Change),
            count(Verb::Delete),
            match self.told() {
                0 => "no phone".to_owned(),
                1 => "1 phone".to_owned(),
                many => format!("{many} phones"),
            },
            self.drift.len(),
        )
    }
}

impl ApplyPlan {
    /// How many phones go through a restart or reset.
    fn told(&self) -> usize {
        self.restarts
            .iter()
            .filter(|restart| restart.plan > Plan::Refresh)
            .count()
    }
}

fn named(kind: Kind, name: &str) -> String {
    if name.is_empty() {
        kind.to_string()
    } else {
        format!("{kind} {name}")
    }
}

/// The fates for people.
pub(super) fn actions(fates: &[(Kind, String, Fate)]) -> Vec<Action> {
    fates
        .iter()
        .map(|(kind, name, fate)| {
            let (verb, what) = match fate {
                Fate::Add(_) => (Verb::Add, String::new()),
                Fate::Change { what, .. } => (Verb::Change, what.join(", ")),
                Fate::Delete => (Verb::Delete, String::new()),
            };
            Action {
                verb,
                kind: *kind,
                name: name.clone(),
                what,
            }
        })
        .collect()
}

/// Who is signed out by these changes.
pub(super) fn signed_out(before: &World, changes: &[Change]) -> Vec<Leaving> {
    changes
        .iter()
        .filter_map(|change| {
            let Change::DropSession(phone) = change else {
                return None;
            };
            let session = before.sessions.get(phone)?;
            Some(Leaving {
                device: before.phones.get(phone)?.name.clone(),
                user: before
                    .users
                    .get(&session.user)
                    .map(|user| user.user_id.clone()),
            })
        })
        .collect()
}

/// Who keeps a profile, or his locale, that these changes change.
pub(super) fn keeping(before: &World, after: &World, changes: &[Change]) -> Vec<Keeping> {
    let mut profiles = BTreeSet::new();
    let mut users = BTreeSet::new();
    for change in changes {
        match change {
            Change::PutProfile(profile) => {
                profiles.insert(profile.id);
            }
            Change::PutUser(user) => {
                let present = before.users.get(&user.id);
                if present.is_some_and(|present| present.locale != user.locale) {
                    users.insert(user.id);
                }
            }
            _ => {}
        }
    }
    after
        .sessions
        .values()
        .filter(|session| session.frozen.is_some())
        .filter(|session| profiles.contains(&session.profile) || users.contains(&session.user))
        .filter_map(|session| {
            let profile = after.profiles.get(&session.profile);
            let user = after.users.get(&session.user);
            Some(Keeping {
                device: after.phones.get(&session.phone)?.name.clone(),
                user: user.map(|user| user.user_id.clone()),
                profile: profile.map(|profile| profile.name.clone()),
            })
        })
        .collect()
}

/// In which ways two wanted states differ, in the operator's words.
pub(super) fn differences(old: &Wanted, new: &Wanted) -> String {
    let (a, b) = (&old.file, &new.file);
    let templates = |wanted: &Wanted| {
        (
            wanted.file.softkey_template.clone(),
            wanted.station.softkey_template.clone(),
        )
    };
    let ways = [
        (old.signed_in != new.signed_in, "who is signed in"),
        (a.model != b.model, "model"),
        (a.protocol != b.protocol, "protocol"),
        (keys(old, is_line) != keys(new, is_line), "lines"),
        (keys(old, is_dial) != keys(new, is_dial), "speed dials"),
        (a.services != b.services, "services"),
        (a.user_locale != b.user_locale, "user locale"),
        (a.network_locale != b.network_locale, "network locale"),
        (templates(old) != templates(new), "soft key template"),
        (a.expansion_modules != b.expansion_modules, "add-on modules"),
        (a.mlpp != b.mlpp, "MLPP"),
        (a.load != b.load, "load"),
        (a.vendor_config != b.vendor_config, "vendor_config"),
        (a.door != b.door, "the entry that signs in and out"),
        (a.assigner != b.assigner, "the Extension Assigner"),
        (a.services_host != b.services_host, "services host"),
        (a.time_zone != b.time_zone, "time zone"),
        (a.date_template != b.date_template, "date template"),
        (a.ntp != b.ntp, "NTP servers"),
        (a.call_managers != b.call_managers, "call managers"),
    ];
    let ways: Vec<&str> = ways
        .into_iter()
        .filter_map(|(differs, way)| differs.then_some(way))
        .collect();
    if ways.is_empty() {
        "its file".to_owned()
    } else {
        ways.join(", ")
    }
}

fn keys(wanted: &Wanted, of: fn(&ButtonKind) -> bool) -> Vec<&Button> {
    wanted
        .buttons()
        .iter()
        .filter(|button| of(&button.kind))
        .collect()
}

fn is_line(kind: &ButtonKind) -> bool {
    matches!(kind, ButtonKind::Line { .. })
}

fn is_dial(kind: &ButtonKind) -> bool {
    matches!(kind, ButtonKind::SpeedDial { .. })
}
