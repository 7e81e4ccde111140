//! The bytes of values by their type, for the functions that hash any value.

use arrow::array::{Array, ArrayRef, cast::AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimeUnit,
};
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlError};

use crate::functions::args::Call;
use crate::functions::cast::{Rule, convert, to_text};
use crate::functions::datetime::style::TextStyle;
use crate::functions::error::external;

/// A value to hash.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// TRUE or FALSE.
    Boolean(bool),
    /// SMALLINT.
    SmallInt(i16),
    /// INTEGER.
    Integer(i32),
    /// BIGINT.
    BigInt(i64),
    /// REAL.
    Real(f32),
    /// DOUBLE PRECISION.
    Double(f64),
    /// The unscaled value of a NUMERIC, and its precision.
    Decimal(i128, u8),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since midnight or since 1970 UTC.
    Micros(i64),
    /// Text or VARBYTE.
    Bytes(Vec<u8>),
}

/// An argument's values by row.
pub(super) struct Values {
    array: ArrayRef,
    constant: bool,
}

impl Values {
    /// The values of an argument.
    ///
    /// # Errors
    /// 0A000 for types that have no bytes of their own.
    pub(super) fn of(call: &Call<'_>, index: usize) -> Result<Self> {
        let (array, constant) = call.array(index)?;
        let array = match array.data_type() {
            DataType::Timestamp(_, _) => convert(&array, RedshiftType::Timestamp, Rule::Cast)?,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                std::sync::Arc::new(to_text(&array, &TextStyle::default())?) as ArrayRef
            }
            DataType::Boolean
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64
            | DataType::Decimal128(_, _)
            | DataType::Date32
            | DataType::Time64(TimeUnit::Microsecond)
            | DataType::Binary => array,
            other => return Err(external(SqlError::unsupported(format!("a hash of type {other}")))),
        };
        Ok(Self { array, constant })
    }

    /// The value at a row, which must not be NULL.
    pub(super) fn at(&self, row: usize) -> Value {
        let row = if self.constant { 0 } else { row };
        let array = &self.array;
        match array.data_type() {
            DataType::Boolean => Value::Boolean(array.as_boolean().value(row)),
            DataType::Int16 => Value::SmallInt(array.as_primitive::<Int16Type>().value(row)),
            DataType::Int32 => Value::Integer(array.as_primitive::<Int32Type>().value(row)),
            DataType::Int64 => Value::BigInt(array.as_primitive::<Int64Type>().value(row)),
            DataType::Float32 => Value::Real(array.as_primitive::<Float32Type>().value(row)),
            DataType::Float64 => Value::Double(array.as_primitive::<Float64Type>().value(row)),
            DataType::Decimal128(precision, _) => {
                Value::Decimal(array.as_primitive::<Decimal128Type>().value(row), *precision)
            }
            DataType::Date32 => Value::Date(array.as_primitive::<Date32Type>().value(row)),
            DataType::Time64(_) => Value::Micros(array.as_primitive::<Time64MicrosecondType>().value(row)),
            DataType::Timestamp(_, _) => {
                Value::Micros(array.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(row))
            }
            DataType::Binary => Value::Bytes(array.as_binary::<i32>().value(row).to_vec()),
            _ => Value::Bytes(array.as_string_view().value(row).as_bytes().to_vec()),
        }
    }
}
