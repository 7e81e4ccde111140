//! Messages that procedures raised.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::time;

/// A message of RAISE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcedureMessageRecord {
    /// The call's statement.
    pub query_id: i64,
    /// The transaction that it was raised in.
    pub transaction_id: i64,
    /// How serious it is: 20 LOG, 30 INFO, 40 NOTICE, 50 WARNING, 60 EXCEPTION.
    pub level: i64,
    /// The text.
    pub message: String,
    /// Line of the body.
    pub line: i64,
    /// When.
    pub raised_at: DateTime<Utc>,
}

pub(super) fn put(transaction: &Transaction<'_>, message: &ProcedureMessageRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO procedure_message(query_id, transaction_id, level, message, line, raised_us)
               VALUES (?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        message.query_id,
        message.transaction_id,
        message.level,
        message.message,
        message.line,
        message.raised_at.timestamp_micros(),
    ])?;
    Ok(())
}

pub(in crate::query_log) fn read(row: &Row<'_>) -> rusqlite::Result<ProcedureMessageRecord> {
    Ok(ProcedureMessageRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        level: row.get("level")?,
        message: row.get("message")?,
        line: row.get("line")?,
        raised_at: time(row, "raised_us")?,
    })
}
