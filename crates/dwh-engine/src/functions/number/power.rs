//! `POWER(x, y)`, `POW` and `x ^ y`: always DOUBLE PRECISION.

use arrow::datatypes::Float64Type;
use datafusion::logical_expr::Expr;
use dwh_common::RedshiftType;

use super::real;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    aliases: &["pow", "dpow"],
    ..Function::new(
        "power",
        &[Parameter::Number, Parameter::Number],
        Returns::Type(RedshiftType::Double),
        |call| {
            let (base, exponent) = (call.double(0)?, call.double(1)?);
            call.build::<Float64Type>(|row| real::raised(base.at(row), exponent.at(row)).map(Some))
        },
    )
};

/// `base ^ exponent`.
pub(crate) fn power(base: Expr, exponent: Expr) -> Expr {
    FUNCTION.udf().call(vec![base, exponent])
}
