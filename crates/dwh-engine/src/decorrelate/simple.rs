//! Which sub-queries DataFusion decorrelates well itself: the common ones, by a join on their own columns.

use std::collections::HashSet;

use datafusion::common::Column;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::Result;
use datafusion::logical_expr::expr::BinaryExpr;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Aggregate, Distinct, Expr, LogicalPlan, Operator};

use super::free_columns::free_columns;
use super::sub_query_of;

/// Where a sub-query stands.
pub(super) enum Place {
    /// In a filter: its terms, and those of them that stand behind NOT.
    Filter { terms: Vec<Expr>, negated: Vec<Expr> },
    /// In a SELECT list.
    Projection,
    /// Anywhere else.
    Other,
}

impl Place {
    pub(super) fn of(plan: &LogicalPlan) -> Self {
        match plan {
            LogicalPlan::Filter(filter) => {
                let mut terms = Vec::new();
                let mut negated = Vec::new();
                for term in split_conjunction(&filter.predicate) {
                    match term {
                        Expr::Not(inner) => negated.push((**inner).clone()),
                        term => terms.push(term.clone()),
                    }
                }
                Self::Filter { terms, negated }
            }
            LogicalPlan::Projection(_) => Self::Projection,
            _ => Self::Other,
        }
    }

    /// Whether the expression is a term of a filter.
    fn has_term(&self, expr: &Expr) -> bool {
        matches!(self, Self::Filter { terms, .. } if terms.contains(expr))
    }

    /// Whether the expression behind NOT is a term of a filter.
    fn has_negated_term(&self, expr: &Expr) -> bool {
        matches!(self, Self::Filter { negated, .. } if negated.contains(expr))
    }
}

/// Whether DataFusion gets this sub-query right where it stands.
pub(super) fn is_left_to_datafusion(expr: &Expr, place: &Place) -> Result<bool> {
    let Some(plan) = sub_query_of(expr) else { return Ok(true) };
    let free = free_columns(plan)?;
    if free.skips_a_level {
        return Ok(false);
    }
    let correlated = !free.columns.is_empty();
    Ok(match expr {
        Expr::ScalarSubquery(_) if correlated => {
            !matches!(place, Place::Other) && is_aggregate_over_equalities(plan)?
        }
        Expr::ScalarSubquery(_) => true,
        // A whole term becomes a semi or anti join. Elsewhere DataFusion asks for the mark of a match, which is
        // never NULL.
        Expr::Exists(_) => {
            (place.has_term(expr) || place.has_negated_term(expr))
                && (!correlated || filters_alone_correlate(plan)?)
        }
        Expr::InSubquery(test) => {
            let positive = place.has_term(expr) != test.negated;
            // DataFusion compares a constant inside the sub-query, where NULLs of a NOT IN are lost.
            let keeps_nulls = positive || !test.expr.column_refs().is_empty();
            (place.has_term(expr) || place.has_negated_term(expr))
                && keeps_nulls
                && (!correlated || (positive && filters_alone_correlate(plan)?))
        }
        _ => false,
    })
}

/// `SELECT agg(…) FROM … WHERE inner = outer AND …`, nothing else correlated.
fn is_aggregate_over_equalities(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::Projection(node) if !correlates(plan)? => is_aggregate_over_equalities(&node.input),
        LogicalPlan::SubqueryAlias(node) => is_aggregate_over_equalities(&node.input),
        LogicalPlan::Aggregate(Aggregate { input, group_expr, .. }) if group_expr.is_empty() => {
            Ok(!correlates(plan)? && equalities_alone_correlate(input)?)
        }
        _ => Ok(false),
    }
}

fn equalities_alone_correlate(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::SubqueryAlias(node) => equalities_alone_correlate(&node.input),
        LogicalPlan::Filter(filter) => {
            let fit = split_conjunction(&filter.predicate)
                .into_iter()
                .filter(|term| term.contains_outer())
                .all(is_equality_with_inner);
            Ok(fit
                && has_names_of_their_own(&filter.predicate)
                && free_columns(&filter.input)?.columns.is_empty())
        }
        _ => Ok(false),
    }
}

/// `inner = outer`, either way round.
fn is_equality_with_inner(term: &Expr) -> bool {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = term else { return false };
    let is_inner = |side: &Expr| !side.contains_outer() && side.any_column_refs();
    let is_outer = |side: &Expr| side.contains_outer() && !side.any_column_refs();
    (is_inner(left) && is_outer(right)) || (is_outer(left) && is_inner(right))
}

/// Filters are correlated, and nothing else: their terms can be those of a join.
fn filters_alone_correlate(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::Projection(node) if !correlates(plan)? => filters_alone_correlate(&node.input),
        LogicalPlan::SubqueryAlias(node) => filters_alone_correlate(&node.input),
        LogicalPlan::Distinct(Distinct::All(input)) => filters_alone_correlate(input),
        LogicalPlan::Filter(filter) => Ok(free_columns(&filter.input)?.columns.is_empty()
            && has_names_of_their_own(&filter.predicate)
            && !filter.predicate.exists(|expr| Ok(sub_query_of(expr).is_some()))?),
        _ => Ok(false),
    }
}

/// Whether the inner columns of the correlated terms are told apart by their names: DataFusion takes the terms out
/// of the sub-query and gives it one alias, under which `r3.a` and `r4.a` become one column.
fn has_names_of_their_own(predicate: &Expr) -> bool {
    let terms = split_conjunction(predicate).into_iter().filter(|term| term.contains_outer());
    let inner: HashSet<&Column> = terms.flat_map(Expr::column_refs).collect();
    let mut names = HashSet::new();
    inner.into_iter().all(|column| names.insert(&column.name))
}

/// Whether the node's own expressions have outer columns.
fn correlates(plan: &LogicalPlan) -> Result<bool> {
    Ok(plan.expressions().iter().any(Expr::contains_outer))
}
