use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::cardinality::rows;
use super::graph::{Flat, passed_through};
use super::{WORTHWHILE, is_movable};

/// Joins a table with what leaves few rows of it before the rows that an outer join adds to are looked up (TPC-DS 80): of
/// `sales LEFT JOIN returns JOIN dates` the dates come first, if no other condition asks of the returns.
#[derive(Debug)]
pub(crate) struct LateOuterJoins;

impl OptimizerRule for LateOuterJoins {
    fn name(&self) -> &str {
        "late_outer_joins"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        if !matches!(&plan, LogicalPlan::Join(join) if is_movable(join)) {
            return Ok(Transformed::no(plan));
        }
        let mut joins = Flat::default();
        joins.add(&plan);
        for (at, input) in joins.inputs.iter().enumerate() {
            let Some(outer) = Outer::of(input) else { continue };
            if joins.asks_of(outer.added) {
                continue;
            }
            let before = with_input(&plan, at, outer.kept, &mut 0)?;
            if rows(&before) > WORTHWHILE * rows(outer.kept) {
                continue;
            }
            let columns = plan.schema().iter().map(|field| Expr::Column(Column::from(field))).collect();
            let late = Arc::new(LogicalPlan::Join(outer.over(before)?));
            return Ok(Transformed::yes(LogicalPlan::Projection(Projection::try_new(columns, late)?)));
        }
        Ok(Transformed::no(plan))
    }
}

/// An outer join that keeps all rows of one side.
struct Outer<'a> {
    join: &'a Join,
    kept: &'a LogicalPlan,
    added: &'a LogicalPlan,
}

impl<'a> Outer<'a> {
    fn of(plan: &'a LogicalPlan) -> Option<Self> {
        let LogicalPlan::Join(join) = plan else { return None };
        match join.join_type {
            JoinType::Left => Some(Self { join, kept: &join.left, added: &join.right }),
            JoinType::Right => Some(Self { join, kept: &join.right, added: &join.left }),
            _ => None,
        }
    }

    /// The same join with another side to keep.
    fn over(&self, kept: LogicalPlan) -> Result<Join> {
        let (kept, added) = (Arc::new(kept), Arc::new(self.added.clone()));
        let (left, right) = if self.join.join_type == JoinType::Left { (kept, added) } else { (added, kept) };
        Join::try_new(
            left,
            right,
            self.join.on.clone(),
            self.join.filter.clone(),
            self.join.join_type,
            self.join.join_constraint,
            self.join.null_equality,
            self.join.null_aware,
        )
    }
}

/// The inner joins with another input at a place.
fn with_input(plan: &LogicalPlan, at: usize, input: &LogicalPlan, next: &mut usize) -> Result<LogicalPlan> {
    if let Some(joins) = passed_through(plan) {
        return with_input(joins, at, input, next);
    }
    match plan {
        LogicalPlan::Join(join) if is_movable(join) => {
            let left = with_input(&join.left, at, input, next)?;
            let right = with_input(&join.right, at, input, next)?;
            Ok(LogicalPlan::Join(Join::try_new(
                Arc::new(left),
                Arc::new(right),
                join.on.clone(),
                join.filter.clone(),
                join.join_type,
                join.join_constraint,
                join.null_equality,
                join.null_aware,
            )?))
        }
        other => {
            let is_it = *next == at;
            *next += 1;
            Ok(if is_it { input.clone() } else { other.clone() })
        }
    }
}
