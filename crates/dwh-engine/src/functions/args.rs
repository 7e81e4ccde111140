//! The arguments of a call, read as the types a body wants, and the builders of its result.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder,
    Decimal128Array, Float64Array, Int64Array, PrimitiveArray, PrimitiveBuilder, StringViewArray,
    StringViewBuilder, cast::AsArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};
use dwh_common::RedshiftType;

use super::cast::{self, Rule};
use super::datetime::style::TextStyle;
use super::function::Function;
use super::options::RedshiftOptions;

/// One invocation of a function over a batch of rows.
pub(crate) struct Call<'a> {
    name: &'static str,
    arguments: &'a ScalarFunctionArgs,
    rows: usize,
    /// Rows for which the result is NULL whatever the body would say.
    nulls: Option<NullBuffer>,
    all_null: bool,
}

/// An argument's values by row; a constant has one value for all rows.
pub(crate) struct Column<A> {
    values: A,
    constant: bool,
}

impl<A: Array> Column<A> {
    fn index(&self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    /// Whether all rows have the same value.
    pub(crate) fn is_constant(&self) -> bool {
        self.constant
    }
}

impl Column<StringViewArray> {
    /// The values; one if constant.
    pub(crate) fn array(&self) -> &StringViewArray {
        &self.values
    }

    /// The text at a row, if it is not NULL.
    pub(crate) fn text_if_any(&self, row: usize) -> Option<String> {
        let row = self.index(row);
        (!self.values.is_null(row)).then(|| self.values.value(row).to_owned())
    }

    /// The text at a row.
    pub(crate) fn at(&self, row: usize) -> &str {
        self.values.value(self.index(row))
    }
}

impl<T: ArrowPrimitiveType> Column<PrimitiveArray<T>> {
    /// The numbers by row; one if constant.
    pub(crate) fn values(&self) -> &[T::Native] {
        self.values.values()
    }

    /// The number at a row.
    pub(crate) fn at(&self, row: usize) -> T::Native {
        self.values.value(self.index(row))
    }
}

impl Column<BinaryArray> {
    /// The bytes at a row.
    pub(crate) fn at(&self, row: usize) -> &[u8] {
        self.values.value(self.index(row))
    }
}

impl Column<BooleanArray> {
    /// The truth value at a row.
    pub(crate) fn at(&self, row: usize) -> bool {
        self.values.value(self.index(row))
    }
}

impl<'a> Call<'a> {
    pub(crate) fn new(function: &Function, arguments: &'a ScalarFunctionArgs, rows: usize) -> Self {
        let mut nulls: Option<NullBuffer> = None;
        let mut all_null = false;
        let deciding = if function.takes_null { &[] } else { arguments.args.as_slice() };
        for value in deciding {
            match value {
                ColumnarValue::Scalar(scalar) => all_null |= scalar.is_null(),
                ColumnarValue::Array(array) => {
                    nulls = NullBuffer::union(nulls.as_ref(), array.logical_nulls().as_ref());
                }
            }
        }
        Self { name: function.name, arguments, rows, nulls, all_null }
    }

    /// The function's first name, for bodies that serve several.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The session's settings that change results.
    pub(crate) fn options(&self) -> RedshiftOptions {
        RedshiftOptions::of(&self.arguments.config_options)
    }

    /// How the session writes and reads text.
    pub(crate) fn text_style(&self) -> TextStyle {
        self.options().text_style()
    }

    /// Whether a constant NULL already decides every row.
    pub(crate) fn is_all_null(&self) -> bool {
        self.all_null
    }

    /// How many arguments were given.
    pub(crate) fn len(&self) -> usize {
        self.arguments.args.len()
    }

    /// How many rows the result has.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The type the plan expects back.
    pub(crate) fn return_type(&self) -> &DataType {
        self.arguments.return_field.data_type()
    }

    /// The Arrow type of an argument.
    pub(crate) fn data_type(&self, index: usize) -> DataType {
        self.arguments.args[index].data_type()
    }

    /// The Redshift type of an argument, CHAR told from VARCHAR.
    pub(crate) fn redshift_type(&self, index: usize) -> Option<RedshiftType> {
        RedshiftType::of_field(&self.arguments.arg_fields[index])
    }

