//! Drops rows before they are grouped that a join above would drop.
//!
//! A hash join knows its smaller side's keys before it reads the other. DataFusion hands them down to the scans, also
//! through an aggregate by those keys, but the scans only leave out whole row groups by them. Here they are asked for
//! each row that goes into an aggregate, so that only groups are computed that are used: TPC-H 17, 18 and 20 group all
//! lines of all orders and use a few.

mod operator;

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateInputMode};
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;

use operator::RuntimeFilterExec;

/// Puts an operator that takes such filters below each aggregate. To run before joins hand theirs down.
#[derive(Debug)]
pub(crate) struct RuntimeFilters;

impl PhysicalOptimizerRule for RuntimeFilters {
    fn name(&self) -> &str {
        "runtime_filters"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let groups = plan.downcast_ref::<AggregateExec>().is_some_and(|aggregate| {
                aggregate.mode().input_mode() == AggregateInputMode::Raw && !aggregate.group_expr().is_empty()
            });
            if !groups {
                return Ok(Transformed::no(plan));
            }
            let inputs = plan.children().into_iter();
            let filtered =
                inputs.map(|input| Arc::new(RuntimeFilterExec::new(Arc::clone(input))) as _).collect();
            Ok(Transformed::yes(replace_children_if_necessary(plan, filtered)?))
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Takes the operators away that no join has given a filter.
#[derive(Debug)]
pub(crate) struct UnusedRuntimeFilters;

impl PhysicalOptimizerRule for UnusedRuntimeFilters {
    fn name(&self) -> &str {
        "unused_runtime_filters"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| match plan.downcast_ref::<RuntimeFilterExec>() {
            Some(unused) if unused.filter().is_none() => Ok(Transformed::yes(Arc::clone(unused.input()))),
            _ => Ok(Transformed::no(plan)),
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}
