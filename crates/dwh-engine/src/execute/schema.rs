//! CREATE SCHEMA, DROP SCHEMA.

use dwh_common::{SqlError, SqlState};

use super::drop::drop_dependents;
use crate::context::StatementContext;
use crate::names::undefined_schema;
use crate::result::{Notice, Outcome};
use crate::system_tables;

pub(super) fn create(
    context: &mut StatementContext<'_>,
    name: &str,
    if_not_exists: bool,
) -> Result<Outcome, SqlError> {
    if system_tables::is_system_schema(name) || name.starts_with("pg_") {
        return Err(SqlError::new(
            SqlState::InsufficientPrivilege,
            format!("unacceptable schema name \"{name}\": the name belongs to the system"),
        ));
    }
    if exists(context, name) {
        let message = format!("Schema \"{name}\" already exists");
        if !if_not_exists {
            return Err(SqlError::new(SqlState::DuplicateSchema, message));
        }
        context.notices.push(Notice::info(message));
        return Ok(Outcome::done("CREATE SCHEMA"));
    }
    context.transaction.create_schema(name)?;
    Ok(Outcome::done("CREATE SCHEMA"))
}

pub(super) async fn drop(
    context: &mut StatementContext<'_>,
    names: &[String],
    if_exists: bool,
    cascade: bool,
) -> Result<Outcome, SqlError> {
    for name in names {
        if !exists(context, name) {
            if if_exists {
                context.notices.push(Notice::info(format!("schema \"{name}\" does not exist, skipping")));
                continue;
            }
            return Err(undefined_schema(name));
        }
        let tables: Vec<_> = context
            .transaction
            .tables()
            .into_iter()
            .filter(|table| !table.definition.temporary && table.definition.schema == *name)
            .collect();
        let views: Vec<_> = context
            .transaction
            .views()
            .into_iter()
            .map(|view| view.definition.clone())
            .filter(|view| view.schema == *name)
            .collect();
        let is_empty = tables.is_empty() && views.is_empty();
        if !cascade && !is_empty {
            return Err(SqlError::new(
                SqlState::DependentObjectsStillExist,
                format!("cannot drop schema {name} because other objects depend on it"),
            )
            .with_hint("Use DROP SCHEMA ... CASCADE to drop its tables and views too."));
        }
        for table in tables {
            drop_dependents(context, name, &table.definition.name, true)?;
            context.transaction.lock(table.id, dwh_storage::WriteIntent::Define).await?;
            context.transaction.drop_table(table.id)?;
        }
        for view in views {
            if context.transaction.view(name, &view.name).is_some() {
                drop_dependents(context, name, &view.name, true)?;
                context.transaction.drop_view(name, &view.name)?;
            }
        }
        context.transaction.drop_schema(name, false)?;
    }
    Ok(Outcome::done("DROP SCHEMA"))
}

fn exists(context: &StatementContext<'_>, name: &str) -> bool {
    context.transaction.schemas().iter().any(|schema| schema.name == name)
}