    /// An argument as it came, one element long if it is constant.
    pub(crate) fn array(&self, index: usize) -> Result<(ArrayRef, bool)> {
        Ok(match &self.arguments.args[index] {
            ColumnarValue::Array(array) => (Arc::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array()?, true),
        })
    }

    fn constant_or_array(&self, index: usize, to: RedshiftType) -> Result<(ArrayRef, bool)> {
        let (array, constant) = self.array(index)?;
        Ok((cast::convert_with(&array, to, Rule::Cast, &self.options())?, constant))
    }

    /// An argument converted, one value a row.
    pub(crate) fn converted(&self, index: usize, to: RedshiftType) -> Result<ArrayRef> {
        let array = self.arguments.args[index].to_array(self.rows)?;
        cast::convert_with(&array, to, Rule::Cast, &self.options())
    }

    /// An argument as text.
    pub(crate) fn text(&self, index: usize) -> Result<Column<StringViewArray>> {
        let (array, constant) = self.array(index)?;
        Ok(Column { values: cast::to_text(&array, &self.text_style())?, constant })
    }

    /// An argument that holds JSON, as text or as the bytes of text.
    pub(crate) fn json_text(&self, index: usize) -> Result<Column<StringViewArray>> {
        let (array, constant) = self.array(index)?;
        let values = match array.data_type() {
            DataType::Binary => {
                let texts = array
                    .as_binary::<i32>()
                    .iter()
                    .map(|bytes| bytes.map(|bytes| std::str::from_utf8(bytes).unwrap_or_default()));
                texts.collect()
            }
            _ => cast::to_text(&array, &self.text_style())?,
        };
        Ok(Column { values, constant })
    }

