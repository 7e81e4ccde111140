//! Rewriting every expression of a plan with its schema at hand, as DataFusion's type coercion does.

use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Applies a rule to every expression, innermost first, sub-queries included. Output names stay.
pub(super) fn rewrite_expressions(
    plan: LogicalPlan,
    rule: &dyn Fn(Expr, &DFSchema) -> Result<Transformed<Expr>>,
) -> Result<LogicalPlan> {
    rewrite_nodes(plan, rule, &Ok)
}

/// As [`rewrite_expressions`], then a second rule for what a node holds beside its expressions.
pub(super) fn rewrite_nodes(
    plan: LogicalPlan,
    rule: &dyn Fn(Expr, &DFSchema) -> Result<Transformed<Expr>>,
    node_rule: &dyn Fn(LogicalPlan) -> Result<LogicalPlan>,
) -> Result<LogicalPlan> {
    let rewritten = plan.transform_up_with_subqueries(|node| {
        let mut schema = merge_schema(&node.inputs());
        if let LogicalPlan::TableScan(scan) = &node {
            let source = DFSchema::try_from_qualified_schema(scan.table_name.clone(), &scan.source.schema())?;
            schema.merge(&source);
        }
        let names = NamePreserver::new(&node);
        let node = node.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(|inner| rule(inner, &schema))?.update_data(|expr| name.restore(expr)))
        })?;
        let changed = node.transformed;
        let node = node_rule(node.data)?;
        Ok(if changed { Transformed::yes(node.recompute_schema()?) } else { Transformed::no(node) })
    })?;
    Ok(rewritten.data)
}
