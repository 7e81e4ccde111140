use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::table::{Prepared, SharedTable};
use super::table_of;
use crate::guarded_filters::is_fallible;

/// A place that reads a shared result.
struct Use {
    columns: Option<Vec<usize>>,
    filters: Vec<Expr>,
}

/// Optimizes a plan and what it shares.
///
/// # Errors
/// Those of DataFusion's analyzer and optimizer.
pub(crate) fn optimize(state: &SessionState, plan: &LogicalPlan) -> Result<LogicalPlan> {
    let optimized = state.optimize(plan)?;
    prepare(state, &optimized)?;
    Ok(optimized)
}

fn prepare(state: &SessionState, plan: &LogicalPlan) -> Result<()> {
    let mut shared: Vec<(Arc<SharedTable>, Vec<Use>)> = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = table_of(scan)
        {
            let here = Use { columns: scan.projection.clone(), filters: scan.filters.clone() };
            match shared.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &table)) {
                Some((_, uses)) => uses.push(here),
                None => shared.push((table, vec![here])),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    for (table, uses) in shared {
        let columns = columns_of(&uses, table.plan.schema().fields().len());
        let mut builder = LogicalPlanBuilder::from(Arc::clone(&table.plan));
        if let Some(condition) = condition_of_all(&uses, &table)? {
            builder = builder.filter(condition)?;
        }
        let needed: Vec<Expr> = columns.iter().map(|position| column_at(&table.plan, *position)).collect();
        let input = builder.project(needed)?.build()?;
        // It is analyzed already.
        let input = state.optimizer().optimize(input, state, |_, _| {})?;
        prepare(state, &input)?;
        table.prepare(Prepared::new(input, columns));
    }
    Ok(())
}

/// The columns that any place needs; at least one, so that rows are counted.
fn columns_of(uses: &[Use], count: usize) -> Vec<usize> {
    let mut columns = BTreeSet::new();
    for place in uses {
        match &place.columns {
            Some(needed) => columns.extend(needed.iter().copied()),
            None => columns.extend(0..count),
        }
    }
    if columns.is_empty() {
        columns.insert(0);
    }
    columns.into_iter().collect()
}

/// What holds for each row that any place keeps, in terms of the sub-query; `None` if a place keeps all. What may fail
/// is left to the places: a row that fails in one may be another's.
fn condition_of_all(uses: &[Use], table: &SharedTable) -> Result<Option<Expr>> {
    let mut conditions = Vec::new();
    for place in uses {
        let mut terms = Vec::new();
        for filter in &place.filters {
            let term = filter.clone().transform(|expr| in_terms_of_the_plan(expr, table)).data()?;
            if !is_fallible(&term, table.plan.schema())? {
                terms.push(term);
            }
        }
        let Some(condition) = conjunction(terms) else { return Ok(None) };
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    Ok(disjunction(conditions))
}

fn in_terms_of_the_plan(expr: Expr, table: &SharedTable) -> Result<Transformed<Expr>> {
    let Expr::Column(column) = &expr else { return Ok(Transformed::no(expr)) };
    Ok(match table.schema.index_of(&column.name) {
        Ok(position) => Transformed::yes(column_at(&table.plan, position)),
        Err(_) => Transformed::no(expr),
    })
}

fn column_at(plan: &LogicalPlan, position: usize) -> Expr {
    let (qualifier, field) = plan.schema().qualified_field(position);
    Expr::Column(Column::new(qualifier.cloned(), field.name()))
}
