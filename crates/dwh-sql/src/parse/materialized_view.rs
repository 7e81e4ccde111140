//! CREATE, REFRESH, ALTER and DROP MATERIALIZED VIEW.

use dwh_common::SqlError;
use sqlparser::ast::{LimitClause, Query};

use super::attributes::AttributesInProgress;
use super::policy::row_level_security;
use crate::cursor::Cursor;
use crate::statement::{AlterTableAction, CreateMaterializedView, Statement};

/// `CREATE MATERIALIZED VIEW name [BACKUP {YES | NO}] [attributes] [AUTO REFRESH {YES | NO}] AS query`.
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["create", "materialized", "view"])?;
    let name = cursor.table_name()?;
    let mut attributes = AttributesInProgress::default();
    let mut auto_refresh = false;
    loop {
        if AttributesInProgress::at_attribute(cursor) {
            attributes.read_one(cursor)?;
        } else if cursor.eat(&["auto", "refresh"]) {
            auto_refresh = yes_or_no(cursor)?;
        } else {
            break;
        }
    }
    cursor.expect(&["as"])?;
    let start = cursor.position();
    let query = cursor.query()?;
    let query_text = cursor.slice(start, cursor.position()).trim_end().to_owned();
    check(&query).map_err(|error| error.at(start))?;
    let attributes = attributes.finish()?;
    Ok(Statement::CreateMaterializedView(CreateMaterializedView {
        name,
        attributes,
        auto_refresh,
        query,
        query_text,
    }))
}

/// The guide: no ORDER BY, LIMIT or OFFSET.
fn check(query: &Query) -> Result<(), SqlError> {
    let limits = matches!(
        &query.limit_clause,
        Some(LimitClause::LimitOffset { .. } | LimitClause::OffsetCommaLimit { .. })
    );
    if query.order_by.is_some() || limits || query.fetch.is_some() {
        return Err(SqlError::unsupported("ORDER BY, LIMIT or OFFSET in a materialized view"));
    }
    Ok(())
}

/// `REFRESH MATERIALIZED VIEW name [CASCADE | RESTRICT]`.
pub(super) fn refresh(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["refresh", "materialized", "view"])?;
    let name = cursor.table_name()?;
    let cascade = cursor.eat_one_of(&["cascade", "restrict"]) == Some("cascade");
    Ok(Statement::RefreshMaterializedView { name, cascade })
}

/// `ALTER MATERIALIZED VIEW name {AUTO REFRESH {YES | NO} | ROW LEVEL SECURITY …}`.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["alter", "materialized", "view"])?;
    let name = cursor.table_name()?;
    let position = cursor.position();
    if !cursor.eat(&["auto", "refresh"]) {
        if cursor.at(&["row", "level"]) {
            let action = AlterTableAction::RowLevelSecurity(row_level_security(cursor)?);
            return Ok(Statement::AlterTable { table: name, action });
        }
        if cursor.at(&["alter"]) {
            return Err(SqlError::unsupported("ALTER MATERIALIZED VIEW … ALTER").at(position));
        }
        return cursor.expected("AUTO REFRESH or ROW LEVEL SECURITY");
    }
    Ok(Statement::AlterMaterializedView { name, auto_refresh: yes_or_no(cursor)? })
}

fn yes_or_no(cursor: &mut Cursor<'_>) -> Result<bool, SqlError> {
    match cursor.eat_one_of(&["yes", "no"]) {
        Some(answer) => Ok(answer == "yes"),
        None => cursor.expected("YES or NO"),
    }
}
