//! `ON a.k = b.k AND 7 = b.k` is read as `… AND b.k = 7`.
//!
//! DataFusion's simplifier puts literals behind in filters, but leaves the conditions of joins as they were written. From
//! such a condition it infers `7 = a.k` for the other side, next to the `a.k = 7` that it inferred before, and takes two
//! equalities that do not look the same for a contradiction.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// Puts literals behind columns in the conditions of joins. To run when literals are computed, before filters move.
#[derive(Debug)]
pub(crate) struct LiteralSides;

impl OptimizerRule for LiteralSides {
    fn name(&self) -> &str {
        "literal_sides"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(mut join) = plan else { return Ok(Transformed::no(plan)) };
        let Some(filter) = join.filter.take() else { return Ok(Transformed::no(LogicalPlan::Join(join))) };
        let filter = filter.transform_up(|part| Ok(literal_behind(part)))?;
        join.filter = Some(filter.data);
        Ok(Transformed::new_transformed(LogicalPlan::Join(join), filter.transformed))
    }
}

fn literal_behind(expression: Expr) -> Transformed<Expr> {
    match expression {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if left.as_literal().is_some() => match mirrored(op)
        {
            Some(op) if right.as_literal().is_none() => {
                Transformed::yes(Expr::BinaryExpr(BinaryExpr { left: right, op, right: left }))
            }
            _ => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
        },
        other => Transformed::no(other),
    }
}

/// The comparison that means the same with its sides swapped.
fn mirrored(op: Operator) -> Option<Operator> {
    use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq).then(|| op.swap()).flatten()
}
