use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanArray, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, RecordBatch, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use dwh_common::{IntervalUnit, RedshiftType};

use super::recent_texts::Written;
use super::text_builder::TextBuilder;
use super::{
    FieldError, Rules, Value, binary, boolean, decimal, float, integer, interval, semi_structured, text, time,
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
    buffer: Vec<u8>,
}

struct Column {
    nullable: bool,
    builder: Builder,
}

enum Builder {
    SmallInt(Int16Builder),
    Integer(Int32Builder),
    BigInt(Int64Builder),
    Decimal {
        precision: u8,
        scale: u8,
        builder: Decimal128Builder,
    },
    Real(Float32Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Char(u32, TextBuilder),
    Varchar(u32, TextBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    /// In UTC.
    TimeTz(Time64MicrosecondBuilder),
    Months(IntervalUnit, Int32Builder),
    /// In microseconds.
    Duration(IntervalUnit, Int64Builder),
    Timestamp {
        with_zone: bool,
        builder: TimestampMicrosecondBuilder,
    },
    Super(TextBuilder),
    Varbyte(u32, BinaryBuilder),
}

/// Values of records that are converted together.
pub(crate) trait Rows<'v> {
    /// The value of a row and column, and its token as written.
    fn get(&self, row: usize, column: usize) -> (Value<'v>, &'v [u8]);
}

/// What is to be said of a row.
#[derive(Debug)]
pub(crate) enum Remark {
    /// ACCEPTINVCHARS replaced something, first in this column.
    Replaced { column: usize },
    /// It is not loaded.
    Rejected(RowError),
}

/// Remarks by row; most blocks have none.
pub(crate) type Remarks = BTreeMap<usize, Remark>;

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
            buffer: Vec::new(),
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

    /// Converts and appends records, column by column. What is to be said of the rows, in their order.
    pub(crate) fn append<'v>(&mut self, rows: usize, values: &impl Rows<'v>) -> Remarks {
        let mut remarks = Remarks::new();
        for (index, column) in self.columns.iter_mut().enumerate() {
            let cells = Cells { rows, column: index, nullable: column.nullable, remarks: &mut remarks };
            column.builder.append(cells, values, &self.rules, &mut self.buffer);
        }
        for (row, remark) in &remarks {
            if matches!(remark, Remark::Rejected(_)) {
                self.rejected_rows.push(self.rows + row);
            }
        }
        self.rows += rows;
        remarks
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
            RedshiftType::TimeTz => Builder::TimeTz(Time64MicrosecondBuilder::new()),
            RedshiftType::Interval(unit) if unit.is_year_to_month() => {
                Builder::Months(unit, Int32Builder::new())
            }
            RedshiftType::Interval(unit) => Builder::Duration(unit, Int64Builder::new()),
            RedshiftType::Timestamp | RedshiftType::TimestampTz => Builder::Timestamp {
                with_zone: column.data_type == RedshiftType::TimestampTz,
                builder: TimestampMicrosecondBuilder::new().with_data_type(column.data_type.arrow_type()),
            },
            RedshiftType::Super | RedshiftType::HllSketch | RedshiftType::Geometry => {
                Builder::Super(TextBuilder::new())
            }
            RedshiftType::Varbyte(length) => Builder::Varbyte(length, BinaryBuilder::new()),
        };
        Self { nullable: column.nullable, builder }
    }
}

/// The cells of one column that are being appended.
struct Cells<'a> {
    rows: usize,
    column: usize,
    nullable: bool,
    remarks: &'a mut Remarks,
}

impl Cells<'_> {
    /// Gives `push` what `convert` makes of each row: NULL for rows that are rejected, for this column or one
    /// before it.
    #[inline]
    fn fill<T>(
        mut self,
        mut convert: impl FnMut(usize) -> Result<Option<T>, FieldError>,
        mut push: impl FnMut(Option<T>),
    ) {
        for row in 0..self.rows {
            if self.is_rejected(row) {
                push(None);
                continue;
            }
            match convert(row) {
                Ok(None) if !self.nullable => {
                    self.reject(row, missing());
                    push(None);
                }
                Ok(converted) => push(converted),
                Err(error) => {
                    self.reject(row, error);
                    push(None);
                }
            }
        }
    }

    /// Texts as in [`Self::fill`], except that a text seen before needs no second conversion.
    #[inline]
    fn fill_text<'v>(
        mut self,
        builder: &mut TextBuilder,
        value: impl Fn(usize) -> Value<'v>,
        mut convert: impl FnMut(&mut TextBuilder, Value<'v>) -> Result<Converted, FieldError>,
    ) {
        for row in 0..self.rows {
            if self.is_rejected(row) {
                builder.append_null();
                continue;
            }
            let value = value(row);
            let written = Written::of(value);
            if written.is_some_and(|written| builder.append_seen(written)) {
                continue;
            }
            match convert(builder, value) {
                Ok(Converted::Text) => {
                    if let Some(written) = written {
                        builder.remember_last(written);
                    }
                }
                Ok(Converted::Replaced) => {
                    let column = self.column;
                    self.remarks.entry(row).or_insert(Remark::Replaced { column });
                }
                Ok(Converted::Null) => {
                    builder.append_null();
                    if !self.nullable {
                        self.reject(row, missing());
                    }
                }
                Err(error) => {
                    builder.append_null();
                    self.reject(row, error);
                }
            }
        }
    }

    #[inline]
    fn is_rejected(&self, row: usize) -> bool {
        !self.remarks.is_empty() && matches!(self.remarks.get(&row), Some(Remark::Rejected(_)))
    }

    #[cold]
    fn reject(&mut self, row: usize, error: FieldError) {
        self.remarks.insert(row, Remark::Rejected(RowError { column: self.column, error }));
    }
}

