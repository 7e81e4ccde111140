//! Division of NUMERIC and of floats (RS 4.1; AWS guide, "Computations with numeric values").

use arrow::array::{ArrayRef, Decimal128Array};
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, i256};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use dwh_common::RedshiftType;

use crate::functions::args::{Call, Column};
use crate::functions::cast::{check_precision, decimal_overflow};
use crate::functions::error::divide_by_zero;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

const OPERANDS: &[Parameter] = &[Parameter::Number, Parameter::Number];
const MAX_PRECISION: i32 = 38;
const MIN_SCALE: i32 = 4;

/// `left / right` of two NUMERIC, or a NUMERIC and an integer.
pub(crate) fn numeric_divide(left: Expr, right: Expr) -> Expr {
    Function::new(
        "__numeric_divide",
        OPERANDS,
        Returns::Of(|types: &ArgumentTypes<'_>| {
            let numeric = |index| numeric_of(types.data_type(index)).unwrap_or((38, 0));
            let (precision, scale) = quotient_type(numeric(0), numeric(1));
            Ok(RedshiftType::Decimal { precision, scale })
        }),
        divide_numeric,
    )
    .udf()
    .call(vec![left, right])
}

/// `left / right` of two floats of one width.
pub(crate) fn float_divide(left: Expr, right: Expr) -> Expr {
    Function::new(
        "__float_divide",
        OPERANDS,
        Returns::Of(|types: &ArgumentTypes<'_>| match types.data_type(0) {
            DataType::Float32 => Ok(RedshiftType::Real),
            _ => Ok(RedshiftType::Double),
        }),
        |call| {
            let (left, right) = (call.double(0)?, call.double(1)?);
            let quotient = |row| {
                let divisor = right.at(row);
                if divisor == 0.0 { Err(divide_by_zero()) } else { Ok(Some(left.at(row) / divisor)) }
            };
            match call.return_type() {
                DataType::Float32 => {
                    call.build::<Float32Type>(|row| Ok(quotient(row)?.map(|value| value as f32)))
                }
                _ => call.build::<Float64Type>(quotient),
            }
        },
    )
    .udf()
    .call(vec![left, right])
}

/// Precision and scale of a number as NUMERIC; integers have as many digits as their width.
pub(crate) fn numeric_of(data_type: &DataType) -> Option<(u8, i8)> {
    Some(match data_type {
        DataType::Decimal128(precision, scale) => (*precision, *scale),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => (5, 0),
        DataType::Int32 | DataType::UInt16 => (10, 0),
        DataType::Int64 | DataType::UInt32 => (19, 0),
        DataType::UInt64 => (20, 0),
        _ => return None,
    })
}

/// scale = max(4, s1 + p2 - s2 + 1), precision = p1 - s1 + s2 + scale; past 38 digits the scale gives
/// way, but not below 4.
fn quotient_type((p1, s1): (u8, i8), (p2, s2): (u8, i8)) -> (u8, u8) {
    let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
    let scale = MIN_SCALE.max(s1 + p2 - s2 + 1);
    let precision = p1 - s1 + s2 + scale;
    let (precision, scale) = if precision > MAX_PRECISION {
        (MAX_PRECISION, MIN_SCALE.max(MAX_PRECISION + scale - precision))
    } else {
        (precision, scale)
    };
    (precision as u8, scale.min(37) as u8)
}

fn divide_numeric(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, scale) = *call.return_type() else {
        return Err(decimal_overflow());
    };
    let (left, left_scale) = operand(call, 0)?;
    let (right, right_scale) = operand(call, 1)?;
    // left/10^s1 / (right/10^s2) * 10^scale
    let shift = i32::from(scale) + i32::from(right_scale) - i32::from(left_scale);
    let factor = i256::from_i128(10).checked_pow(shift.unsigned_abs()).ok_or_else(decimal_overflow)?;
    call.build::<Decimal128Type>(|row| {
        let (dividend, divisor) = (i256::from_i128(left.at(row)), i256::from_i128(right.at(row)));
        if divisor == i256::ZERO {
            return Err(divide_by_zero());
        }
        let (dividend, divisor) = if shift >= 0 {
            (dividend.checked_mul(factor), Some(divisor))
        } else {
            (Some(dividend), divisor.checked_mul(factor))
        };
        let (Some(dividend), Some(divisor)) = (dividend, divisor) else { return Err(decimal_overflow()) };
        let quotient = round_half_away(dividend, divisor).to_i128().ok_or_else(decimal_overflow)?;
        check_precision(quotient, precision).map(Some)
    })
}

pub(super) fn round_half_away(dividend: i256, divisor: i256) -> i256 {
    let quotient = dividend.wrapping_div(divisor);
    let remainder = dividend.wrapping_rem(divisor).wrapping_abs();
    let magnitude = divisor.wrapping_abs();
    if remainder.wrapping_add(remainder) < magnitude {
        return quotient;
    }
    let positive = (dividend >= i256::ZERO) == (divisor >= i256::ZERO);
    if positive { quotient.wrapping_add(i256::ONE) } else { quotient.wrapping_sub(i256::ONE) }
}

/// An operand with the digits of its type, and its scale.
pub(super) fn operand(call: &Call<'_>, index: usize) -> Result<(Column<Decimal128Array>, i8)> {
    let (precision, scale) = numeric_of(&call.data_type(index)).unwrap_or((38, 0));
    Ok((call.numeric(index, precision.min(38), scale.max(0) as u8)?, scale))
}

#[cfg(test)]
mod tests {
    use super::quotient_type;

    #[test]
    fn quotients_have_the_scale_of_the_guide() {
        assert_eq!(quotient_type((8, 2), (8, 2)), (17, 9));
        assert_eq!(quotient_type((18, 0), (10, 0)), (29, 11));
        assert_eq!(quotient_type((38, 10), (38, 10)), (38, 4));
    }
}
