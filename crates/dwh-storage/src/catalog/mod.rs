//! The catalog: one SQLite file in DuckLake's layout, with our own tables beside.
//!
//! SQLite is in WAL mode and fully synchronous, so that readers never block the writer and a commit is on
//! disk when it returns. Everything of one commit is one SQLite transaction.

mod access;
mod attributes;
mod expire;
mod policies;
mod procedures;
mod read;
mod schema;
mod types;
mod write;
mod write_files;
mod write_tables;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use crate::error::StorageError;
use crate::load_log;
use crate::snapshot::Snapshot;

pub(crate) use read::Loaded;
pub(crate) use write::Commit;

const DUCKLAKE_VERSION: &str = "1.0";
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Why the catalog could not be used, before the path is known.
#[derive(Debug)]
pub(crate) enum CatalogError {
    Sqlite(rusqlite::Error),
    Unsupported(String),
}

impl From<rusqlite::Error> for CatalogError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// A connection to the catalog.
#[derive(Debug)]
pub(crate) struct Catalog {
    path: PathBuf,
    data_dir: PathBuf,
    connection: Connection,
}

impl Catalog {
    /// Opens the catalog to write; creates it if there is none.
    pub(crate) fn open(path: &Path, data_dir: &Path, now: DateTime<Utc>) -> Result<Self, StorageError> {
        let error = |error| CatalogError::at(error, path);
        let connection = connect(path).map_err(|e| error(e.into()))?;
        let mut catalog = Self { path: path.to_owned(), data_dir: data_dir.to_owned(), connection };
        catalog.prepare(now).map_err(error)?;
        Ok(catalog)
    }

    /// Opens the catalog to read; `None` if there is none.
    pub(crate) fn open_read_only(path: &Path, data_dir: &Path) -> Result<Option<Self>, StorageError> {
        if !path.exists() {
            return Ok(None);
        }
        let error = |error| CatalogError::at(error, path);
        let connection = connect_to_read(path).map_err(|e| error(e.into()))?;
        let catalog = Self { path: path.to_owned(), data_dir: data_dir.to_owned(), connection };
        // A writer that died while it created the catalog leaves an empty one.
        if !catalog.has_table("ducklake_metadata").map_err(|e| error(e.into()))? {
            return Ok(None);
        }
        catalog.check().map_err(error)?;
        if !catalog.has_table("dwh_table").map_err(|e| error(e.into()))? {
            let reason =
                "another program created it; open it once to write, so that dwh can add its own tables";
            return Err(error(CatalogError::Unsupported(reason.to_owned())));
        }
        Ok(Some(catalog))
    }

    /// Another connection to the same catalog to write what is not worth waiting for the disk: it is durable with the
    /// next commit of the catalog itself, as both write to one log.
    pub(crate) fn connect_for_history(path: &Path) -> Result<Connection, StorageError> {
        let connect = || {
            let connection = connect(path)?;
            connection.pragma_update(None, "synchronous", "normal")?;
            Ok(connection)
        };
        connect().map_err(StorageError::catalog(path))
    }

    /// Another connection to the same catalog that only reads.
    pub(crate) fn connect_to_read(path: &Path) -> Result<Connection, StorageError> {
        connect_to_read(path).map_err(StorageError::catalog(path))
    }

    /// Id of the latest commit.
    pub(crate) fn newest_snapshot_id(&self) -> Result<i64, StorageError> {
        newest_snapshot_id(&self.connection).map_err(StorageError::catalog(&self.path))
    }

    /// Reads the latest commit; files that `known` has too are shared with it.
    pub(crate) fn read(&self, known: Option<&Snapshot>) -> Result<Loaded, StorageError> {
        let read = || {
            // One SQLite transaction, so that all tables are of one commit.
            let transaction = self.connection.unchecked_transaction()?;
            read::read(&transaction, &self.data_dir, known)
        };
        read().map_err(|error| CatalogError::at(error, &self.path))
    }

