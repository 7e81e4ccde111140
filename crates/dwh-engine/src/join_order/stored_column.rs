//! The stored column that a column of a plan hands on, and what the catalog knows of its values.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::stats::Precision;
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{Alias, ScalarFunction};
use datafusion::logical_expr::{Cast, Distinct, Expr, LogicalPlan};
use dwh_storage::{ColumnDefinition, Table};

use crate::estimate::stored;
use crate::scan::statistics_of_column;

pub(super) struct StoredColumn {
    table: Arc<Table>,
    definition: ColumnDefinition,
}

impl StoredColumn {
    /// What stands behind a column of the plan, unless it is computed.
    pub(super) fn behind(column: &Column, plan: &LogicalPlan) -> Option<Self> {
        Self::behind_position(plan.schema().maybe_index_of_column(column)?, plan)
    }

    fn behind_position(at: usize, plan: &LogicalPlan) -> Option<Self> {
        match plan {
            LogicalPlan::TableScan(scan) => {
                let at = scan.projection.as_ref().map_or(Some(at), |kept| kept.get(at).copied())?;
                let table = stored(scan)?;
                let definition = table.definition.columns.get(at)?.clone();
                Some(Self { table, definition })
            }
            LogicalPlan::Projection(node) => match node.expr.get(at)? {
                Expr::Alias(Alias { expr, .. }) => Self::behind(expr.try_as_col()?, &node.input),
                expr => Self::behind(expr.try_as_col()?, &node.input),
            },
            LogicalPlan::Aggregate(node) => Self::behind(node.group_expr.get(at)?.try_as_col()?, &node.input),
            LogicalPlan::Join(node) => {
                let column = Column::from(plan.schema().qualified_field(at));
                Self::behind(&column, &node.left).or_else(|| Self::behind(&column, &node.right))
            }
            LogicalPlan::Filter(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Distinct(Distinct::All(_)) => Self::behind_position(at, plan.inputs().first()?),
            _ => None,
        }
    }

    /// Rows of its table.
    pub(super) fn rows(&self) -> f64 {
        self.table.row_count() as f64
    }

    /// Its least and greatest value on a line.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        let known = statistics_of_column(&self.table, &self.definition);
        let position = |value: Precision<ScalarValue>| position(value.get_value()?);
        Some((position(known.min_value)?, position(known.max_value)?))
    }

    /// How many values it has at most, if its bounds are known.
    pub(super) fn distinct_values(&self) -> Option<f64> {
        let known = statistics_of_column(&self.table, &self.definition);
        known.min_value.get_value()?;
        Some(known.distinct_count.get_value().map_or(self.rows(), |values| *values as f64))
    }
}

/// The column, also below a cast or a function of it alone: texts are compared without their blanks.
pub(super) fn column_of(expr: &Expr) -> Option<&Column> {
    match expr {
        Expr::Column(column) => Some(column),
        Expr::Cast(Cast { expr, .. }) | Expr::Alias(Alias { expr, .. }) => column_of(expr),
        Expr::ScalarFunction(ScalarFunction { args, .. }) => match &args[..] {
            [one] => column_of(one),
            _ => None,
        },
        _ => None,
    }
}

/// Where a value stands on a line: numbers as they are, dates and timestamps in days.
pub(super) fn position(value: &ScalarValue) -> Option<f64> {
    match value {
        ScalarValue::Date32(Some(days)) => Some(f64::from(*days)),
        ScalarValue::TimestampMicrosecond(Some(micros), _) => Some(*micros as f64 / 86_400e6),
        number if number.data_type().is_numeric() => match number.cast_to(&DataType::Float64) {
            Ok(ScalarValue::Float64(Some(number))) if number.is_finite() => Some(number),
            _ => None,
        },
        _ => None,
    }
}
