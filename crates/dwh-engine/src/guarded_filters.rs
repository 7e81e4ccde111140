//! `WHERE t <> '' AND t::int > 5` converts only the texts that are not empty.
//!
//! The terms of a filter are evaluated in no certain order, and over all rows of a batch. So what can fail in a
//! term is computed only where the terms beside it hold: `t::int` becomes
//! `CASE WHEN t <> '' THEN t::int END`. Rows for which it is then NULL are those that the other terms drop.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{BinaryExpr, ScalarFunction};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, ExprSchemable, Filter, LogicalPlan, Operator, when};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Functions that fail for some texts or numbers; casts are told by their names as well.
const CAN_FAIL: [&str; 8] = [
    "__numeric_divide",
    "__float_divide",
    "to_date",
    "to_timestamp",
    "to_number",
    "strtol",
    "json_parse",
    "sqrt",
];

/// Guards what can fail in the terms of filters, when all filters have come to where they stay.
#[derive(Debug)]
pub(crate) struct GuardedFilters;

impl OptimizerRule for GuardedFilters {
    fn name(&self) -> &str {
        "redshift_guarded_filters"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = plan else { return Ok(Transformed::no(plan)) };
        let guarded = guarded(&filter.predicate, filter.input.schema())?;
        Ok(match guarded {
            Some(predicate) => {
                Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?))
            }
            None => Transformed::no(LogicalPlan::Filter(filter)),
        })
    }
}

/// The predicate with its fallible parts guarded, if it has any beside other terms.
fn guarded(predicate: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    let terms = split_conjunction(predicate);
    let fallible = terms.iter().map(|term| is_fallible(term, schema)).collect::<Result<Vec<_>>>()?;
    if terms.len() < 2 || !fallible.contains(&true) {
        return Ok(None);
    }
    let safe: Vec<Expr> = terms
        .iter()
        .zip(&fallible)
        .filter(|(term, fallible)| !**fallible && !term.is_volatile() && term.any_column_refs())
        .map(|(term, _)| (*term).clone())
        .collect();
    let mut guards = safe.clone();
    let mut result = Vec::with_capacity(terms.len());
    for (term, fallible) in terms.into_iter().zip(fallible) {
        if !fallible {
            result.push(term.clone());
            continue;
        }
        let Some(guard) = conjunction(guards.iter().cloned()) else {
            // The first of several: only the ones behind it can rely on it.
            guards.push(term.clone());
            result.push(term.clone());
            continue;
        };
        let term = guard_parts(term.clone(), &guard, schema)?;
        guards.push(term.clone());
        result.push(term);
    }
    let predicate_again = conjunction(result);
    Ok(predicate_again.filter(|rewritten| rewritten != predicate))
}

/// Wraps the outermost parts that can fail.
fn guard_parts(term: Expr, guard: &Expr, schema: &DFSchema) -> Result<Expr> {
    let guarded = term.transform_down(|expr| {
        if matches!(expr, Expr::Case(_)) {
            return Ok(Transformed::new(expr, false, TreeNodeRecursion::Jump));
        }
        if !can_fail(&expr, schema)? {
            return Ok(Transformed::no(expr));
        }
        let nothing = Expr::Literal(ScalarValue::try_from(expr.get_type(schema)?)?, None);
        let guarded = when(guard.clone(), expr).otherwise(nothing)?;
        Ok(Transformed::new(guarded, true, TreeNodeRecursion::Jump))
    })?;
    Ok(guarded.data)
}

/// Whether a condition may fail for some rows, unless others are asked first.
pub(crate) fn is_fallible(term: &Expr, schema: &DFSchema) -> Result<bool> {
    let mut fallible = false;
    term.apply(|expr| {
        // A CASE is a guard already.
        if matches!(expr, Expr::Case(_)) {
            return Ok(TreeNodeRecursion::Jump);
        }
        fallible = fallible || can_fail(expr, schema)?;
        Ok(if fallible { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(fallible)
}

/// Whether the expression itself can fail for the values of some rows.
fn can_fail(expr: &Expr, schema: &DFSchema) -> Result<bool> {
    if !expr.any_column_refs() {
        return Ok(false);
    }
    Ok(match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            let name = func.name();
            let converts = name.starts_with("__cast ") || name.starts_with("__truncate ");
            if converts {
                let reads_text = args.iter().any(|arg| arg.get_type(schema).is_ok_and(|t| t.is_string()));
                reads_text && !expr.get_type(schema)?.is_string()
            } else {
                CAN_FAIL.contains(&name)
            }
        }
        Expr::BinaryExpr(BinaryExpr { op: Operator::Divide | Operator::Modulo, right, .. }) => {
            !matches!(right.as_ref(), Expr::Literal(..))
        }
        _ => false,
    })
}
