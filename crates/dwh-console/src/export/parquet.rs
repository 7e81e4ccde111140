//! A Parquet file with the types of the result.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema};
use dwh_common::{RedshiftType, SqlError};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::runs::StatementRows;
use crate::warehouse::text;

pub(super) fn write(rows: &StatementRows) -> Result<Vec<u8>, SqlError> {
    let columns = rows.columns.as_deref().unwrap_or_default();
    let types: Vec<RedshiftType> =
        columns.iter().map(|column| column.data_type.unwrap_or(RedshiftType::MAX_VARCHAR)).collect();
    let field = |(column, data_type): (&crate::warehouse::Column, &RedshiftType)| {
        Field::new(&column.name, arrow_type(*data_type), true)
    };
    let schema = Arc::new(Schema::new(columns.iter().zip(&types).map(field).collect::<Vec<_>>()));
    let fault = |error: &dyn std::fmt::Display| {
        SqlError::internal(format!("the result cannot be written as Parquet: {error}"))
    };
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))
        .map_err(|error| fault(&error))?;
    for batch in &rows.batches {
        let arrays: Result<Vec<ArrayRef>, _> =
            batch.iter().zip(&types).map(|(column, data_type)| typed(column, *data_type)).collect();
        let arrays = arrays.map_err(|error| fault(&error))?;
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|error| fault(&error))?;
        writer.write(&batch).map_err(|error| fault(&error))?;
    }
    writer.into_inner().map_err(|error| fault(&error))
}

/// Texts are plain ones, for readers that do not know Arrow's views.
fn arrow_type(data_type: RedshiftType) -> DataType {
    match data_type.arrow_type() {
        DataType::Utf8View => DataType::Utf8,
        other => other,
    }
}

fn typed(column: &StringArray, data_type: RedshiftType) -> Result<ArrayRef, arrow::error::ArrowError> {
    if let RedshiftType::Varbyte(_) = data_type {
        return Ok(Arc::new(bytes(column)));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, &arrow_type(data_type), &options)
}

/// VARBYTE is told in hexadecimal digits.
fn bytes(column: &StringArray) -> arrow::array::BinaryArray {
    use arrow::array::Array;
    let mut bytes = BinaryBuilder::new();
    for row in 0..column.len() {
        let digits = text(column, row).map(str::as_bytes);
        bytes.append_option(digits.map(|digits| {
            let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
            digits
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |byte, one| byte << 4 | digit(*one)))
                .collect::<Vec<u8>>()
        }));
    }
    bytes.finish()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray, StringArray};
    use arrow::datatypes::{Decimal128Type, Int32Type, TimestampMicrosecondType};
    use dwh_common::RedshiftType;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::write;
    use crate::runs::StatementRows;
    use crate::warehouse::Column;

    #[test]
    fn every_type_reads_back() {
        let cases = [
            (RedshiftType::Integer, "-7"),
            (RedshiftType::Decimal { precision: 5, scale: 2 }, "12.30"),
            (RedshiftType::Boolean, "t"),
            (RedshiftType::Timestamp, "2018-11-30 17:31:24.796"),
            (RedshiftType::TimestampTz, "2018-11-30 17:31:24.796+00"),
            (RedshiftType::Date, "2018-11-30"),
            (RedshiftType::Time, "17:31:24.796"),
            (RedshiftType::Double, "NaN"),
            (RedshiftType::Real, "1.5"),
            (RedshiftType::Varbyte(10), "616263"),
            (RedshiftType::Super, "{\"a\":1}"),
            (RedshiftType::Char(3), "ab "),
        ];
        let column = |(data_type, _): &(RedshiftType, &str)| Column {
            name: data_type.to_string(),
            data_type: Some(*data_type),
        };
        let rows = StatementRows {
            columns: Some(cases.iter().map(column).collect::<Vec<_>>().into()),
            batches: vec![
                cases
                    .iter()
                    .map(|(_, text)| StringArray::from(vec![Some(*text), None]))
                    .collect::<Vec<_>>()
                    .into(),
            ],
            row_count: 2,
            ..StatementRows::default()
        };
        let file = axum::body::Bytes::from(write(&rows).expect("a file"));
        let mut reader =
            ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("a reader");
        let batch = reader.next().expect("a batch").expect("rows");
        assert_eq!(batch.num_rows(), 2);
        assert!(batch.columns().iter().all(|column| column.is_valid(0) && column.is_null(1)));
        assert_eq!(batch.column(0).as_primitive::<Int32Type>().value(0), -7);
        assert_eq!(batch.column(1).as_primitive::<Decimal128Type>().value(0), 1230);
        let moment = 1_543_599_084_796_000;
        assert_eq!(batch.column(3).as_primitive::<TimestampMicrosecondType>().value(0), moment);
        assert_eq!(batch.column(4).as_primitive::<TimestampMicrosecondType>().value(0), moment);
        assert_eq!(batch.column(9).as_binary::<i32>().value(0), b"abc");
    }
}
