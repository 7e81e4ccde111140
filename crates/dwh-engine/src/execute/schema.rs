//! CREATE SCHEMA, DROP SCHEMA.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::CreateSchema;
use dwh_storage::Securable;

use super::default_privileges::{created, set_owner};
use super::drop::drop_dependents;
use super::policy;
use crate::context::StatementContext;
use crate::names::undefined_schema;
use crate::result::{Notice, Outcome};
use crate::system_tables;

pub(super) fn create(context: &mut StatementContext<'_>, create: &CreateSchema) -> Result<Outcome, SqlError> {
    let name = create.name.as_str();
    if system_tables::is_system_schema(name) || name.starts_with("pg_") {
        return Err(SqlError::new(
            SqlState::InsufficientPrivilege,
            format!("unacceptable schema name \"{name}\": the name belongs to the system"),
        ));
    }
    if exists(context, name) {
        let message = format!("Schema \"{name}\" already exists");
        if !create.if_not_exists {
            return Err(SqlError::new(SqlState::DuplicateSchema, message));
        }
        context.notices.push(Notice::info(message));
        return Ok(Outcome::done("CREATE SCHEMA"));
    }
    let schema = Securable::Schema(context.transaction.create_schema(name)?.id);
    created(context, schema, None)?;
    if let Some(owner) = &create.owner {
        set_owner(context, schema, owner)?;
    }
    set_quota(context, schema, create.quota_mb)?;
    Ok(Outcome::done("CREATE SCHEMA"))
}

/// QUOTA is kept for the catalog; nothing is refused for it.
pub(super) fn set_quota(
    context: &mut StatementContext<'_>,
    schema: Securable,
    quota_mb: Option<i64>,
) -> Result<(), SqlError> {
    let Securable::Schema(id) = schema else { return Ok(()) };
    if quota_mb.is_none() && !context.transaction.access().quotas.contains_key(&id) {
        return Ok(());
    }
    context.transaction.change_access(|access| match quota_mb {
        Some(quota) => drop(access.quotas.insert(id, quota)),
        None => drop(access.quotas.remove(&id)),
    })?;
    Ok(())
}

pub(super) async fn drop_schemas(
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
        let access = context.transaction.access();
        let has_routines = access.functions.values().any(|function| function.schema == *name)
            || access.procedures.values().any(|procedure| procedure.schema == *name);
        let is_empty = tables.is_empty() && views.is_empty() && !has_routines;
        if !cascade && !is_empty {
            return Err(SqlError::new(
                SqlState::DependentObjectsStillExist,
                format!("cannot drop schema {name} because other objects depend on it"),
            )
            .with_hint(
                "Use DROP SCHEMA ... CASCADE to drop its tables, views, functions and procedures too.",
            ));
        }
        for table in tables {
            policy::check_relation(context, &table, None, "drop")?;
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
        if has_routines {
            context.transaction.change_access(|access| access.drop_routines(name))?;
        }
        context.transaction.drop_schema(name, false)?;
    }
    Ok(Outcome::done("DROP SCHEMA"))
}

fn exists(context: &StatementContext<'_>, name: &str) -> bool {
    context.transaction.schemas().iter().any(|schema| schema.name == name)
}
