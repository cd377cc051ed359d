//! What a command touched, written to the tables.
//!
//! The rows are taken from the world after the command, not from its changes:
//! so disk and memory cannot come to differ, whatever a change takes with it.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use serde::Serialize;

use super::load::signed;
use crate::model::{
    AutoProfile, CallLogs, Change, DirectoryNumber, Held, ModelName, ObjectId, ObjectName, Pending,
    Session, UserId, World,
};

/// Takes the place of a name for a moment, so that two objects can swap
/// theirs. No name may hold a control character.
const PARKED: &str = "char(1) || id";

/// The rows that a command may have changed.
#[derive(Debug, Default)]
pub(super) struct Touched {
    parameters: bool,
    logout_schedule: bool,
    refused_phones: bool,
    applied: bool,
    pools: BTreeSet<ObjectName>,
    phones: BTreeSet<ObjectId>,
    profiles: BTreeSet<ObjectId>,
    profile_defaults: BTreeSet<ModelName>,
    button_templates: BTreeSet<ObjectName>,
    auto_profiles: BTreeSet<ObjectId>,
    users: BTreeSet<ObjectId>,
    application_users: BTreeSet<UserId>,
    services: BTreeSet<ObjectName>,
    numbers: BTreeSet<DirectoryNumber>,
    sessions: BTreeSet<ObjectId>,
    last_users: BTreeSet<ObjectId>,
    held: BTreeSet<ObjectId>,
    pending: BTreeSet<ObjectId>,
    call_logs: BTreeSet<ObjectId>,
}

impl Touched {
    /// What these changes touch in the world `before` them.
    pub(super) fn by(changes: &[Change], before: &World) -> Self {
        let mut touched = Self::default();
        for change in changes {
            touched.add(change, before);
        }
        touched
    }

    fn add(&mut self, change: &Change, before: &World) {
        match change {
            Change::Parameters(_) => self.parameters = true,
            Change::LogoutSchedule(_) => self.logout_schedule = true,
            Change::RefusedPhones(_) => self.refused_phones = true,
            Change::Applied(_) => self.applied = true,
            Change::PutPool(pool) => mark(&mut self.pools, pool.name.clone()),
            Change::DropPool(name) => mark(&mut self.pools, name.clone()),
            Change::PutPhone(phone) => {
                mark(&mut self.phones, phone.id);
                self.refused_phones |= before.refused.contains(&phone.name);
            }
            Change::DropPhone(id) => {
                self.phones.insert(*id);
                self.auto_profiles.insert(*id);
                self.sessions.insert(*id);
                self.last_users.insert(*id);
                self.held.insert(*id);
                self.pending.insert(*id);
                self.call_logs.insert(*id);
            }
            Change::PutProfile(profile) => mark(&mut self.profiles, profile.id),
            Change::DropProfile(id) => mark(&mut self.profiles, *id),
            Change::PutProfileDefault(default) => {
                self.profile_defaults.insert(default.model.clone());
            }
            Change::DropProfileDefault(model) => {
                self.profile_defaults.insert(model.clone());
            }
            Change::PutButtonTemplate(template) => {
                mark(&mut self.button_templates, template.name.clone());
            }
            Change::DropButtonTemplate(name) => mark(&mut self.button_templates, name.clone()),
            Change::PutAutoProfile(profile) => mark(&mut self.auto_profiles, profile.phone),
            Change::DropAutoProfile(phone) => mark(&mut self.auto_profiles, *phone),
            Change::PutUser(user) => mark(&mut self.users, user.id),
            Change::DropUser(id) => {
                self.users.insert(*id);
                let his = before
                    .last_users
                    .iter()
                    .filter(|(_, users)| users.contains(id));
                self.last_users.extend(his.map(|(phone, _)| *phone));
            }
            Change::PutApplicationUser(user) => {
                self.application_users.insert(user.user_id.clone());
            }
            Change::DropApplicationUser(id) => mark(&mut self.application_users, id.clone()),
            Change::PutService(service) => mark(&mut self.services, service.name.clone()),
            Change::DropService(name) => mark(&mut self.services, name.clone()),
            Change::PutNumber(record) => mark(&mut self.numbers, record.number.clone()),
            Change::DropNumber(number) => mark(&mut self.numbers, number.clone()),
            Change::PutSession(session) => {
                self.sessions.insert(session.phone);
                self.last_users.insert(session.phone);
            }
            Change::DropSession(phone) => mark(&mut self.sessions, *phone),
            Change::PutHeld(held) => mark(&mut self.held, held.phone),
            Change::PutPending(row) => mark(&mut self.pending, row.phone),
            Change::DropPending(phone) => mark(&mut self.pending, *phone),
            Change::PutCallLogs(logs) => mark(&mut self.call_logs, logs.phone),
            Change::DropCallLogs(phone) => mark(&mut self.call_logs, *phone),
            Change::Audit(_) => {}
        }
    }

