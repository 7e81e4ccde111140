//! The values of a batch, each column in the Arrow type of its Redshift type, and their text.

use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array,
    Float64Array, Int16Array, Int32Array, Int64Array, StringViewArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    IntervalUnit, IntervalYearMonthType, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;
use dwh_common::{RedshiftType, hex};

use crate::datetime::civil;
use crate::number_format::{write_decimal, write_exact_double, write_exact_real};

/// One column of a batch.
#[derive(Debug, Clone)]
pub(super) enum Values {
    SmallInt(Int16Array),
    Integer(Int32Array),
    BigInt(Int64Array),
    Decimal(Decimal128Array),
    Real(Float32Array),
    Double(Float64Array),
    Boolean(BooleanArray),
    Text(StringViewArray),
    /// JSON text.
    Super(StringViewArray),
    Date(Date32Array),
    Time(Time64MicrosecondArray),
    Timestamp(TimestampMicrosecondArray),
    /// UTC.
    TimestampTz(TimestampMicrosecondArray),
    Varbyte(BinaryArray),
}

impl Values {
    pub(super) fn new(array: &ArrayRef, data_type: RedshiftType) -> Result<Self, ArrowError> {
        let wanted = data_type.arrow_type();
        let options = CastOptions { safe: false, format_options: FormatOptions::default() };
        let array = match array.data_type() {
            held if *held == wanted => array.clone(),
            // Arrow has no cast of it: the number of months.
            DataType::Interval(IntervalUnit::YearMonth) => {
                Arc::new(array.as_primitive::<IntervalYearMonthType>().unary::<_, Int32Type>(|months| months))
            }
            _ => cast_with_options(array, &wanted, &options)?,
        };
        Ok(match data_type {
            RedshiftType::SmallInt => Self::SmallInt(array.as_primitive::<Int16Type>().clone()),
            RedshiftType::Integer => Self::Integer(array.as_primitive::<Int32Type>().clone()),
            RedshiftType::BigInt => Self::BigInt(array.as_primitive::<Int64Type>().clone()),
            RedshiftType::Decimal { .. } => Self::Decimal(array.as_primitive::<Decimal128Type>().clone()),
            RedshiftType::Real => Self::Real(array.as_primitive::<Float32Type>().clone()),
            RedshiftType::Double => Self::Double(array.as_primitive::<Float64Type>().clone()),
            RedshiftType::Boolean => Self::Boolean(array.as_boolean().clone()),
            RedshiftType::Char(_) | RedshiftType::Varchar(_) | RedshiftType::Geometry => {
                Self::Text(array.as_string_view().clone())
            }
            RedshiftType::Super | RedshiftType::HllSketch => Self::Super(array.as_string_view().clone()),
            RedshiftType::Date => Self::Date(array.as_primitive::<Date32Type>().clone()),
            RedshiftType::Interval(unit) if unit.is_year_to_month() => {
                Self::Integer(array.as_primitive::<Int32Type>().clone())
            }
            RedshiftType::Interval(_) => Self::BigInt(array.as_primitive::<Int64Type>().clone()),
            RedshiftType::Time | RedshiftType::TimeTz => {
                Self::Time(array.as_primitive::<Time64MicrosecondType>().clone())
            }
            RedshiftType::Timestamp => {
                Self::Timestamp(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            RedshiftType::TimestampTz => {
                Self::TimestampTz(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            RedshiftType::Varbyte(_) => Self::Varbyte(array.as_binary::<i32>().clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::SmallInt(array) => array,
            Self::Integer(array) => array,
            Self::BigInt(array) => array,
            Self::Decimal(array) => array,
            Self::Real(array) => array,
            Self::Double(array) => array,
            Self::Boolean(array) => array,
            Self::Text(array) | Self::Super(array) => array,
            Self::Date(array) => array,
            Self::Time(array) => array,
            Self::Timestamp(array) | Self::TimestampTz(array) => array,
            Self::Varbyte(array) => array,
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Whether its values are character strings (JSON text is none).
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Whether a value is written bare in JSON.
    pub(super) fn is_json_number(&self, row: usize) -> bool {
        match self {
            Self::SmallInt(_) | Self::Integer(_) | Self::BigInt(_) | Self::Decimal(_) => true,
            Self::Real(array) => array.value(row).is_finite(),
            Self::Double(array) => array.value(row).is_finite(),
            _ => false,
        }
    }

    /// The text of a value that is not NULL; `scratch` holds it unless the value is text already.
    pub(super) fn text<'a>(&'a self, row: usize, scratch: &'a mut String) -> &'a str {
        scratch.clear();
        match self {
            Self::Text(array) => return array.value(row),
            // Line ends in JSON text are white space: a record stays one line.
            Self::Super(array) if array.value(row).contains(['\n', '\r']) => {
                scratch.extend(array.value(row).chars().map(|ch| if ch < ' ' { ' ' } else { ch }));
            }
            Self::Super(array) => return array.value(row),
            _ => self.write(row, scratch),
        }
        scratch
    }

    /// Some of the rows.
    pub(super) fn slice(&self, rows: &Range<usize>) -> Self {
        let (offset, length) = (rows.start, rows.len());
        match self {
            Self::SmallInt(array) => Self::SmallInt(array.slice(offset, length)),
            Self::Integer(array) => Self::Integer(array.slice(offset, length)),
            Self::BigInt(array) => Self::BigInt(array.slice(offset, length)),
            Self::Decimal(array) => Self::Decimal(array.slice(offset, length)),
            Self::Real(array) => Self::Real(array.slice(offset, length)),
            Self::Double(array) => Self::Double(array.slice(offset, length)),
            Self::Boolean(array) => Self::Boolean(array.slice(offset, length)),
            Self::Text(array) => Self::Text(array.slice(offset, length)),
            Self::Super(array) => Self::Super(array.slice(offset, length)),
            Self::Date(array) => Self::Date(array.slice(offset, length)),
            Self::Time(array) => Self::Time(array.slice(offset, length)),
            Self::Timestamp(array) => Self::Timestamp(array.slice(offset, length)),
            Self::TimestampTz(array) => Self::TimestampTz(array.slice(offset, length)),
            Self::Varbyte(array) => Self::Varbyte(array.slice(offset, length)),
        }
    }

    /// Size of the values themselves, whatever buffers they share.
    pub(super) fn byte_count(&self) -> u64 {
        match self {
            Self::Text(array) | Self::Super(array) => array.lengths().map(u64::from).sum(),
            Self::Varbyte(array) => array.iter().flatten().map(|bytes| bytes.len() as u64).sum(),
            _ => (self.array().len() * self.array().data_type().primitive_width().unwrap_or(1)) as u64,
        }
    }

    /// Writes a value that is not NULL, as Redshift prints it (RS 6.2).
    fn write(&self, row: usize, out: &mut String) {
        let _ = match self {
            Self::SmallInt(array) => write!(out, "{}", array.value(row)),
            Self::Integer(array) => write!(out, "{}", array.value(row)),
            Self::BigInt(array) => write!(out, "{}", array.value(row)),
            Self::Decimal(array) => {
                write_decimal(out, array.value(row), array.scale());
                Ok(())
            }
            Self::Real(array) => {
                write_exact_real(out, array.value(row));
                Ok(())
            }
            Self::Double(array) => {
                write_exact_double(out, array.value(row));
                Ok(())
            }
            Self::Boolean(array) => out.write_char(if array.value(row) { 't' } else { 'f' }),
            Self::Text(array) | Self::Super(array) => out.write_str(array.value(row)),
            Self::Date(array) => {
                civil::write_date(out, array.value(row));
                Ok(())
            }
            Self::Time(array) => {
                civil::write_time(out, array.value(row));
                Ok(())
            }
            Self::Timestamp(array) => {
                civil::write_timestamp(out, array.value(row), "");
                Ok(())
            }
            Self::TimestampTz(array) => {
                civil::write_timestamp(out, array.value(row), "+00");
                Ok(())
            }
            Self::Varbyte(array) => out.write_str(&hex::encode(array.value(row))),
        };
    }
}
