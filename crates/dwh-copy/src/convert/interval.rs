//! INTERVAL: months, or microseconds.

use dwh_common::IntervalUnit;
use dwh_common::interval::{Amount, parse};

use super::{FieldError, Value};
use crate::load_error::code;

/// `interval year to month`.
pub(super) fn convert_months(
    value: Value<'_>,
    unit: IntervalUnit,
    buffer: &mut Vec<u8>,
) -> Result<Option<i32>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    read(text, unit).and_then(|amount| amount.as_months(unit)).map(Some).ok_or_else(invalid)
}

/// `interval day to second`, in microseconds.
pub(super) fn convert_micros(
    value: Value<'_>,
    unit: IntervalUnit,
    buffer: &mut Vec<u8>,
) -> Result<Option<i64>, FieldError> {
    let Some(text) = value.solid_text(buffer) else { return Ok(None) };
    read(text, unit).and_then(|amount| amount.as_micros(unit).ok().flatten()).map(Some).ok_or_else(invalid)
}

fn read(text: &[u8], unit: IntervalUnit) -> Option<Amount> {
    parse(std::str::from_utf8(text).ok()?, Some(unit.name())).ok()
}

fn invalid() -> FieldError {
    FieldError::new(code::TIMESTAMP, "Invalid interval format or value")
}
