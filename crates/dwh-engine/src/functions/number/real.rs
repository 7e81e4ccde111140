//! Functions of DOUBLE PRECISION: roots, logarithms, exponentials and trigonometry, with PostgreSQL's errors
//! outside their domains.

use arrow::array::ArrayRef;
use arrow::datatypes::Float64Type;
use datafusion::error::{DataFusionError, Result};
use dwh_common::{RedshiftType, SqlState};

use crate::functions::args::Call;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const DOUBLE: Returns = Returns::Type(RedshiftType::Double);

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let of_one = |name, body| Function::new(name, &[Parameter::Number], DOUBLE, body);
    vec![
        of_one("acos", |call| map(call, |x| in_unit(x).map(f64::acos))),
        of_one("asin", |call| map(call, |x| in_unit(x).map(f64::asin))),
        of_one("atan", |call| map(call, |x| Ok(x.atan()))),
        of_one("cbrt", |call| map(call, |x| Ok(x.cbrt()))),
        of_one("cos", |call| map(call, |x| Ok(x.cos()))),
        of_one("cot", |call| map(call, |x| if x == 0.0 { Err(out_of_range()) } else { Ok(x.tan().recip()) })),
        of_one("degrees", |call| map(call, |x| Ok(x.to_degrees()))),
        Function { aliases: &["dexp"], ..of_one("exp", |call| map(call, exponential)) },
        Function { aliases: &["dlog1"], ..of_one("ln", |call| map(call, |x| positive(x).map(f64::ln))) },
        of_one("radians", |call| map(call, |x| Ok(x.to_radians()))),
        of_one("sin", |call| map(call, |x| Ok(x.sin()))),
        Function { aliases: &["dsqrt"], ..of_one("sqrt", |call| map(call, root)) },
        of_one("tan", |call| map(call, |x| Ok(x.tan()))),
        Function { aliases: &["dlog10"], ..LOG },
        ATAN2,
        PI,
    ]
}

/// `LOG(x)` to base 10, `LOG(base, x)`.
const LOG: Function = Function {
    optional: 1,
    ..Function::new("log", &[Parameter::Number, Parameter::Number], DOUBLE, |call| {
        if call.len() == 1 {
            return map(call, |x| positive(x).map(f64::log10));
        }
        let (bases, values) = (call.double(0)?, call.double(1)?);
        call.build::<Float64Type>(|row| {
            let (base, value) = (positive(bases.at(row))?, positive(values.at(row))?);
            if base == 1.0 {
                return Err(crate::functions::error::divide_by_zero());
            }
            Ok(Some(value.ln() / base.ln()))
        })
    })
};

const ATAN2: Function = Function::new("atan2", &[Parameter::Number, Parameter::Number], DOUBLE, |call| {
    let (left, right) = (call.double(0)?, call.double(1)?);
    call.build::<Float64Type>(|row| Ok(Some(left.at(row).atan2(right.at(row)))))
});

const PI: Function =
    Function::new("pi", &[], DOUBLE, |call| call.build::<Float64Type>(|_| Ok(Some(std::f64::consts::PI))));

fn map(call: &Call<'_>, function: fn(f64) -> Result<f64>) -> Result<ArrayRef> {
    let values = call.double(0)?;
    call.build::<Float64Type>(|row| function(values.at(row)).map(Some))
}

fn out_of_range() -> DataFusionError {
    sql_err(SqlState::NumericValueOutOfRange, "input is out of range")
}

fn in_unit(x: f64) -> Result<f64> {
    if x.abs() > 1.0 { Err(out_of_range()) } else { Ok(x) }
}

fn positive(x: f64) -> Result<f64> {
    let refuse = |message| Err(sql_err(SqlState::InvalidArgumentForLogarithm, message));
    if x == 0.0 {
        return refuse("cannot take logarithm of zero");
    }
    if x < 0.0 {
        return refuse("cannot take logarithm of a negative number");
    }
    Ok(x)
}

fn root(x: f64) -> Result<f64> {
    if x < 0.0 {
        return Err(sql_err(
            SqlState::InvalidArgumentForPower,
            "cannot take square root of a negative number",
        ));
    }
    Ok(x.sqrt())
}

fn exponential(x: f64) -> Result<f64> {
    let value = x.exp();
    if value.is_infinite() && x.is_finite() {
        return Err(sql_err(SqlState::NumericValueOutOfRange, "value out of range: overflow"));
    }
    Ok(value)
}

/// `base` to the power of `exponent`.
pub(super) fn raised(base: f64, exponent: f64) -> Result<f64> {
    let refuse = |message| Err(sql_err(SqlState::InvalidArgumentForPower, message));
    if base == 0.0 && exponent < 0.0 {
        return refuse("zero raised to a negative power is undefined");
    }
    if base < 0.0 && exponent.fract() != 0.0 {
        return refuse("a negative number raised to a non-integer power yields a complex result");
    }
    let value = base.powf(exponent);
    if value.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(sql_err(SqlState::NumericValueOutOfRange, "value out of range: overflow"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn values_inside_and_errors_outside_the_domain() {
        assert_values(&[
            ("degrees(.5)", "28.6478897565412"),
            ("ln(2.718281828)", "0.999999999831127"),
            ("log(100)", "2"),
            ("log(2, 8)", "3"),
            ("dlog10(1000)", "3"),
            ("cbrt('27')", "3"),
            ("cot(1)", "0.642092615934331"),
            ("pi()", "3.14159265358979"),
            ("sqrt(-1)", "error: cannot take square root of a negative number"),
            ("ln(0)", "error: cannot take logarithm of zero"),
            ("log(-1)", "error: cannot take logarithm of a negative number"),
            ("acos(2)", "error: input is out of range"),
            ("exp(1000)", "error: value out of range: overflow"),
            ("power(0, -1)", "error: zero raised to a negative power is undefined"),
            (
                "power(-2, 0.5)",
                "error: a negative number raised to a non-integer power yields a complex result",
            ),
        ]);
    }
}
