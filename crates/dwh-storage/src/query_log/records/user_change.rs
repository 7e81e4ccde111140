//! Changes of users.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::{optional_time, time};

/// A change of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChangeRecord {
    /// The user's number.
    pub user_id: i64,
    /// The user's name.
    pub user_name: String,
    /// The name before ALTER USER … RENAME, else empty.
    pub old_name: String,
    /// `create`, `alter`, `rename` or `drop`.
    pub action: String,
    /// CREATEDB.
    pub create_db: bool,
    /// CREATEUSER.
    pub superuser: bool,
    /// VALID UNTIL.
    pub valid_until: Option<DateTime<Utc>>,
    /// The session that changed it.
    pub session_id: i64,
    /// Its transaction.
    pub transaction_id: i64,
    /// When.
    pub changed_at: DateTime<Utc>,
}

pub(super) fn put(transaction: &Transaction<'_>, change: &UserChangeRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO user_change(user_id, user_name, old_name, action, create_db, superuser,
                   valid_until_us, session_id, transaction_id, changed_us)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        change.user_id,
        change.user_name,
        change.old_name,
        change.action,
        change.create_db,
        change.superuser,
        change.valid_until.map(|at| at.timestamp_micros()),
        change.session_id,
        change.transaction_id,
        change.changed_at.timestamp_micros(),
    ])?;
    Ok(())
}

pub(in crate::query_log) fn read(row: &Row<'_>) -> rusqlite::Result<UserChangeRecord> {
    Ok(UserChangeRecord {
        user_id: row.get("user_id")?,
        user_name: row.get("user_name")?,
        old_name: row.get("old_name")?,
        action: row.get("action")?,
        create_db: row.get("create_db")?,
        superuser: row.get("superuser")?,
        valid_until: optional_time(row, "valid_until_us")?,
        session_id: row.get("session_id")?,
        transaction_id: row.get("transaction_id")?,
        changed_at: time(row, "changed_us")?,
    })
}
