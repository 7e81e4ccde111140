//! `x IN (9, CASE a WHEN x THEN 3 END)` asks the CASE in every row.
//!
//! DataFusion takes an element of a list for a constant if an empty batch of rows gives it one value, which a
//! CASE does; and of `x IN (…) AND x NOT IN (…, b, NULL)` it makes one list, in which columns and NULL count like
//! any constant. So all but literal values stands beside the list: `x IN (9) OR x = CASE … END`.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Cast, InList};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, lit};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Takes elements that are no literal value out of the lists of IN and NOT IN. To run before lists are simplified.
#[derive(Debug)]
pub(crate) struct VaryingInLists;

impl OptimizerRule for VaryingInLists {
    fn name(&self) -> &str {
        "varying_in_lists"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let names = NamePreserver::new(&plan);
        let mut rewrite = |expr: Expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(|expr| Ok(split(expr)))?.update_data(|expr| name.restore(expr)))
        };
        plan.map_expressions(|expr| match expr {
            // The names of grouping sets are those of their members.
            Expr::GroupingSet(_) => expr.map_children(&mut rewrite),
            _ => rewrite(expr),
        })
    }
}

/// The test as a list of values and comparisons with the other elements.
fn split(expr: Expr) -> Transformed<Expr> {
    let Expr::InList(InList { expr: tested, list, negated }) = expr else { return Transformed::no(expr) };
    if tested.is_volatile() || list.iter().all(is_value) {
        return Transformed::no(Expr::InList(InList { expr: tested, list, negated }));
    }
    let (constant, varying): (Vec<_>, Vec<_>) = list.into_iter().partition(is_value);
    let listed = (!constant.is_empty()).then(|| tested.as_ref().clone().in_list(constant, negated));
    let compared = varying.into_iter().map(|element| {
        let tested = tested.as_ref().clone();
        if negated { tested.not_eq(element) } else { tested.eq(element) }
    });
    let tests = listed.into_iter().chain(compared);
    let joined = tests.reduce(|one, other| if negated { one.and(other) } else { one.or(other) });
    // A list has an element at least, or nothing in it would vary.
    Transformed::yes(joined.unwrap_or_else(|| lit(negated)))
}

/// Whether an element is a literal that is not NULL, of its own type or another.
fn is_value(element: &Expr) -> bool {
    match element {
        Expr::Literal(value, _) => !value.is_null(),
        Expr::Cast(Cast { expr, .. }) | Expr::Negative(expr) => is_value(expr),
        _ => false,
    }
}
