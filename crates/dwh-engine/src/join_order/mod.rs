//! Joins what leaves few rows first.
//!
//! DataFusion joins tables in the order of FROM. Of inner joins that stand together, this takes those next whose
//! result is expected to be smallest (greedy operator ordering), and keeps the written order where that is not
//! clearly better.

mod cardinality;
mod graph;
mod outer_join;
mod selectivity;
mod semi_join;
mod stored_column;

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, NullEquality};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

pub(crate) use cardinality::rows as expected_rows;
use graph::JoinGraph;
pub(crate) use outer_join::LateOuterJoins;
pub(crate) use semi_join::EarlySemiJoins;

/// A new order must save this part of the rows that joins hand on: estimates are rough.
const WORTHWHILE: f64 = 0.8;

/// Orders inner joins. To run when filters are at their tables and before columns are cut down to those needed.
#[derive(Debug)]
pub(crate) struct JoinOrder;

impl OptimizerRule for JoinOrder {
    fn name(&self) -> &str {
        "join_order"
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
        let Some((graph, written_cost)) = JoinGraph::of(&plan)? else { return Ok(Transformed::no(plan)) };
        let Some(ordered) = graph.ordered(written_cost * WORTHWHILE)? else {
            return Ok(Transformed::no(plan));
        };
        Ok(Transformed::yes(in_place_of(&plan, ordered)?))
    }
}

/// Joins in a new order, with the columns of the old one.
fn in_place_of(old: &LogicalPlan, new: LogicalPlan) -> Result<LogicalPlan> {
    let columns = old.schema().iter().map(|field| Expr::Column(Column::from(field))).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(columns, Arc::new(new))?))
}

/// The same join of other inputs.
fn rejoined(join: &Join, left: Arc<LogicalPlan>, right: Arc<LogicalPlan>) -> Result<LogicalPlan> {
    Ok(LogicalPlan::Join(Join::try_new(
        left,
        right,
        join.on.clone(),
        join.filter.clone(),
        join.join_type,
        join.join_constraint,
        join.null_equality,
        join.null_aware,
    )?))
}

/// Whether the order of the join and its neighbours does not matter to the result.
fn is_movable(join: &Join) -> bool {
    join.join_type == JoinType::Inner && join.null_equality == NullEquality::NullEqualsNothing
}
