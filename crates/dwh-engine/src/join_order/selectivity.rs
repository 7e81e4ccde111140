//! The part of a plan's rows that conditions keep.

use std::collections::HashMap;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, LogicalPlan, Operator};

use super::stored_column::{StoredColumn, column_of, position};
use crate::estimate::usual_selectivity;

/// Values of a column of which nothing is known.
const USUAL_VALUES: f64 = 200.0;

/// The part of the plan's rows that a condition is expected to keep.
pub(super) fn selectivity(condition: &Expr, plan: &LogicalPlan) -> f64 {
    of_all(split_conjunction(condition), plan)
}

/// Conditions on the range of one column are taken together, all others for independent.
pub(super) fn of_all<'a>(conditions: impl IntoIterator<Item = &'a Expr>, plan: &LogicalPlan) -> f64 {
    let mut ranges: HashMap<&Column, Option<Range>> = HashMap::new();
    let mut kept = 1.0;
    for condition in conditions {
        let Some((column, bound)) = bound_of(condition) else {
            kept *= of_one(condition, plan);
            continue;
        };
        match ranges.entry(column).or_insert_with(|| Range::of(column, plan)) {
            Some(range) => range.narrow(bound),
            None => kept *= usual_selectivity(condition),
        }
    }
    kept * ranges.values().flatten().map(Range::kept).product::<f64>()
}

fn of_one(condition: &Expr, plan: &LogicalPlan) -> f64 {
    let of_value = |expr: &Expr| {
        let column = column_of(expr).and_then(|column| StoredColumn::behind(column, plan));
        1.0 / column.and_then(|column| column.distinct_values()).unwrap_or(USUAL_VALUES).max(1.0)
    };
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            of_value(if column_of(left).is_some() { left } else { right })
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            (selectivity(left, plan) + selectivity(right, plan)).min(1.0)
        }
        Expr::BinaryExpr(BinaryExpr { op: Operator::And, .. }) => selectivity(condition, plan),
        Expr::InList(InList { expr, list, negated: false }) => (of_value(expr) * list.len() as f64).min(1.0),
        Expr::Not(inner) => 1.0 - of_one(inner, plan),
        Expr::Like(_) => 0.1,
        _ => usual_selectivity(condition),
    }
}

/// The values of a column that conditions keep.
struct Range {
    all: (f64, f64),
    kept: (f64, f64),
}

impl Range {
    fn of(column: &Column, plan: &LogicalPlan) -> Option<Self> {
        let all = StoredColumn::behind(column, plan)?.range()?;
        Some(Self { all, kept: all })
    }

    fn narrow(&mut self, bound: Bound) {
        match bound {
            Bound::AtLeast(value) => self.kept.0 = self.kept.0.max(value),
            Bound::AtMost(value) => self.kept.1 = self.kept.1.min(value),
        }
    }

    /// The part of the range that is left, but never nothing.
    fn kept(&self) -> f64 {
        let all = (self.all.1 - self.all.0).max(1.0);
        ((self.kept.1 - self.kept.0) / all).clamp(1.0 / (all + 1.0), 1.0)
    }
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// `column < literal` and its kin.
fn bound_of(condition: &Expr) -> Option<(&Column, Bound)> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = condition else { return None };
    let (column, op, value) = match (column_of(left), column_of(right)) {
        (Some(column), None) => (column, *op, literal_of(right)?),
        (None, Some(column)) => (column, op.swap()?, literal_of(left)?),
        _ => return None,
    };
    let value = position(value)?;
    match op {
        Operator::Gt | Operator::GtEq => Some((column, Bound::AtLeast(value))),
        Operator::Lt | Operator::LtEq => Some((column, Bound::AtMost(value))),
        _ => None,
    }
}

fn literal_of(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        Expr::Cast(Cast { expr, .. }) => literal_of(expr),
        _ => None,
    }
}
