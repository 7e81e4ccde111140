//! `date_arithmetic`: DATE ± INTEGER is a DATE, TIMESTAMP ± INTEGER a TIMESTAMP (`sysdate - 1`), DATE + TIMETZ a
//! TIMESTAMPTZ, DATE - DATE an INTEGER, TIMESTAMP - TIMESTAMP an INTERVAL (RS 4.2).

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::datetime::arithmetic::{
    date_minus_days, date_plus_days, date_plus_timetz, days_between, time_between, timestamp_minus_days,
    timestamp_plus_days,
};

/// Types arithmetic between dates, timestamps and whole days.
#[derive(Debug)]
pub(super) struct DateArithmetic;

impl ExprPlanner for DateArithmetic {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Minus, Plus};
        use DataType::{Date32, Time64, Timestamp};
        let types = (expr.left.get_type(schema)?, expr.right.get_type(schema)?);
        let is_literal = |side: &Expr| matches!(side, Expr::Literal(_, _));
        let planned = match (&expr.op, &types.0, &types.1) {
            (Plus, Date32, days) if days.is_integer() => date_plus_days(expr.left, expr.right),
            (Plus, days, Date32) if days.is_integer() => date_plus_days(expr.right, expr.left),
            (Plus, Timestamp(_, None), days) if days.is_integer() => {
                timestamp_plus_days(expr.left, expr.right)
            }
            (Plus, days, Timestamp(_, None)) if days.is_integer() => {
                timestamp_plus_days(expr.right, expr.left)
            }
            (Minus, Timestamp(_, None), days) if days.is_integer() => {
                timestamp_minus_days(expr.left, expr.right)
            }
            (Plus, Date32, Time64(TimeUnit::Nanosecond)) => date_plus_timetz(expr.left, written(expr.right)),
            (Plus, Time64(TimeUnit::Nanosecond), Date32) => date_plus_timetz(expr.right, written(expr.left)),
            (Minus, Date32, days) if days.is_integer() => date_minus_days(expr.left, expr.right),
            (Minus, Date32, Date32) => days_between(expr.left, expr.right),
            (Minus, Date32, text) if text.is_string() && is_literal(&expr.right) => {
                days_between(expr.left, expr.right)
            }
            (Minus, text, Date32) if text.is_string() && is_literal(&expr.left) => {
                days_between(expr.left, expr.right)
            }
            (Minus, Timestamp(_, _) | Date32, Timestamp(_, _) | Date32) => {
                time_between(expr.left, expr.right)
            }
            _ => return Ok(PlannerResult::Original(expr)),
        };
        Ok(PlannerResult::Planned(planned))
    }
}

/// The text of a literal, which still has its zone; else the value, which is kept in UTC.
fn written(time: Expr) -> Expr {
    match time {
        Expr::Cast(Cast { expr, .. }) if matches!(*expr, Expr::Literal(_, _)) => *expr,
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn days_are_counted_in_integers() {
        assert_values(&[
            ("DATE '2018-11-30' + 1", "2018-12-01"),
            ("1 + DATE '2018-11-30'", "2018-12-01"),
            ("DATE '2018-11-01' - 1", "2018-10-31"),
            ("TIMESTAMP '2018-11-30 12:00' + 1", "2018-12-01 12:00:00"),
            ("1 + TIMESTAMP '2018-11-30 12:00'", "2018-12-01 12:00:00"),
            ("TIMESTAMP '2018-11-01 12:00' - 1", "2018-10-31 12:00:00"),
            ("DATE '2018-11-30' - DATE '2018-11-01'", "29"),
            ("TIMESTAMP '2018-11-30 12:00' - TIMESTAMP '2018-11-29 10:30'", "1 day 01:30:00"),
        ]);
    }
}
