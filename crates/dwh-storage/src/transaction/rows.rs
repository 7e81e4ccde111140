//! Changes to rows: append, delete, truncate, and the numbers of IDENTITY columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};

use super::Transaction;
use crate::definition::TableId;
use crate::error::StorageError;
use crate::row_shape;
use crate::snapshot::Table;
use crate::table_writer::{StagedFile, TableWriter};

/// Rows in memory past either of these go to a staged file.
const MAX_ROWS_IN_MEMORY: usize = 100_000;
const MAX_BYTES_IN_MEMORY: usize = 32 * 1024 * 1024;
/// More batches than this become one: a row at a time, a transaction would soon be slow to read.
const MAX_BATCHES: usize = 64;

impl Transaction {
    /// Adds rows, few at a time: they stay in memory until commit, and go to a staged file past 100,000
    /// rows or 32 MiB. The columns are those of the table, in order. For many rows use [`Self::writer`].
    ///
    /// Within a statement that also deletes, call [`Self::delete_rows`] first: its positions are those
    /// that the scan saw.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::RowsMismatch`], [`StorageError::ReadOnly`], and
    /// those of writing a file.
    pub fn append(&mut self, id: TableId, batches: Vec<RecordBatch>) -> Result<(), StorageError> {
        if batches.iter().all(|batch| batch.num_rows() == 0) {
            return Ok(());
        }
        self.change_table(id, |table| {
            for batch in batches.into_iter().filter(|batch| batch.num_rows() > 0) {
                row_shape::check(&table.definition, &table.schema, &batch)?;
                table.batches.push(row_shape::plain(&table.schema, &batch)?);
            }
            let rows: usize = table.batches.iter().map(RecordBatch::num_rows).sum();
            let bytes: usize = table.batches.iter().map(RecordBatch::get_array_memory_size).sum();
            if rows > MAX_ROWS_IN_MEMORY || bytes > MAX_BYTES_IN_MEMORY {
                table.spill()?;
            } else if table.batches.len() > MAX_BATCHES {
                table.batches = vec![concat_batches(&table.schema, &table.batches)?];
            }
            Ok(())
        })
    }

    /// Adds the rows of files that a [`TableWriter`] of this table has finished.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn append_files(&mut self, id: TableId, files: Vec<StagedFile>) -> Result<(), StorageError> {
        if files.is_empty() {
            return Ok(());
        }
        self.change_table(id, |table| {
            // Keeps the rows' order: those in memory came first.
            table.spill()?;
            table.files.extend(files.into_iter().map(|file| file.0));
            Ok(())
        })
    }

    /// Deletes rows by position. Each entry is an index into the table's `files`, continued by its
    /// `batches`, and row numbers in that file or batch, in any order: as a scan of this transaction's
    /// [`Table`] saw them, deleted rows counted. Rows already gone stay gone.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`], and those of reading a delete file.
    pub fn delete_rows(&mut self, id: TableId, rows: Vec<(usize, Vec<u64>)>) -> Result<(), StorageError> {
        if rows.iter().all(|(_, positions)| positions.is_empty()) {
            return Ok(());
        }
        // All of one batch together: positions are those before anything is deleted.
        let mut by_source: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (index, positions) in rows {
            by_source.entry(index).or_default().extend(positions);
        }
        self.change_table(id, |table| {
            let file_count = table.files.len();
            for (index, positions) in by_source {
                if index < file_count {
                    let file = &table.files[index];
                    let deleted = file.deleted.and(&positions)?;
                    table.files[index] = Arc::new(file.with_deleted(deleted));
                } else if let Some(batch) = table.batches.get_mut(index - file_count) {
                    let mut kept = vec![true; batch.num_rows()];
                    for position in positions {
                        if let Some(keep) = usize::try_from(position).ok().and_then(|p| kept.get_mut(p)) {
                            *keep = false;
                        }
                    }
                    *batch = filter_record_batch(batch, &BooleanArray::from(kept))?;
                }
            }
            table.files.retain(|file| file.live_rows() > 0);
            table.batches.retain(|batch| batch.num_rows() > 0);
            Ok(())
        })
    }

    /// Removes all rows.
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ReadOnly`].
    pub fn truncate(&mut self, id: TableId) -> Result<(), StorageError> {
        self.change_table(id, |table| {
            table.files.clear();
            table.batches.clear();
            Ok(())
        })
    }

    /// Reserves `count` numbers of an IDENTITY column and returns the first; the others follow at its
    /// step. They are never handed out again, also after a rollback (RS 3.2: gaps are normal).
    ///
    /// # Errors
    /// [`StorageError::RelationNotFound`], [`StorageError::ColumnNotFound`], [`StorageError::Identity`].
    pub fn reserve_identity(&mut self, id: TableId, column: &str, count: u64) -> Result<i64, StorageError> {
        let table = self.existing_table(id)?;
        let Some(definition) = table.definition.column(column) else {
            return Err(StorageError::ColumnNotFound {
                table: table.definition.name.clone(),
                column: column.to_owned(),
            });
        };
        let wrong = |reason| StorageError::Identity { column: column.to_owned(), reason };
        let identity = definition.identity.ok_or_else(|| wrong("it is not an IDENTITY column"))?;
        let key = (id, definition.id);
        let first = self
            .warehouse
            .reserve_identity(key, identity, count)
            .ok_or_else(|| wrong("no numbers are left in the range of BIGINT"))?;
        self.identities.insert(key);
        Ok(first)
    }
}

impl Table {
    /// Moves the rows in memory to a staged file.
    pub(crate) fn spill(&mut self) -> Result<(), StorageError> {
        if self.batches.is_empty() {
            return Ok(());
        }
        let mut writer = TableWriter::new(self);
        for batch in &self.batches {
            writer.write(batch)?;
        }
        let files = writer.finish()?;
        self.batches.clear();
        self.files.extend(files.into_iter().map(|file| file.0));
        Ok(())
    }
}
