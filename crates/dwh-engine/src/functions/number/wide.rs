//! `+`, `-` and `*` of NUMERIC whose results may have more than 38 digits: checked, where Arrow's wrap around (guide,
//! "Computations with numeric values", "Overflow conditions").

use arrow::array::{ArrayRef, cast::AsArray};
use arrow::datatypes::{DataType, Decimal128Type, i256};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};
use dwh_common::RedshiftType;

use super::divide::{numeric_of, operand, round_half_away};
use crate::functions::args::Call;
use crate::functions::cast::{check_precision, decimal_overflow};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

const OPERANDS: &[Parameter] = &[Parameter::Number, Parameter::Number];
const MAX_PRECISION: i32 = 38;
const MAX_SCALE: i32 = 37;

/// The type of a result, by the types of its arguments.
type TypeOf = fn(&ArgumentTypes<'_>) -> Result<RedshiftType>;

/// `left op right` where it may overflow; `None` where Arrow's own operator cannot.
pub(crate) fn wide(op: Operator, left: Expr, right: Expr, types: (&DataType, &DataType)) -> Option<Expr> {
    let (precision, scale) = uncapped(op, numeric_of(types.0)?, numeric_of(types.1)?)?;
    if precision <= MAX_PRECISION && scale <= MAX_SCALE {
        return None;
    }
    let (name, returns, body): (_, TypeOf, fn(&Call<'_>) -> Result<ArrayRef>) = match op {
        Operator::Plus => {
            ("__numeric_add", |types| capped(Operator::Plus, types), |call| compute(call, Operator::Plus))
        }
        Operator::Minus => (
            "__numeric_subtract",
            |types| capped(Operator::Minus, types),
            |call| compute(call, Operator::Minus),
        ),
        _ => (
            "__numeric_multiply",
            |types| capped(Operator::Multiply, types),
            |call| compute(call, Operator::Multiply),
        ),
    };
    Some(Function::new(name, OPERANDS, Returns::Of(returns), body).udf().call(vec![left, right]))
}

/// Sums have the larger scale and one digit more, products the sums of both.
fn uncapped(op: Operator, (p1, s1): (u8, i8), (p2, s2): (u8, i8)) -> Option<(i32, i32)> {
    let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
    match op {
        Operator::Plus | Operator::Minus => {
            let scale = s1.max(s2);
            Some(((p1 - s1).max(p2 - s2) + scale + 1, scale))
        }
        Operator::Multiply => Some((p1 + p2 + 1, s1 + s2)),
        _ => None,
    }
}

fn capped(op: Operator, types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    let numeric = |index| numeric_of(types.data_type(index)).unwrap_or((38, 0));
    let (precision, scale) = uncapped(op, numeric(0), numeric(1)).unwrap_or((MAX_PRECISION, 0));
    Ok(RedshiftType::Decimal {
        precision: precision.min(MAX_PRECISION) as u8,
        scale: scale.clamp(0, MAX_SCALE) as u8,
    })
}

fn compute(call: &Call<'_>, op: Operator) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, scale) = *call.return_type() else { return Err(decimal_overflow()) };
    let (left, left_scale) = operand(call, 0)?;
    let (right, right_scale) = operand(call, 1)?;
    let (left, right) = (left.as_primitive::<Decimal128Type>(), right.as_primitive::<Decimal128Type>());
    let (scale, left_scale, right_scale) = (i32::from(scale), i32::from(left_scale), i32::from(right_scale));
    // A product's scale may be cut; the sides of a sum are brought to its scale.
    let scales = Scales {
        raise_left: power_of_ten(scale - left_scale)?,
        raise_right: power_of_ten(scale - right_scale)?,
        cut: power_of_ten(left_scale + right_scale - scale)?,
    };
    call.build::<Decimal128Type>(|row| {
        let (left, right) = (left.value(row), right.value(row));
        let result = scales.narrow(op, left, right).or_else(|| scales.wide(op, left, right));
        check_precision(result.ok_or_else(decimal_overflow)?, precision).map(Some)
    })
}

fn power_of_ten(places: i32) -> Result<i128> {
    10_i128.checked_pow(places.unsigned_abs()).ok_or_else(decimal_overflow)
}

struct Scales {
    raise_left: i128,
    raise_right: i128,
    cut: i128,
}

impl Scales {
    /// The result where 128 bits do on the way to it.
    fn narrow(&self, op: Operator, left: i128, right: i128) -> Option<i128> {
        match op {
            Operator::Multiply if self.cut == 1 => left.checked_mul(right),
            Operator::Multiply => None,
            _ => {
                let (left, right) =
                    (left.checked_mul(self.raise_left)?, right.checked_mul(self.raise_right)?);
                if op == Operator::Plus { left.checked_add(right) } else { left.checked_sub(right) }
            }
        }
    }

    fn wide(&self, op: Operator, left: i128, right: i128) -> Option<i128> {
        let of = i256::from_i128;
        let (left, right) = (of(left), of(right));
        let result = match op {
            Operator::Multiply => round_half_away(left.checked_mul(right)?, of(self.cut)),
            _ => {
                let (left, right) =
                    (left.checked_mul(of(self.raise_left))?, right.checked_mul(of(self.raise_right))?);
                if op == Operator::Plus { left.checked_add(right)? } else { left.checked_sub(right)? }
            }
        };
        result.to_i128()
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn digits_past_the_38th_are_an_error_and_none_is_lost() {
        let most = "99999999999999999999999999999999999999";
        let overflow = "error: Numeric data overflow (result precision)";
        assert_values(&[
            (&format!("{most}::decimal(38,0) + 1::decimal(38,0)"), overflow),
            (&format!("{most}::decimal(38,0) - (-1)"), overflow),
            (&format!("{most}::decimal(38,0) * 10"), overflow),
            (&format!("{most}::decimal(38,0) - 1"), "99999999999999999999999999999999999998"),
            (&format!("{most}::decimal(38,0) * 1"), most),
            ("1.5::decimal(38,20) * 1.5::decimal(38,20)", "2.2500000000000000000000000000000000000"),
            ("1.5::decimal(38,20) + 1::bigint", "2.50000000000000000000"),
        ]);
    }
}
