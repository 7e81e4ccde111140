//! Unnesting in FROM as a step of the plan (AWS guide, "Querying semi-structured data"): the lateral join that
//! `dwh_sql`'s `unnest` rule writes becomes a list beside each row, and one row for each of its elements.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, NullHandling, TableReference, UnnestOptions};
use datafusion::error::Result;
use datafusion::logical_expr::{
    Expr, Filter, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Projection, lit,
};
use dwh_common::SqlError;

use crate::functions::external;
use crate::functions::partiql::{list_function, unnesting_functions};

/// The plan with a step in place of each lateral join over elements.
pub(crate) fn with_unnesting_steps(plan: LogicalPlan) -> Result<LogicalPlan> {
    let unchanged = plan.clone();
    let planned = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Join(join) => match elements_of(&join.right) {
            Some((alias, elements)) => step(&join, &alias, &elements).map(Transformed::yes),
            None => Ok(Transformed::no(LogicalPlan::Join(join))),
        },
        node => Ok(Transformed::no(node)),
    })?;
    let plan = if planned.transformed { planned.data } else { unchanged };
    refuse_correlated(&plan)?;
    Ok(plan)
}

/// The alias and the columns of a relation that stands for the elements of a value.
fn elements_of(plan: &LogicalPlan) -> Option<(TableReference, Vec<Expr>)> {
    let LogicalPlan::SubqueryAlias(alias) = plan else { return None };
    let inner = match alias.input.as_ref() {
        LogicalPlan::Subquery(subquery) => subquery.subquery.as_ref(),
        other => other,
    };
    let LogicalPlan::Projection(Projection { expr, input, .. }) = inner else { return None };
    let all_elements = !expr.is_empty() && expr.iter().all(|expr| element_call(expr).is_some());
    (all_elements && matches!(input.as_ref(), LogicalPlan::EmptyRelation(_)))
        .then(|| (alias.alias.clone(), expr.clone()))
}

/// The name of a column, its function and the value whose elements it stands for.
fn element_call(expr: &Expr) -> Option<(&str, &str, &Expr)> {
    let Expr::Alias(alias) = expr else { return None };
    let Expr::ScalarFunction(call) = alias.expr.as_ref() else { return None };
    let function = unnesting_functions().into_iter().find(|name| *name == call.func.name())?;
    Some((&alias.name, function, call.args.first()?))
}

/// The left side with a row for each element, in the shape that the join has.
fn step(join: &Join, alias: &TableReference, elements: &[Expr]) -> Result<LogicalPlan> {
    let left = Arc::unwrap_or_clone(Arc::clone(&join.left));
    let null_handling = match join.join_type {
        JoinType::Inner => NullHandling::Drop,
        JoinType::Left if is_always_true(join) => NullHandling::PreserveAndExpandEmpty,
        other => {
            return Err(external(SqlError::unsupported(format!(
                "{other} JOIN with the elements of a SUPER value under a condition"
            ))));
        }
    };
    let kept: Vec<Expr> = left.schema().columns().into_iter().map(Expr::Column).collect();
    let mut columns = kept.clone();
    let mut lists = Vec::new();
    let mut outputs = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let Some((name, function, value)) = element_call(element) else { continue };
        let Some(list) = list_function(function) else { continue };
        let value = in_schema(value.clone(), left.schema())?;
        let column = format!("__elements_{index}_of_{alias}");
        columns.push(list.call(vec![value]).alias(&column));
        lists.push(Column::from_name(&column));
        outputs.push(Expr::Column(Column::from_name(&column)).alias_qualified(Some(alias.clone()), name));
    }
    let options = UnnestOptions { null_handling, recursions: Vec::new() };
    let plan = LogicalPlanBuilder::from(left)
        .project(columns)?
        .unnest_columns_with_options(lists, options)?
        .project(kept.into_iter().chain(outputs))?
        .build()?;
    match &join.filter {
        Some(filter) if join.join_type == JoinType::Inner => {
            Ok(LogicalPlan::Filter(Filter::try_new(filter.clone(), Arc::new(plan))?))
        }
        _ => Ok(plan),
    }
}

fn is_always_true(join: &Join) -> bool {
    join.on.is_empty() && join.filter.as_ref().is_none_or(|filter| *filter == lit(true))
}

/// A value that the right side of a join took from its left side, as the left side's own.
fn in_schema(value: Expr, schema: &DFSchema) -> Result<Expr> {
    let own = value.transform_up(|expr| match expr {
        Expr::OuterReferenceColumn(_, column) if schema.has_column(&column) => {
            Ok(Transformed::yes(Expr::Column(column)))
        }
        expr => Ok(Transformed::no(expr)),
    })?;
    Ok(own.data)
}

/// Elements of a value of an outer query, which no step has taken up.
fn refuse_correlated(plan: &LogicalPlan) -> Result<()> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        found |= elements_of(node).is_some();
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    if found {
        return Err(external(
            SqlError::unsupported("a sub-query over the elements of a SUPER value of the outer query")
                .with_hint("unnest in the FROM of the outer query"),
        ));
    }
    Ok(())
}