    /// An argument as VARBYTE.
    pub(crate) fn bytes(&self, index: usize) -> Result<Column<BinaryArray>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::Varbyte(64_000))?;
        Ok(Column { values: array.as_binary::<i32>().clone(), constant })
    }

    /// An argument as BIGINT.
    pub(crate) fn integer(&self, index: usize) -> Result<Column<Int64Array>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::BigInt)?;
        Ok(Column { values: array.as_primitive::<Int64Type>().clone(), constant })
    }

    /// An argument as BIGINT, or a default where it was left out.
    pub(crate) fn integer_or(&self, index: usize, default: i64) -> Result<Column<Int64Array>> {
        if index < self.len() {
            return self.integer(index);
        }
        Ok(Column { values: Int64Array::from(vec![default]), constant: true })
    }

    /// An argument as text, or a default where it was left out.
    pub(crate) fn text_or(&self, index: usize, default: &str) -> Result<Column<StringViewArray>> {
        if index < self.len() {
            return self.text(index);
        }
        Ok(Column { values: StringViewArray::from(vec![default]), constant: true })
    }

    /// An argument as a truth value, or false where it was left out.
    pub(crate) fn boolean_or_false(&self, index: usize) -> Result<Column<BooleanArray>> {
        if index < self.len() {
            let (array, constant) = self.constant_or_array(index, RedshiftType::Boolean)?;
            return Ok(Column { values: array.as_boolean().clone(), constant });
        }
        Ok(Column { values: BooleanArray::from(vec![false]), constant: true })
    }

    /// An argument as DOUBLE PRECISION.
    pub(crate) fn double(&self, index: usize) -> Result<Column<Float64Array>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::Double)?;
        Ok(Column { values: array.as_primitive::<Float64Type>().clone(), constant })
    }

    /// An argument as NUMERIC of so many digits: unscaled values.
    pub(crate) fn numeric(&self, index: usize, precision: u8, scale: u8) -> Result<Column<Decimal128Array>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::Decimal { precision, scale })?;
        Ok(Column { values: array.as_primitive::<Decimal128Type>().clone(), constant })
    }

    /// An argument as TIMESTAMPTZ: microseconds since 1970 in UTC.
    pub(crate) fn instant(&self, index: usize) -> Result<Column<PrimitiveArray<TimestampMicrosecondType>>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::TimestampTz)?;
        Ok(Column { values: array.as_primitive::<TimestampMicrosecondType>().clone(), constant })
    }

    /// Two arguments on one clock: as moments if either is a TIMESTAMPTZ, else as TIMESTAMP.
    pub(crate) fn pair(
        &self,
        left: usize,
        right: usize,
    ) -> Result<[Column<PrimitiveArray<TimestampMicrosecondType>>; 2]> {
        if self.is_zoned(left) || self.is_zoned(right) {
            return Ok([self.instant(left)?, self.instant(right)?]);
        }
        Ok([self.timestamp(left)?, self.timestamp(right)?])
    }

    /// Whether an argument is a TIMESTAMPTZ.
    pub(crate) fn is_zoned(&self, index: usize) -> bool {
        matches!(self.data_type(index), DataType::Timestamp(_, Some(_)))
    }

    /// An argument as TIMESTAMP: microseconds since 1970, TIMESTAMPTZ by the clock of the session's zone.
    pub(crate) fn timestamp(&self, index: usize) -> Result<Column<PrimitiveArray<TimestampMicrosecondType>>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::Timestamp)?;
        Ok(Column { values: array.as_primitive::<TimestampMicrosecondType>().clone(), constant })
    }

    /// As [`Self::timestamp`], and a TIME as the microseconds of its day.
    pub(crate) fn moment(&self, index: usize) -> Result<Column<PrimitiveArray<TimestampMicrosecondType>>> {
        if !matches!(self.data_type(index), DataType::Time32(_) | DataType::Time64(_)) {
            return self.timestamp(index);
        }
        let (array, constant) = self.constant_or_array(index, RedshiftType::Time)?;
        let values = array.as_primitive::<Time64MicrosecondType>().unary(|micros| micros);
        Ok(Column { values, constant })
    }

    /// An argument as DATE: days since 1970.
    pub(crate) fn date(&self, index: usize) -> Result<Column<PrimitiveArray<Date32Type>>> {
        let (array, constant) = self.constant_or_array(index, RedshiftType::Date)?;
        Ok(Column { values: array.as_primitive::<Date32Type>().clone(), constant })
    }

    /// The rows that a NULL argument decides, if there are any.
    pub(crate) fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// Whether a NULL argument decides this row.
    pub(crate) fn is_null_row(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Builds a text result row by row; `None` is NULL.
    pub(crate) fn build_text<S: AsRef<str>>(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<S>>,
    ) -> Result<ArrayRef> {
        let mut builder = StringViewBuilder::with_capacity(self.rows);
        for row in 0..self.rows {
            match if self.is_null_row(row) { None } else { value(row)? } {
                Some(text) => builder.append_value(text),
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Builds a VARBYTE result row by row; `None` is NULL.
    pub(crate) fn build_bytes<B: AsRef<[u8]>>(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<B>>,
    ) -> Result<ArrayRef> {
        let mut builder = BinaryBuilder::new();
        for row in 0..self.rows {
            builder.append_option(if self.is_null_row(row) { None } else { value(row)? });
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Builds a result of numbers, dates or timestamps row by row; `None` is NULL.
    pub(crate) fn build<T: ArrowPrimitiveType>(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<T::Native>>,
    ) -> Result<ArrayRef> {
        let mut builder = PrimitiveBuilder::<T>::with_capacity(self.rows);
        for row in 0..self.rows {
            builder.append_option(if self.is_null_row(row) { None } else { value(row)? });
        }
        let array = builder.finish();
        // The return type adds what the Arrow type parameter lacks: time zone, precision, scale.
        Ok(match self.return_type() {
            wanted if wanted == array.data_type() => Arc::new(array),
            wanted @ (DataType::Timestamp(TimeUnit::Microsecond, _) | DataType::Decimal128(_, _)) => {
                Arc::new(array.with_data_type(wanted.clone()))
            }
            _ => Arc::new(array),
        })
    }

    /// Builds a result of truth values row by row; `None` is NULL.
    pub(crate) fn build_boolean(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<bool>>,
    ) -> Result<ArrayRef> {
        let mut builder = BooleanBuilder::with_capacity(self.rows);
        for row in 0..self.rows {
            builder.append_option(if self.is_null_row(row) { None } else { value(row)? });
        }
        Ok(Arc::new(builder.finish()))
    }
}
