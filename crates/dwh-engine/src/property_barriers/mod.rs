//! Forgets behind an operator what holds for its inputs only.
//!
//! DataFusion's operators tell which columns are constant, equal or sorted in what they give, and an ORDER BY or a
//! GROUP BY relies on it. Four of them tell wrong things:
//!
//! - a column that is 2 in all rows of a join's input is 2 or NULL behind an outer join, but stays a constant;
//! - a column that each input of a union has twice is sorted twice in the inputs, but once behind the union;
//! - a column that is 2 in all rows is NULL too behind ROLLUP and CUBE, but stays a constant;
//! - the aggregates of all rows are constants behind HAVING until the filter takes over a projection, which forgets
//!   them, when sorting is left out already.

mod constant_groups;
mod operator;

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

pub(crate) use constant_groups::ConstantGroups;
pub(crate) use operator::{PropertyBarrier, only_input};

/// Puts a [`PropertyBarrier`] behind each operator that would tell wrong things. To run before all rules that
/// ask for them.
#[derive(Debug)]
pub(crate) struct PropertyBarriers;

impl PhysicalOptimizerRule for PropertyBarriers {
    fn name(&self) -> &str {
        "property_barriers"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let tells_wrong = extends_constants(plan.as_ref())
                || unites_equal_columns(plan.as_ref())
                || empties_keys(plan.as_ref())
                || filters_the_one_row(plan.as_ref());
            Ok(if tells_wrong {
                Transformed::yes(Arc::new(PropertyBarrier::new(plan)?))
            } else {
                Transformed::no(plan)
            })
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether a join fills up rows of an input that has constants.
fn extends_constants(plan: &dyn ExecutionPlan) -> bool {
    let join_type = None
        .or_else(|| plan.downcast_ref::<HashJoinExec>().map(|join| *join.join_type()))
        .or_else(|| plan.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type()))
        .or_else(|| plan.downcast_ref::<SortMergeJoinExec>().map(|join| join.join_type()));
    let extended = match join_type {
        Some(JoinType::Left) => [false, true],
        Some(JoinType::Right) => [true, false],
        Some(JoinType::Full) => [true, true],
        _ => return false,
    };
    let mut inputs = plan.children().into_iter().zip(extended);
    inputs.any(|(input, extended)| extended && !input.equivalence_properties().constants().is_empty())
}

fn unites_equal_columns(plan: &dyn ExecutionPlan) -> bool {
    plan.is::<UnionExec>()
        && plan.children().into_iter().any(|input| {
            input.equivalence_properties().eq_group().iter().any(|equal_columns| equal_columns.len() > 1)
        })
}

/// Whether it groups by sets of keys rows of which something is constant.
fn empties_keys(plan: &dyn ExecutionPlan) -> bool {
    plan.downcast_ref::<AggregateExec>().is_some_and(|aggregate| {
        aggregate.group_expr().groups().len() > 1
            && !aggregate.input().equivalence_properties().constants().is_empty()
    })
}

/// Whether it is the HAVING of aggregates of all rows.
fn filters_the_one_row(plan: &dyn ExecutionPlan) -> bool {
    let input = plan.downcast_ref::<FilterExec>().map(FilterExec::input);
    let aggregate = input.and_then(|input| input.downcast_ref::<AggregateExec>());
    aggregate.is_some_and(|aggregate| aggregate.group_expr().is_empty())
}
