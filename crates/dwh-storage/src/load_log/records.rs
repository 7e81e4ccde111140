//! What the history keeps, and its rows.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::{time, time_text};

/// How far a load has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadStatus {
    /// Not finished.
    Running,
    /// Finished; whether its transaction committed is not said (RS 2.2).
    Completed,
    /// Failed, or cut off.
    Aborted,
}

impl LoadStatus {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Aborted => "aborted",
        }
    }

    pub(super) fn of_name(name: &str) -> Self {
        match name {
            "running" => Self::Running,
            "completed" => Self::Completed,
            _ => Self::Aborted,
        }
    }
}

impl fmt::Display for LoadStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One COPY (RS 2.2, SYS_LOAD_HISTORY).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRecord {
    /// From [`crate::QueryLog::next_query_id`].
    pub query_id: i64,
    /// Transaction.
    pub transaction_id: i64,
    /// Session.
    pub session_id: i32,
    /// User.
    pub user_id: i32,
    /// Database.
    pub database: String,
    /// Schema of the table.
    pub table_schema: String,
    /// Table.
    pub table_name: String,
    /// Table.
    pub table_id: i64,
    /// How far it has come.
    pub status: LoadStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The statement, secrets left out.
    pub query_text: String,
    /// What FROM named.
    pub data_source: String,
    /// `JSON`, `Text`, …
    pub file_format: String,
    /// Rows that reached the table.
    pub loaded_rows: u64,
    /// Bytes that they came from.
    pub loaded_bytes: u64,
    /// Files read.
    pub source_file_count: u64,
    /// Their size.
    pub source_file_bytes: u64,
    /// Rejected records.
    pub error_count: u64,
}

/// One file of a COPY (RS 2.2, STL_LOAD_COMMITS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadFileRecord {
    /// The COPY.
    pub query_id: i64,
    /// `s3://…` or a path.
    pub file_name: Arc<str>,
    /// Size.
    pub bytes: u64,
    /// Entity tag, if the store has one.
    pub etag: Option<Arc<str>>,
    /// Records loaded.
    pub rows: u64,
    /// Lines read.
    pub lines_scanned: u64,
    /// Rejected records.
    pub errors: u64,
    /// Slice that had it, or its first part.
    pub slice: i32,
    /// When reading it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When all of it was there.
    pub transferred_at: Option<DateTime<Utc>>,
    /// When all of it was decoded.
    pub finished_at: DateTime<Utc>,
}

/// A request to S3 that failed while a COPY read its objects (STL_S3CLIENT_ERROR).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferFaultRecord {
    /// The COPY.
    pub query_id: i64,
    /// When it failed.
    pub at: DateTime<Utc>,
    /// `GET`, …
    pub http_method: String,
    /// `s3://…`, the object or prefix.
    pub object_url: String,
    /// What went wrong.
    pub error: String,
}

/// A record in which ACCEPTINVCHARS replaced characters (RS 2.2, STL_REPLACEMENTS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReplacementRecord {
    /// The COPY.
    pub query_id: i64,
    /// `s3://…`, `https://s3.…` or a path.
    pub file_name: String,
    /// Line, from 1.
    pub line_number: i64,
    /// The first column in which characters were replaced.
    pub column_name: String,
    /// The record.
    pub raw_line: String,
    /// Slice that met it.
    pub slice: i32,
}

pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or_default())
}

pub(super) fn optional_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => time(row, column).map(Some),
    }
}

pub(super) fn put_load(transaction: &Transaction<'_>, load: &LoadRecord) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO dwh_load(query_id, transaction_id, session_id, user_id, database,
                   table_schema, table_name, table_id, status, started_at, ended_at, query_text, data_source,
                   file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes, error_count)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.execute(
        sql,
        params![
            load.query_id,
            load.transaction_id,
            load.session_id,
            load.user_id,
            load.database,
            load.table_schema,
            load.table_name,
            load.table_id,
            load.status.name(),
            time_text(load.started_at),
            load.ended_at.map(time_text),
            load.query_text,
            load.data_source,
            load.file_format,
            signed(load.loaded_rows),
            signed(load.loaded_bytes),
            signed(load.source_file_count),
            signed(load.source_file_bytes),
            signed(load.error_count),
        ],
    )?;
    Ok(())
}

pub(super) fn put_replacements(
    transaction: &Transaction<'_>,
    replacements: &[LoadReplacementRecord],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_load_replacement(query_id, file_name, line_number, column_name, raw_line,
                   slice) VALUES (?, ?, ?, ?, ?, ?)";
    let mut statement = transaction.prepare(sql)?;
    for replacement in replacements {
        statement.execute(params![
            replacement.query_id,
            replacement.file_name,
            replacement.line_number,
            replacement.column_name,
            replacement.raw_line,
            replacement.slice,
        ])?;
    }
    Ok(())
}

pub(super) fn put_transfer_faults(
    transaction: &Transaction<'_>,
    faults: &[TransferFaultRecord],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_load_transfer_fault(query_id, at, http_method, object_url, error)
               VALUES (?, ?, ?, ?, ?)";
    let mut statement = transaction.prepare(sql)?;
    for fault in faults {
        let at = time_text(fault.at);
        statement.execute(params![fault.query_id, at, fault.http_method, fault.object_url, fault.error])?;
    }
    Ok(())
}

pub(super) fn transfer_fault(row: &Row<'_>) -> rusqlite::Result<TransferFaultRecord> {
    Ok(TransferFaultRecord {
        query_id: row.get("query_id")?,
        at: time(row, "at")?,
        http_method: row.get("http_method")?,
        object_url: row.get("object_url")?,
        error: row.get("error")?,
    })
}

pub(super) fn load(row: &Row<'_>) -> rusqlite::Result<LoadRecord> {
    Ok(LoadRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        session_id: row.get("session_id")?,
        user_id: row.get("user_id")?,
        database: row.get("database")?,
        table_schema: row.get("table_schema")?,
        table_name: row.get("table_name")?,
        table_id: row.get("table_id")?,
        status: LoadStatus::of_name(&row.get::<_, String>("status")?),
        started_at: time(row, "started_at")?,
        ended_at: optional_time(row, "ended_at")?,
        query_text: row.get("query_text")?,
        data_source: row.get("data_source")?,
        file_format: row.get("file_format")?,
        loaded_rows: unsigned(row, "loaded_rows")?,
        loaded_bytes: unsigned(row, "loaded_bytes")?,
        source_file_count: unsigned(row, "source_file_count")?,
        source_file_bytes: unsigned(row, "source_file_bytes")?,
        error_count: unsigned(row, "error_count")?,
    })
}

pub(super) fn replacement(row: &Row<'_>) -> rusqlite::Result<LoadReplacementRecord> {
    Ok(LoadReplacementRecord {
        query_id: row.get("query_id")?,
        file_name: row.get("file_name")?,
        line_number: row.get("line_number")?,
        column_name: row.get("column_name")?,
        raw_line: row.get("raw_line")?,
        slice: row.get("slice")?,
    })
}
