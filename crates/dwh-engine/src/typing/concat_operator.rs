//! `concat_operator`: `||` joins the text of any operands but truth values; NULL wins (RS 4.1).

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use dwh_common::RedshiftType;

use crate::functions::cast::{cannot_cast, cast_to};
use crate::functions::text::concat;

/// Makes text of both operands.
#[derive(Debug)]
pub(super) struct ConcatOperator;

impl ExprPlanner for ConcatOperator {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if expr.op != BinaryOperator::StringConcat {
            return Ok(PlannerResult::Original(expr));
        }
        Ok(PlannerResult::Planned(concatenate(expr.left, expr.right, schema)?))
    }
}

/// `left || right`.
pub(super) fn concatenate(left: Expr, right: Expr, schema: &DFSchema) -> Result<Expr> {
    if left.get_type(schema)? == DataType::Binary && right.get_type(schema)? == DataType::Binary {
        return Ok(concat(left, right));
    }
    Ok(binary_expr(text(left, schema)?, Operator::StringConcat, text(right, schema)?))
}

fn text(operand: Expr, schema: &DFSchema) -> Result<Expr> {
    match operand.get_type(schema)? {
        from @ DataType::Boolean => Err(cannot_cast(&from, RedshiftType::MAX_VARCHAR)),
        DataType::Utf8View => Ok(operand),
        // Literals and NULL too: one text type on both sides needs no coercion.
        _ => Ok(cast_to(operand, RedshiftType::MAX_VARCHAR)),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn operands_become_text_and_null_wins() {
        assert_values(&[
            ("'a' || 'b'", "ab"),
            ("'play ' || 42", "play 42"),
            ("1.50 || ''", "1.50"),
            ("'a' || NULL", "NULL"),
            ("'x' || DATE '2018-11-01'", "x2018-11-01"),
            ("'a' || true", "error: cannot cast type boolean to character varying"),
        ]);
    }
}
