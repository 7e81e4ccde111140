//! A number with an exponent is written out, as the planner loses the power of ten: `2.0e19` →
//! `20000000000000000000`, `-2E-19` → `-0.0000000000000000002`. One of more digits than a NUMERIC has is a double.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, Value};

use super::build::{number, text};

/// Digits of a NUMERIC.
const MAX_DIGITS: usize = 38;

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    if let Expr::Value(value) = expr
        && let Value::Number(written, _) = &value.value
    {
        if !written.contains(['e', 'E']) {
            return check_length(written);
        }
        *expr = match written_out(written) {
            Some(digits) => number(digits),
            None => Expr::Cast {
                kind: CastKind::Cast,
                expr: Box::new(text(written.as_str())),
                data_type: DataType::Double(ExactNumberInfo::None),
                array: false,
                format: None,
            },
        };
    }
    Ok(())
}

fn check_length(written: &str) -> Result<(), SqlError> {
    let whole = written.split('.').next().unwrap_or_default();
    if whole.trim_start_matches('0').len() <= MAX_DIGITS {
        return Ok(());
    }
    Err(SqlError::new(SqlState::NumericValueOutOfRange, "Numeric data overflow (result precision)"))
}

fn written_out(written: &str) -> Option<String> {
    let (mantissa, exponent) = written.split_once(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let places = MAX_DIGITS as i32;
    if !(-places..=places).contains(&point) {
        return None;
    }
    let padded = match point {
        ..=0 => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        _ if point as usize >= digits.len() => format!("{digits:0<width$}", width = point as usize),
        _ => {
            let (whole, fraction) = digits.split_at(point as usize);
            format!("{whole}.{fraction}")
        }
    };
    let significant = padded.trim_start_matches('0').bytes().filter(u8::is_ascii_digit).count();
    (significant <= MAX_DIGITS).then_some(padded)
}

#[cfg(test)]
mod tests {
    use super::written_out;

    #[test]
    fn powers_of_ten_move_the_point() {
        let cases = [
            ("2.0e19", Some("20000000000000000000")),
            ("2E-19", Some("0.0000000000000000002")),
            ("1.25e1", Some("12.5")),
            ("12e0", Some("12")),
            (".5e+2", Some("50")),
            ("1e300", None),
            ("1e-300", None),
        ];
        for (written, expected) in cases {
            assert_eq!(written_out(written).as_deref(), expected, "{written}");
        }
    }
}
