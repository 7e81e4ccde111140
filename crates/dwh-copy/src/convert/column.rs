use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanArray, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, RecordBatch, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use dwh_common::RedshiftType;

use super::text_builder::TextBuilder;
use super::{
    FieldError, Rules, Value, binary, boolean, decimal, float, integer, semi_structured, text, time,
};
use crate::load_error::code;
use crate::request::TargetColumn;

/// Collects converted records into an Arrow batch.
pub(crate) struct BatchBuilder {
    schema: SchemaRef,
    columns: Vec<Column>,
    rules: Arc<Rules>,
    rows: usize,
    /// Rows that failed after some of their columns were appended; they are left out at the end.
    rejected_rows: Vec<usize>,
    buffer: String,
}

struct Column {
    nullable: bool,
    builder: Builder,
}

enum Builder {
    SmallInt(Int16Builder),
    Integer(Int32Builder),
    BigInt(Int64Builder),
    Decimal { precision: u8, scale: u8, builder: Decimal128Builder },
    Real(Float32Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Char(u32, TextBuilder),
    Varchar(u32, TextBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp { with_zone: bool, builder: TimestampMicrosecondBuilder },
    Super(TextBuilder),
    Varbyte(u32, BinaryBuilder),
}

/// The first field of a record that does not fit.
#[derive(Debug)]
pub(crate) struct RowError {
    /// Index of the column.
    pub(crate) column: usize,
    pub(crate) error: FieldError,
}

impl BatchBuilder {
    pub(crate) fn new(columns: &[TargetColumn], rules: Arc<Rules>) -> Self {
        let fields: Vec<_> =
            columns.iter().map(|column| column.data_type.field(&column.name, column.nullable)).collect();
        Self {
            schema: Arc::new(Schema::new(fields)),
            columns: columns.iter().map(Column::new).collect(),
            rules,
            rows: 0,
            rejected_rows: Vec::new(),
            buffer: String::new(),
        }
    }

    /// Rows that a batch would hold now.
    pub(crate) fn rows(&self) -> usize {
        self.rows - self.rejected_rows.len()
    }

    /// Bytes that the batch holds by now, about.
    pub(crate) fn size_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.builder.size_bytes(self.rows)).sum()
    }

    /// Converts and appends one record. `value` gives a column's value and its token as written. The first
    /// column in which ACCEPTINVCHARS replaced something.
    pub(crate) fn append<'v>(
        &mut self,
        mut value: impl FnMut(usize) -> (Value<'v>, &'v [u8]),
    ) -> Result<Option<usize>, RowError> {
        let mut replaced = None;
        let mut failure = None;
        for (index, column) in self.columns.iter_mut().enumerate() {
            if failure.is_some() {
                column.builder.append_null();
                continue;
            }
            let (value, token) = value(index);
            match column.append(value, token, &self.rules, &mut self.buffer) {
                Ok(true) => replaced = replaced.or(Some(index)),
                Ok(false) => {}
                Err(error) => {
                    column.builder.append_null();
                    failure = Some(RowError { column: index, error });
                }
            }
        }
        self.rows += 1;
        match failure {
            None => Ok(replaced),
            Some(failure) => {
                self.rejected_rows.push(self.rows - 1);
                Err(failure)
            }
        }
    }

    /// The batch; the builder is empty again.
    ///
    /// # Errors
    /// Arrow's, which would be a fault of dwh.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> =
            self.columns.iter_mut().map(|column| column.builder.finish()).collect::<Result<_, _>>()?;
        if !self.rejected_rows.is_empty() {
            let mut loaded = vec![true; self.rows];
            for row in self.rejected_rows.drain(..) {
                loaded[row] = false;
            }
            let loaded = BooleanArray::from(loaded);
            for array in &mut arrays {
                *array = arrow::compute::filter(array, &loaded)?;
            }
        }
        self.rows = 0;
        let fields = self.schema.fields().iter().zip(&arrays);
        let fields: Vec<_> = fields
            .map(|(field, array)| field.as_ref().clone().with_data_type(array.data_type().clone()))
            .collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }
}

impl Column {
    fn new(column: &TargetColumn) -> Self {
        let builder = match column.data_type {
            RedshiftType::SmallInt => Builder::SmallInt(Int16Builder::new()),
            RedshiftType::Integer => Builder::Integer(Int32Builder::new()),
            RedshiftType::BigInt => Builder::BigInt(Int64Builder::new()),
            RedshiftType::Decimal { precision, scale } => Builder::Decimal {
                precision,
                scale,
                builder: Decimal128Builder::new().with_data_type(column.data_type.arrow_type()),
            },
            RedshiftType::Real => Builder::Real(Float32Builder::new()),
            RedshiftType::Double => Builder::Double(Float64Builder::new()),
            RedshiftType::Boolean => Builder::Boolean(BooleanBuilder::new()),
            RedshiftType::Char(length) => Builder::Char(length, TextBuilder::new()),
            RedshiftType::Varchar(length) => Builder::Varchar(length, TextBuilder::new()),
            RedshiftType::Date => Builder::Date(Date32Builder::new()),
            RedshiftType::Time => Builder::Time(Time64MicrosecondBuilder::new()),
            RedshiftType::Timestamp | RedshiftType::TimestampTz => Builder::Timestamp {
                with_zone: column.data_type == RedshiftType::TimestampTz,
                builder: TimestampMicrosecondBuilder::new().with_data_type(column.data_type.arrow_type()),
            },
            RedshiftType::Super => Builder::Super(TextBuilder::new()),
            RedshiftType::Varbyte(length) => Builder::Varbyte(length, BinaryBuilder::new()),
        };
        Self { nullable: column.nullable, builder }
    }

