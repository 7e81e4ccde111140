//! `integer_literals`: a whole number in arithmetic is INTEGER where it fits; DataFusion reads all as
//! BIGINT.

use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// Narrows literals before the other rules look at types.
#[derive(Debug)]
pub(super) struct IntegerLiterals;

impl ExprPlanner for IntegerLiterals {
    fn plan_binary_op(&self, expr: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
        let RawBinaryExpr { op, left, right } = expr;
        let (left, right) = match op {
            Plus | Minus | Multiply | Divide | Modulo => (narrow(left), narrow(right)),
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// A literal of a whole number as INTEGER where it fits.
pub(super) fn narrow(expr: Expr) -> Expr {
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(value)), metadata) => Expr::Literal(
            i32::try_from(value)
                .map_or(ScalarValue::Int64(Some(value)), |value| ScalarValue::Int32(Some(value))),
            metadata,
        ),
        other => other,
    }
}
