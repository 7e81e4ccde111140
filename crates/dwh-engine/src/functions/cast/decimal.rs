//! Conversion to NUMERIC and the arithmetic of scales.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Decimal128Array, cast::AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlState};

use super::number::invalid_digit;
use super::text::plain;
use super::{Rule, arrow_cast, cannot_cast, is_text};
use crate::functions::error::sql_err;
use dwh_copy::number_format::format_double;

/// Significant digits of a double in text (RS 4.1, `extra_float_digits` 0).
const DOUBLE_DIGITS: usize = 15;

/// The powers of 10 that an `i128` holds: NUMERIC has at most 38 digits.
const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1; 39];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// 10 to a power of at most 38.
fn pow10(exponent: u8) -> i128 {
    POWERS_OF_TEN[usize::from(exponent).min(38)]
}

/// 10 to so many places to the left or right; `None` if an `i128` does not hold it.
fn power_of_ten(places: i32) -> Option<i128> {
    POWERS_OF_TEN.get(places.unsigned_abs() as usize).copied()
}

/// The 22003 of NUMERIC.
pub(crate) fn overflow() -> DataFusionError {
    sql_err(SqlState::NumericValueOutOfRange, "Numeric data overflow (result precision)")
}

/// The value, if it has at most `precision` digits.
pub(crate) fn check_precision(value: i128, precision: u8) -> Result<i128> {
    // Up to 19 digits are kept in 8 bytes, which the largest numbers of 19 digits do not fit (RS 1.15).
    let fits_bytes = precision > 19 || i64::try_from(value).is_ok();
    if fits_bytes && value.unsigned_abs() < pow10(precision).unsigned_abs() {
        Ok(value)
    } else {
        Err(overflow())
    }
}

/// An unscaled value moved from one scale to another, half away from zero unless told to truncate.
/// `None` if it leaves the 128 bits.
pub(crate) fn rescale(value: i128, from_scale: i8, to_scale: i8, rule: Rule) -> Option<i128> {
    let shift = i32::from(to_scale) - i32::from(from_scale);
    if shift >= 0 {
        return if value == 0 {
            Some(0)
        } else {
            power_of_ten(shift).and_then(|factor| value.checked_mul(factor))
        };
    }
    let Some(divisor) = power_of_ten(shift) else { return Some(0) };
    let (quotient, remainder) = (value / divisor, value % divisor);
    let away = remainder.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2);
    Some(if away && rule != Rule::Truncate { quotient + value.signum() } else { quotient })
}

/// NUMERIC(precision, scale) from any number or text.
pub(super) fn to_decimal(array: &ArrayRef, precision: u8, scale: u8, rule: Rule) -> Result<ArrayRef> {
    let to = RedshiftType::Decimal { precision, scale };
    let to_scale = scale as i8;
    let fit = |value: i128, from_scale: i8| {
        rescale(value, from_scale, to_scale, rule)
            .ok_or_else(overflow)
            .and_then(|value| check_precision(value, precision))
    };
    let values: Decimal128Array = match array.data_type() {
        from if *from == to.arrow_type() => return Ok(Arc::clone(array)),
        DataType::Decimal128(_, from_scale) => {
            let from_scale = *from_scale;
            array
                .as_primitive::<Decimal128Type>()
                .try_unary::<_, Decimal128Type, DataFusionError>(|value| fit(value, from_scale))?
        }
        DataType::Decimal32(_, s) | DataType::Decimal64(_, s) | DataType::Decimal256(_, s) => {
            let wide = arrow_cast(array, &DataType::Decimal128(38, *s)).map_err(|_| overflow())?;
            return to_decimal(&wide, precision, scale, rule);
        }
        DataType::UInt64 => {
            return to_decimal(&arrow_cast(array, &DataType::Decimal128(20, 0))?, precision, scale, rule);
        }
        from if from.is_integer() || *from == DataType::Boolean => arrow_cast(array, &DataType::Int64)?
            .as_primitive::<Int64Type>()
            .try_unary::<_, Decimal128Type, DataFusionError>(|value| fit(i128::from(value), 0))?,
        from if from.is_floating() => arrow_cast(array, &DataType::Float64)?
            .as_primitive::<Float64Type>()
            .try_unary::<_, Decimal128Type, DataFusionError>(|value| {
            // As PostgreSQL: through the 15 digits that the double prints.
            parse_decimal(&format_double(value, DOUBLE_DIGITS), precision, scale, rule)
        })?,
        from if is_text(from) => {
            let texts = plain(array)?;
            texts
                .iter()
                .map(|text| text.map(|text| parse_decimal(text, precision, scale, rule)).transpose())
                .collect::<Result<_>>()?
        }
        from => return Err(cannot_cast(from, to)),
    };
    Ok(Arc::new(values.with_data_type(to.arrow_type())))
}

