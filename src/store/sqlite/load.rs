//! The rows, read into a world.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;

use crate::model::{CallLogs, Change, Held, ObjectId, Session, Stamp, Timestamp, World};

/// Why the rows cannot be read.
#[derive(Debug)]
pub(super) enum LoadError {
    /// The database says no.
    Sqlite(rusqlite::Error),
    /// A row says what it cannot say. Holds no content of the row: that may be
    /// secret.
    Row(String),
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Looks the database over.
pub(super) fn check(connection: &Connection) -> Result<(), LoadError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(LoadError::Row(verdict));
    }
    let mut dangling = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = dangling.query([])?;
    match rows.next()? {
        None => Ok(()),
        Some(row) => {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Err(LoadError::Row(format!(
                "a row of {table} names a {parent} that is not there"
            )))
        }
    }
}

/// The number of the newest change.
pub(super) fn newest(connection: &Connection) -> Result<u64, LoadError> {
    let newest: Option<i64> =
        connection.query_row("SELECT max(number) FROM change_log", [], |row| row.get(0))?;
    u64::try_from(newest.unwrap_or(0))
        .map_err(|_| LoadError::Row("a change has a negative number".to_owned()))
}

/// All that is stored.
pub(super) fn world(connection: &Connection) -> Result<World, LoadError> {
    let mut world = World::default();
    bodies(connection, "parameters", |body| {
        world.apply(&Change::Parameters(body));
    })?;
    bodies(connection, "device_pool", |body| {
        world.apply(&Change::PutPool(body));
    })?;
    bodies(connection, "phone", |body| {
        world.apply(&Change::PutPhone(Box::new(body)));
    })?;
    bodies(connection, "profile", |body| {
        world.apply(&Change::PutProfile(Box::new(body)));
    })?;
    bodies(connection, "profile_default", |body| {
        world.apply(&Change::PutProfileDefault(Box::new(body)));
    })?;
    bodies(connection, "button_template", |body| {
        world.apply(&Change::PutButtonTemplate(body));
    })?;
    bodies(connection, "auto_profile", |body| {
        world.apply(&Change::PutAutoProfile(Box::new(body)));
    })?;
    bodies(connection, "user", |body| {
        world.apply(&Change::PutUser(Box::new(body)));
    })?;
    bodies(connection, "application_user", |body| {
        world.apply(&Change::PutApplicationUser(body));
    })?;
    bodies(connection, "service", |body| {
        world.apply(&Change::PutService(body));
    })?;
    bodies(connection, "number", |body| {
        world.apply(&Change::PutNumber(body));
    })?;
    bodies(connection, "logout_schedule", |body| {
        world.apply(&Change::LogoutSchedule(body));
    })?;
    bodies(connection, "refused_phones", |body| {
        world.apply(&Change::RefusedPhones(body));
    })?;
    bodies(connection, "pending", |body| {
        world.apply(&Change::PutPending(Box::new(body)));
    })?;
    each(connection, "SELECT * FROM session", |row| {
        world.apply(&Change::PutSession(session(row)?));
        Ok(())
    })?;
    each(connection, "SELECT * FROM held", |row| {
        world.apply(&Change::PutHeld(held(row)?));
        Ok(())
    })?;
    each(connection, "SELECT * FROM call_logs", |row| {
        world.apply(&Change::PutCallLogs(call_logs(row)?));
        Ok(())
    })?;
    world.last_users = last_users(connection)?;
    each(connection, "SELECT body FROM applied", |row| {
        let site: String = row.get(0)?;
        world.applied = Some(site.into());
        Ok(())
    })?;
    Ok(world)
}

fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

/// Reads the JSON bodies of one table.
fn bodies<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    mut take: impl FnMut(T),
) -> Result<(), LoadError> {
    let sql = format!("SELECT body, rowid FROM {table} ORDER BY rowid");
    each(connection, &sql, |row| {
        let body: String = row.get(0)?;
        let value = json(&body).map_err(|why| unreadable(table, row.get(1), &why))?;
        take(value);
        Ok(())
    })
}

/// Parses JSON; the error tells the place, never the content.
fn json<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    serde_json::from_str(body)
        .map_err(|error| format!("{:?} error at column {}", error.classify(), error.column()))
}

fn unreadable(table: &str, row: rusqlite::Result<i64>, why: &str) -> LoadError {
    let row = row.map_or_else(|_| String::from("?"), |row| row.to_string());
    LoadError::Row(format!("row {row} of {table} cannot be read ({why})"))
}

fn session(row: &Row<'_>) -> Result<Session, LoadError> {
    let origin: String = row.get("origin")?;
    let frozen: Option<String> = row.get("frozen")?;
    Ok(Session {
        phone: ObjectId(row.get("phone")?),
        user: ObjectId(row.get("user")?),
        profile: ObjectId(row.get("profile")?),
        since: Timestamp(row.get("since")?),
        expires: row.get::<_, Option<i64>>("expires")?.map(Timestamp),
        origin: json(&origin).map_err(|why| unreadable("session", row.get("phone"), &why))?,
        frozen: frozen
            .map(|body| json(&body))
            .transpose()
            .map_err(|why| unreadable("session", row.get("phone"), &why))?,
        mismatched: row.get("mismatched")?,
    })
}

fn held(row: &Row<'_>) -> Result<Held, LoadError> {
    let stamp = |column: &str| -> Result<Option<Stamp>, LoadError> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| text.parse())
            .transpose()
            .map_err(|why: String| unreadable("held", row.get("phone"), &why))
    };
    Ok(Held {
        phone: ObjectId(row.get("phone")?),
        file: stamp("file")?,
        station: stamp("station")?,
        node: row.get("node")?,
        seen: Timestamp(row.get("seen")?),
    })
}

fn call_logs(row: &Row<'_>) -> Result<CallLogs, LoadError> {
    Ok(CallLogs {
        phone: ObjectId(row.get("phone")?),
        since: Timestamp(row.get("since")?),
        attempts: row.get("attempts")?,
        not_before: Timestamp(row.get("not_before")?),
    })
}

fn last_users(connection: &Connection) -> Result<BTreeMap<ObjectId, Vec<ObjectId>>, LoadError> {
    let mut last: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    let sql = "SELECT phone, user FROM last_user ORDER BY phone, position";
    each(connection, sql, |row| {
        let users = last.entry(ObjectId(row.get(0)?)).or_default();
        users.push(ObjectId(row.get(1)?));
        Ok(())
    })?;
    Ok(last)
}

/// A number as SQLite keeps it.
pub(super) fn signed<N: TryInto<i64>>(number: N) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
