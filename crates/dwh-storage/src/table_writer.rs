//! Writes the rows of one table into staged Parquet files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use parquet::arrow::{ArrowSchemaConverter, PARQUET_FIELD_ID_META_KEY, add_encoded_arrow_schema_to_metadata};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use uuid::Uuid;

use crate::data_file::{DataFile, OwnedFile, ROW_IDS_AT_COMMIT};
use crate::definition::TableDefinition;
use crate::delete_file::DeletedRows;
use crate::encode;
use crate::error::StorageError;
use crate::row_shape;
use crate::snapshot::Table;
use crate::statistics::{self, FloatStatistics};

/// A file is closed and another begun when it has grown past this.
pub(crate) const TARGET_FILE_BYTES: usize = 128 * 1024 * 1024;
/// Rows in a row group: large enough to compress well, small enough to prune and to hold in memory.
const ROW_GROUP_ROWS: usize = 131_072;
/// Rows that wait for their row group to fill hold so many bytes at most.
const WAITING_BYTES: usize = 32 * 1024 * 1024;
/// A batch of so many rows is worth a row group of its own.
const WHOLE_GROUP_ROWS: usize = ROW_GROUP_ROWS / 4;

/// A file that a [`TableWriter`] finished: on disk and synced, in no table until
/// [`crate::Transaction::append_files`] takes it; deleted when dropped before a commit.
#[derive(Debug, Clone)]
pub struct StagedFile(pub(crate) Arc<DataFile>);

impl StagedFile {
    /// Rows in it.
    pub fn rows(&self) -> u64 {
        self.0.rows
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }
}

/// Writes rows of one table to staged files. Independent of the transaction: any number may write in
/// parallel. Calls block, on the processor and the disk.
///
/// The rows become the table's when `finish` has been called and its files were handed to
/// [`crate::Transaction::append_files`]. Dropping a writer removes what it wrote.
pub struct TableWriter {
    definition: Arc<TableDefinition>,
    schema: SchemaRef,
    folder: PathBuf,
    /// Whether the files must survive a power cut: not those of temporary tables.
    durable: bool,
    target_file_bytes: usize,
    open: Option<OpenFile>,
    /// Rows of the next row group.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    waiting_bytes: usize,
    finished: Vec<StagedFile>,
}

struct OpenFile {
    path: PathBuf,
    owned: Arc<OwnedFile>,
    writer: SerializedFileWriter<File>,
    /// For the columns of floating-point types.
    floats: Vec<Option<FloatStatistics>>,
}

impl TableWriter {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            schema: schema_with_field_ids(&table.definition),
            definition: Arc::clone(&table.definition),
            folder: table.folder.path.clone(),
            durable: !table.definition.temporary,
            target_file_bytes: TARGET_FILE_BYTES,
            open: None,
            waiting: Vec::new(),
            waiting_rows: 0,
            waiting_bytes: 0,
            finished: Vec::new(),
        }
    }

    /// Writes rows; the columns are those of the table, in order. Text may also be `Utf8`, or a dictionary
    /// of it, which is written as it is: a batch of 32,768 rows or more becomes a row group of its own.
    ///
    /// # Errors
    /// [`StorageError::RowsMismatch`] for other columns or a NULL where none may be;
    /// [`StorageError::Io`] and [`StorageError::Parquet`] naming the file.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), StorageError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        row_shape::check(&self.definition, &self.schema, rows)?;
        if rows.num_rows() >= WHOLE_GROUP_ROWS {
            self.write_waiting()?;
            for start in (0..rows.num_rows()).step_by(ROW_GROUP_ROWS) {
                self.write_group(&rows.slice(start, ROW_GROUP_ROWS.min(rows.num_rows() - start)))?;
            }
            return Ok(());
        }
        self.waiting_rows += rows.num_rows();
        self.waiting_bytes += rows.get_array_memory_size();
        self.waiting.push(rows.clone());
        if self.waiting_rows >= ROW_GROUP_ROWS || self.waiting_bytes >= WAITING_BYTES {
            self.write_waiting()?;
        }
        Ok(())
    }

    /// Closes the last file and hands over all. No rows, no files.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn finish(mut self) -> Result<Vec<StagedFile>, StorageError> {
        self.write_waiting()?;
        self.close_file()?;
        Ok(std::mem::take(&mut self.finished))
    }

    fn write_waiting(&mut self) -> Result<(), StorageError> {
        let waiting = std::mem::take(&mut self.waiting);
        (self.waiting_rows, self.waiting_bytes) = (0, 0);
        match waiting.as_slice() {
            [] => Ok(()),
            [rows] => self.write_group(rows),
            batches => {
                let plain = batches.iter().map(|rows| row_shape::plain(&self.schema, rows));
                let plain = plain.collect::<Result<Vec<_>, _>>()?;
                self.write_group(&concat_batches(&self.schema, &plain)?)
            }
        }
    }

    fn write_group(&mut self, rows: &RecordBatch) -> Result<(), StorageError> {
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let opened = self.open_file()?;
                self.open.insert(opened)
            }
        };
        for (floats, column) in open.floats.iter_mut().zip(rows.columns()) {
            if let Some(floats) = floats {
                floats.observe(column);
            }
        }
        encode::write_row_group(&mut open.writer, rows).map_err(StorageError::parquet(&open.path))?;
        if open.writer.bytes_written() >= self.target_file_bytes {
            self.close_file()?;
        }
        Ok(())
    }

    fn open_file(&self) -> Result<OpenFile, StorageError> {
        std::fs::create_dir_all(&self.folder).map_err(StorageError::io(&self.folder))?;
        let path = self.folder.join(format!("{}.parquet", Uuid::now_v7()));
        let columns =
            ArrowSchemaConverter::new().convert(&self.schema).map_err(StorageError::parquet(&path))?;
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("dwh version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        add_encoded_arrow_schema_to_metadata(&self.schema, &mut properties);
        let file = File::create_new(&path).map_err(StorageError::io(&path))?;
        let owned = OwnedFile::new(&path, !self.durable);
        let writer = SerializedFileWriter::new(file, columns.root_schema_ptr(), Arc::new(properties))
            .map_err(StorageError::parquet(&path))?;
        let fields = self.schema.fields().iter();
        let is_float = |field: &FieldRef| field.data_type().is_floating();
        let floats = fields.map(|field| is_float(field).then(FloatStatistics::default)).collect();
        Ok(OpenFile { path, owned, writer, floats })
    }

    fn close_file(&mut self) -> Result<(), StorageError> {
        let Some(OpenFile { path, owned, mut writer, floats }) = self.open.take() else {
            return Ok(());
        };
        let footer = writer.finish().map_err(StorageError::parquet(&path))?;
        let file = writer.inner();
        let sizes = if self.durable { sync_and_measure(&path, file)? } else { measure(&path, file)? };
        let columns = self.definition.columns.iter().zip(&floats).enumerate();
        let statistics: BTreeMap<_, _> = columns
            .map(|(position, (column, floats))| {
                (column.id, statistics::of_footer(&footer, position, column.data_type, floats.as_ref()))
            })
            .collect();
        self.finished.push(StagedFile(Arc::new(DataFile {
            id: None,
            rows: u64::try_from(footer.file_metadata().num_rows()).unwrap_or_default(),
            bytes: sizes.file_bytes,
            deleted: DeletedRows::default(),
            staged: true,
            statistics: Arc::new(statistics),
            footer_bytes: sizes.footer_bytes,
            row_id_start: ROW_IDS_AT_COMMIT,
            metadata: Arc::new(OnceLock::new()),
            owned: Some(owned),
            path,
        })));
        Ok(())
    }
}

