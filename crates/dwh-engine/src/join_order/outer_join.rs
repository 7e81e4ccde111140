use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{JoinType, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::cardinality::rows;
use super::graph::{Flat, passed_through};
use super::{WORTHWHILE, in_place_of, is_movable, rejoined};

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
            let LogicalPlan::Join(outer) = input else { continue };
            let (kept, added) = match outer.join_type {
                JoinType::Left => (&outer.left, &outer.right),
                JoinType::Right => (&outer.right, &outer.left),
                _ => continue,
            };
            if joins.asks_of(added) {
                continue;
            }
            let before = with_input(&plan, at, kept, &mut 0)?;
            if rows(&before) > WORTHWHILE * rows(kept) {
                continue;
            }
            let (before, added) = (Arc::new(before), Arc::clone(added));
            let late = match outer.join_type {
                JoinType::Left => rejoined(outer, before, added),
                _ => rejoined(outer, added, before),
            };
            return Ok(Transformed::yes(in_place_of(&plan, late?)?));
        }
        Ok(Transformed::no(plan))
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
            rejoined(join, Arc::new(left), Arc::new(right))
        }
        other => {
            let is_it = *next == at;
            *next += 1;
            Ok(if is_it { input.clone() } else { other.clone() })
        }
    }
}
