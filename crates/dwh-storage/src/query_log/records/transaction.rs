//! Transactions.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::{optional_time, time};

/// A transaction that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionRecord {
    /// Number.
    pub transaction_id: i64,
    /// The user that ended it.
    pub user_id: i64,
    /// Its session.
    pub session_id: i64,
    /// Or rolled back.
    pub committed: bool,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its commit began.
    pub commit_started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: DateTime<Utc>,
}

pub(super) fn put(transaction: &Transaction<'_>, ended: &TransactionRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO transaction_end(transaction_id, user_id, session_id, committed, started_us,
                   commit_started_us, ended_us)
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        ended.transaction_id,
        ended.user_id,
        ended.session_id,
        ended.committed,
        ended.started_at.timestamp_micros(),
        ended.commit_started_at.map(|at| at.timestamp_micros()),
        ended.ended_at.timestamp_micros(),
    ])?;
    Ok(())
}

pub(in crate::query_log) fn read(row: &Row<'_>) -> rusqlite::Result<TransactionRecord> {
    Ok(TransactionRecord {
        transaction_id: row.get("transaction_id")?,
        user_id: row.get("user_id")?,
        session_id: row.get("session_id")?,
        committed: row.get("committed")?,
        started_at: time(row, "started_us")?,
        commit_started_at: optional_time(row, "commit_started_us")?,
        ended_at: time(row, "ended_us")?,
    })
}
