//! `operators`: PostgreSQL's operators that DataFusion reads otherwise or not at all (RS 4.3).

use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Operator, binary_expr};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::number::power;

/// `^` is power, `#` is exclusive or.
#[derive(Debug)]
pub(super) struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(match expr.op {
            BinaryOperator::PGExp | BinaryOperator::BitwiseXor => {
                PlannerResult::Planned(power(expr.left, expr.right))
            }
            BinaryOperator::PGBitwiseXor => {
                PlannerResult::Planned(binary_expr(expr.left, Operator::BitwiseXor, expr.right))
            }
            _ => PlannerResult::Original(expr),
        })
    }
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
