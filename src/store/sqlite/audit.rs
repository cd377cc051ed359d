//! The audit's table.

use rusqlite::{Connection, Row, ToSql, params};

use super::load::signed;
use crate::model::{Audit, DeviceName, Timestamp, UserId};
use crate::ports::{AuditFilter, AuditRow};

/// Adds a line, as part of the running transaction.
pub(super) fn add(
    connection: &Connection,
    number: u64,
    at: Timestamp,
    node: &str,
    audit: &Audit,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO audit \
             (number, at, node, actor, authority, device, user, what, failed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            signed(number),
            at.0,
            node,
            audit.actor,
            audit.authority,
            audit.device.as_ref().map(DeviceName::as_str),
            audit.user.as_ref().map(UserId::as_str),
            audit.what,
            audit.failed,
        ])?;
    Ok(())
}

/// The lines that are meant, the newest first. Only the conditions that are
/// set stand in the statement: so it has an index to go by.
pub(super) fn read(
    connection: &Connection,
    filter: &AuditFilter,
    before: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<AuditRow>> {
    let mut sql = "SELECT number, at, node, actor, authority, device, user, what, failed \
                   FROM audit WHERE number < ?1"
        .to_owned();
    let before = before.map_or(i64::MAX, signed);
    let mut values: Vec<&dyn ToSql> = vec![&before];
    let device = filter.device.as_ref().map(DeviceName::as_str);
    if let Some(device) = &device {
        sql.push_str(" AND device = ?2");
        values.push(device);
    }
    let user = filter.user.as_ref().map(UserId::as_str);
    if let Some(user) = &user {
        sql.push_str(if device.is_some() {
            " AND user = ?3"
        } else {
            " AND user = ?2"
        });
        values.push(user);
    }
    match filter.failed {
        Some(true) => sql.push_str(" AND failed IS NOT NULL"),
        Some(false) => sql.push_str(" AND failed IS NULL"),
        None => {}
    }
    let limit: i64 = signed(limit);
    sql.push_str(&format!(" ORDER BY number DESC LIMIT {limit}"));
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(values.as_slice(), line)?;
    rows.collect()
}

fn line(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    // A name that today's rules would not take is shown as none.
    let device: Option<String> = row.get(5)?;
    let user: Option<String> = row.get(6)?;
    Ok(AuditRow {
        number: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
        at: Timestamp(row.get(1)?),
        node: row.get(2)?,
        audit: Audit {
            actor: row.get(3)?,
            authority: row.get(4)?,
            device: device.and_then(|name| DeviceName::new(&name).ok()),
            user: user.and_then(|id| UserId::new(&id).ok()),
            what: row.get(7)?,
            failed: row.get(8)?,
        },
    })
}

/// Forgets the oldest lines beyond so many of what was done, and so many of
/// what was refused.
pub(super) fn prune(connection: &Connection, done: u64, refused: u64) -> rusqlite::Result<usize> {
    let mut gone = 0;
    for (kind, keep) in [("failed IS NULL", done), ("failed IS NOT NULL", refused)] {
        let sql = format!(
            "DELETE FROM audit WHERE {kind} AND number <= \
             (SELECT number FROM audit WHERE {kind} ORDER BY number DESC LIMIT 1 OFFSET ?1)"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        gone += statement.execute(params![signed::<u64>(keep)])?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::sqlite::schema;

    fn connection() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).map_err(|_| ()).unwrap();
        connection
    }

    /// Whoever guesses PINs all day pushes out guesses, not who signed in.
    #[test]
    fn what_was_done_and_what_was_refused_are_forgotten_each_for_itself() {
        let connection = connection();
        let mut number = 0;
        let mut put = |what: &str, failed: bool| {
            number += 1;
            let mut audit = Audit::new("x", what);
            audit.failed = failed.then(|| "no".to_owned());
            add(&connection, number, Timestamp(0), "one", &audit).unwrap();
        };
        for nth in 0..4 {
            put(&format!("done {nth}"), false);
        }
        for nth in 0..50 {
            put(&format!("refused {nth}"), true);
        }
        assert_eq!(prune(&connection, 3, 2).unwrap(), 1 + 48);
        let kept: Vec<String> = read(&connection, &AuditFilter::default(), None, 100)
            .unwrap()
            .into_iter()
            .map(|row| row.audit.what)
            .collect();
        assert_eq!(
            kept,
            ["refused 49", "refused 48", "done 3", "done 2", "done 1"]
        );
        assert_eq!(prune(&connection, 3, 2).unwrap(), 0);
    }

    #[test]
    fn a_question_about_a_phone_goes_by_its_index() {
        let connection = connection();
        let plan: String = connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT number FROM audit \
                 WHERE number < 9 AND device = 'x' ORDER BY number DESC LIMIT 5",
                [],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("audit_device"), "{plan}");
    }
}
