//! Clauses that the planner would ignore, so that the result would be wrong in silence: refused by name.

use dwh_common::SqlError;
use sqlparser::ast::{Distinct, Query, Select, TableFactor, TableWithJoins};

/// Refuses clauses of a query.
pub(super) fn check_query(query: &Query) -> Result<(), SqlError> {
    if !query.locks.is_empty() {
        return Err(SqlError::unsupported("SELECT FOR UPDATE").with_hint("use LOCK TABLE"));
    }
    Ok(())
}

/// Refuses clauses of a SELECT.
pub(super) fn check_select(select: &Select) -> Result<(), SqlError> {
    if select.exclude.is_some() {
        return Err(
            SqlError::unsupported("EXCLUDE behind the SELECT list").with_hint("write * EXCLUDE (columns)")
        );
    }
    if !select.named_window.is_empty() {
        return Err(SqlError::unsupported("the WINDOW clause").with_hint("write the window behind each OVER"));
    }
    if let Some(Distinct::On(_)) = select.distinct {
        return Err(SqlError::unsupported("SELECT DISTINCT ON")
            .with_hint("use ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) with QUALIFY"));
    }
    select.from.iter().try_for_each(check_tables)
}

fn check_tables(table: &TableWithJoins) -> Result<(), SqlError> {
    check_factor(&table.relation)?;
    table.joins.iter().try_for_each(|join| check_factor(&join.relation))
}

fn check_factor(factor: &TableFactor) -> Result<(), SqlError> {
    match factor {
        TableFactor::Table { sample: Some(_), .. } | TableFactor::Derived { sample: Some(_), .. } => {
            Err(SqlError::unsupported("TABLESAMPLE"))
        }
        TableFactor::Derived { lateral: true, .. } => Err(SqlError::unsupported("LATERAL")),
        TableFactor::NestedJoin { table_with_joins, .. } => check_tables(table_with_joins),
        _ => Ok(()),
    }
}
