//! Casts between VARBYTE and text or whole numbers (guide, "VARBYTE type"): text as UTF-8, numbers as the bytes
//! of their type, the most significant first.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, Int64Array, StringViewArray};
use arrow::datatypes::{DataType, Int16Type, Int32Type, Int64Type};
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use crate::functions::args::Call;
use crate::functions::cast::{Rule, convert};
use crate::functions::error::sql_err;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

/// The result of functions that make bytes.
pub(super) const VARBYTE: Returns = Returns::Type(RedshiftType::Varbyte(64_000));

/// `__cast_varbyte(x, n)`: a cast to VARBYTE(n), cut at n bytes. A CHAR has the blanks of its length.
pub(super) const CAST: Function = Function::new(
    "__cast_varbyte",
    &[Parameter::Any, Parameter::Integer],
    Returns::Of(|types: &ArgumentTypes<'_>| {
        let bytes = types.integer(1).and_then(|bytes| u32::try_from(bytes).ok());
        Ok(RedshiftType::Varbyte(bytes.unwrap_or(64_000)))
    }),
    cast,
);

fn cast(call: &Call<'_>) -> Result<ArrayRef> {
    let most = usize::try_from(call.integer(1)?.at(0)).unwrap_or(usize::MAX);
    let padded = match call.redshift_type(0) {
        Some(RedshiftType::Char(bytes)) => bytes as usize,
        _ => 0,
    };
    let bytes = call.converted(0, RedshiftType::Varbyte(64_000))?;
    let values = bytes.as_binary::<i32>();
    Ok(Arc::new(
        values
            .iter()
            .map(|value| {
                value.map(|value| {
                    let mut value = value.to_vec();
                    value.resize(value.len().max(padded), b' ');
                    value.truncate(most);
                    value
                })
            })
            .collect::<BinaryArray>(),
    ))
}

/// Whole numbers as the bytes of their type.
pub(crate) fn integers_as_bytes(array: &ArrayRef) -> Result<ArrayRef> {
    let bytes: BinaryArray = match array.data_type() {
        DataType::Int16 => {
            array.as_primitive::<Int16Type>().iter().map(|v| v.map(i16::to_be_bytes)).collect()
        }
        DataType::Int32 => {
            array.as_primitive::<Int32Type>().iter().map(|v| v.map(i32::to_be_bytes)).collect()
        }
        _ => {
            let wide = convert(array, RedshiftType::BigInt, Rule::Cast)?;
            wide.as_primitive::<Int64Type>().iter().map(|v| v.map(i64::to_be_bytes)).collect()
        }
    };
    Ok(Arc::new(bytes))
}

/// Bytes as the whole number they are, in two's complement of the target's width.
pub(crate) fn bytes_as_integers(array: &ArrayRef, to: RedshiftType) -> Result<ArrayRef> {
    let width = match to {
        RedshiftType::SmallInt => 2,
        RedshiftType::Integer => 4,
        _ => 8,
    };
    let numbers = array.as_binary::<i32>().iter().map(|bytes| {
        let Some(bytes) = bytes else { return Ok(None) };
        if bytes.len() > width {
            return Err(sql_err(
                SqlState::NumericValueOutOfRange,
                format!("Value out of range for {width} bytes."),
            ));
        }
        let value = bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        // Only a value of full width has a sign.
        Ok(Some(match (width, bytes.len()) {
            (2, 2) => i64::from(value as u16 as i16),
            (4, 4) => i64::from(value as u32 as i32),
            _ => value as i64,
        }))
    });
    let wide: ArrayRef = Arc::new(numbers.collect::<Result<Int64Array>>()?);
    convert(&wide, to, Rule::Cast)
}

/// Bytes as the UTF-8 text they are.
pub(crate) fn bytes_as_text(array: &ArrayRef) -> Result<ArrayRef> {
    let bytes = array.as_binary::<i32>();
    let texts = (0..bytes.len())
        .map(|row| if bytes.is_null(row) { Ok(None) } else { utf8(bytes.value(row)).map(Some) });
    Ok(Arc::new(texts.collect::<Result<StringViewArray>>()?))
}

/// The text of UTF-8 bytes.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes)
        .map_err(|_| sql_err(SqlState::InvalidTextRepresentation, "the VARBYTE value is no valid UTF-8 text"))
}
