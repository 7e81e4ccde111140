//! Sub-queries of every shape as joins.
//!
//! DataFusion turns the common correlated sub-queries into joins and refuses the others. This rule, which runs
//! before DataFusion's, takes the others ([`simple`] says which those are): a sub-query is planned once for all
//! the values that its outer columns have ([`dependent_join`]), and the outer rows find their answer by a join
//! ([`answers`]). The method is the unnesting of arbitrary queries by Neumann and Kemper (BTW 2015).
//!
//! Redshift itself refuses some of these patterns (guide: correlated sub-queries). Here they are answered.

mod answers;
mod binding;
mod dependent_join;
mod free_columns;
mod simple;
mod single_value;

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::AnalyzerRule;
use dwh_common::SqlError;

use self::answers::Answers;
use self::simple::Place;

/// Replaces sub-queries that DataFusion does not decorrelate.
#[derive(Debug)]
pub(crate) struct Decorrelate;

impl AnalyzerRule for Decorrelate {
    fn name(&self) -> &str {
        "redshift_decorrelate"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let mut names = Names::default();
        Ok(rewrite(plan, &mut names)?.data)
    }
}

/// Names that no user's relation or column has, each given once in a statement.
#[derive(Default)]
struct Names(usize);

impl Names {
    fn next(&mut self, what: &str) -> String {
        self.0 += 1;
        format!("{}{}", Self::prefix(what), self.0)
    }

    /// How the names begin.
    fn prefix(what: &str) -> String {
        format!("__dwh_{what}_")
    }
}

fn unsupported(what: &str) -> DataFusionError {
    DataFusionError::External(Box::new(SqlError::unsupported(what)))
}

/// Rewrites a node, then what is below it and the sub-queries that are left in it.
fn rewrite(plan: LogicalPlan, names: &mut Names) -> Result<Transformed<LogicalPlan>> {
    let node = rewrite_node(plan, names)?;
    let children = node.data.map_children(|child| rewrite(child, names))?;
    let sub_queries = children.data.map_subqueries(|sub_query| rewrite(sub_query, names))?;
    if children.transformed || sub_queries.transformed {
        return Ok(Transformed::yes(sub_queries.data.recompute_schema()?));
    }
    Ok(Transformed::new_transformed(sub_queries.data, node.transformed))
}

/// Answers the sub-queries of one node by joins below it.
fn rewrite_node(plan: LogicalPlan, names: &mut Names) -> Result<Transformed<LogicalPlan>> {
    if !has_sub_queries(&plan)? {
        return Ok(Transformed::no(plan));
    }
    if let LogicalPlan::Join(join) = &plan {
        return match answers::of_join(join, names)? {
            Some(join) => Ok(Transformed::yes(join)),
            None => Ok(Transformed::no(plan)),
        };
    }
    let [input] = plan.inputs()[..] else { return Ok(Transformed::no(plan)) };
    let columns = plan.schema().columns();
    let mut answers = Answers::new(input.clone());
    let is_filter = matches!(plan, LogicalPlan::Filter(_));
    let place = Place::of(&plan);
    let keep = NamePreserver::new(&plan);
    let mut expressions = Vec::new();
    for expression in plan.expressions() {
        let name = keep.save(&expression);
        let answered = answers.replace(expression, &place, names)?;
        expressions.push(name.restore(answered));
    }
    if !answers.any() {
        return Ok(Transformed::no(plan));
    }
    let rewritten = plan.with_new_exprs(expressions, vec![answers.into_plan()])?;
    // Filters and sorts give on what their input has, answers included.
    let passes_on = is_filter || matches!(rewritten, LogicalPlan::Sort(_) | LogicalPlan::Window(_));
    let rewritten = if passes_on {
        LogicalPlanBuilder::from(rewritten).project(columns.into_iter().map(Expr::Column))?.build()?
    } else {
        rewritten
    };
    Ok(Transformed::yes(rewritten))
}

fn has_sub_queries(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_expressions(|expr| {
        found = found || expr.exists(|expr| Ok(sub_query_of(expr).is_some()))?;
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// The plan of a sub-query expression.
fn sub_query_of(expr: &Expr) -> Option<&Arc<LogicalPlan>> {
    match expr {
        Expr::ScalarSubquery(sub_query) => Some(&sub_query.subquery),
        Expr::Exists(exists) => Some(&exists.subquery.subquery),
        Expr::InSubquery(in_sub_query) => Some(&in_sub_query.subquery.subquery),
        Expr::SetComparison(comparison) => Some(&comparison.subquery.subquery),
        _ => None,
    }
}
