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
        let has_several_keys = *join.join_type() == JoinType::Inner && join.on().len() > 1;
        let rows = if has_several_keys { rows(join, left.base(), right.base()) } else { None };
        let Some(rows) = rows else {
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

fn rows(join: &HashJoinExec, left: &Statistics, right: &Statistics) -> Option<f64> {
    let side = |statistics: &Statistics, keys: Vec<&PhysicalExprRef>| -> Option<Side> {
        let rows = *statistics.num_rows.get_value()? as f64;
        Some(Side { rows, keys: keys.into_iter().map(|key| values(key, statistics, rows)).product() })
    };
    let left = side(left, join.on().iter().map(|(key, _)| key).collect())?;
    let right = side(right, join.on().iter().map(|(_, key)| key).collect())?;
    Some(left.joined_rows(&right))
}

/// A side of a join: its rows, and how many combinations of keys their values could make.
struct Side {
    rows: f64,
    keys: f64,
}

impl Side {
    /// The fewer combinations are taken to be among the more; no side has more of them than rows.
    fn joined_rows(&self, other: &Self) -> f64 {
        let keys = self.keys.min(self.rows).max(other.keys.min(other.rows)).max(1.0);
        self.rows * other.rows / keys
    }
}

fn values(key: &PhysicalExprRef, side: &Statistics, rows: f64) -> f64 {
    let column = key.downcast_ref::<Column>().and_then(|key| side.column_statistics.get(key.index()));
    let values = column.and_then(|column| column.distinct_count.get_value().copied());
    values.map_or(rows, |values| values as f64).min(rows).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::Side;

    #[test]
    fn returns_find_the_one_sale_of_customer_item_and_ticket() {
        let (customers, items, tickets) = (100_000.0, 18_000.0, 240_000.0);
        let sales = Side { rows: 2_880_000.0, keys: customers * items * tickets };
        let returns = Side { rows: 287_000.0, keys: customers * items * tickets };
        assert_eq!(sales.joined_rows(&returns), 287_000.0);
        // One key alone: each return meets all sales of its item.
        let (sales, returns) = (Side { keys: items, ..sales }, Side { keys: items, ..returns });
        assert_eq!(sales.joined_rows(&returns), 287_000.0 * 160.0);
    }
}