    /// Appends the converted value, or nothing if that fails. Whether ACCEPTINVCHARS replaced something.
    fn append(
        &mut self,
        value: Value<'_>,
        token: &[u8],
        rules: &Rules,
        buffer: &mut String,
    ) -> Result<bool, FieldError> {
        let nullable = self.nullable;
        match &mut self.builder {
            Builder::SmallInt(builder) => {
                builder.append_option(check(integer::convert(value, buffer)?, nullable)?)
            }
            Builder::Integer(builder) => {
                builder.append_option(check(integer::convert(value, buffer)?, nullable)?)
            }
            Builder::BigInt(builder) => {
                builder.append_option(check(integer::convert(value, buffer)?, nullable)?)
            }
            Builder::Decimal { precision, scale, builder } => builder
                .append_option(check(decimal::convert(value, *precision, *scale, rules, buffer)?, nullable)?),
            Builder::Real(builder) => {
                builder.append_option(check(float::convert_real(value, buffer)?, nullable)?)
            }
            Builder::Double(builder) => {
                builder.append_option(check(float::convert_double(value, buffer)?, nullable)?);
            }
            Builder::Boolean(builder) => {
                builder.append_option(check(boolean::convert(value, buffer)?, nullable)?)
            }
            Builder::Char(length, builder) => match value {
                Value::Utf8(text) if text.is_ascii() && text::is_stored_as_is(text, *length, rules) => {
                    builder.append(text);
                }
                _ => {
                    let text = check(text::convert_char(value, *length, rules, buffer)?, nullable)?;
                    builder.append_option(text.as_deref());
                }
            },
            Builder::Varchar(length, builder) => match value {
                Value::Utf8(text) if text::is_stored_as_is(text, *length, rules) => builder.append(text),
                _ => {
                    let converted = check(text::convert_varchar(value, *length, rules, buffer)?, nullable)?;
                    builder.append_option(converted.as_ref().map(|text| &*text.text));
                    return Ok(converted.is_some_and(|text| text.replaced));
                }
            },
            Builder::Date(builder) => {
                builder.append_option(check(time::convert_date(value, rules, buffer)?, nullable)?);
            }
            Builder::Time(builder) => {
                builder.append_option(check(time::convert_time(value, buffer)?, nullable)?)
            }
            Builder::Timestamp { with_zone, builder } => {
                let micros = time::convert_timestamp(value, *with_zone, rules, buffer)?;
                builder.append_option(check(micros, nullable)?);
            }
            Builder::Super(builder) => {
                let json = match value {
                    Value::Null => None,
                    _ => Some(semi_structured::convert(token)?),
                };
                builder.append_option(check(json, nullable)?);
            }
            Builder::Varbyte(length, builder) => {
                builder.append_option(check(binary::convert(value, *length, buffer)?, nullable)?);
            }
        }
        Ok(false)
    }
}

/// NULL in a NOT NULL column is error 1213.
fn check<T>(converted: Option<T>, nullable: bool) -> Result<Option<T>, FieldError> {
    if converted.is_none() && !nullable {
        return Err(FieldError::new(code::NOT_NULL, "Missing data for not-null field"));
    }
    Ok(converted)
}

impl Builder {
    fn append_null(&mut self) {
        match self {
            Self::SmallInt(builder) => builder.append_null(),
            Self::Integer(builder) => builder.append_null(),
            Self::BigInt(builder) => builder.append_null(),
            Self::Decimal { builder, .. } => builder.append_null(),
            Self::Real(builder) => builder.append_null(),
            Self::Double(builder) => builder.append_null(),
            Self::Boolean(builder) => builder.append_null(),
            Self::Char(_, builder) | Self::Varchar(_, builder) | Self::Super(builder) => {
                builder.append_null()
            }
            Self::Date(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
            Self::Timestamp { builder, .. } => builder.append_null(),
            Self::Varbyte(_, builder) => builder.append_null(),
        }
    }

    fn size_bytes(&self, rows: usize) -> usize {
        match self {
            Self::Char(_, builder) | Self::Varchar(_, builder) | Self::Super(builder) => builder.size_bytes(),
            Self::Varbyte(_, builder) => builder.values_slice().len() + 4 * rows,
            Self::Decimal { .. } => 16 * rows,
            _ => 8 * rows,
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::SmallInt(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::BigInt(builder) => Arc::new(builder.finish()),
            Self::Decimal { builder, .. } => Arc::new(builder.finish()),
            Self::Real(builder) => Arc::new(builder.finish()),
            Self::Double(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Char(_, builder) | Self::Varchar(_, builder) | Self::Super(builder) => builder.finish()?,
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Timestamp { builder, .. } => Arc::new(builder.finish()),
            Self::Varbyte(_, builder) => Arc::new(builder.finish()),
        })
    }
}
