//! Conversion to whole numbers and floats, and the strict reading of numbers in text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, cast::AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlState};

use super::decimal::rescale;
use super::text::plain;
use super::{Rule, arrow_cast, cannot_cast, is_text};
use crate::functions::error::sql_err;

/// The first double that no BIGINT holds.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// SMALLINT, INTEGER or BIGINT from any number, truth value or text.
pub(super) fn to_integer(array: &ArrayRef, to: RedshiftType, rule: Rule) -> Result<ArrayRef> {
    let target = to.arrow_type();
    if *array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    let wide: PrimitiveArray<Int64Type> = match array.data_type() {
        from if from.is_integer() => arrow_cast(array, &DataType::Int64)
            .map_err(|_| out_of_range(to))?
            .as_primitive::<Int64Type>()
            .clone(),
        DataType::Float32 | DataType::Float64 | DataType::Float16 => {
            let floats = arrow_cast(array, &DataType::Float64)?;
            floats.as_primitive::<Float64Type>().try_unary::<_, Int64Type, DataFusionError>(|x| {
                // Ties to even, as PostgreSQL 8 does (RS 9, question 9).
                let rounded = x.round_ties_even();
                if (-TWO_TO_63..TWO_TO_63).contains(&rounded) {
                    Ok(rounded as i64)
                } else {
                    Err(out_of_range(to))
                }
            })?
        }
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            array.as_primitive::<Decimal128Type>().try_unary::<_, Int64Type, DataFusionError>(|value| {
                rescale(value, scale, 0, rule)
                    .and_then(|whole| i64::try_from(whole).ok())
                    .ok_or_else(|| out_of_range(to))
            })?
        }
        DataType::Decimal32(_, s) | DataType::Decimal64(_, s) | DataType::Decimal256(_, s) => {
            return to_integer(&arrow_cast(array, &DataType::Decimal128(38, *s))?, to, rule);
        }
        DataType::Boolean => booleans_as_integers(array.as_boolean()),
        from if is_text(from) => {
            let texts = plain(array)?;
            texts
                .iter()
                .map(|text| text.map(|text| parse_integer(text, to)).transpose())
                .collect::<Result<_>>()?
        }
        from => return Err(cannot_cast(from, to)),
    };
    Ok(match to {
        RedshiftType::SmallInt => Arc::new(narrow::<Int16Type>(&wide, to)?),
        RedshiftType::Integer => Arc::new(narrow::<Int32Type>(&wide, to)?),
        _ => Arc::new(wide),
    })
}

fn booleans_as_integers(values: &BooleanArray) -> PrimitiveArray<Int64Type> {
    values.iter().map(|value| value.map(i64::from)).collect()
}

fn narrow<T: ArrowPrimitiveType>(
    wide: &PrimitiveArray<Int64Type>,
    to: RedshiftType,
) -> Result<PrimitiveArray<T>>
where
    T::Native: TryFrom<i64>,
{
    wide.try_unary(|value| T::Native::try_from(value).map_err(|_| out_of_range(to)))
}

/// 22003 in Redshift's words: it names the width, not the type.
pub(super) fn out_of_range(to: RedshiftType) -> DataFusionError {
    let width_bytes = match to {
        RedshiftType::SmallInt => 2,
        RedshiftType::Integer | RedshiftType::Real => 4,
        _ => 8,
    };
    sql_err(SqlState::NumericValueOutOfRange, format!("Value out of range for {width_bytes} bytes."))
}

/// REAL or DOUBLE PRECISION from any number or text.
pub(super) fn to_float(array: &ArrayRef, to: RedshiftType) -> Result<ArrayRef> {
    let target = to.arrow_type();
    if *array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    let doubles: PrimitiveArray<Float64Type> = match array.data_type() {
        from if from.is_integer() || from.is_floating() => {
            arrow_cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone()
        }
        DataType::Decimal128(_, scale) => {
            let divisor = 10f64.powi(i32::from(*scale));
            array.as_primitive::<Decimal128Type>().unary(|value| value as f64 / divisor)
        }
        DataType::Decimal32(_, s) | DataType::Decimal64(_, s) | DataType::Decimal256(_, s) => {
            return to_float(&arrow_cast(array, &DataType::Decimal128(38, *s))?, to);
        }
        from if is_text(from) => {
            let texts = plain(array)?;
            texts
                .iter()
                .map(|text| text.map(|text| parse_double(text, to)).transpose())
                .collect::<Result<_>>()?
        }
        from => return Err(cannot_cast(from, to)),
    };
    if to == RedshiftType::Double {
        return Ok(Arc::new(doubles));
    }
    let reals = doubles.try_unary::<_, Float32Type, DataFusionError>(|value| {
        let real = value as f32;
        if real.is_infinite() && value.is_finite() { Err(out_of_range(to)) } else { Ok(real) }
    })?;
    Ok(Arc::new(reals))
}

