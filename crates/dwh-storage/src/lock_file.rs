//! The writer's lock: one process writes to a warehouse.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::error::StorageError;

const FILE_NAME: &str = "writer.lock";

/// Held while the warehouse is open to write. The system releases it when the process ends, however it
/// ends; the file stays and says who had it.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a child that is just being started has a copy of the open file.
        let _ = self.file.unlock();
    }
}

impl WriterLock {
    pub(crate) fn acquire(dir: &Path, now: DateTime<Utc>) -> Result<Self, StorageError> {
        let path = dir.join(FILE_NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(StorageError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // Where a locked file cannot be read, the owner stays unnamed.
                let _ = file.read_to_string(&mut owner);
                let owner = match owner.trim() {
                    "" => "another process".to_owned(),
                    named => named.to_owned(),
                };
                return Err(StorageError::Locked { dir: dir.to_owned(), owner });
            }
            Err(TryLockError::Error(source)) => return Err(StorageError::Io { path, source }),
        }
        let owner = format!(
            "process {} (writing since {} UTC)\n",
            std::process::id(),
            now.format("%Y-%m-%d %H:%M:%S")
        );
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(owner.as_bytes()))
            .and_then(|()| file.flush())
            .map_err(StorageError::io(&path))?;
        Ok(Self { file })
    }
}
