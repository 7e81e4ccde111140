//! The tables of the log's file.

use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use rusqlite::ffi::SQLITE_READONLY;
use rusqlite::{Connection, MAIN_DB, OpenFlags, Transaction, params};

use crate::warehouse::Mode;

/// Changes with the tables: a file of another version is begun anew.
const VERSION: i64 = 3;
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// The guide's page "STL views for logging": seven days.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Of statements, sessions, transactions and changes of users.
const MAX_ENTRIES: i64 = 10_000;

const TABLES: &str = "
    CREATE TABLE counter(name TEXT PRIMARY KEY, next INTEGER NOT NULL);
    CREATE TABLE statement(
        query_id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, session_id INTEGER NOT NULL,
        user_id INTEGER NOT NULL, user_name TEXT NOT NULL, session_user_id INTEGER NOT NULL,
        database TEXT NOT NULL, label TEXT NOT NULL, kind TEXT NOT NULL, class TEXT NOT NULL, on_leader INTEGER NOT NULL, status TEXT NOT NULL,
        started_us INTEGER NOT NULL, ended_us INTEGER NOT NULL, planning_us INTEGER NOT NULL,
        lock_wait_us INTEGER NOT NULL, error_code TEXT, error_message TEXT, rows INTEGER NOT NULL,
        bytes INTEGER NOT NULL, from_call INTEGER, text TEXT NOT NULL);
    CREATE TABLE procedure_message(
        query_id INTEGER NOT NULL, transaction_id INTEGER NOT NULL, level INTEGER NOT NULL,
        message TEXT NOT NULL, line INTEGER NOT NULL, raised_us INTEGER NOT NULL);
    CREATE INDEX procedure_message_query ON procedure_message(query_id);
    CREATE TABLE plan_node(
        query_id INTEGER NOT NULL, node_id INTEGER NOT NULL, parent_id INTEGER NOT NULL, text TEXT NOT NULL,
        info TEXT NOT NULL, PRIMARY KEY (query_id, node_id)) WITHOUT ROWID;
    CREATE TABLE step(
        query_id INTEGER NOT NULL, segment INTEGER NOT NULL, step INTEGER NOT NULL, name TEXT NOT NULL,
        table_id INTEGER, table_name TEXT, rows INTEGER, bytes INTEGER, elapsed_us INTEGER,
        is_spilled INTEGER NOT NULL, PRIMARY KEY (query_id, segment, step)) WITHOUT ROWID;
    CREATE TABLE session(
        session_id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, user_name TEXT NOT NULL,
        database TEXT NOT NULL, started_us INTEGER NOT NULL, ended_us INTEGER, timeout_s INTEGER NOT NULL,
        remote_host TEXT NOT NULL, remote_port TEXT NOT NULL, auth_method TEXT NOT NULL,
        tls_version TEXT NOT NULL, tls_cipher TEXT NOT NULL, application_name TEXT NOT NULL,
        driver_version TEXT NOT NULL, os_version TEXT NOT NULL, plugin_name TEXT NOT NULL,
        protocol_version INTEGER NOT NULL);
    CREATE TABLE transaction_end(
        transaction_id INTEGER NOT NULL, user_id INTEGER NOT NULL, session_id INTEGER NOT NULL,
        committed INTEGER NOT NULL, started_us INTEGER NOT NULL, commit_started_us INTEGER,
        ended_us INTEGER NOT NULL);
    CREATE INDEX transaction_end_time ON transaction_end(ended_us);
    CREATE TABLE user_change(
        user_id INTEGER NOT NULL, user_name TEXT NOT NULL, old_name TEXT NOT NULL, action TEXT NOT NULL,
        create_db INTEGER NOT NULL, superuser INTEGER NOT NULL, valid_until_us INTEGER,
        session_id INTEGER NOT NULL, transaction_id INTEGER NOT NULL, changed_us INTEGER NOT NULL);
    CREATE TABLE maintenance(
        query_id INTEGER NOT NULL, transaction_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
        database TEXT NOT NULL, table_id INTEGER NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
        is_vacuum INTEGER NOT NULL, is_skipped INTEGER NOT NULL, rows_before INTEGER NOT NULL,
        deleted_before INTEGER NOT NULL, blocks_before INTEGER NOT NULL, rows_after INTEGER NOT NULL,
        deleted_after INTEGER NOT NULL, blocks_after INTEGER NOT NULL, started_us INTEGER NOT NULL,
        ended_us INTEGER NOT NULL);
    CREATE INDEX maintenance_time ON maintenance(ended_us);
";

/// Opens the file to write; creates it only for the process that writes the warehouse.
pub(super) fn open(path: &Path, mode: Mode) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, mode == Mode::ReadWrite);
    let mut connection = Connection::open_with_flags(path, flags)?;
    if connection.is_readonly(MAIN_DB)? {
        return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(SQLITE_READONLY), None));
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    create(&mut connection)?;
    Ok(connection)
}

pub(super) fn open_in_memory() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    create(&mut connection)?;
    Ok(connection)
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if version != VERSION {
        return Err(rusqlite::Error::InvalidQuery);
    }
    transaction.commit()
}

/// Whether the file is damaged, or of another version.
pub(super) fn is_unusable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType, InvalidQuery, Utf8Error};
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error, InvalidQuery | FromSqlConversionFailure(..) | InvalidColumnType(..) | Utf8Error(..))
        || matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// Forgets what is past its bounds.
pub(super) fn forget_old(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let before = (Utc::now() - KEPT).timestamp_micros();
    let sql =
        "SELECT max(coalesce((SELECT query_id FROM statement ORDER BY query_id DESC LIMIT 1 OFFSET ?1), -1),
                          coalesce((SELECT max(query_id) FROM statement WHERE query_id <=
                              (SELECT min(query_id) FROM statement) + 1000 AND ended_us < ?2), -1))";
    let last: i64 =
        transaction.prepare_cached(sql)?.query_row(params![MAX_ENTRIES, before], |row| row.get(0))?;
    for table in ["statement", "plan_node", "step", "procedure_message"] {
        let sql = format!("DELETE FROM {table} WHERE query_id <= ?");
        transaction.prepare_cached(&sql)?.execute([last])?;
    }
    let timed = [("transaction_end", "ended_us"), ("user_change", "changed_us"), ("maintenance", "ended_us")];
    for (table, time) in timed {
        let sql = format!(
            "DELETE FROM {table} WHERE {time} < max(?1, coalesce(
                 (SELECT {time} FROM {table} ORDER BY {time} DESC LIMIT 1 OFFSET ?2), 0))"
        );
        transaction.prepare_cached(&sql)?.execute(params![before, MAX_ENTRIES])?;
    }
    let sql = "DELETE FROM session WHERE session_id <= coalesce(
                   (SELECT session_id FROM session ORDER BY session_id DESC LIMIT 1 OFFSET ?), -1)";
    transaction.prepare_cached(sql)?.execute([MAX_ENTRIES])?;
    Ok(())
}