    /// Writes one commit: all of it or nothing.
    pub(crate) fn commit(&mut self, commit: &Commit<'_>) -> Result<(), StorageError> {
        let mut write = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if newest_snapshot_id(&transaction)? != commit.previous.id() {
                return Err(CatalogError::Unsupported(
                    "another program has committed to this catalog while dwh had it open to write; open it again"
                        .to_owned(),
                ));
            }
            write::write(&transaction, commit)?;
            transaction.commit()?;
            Ok(())
        };
        write().map_err(|error| CatalogError::at(error, &self.path))
    }

    /// Forgets snapshots that ended before `before`, and returns the files that only they had.
    pub(crate) fn expire(&mut self, before: DateTime<Utc>) -> Result<Vec<PathBuf>, StorageError> {
        let mut expire = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let files = expire::expire(&transaction, &self.data_dir, before)?;
            transaction.commit()?;
            Ok(files)
        };
        expire().map_err(StorageError::catalog(&self.path))
    }

    /// Every file that any kept snapshot refers to.
    pub(crate) fn referenced_files(&self) -> Result<Vec<PathBuf>, StorageError> {
        expire::referenced_files(&self.connection, &self.data_dir).map_err(StorageError::catalog(&self.path))
    }

    /// Creates the tables if they are missing, and notes where the data is: DuckDB takes a relative data
    /// path relative to its own working folder, so the path is kept absolute and follows a moved folder.
    fn prepare(&mut self, now: DateTime<Utc>) -> Result<(), CatalogError> {
        let is_new = !self.has_table("ducklake_metadata")?;
        let has_ours = self.has_table("dwh_table")?;
        let data_path = format!("{}/", self.data_dir.display());
        let version = schema::version_of_added();
        if has_ours && self.is_prepared(&data_path, version)? {
            return self.check();
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if is_new {
            transaction.execute_batch(schema::DUCKLAKE_TABLES)?;
            write::first_snapshot(&transaction, now, DUCKLAKE_VERSION)?;
        }
        if !has_ours {
            transaction.execute_batch(schema::DWH_TABLES)?;
        }
        transaction.execute_batch(schema::ADDED_TABLES)?;
        load_log::take_over_earlier(&transaction)?;
        for (table, column, declaration) in schema::ADDED_COLUMNS {
            let sql = "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?";
            if transaction.query_row(sql, [table, column], |row| row.get::<_, i64>(0))? == 0 {
                transaction.execute(&format!("ALTER TABLE {table} ADD COLUMN {column} {declaration}"), [])?;
            }
        }
        transaction.execute("DELETE FROM ducklake_metadata WHERE key = 'data_path' AND scope IS NULL", [])?;
        transaction
            .execute("INSERT INTO ducklake_metadata(key, value) VALUES ('data_path', ?)", [&data_path])?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
        self.check()
    }

    /// Whether there is nothing to create or to note: then opening costs no write to the disk.
    fn is_prepared(&self, data_path: &str, version: i32) -> rusqlite::Result<bool> {
        let found: i32 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let sql =
            "SELECT count(*) FROM ducklake_metadata WHERE key = 'data_path' AND scope IS NULL AND value = ?";
        Ok(found == version && self.connection.query_row(sql, [data_path], |row| row.get::<_, i64>(0))? == 1)
    }

    /// Refuses catalogs that hold what this program would misread.
    fn check(&self) -> Result<(), CatalogError> {
        let value = |key: &str| {
            let sql = "SELECT value FROM ducklake_metadata WHERE key = ? AND scope IS NULL";
            self.connection.query_row(sql, [key], |row| row.get::<_, String>(0)).optional()
        };
        let version = value("version")?.unwrap_or_default();
        if version != DUCKLAKE_VERSION {
            return Err(CatalogError::Unsupported(format!(
                "it is DuckLake version \"{version}\"; dwh reads and writes version {DUCKLAKE_VERSION}"
            )));
        }
        if value("encrypted")?.as_deref() == Some("true") {
            return Err(CatalogError::Unsupported("its data files are encrypted".to_owned()));
        }
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
        };
        if count("ducklake_column_mapping")? > 0 {
            return Err(CatalogError::Unsupported(
                "it has data files without field ids (ducklake_add_data_files)".to_owned(),
            ));
        }
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'ducklake\\_inlined\\_%' ESCAPE '\\'
                   AND name <> 'ducklake_inlined_data_tables'";
        let inlined: Vec<String> = self
            .connection
            .prepare(sql)?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for table in inlined {
            if count(&table)? > 0 {
                return Err(CatalogError::Unsupported(
                    "it holds rows inside the catalog; run CALL ducklake_flush_inlined_data('…') in DuckDB first"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn has_table(&self, name: &str) -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
        Ok(self.connection.query_row(sql, [name], |_| Ok(())).optional()?.is_some())
    }
}

impl CatalogError {
    fn at(self, path: &Path) -> StorageError {
        match self {
            Self::Sqlite(source) => StorageError::Catalog { path: path.to_owned(), source },
            Self::Unsupported(reason) => StorageError::UnsupportedCatalog { path: path.to_owned(), reason },
        }
    }
}

fn newest_snapshot_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT max(snapshot_id) FROM ducklake_snapshot", [], |row| row.get(0))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

/// Opens to read. In WAL mode a reader, too, writes to the shared-memory file; where the folder does not
/// allow that, the catalog is read as it lies there, which is right as long as no writer is about.
fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let shared = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .and_then(|connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        Ok(connection)
    });
    shared.or_else(|_| {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        let plain = Connection::open_with_flags(path, flags)?;
        if plain.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).is_ok() {
            return Ok(plain);
        }
        Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
    })
}

/// A time as DuckLake writes it: `2026-11-22 09:49:26.216367+00`.
fn time_text(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

fn time_of_text(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok().map(|time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::{time_of_text, time_text};

    #[test]
    fn times_are_read_as_duckdb_writes_them() {
        for (duckdb, ours) in [
            ("2026-11-22 09:49:26.2481+00", "2026-11-22 09:49:26.248100+00"),
            ("2026-11-22 09:49:26+00", "2026-11-22 09:49:26.000000+00"),
        ] {
            assert_eq!(time_of_text(duckdb).map(time_text).as_deref(), Some(ours));
        }
    }
}