    /// Writes these rows as they are in `world`.
    pub(super) fn write(&self, connection: &Connection, world: &World) -> rusqlite::Result<()> {
        let rows = Rows { connection };
        if self.parameters {
            rows.put_single("parameters", &json(&*world.parameters)?)?;
        }
        if let Some(schedule) = world
            .logout_schedule
            .as_ref()
            .filter(|_| self.logout_schedule)
        {
            rows.put_single("logout_schedule", &json(schedule)?)?;
        }
        if self.refused_phones {
            rows.put_single("refused_phones", &json(&*world.refused)?)?;
        }
        if let Some(site) = world.applied.as_ref().filter(|_| self.applied) {
            rows.put_single("applied", site)?;
        }
        for name in &self.pools {
            let pool = world.pools.get(name).map(|pool| &**pool);
            rows.put_keyed("device_pool", "name", name.as_str(), pool)?;
        }
        for model in &self.profile_defaults {
            let default = world.profile_defaults.get(model).map(|default| &**default);
            rows.put_keyed("profile_default", "model", model.as_str(), default)?;
        }
        for name in &self.button_templates {
            let template = world.button_templates.get(name).map(|template| &**template);
            rows.put_keyed("button_template", "name", name.as_str(), template)?;
        }
        for id in &self.application_users {
            let user = world.application_users.get(id).map(|user| &**user);
            rows.put_keyed("application_user", "name", id.as_str(), user)?;
        }
        for name in &self.services {
            let service = world.services.get(name);
            rows.put_keyed("service", "name", name.as_str(), service)?;
        }
        for number in &self.numbers {
            let record = world.numbers.get(number);
            rows.put_keyed("number", "number", number.as_str(), record)?;
        }
        rows.put_objects("phone", &self.phones, |id| {
            world.phones.get(id).map(|p| (p.name.as_str(), &**p))
        })?;
        rows.put_objects("profile", &self.profiles, |id| {
            world.profiles.get(id).map(|p| (p.name.as_str(), &**p))
        })?;
        rows.put_objects("user", &self.users, |id| {
            world.users.get(id).map(|u| (u.user_id.as_str(), &**u))
        })?;
        for phone in &self.auto_profiles {
            let profile = world.auto_profiles.get(phone).map(|profile| &**profile);
            rows.put_auto_profile(*phone, profile)?;
        }
        for phone in &self.sessions {
            rows.put_session(*phone, world.sessions.get(phone))?;
        }
        for phone in &self.last_users {
            let users = world.last_users.get(phone).map_or(&[][..], Vec::as_slice);
            rows.put_last_users(*phone, users)?;
        }
        for phone in &self.held {
            rows.put_held(*phone, world.held.get(phone))?;
        }
        for phone in &self.pending {
            rows.put_pending(*phone, world.pending.get(phone))?;
        }
        for phone in &self.call_logs {
            rows.put_call_logs(*phone, world.call_logs.get(phone))?;
        }
        Ok(())
    }
}

fn mark<K: Ord>(set: &mut BTreeSet<K>, key: K) {
    set.insert(key);
}

fn json<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

struct Rows<'a> {
    connection: &'a Connection,
}

