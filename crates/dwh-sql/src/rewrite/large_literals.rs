//! A whole number past BIGINT is NUMERIC (guide, "Integer and floating-point literals"); the planner has an unsigned type
//! for the next 2^63 of them, which Redshift has not: `9223372036854775808` → `CAST(9223372036854775808 AS NUMERIC(20, 0))`.

use dwh_common::SqlError;
use sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, Value};

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    if let Expr::Value(value) = expr
        && let Value::Number(digits, _) = &value.value
        && digits.parse::<u64>().is_ok_and(|number| i64::try_from(number).is_err())
    {
        *expr = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(Expr::Value(value.clone())),
            data_type: DataType::Numeric(ExactNumberInfo::PrecisionAndScale(20, 0)),
            array: false,
            format: None,
        };
    }
    Ok(())
}
