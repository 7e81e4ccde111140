//! `numeric_scale` and `integer_division`: the types of `+ - * / %` on numbers (RS 4.1; AWS guide,
//! "Computations with numeric values"). Dividing by zero is 22012 for every type.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::number::{checked, float_divide, numeric_divide, numeric_of, numeric_sum_or_product};

/// Types arithmetic between numbers.
#[derive(Debug)]
pub(super) struct NumericArithmetic;

impl ExprPlanner for NumericArithmetic {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let op = match expr.op {
            BinaryOperator::Plus => Operator::Plus,
            BinaryOperator::Minus => Operator::Minus,
            BinaryOperator::Multiply => Operator::Multiply,
            BinaryOperator::Divide => Operator::Divide,
            BinaryOperator::Modulo => Operator::Modulo,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let (left, right) = (expr.left, expr.right);
        let (left_type, right_type) = (left.get_type(schema)?, right.get_type(schema)?);
        let original =
            |left, right| PlannerResult::Original(RawBinaryExpr { op: expr.op.clone(), left, right });
        if !(left_type.is_numeric() && right_type.is_numeric()) {
            return Ok(original(left, right));
        }
        if left_type.is_integer() && right_type.is_integer() {
            // Arrow divides towards zero as Redshift does, and fails on zero; its sums wrap around.
            return Ok(match checked(op, left.clone(), right.clone()) {
                Some(planned) => PlannerResult::Planned(planned),
                None => original(left, right),
            });
        }
        if left_type.is_floating() || right_type.is_floating() {
            let (left, right) = match (&left_type, &right_type) {
                (DataType::Float32, DataType::Float32) => (left, right),
                _ => (
                    to_type(left, &left_type, DataType::Float64),
                    to_type(right, &right_type, DataType::Float64),
                ),
            };
            return Ok(match op {
                Operator::Divide => PlannerResult::Planned(float_divide(left, right)),
                _ => PlannerResult::Planned(binary_expr(left, op, right)),
            });
        }
        if op == Operator::Divide {
            return Ok(PlannerResult::Planned(numeric_divide(left, right)));
        }
        let (left, right) = (as_numeric(left, &left_type), as_numeric(right, &right_type));
        let planned = numeric_sum_or_product(op, left.clone(), right.clone());
        // Arrow's own rule for the remainder is Redshift's, once integers have their digits.
        Ok(PlannerResult::Planned(planned.unwrap_or_else(|| binary_expr(left, op, right))))
    }
}

fn to_type(expr: Expr, from: &DataType, to: DataType) -> Expr {
    if *from == to { expr } else { cast(expr, to) }
}

fn as_numeric(expr: Expr, from: &DataType) -> Expr {
    match numeric_of(from) {
        Some((precision, scale)) => to_type(expr, from, DataType::Decimal128(precision, scale)),
        None => expr,
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::{TestSession, assert_values};

    #[test]
    fn integers_divide_towards_zero() {
        assert_values(&[
            ("1/2", "0"),
            ("-7/2", "-3"),
            ("7 % 3", "1"),
            ("1541121934796/1000", "1541121934"),
            ("1/0", "error: Divide by zero"),
            ("2147483647 + 1", "error: integer out of range"),
            ("2147483648 + 1", "2147483649"),
            ("9223372036854775807 * 2", "error: bigint out of range"),
            ("1.0/0", "error: Divide by zero"),
            ("1::float8/0", "error: Divide by zero"),
        ]);
    }

    #[test]
    fn numeric_results_have_the_scale_of_the_guide() {
        let types = TestSession::new()
            .rows(
                "SELECT arrow_typeof(a / b), arrow_typeof(a + b), arrow_typeof(a * q), arrow_typeof(a - 1), \
             arrow_typeof(a * 1.5::float4), arrow_typeof(q + 1) \
             FROM (SELECT 728.00::numeric(8,2) AS a, 109.20::numeric(8,2) AS b, 4::smallint AS q)",
            )
            .expect("types");
        // (8,2)/(8,2) is (17,9), (8,2)*(5,0) is (14,2): the guide's own examples.
        assert_eq!(
            types,
            ["Decimal128(17, 9)|Decimal128(9, 2)|Decimal128(14, 2)|Decimal128(13, 2)|Float64|Int32"]
        );
        assert_values(&[
            ("728.00::numeric(8,2) / 109.20::numeric(8,2)", "6.666666667"),
            ("1.5 + 1", "2.5"),
            ("1.25 * 2", "2.50"),
        ]);
    }
}
