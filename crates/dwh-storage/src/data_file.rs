//! One immutable Parquet file of rows, and what the catalog knows about it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use crate::definition::ColumnId;
use crate::delete_file::DeletedRows;
use crate::error::StorageError;

/// A Parquet file of a table. Its field ids are the table's column ids: names inside may be older than
/// the table's, columns may be missing (added later) or gone (dropped).
#[derive(Debug, Clone)]
pub struct DataFile {
    /// DuckLake `data_file_id`; `None` until committed.
    pub id: Option<i64>,
    /// Where it is, absolute if the warehouse was opened by an absolute path.
    pub path: PathBuf,
    /// Rows written, deleted ones included.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Rows that are gone.
    pub deleted: DeletedRows,
    /// Whether it belongs to a transaction that has not committed (or to a temporary table).
    pub staged: bool,
    /// Bounds and NULL counts by column id, as DuckLake keeps them.
    pub statistics: Arc<BTreeMap<ColumnId, ColumnStatistics>>,
    pub(crate) footer_bytes: u64,
    pub(crate) row_id_start: i64,
    pub(crate) metadata: Arc<OnceLock<ArrowReaderMetadata>>,
    pub(crate) owned: Option<Arc<OwnedFile>>,
}

/// Something that is shared by all who use a file, and only by them.
pub(crate) type Token = dyn Any + Send + Sync;

/// A file's rows are numbered when it is committed.
pub(crate) const ROW_IDS_AT_COMMIT: i64 = -1;

/// What is known of a column's values in one file. Values are text as DuckLake writes them
/// (`2020-01-01 01:02:03.5`, `0`/`1` for booleans); see [`crate::value_of_text`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnStatistics {
    /// Encoded size.
    pub size_bytes: u64,
    /// Values that are not NULL.
    pub value_count: u64,
    /// NULLs.
    pub null_count: u64,
    /// Lower bound; `None` if unknown or all are NULL. Long texts are cut, so it may be below the least.
    pub min: Option<String>,
    /// Upper bound; `None` if unknown or all are NULL. May be above the greatest.
    pub max: Option<String>,
    /// Whether a NaN is among them; `None` for types that have none.
    pub contains_nan: Option<bool>,
}

impl DataFile {
    /// Rows that are not deleted.
    pub fn live_rows(&self) -> u64 {
        self.rows.saturating_sub(self.deleted.count())
    }

    /// The Parquet footer, read once and kept.
    ///
    /// # Errors
    /// [`StorageError::Io`] and [`StorageError::Parquet`] naming the file.
    pub fn metadata(&self) -> Result<ArrowReaderMetadata, StorageError> {
        if let Some(known) = self.metadata.get() {
            return Ok(known.clone());
        }
        let file = File::open(&self.path).map_err(StorageError::io(&self.path))?;
        let read = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(StorageError::parquet(&self.path))?;
        Ok(self.metadata.get_or_init(|| read).clone())
    }

    /// Position in the file's schema of each column that it holds, by column id.
    ///
    /// # Errors
    /// As [`Self::metadata`].
    pub fn columns(&self) -> Result<BTreeMap<ColumnId, usize>, StorageError> {
        let metadata = self.metadata()?;
        let root = metadata.parquet_schema().root_schema();
        Ok(root
            .get_fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| field.get_basic_info().has_id())
            .map(|(position, field)| (ColumnId::from(field.get_basic_info().id()), position))
            .collect())
    }

    /// Its file and its delete file.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(self.path.as_path()).chain(self.deleted.file().map(|file| file.path.as_path()))
    }

    /// What lives as long as anyone may still read each of [`Self::paths`].
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Arc<Token>> {
        let file: Arc<Token> = self.metadata.clone();
        std::iter::once(file).chain(self.deleted.token())
    }

    pub(crate) fn with_deleted(&self, deleted: DeletedRows) -> Self {
        Self { deleted, ..self.clone() }
    }
}

/// Deletes its file when the last one who knows it lets go, unless a commit kept it: so a rollback, a
/// dropped temporary table and a failed writer clean up, and no reader loses a file.
#[derive(Debug)]
pub(crate) struct OwnedFile {
    path: PathBuf,
    kept: AtomicBool,
    remove_folder: bool,
}

impl OwnedFile {
    pub(crate) fn new(path: &Path, remove_folder: bool) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), kept: AtomicBool::new(false), remove_folder })
    }

    pub(crate) fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }
}

impl Drop for OwnedFile {
    fn drop(&mut self) {
        if self.kept.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "staged file is left to the next sweep");
        }
        if self.remove_folder
            && let Some(folder) = self.path.parent()
        {
            // Fails while other files are in it; the last one takes the folder along.
            let _ = std::fs::remove_dir(folder);
        }
    }
}
