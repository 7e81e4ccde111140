//! Correlated sub-queries over compared text.
//!
//! DataFusion turns a correlated aggregate into a join only if the inner side of `inner = outer` is a
//! bare column. A comparison of text wraps that column; so the wrapped value is projected below the
//! filter and the filter compares the new column.

use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::logical_expr::expr::BinaryExpr;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, LogicalPlanBuilder, Operator, binary_expr};

/// Gives every wrapped inner side of a correlated equality a column of its own.
pub(super) fn name_inner_sides(node: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Filter(filter) = node else { return Ok(node) };
    if !filter.predicate.contains_outer() {
        return Ok(LogicalPlan::Filter(filter));
    }
    let mut named = Vec::new();
    let mut name = |side: Expr| match side {
        Expr::Column(_) => side,
        side => {
            let column = format!("__correlated_{}", named.len());
            named.push(side.alias(&column));
            Expr::Column(Column::from_name(column))
        }
    };
    let is_inner = |side: &Expr| !side.contains_outer() && side.any_column_refs();
    let terms: Vec<Expr> = split_conjunction_owned(filter.predicate.clone())
        .into_iter()
        .map(|term| match term {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
                if is_inner(&left) && right.contains_outer() {
                    binary_expr(name(*left), Operator::Eq, *right)
                } else if is_inner(&right) && left.contains_outer() {
                    binary_expr(*left, Operator::Eq, name(*right))
                } else {
                    binary_expr(*left, Operator::Eq, *right)
                }
            }
            other => other,
        })
        .collect();
    let (false, Some(predicate)) = (named.is_empty(), conjunction(terms)) else {
        return Ok(LogicalPlan::Filter(filter));
    };
    let input = filter.input;
    let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).chain(named).collect();
    let projected = LogicalPlanBuilder::from(input).project(columns)?.build()?;
    Ok(LogicalPlan::Filter(Filter::try_new(predicate, projected.into())?))
}
