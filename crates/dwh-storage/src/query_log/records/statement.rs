//! Statements.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, Transaction, params};

use super::time;

/// A statement that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementRecord {
    /// From [`crate::QueryLog::next_query_id`].
    pub query_id: i64,
    /// Number of the transaction.
    pub transaction_id: i64,
    /// Number of the session, `pg_backend_pid()`.
    pub session_id: i64,
    /// Number of the user whose rights it had.
    pub user_id: i64,
    /// That user's name.
    pub user_name: String,
    /// Number of the user that the session was opened for.
    pub session_user_id: i64,
    /// Database.
    pub database: String,
    /// `query_group`.
    pub label: String,
    /// What sys_query_history calls its type: `SELECT`, `DDL`, ….
    pub kind: String,
    /// Which log Redshift writes it to.
    pub class: StatementClass,
    /// Whether a leader node would have answered it by itself: it read no table.
    pub on_leader: bool,
    /// How it ended.
    pub status: StatementStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its last row was read.
    pub ended_at: DateTime<Utc>,
    /// Time until its plan was made, in microseconds.
    pub planning_us: i64,
    /// Time that it waited for locks, in microseconds.
    pub lock_wait_us: i64,
    /// SQLSTATE, if it failed.
    pub error_code: Option<String>,
    /// Why it failed.
    pub error_message: Option<String>,
    /// Rows returned, or changed.
    pub rows: i64,
    /// Bytes of the rows returned, in memory.
    pub bytes: i64,
    /// The statement that called the procedure in which it ran.
    pub from_call: Option<i64>,
    /// Its text, secrets masked.
    pub text: String,
}

/// Which of the logs of statements a statement is in: stl_query, stl_ddltext or stl_utilitytext.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatementClass {
    /// Queries and what moves rows.
    Query,
    /// Definitions of schemas, tables and views.
    Ddl,
    /// Everything else.
    #[default]
    Utility,
}

/// How a statement ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatementStatus {
    /// Well.
    #[default]
    Success,
    /// With an error.
    Failed,
    /// By CANCEL, a time limit or the client.
    Canceled,
}

macro_rules! as_text {
    ($type:ty, $($variant:ident = $text:literal),+) => {
        impl $type {
            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    };
}

as_text!(StatementClass, Query = "QUERY", Ddl = "DDL", Utility = "UTILITY");
as_text!(StatementStatus, Success = "success", Failed = "failed", Canceled = "canceled");

pub(super) fn put(transaction: &Transaction<'_>, statement: &StatementRecord) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO statement(query_id, transaction_id, session_id, user_id, user_name,
                   session_user_id, database, label, kind, class, on_leader, status, started_us, ended_us,
                   planning_us, lock_wait_us, error_code, error_message, rows, bytes, from_call, text)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        statement.query_id,
        statement.transaction_id,
        statement.session_id,
        statement.user_id,
        statement.user_name,
        statement.session_user_id,
        statement.database,
        statement.label,
        statement.kind,
        statement.class,
        statement.on_leader,
        statement.status,
        statement.started_at.timestamp_micros(),
        statement.ended_at.timestamp_micros(),
        statement.planning_us,
        statement.lock_wait_us,
        statement.error_code,
        statement.error_message,
        statement.rows,
        statement.bytes,
        statement.from_call,
        statement.text,
    ])?;
    Ok(())
}

pub(in crate::query_log) fn read(row: &Row<'_>) -> rusqlite::Result<StatementRecord> {
    Ok(StatementRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        session_id: row.get("session_id")?,
        user_id: row.get("user_id")?,
        user_name: row.get("user_name")?,
        session_user_id: row.get("session_user_id")?,
        database: row.get("database")?,
        label: row.get("label")?,
        kind: row.get("kind")?,
        class: row.get("class")?,
        on_leader: row.get("on_leader")?,
        status: row.get("status")?,
        started_at: time(row, "started_us")?,
        ended_at: time(row, "ended_us")?,
        planning_us: row.get("planning_us")?,
        lock_wait_us: row.get("lock_wait_us")?,
        error_code: row.get("error_code")?,
        error_message: row.get("error_message")?,
        rows: row.get("rows")?,
        bytes: row.get("bytes")?,
        from_call: row.get("from_call")?,
        text: row.get("text")?,
    })
}
