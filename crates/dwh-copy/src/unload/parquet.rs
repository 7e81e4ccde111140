//! Parquet 1.0 with SNAPPY and the physical types of RS 6.2: TIMESTAMP as INT96, DECIMAL as bytes of a
//! fixed length, every column optional.
//!
//! Columns are written through parquet's own column writers: its Arrow writer has no INT96.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use arrow::array::ArrayAccessor;
use dwh_common::RedshiftType;

use super::error::UnloadError;
use super::object::ObjectWriter;
use super::value::Values;
use crate::datetime::civil;
use crate::source::blocking;

type Result<T> = std::result::Result<T, ParquetError>;

/// The schema of files with these columns.
pub(super) fn schema(columns: &[(&str, RedshiftType)]) -> std::result::Result<TypePtr, UnloadError> {
    let fields = columns.iter().map(|(name, data_type)| column(name, *data_type).map(Arc::new));
    fields
        .collect::<Result<Vec<_>>>()
        .and_then(|fields| Type::group_type_builder("redshift_schema").with_fields(fields).build())
        .map(Arc::new)
        .map_err(|error| UnloadError::Query(error.into()))
}

/// Bytes of a DECIMAL: as the server stores it.
fn decimal_bytes(precision: u8) -> usize {
    if precision <= 18 { 8 } else { 16 }
}

