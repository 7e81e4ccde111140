//! DROP TABLE, DROP VIEW: all of the list or nothing; views in the way need CASCADE (RS 3.5).

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{Drop, TableName};
use dwh_storage::{Constraint, ConstraintKind, WriteIntent};

use super::policy;
use crate::context::StatementContext;
use crate::names::Relation;
use crate::result::{Notice, Outcome};

pub(super) async fn table(context: &mut StatementContext<'_>, drop: &Drop) -> Result<Outcome, SqlError> {
    for name in &drop.names {
        match context.names().resolve(name) {
            Ok(Relation::Table(table)) if table.definition.materialized.is_none() => {}
            Ok(_) => {
                return Err(SqlError::new(
                    SqlState::WrongObjectType,
                    format!("\"{}\" is not a table", name.name),
                ));
            }
            Err(error) => {
                skip_missing(context, drop, name, "Table", error)?;
                continue;
            }
        }
        let table = context.lock_table(name, WriteIntent::Define).await?;
        let definition = &table.definition;
        if !definition.temporary {
            policy::check_relation(context, &table, None, "drop")?;
            drop_dependents(context, &definition.schema, &definition.name, drop.cascade)?;
            unreference(context, &definition.schema, &definition.name, drop.cascade)?;
        }
        context.transaction.drop_table(table.id)?;
    }
    Ok(Outcome::done("DROP TABLE"))
}

pub(super) fn view(context: &mut StatementContext<'_>, drop: &Drop) -> Result<Outcome, SqlError> {
    for name in &drop.names {
        let view = match context.names().resolve(name) {
            Ok(Relation::View(view)) => view,
            Ok(_) => {
                return Err(SqlError::new(
                    SqlState::WrongObjectType,
                    format!("\"{}\" is not a view", name.name),
                ));
            }
            Err(error) => {
                skip_missing(context, drop, name, "View", error)?;
                continue;
            }
        };
        let view = &view.definition;
        drop_dependents(context, &view.schema, &view.name, drop.cascade)?;
        context.transaction.drop_view(&view.schema, &view.name)?;
    }
    Ok(Outcome::done("DROP VIEW"))
}

/// IF EXISTS: `kind` is what is said to be missing (the guide's page CALL has the words).
pub(super) fn skip_missing(
    context: &mut StatementContext<'_>,
    drop: &Drop,
    name: &TableName,
    kind: &str,
    error: SqlError,
) -> Result<(), SqlError> {
    if !drop.if_exists || error.state != SqlState::UndefinedTable {
        return Err(error);
    }
    let message = format!("{kind} \"{}\" does not exist and will be skipped", name.name);
    context.notices.push(Notice::info(message));
    Ok(())
}

/// Drops the bound views on a relation, or says that CASCADE is needed.
pub(super) fn drop_dependents(
    context: &mut StatementContext<'_>,
    schema: &str,
    name: &str,
    cascade: bool,
) -> Result<(), SqlError> {
    drop_dependents_on(context, schema, name, None, cascade)
}

/// The same for those that read a column, or all columns by an asterisk, if one is given.
pub(super) fn drop_dependents_on(
    context: &mut StatementContext<'_>,
    schema: &str,
    name: &str,
    column: Option<&str>,
    cascade: bool,
) -> Result<(), SqlError> {
    let on_it = |depends_on: &[(String, String)], sql: &str| {
        depends_on.iter().any(|(s, n)| s == schema && n == name)
            && column.is_none_or(|column| reads_column(sql, column))
    };
    let blocked = |context: &StatementContext<'_>, detail: String| {
        let kind = match context.transaction.table(schema, name) {
            Some(table) if table.definition.materialized.is_some() => "materialized view",
            Some(_) => "table",
            None => "view",
        };
        let part = column.map(|column| format!(" column {column}")).unwrap_or_default();
        let message = format!("cannot drop {kind} {name}{part} because other objects depend on it");
        SqlError::new(SqlState::DependentObjectsStillExist, message)
            .with_detail(detail)
            .with_hint("Use DROP ... CASCADE to drop the dependent objects too.")
    };
    let materialized: Vec<_> = context
        .transaction
        .tables()
        .into_iter()
        .filter(|table| {
            table.definition.materialized.as_ref().is_some_and(|query| on_it(&query.depends_on, &query.sql))
        })
        .collect();
    for table in materialized {
        let definition = &table.definition;
        if !cascade {
            let detail =
                format!("materialized view {}.{} depends on {name}", definition.schema, definition.name);
            return Err(blocked(context, detail));
        }
        drop_dependents(context, &definition.schema, &definition.name, true)?;
        context.transaction.drop_table(table.id)?;
    }
    let dependents: Vec<_> = context
        .transaction
        .views()
        .into_iter()
        .filter(|view| on_it(&view.definition.depends_on, &view.definition.sql))
        .collect();
    for view in dependents {
        let view = &view.definition;
        if !cascade {
            return Err(blocked(context, format!("view {}.{} depends on {name}", view.schema, view.name)));
        }
        drop_dependents(context, &view.schema, &view.name, true)?;
        context.transaction.drop_view(&view.schema, &view.name)?;
    }
    Ok(())
}

/// Whether a query names a column, or reads all by an asterisk. Text that cannot be read does.
pub(super) fn reads_column(sql: &str, column: &str) -> bool {
    dwh_sql::words(sql).map_or(true, |words| words.iter().any(|word| word == column || word == "*"))
}

/// Takes away foreign keys that point at a table, or says that CASCADE is needed (RS 10.2).
fn unreference(
    context: &mut StatementContext<'_>,
    schema: &str,
    name: &str,
    cascade: bool,
) -> Result<(), SqlError> {
    for table in context.transaction.tables() {
        let definition = &table.definition;
        let points_at_it = |constraint: &Constraint| {
            matches!(&constraint.kind, ConstraintKind::ForeignKey(key)
                if key.referenced_schema == schema && key.referenced_table == name)
        };
        let itself = definition.schema == schema && definition.name == name;
        if itself || !definition.attributes.constraints.iter().any(points_at_it) {
            continue;
        }
        if !cascade {
            return Err(SqlError::new(
                SqlState::DependentObjectsStillExist,
                format!("cannot drop table {name} because other objects depend on it"),
            )
            .with_detail(format!("a foreign key of table {} depends on table {name}", definition.name))
            .with_hint("Use DROP ... CASCADE to drop the dependent objects too."));
        }
        let mut attributes = definition.attributes.clone();
        attributes.constraints.retain(|constraint| !points_at_it(constraint));
        context.transaction.set_attributes(table.id, attributes)?;
    }
    Ok(())
}
