//! ALTER TABLE … APPEND FROM: moves the rows of one table to another (the guide's page of that name).

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{AppendExtra, TableName};
use dwh_storage::{ColumnDefinition, Table, WriteIntent};

use super::insert::column_sources;
use super::rows::insert_plan;
use crate::access::denied;
use crate::context::StatementContext;
use crate::plan::parse_query;
use crate::policies::hides_rows;
use crate::result::Outcome;

pub(super) async fn execute(
    context: &mut StatementContext<'_>,
    target: &TableName,
    source: &TableName,
    extra: Option<AppendExtra>,
) -> Result<Outcome, SqlError> {
    if !context.autocommit {
        return Err(SqlError::new(
            SqlState::ActiveSqlTransaction,
            "ALTER TABLE APPEND cannot run inside a transaction block",
        ));
    }
    let from = context.lock_table(source, WriteIntent::Rewrite).await?;
    let to = context.lock_table(target, WriteIntent::Append).await?;
    let moved = moved_columns(&to, &from, extra)?;
    let list: Vec<String> = moved.iter().map(|name| dwh_sql::keywords::quote_ident(name)).collect();
    let query = parse_query(&format!("SELECT {} FROM {}", list.join(", "), qualified(&from)))?;
    // All rows are moved, so none may be hidden from whoever moves them (the guide's page "RLS policy usage notes").
    if hides_rows(&context.rights(), from.id) {
        return Err(denied("relation", &from.definition.name)
            .with_hint("Row-level security is on; IGNORE RLS lets ALTER TABLE APPEND take its rows."));
    }
    let plan = context.with_planner_on(context.names().unprotected(), |planner| planner.query(query))?;
    let sources = column_sources(context, &to, &moved).await?;
    let rows = insert_plan(context, &to, &plan, sources).await?;
    context.transaction.truncate(from.id)?;
    Ok(Outcome { rows_affected: Some(rows), ..Outcome::done("ALTER TABLE APPEND") })
}

/// The name by which SQL finds the table.
pub(super) fn qualified(table: &Table) -> String {
    let quote = dwh_sql::keywords::quote_ident;
    if table.definition.temporary {
        return quote(&table.definition.name);
    }
    format!("{}.{}", quote(&table.definition.schema), quote(&table.definition.name))
}

/// The columns that both tables have, if the tables fit each other.
fn moved_columns(to: &Table, from: &Table, extra: Option<AppendExtra>) -> Result<Vec<String>, SqlError> {
    let (target, source) = (&to.definition, &from.definition);
    if target.temporary || source.temporary {
        return Err(refused("the source and the target of ALTER TABLE APPEND must be permanent tables"));
    }
    if to.id == from.id {
        return Err(refused("a table cannot be appended to itself"));
    }
    if target.attributes.distribution != source.attributes.distribution {
        return Err(refused("the tables must have the same distribution style and distribution key"));
    }
    if target.attributes.sort_key != source.attributes.sort_key {
        return Err(refused("the tables must have the same sort style and sort key columns"));
    }
    let is_plain_identity =
        |column: &ColumnDefinition| column.identity.is_some_and(|identity| !identity.by_default);
    if target.columns.iter().any(is_plain_identity) && source.columns.iter().any(is_plain_identity) {
        return Err(refused("an identity column cannot be appended: both tables have one"));
    }
    let mut moved = Vec::new();
    let mut only_in_source = Vec::new();
    for column in &source.columns {
        match target.column(&column.name) {
            Some(same) if !is_plain_identity(column) && !is_plain_identity(same) => {
                check_same(column, same)?;
                moved.push(column.name.clone());
            }
            _ => only_in_source.push(column.name.as_str()),
        }
    }
    let only_in_target: Vec<&str> = target
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|name| !moved.iter().any(|m| m == name))
        .collect();
    if !only_in_source.is_empty() && extra != Some(AppendExtra::Ignore) {
        return Err(refused(format!(
            "the source table has columns that the target table has not: {}",
            only_in_source.join(", ")
        ))
        .with_hint("Use IGNOREEXTRA to leave their data out."));
    }
    if !only_in_target.is_empty() && extra != Some(AppendExtra::Fill) {
        return Err(refused(format!(
            "the target table has columns that the source table has not: {}",
            only_in_target.join(", ")
        ))
        .with_hint("Use FILLTARGET to fill them with their DEFAULT, IDENTITY or NULL."));
    }
    if moved.is_empty() {
        return Err(refused("the tables have no column in common"));
    }
    Ok(moved)
}

fn check_same(a: &ColumnDefinition, b: &ColumnDefinition) -> Result<(), SqlError> {
    let what = if a.data_type != b.data_type {
        "data types"
    } else if a.encoding != b.encoding {
        "compression encodings"
    } else if a.nullable != b.nullable {
        "NOT NULL constraints"
    } else {
        return Ok(());
    };
    Err(refused(format!("column \"{}\" has different {what} in the two tables", a.name)))
}

fn refused(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::InvalidTableDefinition, message)
}
