//! Parquet files: their row groups, and the types that they are read in.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::error::ArrowError;
use dwh_common::RedshiftType;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{ConvertedType, LogicalType, Type as PhysicalType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::{Batches, Layout, Unit};
use crate::ranges::RangeReader;
use crate::request::TargetColumn;

/// Reads the footer. With `accepts_invalid_text` strings for VARCHAR columns are read as bytes.
pub(super) fn open(
    reader: &RangeReader,
    columns: &[TargetColumn],
    accepts_invalid_text: bool,
) -> Result<ArrowReaderMetadata> {
    // Types are those of Parquet: what a writer notes of its own types is nothing to Redshift.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let mut metadata = ArrowReaderMetadata::load(reader, options.clone())?;
    if accepts_invalid_text {
        let schema = with_text_as_bytes(metadata.parquet_schema(), columns)?;
        metadata = ArrowReaderMetadata::load(reader, options.clone().with_parquet_schema(schema))?;
    }
    let schema = read_types(&metadata, columns, accepts_invalid_text);
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options.with_schema(schema))
}

/// The row groups that have rows.
pub(super) fn units(metadata: &ArrowReaderMetadata) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    let mut rows_before = 0;
    for (row_group, described) in metadata.metadata().row_groups().iter().enumerate() {
        let rows = unsigned(described.num_rows())?;
        if rows > 0 {
            let layout = Layout::Parquet { metadata: metadata.clone(), row_group };
            let unpacked_bytes = unsigned(described.total_byte_size())?;
            units.push(Unit::new(layout, rows_before, rows, unpacked_bytes, stretches(described)?));
        }
        rows_before += rows;
    }
    Ok(units)
}

pub(super) fn batches(
    reader: &RangeReader,
    metadata: &ArrowReaderMetadata,
    row_group: usize,
    batch_rows: usize,
) -> std::result::Result<Batches, ArrowError> {
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(reader.clone(), metadata.clone())
        .with_row_groups(vec![row_group])
        .with_batch_size(batch_rows)
        .build()?;
    Ok(Box::new(batches))
}

/// Which columns are JSON, as what UNLOAD writes of SUPER is.
pub(super) fn json_columns(metadata: &ArrowReaderMetadata) -> Vec<bool> {
    let roots = metadata.parquet_schema().root_schema().get_fields();
    let is_json = |root: &Arc<Type>| {
        let info = root.get_basic_info();
        info.logical_type_ref() == Some(&LogicalType::Json) || info.converted_type() == ConvertedType::JSON
    };
    roots.iter().map(is_json).collect()
}

/// Where the columns of a row group are.
fn stretches(row_group: &RowGroupMetaData) -> Result<Vec<Range<u64>>> {
    let stretch = |column: &ColumnChunkMetaData| {
        let first_page = column.dictionary_page_offset().unwrap_or(i64::MAX).min(column.data_page_offset());
        let start = unsigned(first_page)?;
        Ok(start..start.saturating_add(unsigned(column.compressed_size())?))
    };
    row_group.columns().iter().map(stretch).collect()
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| ParquetError::General(format!("a size or offset of {number} bytes")))
}

/// The types that are cheapest to convert from: strings as views, old timestamps with the range of
/// Redshift's.
fn read_types(
    metadata: &ArrowReaderMetadata,
    columns: &[TargetColumn],
    accepts_invalid_text: bool,
) -> Arc<Schema> {
    let roots = metadata.parquet_schema().root_schema().get_fields();
    let fields = metadata.schema().fields().iter().enumerate().map(|(index, field)| {
        let is_text = columns.get(index).is_some_and(|column| column.data_type.is_text());
        let is_int96 = roots
            .get(index)
            .is_some_and(|root| root.is_primitive() && root.get_physical_type() == PhysicalType::INT96);
        let data_type = match field.data_type() {
            DataType::Utf8 => DataType::Utf8View,
            DataType::Binary if is_text && !accepts_invalid_text => DataType::Utf8View,
            DataType::Binary => DataType::BinaryView,
            DataType::Timestamp(..) if is_int96 => DataType::Timestamp(TimeUnit::Microsecond, None),
            other => other.clone(),
        };
        Field::clone(field).with_data_type(data_type)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The schema without the note that a column for VARCHAR is a string: the library refuses invalid ones.
fn with_text_as_bytes(schema: &SchemaDescriptor, columns: &[TargetColumn]) -> Result<Arc<SchemaDescriptor>> {
    let root = schema.root_schema();
    let mut fields = Vec::with_capacity(root.get_fields().len());
    for (index, field) in root.get_fields().iter().enumerate() {
        let is_varchar =
            columns.get(index).is_some_and(|column| matches!(column.data_type, RedshiftType::Varchar(_)));
        let is_bytes = field.is_primitive() && field.get_physical_type() == PhysicalType::BYTE_ARRAY;
        fields.push(if is_varchar && is_bytes {
            let plain = Type::primitive_type_builder(field.name(), PhysicalType::BYTE_ARRAY)
                .with_repetition(field.get_basic_info().repetition());
            Arc::new(plain.build()?)
        } else {
            Arc::clone(field)
        });
    }
    let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
    Ok(Arc::new(SchemaDescriptor::new(Arc::new(root))))
}
