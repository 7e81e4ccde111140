//! Filters of several conditions: which rows hold is gathered condition by condition.
//!
//! DataFusion evaluates `a AND b` as a tree of pairs, and once few rows are left it copies all columns of a batch
//! for the next condition. Here comparisons are evaluated over whole batches, and what costs more over the
//! rows that are still asked for, of which only the columns it reads are copied.

mod condition;
mod term;

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};

use condition::Condition;

/// Gives filters of several conditions a [`Condition`]; runs last, as other rules look into what it replaces.
#[derive(Debug)]
pub(crate) struct FilterConditions;

impl PhysicalOptimizerRule for FilterConditions {
    fn name(&self) -> &str {
        "redshift_filter_conditions"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let condition = plan
                .downcast_ref::<FilterExec>()
                .and_then(|filter| Some((filter, Condition::of(filter.predicate())?)));
            let Some((filter, condition)) = condition else { return Ok(Transformed::no(plan)) };
            let filter = FilterExecBuilder::from(filter).with_predicate(Arc::new(condition)).build()?;
            Ok(Transformed::yes(Arc::new(filter)))
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}
