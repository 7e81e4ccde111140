//! What VACUUM and ANALYZE did.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::time;

/// What VACUUM or ANALYZE did to a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaintenanceRecord {
    /// The statement.
    pub query_id: i64,
    /// Its transaction.
    pub transaction_id: i64,
    /// The user whose rights it had.
    pub user_id: i64,
    /// Database.
    pub database: String,
    /// The table's number.
    pub table_id: i64,
    /// Its schema.
    pub schema_name: String,
    /// Its name.
    pub table_name: String,
    /// VACUUM, or else ANALYZE.
    pub is_vacuum: bool,
    /// Whether there was nothing to do.
    pub is_skipped: bool,
    /// The table before.
    pub before: TableSize,
    /// The table after.
    pub after: TableSize,
    /// When it began with the table.
    pub started_at: DateTime<Utc>,
    /// When it was done with it.
    pub ended_at: DateTime<Utc>,
}

/// How large a table is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Rows in its files, deleted ones included.
    pub rows: i64,
    /// Of these, deleted ones.
    pub deleted_rows: i64,
    /// Megabytes of its files, begun ones counted whole.
    pub blocks: i64,
}

pub(super) fn put(transaction: &Transaction<'_>, done: &MaintenanceRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO maintenance(query_id, transaction_id, user_id, database, table_id, schema_name,
                   table_name, is_vacuum, is_skipped, rows_before, deleted_before, blocks_before, rows_after,
                   deleted_after, blocks_after, started_us, ended_us)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![
        done.query_id,
        done.transaction_id,
        done.user_id,
        done.database,
        done.table_id,
        done.schema_name,
        done.table_name,
        done.is_vacuum,
        done.is_skipped,
        done.before.rows,
        done.before.deleted_rows,
        done.before.blocks,
        done.after.rows,
        done.after.deleted_rows,
        done.after.blocks,
        done.started_at.timestamp_micros(),
        done.ended_at.timestamp_micros(),
    ])?;
    Ok(())
}

pub(in crate::query_log) fn read(row: &Row<'_>) -> rusqlite::Result<MaintenanceRecord> {
    Ok(MaintenanceRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        user_id: row.get("user_id")?,
        database: row.get("database")?,
        table_id: row.get("table_id")?,
        schema_name: row.get("schema_name")?,
        table_name: row.get("table_name")?,
        is_vacuum: row.get("is_vacuum")?,
        is_skipped: row.get("is_skipped")?,
        before: TableSize {
            rows: row.get("rows_before")?,
            deleted_rows: row.get("deleted_before")?,
            blocks: row.get("blocks_before")?,
        },
        after: TableSize {
            rows: row.get("rows_after")?,
            deleted_rows: row.get("deleted_after")?,
            blocks: row.get("blocks_after")?,
        },
        started_at: time(row, "started_us")?,
        ended_at: time(row, "ended_us")?,
    })
}
