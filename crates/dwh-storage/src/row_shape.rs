//! The shape of rows on their way into a table: which types its columns may come in.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::definition::TableDefinition;
use crate::error::StorageError;

/// Refuses columns of other types than the table's and NULLs where none may be.
pub(crate) fn check(
    definition: &TableDefinition,
    schema: &SchemaRef,
    rows: &RecordBatch,
) -> Result<(), StorageError> {
    let mismatch = |reason| StorageError::RowsMismatch { table: definition.name.clone(), reason };
    let (expected, found) = (schema.fields().len(), rows.num_columns());
    if expected != found {
        return Err(mismatch(format!("{found} columns instead of {expected}")));
    }
    for (field, column) in schema.fields().iter().zip(rows.columns()) {
        if !column_takes(field, column.data_type()) {
            return Err(mismatch(format!(
                "column \"{}\" is {} instead of {}",
                field.name(),
                column.data_type(),
                field.data_type()
            )));
        }
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(mismatch(format!("column \"{}\" is NOT NULL and has NULLs", field.name())));
        }
    }
    Ok(())
}

/// Whether a table's column takes arrays of a type: its own, and for text `Utf8` and its dictionaries with
/// codes of type `UInt32`.
pub fn column_takes(field: &Field, data_type: &DataType) -> bool {
    field.data_type() == data_type
        || (*field.data_type() == DataType::Utf8View
            && match data_type {
                DataType::Utf8 => true,
                DataType::Dictionary(codes, values) => {
                    **codes == DataType::UInt32 && **values == DataType::Utf8
                }
                _ => false,
            })
}

/// Checked rows in the table's own types.
pub(crate) fn plain(schema: &SchemaRef, rows: &RecordBatch) -> Result<RecordBatch, StorageError> {
    let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
        if column.data_type() == field.data_type() {
            Ok(Arc::clone(column))
        } else {
            cast(column, field.data_type())
        }
    });
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
