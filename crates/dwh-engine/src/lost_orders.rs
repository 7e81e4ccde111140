//! Sorts inputs that DataFusion took for sorted when it left out their sort, and that no longer tell so.
//!
//! `ORDER BY` a constant of a join's right side is asked of that side, which is sorted by it as by every constant; the join
//! forgets the constants of its right side (`EquivalenceClass::try_with_offset`), and DataFusion's last check
//! refuses the plan. The rows are in that order then, and sorting them again costs little.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::{LexOrdering, LexRequirement};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

/// Sorts each input that is not known to have the order that its operator needs. To run when all orders are
/// decided upon, before the check of them.
#[derive(Debug)]
pub(crate) struct LostOrders;

impl PhysicalOptimizerRule for LostOrders {
    fn name(&self) -> &str {
        "lost_orders"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let mut inputs = Vec::new();
            for (input, required) in plan.children().into_iter().zip(plan.required_input_ordering()) {
                inputs.push(match required {
                    Some(required) => sorted(input, required.into_single())?,
                    None => Arc::clone(input),
                });
            }
            let is_sorted = plan.children().into_iter().zip(&inputs).all(|(old, new)| Arc::ptr_eq(old, new));
            Ok(if is_sorted {
                Transformed::no(plan)
            } else {
                Transformed::yes(replace_children_if_necessary(plan, inputs)?)
            })
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The input, or a sort of each of its partitions where it is not known to have the order.
fn sorted(input: &Arc<dyn ExecutionPlan>, order: LexRequirement) -> Result<Arc<dyn ExecutionPlan>> {
    if input.equivalence_properties().ordering_satisfy_requirement(order.clone())? {
        return Ok(Arc::clone(input));
    }
    let has_partitions = input.output_partitioning().partition_count() > 1;
    let sort = SortExec::new(LexOrdering::from(order), Arc::clone(input));
    Ok(Arc::new(sort.with_preserve_partitioning(has_partitions)))
}
