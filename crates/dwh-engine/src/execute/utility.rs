//! TRUNCATE, ANALYZE, VACUUM, LOCK, CANCEL.

use std::sync::Arc;

use chrono::Utc;
use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::TableName;
use dwh_storage::{Privilege, Securable, Table, WriteIntent};

use super::insert::named_column;
use super::maintenance;
use crate::access::allow;
use crate::context::StatementContext;
use crate::result::{Notice, Outcome, Severity};

/// TRUNCATE; that it commits the transaction is the session's business.
pub(super) async fn truncate(
    context: &mut StatementContext<'_>,
    name: &TableName,
) -> Result<Outcome, SqlError> {
    let table = context.lock_table(name, WriteIntent::Rewrite).await?;
    context.transaction.truncate(table.id)?;
    Ok(Outcome::done("TRUNCATE TABLE"))
}

/// ANALYZE: counts and statistics of files are exact already; the table and its columns must exist.
pub(super) fn analyze(
    context: &mut StatementContext<'_>,
    name: Option<&TableName>,
    columns: &[String],
) -> Result<Outcome, SqlError> {
    for name in named_or_all(context, name) {
        let started_at = Utc::now();
        let table = context.names().table(&name)?;
        columns.iter().try_for_each(|column| named_column(&table, column).map(drop))?;
        if !skips(context, &table, Privilege::ANALYZE, "analyze") {
            maintenance::log(context, &table, &table, false, started_at);
        }
    }
    Ok(Outcome::done("ANALYZE"))
}

/// The table that is named, or all permanent ones.
fn named_or_all(context: &StatementContext<'_>, name: Option<&TableName>) -> Vec<TableName> {
    if let Some(name) = name {
        return vec![name.clone()];
    }
    let tables = context.transaction.tables();
    let permanent =
        tables.iter().filter(|table| !table.definition.temporary && table.definition.materialized.is_none());
    let name = |table: &Arc<Table>| TableName {
        database: None,
        schema: Some(table.definition.schema.clone()),
        name: table.definition.name.clone(),
        position: None,
    };
    permanent.map(name).collect()
}

/// CANCEL: ends what another session runs.
pub(super) fn cancel(context: &StatementContext<'_>, session: i32) -> Result<Outcome, SqlError> {
    let Some(handle) = context.engine.cancel_handle(session) else {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("PID {session} is not a PostgreSQL server process"),
        ));
    };
    let rights = context.rights();
    let is_own = context.engine.session_user(session) == Some(context.session_user.0);
    allow(is_own || rights.has_system(Privilege::CANCEL), || {
        SqlError::new(SqlState::InsufficientPrivilege, "must be superuser to signal other server processes")
    })?;
    handle.cancel();
    Ok(Outcome::done("CANCEL"))
}

/// Leaves the tables of others out, with a warning (RS 3.5).
fn skips(context: &mut StatementContext<'_>, table: &Table, system: Privilege, verb: &str) -> bool {
    let rights = context.rights();
    let own = table.definition.temporary
        || rights.owns(Securable::Relation(table.id))
        || rights.owns(Securable::Database)
        || rights.has_system(system);
    if !own {
        let name = &table.definition.name;
        let message = format!("skipping \"{name}\" --- only table or database owner can {verb} it");
        context.notices.push(Notice { severity: Severity::Warning, message });
    }
    !own
}

/// VACUUM: merges small files and applies deletes by rewriting them.
pub(super) async fn vacuum(
    context: &mut StatementContext<'_>,
    name: Option<&TableName>,
) -> Result<Outcome, SqlError> {
    if !context.autocommit {
        return Err(SqlError::new(
            SqlState::ActiveSqlTransaction,
            "VACUUM cannot run inside a transaction block",
        ));
    }
    for name in &named_or_all(context, name) {
        let started_at = Utc::now();
        let table = context.names().table(name)?;
        if skips(context, &table, Privilege::VACUUM, "vacuum") {
            continue;
        }
        let table = context.lock_table(name, WriteIntent::Rewrite).await?;
        tokio::task::block_in_place(|| context.transaction.vacuum(table.id))?;
        let vacuumed = context.names().table(name)?;
        maintenance::log(context, &table, &vacuumed, true, started_at);
    }
    Ok(Outcome::done("VACUUM"))
}

/// LOCK: holds the write locks until the transaction ends.
pub(super) async fn lock(
    context: &mut StatementContext<'_>,
    names: &[TableName],
) -> Result<Outcome, SqlError> {
    for name in names {
        context.lock_table(name, WriteIntent::Append).await?;
    }
    Ok(Outcome::done("LOCK TABLE"))
}
