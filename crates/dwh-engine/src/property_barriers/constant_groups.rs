//! `WHERE d_year = 2000 … GROUP BY d_year, item, customer` is grouped as if nothing was known of `d_year`.
//!
//! DataFusion takes rows that are equal in a column for rows sorted by it. It looks for the ends of groups then, of which
//! there is one, and takes groups off the front of its table batch by batch, moving all others up each time.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, InputOrderMode};

use super::operator::{PropertyBarrier, only_input};

/// Hides from aggregates that some of their keys are constants. Runs when all orders are decided upon.
#[derive(Debug)]
pub(crate) struct ConstantGroups;

impl PhysicalOptimizerRule for ConstantGroups {
    fn name(&self) -> &str {
        "constant_groups"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            if !plan.downcast_ref::<AggregateExec>().is_some_and(is_sorted_by_constants) {
                return Ok(Transformed::no(plan));
            }
            let input = only_input(plan.children().into_iter().cloned().collect())?;
            // What is above may rely on the constants, as a window by one of them does.
            let equalities = plan.equivalence_properties().eq_group().clone();
            let input = Arc::new(PropertyBarrier::new(input)?);
            let groups = replace_children_if_necessary(plan, vec![input])?;
            Ok(Transformed::yes(Arc::new(PropertyBarrier::telling(equalities, groups)?)))
        })
        .data()
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn is_sorted_by_constants(aggregate: &AggregateExec) -> bool {
    let InputOrderMode::PartiallySorted(keys) = aggregate.input_order_mode() else { return false };
    let input = aggregate.input().equivalence_properties();
    keys.iter().all(|key| {
        let key = aggregate.group_expr().expr().get(*key);
        key.is_some_and(|(key, _)| input.is_expr_constant(key).is_some())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, RecordBatch};
    use datafusion::execution::SessionStateBuilder;
    use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
    use datafusion::physical_plan::displayable;
    use datafusion::prelude::SessionContext;

    use super::ConstantGroups;

    async fn plan(is_hidden: bool) -> String {
        let mut rules = PhysicalOptimizer::new().rules;
        if is_hidden {
            rules.push(Arc::new(ConstantGroups));
        }
        let state =
            SessionStateBuilder::new().with_default_features().with_physical_optimizer_rules(rules).build();
        let context = SessionContext::new_with_state(state);
        let numbers = || Arc::new(Int32Array::from_iter_values(0..10)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("year", numbers()), ("item", numbers())]).expect("a batch");
        context.register_batch("sales", batch).expect("registered");
        let query =
            context.sql("SELECT year, item, count(*) FROM sales WHERE year = 2 GROUP BY year, item").await;
        let plan = query.expect("read").create_physical_plan().await.expect("planned");
        displayable(plan.as_ref()).indent(false).to_string()
    }

    #[tokio::test]
    async fn a_constant_key_sorts_nothing() {
        assert!(plan(false).await.contains("ordering_mode=PartiallySorted([0])"));
        let hidden = plan(true).await;
        assert!(hidden.contains("gby=[year@0 as year, item@1 as item]"), "{hidden}");
        assert!(!hidden.contains("ordering_mode"), "{hidden}");
    }
}
