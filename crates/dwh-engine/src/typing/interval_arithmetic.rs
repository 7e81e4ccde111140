//! `interval_arithmetic`: `TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 second'` and its kin (RS 4.2, RS 10.2).
//!
//! A number or numeric text times an interval is an interval; a DATE plus an interval is a TIMESTAMP. Between intervals
//! of one type the type stays. Intervals compare by their lengths, a month being 30 days.

use arrow::datatypes::{DataType, IntervalUnit as ArrowInterval};
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr, cast, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use dwh_common::{IntervalUnit, RedshiftType};

use crate::functions::cast::cast_to;
use crate::functions::datetime::arithmetic::{zoned_minus_interval, zoned_plus_interval};
use crate::functions::datetime::compare::compare_intervals;
use crate::functions::datetime::interval::{self, as_parts};

/// Types arithmetic that has an interval on one side.
#[derive(Debug)]
pub(super) struct IntervalArithmetic;

impl ExprPlanner for IntervalArithmetic {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let (left, right) = (expr.left.get_type(schema)?, expr.right.get_type(schema)?);
        use BinaryOperator::{Divide, Minus, Multiply, Plus};
        let planned_here = match (is_interval(&left), is_interval(&right)) {
            (true, true) => matches!(expr.op, Plus | Minus) || comparison(&expr.op).is_some(),
            (true, false) | (false, true) => matches!(expr.op, Plus | Minus | Multiply | Divide),
            (false, false) => false,
        };
        if !planned_here {
            return Ok(PlannerResult::Original(expr));
        }
        let kept = kept_type(&left, &right);
        let expr = RawBinaryExpr {
            op: expr.op,
            left: if is_qualified(&left) { as_parts(expr.left) } else { expr.left },
            right: if is_qualified(&right) { as_parts(expr.right) } else { expr.right },
        };
        let of_kept_type = |result: Expr| match kept {
            Some(unit) => cast_to(result, RedshiftType::Interval(unit)),
            None => result,
        };
        let is_factor = |t: &DataType| t.is_numeric() || t.is_string();
        let planned = match &expr.op {
            Multiply if is_interval(&left) && is_factor(&right) => {
                of_kept_type(interval::multiply(expr.left, expr.right))
            }
            Multiply if is_factor(&left) && is_interval(&right) => {
                of_kept_type(interval::multiply(expr.right, expr.left))
            }
            Divide if is_interval(&left) && is_factor(&right) => {
                of_kept_type(interval::divide(expr.left, expr.right))
            }
            Plus if is_zoned(&left) && is_interval(&right) => zoned_plus_interval(expr.left, expr.right),
            Plus if is_interval(&left) && is_zoned(&right) => zoned_plus_interval(expr.right, expr.left),
            Minus if is_zoned(&left) && is_interval(&right) => zoned_minus_interval(expr.left, expr.right),
            Plus if is_moment(&left) && is_interval(&right) => {
                let start = cast_to_timestamp(expr.left, &left);
                binary_expr(start, Operator::Plus, expr.right)
            }
            Plus if is_interval(&left) && is_moment(&right) => {
                let start = cast_to_timestamp(expr.right, &right);
                binary_expr(start, Operator::Plus, expr.left)
            }
            Minus if is_moment(&left) && is_interval(&right) => {
                let start = cast_to_timestamp(expr.left, &left);
                binary_expr(start, Operator::Minus, expr.right)
            }
            Plus if is_time(&left) && is_interval(&right) => {
                time(binary_expr(expr.left, Operator::Plus, expr.right))
            }
            Plus if is_interval(&left) && is_time(&right) => {
                time(binary_expr(expr.right, Operator::Plus, expr.left))
            }
            Minus if is_time(&left) && is_interval(&right) => {
                time(binary_expr(expr.left, Operator::Minus, expr.right))
            }
            Plus | Minus if is_interval(&left) && is_interval(&right) => {
                let op = if expr.op == Plus { Operator::Plus } else { Operator::Minus };
                of_kept_type(binary_expr(expr.left, op, expr.right))
            }
            op if is_interval(&left) && is_interval(&right) && comparison(op).is_some() => {
                let op = comparison(op).unwrap_or(Operator::Eq);
                binary_expr(compare_intervals(expr.left, expr.right), op, lit(0i32))
            }
            _ => return Ok(PlannerResult::Original(expr)),
        };
        Ok(PlannerResult::Planned(planned))
    }
}

fn is_interval(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Interval(_) | DataType::Duration(_))
}