/// The table's Arrow schema with the column ids as Parquet field ids.
fn schema_with_field_ids(definition: &TableDefinition) -> SchemaRef {
    let fields: Vec<Field> = definition
        .columns
        .iter()
        .map(|column| {
            let mut field = column.data_type.field(column.name.clone(), column.nullable);
            field.metadata_mut().insert(PARQUET_FIELD_ID_META_KEY.to_owned(), column.id.to_string());
            field
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Sizes that DuckLake keeps of a Parquet file.
pub(crate) struct FileSizes {
    pub(crate) file_bytes: u64,
    pub(crate) footer_bytes: u64,
}

/// Makes a written file durable and measures it.
pub(crate) fn sync_and_measure(path: &Path, file: &File) -> Result<FileSizes, StorageError> {
    file.sync_all().map_err(StorageError::io(path))?;
    measure(path, file)
}

fn measure(path: &Path, file: &File) -> Result<FileSizes, StorageError> {
    let file_bytes = file.metadata().map_err(StorageError::io(path))?.len();
    // The last 8 bytes: length of the footer, little-endian, and the magic number.
    let mut reader = File::open(path).map_err(StorageError::io(path))?;
    reader.seek(SeekFrom::End(-8)).map_err(StorageError::io(path))?;
    let mut length = [0; 4];
    reader.read_exact(&mut length).map_err(StorageError::io(path))?;
    Ok(FileSizes { file_bytes, footer_bytes: u64::from(u32::from_le_bytes(length)) })
}

/// Makes the entries of a folder durable (a new file's name is its folder's data). Windows has no such
/// call and needs none.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StorageError> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(path).and_then(|folder| folder.sync_all()).map_err(StorageError::io(path))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, RecordBatch};
    use dwh_common::RedshiftType;

    use super::*;
    use crate::definition::{ColumnDefinition, TableAttributes, TableDefinition};
    use crate::{OpenOptions, TemporaryTables, Warehouse};

    #[test]
    fn a_file_past_the_target_size_is_followed_by_another() {
        let dir = tempfile::tempdir().unwrap();
        let warehouse = Warehouse::open(dir.path(), OpenOptions::default()).unwrap();
        let mut transaction = warehouse.begin(TemporaryTables::default()).unwrap();
        let column = ColumnDefinition { nullable: false, ..ColumnDefinition::new("n", RedshiftType::BigInt) };
        let definition = TableDefinition {
            schema: "public".to_owned(),
            name: "t".to_owned(),
            columns: vec![column],
            attributes: TableAttributes::default(),
            comment: None,
            temporary: false,
            materialized: None,
        };
        let table = transaction.create_table(definition).unwrap();
        let mut writer = TableWriter { target_file_bytes: 100_000, ..TableWriter::new(&table) };
        for start in 0..10 {
            let numbers = Int64Array::from_iter_values((0..40_000).map(|n| n * n * 7_919 + start));
            writer.write(&RecordBatch::try_new(table.schema(), vec![Arc::new(numbers)]).unwrap()).unwrap();
        }
        let files = writer.finish().unwrap();
        assert!(files.len() > 2, "{} files", files.len());
        assert_eq!(files.iter().map(StagedFile::rows).sum::<u64>(), 400_000);
        let on_disk = |file: &StagedFile| std::fs::metadata(&file.0.path).unwrap().len();
        assert!(files.iter().all(|file| on_disk(file) == file.bytes()));
    }
}
