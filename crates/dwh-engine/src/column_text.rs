//! What a value looks like as text, as Redshift's clients see it: booleans `t` and `f`, timestamps
//! `2018-11-30 17:31:24.796`, floats with the fewest digits that read back as the same number.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, IntervalUnit, Time64MicrosecondType, Time64NanosecondType, TimeUnit,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dwh_common::hex;

use crate::functions::cast::interval_parts;
use crate::functions::datetime::calendar;
use crate::functions::datetime::style::TextStyle;

/// PostgreSQL writes an exponent from this power of ten on (`%.15g`, `%.6g`).
const DOUBLE_EXPONENT: i32 = 15;
const REAL_EXPONENT: i32 = 6;

/// The texts of one column of a batch.
#[derive(Debug)]
pub struct ColumnText {
    array: ArrayRef,
    text_of: TextOf,
    style: TextStyle,
}

type TextOf = fn(&dyn Array, usize, &TextStyle) -> Result<String, ArrowError>;

impl ColumnText {
    /// Chooses how the column's type is written in a session of this style.
    ///
    /// # Errors
    /// Arrow cannot unpack the column.
    pub fn new(array: &ArrayRef, style: &TextStyle) -> Result<Self, ArrowError> {
        let array = match array.data_type() {
            DataType::Dictionary(_, value) => cast(array, value)?,
            DataType::Interval(_) | DataType::Duration(_) => {
                let parts =
                    interval_parts(array).map_err(|error| ArrowError::CastError(error.to_string()))?;
                Arc::new(parts) as ArrayRef
            }
            DataType::Timestamp(unit, zone) if *unit != TimeUnit::Microsecond => {
                let microseconds = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
                cast(array, &microseconds)?
            }
            _ => array.clone(),
        };
        let text_of = text_of(array.data_type());
        Ok(Self { array, text_of, style: *style })
    }

    /// The text of a row; `None` is NULL.
    ///
    /// # Errors
    /// Arrow has no text for the value.
    pub fn get(&self, row: usize) -> Result<Option<String>, ArrowError> {
        if self.array.is_null(row) {
            return Ok(None);
        }
        (self.text_of)(self.array.as_ref(), row, &self.style).map(Some)
    }
}

macro_rules! displayed {
    ($type:ty) => {
        |array, row, _| Ok(array.as_primitive::<$type>().value(row).to_string())
    };
}

fn text_of(data_type: &DataType) -> TextOf {
    match data_type {
        DataType::Boolean => {
            |array, row, _| Ok(if array.as_boolean().value(row) { "t" } else { "f" }.to_owned())
        }
        DataType::Int8 => displayed!(Int8Type),
        DataType::Int16 => displayed!(Int16Type),
        DataType::Int32 => displayed!(Int32Type),
        DataType::Int64 => displayed!(Int64Type),
        DataType::UInt8 => displayed!(UInt8Type),
        DataType::UInt16 => displayed!(UInt16Type),
        DataType::UInt32 => displayed!(UInt32Type),
        DataType::UInt64 => displayed!(UInt64Type),
        DataType::Float32 => |array, row, _| {
            let value = array.as_primitive::<Float32Type>().value(row);
            Ok(float(format!("{value:e}"), || value.to_string(), REAL_EXPONENT))
        },
        DataType::Float64 => |array, row, _| {
            let value = array.as_primitive::<Float64Type>().value(row);
            Ok(float(format!("{value:e}"), || value.to_string(), DOUBLE_EXPONENT))
        },
        DataType::Decimal128(_, _) => {
            |array, row, _| Ok(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Utf8 => |array, row, _| Ok(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => |array, row, _| Ok(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => |array, row, _| Ok(array.as_string_view().value(row).to_owned()),
        DataType::Binary => |array, row, _| Ok(hex::encode(array.as_binary::<i32>().value(row))),
        DataType::BinaryView => {
            |array, row, _| Ok(String::from_utf8_lossy(array.as_binary_view().value(row)).into_owned())
        }
        DataType::LargeBinary => {
            |array, row, _| Ok(String::from_utf8_lossy(array.as_binary::<i64>().value(row)).into_owned())
        }
        DataType::Date32 => |array, row, style| {
            Ok(written(|out| style.write_date(out, array.as_primitive::<Date32Type>().value(row))))
        },
        DataType::Time64(TimeUnit::Microsecond) => |array, row, _| {
            Ok(written(|out| {
                calendar::write_time(out, array.as_primitive::<Time64MicrosecondType>().value(row))
            }))
        },
        DataType::Time64(TimeUnit::Nanosecond) => |array, row, style| {
            let nanos = array.as_primitive::<Time64NanosecondType>().value(row);
            Ok(written(|out| style.write_timetz(out, nanos / 1_000)))
        },
        DataType::Interval(IntervalUnit::MonthDayNano) => |array, row, style| {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            Ok(written(|out| style.write_interval(out, value)))
        },
        DataType::Timestamp(TimeUnit::Microsecond, None) => |array, row, style| {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            Ok(written(|out| style.write_timestamp(out, micros)))
        },
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => |array, row, style| {
            let utc = array.as_primitive::<TimestampMicrosecondType>().value(row);
            Ok(written(|out| style.write_timestamptz(out, utc)))
        },
        DataType::List(_) => |array, row, style| array_text(&array.as_list::<i32>().value(row), style),
        _ => |array, row, _| {
            let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
            Ok(formatter.value(row).to_string())
        },
    }
}

/// An array as PostgreSQL prints it: `{a,NULL,"b c"}`.
fn array_text(elements: &ArrayRef, style: &TextStyle) -> Result<String, ArrowError> {
    let column = ColumnText::new(elements, style)?;
    let mut out = String::from("{");
    for row in 0..elements.len() {
        if row > 0 {
            out.push(',');
        }
        match column.get(row)? {
            None => out.push_str("NULL"),
            Some(text) if needs_quotes(&text) => {
                out.push('"');
                out.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
                out.push('"');
            }
            Some(text) => out.push_str(&text),
        }
    }
    out.push('}');
    Ok(out)
}

fn needs_quotes(element: &str) -> bool {
    element.is_empty()
        || element.eq_ignore_ascii_case("null")
        || element.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',' | '"' | '\\'))
}

/// A number as `%g` lays it out, but with the shortest digits, which are what Rust writes.
fn float(scientific: String, plain: impl FnOnce() -> String, exponent_from: i32) -> String {
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return match scientific.as_str() {
            "inf" => "Infinity".to_owned(),
            "-inf" => "-Infinity".to_owned(),
            _ => scientific,
        };
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..exponent_from).contains(&exponent) {
        return plain();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}
