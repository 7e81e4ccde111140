//! Computes once what a query names several times.
//!
//! DataFusion copies a common table expression, or a view, to each place that names it and plans each copy. As Redshift
//! may (the guide's page on WITH), equal copies that group, sort out or number rows become scans of one result here,
//! which is computed when the first of them is read. The conditions that all places have go into its computation.

mod operator;
mod prepare;
mod table;

use std::any::Any;
use std::sync::Arc;

use datafusion::catalog::default_table_source::{provider_as_source, source_as_provider};
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::common::{Column, TableReference};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SubqueryAlias, TableScan};
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use dwh_storage::TableId;

use crate::estimate;
use crate::join_order::expected_rows;

pub(crate) use operator::SharedExec;
pub(crate) use prepare::optimize;
use table::SharedTable;

/// A result that is expected to be larger is computed as often as it is named, without being kept.
const MAX_BYTES: f64 = (512 << 20) as f64;

/// Makes one of equal sub-queries. To run before filters move into them.
#[derive(Debug)]
pub(crate) struct SharedSubplans;

impl OptimizerRule for SharedSubplans {
    fn name(&self) -> &str {
        "shared_subplans"
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let mut shared = repeated(&plan)?;
        if shared.is_empty() {
            return Ok(Transformed::no(plan));
        }
        plan.transform_down_with_subqueries(|node| {
            let LogicalPlan::SubqueryAlias(alias) = &node else { return Ok(Transformed::no(node)) };
            let Some(one) = shared.iter_mut().find(|one| is_same(&one.plan, &alias.input)) else {
                return Ok(Transformed::no(node));
            };
            let table = one.table.get_or_insert_with(|| Arc::new(SharedTable::new(Arc::clone(&one.plan))));
            let scan = scan_of(Arc::clone(table))?;
            let renamed = SubqueryAlias::try_new(Arc::new(scan), alias.alias.clone())?;
            Ok(Transformed::new(LogicalPlan::SubqueryAlias(renamed), true, TreeNodeRecursion::Jump))
        })
    }
}

/// The result that a scan reads.
fn table_of(scan: &TableScan) -> Option<Arc<SharedTable>> {
    let provider: Arc<dyn Any + Send + Sync> = source_as_provider(&scan.source).ok()?;
    provider.downcast().ok()
}

/// What a scan of a shared result reads, optimized once [`optimize`] has prepared it.
pub(crate) fn input_of(scan: &TableScan) -> Option<Arc<LogicalPlan>> {
    table_of(scan).map(|table| table.input())
}

/// A sub-query that stands more than once in a plan; the table for it is made where it is met first.
struct Repeated {
    plan: Arc<LogicalPlan>,
    count: usize,
    table: Option<Arc<SharedTable>>,
}

fn repeated(plan: &LogicalPlan) -> Result<Vec<Repeated>> {
    let mut all: Vec<Repeated> = Vec::new();
    plan.apply_with_subqueries(|node| {
        // The alias inside of another is looked at by itself.
        if let LogicalPlan::SubqueryAlias(alias) = node
            && !matches!(&*alias.input, LogicalPlan::SubqueryAlias(_) | LogicalPlan::TableScan(_))
        {
            match all.iter_mut().find(|known| is_same(&known.plan, &alias.input)) {
                Some(known) => known.count += 1,
                None => all.push(Repeated { plan: Arc::clone(&alias.input), count: 1, table: None }),
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let mut repeated = Vec::new();
    for one in all {
        if one.count > 1 && is_worthwhile(&one.plan)? {
            repeated.push(one);
        }
    }
    Ok(repeated)
}

/// Whether two sub-queries are the same; DataFusion compares tables by their names.
fn is_same(one: &LogicalPlan, other: &LogicalPlan) -> bool {
    one == other && tables_of(one) == tables_of(other)
}

fn tables_of(plan: &LogicalPlan) -> Vec<Option<TableId>> {
    let mut tables = Vec::new();
    let visited = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            tables.push(estimate::stored(scan).map(|table| table.id));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    debug_assert!(visited.is_ok(), "nothing here fails");
    tables
}

/// Whether a sub-query makes fewer rows of many or numbers them, and gives the same rows each time.
fn is_worthwhile(plan: &LogicalPlan) -> Result<bool> {
    let (mut is_expensive, mut is_repeatable) = (false, true);
    plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) | LogicalPlan::Window(_) => {
                is_expensive = true
            }
            LogicalPlan::RecursiveQuery(_) | LogicalPlan::Extension(_) => is_repeatable = false,
            // Others with equal names may differ: a function's rows, what a recursion has come to.
            LogicalPlan::TableScan(scan) => is_repeatable &= estimate::stored(scan).is_some(),
            _ => {}
        }
        node.apply_expressions(|expr| {
            is_repeatable &= !expr.is_volatile() && !expr.contains_outer();
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(if is_repeatable { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    let bytes = || expected_rows(plan) * estimate::width(plan.schema()) as f64;
    Ok(is_expensive && is_repeatable && bytes() <= MAX_BYTES)
}

/// A scan whose columns have the names of the sub-query's.
fn scan_of(table: Arc<SharedTable>) -> Result<LogicalPlan> {
    let plan = Arc::clone(&table.plan);
    let name = TableReference::bare("shared result");
    let names = Arc::clone(&table.schema);
    let scan = LogicalPlanBuilder::scan(name.clone(), provider_as_source(table), None)?;
    let columns = plan.schema().iter().zip(names.fields()).map(|((qualifier, field), own)| {
        let column = Expr::Column(Column::new(Some(name.clone()), own.name()));
        column.alias_qualified(qualifier.cloned(), field.name())
    });
    scan.project(columns.collect::<Vec<_>>())?.build()
}