/// Reads `12`, `-1.50`, `.5`, `1.2E3` as an unscaled NUMERIC value.
pub(super) fn parse_decimal(text: &str, precision: u8, scale: u8, rule: Rule) -> Result<i128> {
    let to = RedshiftType::Decimal { precision, scale };
    let leading = text.len() - text.trim_start_matches(' ').len();
    let trimmed = text.trim_matches(' ');
    let bytes = trimmed.as_bytes();
    let invalid = |at: usize| {
        let position = trimmed.get(..at).map_or(at, |before| before.chars().count());
        invalid_digit(text, leading + position, to)
    };

    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let negative = bytes.first() == Some(&b'-');
    let (mut value, mut digits_after_point, mut any_digit, mut seen_point) = (0i128, 0i32, false, false);
    // Digits past what an i128 holds cannot matter behind the point, and are an overflow before it.
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                any_digit = true;
                match value.checked_mul(10).and_then(|v| v.checked_add(i128::from(byte - b'0'))) {
                    Some(longer) => {
                        value = longer;
                        digits_after_point += i32::from(seen_point);
                    }
                    None if seen_point => {}
                    None => return Err(overflow()),
                }
            }
            b'.' if !seen_point => seen_point = true,
            _ => break,
        }
        at += 1;
    }
    if !any_digit {
        return Err(invalid(at));
    }
    let mut exponent = 0i32;
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let written = trimmed.get(at + 1..).unwrap_or_default();
        exponent = written.parse::<i32>().map_err(|_| invalid(at))?;
    } else if at < bytes.len() {
        return Err(invalid(at));
    }
    let from_scale = digits_after_point.saturating_sub(exponent);
    let signed = if negative { -value } else { value };
    let fitted = match i8::try_from(from_scale) {
        Ok(from_scale) => rescale(signed, from_scale, scale as i8, rule).ok_or_else(overflow)?,
        // So many places behind the point that nothing is left, or so many before it that nothing fits.
        Err(_) if from_scale > 0 || signed == 0 => 0,
        Err(_) => return Err(overflow()),
    };
    check_precision(fitted, precision)
}

#[cfg(test)]
mod tests {
    use super::{Rule, parse_decimal, rescale};

    #[test]
    fn casts_round_half_away_from_zero_and_truncation_drops() {
        assert_eq!(rescale(15, 1, 0, Rule::Cast), Some(2));
        assert_eq!(rescale(-15, 1, 0, Rule::Cast), Some(-2));
        assert_eq!(rescale(14, 1, 0, Rule::Cast), Some(1));
        assert_eq!(rescale(19, 1, 0, Rule::Truncate), Some(1));
        assert_eq!(rescale(2, 0, 3, Rule::Cast), Some(2000));
    }

    #[test]
    fn numeric_text_is_read_with_point_and_exponent() {
        let parse = |text| parse_decimal(text, 18, 2, Rule::Cast).expect(text);
        assert_eq!(parse("12.345"), 1235);
        assert_eq!(parse(" -.5 "), -50);
        assert_eq!(parse("1.2E3"), 120_000);
        assert_eq!(parse("1541105830796"), 154_110_583_079_600);
        assert_eq!(parse("1e-300"), 0);
    }

    #[test]
    fn text_that_is_no_number_names_the_character() {
        let error = parse_decimal("12a", 18, 0, Rule::Cast).expect_err("no number").to_string();
        assert!(error.contains("Invalid digit, Value 'a', Pos 2, Type: Decimal"), "{error}");
        assert!(parse_decimal("1234", 3, 0, Rule::Cast).is_err());
    }
}