/// What became of a text; all but NULL is appended.
enum Converted {
    Text,
    /// Text in which ACCEPTINVCHARS replaced something.
    Replaced,
    Null,
}

/// NULL in a NOT NULL column is error 1213.
fn missing() -> FieldError {
    FieldError::new(code::NOT_NULL, "Missing data for not-null field")
}

impl Builder {
    /// Converts and appends the cells' values.
    fn append<'v>(&mut self, cells: Cells<'_>, values: &impl Rows<'v>, rules: &Rules, buffer: &mut Vec<u8>) {
        let column = cells.column;
        let value = |row| values.get(row, column).0;
        match self {
            Self::SmallInt(builder) => {
                cells.fill(|row| integer::convert(value(row), buffer), |value| builder.append_option(value));
            }
            Self::Integer(builder) => {
                cells.fill(|row| integer::convert(value(row), buffer), |value| builder.append_option(value));
            }
            Self::BigInt(builder) => {
                cells.fill(|row| integer::convert(value(row), buffer), |value| builder.append_option(value));
            }
            Self::Decimal { precision, scale, builder } => cells.fill(
                |row| decimal::convert(value(row), *precision, *scale, rules, buffer),
                |value| builder.append_option(value),
            ),
            Self::Real(builder) => {
                cells.fill(
                    |row| float::convert_real(value(row), buffer),
                    |value| builder.append_option(value),
                );
            }
            Self::Double(builder) => cells
                .fill(|row| float::convert_double(value(row), buffer), |value| builder.append_option(value)),
            Self::Boolean(builder) => {
                cells.fill(|row| boolean::convert(value(row), buffer), |value| builder.append_option(value));
            }
            Self::Char(length, builder) => cells.fill_text(builder, value, |builder, value| {
                if let Value::Utf8(text) = value
                    && text.is_ascii()
                    && text::is_stored_as_is(text, *length, rules)
                {
                    builder.append(text);
                    return Ok(Converted::Text);
                }
                let Some(text) = text::convert_char(value, *length, rules, buffer)? else {
                    return Ok(Converted::Null);
                };
                builder.append(&text);
                Ok(Converted::Text)
            }),
            Self::Varchar(length, builder) => cells.fill_text(builder, value, |builder, value| {
                if let Value::Utf8(text) = value
                    && text::is_stored_as_is(text, *length, rules)
                {
                    builder.append(text);
                    return Ok(Converted::Text);
                }
                let Some(converted) = text::convert_varchar(value, *length, rules, buffer)? else {
                    return Ok(Converted::Null);
                };
                builder.append(&converted.text);
                Ok(if converted.replaced { Converted::Replaced } else { Converted::Text })
            }),
            Self::Date(builder) => cells.fill(
                |row| time::convert_date(value(row), rules, buffer),
                |value| builder.append_option(value),
            ),
            Self::Time(builder) => {
                cells
                    .fill(|row| time::convert_time(value(row), buffer), |value| builder.append_option(value));
            }
            Self::TimeTz(builder) => cells.fill(
                |row| time::convert_timetz(value(row), rules, buffer),
                |value| builder.append_option(value),
            ),
            Self::Months(unit, builder) => cells.fill(
                |row| interval::convert_months(value(row), *unit, buffer),
                |value| builder.append_option(value),
            ),
            Self::Duration(unit, builder) => cells.fill(
                |row| interval::convert_micros(value(row), *unit, buffer),
                |value| builder.append_option(value),
            ),
            Self::Timestamp { with_zone, builder } => cells.fill(
                |row| time::convert_timestamp(value(row), *with_zone, rules, buffer),
                |value| builder.append_option(value),
            ),
            Self::Super(builder) => cells.fill(
                |row| match values.get(row, column) {
                    (Value::Null, _) => Ok(None),
                    (_, token) => semi_structured::convert(token).map(Some),
                },
                |json| builder.append_option(json),
            ),
            Self::Varbyte(length, builder) => cells.fill(
                |row| binary::convert(value(row), *length, buffer),
                |value| builder.append_option(value),
            ),
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
            Self::Time(builder) | Self::TimeTz(builder) => Arc::new(builder.finish()),
            Self::Months(_, builder) => Arc::new(builder.finish()),
            Self::Duration(_, builder) => Arc::new(builder.finish()),
            Self::Timestamp { builder, .. } => Arc::new(builder.finish()),
            Self::Varbyte(_, builder) => Arc::new(builder.finish()),
        })
    }
}
