//! The history of COPY and UNLOAD: every load, its files and its rejected records, kept beside the data.
//!
//! Each write is its own SQLite transaction on its own connection, so that the history of a COPY that
//! failed survives the rollback (RS 1.14), and a failed write of the history harms nothing else.

mod earlier;
mod file_chunks;
mod records;
mod rejected;
mod retention;
mod unloads;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, Row, Transaction, TransactionBehavior};

pub(crate) use earlier::take_over_earlier;
pub use records::{LoadFileRecord, LoadRecord, LoadReplacementRecord, LoadStatus, TransferFaultRecord};
pub use rejected::{LoadErrorRecord, LoadFieldRecord};
pub use unloads::{UnloadFileRecord, UnloadRecord};

use crate::catalog::Catalog;
use crate::error::StorageError;

/// What a COPY has met, in the order in which it is kept.
#[derive(Debug)]
pub struct LoadFindings<F> {
    /// Its files, of which there may be a million: written as they come.
    pub files: F,
    /// Rejected records.
    pub errors: Vec<LoadErrorRecord>,
    /// Records in which characters were replaced.
    pub replacements: Vec<LoadReplacementRecord>,
    /// Requests that failed.
    pub transfer_faults: Vec<TransferFaultRecord>,
}

/// The history of COPY in one warehouse. Cheap to clone. Opened read-only, it can only be read.
#[derive(Debug, Clone)]
pub struct LoadLog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    connection: Mutex<Connection>,
    is_read_only: bool,
}

impl LoadLog {
    /// Opens the history to write; loads and unloads that a process left running when it died are aborted.
    pub(crate) fn open(path: &Path) -> Result<Self, StorageError> {
        let log = Self::new(path, Catalog::connect_for_history(path)?, false);
        log.write(|transaction| {
            for table in ["dwh_load", "dwh_unload"] {
                let sql = format!("UPDATE {table} SET status = 'aborted' WHERE status = 'running'");
                transaction.execute(&sql, [])?;
            }
            Ok(())
        })?;
        Ok(log)
    }

    pub(crate) fn open_read_only(path: &Path) -> Result<Self, StorageError> {
        Ok(Self::new(path, Catalog::connect_to_read(path)?, true))
    }

    fn new(path: &Path, connection: Connection, is_read_only: bool) -> Self {
        let connection = Mutex::new(connection);
        Self { inner: Arc::new(Inner { path: path.to_owned(), connection, is_read_only }) }
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.inner.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        if self.inner.is_read_only {
            return Err(StorageError::ReadOnly);
        }
        let mut connection = self.connection();
        let result = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|t| {
            let value = write(&t)?;
            t.commit()?;
            Ok(value)
        });
        result.map_err(StorageError::catalog(&self.inner.path))
    }

    fn read<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StorageError> {
        let connection = self.connection();
        let read =
            || -> rusqlite::Result<Vec<T>> { connection.prepare(sql)?.query_map(parameters, map)?.collect() };
        read().map_err(StorageError::catalog(&self.inner.path))
    }

    /// The highest query id that a load or unload has, 0 without any.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn last_query_id(&self) -> Result<i64, StorageError> {
        let sql = "SELECT max(coalesce((SELECT max(query_id) FROM dwh_load), 0),
                              coalesce((SELECT max(query_id) FROM dwh_unload), 0))";
        Ok(self.read(sql, [], |row| row.get(0))?.into_iter().next().unwrap_or_default())
    }

    /// Notes that a load has begun.
    ///
    /// # Errors
    /// [`StorageError::ReadOnly`], [`StorageError::Catalog`].
    pub fn begin_load(&self, load: &LoadRecord) -> Result<(), StorageError> {
        self.write(|transaction| records::put_load(transaction, load))
    }

    /// Notes how a load has ended and what came of it. Keeps the newest 10,000 loads, 1,000,000 files and 100,000
    /// each of rejected records, replacements and failed requests.
    ///
    /// # Errors
    /// [`StorageError::ReadOnly`], [`StorageError::Catalog`].
    pub fn finish_load(
        &self,
        load: &LoadRecord,
        found: LoadFindings<impl Iterator<Item = LoadFileRecord>>,
    ) -> Result<(), StorageError> {
        self.write(|transaction| {
            records::put_load(transaction, load)?;
            file_chunks::put(transaction, load.query_id, found.files)?;
            rejected::put(transaction, &found.errors)?;
            records::put_replacements(transaction, &found.replacements)?;
            records::put_transfer_faults(transaction, &found.transfer_faults)?;
            retention::forget_old(transaction)
        })
    }

    /// Loads, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn loads(&self) -> Result<Vec<LoadRecord>, StorageError> {
        self.read("SELECT * FROM dwh_load ORDER BY query_id", [], records::load)
    }

    /// Files of all loads, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn files(&self) -> Result<Vec<LoadFileRecord>, StorageError> {
        let sql = "SELECT * FROM dwh_load_files ORDER BY load_files_id";
        Ok(self.read(sql, [], file_chunks::read)?.into_iter().flatten().collect())
    }

    /// Files of one load, in the order in which they were listed.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn files_of(&self, query_id: i64) -> Result<Vec<LoadFileRecord>, StorageError> {
        let sql = "SELECT * FROM dwh_load_files WHERE query_id = ?1 ORDER BY load_files_id";
        Ok(self.read(sql, [query_id], file_chunks::read)?.into_iter().flatten().collect())
    }

    /// Replacements of all loads, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn replacements(&self) -> Result<Vec<LoadReplacementRecord>, StorageError> {
        let sql = "SELECT * FROM dwh_load_replacement ORDER BY load_replacement_id";
        self.read(sql, [], records::replacement)
    }

    /// Requests to S3 that failed, of all loads, oldest first.
    ///
    /// # Errors
    /// [`StorageError::Catalog`].
    pub fn transfer_faults(&self) -> Result<Vec<TransferFaultRecord>, StorageError> {
        let sql = "SELECT * FROM dwh_load_transfer_fault ORDER BY load_transfer_fault_id";
        self.read(sql, [], records::transfer_fault)
    }
}

fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    let text: String = row.get(column)?;
    DateTime::parse_from_rfc3339(&text).map(|time| time.with_timezone(&Utc)).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}
