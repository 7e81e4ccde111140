//! `MOD(a, b)` and `SIGN(x)` (RS 4.3).

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::kernels::numeric::rem;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::divide::numeric_of;
use crate::functions::args::Call;
use crate::functions::cast::{Rule, convert};
use crate::functions::error::divide_by_zero;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

pub(super) const MOD: Function = Function::new(
    "mod",
    &[Parameter::Number, Parameter::Number],
    Returns::Of(|types: &ArgumentTypes<'_>| Ok(common_type(types.redshift_type(0), types.redshift_type(1)))),
    modulo,
);

/// The type that both operands go into.
fn common_type(left: RedshiftType, right: RedshiftType) -> RedshiftType {
    use RedshiftType::{BigInt, Double, Integer, Real};
    let digits = |number: RedshiftType| numeric_of(&number.arrow_type());
    match (left, right) {
        (Real | Double, _) | (_, Real | Double) => Double,
        (left, right) if left == right && left.is_integer() => left,
        (left, right) if left.is_integer() && right.is_integer() => {
            if left == BigInt || right == BigInt {
                BigInt
            } else {
                Integer
            }
        }
        _ => match (digits(left), digits(right)) {
            (Some((p1, s1)), Some((p2, s2))) => {
                let scale = s1.max(s2) as u8;
                let whole = (p1 - s1 as u8).max(p2 - s2 as u8);
                RedshiftType::Decimal { precision: (whole + scale).min(38), scale }
            }
            _ => Double,
        },
    }
}

fn modulo(call: &Call<'_>) -> Result<ArrayRef> {
    let to = RedshiftType::of_arrow(call.return_type()).unwrap_or(RedshiftType::Double);
    match to {
        RedshiftType::Double => {
            let (left, right) = (call.double(0)?, call.double(1)?);
            call.build::<Float64Type>(|row| {
                let divisor = right.at(row);
                if divisor == 0.0 { Err(divide_by_zero()) } else { Ok(Some(left.at(row) % divisor)) }
            })
        }
        _ if to.is_integer() => {
            let (left, right) = (call.integer(0)?, call.integer(1)?);
            let wide = call.build::<Int64Type>(|row| {
                let divisor = right.at(row);
                if divisor == 0 {
                    Err(divide_by_zero())
                } else {
                    Ok(Some(left.at(row).wrapping_rem(divisor)))
                }
            })?;
            convert(&wide, to, Rule::Cast)
        }
        _ => {
            let (left, right) = (call.converted(0, to)?, call.converted(1, to)?);
            Ok(Arc::clone(&rem(&left, &right)?))
        }
    }
}

pub(super) const SIGN: Function =
    Function::new("sign", &[Parameter::Number], Returns::Of(sign_type), |call| {
        let values = call.double(0)?;
        let sign = |row| {
            let value = values.at(row);
            i8::from(value > 0.0) - i8::from(value < 0.0)
        };
        match call.return_type() {
            DataType::Float64 => call.build::<Float64Type>(|row| Ok(Some(f64::from(sign(row))))),
            _ => call.build::<Decimal128Type>(|row| Ok(Some(i128::from(sign(row))))),
        }
    });

/// DOUBLE PRECISION of a float, else NUMERIC(1,0) (guide, SIGN function).
fn sign_type(types: &ArgumentTypes<'_>) -> Result<RedshiftType> {
    Ok(match types.redshift_type(0) {
        RedshiftType::Real | RedshiftType::Double => RedshiftType::Double,
        _ => RedshiftType::Decimal { precision: 1, scale: 0 },
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn remainders_and_signs() {
        assert_values(&[
            ("mod(10, 4)", "2"),
            ("mod(-10, 4)", "-2"),
            ("mod(8.5, 3)", "2.5"),
            ("mod(8.5::float8, 3)", "2.5"),
            ("mod(1, 0)", "error: Divide by zero"),
            ("sign(-3.2)", "-1"),
            ("sign(0)", "0"),
            ("arrow_typeof(sign(4.25::float8))", "Float64"),
            ("arrow_typeof(sign(4.25))", "Decimal128(1, 0)"),
        ]);
    }
}
