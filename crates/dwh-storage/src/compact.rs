//! Compaction: many small files become few, and deleted rows are left out for good.
//!
//! Two rules use one rewrite. VACUUM rewrites every file that has deleted rows, and all files below half
//! the target size if there are at least two. In the background, a commit that leaves a table with 64 or
//! more files below 1 MiB is followed by a commit that merges those: at most some 64 MiB of work, so that
//! a table fed by small inserts stays quick to read. It gives way to anyone who has the table locked.

use std::sync::Arc;

use crate::data_file::DataFile;
use crate::definition::TableId;
use crate::error::StorageError;
use crate::recover;
use crate::scan::FileScan;
use crate::snapshot::Table;
use crate::table_writer::{TARGET_FILE_BYTES, TableWriter};
use crate::temporary::TemporaryTables;
use crate::transaction::Transaction;
use crate::warehouse::Inner;

/// VACUUM merges files smaller than this.
const SMALL_FILE_BYTES: u64 = TARGET_FILE_BYTES as u64 / 2;
/// The background rule merges files smaller than this …
const TINY_FILE_BYTES: u64 = 1024 * 1024;
/// … once a table has so many of them.
const TINY_FILES: usize = 64;

impl Transaction {
    /// VACUUM: merges small files and leaves deleted rows out. The rows stay the same. Blocks, on the
    /// processor and the disk; take the lock with [`crate::WriteIntent::Rewrite`] first.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`], and those of reading and writing.
    pub fn vacuum(&mut self, id: TableId) -> Result<(), StorageError> {
        let small = |file: &DataFile| file.bytes < SMALL_FILE_BYTES;
        let table = self.existing_table(id)?;
        let merge_small = table.files.iter().filter(|file| small(file)).count() > 1;
        self.rewrite(id, |file| !file.deleted.is_empty() || (merge_small && small(file)))
    }

    /// Replaces the chosen files by new ones with the same live rows, behind the other files.
    fn rewrite(&mut self, id: TableId, chosen: impl Fn(&DataFile) -> bool) -> Result<(), StorageError> {
        let table = self.existing_table(id)?;
        if !table.files.iter().any(|file| chosen(file)) {
            return Ok(());
        }
        self.change_table(id, |table| {
            let mut writer = TableWriter::new(table);
            for file in table.files.iter().filter(|file| chosen(file)) {
                for rows in FileScan::open(table, file)? {
                    writer.write(&rows?)?;
                }
            }
            let written = writer.finish()?;
            table.files.retain(|file| !chosen(file));
            table.files.extend(written.into_iter().map(|file| file.0));
            Ok(())
        })
    }
}

/// What follows a commit: merging tiny files of the tables that it changed, and removing files whose
/// grace period is over. A failure leaves things as they are, for the next commit or VACUUM.
pub(crate) fn maintain(warehouse: &Arc<Inner>, changed: &[TableId]) {
    let tiny = |file: &DataFile| file.bytes < TINY_FILE_BYTES;
    let has_many = |table: &Table| table.files.iter().filter(|file| tiny(file)).count() >= TINY_FILES;
    for id in changed {
        let newest = warehouse.latest();
        if !newest.table_by_id(*id).is_some_and(|table| has_many(table)) {
            continue;
        }
        let mut transaction =
            Transaction::new(Arc::clone(warehouse), newest, TemporaryTables::default()).for_maintenance();
        if !transaction.lock_now(*id) {
            continue;
        }
        let done = transaction.rewrite(*id, tiny).and_then(|()| transaction.commit_blocking().map(|_| ()));
        match done {
            Ok(()) => tracing::debug!(table = id, "merged small files"),
            Err(error) => tracing::warn!(table = id, %error, "small files were not merged"),
        }
    }
    if warehouse.is_time_to_expire()
        && let Err(error) = recover::expire(warehouse)
    {
        tracing::warn!(%error, "unused files were not removed");
    }
}
