//! Reads the rows of one data file as the table has them now, without the deleted ones.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::{cast, take};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

use crate::data_file::DataFile;
use crate::error::StorageError;
use crate::snapshot::Table;

const BATCH_ROWS: usize = 65_536;

/// Where a column of the table comes from.
enum Source {
    /// The column at this place among those read.
    File(usize),
    /// The file is older than the column: one value for all rows.
    Initial(ArrayRef),
}

/// The live rows of one file in the table's schema; blocks on the disk.
pub(crate) struct FileScan {
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
    sources: Vec<Source>,
}

impl FileScan {
    pub(crate) fn open(table: &Table, file: &DataFile) -> Result<Self, StorageError> {
        let present = file.columns()?;
        let mut roots: Vec<usize> = Vec::new();
        for column in &table.definition.columns {
            roots.extend(present.get(&column.id));
        }
        roots.sort_unstable();
        let mut sources = Vec::with_capacity(table.definition.columns.len());
        for column in &table.definition.columns {
            let place = present.get(&column.id).and_then(|root| roots.binary_search(root).ok());
            sources.push(match place {
                Some(place) => Source::File(place),
                None => Source::Initial(table.initial_value(column)?),
            });
        }
        let handle = File::open(&file.path).map_err(StorageError::io(&file.path))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, file.metadata()?);
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let selection = all_but(&file.deleted.positions()?, file.rows);
        let reader = builder
            .with_projection(mask)
            .with_row_selection(selection)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(StorageError::parquet(&file.path))?;
        Ok(Self { reader, schema: table.schema(), sources })
    }

    fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch, StorageError> {
        let columns: Result<Vec<ArrayRef>, _> = self
            .sources
            .iter()
            .zip(self.schema.fields())
            .map(|(source, field)| match source {
                Source::File(place) if batch.column(*place).data_type() == field.data_type() => {
                    Ok(Arc::clone(batch.column(*place)))
                }
                // Files of other programs may hold text or times in another of Arrow's forms.
                Source::File(place) => cast(batch.column(*place), field.data_type()),
                Source::Initial(value) => take(value, &UInt64Array::from_value(0, batch.num_rows()), None),
            })
            .collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns?)?)
    }
}

impl Iterator for FileScan {
    type Item = Result<RecordBatch, StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.map_err(StorageError::from).and_then(|batch| self.conform(&batch)))
    }
}

/// Selects all rows but those at `deleted`, which is sorted.
fn all_but(deleted: &[u64], rows: u64) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0;
    for position in deleted {
        if *position > next {
            selectors.push(RowSelector::select((position - next) as usize));
        }
        selectors.push(RowSelector::skip(1));
        next = position + 1;
    }
    if rows > next {
        selectors.push(RowSelector::select((rows - next) as usize));
    }
    RowSelection::from(selectors)
}
