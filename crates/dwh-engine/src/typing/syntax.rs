//! Functions with a syntax of their own (`SUBSTRING(a FROM b)`, `POSITION(a IN b)`, `EXTRACT(a FROM b)`)
//! as Redshift's functions.

use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};

use crate::functions::{datetime, text};

/// Leads the special forms to our functions.
#[derive(Debug)]
pub(super) struct Syntax;

impl ExprPlanner for Syntax {
    fn plan_substring(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(text::substring(args)))
    }

    fn plan_position(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        // DataFusion gives the text first, then what is sought.
        Ok(PlannerResult::Planned(text::strpos(args)))
    }

    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(datetime::extract(args)))
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn special_forms_reach_redshifts_functions() {
        assert_values(&[
            ("substring('caterpillar' FROM -2 FOR 5)", "ca"),
            ("position('far' IN 'so far')", "4"),
            ("extract(dow FROM DATE '2018-11-18')", "0"),
            ("extract(ms FROM TIMESTAMP '2009-09-09 12:08:43.101')", "101"),
        ]);
    }
}
