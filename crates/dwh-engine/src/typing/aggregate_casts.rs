//! `aggregate_casts`: casts in the arguments of aggregates become conversions that their names tell apart. DataFusion
//! leaves casts out of names, so that `sum(x::int)` and `sum(x::float8)` in one SELECT would be one column.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawAggregateExpr, RawWindowExpr};
use dwh_common::RedshiftType;

use crate::functions::cast::cast_to;

/// Names the casts.
#[derive(Debug)]
pub(super) struct AggregateCasts;

impl ExprPlanner for AggregateCasts {
    fn plan_aggregate(&self, mut expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        expr.args = named(expr.args)?;
        Ok(PlannerResult::Original(expr))
    }

    fn plan_window(&self, mut expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        expr.args = named(expr.args)?;
        Ok(PlannerResult::Original(expr))
    }
}

fn named(args: Vec<Expr>) -> Result<Vec<Expr>> {
    let conversion = |expr| match expr {
        Expr::Cast(Cast { expr, field }) => Ok(match RedshiftType::of_field(&field) {
            Some(to) => Transformed::yes(cast_to(*expr, to)),
            None => Transformed::no(Expr::Cast(Cast { expr, field })),
        }),
        other => Ok(Transformed::no(other)),
    };
    args.into_iter().map(|arg| Ok(arg.transform_up(conversion)?.data)).collect()
}

#[cfg(test)]
mod tests {
    use dwh_common::RedshiftType;

    use crate::functions::test_support::TestSession;

    #[test]
    fn aggregates_of_two_casts_are_two_columns() {
        let numeric = RedshiftType::Decimal { precision: 5, scale: 2 };
        let session = TestSession::new().with_table("t", &[("x", numeric, &[Some("1.25"), Some("2.50")])]);
        let rows = session
            .rows("SELECT sum(x::int), sum(x::float8), sum(x::float8) OVER () FROM t GROUP BY x ORDER BY 1");
        assert_eq!(rows.expect("sums"), ["1|1.25|3.75", "3|2.5|3.75"]);
    }
}
