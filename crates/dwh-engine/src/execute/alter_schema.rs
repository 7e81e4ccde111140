//! ALTER SCHEMA, ALTER DATABASE, USE.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::{AlterDatabaseAction, AlterSchemaAction};
use dwh_storage::{Securable, WriteIntent};

use super::default_privileges::set_owner;
use super::grant::{check_database, schema_id};
use super::rename::{Renaming, follow};
use super::schema::set_quota;
use crate::context::StatementContext;
use crate::result::Outcome;
use crate::system_tables;

pub(super) async fn schema(
    context: &mut StatementContext<'_>,
    name: &str,
    action: &AlterSchemaAction,
) -> Result<Outcome, SqlError> {
    let on = Securable::Schema(schema_id(context, name)?);
    match action {
        AlterSchemaAction::OwnerTo(owner) => set_owner(context, on, owner)?,
        AlterSchemaAction::Quota(quota_mb) => set_quota(context, on, *quota_mb)?,
        AlterSchemaAction::Rename(to) => {
            if system_tables::is_system_schema(to) || to.starts_with("pg_") {
                return Err(SqlError::new(
                    SqlState::ReservedName,
                    format!("unacceptable schema name \"{to}\": the name belongs to the system"),
                ));
            }
            for table in context.transaction.tables() {
                if table.definition.schema == name && !table.definition.temporary {
                    context.transaction.lock(table.id, WriteIntent::Define).await?;
                }
            }
            follow(context, &Renaming { schema: name, relation: None, to })?;
            context.transaction.rename_schema(name, to)?;
        }
    }
    Ok(Outcome::done("ALTER SCHEMA"))
}

pub(super) fn database(
    context: &mut StatementContext<'_>,
    name: &str,
    action: &AlterDatabaseAction,
) -> Result<Outcome, SqlError> {
    check_database(context, name)?;
    let (key, value) = match action {
        AlterDatabaseAction::Rename => {
            return Err(SqlError::new(SqlState::FeatureNotSupported, "current database may not be renamed"));
        }
        AlterDatabaseAction::OwnerTo(owner) => {
            set_owner(context, Securable::Database, owner)?;
            return Ok(Outcome::done("ALTER DATABASE"));
        }
        AlterDatabaseAction::ConnectionLimit(limit) => {
            ("connection_limit", limit.map(|limit| limit.to_string()))
        }
        // Transactions are serializable: what SNAPSHOT allows beyond that is not asked for by name.
        AlterDatabaseAction::IsolationLevel { snapshot } => {
            if !context.autocommit {
                return Err(SqlError::new(
                    SqlState::ActiveSqlTransaction,
                    "ALTER DATABASE ISOLATION LEVEL cannot run inside a transaction block",
                ));
            }
            let level = if *snapshot { "Snapshot Isolation" } else { "Serializable" };
            ("isolation_level", Some(level.to_owned()))
        }
    };
    context.transaction.change_access(|access| match value {
        Some(value) => access.database.insert(key.to_owned(), value),
        None => access.database.remove(key),
    })?;
    Ok(Outcome::done("ALTER DATABASE"))
}

/// There is one database, and the session is in it.
pub(super) fn use_database(
    context: &StatementContext<'_>,
    name: &str,
    position: usize,
) -> Result<Outcome, SqlError> {
    check_database(context, name).map_err(|error| error.at(position))?;
    Ok(Outcome::done("USE"))
}
