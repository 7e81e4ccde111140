//! How many rows a plan is expected to give, from the counts and bounds of its tables.

use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Distinct, Expr, FetchType, Join, JoinType, LogicalPlan};

use super::selectivity::{of_all, selectivity};
use super::stored_column::{StoredColumn, column_of};
use crate::estimate::{groups, stored};
use crate::shared_subplans;

/// Rows of a table of which nothing is known.
const UNKNOWN_ROWS: f64 = 1000.0;
/// The part of rows that are without a match where the values let expect none.
const LEAST_UNMATCHED: f64 = 0.1;

/// At least one.
pub(crate) fn rows(plan: &LogicalPlan) -> f64 {
    let rows = match plan {
        LogicalPlan::TableScan(scan) => {
            let all = match stored(scan) {
                Some(table) => table.row_count() as f64,
                None => shared_subplans::input_of(scan).map_or(UNKNOWN_ROWS, |input| rows(&input)),
            };
            let kept = all * of_all(scan.filters.iter().flat_map(split_conjunction), plan);
            scan.fetch.map_or(kept, |fetch| kept.min(fetch as f64))
        }
        LogicalPlan::Filter(filter) => rows(&filter.input) * selectivity(&filter.predicate, &filter.input),
        LogicalPlan::Aggregate(aggregate) => {
            let keys = aggregate.group_expr.iter().map(|key| Keys::of(key, &aggregate.input));
            groups(rows(&aggregate.input), aggregate.group_expr.len()).min(keys.map(Keys::distinct).product())
        }
        LogicalPlan::Distinct(Distinct::All(input)) => groups(rows(input), 2),
        LogicalPlan::Limit(limit) => match limit.get_fetch_type() {
            Ok(FetchType::Literal(Some(fetch))) => rows(&limit.input).min(fetch as f64),
            _ => rows(&limit.input),
        },
        LogicalPlan::Join(join) => joined(join),
        LogicalPlan::Union(union) => union.inputs.iter().map(|input| rows(input)).sum(),
        LogicalPlan::Values(values) => values.values.len() as f64,
        _ => plan.inputs().into_iter().map(rows).product(),
    };
    rows.max(1.0)
}

fn joined(join: &Join) -> f64 {
    let (left, right) = (rows(&join.left), rows(&join.right));
    let (left_keys, right_keys) = join.on.iter().fold((Keys::NONE, Keys::NONE), |known, (one, other)| {
        (known.0.and(Keys::of(one, &join.left)), known.1.and(Keys::of(other, &join.right)))
    });
    let pairs = || left * right * left_keys.matching(right_keys);
    match join.join_type {
        JoinType::LeftSemi => left * left_keys.found(right_keys, right),
        JoinType::LeftAnti => left * (1.0 - left_keys.found(right_keys, right)).max(LEAST_UNMATCHED),
        JoinType::RightSemi => right * right_keys.found(left_keys, left),
        JoinType::RightAnti => right * (1.0 - right_keys.found(left_keys, left)).max(LEAST_UNMATCHED),
        JoinType::LeftMark => left,
        JoinType::RightMark => right,
        JoinType::Inner => pairs(),
        JoinType::Left => pairs().max(left),
        JoinType::Right => pairs().max(right),
        JoinType::Full => pairs().max(left).max(right),
    }
}

/// What a side of a join is looked up by.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    /// Combinations of the distinct values of each key, before filters.
    values: f64,
    /// Rows of the tables that they are of: there are no more combinations.
    rows: f64,
}

impl Keys {
    pub(super) const NONE: Self = Self { values: 1.0, rows: 1.0 };

    pub(super) fn of(expr: &Expr, input: &LogicalPlan) -> Self {
        let column = column_of(expr).and_then(|column| StoredColumn::behind(column, input));
        let table_rows = column.as_ref().map_or_else(|| rows(input), StoredColumn::rows).max(1.0);
        let values = column.and_then(|column| column.distinct_values()).unwrap_or(table_rows);
        Self { values: values.max(1.0), rows: table_rows }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { values: self.values * other.values, rows: self.rows.max(other.rows) }
    }

    fn distinct(self) -> f64 {
        self.values.min(self.rows)
    }

    /// The part of these keys that are among the keys of so many rows of another side.
    fn found(self, other: Self, other_rows: f64) -> f64 {
        (other.values.min(other_rows) / self.distinct()).min(1.0)
    }

    /// The part of all pairs with another side whose keys are equal: the fewer values are taken to be among the
    /// more.
    pub(super) fn matching(self, other: Self) -> f64 {
        1.0 / self.distinct().max(other.distinct())
    }
}