/// Whether it is a type of columns, YEAR TO MONTH or DAY TO SECOND.
fn is_qualified(data_type: &DataType) -> bool {
    is_interval(data_type) && *data_type != DataType::Interval(ArrowInterval::MonthDayNano)
}

/// The type that sums, multiples and parts have: that of both sides, or of the one beside a number.
fn kept_type(left: &DataType, right: &DataType) -> Option<IntervalUnit> {
    let kept = match (is_qualified(left), is_qualified(right)) {
        (true, true) if left == right => left,
        (true, false) if !is_interval(right) => left,
        (false, true) if !is_interval(left) => right,
        _ => return None,
    };
    Some(match kept {
        DataType::Duration(_) => IntervalUnit::MICROSECOND,
        _ => IntervalUnit::Month,
    })
}

fn comparison(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}

fn is_zoned(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(_, Some(_)))
}

fn is_moment(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Timestamp(_, _)) || data_type.is_string()
}

fn is_time(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Time32(_) | DataType::Time64(_))
}

/// Until a plan is analyzed DataFusion gives a TIME's unit, and then another one, to its sums.
fn time(expr: Expr) -> Expr {
    cast(expr, RedshiftType::Time.arrow_type())
}

fn cast_to_timestamp(expr: Expr, from: &DataType) -> Expr {
    match from {
        DataType::Timestamp(_, _) => expr,
        _ => cast_to(expr, RedshiftType::Timestamp),
    }
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::{TestSession, assert_values};

    #[test]
    fn epoch_plus_a_number_of_seconds_is_a_timestamp() {
        assert_values(&[
            ("TIMESTAMP 'epoch' + 1541121934796/1000 * INTERVAL '1 second'", "2018-11-02 01:25:34"),
            ("TIMESTAMP 'epoch' + 1541121934796/1000.0 * INTERVAL '1 second'", "2018-11-02 01:25:34.796"),
            ("TIMESTAMP 'epoch' + 1541121934796 * INTERVAL '0.001 seconds'", "2018-11-02 01:25:34.796"),
            ("TIMESTAMP 'epoch' + 1541121934 * INTERVAL '1 Second '", "2018-11-02 01:25:34"),
            ("TIMESTAMP 'epoch' + INTERVAL '1 second' * 1541121934.5::float8", "2018-11-02 01:25:34.5"),
            ("TIMESTAMP 'epoch' + '1541121934' * INTERVAL '1 second'", "2018-11-02 01:25:34"),
            ("DATE '1970-01-01' + 1541121934 * INTERVAL '1 second'", "2018-11-02 01:25:34"),
            ("TIMESTAMP WITH TIME ZONE 'epoch' + 1541121934 * INTERVAL '1 second'", "2018-11-02 01:25:34+00"),
            ("TIMESTAMP 'epoch' + 253402300799 * INTERVAL '1 second'", "9999-12-31 23:59:59"),
        ]);
    }

    #[test]
    fn columns_of_every_type_count_seconds() {
        let table = |kind, text| {
            let session = TestSession::new().with_table("events", &[("ts", kind, &[Some(text), None])]);
            let sql = "SELECT TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 second' AS start_time FROM events";
            session.rows(sql).expect("start times")
        };
        assert_eq!(table(RedshiftType::BigInt, "1541121934796"), ["2018-11-02 01:25:34", "NULL"]);
        assert_eq!(table(RedshiftType::Double, "1541121934796"), ["2018-11-02 01:25:34.796", "NULL"]);
        let numeric = RedshiftType::Decimal { precision: 18, scale: 0 };
        assert_eq!(table(numeric, "1541121934796"), ["2018-11-02 01:25:34.796", "NULL"]);
        assert_eq!(table(RedshiftType::Varchar(20), "1541121934796"), ["2018-11-02 01:25:34.796", "NULL"]);
    }

    #[test]
    fn intervals_scale_and_dates_become_timestamps() {
        assert_values(&[
            ("DATE '2018-11-30' + INTERVAL '1 day'", "2018-12-01 00:00:00"),
            ("DATE '2018-01-31' + INTERVAL '1 month'", "2018-02-28 00:00:00"),
            ("TIMESTAMP '2018-11-30 12:00:00' - 2 * INTERVAL '12 hours'", "2018-11-29 12:00:00"),
            ("INTERVAL '1 day' / 2", "12:00:00"),
            ("1.5 * INTERVAL '1 day'", "1 day 12:00:00"),
        ]);
    }
}
