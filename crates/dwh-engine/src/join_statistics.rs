//! How many rows a hash join gives, for the choice of the side that is hashed.
//!
//! DataFusion takes one key of several for the estimate. Sales and their returns, joined by customer, item and ticket, were
//! then expected to be as many as sales of the same item, and the larger side was hashed (TPC-DS 17).

use std::sync::Arc;

use datafusion::common::stats::Precision;
use datafusion::common::{JoinType, Statistics};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExprRef;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::operator_statistics::{
    ExtendedStatistics, StatisticsProvider, StatisticsRegistry, StatisticsResult,
};
use datafusion::physical_plan::statistics::StatisticsArgs;

/// DataFusion's estimates, and ours for joins by several keys.
pub(crate) fn registry() -> StatisticsRegistry {
    let mut registry = StatisticsRegistry::default_with_builtin_providers();
    registry.register(Arc::new(JoinStatistics));
    registry
}

#[derive(Debug)]
struct JoinStatistics;

impl StatisticsProvider for JoinStatistics {
    fn compute_statistics(
        &self,
        plan: &dyn ExecutionPlan,
        inputs: &[ExtendedStatistics],
    ) -> Result<StatisticsResult> {
        let (Some(join), [left, right]) = (plan.downcast_ref::<HashJoinExec>(), inputs) else {
            return Ok(StatisticsResult::Delegate);
        };
        let children = [Arc::clone(left.base_arc()), Arc::clone(right.base_arc())];
        let known = join.statistics_from_inputs(&children, &StatisticsArgs::new())?;
        if *join.join_type() != JoinType::Inner || join.on().len() < 2 {
            return Ok(StatisticsResult::Computed(ExtendedStatistics::new_arc(known)));
        }
        let Some(rows) = rows(join, left.base(), right.base()) else {
            return Ok(StatisticsResult::Computed(ExtendedStatistics::new_arc(known)));
        };
        let mut statistics = known.as_ref().clone();
        if let (Some(before), Some(bytes)) =
            (statistics.num_rows.get_value(), statistics.total_byte_size.get_value())
        {
            let bytes = *bytes as f64 / (*before).max(1) as f64 * rows;
            statistics.total_byte_size = Precision::Inexact(bytes as usize);
        }
        statistics.num_rows = Precision::Inexact(rows as usize);
        Ok(StatisticsResult::Computed(ExtendedStatistics::new(statistics)))
    }
}

/// The fewer combinations of keys are taken to be among the more; no side has more of them than rows.
fn rows(join: &HashJoinExec, left: &Statistics, right: &Statistics) -> Option<f64> {
    let left_rows = *left.num_rows.get_value()? as f64;
    let right_rows = *right.num_rows.get_value()? as f64;
    let (mut left_keys, mut right_keys) = (1.0, 1.0);
    for (one, other) in join.on() {
        left_keys *= values(one, left, left_rows);
        right_keys *= values(other, right, right_rows);
    }
    let keys = left_keys.min(left_rows).max(right_keys.min(right_rows)).max(1.0);
    Some(left_rows * right_rows / keys)
}

fn values(key: &PhysicalExprRef, side: &Statistics, rows: f64) -> f64 {
    let column = key.downcast_ref::<Column>().and_then(|key| side.column_statistics.get(key.index()));
    let values = column.and_then(|column| column.distinct_count.get_value().copied());
    values.map_or(rows, |values| values as f64).min(rows).max(1.0)
}