/// How Redshift names a type in `Invalid digit` errors.
pub(super) fn digit_type_name(to: RedshiftType) -> &'static str {
    match to {
        RedshiftType::SmallInt => "Short",
        RedshiftType::Integer => "Integer",
        RedshiftType::BigInt => "Long",
        RedshiftType::Decimal { .. } => "Decimal",
        RedshiftType::Real => "Float",
        _ => "Double",
    }
}

/// `Invalid digit, Value '.', Pos 2, Type: Integer` (RS 4.1); positions count from 0.
pub(super) fn invalid_digit(text: &str, position: usize, to: RedshiftType) -> DataFusionError {
    let found = text.chars().nth(position).map_or_else(|| "\\0".to_owned(), |c| c.to_string());
    sql_err(
        SqlState::InvalidTextRepresentation,
        format!("Invalid digit, Value '{found}', Pos {position}, Type: {}", digit_type_name(to)),
    )
}

/// A whole number with optional sign and surrounding blanks; nothing else (RS 4.1: `'12.7'::int` fails).
fn parse_integer(text: &str, to: RedshiftType) -> Result<i64> {
    let trimmed = text.trim_matches(' ');
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let skipped = text.len() - text.trim_start_matches(' ').len() + (trimmed.len() - digits.len());
        let offset = digits.chars().take_while(char::is_ascii_digit).count();
        return Err(invalid_digit(text, skipped + offset, to));
    }
    trimmed.parse().map_err(|_| out_of_range(to))
}

/// A float: decimal or exponent form, NaN and infinity.
fn parse_double(text: &str, to: RedshiftType) -> Result<f64> {
    let trimmed = text.trim_matches(' ');
    let position = |trimmed: &str| {
        let skipped = text.len() - text.trim_start_matches(' ').len();
        skipped + trimmed.chars().take_while(|c| c.is_ascii_digit() || "+-.eE".contains(*c)).count()
    };
    let value: f64 = trimmed.parse().map_err(|_| invalid_digit(text, position(trimmed), to))?;
    let written_infinite = trimmed.bytes().any(|b| b == b'i' || b == b'I');
    if value.is_infinite() && !written_infinite { Err(out_of_range(to)) } else { Ok(value) }
}

/// The words PostgreSQL takes for a truth value, in any case.
pub(super) fn parse_boolean(text: &str) -> Result<bool> {
    match text.trim_matches(' ').to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Ok(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Ok(false),
        _ => Err(sql_err(
            SqlState::InvalidTextRepresentation,
            format!("invalid input syntax for type boolean: \"{text}\""),
        )),
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use super::{parse_boolean, parse_double, parse_integer};

    #[test]
    fn a_fraction_in_integer_text_is_an_invalid_digit() {
        let error = parse_integer("12.7", RedshiftType::Integer).expect_err("12.7 is no integer");
        assert!(error.to_string().contains("Invalid digit, Value '.', Pos 2, Type: Integer"), "{error}");
    }

    #[test]
    fn numbers_in_text_may_have_a_sign_and_blanks_around() {
        assert_eq!(parse_integer(" -42 ", RedshiftType::BigInt).expect("number"), -42);
        assert_eq!(parse_double("1.0E4 ", RedshiftType::Double).expect("number"), 10_000.0);
        assert!(parse_integer("", RedshiftType::Integer).is_err());
    }

    #[test]
    fn truth_values_follow_postgresql() {
        assert!(parse_boolean("Yes").expect("true"));
        assert!(!parse_boolean("f").expect("false"));
        assert!(parse_boolean("maybe").is_err());
    }
}
