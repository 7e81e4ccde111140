//! The log's file, or the memory that stands in for it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use super::{lock, schema};
use crate::warehouse::Mode;

/// One connection to the log. Once the file is found damaged it is begun anew.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    mode: Mode,
    connection: Mutex<Connection>,
}

impl LogFile {
    /// Opens the file. Who only reads the warehouse makes none and removes none.
    pub(super) fn open(path: PathBuf, mode: Mode) -> rusqlite::Result<Self> {
        let connection = match schema::open(&path, mode) {
            Err(error) if schema::is_unusable(&error) => begin_anew(&path, mode, &error)?,
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "the query log is kept in memory");
                schema::open_in_memory()?
            }
            Ok(connection) => connection,
        };
        Ok(Self { path, mode, connection: Mutex::new(connection) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Does something with the log; once more with a new one if it turns out to be damaged.
    pub(super) fn with<T>(
        &self,
        mut work: impl FnMut(&mut Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let mut connection = lock(&self.connection);
        match work(&mut connection) {
            Err(error) if schema::is_unusable(&error) => {
                // The damaged file is closed before it is removed.
                *connection = schema::open_in_memory()?;
                *connection = begin_anew(&self.path, self.mode, &error)?;
                work(&mut connection)
            }
            done => done,
        }
    }
}

fn begin_anew(path: &Path, mode: Mode, error: &rusqlite::Error) -> rusqlite::Result<Connection> {
    // SQLite has no error of its own for it; `schema::open` says it so.
    let cause = match error {
        rusqlite::Error::InvalidQuery => "another version of dwh made it".to_owned(),
        damage => damage.to_string(),
    };
    if mode == Mode::ReadOnly {
        tracing::debug!(path = %path.display(), cause, "the query log cannot be read and is left out");
        return schema::open_in_memory();
    }
    tracing::warn!(path = %path.display(), cause, "the query log is begun anew");
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        let _ = std::fs::remove_file(file);
    }
    schema::open(path, mode).or_else(|_| schema::open_in_memory())
}
