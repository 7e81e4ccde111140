//! Rows of system tables as values, and values as Arrow columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int16Array, Int32Array, Int64Array,
    RecordBatch, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use dwh_common::RedshiftType;

/// One value of a system table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Text(String),
    Timestamp(DateTime<Utc>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Timestamp(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The rows as one batch.
pub(crate) fn batch(schema: &SchemaRef, rows: Vec<Vec<Value>>) -> Result<RecordBatch, ArrowError> {
    let columns = schema.fields().iter().enumerate().map(|(index, field)| column(field, &rows, index));
    RecordBatch::try_new(schema.clone(), columns.collect::<Result<_, _>>()?)
}

fn column(field: &Field, rows: &[Vec<Value>], index: usize) -> Result<ArrayRef, ArrowError> {
    let values = rows.iter().map(|row| row.get(index).unwrap_or(&Value::Null));
    let integer = |value: &Value| if let Value::Integer(number) = value { Some(*number) } else { None };
    Ok(match field.data_type() {
        DataType::Int16 => Arc::new(values.map(|v| integer(v).map(|n| n as i16)).collect::<Int16Array>()),
        DataType::Int32 => Arc::new(values.map(|v| integer(v).map(|n| n as i32)).collect::<Int32Array>()),
        DataType::Int64 => Arc::new(values.map(integer).collect::<Int64Array>()),
        DataType::Float32 => Arc::new(
            values
                .map(|v| if let Value::Number(n) = v { Some(*n as f32) } else { None })
                .collect::<Float32Array>(),
        ),
        DataType::Float64 => Arc::new(
            values.map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect::<Float64Array>(),
        ),
        DataType::Boolean => Arc::new(
            values.map(|v| if let Value::Boolean(b) = v { Some(*b) } else { None }).collect::<BooleanArray>(),
        ),
        DataType::Utf8View => {
            let texts = values.map(|v| if let Value::Text(text) = v { Some(text.as_str()) } else { None });
            match RedshiftType::of_field(field) {
                Some(RedshiftType::Char(bytes)) => Arc::new(
                    texts
                        .map(|text| text.map(|text| padded(text, bytes as usize)))
                        .collect::<StringViewArray>(),
                ),
                _ => Arc::new(texts.collect::<StringViewArray>()),
            }
        }
        DataType::Timestamp(_, zone) => Arc::new(
            values
                .map(|v| if let Value::Timestamp(at) = v { Some(at.timestamp_micros()) } else { None })
                .collect::<TimestampMicrosecondArray>()
                .with_timezone_opt(zone.clone()),
        ),
        DataType::Decimal128(precision, scale) => {
            let unit = 10_f64.powi(i32::from(*scale));
            let scaled = |v: &Value| match v {
                Value::Number(number) => Some((number * unit).round() as i128),
                Value::Integer(number) => Some(i128::from(*number) * unit as i128),
                _ => None,
            };
            Arc::new(
                values
                    .map(scaled)
                    .collect::<Decimal128Array>()
                    .with_precision_and_scale(*precision, *scale)?,
            )
        }
        other => return Err(ArrowError::NotYetImplemented(format!("{} of type {other}", field.name()))),
    })
}

/// Text blank-padded to the length of a CHAR column, as RS 2.1 shows them; cut at a whole character.
fn padded(text: &str, length_bytes: usize) -> String {
    let cut = &text[..text.floor_char_boundary(length_bytes)];
    format!("{cut}{}", " ".repeat(length_bytes - cut.len()))
}
