//! The history of UNLOAD, and its rows.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};

use super::records::{LoadStatus, optional_time, signed, unsigned};
use super::{LoadLog, retention, time, time_text};
use crate::error::StorageError;

/// One UNLOAD (RS 6.3, SYS_UNLOAD_HISTORY).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnloadRecord {
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
    /// How far it has come.
    pub status: LoadStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The statement, secrets left out.
    pub query_text: String,
    /// `Text`, `CSV`, `JSON`, `Parquet`.
    pub file_format: String,
    /// `none`, `gzip`, `bzip2`, `zstd`, `snappy`.
    pub compression: String,
    /// What TO named.
    pub destination: String,
    /// Rows of the query.
    pub unloaded_rows: u64,
    /// Data files.
    pub unloaded_files: u64,
    /// Their size.
    pub unloaded_bytes: u64,
    /// Why it failed; empty if it did not.
    pub error_message: String,
}

/// One file of an UNLOAD (RS 6.3, STL_UNLOAD_LOG).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnloadFileRecord {
    /// The UNLOAD.
    pub query_id: i64,
    /// Slice that wrote it.
    pub slice: i32,
    /// `s3://…` or a path.
    pub file_name: String,
    /// Rows in it.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
}

impl LoadLog {
    /// Notes that an UNLOAD has begun.
    ///
    /// # Errors
    /// [`StorageError::ReadOnly`], [`StorageError::Catalog`].
    pub fn begin_unload(&self, unload: &UnloadRecord) -> Result<(), StorageError> {
        self.write(|transaction| put_unload(transaction, unload))
    }

    /// Notes how an UNLOAD has ended, with its files. Keeps the newest 10,000 and 1,000,000 files.
    ///
    /// # Errors
    /// [`StorageError::ReadOnly`], [`StorageError::Catalog`].
    pub fn finish_unload(
        &self,
        unload: &UnloadRecord,
        files: &[UnloadFileRecord],
    ) -> Result<(), StorageError> {
        self.write(|transaction| {
            put_unload(transaction, unload)?;
            put_files(transaction, files)?;
            retention::forget_old_unloads(transaction)
        })
    }

    /// UNLOADs, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn unloads(&self) -> Result<Vec<UnloadRecord>, StorageError> {
        self.read("SELECT * FROM dwh_unload ORDER BY query_id", [], unload)
    }

    /// Files of all UNLOADs, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn unloaded_files(&self) -> Result<Vec<UnloadFileRecord>, StorageError> {
        self.read("SELECT * FROM dwh_unload_file ORDER BY unload_file_id", [], file)
    }
}

fn put_unload(transaction: &Transaction<'_>, unload: &UnloadRecord) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO dwh_unload(query_id, transaction_id, session_id, user_id, database,
                   status, started_at, ended_at, query_text, file_format, compression, destination,
                   unloaded_rows, unloaded_files, unloaded_bytes, error_message)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    transaction.execute(
        sql,
        params![
            unload.query_id,
            unload.transaction_id,
            unload.session_id,
            unload.user_id,
            unload.database,
            unload.status.name(),
            time_text(unload.started_at),
            unload.ended_at.map(time_text),
            unload.query_text,
            unload.file_format,
            unload.compression,
            unload.destination,
            signed(unload.unloaded_rows),
            signed(unload.unloaded_files),
            signed(unload.unloaded_bytes),
            unload.error_message,
        ],
    )?;
    Ok(())
}

fn put_files(transaction: &Transaction<'_>, files: &[UnloadFileRecord]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dwh_unload_file(query_id, slice, file_name, rows, bytes) VALUES (?, ?, ?, ?, ?)";
    let mut statement = transaction.prepare(sql)?;
    for file in files {
        let (rows, bytes) = (signed(file.rows), signed(file.bytes));
        statement.execute(params![file.query_id, file.slice, file.file_name, rows, bytes])?;
    }
    Ok(())
}

fn unload(row: &Row<'_>) -> rusqlite::Result<UnloadRecord> {
    Ok(UnloadRecord {
        query_id: row.get("query_id")?,
        transaction_id: row.get("transaction_id")?,
        session_id: row.get("session_id")?,
        user_id: row.get("user_id")?,
        database: row.get("database")?,
        status: LoadStatus::of_name(&row.get::<_, String>("status")?),
        started_at: time(row, "started_at")?,
        ended_at: optional_time(row, "ended_at")?,
        query_text: row.get("query_text")?,
        file_format: row.get("file_format")?,
        compression: row.get("compression")?,
        destination: row.get("destination")?,
        unloaded_rows: unsigned(row, "unloaded_rows")?,
        unloaded_files: unsigned(row, "unloaded_files")?,
        unloaded_bytes: unsigned(row, "unloaded_bytes")?,
        error_message: row.get("error_message")?,
    })
}

fn file(row: &Row<'_>) -> rusqlite::Result<UnloadFileRecord> {
    Ok(UnloadFileRecord {
        query_id: row.get("query_id")?,
        slice: row.get("slice")?,
        file_name: row.get("file_name")?,
        rows: unsigned(row, "rows")?,
        bytes: unsigned(row, "bytes")?,
    })
}
