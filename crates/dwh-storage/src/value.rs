//! Values as text, the way DuckLake keeps bounds and initial defaults.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use dwh_common::RedshiftType;

use crate::error::StorageError;

/// One value of `data_type`, in its Arrow type, from DuckLake's text: `42`, `1.2500`, `0`/`1` or
/// `false`/`true`, `2020-01-01`, `01:02:03.5`, `2020-01-01 01:02:03.5`, the same with `+00`, hexadecimal
/// for bytes, and text as it is.
///
/// # Errors
/// [`StorageError::InvalidValue`].
pub fn value_of_text(text: &str, data_type: RedshiftType) -> Result<ArrayRef, StorageError> {
    let invalid = || StorageError::InvalidValue { text: text.to_owned(), data_type: data_type.to_string() };
    if matches!(data_type, RedshiftType::Varbyte(_)) {
        let bytes = bytes_of_hex(text).ok_or_else(invalid)?;
        return Ok(Arc::new(BinaryArray::from_iter_values([bytes])));
    }
    let source = StringArray::from_iter_values([text]);
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&source, &data_type.arrow_type(), &options).map_err(|_| invalid())
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

/// Orders two bounds of one type; `None` if either cannot be read.
pub(crate) fn compare(left: &str, right: &str, data_type: RedshiftType) -> Option<Ordering> {
    match data_type {
        RedshiftType::SmallInt | RedshiftType::Integer | RedshiftType::BigInt => {
            Some(left.parse::<i64>().ok()?.cmp(&right.parse::<i64>().ok()?))
        }
        // Both have the column's scale, so the digits alone decide.
        RedshiftType::Decimal { .. } => Some(unscaled(left)?.cmp(&unscaled(right)?)),
        RedshiftType::Real | RedshiftType::Double => {
            left.parse::<f64>().ok()?.partial_cmp(&right.parse::<f64>().ok()?)
        }
        _ => Some(left.cmp(right)),
    }
}

fn unscaled(text: &str) -> Option<i128> {
    text.replacen('.', "", 1).parse().ok()
}
