//! Keeps filters above an aggregation that has a row also where its input has none.
//!
//! DataFusion's `PushDownFilter` finds that `m = 12 AND m = 0` is never true, and lets what has no columns sink through
//! any aggregation. Below `SELECT MAX(a) AS m`, which gives one row of no rows, it filters nothing that counts.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

type Rule = Arc<dyn OptimizerRule + Send + Sync>;

/// The rule as it is, or guarded if it lets filters sink.
pub(crate) fn guarded(rule: Rule) -> Rule {
    if rule.name() == "push_down_filter" { Arc::new(AboveAggregates(rule)) } else { rule }
}

#[derive(Debug)]
struct AboveAggregates(Rule);

impl OptimizerRule for AboveAggregates {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match &plan {
            LogicalPlan::Filter(filter) if always_has_a_row(&filter.input) => Ok(Transformed::no(plan)),
            _ => self.0.rewrite(plan, config),
        }
    }
}

/// Without GROUP BY, or with a grouping set that may be empty. Such a filter is about the aggregates, or constant.
fn always_has_a_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => {
            aggregate.group_expr.is_empty() || matches!(&aggregate.group_expr[..], [Expr::GroupingSet(_)])
        }
        // The rule makes one filter of two, and lets that sink at once.
        LogicalPlan::Filter(having) => always_has_a_row(&having.input),
        _ => false,
    }
}
