//! `zoned_comparison`: a DATE or TIMESTAMP beside a TIMESTAMPTZ is one by the clock of the session's zone, as in
//! PostgreSQL. Holds for comparisons, BETWEEN and IN.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, BinaryExpr, InList};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;
use dwh_common::RedshiftType;

use super::rewrite::rewrite_expressions;
use super::text_comparison::is_comparison;
use crate::functions::cast::cast_to;

/// Makes moments of local dates and times.
#[derive(Debug)]
pub(super) struct ZonedComparison;

impl AnalyzerRule for ZonedComparison {
    fn name(&self) -> &str {
        "redshift_zoned_comparison"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite_expressions(plan, &rewrite)
    }
}

fn rewrite(mut expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let sides: Vec<&mut Expr> = match &mut expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(*op) => {
            vec![left.as_mut(), right.as_mut()]
        }
        Expr::Between(Between { expr, low, high, .. }) => vec![expr.as_mut(), low.as_mut(), high.as_mut()],
        Expr::InList(InList { expr, list, .. }) => std::iter::once(expr.as_mut()).chain(list).collect(),
        _ => return Ok(Transformed::no(expr)),
    };
    let types = sides.iter().map(|side| side.get_type(schema)).collect::<Result<Vec<_>>>()?;
    if !types.iter().any(|side| matches!(side, DataType::Timestamp(_, Some(_)))) {
        return Ok(Transformed::no(expr));
    }
    let mut changed = false;
    for (side, data_type) in sides.into_iter().zip(types) {
        if matches!(data_type, DataType::Date32 | DataType::Timestamp(_, None)) {
            *side = cast_to(std::mem::take(side), RedshiftType::TimestampTz);
            changed = true;
        }
    }
    Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
}
