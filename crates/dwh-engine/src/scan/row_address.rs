//! Where a row lives: DELETE, UPDATE and MERGE are planned as queries that return these two columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::error::Result;
use parquet::arrow::RowNumber;

/// Index of the row's file in `Table::files`, or `files.len()` + its index in `Table::batches`.
pub(crate) const SOURCE_COLUMN: &str = "__dwh_source";
/// Position of the row within its file or batch, from 0.
pub(crate) const ROW_COLUMN: &str = "__dwh_row";

pub(super) fn source_field() -> FieldRef {
    Arc::new(Field::new(SOURCE_COLUMN, DataType::Int32, false))
}

/// The Parquet reader fills this column itself.
pub(super) fn row_field() -> FieldRef {
    Arc::new(Field::new(ROW_COLUMN, DataType::Int64, false).with_extension_type(RowNumber))
}

/// The table's schema with both columns behind its own.
pub(super) fn with_addresses(schema: &Schema) -> SchemaRef {
    let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
    fields.push(source_field());
    fields.push(row_field());
    Arc::new(Schema::new(fields))
}

/// Adds both columns to a batch in memory.
pub(super) fn add_addresses(batch: &RecordBatch, source: usize) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns.push(Arc::new(Int32Array::from(vec![source as i32; rows])));
    columns.push(Arc::new(Int64Array::from_iter_values(0..rows as i64)));
    Ok(RecordBatch::try_new(with_addresses(&batch.schema()), columns)?)
}
