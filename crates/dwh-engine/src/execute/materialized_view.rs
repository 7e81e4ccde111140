//! CREATE, REFRESH, ALTER and DROP MATERIALIZED VIEW: a table that its query fills.
//!
//! Redshift refreshes some views by what has changed; the rows are the same, so here all are made anew,
//! unless nothing below the view has changed.

use std::ops::ControlFlow;
use std::sync::Arc;

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{CreateMaterializedView, CreateTableAs, Drop, TableName};
use dwh_storage::{MaterializedQuery, Table, WriteIntent};
use sqlparser::ast;

use super::create_table_as;
use super::create_view::dependencies;
use super::drop::{drop_dependents, skip_missing};
use super::rows::{ColumnSource, insert_plan};
use crate::context::StatementContext;
use crate::names::Relation;
use crate::result::{Notice, Outcome};

pub(super) async fn create(
    context: &mut StatementContext<'_>,
    create: &CreateMaterializedView,
) -> Result<Outcome, SqlError> {
    check_sources(context, &create.query)?;
    let depends_on = dependencies(context, &create.query);
    let as_table = CreateTableAs {
        name: create.name.clone(),
        temporary: false,
        columns: Vec::new(),
        attributes: create.attributes.clone(),
        query: create.query.clone(),
    };
    let table = create_table_as::create(context, &as_table, false).await?;
    let query =
        MaterializedQuery { sql: create.query_text.clone(), auto_refresh: create.auto_refresh, depends_on };
    context.transaction.set_materialized(table.id, Some(query))?;
    Ok(Outcome::done("CREATE MATERIALIZED VIEW"))
}

/// The guide: no standard views, system tables, temporary tables or functions of users.
fn check_sources(context: &StatementContext<'_>, query: &ast::Query) -> Result<(), SqlError> {
    let names = context.names();
    let mut refused = None;
    let _ = ast::visit_relations(query, |relation| {
        let name = dwh_sql::table_name_of(relation);
        let what = match names.resolve(&name) {
            Ok(Relation::View(_)) => "a view",
            Ok(Relation::System(_)) => "a system table",
            Ok(Relation::Table(table)) if table.definition.temporary => "a temporary table",
            _ => return ControlFlow::Continue(()),
        };
        let mut error = SqlError::unsupported(format!("a materialized view on {what}"));
        error.position = name.position;
        refused = Some(error);
        ControlFlow::Break(())
    });
    let functions = &context.transaction.access().functions;
    let _ = ast::visit_expressions(query, |expression| {
        if let ast::Expr::Function(function) = expression
            && let Some(name) = function.name.0.last().and_then(|part| part.as_ident())
            && functions.values().any(|known| known.name == name.value)
        {
            refused = Some(SqlError::unsupported("a user-defined function in a materialized view"));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    refused.map_or(Ok(()), Err)
}

pub(super) async fn refresh(
    context: &mut StatementContext<'_>,
    name: &TableName,
    cascade: bool,
) -> Result<Outcome, SqlError> {
    let table = context.names().materialized_view(name)?;
    let mut order = Vec::new();
    if cascade {
        below(context, &table, &mut order);
    }
    order.push(table);
    for table in order {
        refresh_one(context, &table).await?;
        let message = format!("Materialized view {} was recomputed successfully.", table.definition.name);
        context.notices.push(Notice::info(message));
    }
    Ok(Outcome::done("REFRESH MATERIALIZED VIEW"))
}

/// The materialized views that one reads, the deepest first.
fn below(context: &StatementContext<'_>, table: &Table, order: &mut Vec<Arc<Table>>) {
    for (schema, name) in table.definition.materialized.iter().flat_map(|query| &query.depends_on) {
        if let Some(read) = context.transaction.table(schema, name)
            && read.definition.materialized.is_some()
            && !order.iter().any(|known| known.id == read.id)
        {
            below(context, &read, order);
            order.push(read);
        }
    }
}

async fn refresh_one(context: &mut StatementContext<'_>, table: &Arc<Table>) -> Result<(), SqlError> {
    let Some(query) = &table.definition.materialized else { return Ok(()) };
    context.transaction.lock(table.id, WriteIntent::Rewrite).await?;
    // The view is its owner's: what it reads is read with the owner's rights.
    let owner = context.transaction.access().owner(dwh_storage::Securable::Relation(table.id));
    let asking = std::mem::replace(&mut context.user_id, owner);
    let plan = context.with_planner(|planner| planner.query_text(&query.sql));
    context.user_id = asking;
    let plan = plan.map_err(|error| {
        SqlError::new(
            error.state,
            format!("Materialized view {} could not be refreshed", table.definition.name),
        )
        .with_detail(error.message)
        .with_hint("A table below it has changed. Drop the materialized view and create it again.")
    })?;
    let columns = &table.definition.columns;
    if plan.schema().fields().len() != columns.len() {
        return Err(SqlError::new(
            SqlState::InvalidTableDefinition,
            format!("Materialized view {} could not be refreshed", table.definition.name),
        )
        .with_detail("its query has another number of columns than before"));
    }
    let plan = context.with_planner(|planner| super::insert::assign(planner, plan, columns))?;
    context.transaction.truncate(table.id)?;
    let emptied = context.transaction.table_by_id(table.id).unwrap_or_else(|| Arc::clone(table));
    let sources = (0..columns.len()).map(ColumnSource::Input).collect();
    insert_plan(context, &emptied, &plan, sources).await?;
    Ok(())
}

/// AUTO REFRESH is kept for the catalog.
pub(super) fn alter(
    context: &mut StatementContext<'_>,
    name: &TableName,
    auto_refresh: bool,
) -> Result<Outcome, SqlError> {
    let table = context.names().materialized_view(name)?;
    let query =
        table.definition.materialized.clone().map(|query| MaterializedQuery { auto_refresh, ..query });
    context.transaction.set_materialized(table.id, query)?;
    Ok(Outcome::done("ALTER MATERIALIZED VIEW"))
}

pub(super) async fn drop(context: &mut StatementContext<'_>, drop: &Drop) -> Result<Outcome, SqlError> {
    for name in &drop.names {
        let table = match context.names().materialized_view(name) {
            Ok(table) => table,
            Err(error) => {
                skip_missing(context, drop, name, "Materialized view", error)?;
                continue;
            }
        };
        context.transaction.lock(table.id, WriteIntent::Define).await?;
        drop_dependents(context, &table.definition.schema, &table.definition.name, drop.cascade)?;
        context.transaction.drop_table(table.id)?;
    }
    Ok(Outcome::done("DROP MATERIALIZED VIEW"))
}