fn column(name: &str, data_type: RedshiftType) -> Result<Type> {
    let (physical, logical) = match data_type {
        RedshiftType::SmallInt => (PhysicalType::INT32, Some(LogicalType::integer(16, true))),
        RedshiftType::Integer => (PhysicalType::INT32, None),
        RedshiftType::BigInt => (PhysicalType::INT64, None),
        RedshiftType::Decimal { precision, scale } => {
            let (scale, precision_digits) = (i32::from(scale), i32::from(precision));
            return Type::primitive_type_builder(name, PhysicalType::FIXED_LEN_BYTE_ARRAY)
                .with_repetition(Repetition::OPTIONAL)
                .with_length(decimal_bytes(precision) as i32)
                .with_precision(precision_digits)
                .with_scale(scale)
                .with_logical_type(Some(LogicalType::decimal(scale, precision_digits)))
                .build();
        }
        RedshiftType::Real => (PhysicalType::FLOAT, None),
        RedshiftType::Double => (PhysicalType::DOUBLE, None),
        RedshiftType::Boolean => (PhysicalType::BOOLEAN, None),
        RedshiftType::Char(_) | RedshiftType::Varchar(_) | RedshiftType::Geometry => {
            (PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
        }
        RedshiftType::Super | RedshiftType::HllSketch => (PhysicalType::BYTE_ARRAY, Some(LogicalType::Json)),
        RedshiftType::Date => (PhysicalType::INT32, Some(LogicalType::Date)),
        RedshiftType::Time => (PhysicalType::INT64, Some(LogicalType::time(false, TimeUnit::MICROS))),
        RedshiftType::TimeTz => (PhysicalType::INT64, Some(LogicalType::time(true, TimeUnit::MICROS))),
        RedshiftType::Interval(unit) if unit.is_year_to_month() => (PhysicalType::INT32, None),
        RedshiftType::Interval(_) => (PhysicalType::INT64, None),
        RedshiftType::Timestamp | RedshiftType::TimestampTz => (PhysicalType::INT96, None),
        RedshiftType::Varbyte(_) => (PhysicalType::BYTE_ARRAY, None),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

/// A Parquet file that is being written.
pub(super) struct ParquetFile {
    object: ObjectWriter,
    encoder: Encoder,
    pub(super) rows: u64,
}

/// Rows collected for a row group.
#[derive(Default)]
pub(super) struct RowGroup {
    /// Per batch, its columns.
    batches: Vec<Vec<Values>>,
    rows: u64,
    /// Before encoding.
    pub(super) bytes: u64,
}

impl RowGroup {
    pub(super) fn push(&mut self, columns: Vec<Values>, rows: usize) {
        self.rows += rows as u64;
        self.bytes += columns.iter().map(Values::byte_count).sum::<u64>();
        self.batches.push(columns);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }
}

impl ParquetFile {
    pub(super) fn new(object: ObjectWriter, schema: TypePtr) -> std::result::Result<Self, UnloadError> {
        let encoder = Encoder::new(schema).map_err(|error| encode_error(&object, &error))?;
        Ok(Self { object, encoder, rows: 0 })
    }

    /// Bytes of the row groups so far.
    pub(super) fn bytes_written(&self) -> u64 {
        self.encoder.writer.bytes_written() as u64
    }

    /// Encodes a row group, off the async threads, and hands on its bytes.
    pub(super) async fn write(self, group: RowGroup) -> std::result::Result<Self, UnloadError> {
        let Self { mut object, mut encoder, rows } = self;
        let rows = rows + group.rows;
        let (encoder, encoded) = blocking(move || {
            let encoded = encoder.write(&group.batches);
            Ok((encoder, encoded))
        })
        .await?;
        let bytes = encoded.map_err(|error| encode_error(&object, &error))?;
        object.write(bytes).await?;
        Ok(Self { object, encoder, rows })
    }

    /// Ends the file; gives back its URL and size.
    pub(super) async fn finish(self) -> std::result::Result<(String, u64), UnloadError> {
        let Self { mut object, encoder, .. } = self;
        let footer = encoder.finish().map_err(|error| encode_error(&object, &error))?;
        object.write(footer).await?;
        let url = object.url().to_owned();
        Ok((url, object.finish().await?))
    }
}

fn encode_error(object: &ObjectWriter, error: &ParquetError) -> UnloadError {
    UnloadError::Encode { url: object.url().to_owned(), reason: error.to_string() }
}

/// Row groups in, bytes out.
struct Encoder {
    writer: SerializedFileWriter<Vec<u8>>,
}

impl Encoder {
    fn new(schema: TypePtr) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by(concat!("dwh ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        Ok(Self { writer: SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))? })
    }

    fn write(&mut self, batches: &[Vec<Values>]) -> Result<Vec<u8>> {
        let mut group = self.writer.next_row_group()?;
        let mut index = 0;
        while let Some(mut column) = group.next_column()? {
            for columns in batches {
                write_values(&mut column, &columns[index])?;
            }
            column.close()?;
            index += 1;
        }
        group.close()?;
        self.writer.flush()?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        self.writer.finish()?;
        self.writer.flush()?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }
}

fn write_values(column: &mut SerializedColumnWriter<'_>, values: &Values) -> Result<()> {
    match values {
        Values::SmallInt(array) => write(column.typed::<Int32Type>(), array, i32::from),
        Values::Integer(array) => write(column.typed::<Int32Type>(), array, |value| value),
        Values::BigInt(array) => write(column.typed::<Int64Type>(), array, |value| value),
        Values::Decimal(array) => {
            let length = decimal_bytes(array.precision());
            write(column.typed::<FixedLenByteArrayType>(), array, |value| {
                FixedLenByteArray::from(value.to_be_bytes()[16 - length..].to_vec())
            })
        }
        Values::Real(array) => write(column.typed::<FloatType>(), array, |value| value),
        Values::Double(array) => write(column.typed::<DoubleType>(), array, |value| value),
        Values::Boolean(array) => write(column.typed::<BoolType>(), array, |value| value),
        Values::Text(array) | Values::Super(array) => {
            write(column.typed::<ByteArrayType>(), array, |text: &str| ByteArray::from(text))
        }
        Values::Date(array) => write(column.typed::<Int32Type>(), array, |value| value),
        Values::Time(array) => write(column.typed::<Int64Type>(), array, |value| value),
        Values::Timestamp(array) | Values::TimestampTz(array) => {
            write(column.typed::<Int96Type>(), array, int96)
        }
        Values::Varbyte(array) => {
            write(column.typed::<ByteArrayType>(), array, |bytes: &[u8]| ByteArray::from(bytes.to_vec()))
        }
    }
}

/// Nanoseconds of the day and Julian day number.
fn int96(micros: i64) -> Int96 {
    let nanos = micros.rem_euclid(civil::MICROS_PER_DAY) as u64 * 1000;
    let day = micros.div_euclid(civil::MICROS_PER_DAY) + civil::JULIAN_DAY_OF_EPOCH;
    let mut value = Int96::new();
    value.set_data(nanos as u32, (nanos >> 32) as u32, day as u32);
    value
}

/// Writes the values that are not NULL, and for each row whether there is one.
fn write<A: ArrayAccessor, T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    array: A,
    convert: impl Fn(A::Item) -> T::T,
) -> Result<()> {
    let mut values = Vec::with_capacity(array.len() - array.null_count());
    let mut definition_levels = Vec::with_capacity(array.len());
    for row in 0..array.len() {
        let is_null = array.is_null(row);
        definition_levels.push(i16::from(!is_null));
        if !is_null {
            values.push(convert(array.value(row)));
        }
    }
    column.write_batch(&values, Some(&definition_levels), None).map(|_| ())
}
