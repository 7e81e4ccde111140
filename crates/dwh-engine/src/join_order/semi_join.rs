use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Join, JoinType, LogicalPlan, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::cardinality::rows;
use super::graph::passed_through;
use super::{is_movable, rejoined};

/// This part of others is few rows.
const FEW: f64 = 0.25;

/// Asks `IN (SELECT …)` and EXISTS of the table that they are about before that is joined with others, if few rows are
/// expected of the sub-query (TPC-H 18), or of the table beside the largest of the others (TPC-DS 70).
#[derive(Debug)]
pub(crate) struct EarlySemiJoins;

impl OptimizerRule for EarlySemiJoins {
    fn name(&self) -> &str {
        "early_semi_joins"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(semi) = &plan else { return Ok(Transformed::no(plan)) };
        if semi.join_type != JoinType::LeftSemi {
            return Ok(Transformed::no(plan));
        }
        Ok(match pushed(semi, &semi.left)? {
            Some(early) => Transformed::yes(early),
            None => Transformed::no(plan),
        })
    }
}

/// The joins with the semi-join at the input that it asks of; `None` if it stays above them.
fn pushed(semi: &Join, plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    if let (LogicalPlan::Projection(projection), Some(joins)) = (plan, passed_through(plan)) {
        let Some(below) = pushed(semi, joins)? else { return Ok(None) };
        let columns = Projection::try_new(projection.expr.clone(), Arc::new(below))?;
        return Ok(Some(LogicalPlan::Projection(columns)));
    }
    let join = match plan {
        LogicalPlan::Join(join) if is_movable(join) => join,
        _ => return Ok(None),
    };
    let sides = [(&join.left, true), (&join.right, false)];
    let Some((side, is_left)) = sides.into_iter().find(|(side, _)| asks_only(semi, side)) else {
        return Ok(None);
    };
    let below = if are_joins(side) {
        pushed(semi, side)?
    } else if rows(&semi.right) <= FEW * rows(side) || rows(side) <= FEW * largest_input(&semi.left) {
        Some(rejoined(semi, Arc::clone(side), Arc::clone(&semi.right))?)
    } else {
        None
    };
    Ok(below.map(|below| {
        let mut early = join.clone();
        *(if is_left { &mut early.left } else { &mut early.right }) = Arc::new(below);
        LogicalPlan::Join(early)
    }))
}

/// Rows of the largest table that the joins are of.
fn largest_input(plan: &LogicalPlan) -> f64 {
    match passed_through(plan).unwrap_or(plan) {
        LogicalPlan::Join(join) if is_movable(join) => {
            largest_input(&join.left).max(largest_input(&join.right))
        }
        input => rows(input),
    }
}

fn are_joins(plan: &LogicalPlan) -> bool {
    passed_through(plan).is_some() || matches!(plan, LogicalPlan::Join(join) if is_movable(join))
}

/// Whether all that the semi-join asks of its left side is there.
fn asks_only(semi: &Join, plan: &LogicalPlan) -> bool {
    let has = |column: &Column| plan.schema().has_column(column);
    let of_left = |column: &Column| semi.left.schema().has_column(column);
    let of_keys = semi.on.iter().flat_map(|(left, _)| left.column_refs());
    let of_filter = semi.filter.iter().flat_map(|filter| filter.column_refs());
    of_keys.chain(of_filter.filter(|column| of_left(column))).all(has)
}
