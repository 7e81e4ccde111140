//! Delete files: positions of rows of one data file that are gone (DuckLake "delete files", the layout
//! of Iceberg's positional deletes: `file_path`, `pos`).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::data_file::Token;
use crate::error::StorageError;

/// Field ids that Iceberg reserves and DuckLake uses.
const FILE_PATH_FIELD_ID: &str = "2147483646";
const POSITION_FIELD_ID: &str = "2147483645";

/// Rows of one data file that are deleted. Cheap to clone; read from its file when first asked for.
#[derive(Debug, Clone, Default)]
pub struct DeletedRows(Option<Arc<Deleted>>);

#[derive(Debug)]
struct Deleted {
    count: u64,
    /// `None` while only a transaction knows them.
    file: Option<CommittedDeleteFile>,
    positions: OnceLock<Arc<[u64]>>,
}

/// A delete file that the catalog knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommittedDeleteFile {
    pub(crate) id: i64,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) footer_bytes: u64,
}

impl DeletedRows {
    pub(crate) fn in_file(file: CommittedDeleteFile, count: u64) -> Self {
        Self(Some(Arc::new(Deleted { count, file: Some(file), positions: OnceLock::new() })))
    }

    /// `positions` sorted, without duplicates.
    pub(crate) fn in_memory(positions: Vec<u64>) -> Self {
        if positions.is_empty() {
            return Self::default();
        }
        let count = positions.len() as u64;
        Self(Some(Arc::new(Deleted { count, file: None, positions: OnceLock::from(Arc::from(positions)) })))
    }

    /// The same rows, now written to a file.
    pub(crate) fn written_to(&self, file: CommittedDeleteFile) -> Self {
        Self(self.0.as_ref().map(|deleted| {
            Arc::new(Deleted { count: deleted.count, file: Some(file), positions: deleted.positions.clone() })
        }))
    }

    /// How many rows are deleted.
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, |deleted| deleted.count)
    }

    /// Whether no row is deleted.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Positions (0-based row numbers in the data file) in rising order.
    ///
    /// # Errors
    /// [`StorageError::Io`] and [`StorageError::Parquet`] naming the delete file.
    pub fn positions(&self) -> Result<Arc<[u64]>, StorageError> {
        let Some(deleted) = &self.0 else { return Ok(Arc::from([])) };
        if let Some(known) = deleted.positions.get() {
            return Ok(Arc::clone(known));
        }
        let read: Arc<[u64]> = match &deleted.file {
            Some(file) => Arc::from(read_positions(&file.path)?),
            None => Arc::from([]),
        };
        Ok(Arc::clone(deleted.positions.get_or_init(|| read)))
    }

    /// These rows and `more` of them.
    pub(crate) fn and(&self, more: &[u64]) -> Result<Self, StorageError> {
        let mut all = self.positions()?.to_vec();
        all.extend_from_slice(more);
        all.sort_unstable();
        all.dedup();
        Ok(Self::in_memory(all))
    }

    /// Lives as long as anyone may still read the delete file; `None` without one.
    pub(crate) fn token(&self) -> Option<Arc<Token>> {
        let deleted = self.0.as_ref().filter(|deleted| deleted.file.is_some())?;
        Some(Arc::clone(deleted) as Arc<Token>)
    }

    pub(crate) fn file(&self) -> Option<&CommittedDeleteFile> {
        self.0.as_ref()?.file.as_ref()
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

fn read_positions(path: &Path) -> Result<Vec<u64>, StorageError> {
    let file = File::open(path).map_err(StorageError::io(path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.with_batch_size(65_536).build())
        .map_err(StorageError::parquet(path))?;
    let mut positions = Vec::new();
    for batch in reader {
        let batch = batch?;
        let column = batch.column_by_name("pos").and_then(|column| column.as_primitive_opt::<Int64Type>());
        let Some(column) = column else {
            return Err(StorageError::Parquet {
                path: path.to_owned(),
                source: parquet::errors::ParquetError::General(
                    "a delete file has a BIGINT column pos".to_owned(),
                ),
            });
        };
        positions.extend(column.values().iter().filter_map(|position| u64::try_from(*position).ok()));
    }
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

/// Sizes of a delete file, from [`write()`].
pub(crate) struct WrittenDeleteFile {
    pub(crate) bytes: u64,
    pub(crate) footer_bytes: u64,
}

/// Writes and syncs the delete file of `data_file` (its path relative to the data folder).
pub(crate) fn write(
    path: &Path,
    data_file: &str,
    positions: &[u64],
) -> Result<WrittenDeleteFile, StorageError> {
    let field = |name: &str, data_type: DataType, id: &str| {
        Field::new(name, data_type, false)
            .with_metadata([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_owned())].into())
    };
    let schema = Arc::new(Schema::new(vec![
        field("file_path", DataType::Utf8, FILE_PATH_FIELD_ID),
        field("pos", DataType::Int64, POSITION_FIELD_ID),
    ]));
    let paths = StringArray::from_iter_values(positions.iter().map(|_| data_file));
    let numbers = Int64Array::from_iter_values(positions.iter().map(|position| *position as i64));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(paths), Arc::new(numbers)])?;

    let properties = WriterProperties::builder().set_compression(Compression::LZ4_RAW).build();
    let file = File::create_new(path).map_err(StorageError::io(path))?;
    let mut writer =
        ArrowWriter::try_new(file, schema, Some(properties)).map_err(StorageError::parquet(path))?;
    writer.write(&batch).map_err(StorageError::parquet(path))?;
    writer.finish().map_err(StorageError::parquet(path))?;
    let sizes = crate::table_writer::sync_and_measure(path, writer.inner())?;
    Ok(WrittenDeleteFile { bytes: sizes.file_bytes, footer_bytes: sizes.footer_bytes })
}