impl Rows<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn put_single(&self, table: &'static str, body: &str) -> rusqlite::Result<()> {
        let sql = format!(
            "INSERT INTO {table} (id, body) VALUES (1, ?1) \
             ON CONFLICT (id) DO UPDATE SET body = excluded.body"
        );
        self.run(&sql, params![body])
    }

    fn put_keyed<T: Serialize>(
        &self,
        table: &'static str,
        column: &'static str,
        key: &str,
        value: Option<&T>,
    ) -> rusqlite::Result<()> {
        let Some(value) = value else {
            let sql = format!("DELETE FROM {table} WHERE {column} = ?1");
            return self.run(&sql, params![key]);
        };
        let sql = format!(
            "INSERT INTO {table} ({column}, body) VALUES (?1, ?2) \
             ON CONFLICT ({column}) DO UPDATE SET body = excluded.body"
        );
        self.run(&sql, params![key, json(value)?])
    }

    /// Objects with an internal id and a name: first every name that is given
    /// up, then every name that is taken. Never REPLACE, which would delete
    /// what hangs on the row.
    fn put_objects<'w, T: Serialize + 'w>(
        &self,
        table: &'static str,
        ids: &BTreeSet<ObjectId>,
        find: impl Fn(&ObjectId) -> Option<(&'w str, &'w T)>,
    ) -> rusqlite::Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let delete = format!("DELETE FROM {table} WHERE id = ?1");
        let park = format!("UPDATE {table} SET name = {PARKED} WHERE id = ?1 AND name <> ?2");
        for id in ids {
            match find(id) {
                None => self.run(&delete, params![id.0])?,
                Some((name, _)) => self.run(&park, params![id.0, name])?,
            }
        }
        let put = format!(
            "INSERT INTO {table} (id, name, body) VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body"
        );
        for id in ids {
            if let Some((name, value)) = find(id) {
                self.run(&put, params![id.0, name, json(value)?])?;
            }
        }
        Ok(())
    }

    fn put_auto_profile(
        &self,
        phone: ObjectId,
        profile: Option<&AutoProfile>,
    ) -> rusqlite::Result<()> {
        let Some(profile) = profile else {
            return self.run(
                "DELETE FROM auto_profile WHERE phone = ?1",
                params![phone.0],
            );
        };
        self.run(
            "INSERT INTO auto_profile (phone, body) VALUES (?1, ?2) \
             ON CONFLICT (phone) DO UPDATE SET body = excluded.body",
            params![phone.0, json(profile)?],
        )
    }

    fn put_call_logs(&self, phone: ObjectId, logs: Option<&CallLogs>) -> rusqlite::Result<()> {
        let Some(logs) = logs else {
            return self.run("DELETE FROM call_logs WHERE phone = ?1", params![phone.0]);
        };
        self.run(
            "INSERT INTO call_logs (phone, since, attempts, not_before) \
             VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (phone) DO UPDATE SET since = excluded.since, \
             attempts = excluded.attempts, not_before = excluded.not_before",
            params![
                phone.0,
                logs.since.0,
                signed(logs.attempts),
                logs.not_before.0,
            ],
        )
    }

    fn put_session(&self, phone: ObjectId, session: Option<&Session>) -> rusqlite::Result<()> {
        let Some(session) = session else {
            return self.run("DELETE FROM session WHERE phone = ?1", params![phone.0]);
        };
        self.run(
            "INSERT INTO session \
             (phone, user, profile, since, expires, origin, frozen, mismatched) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT (phone) DO UPDATE SET user = excluded.user, profile = excluded.profile, \
             since = excluded.since, expires = excluded.expires, origin = excluded.origin, \
             frozen = excluded.frozen, mismatched = excluded.mismatched",
            params![
                phone.0,
                session.user.0,
                session.profile.0,
                session.since.0,
                session.expires.map(|at| at.0),
                json(&session.origin)?,
                session.frozen.as_ref().map(json).transpose()?,
                session.mismatched,
            ],
        )
    }

    fn put_last_users(&self, phone: ObjectId, users: &[ObjectId]) -> rusqlite::Result<()> {
        self.run("DELETE FROM last_user WHERE phone = ?1", params![phone.0])?;
        for (position, user) in users.iter().enumerate() {
            self.run(
                "INSERT INTO last_user (phone, position, user) VALUES (?1, ?2, ?3)",
                params![phone.0, signed(position), user.0],
            )?;
        }
        Ok(())
    }

    fn put_held(&self, phone: ObjectId, held: Option<&Held>) -> rusqlite::Result<()> {
        let Some(held) = held else {
            return self.run("DELETE FROM held WHERE phone = ?1", params![phone.0]);
        };
        self.run(
            "INSERT INTO held (phone, file, station, node, seen) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (phone) DO UPDATE SET file = excluded.file, \
             station = excluded.station, node = excluded.node, seen = excluded.seen",
            params![
                phone.0,
                held.file.map(|stamp| stamp.to_string()),
                held.station.map(|stamp| stamp.to_string()),
                held.node,
                held.seen.0,
            ],
        )
    }

    fn put_pending(&self, phone: ObjectId, row: Option<&Pending>) -> rusqlite::Result<()> {
        let Some(row) = row else {
            return self.run("DELETE FROM pending WHERE phone = ?1", params![phone.0]);
        };
        self.run(
            "INSERT INTO pending (phone, since, not_before, deadline, attempts, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (phone) DO UPDATE SET since = excluded.since, \
             not_before = excluded.not_before, deadline = excluded.deadline, \
             attempts = excluded.attempts, body = excluded.body",
            params![
                phone.0,
                row.since.0,
                row.not_before.0,
                row.deadline.0,
                signed(row.attempts),
                json(row)?,
            ],
        )
    }
}
