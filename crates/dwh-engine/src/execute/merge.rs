//! MERGE INTO … USING … ON … (RS 3.6).

use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{Merge, MergeAction, MergeMatched};
use dwh_storage::{ColumnDefinition, Table, WriteIntent};
use sqlparser::ast;

use super::changes::{
    Changed, FoundRows, address_items, for_each_batch, relation, target_column, target_factor, with_target,
};
use super::insert::{assign, check_identity, column_sources, default_expression, named_column};
use super::rows::insert_plan;
use super::update::{assign_versions, new_versions, replace};
use crate::context::StatementContext;
use crate::estimate::stored;
use crate::plan::parse_query;
use crate::result::Outcome;
use crate::scan::ROW_COLUMN;

pub(super) async fn execute(context: &mut StatementContext<'_>, merge: &Merge) -> Result<Outcome, SqlError> {
    let table = context.lock_table(&merge.target, WriteIntent::Rewrite).await?;
    check_source(context, merge, &table)?;
    match &merge.action {
        MergeAction::Upsert { matched, insert_columns, insert_values } => {
            let inserted = unmatched_rows(context, merge, &table, insert_columns, insert_values)?;
            let changed = match matched {
                MergeMatched::Delete => delete_matched(context, merge, &table).await?,
                MergeMatched::Update(assignments) => {
                    let items = new_versions(&table, &merge.target.name, assignments)?;
                    let query = joined(merge, items)?;
                    let plan = with_target(context, &table, |planner| {
                        let plan = planner.query(query)?;
                        assign_versions(planner, plan, &table)
                    })?;
                    replace(context, &table, &plan).await?
                }
            };
            if changed.repeated > 0 {
                return Err(SqlError::new(
                    SqlState::InvalidParameterValue,
                    "Found multiple matches to update the same tuple.",
                ));
            }
            finish(context, &table, changed, inserted).await
        }
        MergeAction::RemoveDuplicates => {
            let inserted = distinct_source(context, merge, &table)?;
            let changed = delete_matched(context, merge, &table).await?;
            finish(context, &table, changed, inserted).await
        }
    }
}

/// The source is a table, a view or a sub-query, of anything but the target (the guide's page MERGE).
fn check_source(context: &StatementContext<'_>, merge: &Merge, target: &Table) -> Result<(), SqlError> {
    let mut query = parse_query("SELECT 1")?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.from = vec![relation(merge.source.clone())];
    }
    let plan = context.with_planner(|planner| planner.query(query))?;
    let mut reads_target = false;
    let walked = plan.apply_with_subqueries(|node| {
        reads_target |= matches!(node, LogicalPlan::TableScan(scan)
            if stored(scan).is_some_and(|read| read.id == target.id));
        Ok(if reads_target { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    walked.map_err(|error| context.submitted_error(&error))?;
    if reads_target {
        return Err(SqlError::new(
            SqlState::FeatureNotSupported,
            "Source view/subquery in Merge statement cannot reference target table.",
        ));
    }
    Ok(())
}

/// Adds the new rows, which were planned on the target as it was.
async fn finish(
    context: &mut StatementContext<'_>,
    table: &Table,
    changed: Changed,
    (plan, given): (LogicalPlan, Vec<String>),
) -> Result<Outcome, SqlError> {
    let sources = column_sources(context, table, &given).await?;
    let inserted = insert_plan(context, table, &plan, sources).await?;
    Ok(Outcome { rows_affected: Some(changed.rows + inserted), ..Outcome::done("MERGE") })
}

/// SELECT items FROM target JOIN source ON condition.
fn joined(merge: &Merge, items: Vec<ast::SelectItem>) -> Result<ast::Query, SqlError> {
    let mut query = parse_query("SELECT 1")?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.projection = items;
        select.from = vec![relation(target_factor(&merge.target.name)), relation(merge.source.clone())];
        select.selection = Some(merge.on.clone());
    }
    Ok(query)
}

async fn delete_matched(
    context: &mut StatementContext<'_>,
    merge: &Merge,
    table: &Arc<Table>,
) -> Result<Changed, SqlError> {
    let query = joined(merge, address_items(&merge.target.name))?;
    let plan = with_target(context, table, |planner| planner.query(query))?;
    let mut found = FoundRows::default();
    for_each_batch(context, &plan, |batch| found.take(&batch).map(drop)).await?;
    found.delete(context, table)
}

/// What WHEN NOT MATCHED inserts: the rows of the source that no row of the target matches.
fn unmatched_rows(
    context: &StatementContext<'_>,
    merge: &Merge,
    table: &Arc<Table>,
    columns: &[String],
    values: &[Option<ast::Expr>],
) -> Result<(LogicalPlan, Vec<String>), SqlError> {
    let targets: Vec<ColumnDefinition> = if columns.is_empty() {
        table.definition.columns.iter().take(values.len()).cloned().collect()
    } else {
        columns.iter().map(|name| named_column(table, name).cloned()).collect::<Result<_, _>>()?
    };
    if targets.len() != values.len() {
        return Err(SqlError::new(
            SqlState::SyntaxError,
            format!("MERGE inserts {} values into {} columns", values.len(), targets.len()),
        ));
    }
    check_identity(&targets)?;
    let mut items = Vec::with_capacity(values.len());
    for (column, value) in targets.iter().zip(values) {
        let expr = value.clone().map_or_else(|| default_expression(column), Ok)?;
        let alias = ast::Ident::with_quote('"', format!("__dwh_new_{}", column.name));
        items.push(ast::SelectItem::ExprWithAlias { expr, alias });
    }
    let mut query = parse_query("SELECT 1")?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.projection = items;
        select.from = vec![ast::TableWithJoins {
            relation: merge.source.clone(),
            joins: vec![ast::Join {
                relation: target_factor(&merge.target.name),
                global: false,
                join_operator: ast::JoinOperator::LeftOuter(ast::JoinConstraint::On(merge.on.clone())),
            }],
        }];
        let row = target_column(&merge.target.name, ROW_COLUMN);
        select.selection = Some(ast::Expr::IsNull(Box::new(row)));
    }
    assigned(context, table, query, &targets)
}

/// What REMOVE DUPLICATES inserts: the source's rows, each once.
fn distinct_source(
    context: &StatementContext<'_>,
    merge: &Merge,
    table: &Arc<Table>,
) -> Result<(LogicalPlan, Vec<String>), SqlError> {
    let mut query = parse_query("SELECT DISTINCT * FROM t")?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.from = vec![relation(merge.source.clone())];
    }
    assigned(context, table, query, &table.definition.columns)
}

/// A query with its columns converted to those of the table.
fn assigned(
    context: &StatementContext<'_>,
    table: &Arc<Table>,
    query: ast::Query,
    targets: &[ColumnDefinition],
) -> Result<(LogicalPlan, Vec<String>), SqlError> {
    let plan = with_target(context, table, |planner| {
        let plan = planner.query(query)?;
        if plan.schema().fields().len() != targets.len() {
            return Err(SqlError::new(
                SqlState::DatatypeMismatch,
                "the source and the target of MERGE … REMOVE DUPLICATES must have the same columns",
            ));
        }
        assign(planner, plan, targets)
    })?;
    Ok((plan, targets.iter().map(|column| column.name.clone()).collect()))
}
