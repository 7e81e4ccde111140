//! `+`, `-` and `*` of NUMERIC, checked where results may have more than 38 digits (guide, "Computations with
//! numeric values", "Overflow conditions"). Values that all fit 64 bits, as those of most columns do, need no check.

use std::iter::{repeat, zip};
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array};
use arrow::datatypes::{DataType, Decimal128Type, i256};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};
use dwh_common::RedshiftType;

use super::bits_past_64;
use super::divide::{numeric_of, operand, round_half_away};
use crate::functions::args::{Call, Column};
use crate::functions::cast::{check_precision, decimal_overflow};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

const OPERANDS: &[Parameter] = &[Parameter::Number, Parameter::Number];
const MAX_PRECISION: i32 = 38;
const MAX_SCALE: i32 = 37;
/// The sides of a sum of 64-bit values may be raised by so much: it stays below 38 digits.
const MAX_NARROW_RAISE: i128 = 1_000_000_000_000_000_000;

type Numerics = Column<Decimal128Array>;
/// The type of a result, by the types of its arguments.
type TypeOf = fn(&ArgumentTypes<'_>) -> Result<RedshiftType>;

/// `left op right` of NUMERIC operands; `None` for other operators.
pub(crate) fn numeric_sum_or_product(op: Operator, left: Expr, right: Expr) -> Option<Expr> {
    let (name, returns, body): (_, TypeOf, fn(&Call<'_>) -> Result<ArrayRef>) = match op {
        Operator::Plus => (
            "__numeric_add",
            |types| result_type(Operator::Plus, types),
            |call| compute(call, Operator::Plus),
        ),
        Operator::Minus => (
            "__numeric_subtract",
            |types| result_type(Operator::Minus, types),
            |call| compute(call, Operator::Minus),
        ),
        Operator::Multiply => (
            "__numeric_multiply",
            |types| result_type(Operator::Multiply, types),
            |call| compute(call, Operator::Multiply),
        ),
        _ => return None,
    };
    Some(Function::new(name, OPERANDS, Returns::Of(returns), body).udf().call(vec![left, right]))
}

/// Sums have the larger scale and one digit more, products the sums of both; up to 38 digits.
fn result_type(op: Operator, types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    let numeric = |index| {
        let (precision, scale) = numeric_of(types.data_type(index)).unwrap_or((38, 0));
        (i32::from(precision), i32::from(scale))
    };
    let ((p1, s1), (p2, s2)) = (numeric(0), numeric(1));
    let (precision, scale) = if op == Operator::Multiply {
        (p1 + p2 + 1, s1 + s2)
    } else {
        let scale = s1.max(s2);
        ((p1 - s1).max(p2 - s2) + scale + 1, scale)
    };
    Ok(RedshiftType::Decimal {
        precision: precision.min(MAX_PRECISION) as u8,
        scale: scale.clamp(0, MAX_SCALE) as u8,
    })
}

fn compute(call: &Call<'_>, op: Operator) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, scale) = *call.return_type() else { return Err(decimal_overflow()) };
    let (left, left_scale) = operand(call, 0)?;
    let (right, right_scale) = operand(call, 1)?;
    let (scale, left_scale, right_scale) = (i32::from(scale), i32::from(left_scale), i32::from(right_scale));
    // A product's scale may be cut; the sides of a sum are brought to its scale.
    let scales = Scales {
        raise_left: power_of_ten(scale - left_scale)?,
        raise_right: power_of_ten(scale - right_scale)?,
        cut: power_of_ten(left_scale + right_scale - scale)?,
    };
    if let Some(values) = scales.narrow(op, &left, &right) {
        let array = Decimal128Array::new(values.into(), call.nulls().cloned());
        return Ok(Arc::new(array.with_data_type(call.return_type().clone())));
    }
    call.build::<Decimal128Type>(|row| {
        let (left, right) = (left.at(row), right.at(row));
        let result = scales.medium(op, left, right).or_else(|| scales.wide(op, left, right));
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
    /// All results, where every value fits 64 bits and no result can have more than 38 digits.
    fn narrow(&self, op: Operator, left: &Numerics, right: &Numerics) -> Option<Vec<i128>> {
        let widen = i128::from;
        match op {
            Operator::Multiply if self.cut == 1 => {
                return combined(left, right, |l, r| widen(l) * widen(r));
            }
            Operator::Plus | Operator::Minus if self.raise_left.max(self.raise_right) <= MAX_NARROW_RAISE => {
            }
            _ => return None,
        }
        let (raise_left, raise_right) = (self.raise_left as i64, self.raise_right as i64);
        let raised = move |l, r| (widen(l) * widen(raise_left), widen(r) * widen(raise_right));
        match op {
            Operator::Plus => combined(left, right, |l, r| {
                let (l, r) = raised(l, r);
                l + r
            }),
            _ => combined(left, right, |l, r| {
                let (l, r) = raised(l, r);
                l - r
            }),
        }
    }

    /// A result where 128 bits do on the way to it.
    fn medium(&self, op: Operator, left: i128, right: i128) -> Option<i128> {
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

/// `of` over the pairs of both sides; `None` if a value does not fit 64 bits.
fn combined(left: &Numerics, right: &Numerics, of: impl Fn(i64, i64) -> i128) -> Option<Vec<i128>> {
    let (lefts, rights) = (left.values().iter().copied(), right.values().iter().copied());
    match (left.is_constant(), right.is_constant()) {
        (false, true) => all_narrow(zip(lefts, repeat(right.at(0))), of),
        (true, false) => all_narrow(zip(repeat(left.at(0)), rights), of),
        _ => all_narrow(zip(lefts, rights), of),
    }
}

fn all_narrow(pairs: impl Iterator<Item = (i128, i128)>, of: impl Fn(i64, i64) -> i128) -> Option<Vec<i128>> {
    // One pass without a branch: results of values that were cut are thrown away.
    let mut past_64_bits = 0;
    let results = pairs
        .map(|(left, right)| {
            past_64_bits |= bits_past_64(left) | bits_past_64(right);
            of(left as i64, right as i64)
        })
        .collect();
    (past_64_bits == 0).then_some(results)
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType::{Decimal, Integer};

    use crate::functions::test_support::{TestSession, assert_values};

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

    /// Computed with Python's decimal module.
    #[test]
    fn values_at_the_ends_of_64_bits_and_past_them_are_exact() {
        let numeric = |scale| Decimal { precision: 20, scale };
        let texts: [&[_]; 3] = [
            &[Some("1"), Some("2"), Some("3"), Some("4")],
            &[
                Some("92233720368547758.07"),
                Some("92233720368547758.08"),
                None,
                Some("-92233720368547758.08"),
            ],
            &[Some("-99999999999999.9999"), Some("2.5"), Some("1"), Some("0.0001")],
        ];
        let columns = [("id", Integer, texts[0]), ("a", numeric(2), texts[1]), ("b", numeric(4), texts[2])];
        let session = TestSession::new().with_table("t", &columns);
        let expected = [
            "-9223372036854775797776627963145.224193|92133720368547758.0701|92333720368547758.0699|\
             -92233720368547757.07|-299999999999999.9997",
            "230584300921369395.200000|92233720368547760.5800|92233720368547755.5800|-92233720368547757.08|7.5000",
            "NULL|NULL|NULL|NULL|3.0000",
            "-9223372036854.775808|-92233720368547758.0799|-92233720368547758.0801|92233720368547759.08|0.0003",
        ];
        let query = "SELECT a * b, a + b, a - b, 1 - a, b * 3 FROM t";
        assert_eq!(session.rows(&format!("{query} ORDER BY id")).expect("all rows"), expected);
        let narrow = session.rows(&format!("{query} WHERE id <> 2 ORDER BY id")).expect("rows of 64 bits");
        assert_eq!(narrow, [expected[0], expected[2], expected[3]]);
        let sums = "SELECT id % 3, sum(a), sum(b) FROM t";
        assert_eq!(
            session.rows(&format!("{sums} GROUP BY 1 ORDER BY 1")).expect("sums of all rows"),
            ["0|NULL|1.0000", "1|-0.01|-99999999999999.9998", "2|92233720368547758.08|2.5000"]
        );
        assert_eq!(
            session.rows("SELECT id / 9, sum(a) FROM (SELECT * FROM t UNION ALL SELECT * FROM t) x WHERE id = 1 GROUP BY 1")
                .expect("a sum past 64 bits"),
            ["0|184467440737095516.14"]
        );
    }
}
