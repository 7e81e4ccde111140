//! Lets filters sink through operators only where columns are told apart by their names.
//!
//! DataFusion's physical `FilterPushdown` finds a filter's columns in an operator's input by name. Behind
//! `t r1 RIGHT JOIN t r2` there are two columns of each name, and a filter on `r2.d` became one on `r1.d`.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;

type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The rule as it is, or guarded if it lets filters sink.
pub(crate) fn guarded(rule: Rule) -> Rule {
    // It runs twice, under two names.
    if rule.name().starts_with("FilterPushdown") { Arc::new(UnambiguousFilterPushdown(rule)) } else { rule }
}

/// Runs the rule on the parts of a plan in which each operator's columns have names of their own.
#[derive(Debug)]
struct UnambiguousFilterPushdown(Rule);

impl PhysicalOptimizerRule for UnambiguousFilterPushdown {
    fn name(&self) -> &str {
        "unambiguous_filter_pushdown"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        options: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // No filter comes from above, so the names of the topmost operator do not count.
        if plan.children().into_iter().all(is_unambiguous) {
            return self.0.optimize(plan, options);
        }
        let children = plan.children().into_iter().map(|child| self.optimize(Arc::clone(child), options));
        let children = children.collect::<Result<Vec<_>>>()?;
        replace_children_if_necessary(plan, children)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn is_unambiguous(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let schema = plan.schema();
    let mut names = HashSet::new();
    schema.fields().iter().all(|field| names.insert(field.name()))
        && plan.children().into_iter().all(is_unambiguous)
}
