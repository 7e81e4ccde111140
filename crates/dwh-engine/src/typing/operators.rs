//! `operators`: PostgreSQL's operators that DataFusion reads otherwise or not at all (RS 4.3), and those of
//! VARBYTE.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::number::power;
use crate::functions::text::concat;
use crate::functions::varbyte::{Bitwise, bitwise, inverted};

/// `^` is power, `#` is exclusive or.
#[derive(Debug)]
pub(super) struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(match expr.op {
            BinaryOperator::PGExp | BinaryOperator::BitwiseXor => {
                PlannerResult::Planned(power(expr.left, expr.right))
            }
            BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr | BinaryOperator::PGBitwiseXor
                if is_bytes(&expr.left, schema)? =>
            {
                PlannerResult::Planned(of_bytes(expr, schema)?)
            }
            BinaryOperator::Plus if is_bytes(&expr.left, schema)? && is_bytes(&expr.right, schema)? => {
                PlannerResult::Planned(concat(expr.left, expr.right))
            }
            BinaryOperator::PGBitwiseXor => {
                PlannerResult::Planned(binary_expr(expr.left, Operator::BitwiseXor, expr.right))
            }
            _ => PlannerResult::Original(expr),
        })
    }
}

fn is_bytes(operand: &Expr, schema: &DFSchema) -> Result<bool> {
    Ok(operand.get_type(schema)? == DataType::Binary)
}

/// The operators of VARBYTE; `~x` comes as `x # -1`.
fn of_bytes(expr: RawBinaryExpr, schema: &DFSchema) -> Result<Expr> {
    let op = match expr.op {
        BinaryOperator::BitwiseAnd => Bitwise::And,
        BinaryOperator::BitwiseOr => Bitwise::Or,
        _ if expr.right.get_type(schema)?.is_integer() => return Ok(inverted(expr.left)),
        _ => Bitwise::Xor,
    };
    Ok(bitwise(expr.left, op, expr.right))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn caret_is_power_and_regular_expressions_match() {
        assert_values(&[
            ("2 ^ 3", "8"),
            ("5 # 3", "6"),
            ("'Sparkify' ~ '^Spark'", "t"),
            ("'Sparkify' ~* '^spark'", "t"),
            ("'Sparkify' !~ 'x$'", "t"),
            ("'Sparkify' !~* 'IFY$'", "f"),
        ]);
    }
}
