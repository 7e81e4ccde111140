//! What stands behind the columns of an expression: Redshift's plans show `sum(qtysold)` where ours read a column of the
//! node below.

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Expr, LogicalPlan};

/// The expression with its columns replaced by what the plan below, down to the next table, join or named sub-query,
/// computes for them.
pub(super) fn behind(expression: &Expr, input: &LogicalPlan) -> Expr {
    let replaced = expression.clone().transform_up(|part| {
        let found = part.try_as_col().and_then(|column| computed(column, input));
        Ok(found.map_or_else(|| Transformed::no(part), Transformed::yes))
    });
    replaced.map_or_else(|_| expression.clone(), |replaced| replaced.data)
}

fn computed(column: &Column, plan: &LogicalPlan) -> Option<Expr> {
    let at = plan.schema().maybe_index_of_column(column)?;
    match plan {
        LogicalPlan::Projection(projection) => {
            let expression = projection.expr.get(at)?.clone().unalias();
            Some(behind(&expression, &projection.input))
        }
        LogicalPlan::Aggregate(aggregate) => {
            let keys = plan.schema().fields().len().checked_sub(aggregate.aggr_expr.len())?;
            let expression = match at.checked_sub(keys) {
                Some(at) => aggregate.aggr_expr.get(at)?,
                None => aggregate.group_expr.get(at).filter(|key| !matches!(key, Expr::GroupingSet(_)))?,
            };
            Some(behind(&expression.clone().unalias(), &aggregate.input))
        }
        LogicalPlan::Window(window) => match at.checked_sub(window.input.schema().fields().len()) {
            Some(at) => Some(window.window_expr.get(at)?.clone().unalias()),
            None => computed(column, &window.input),
        },
        LogicalPlan::Filter(_) | LogicalPlan::Sort(_) | LogicalPlan::Limit(_) => {
            computed(column, plan.inputs().first()?)
        }
        _ => None,
    }
}
