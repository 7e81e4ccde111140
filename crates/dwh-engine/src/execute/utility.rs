//! TRUNCATE, ANALYZE, VACUUM, LOCK.

use dwh_common::{SqlError, SqlState};
use dwh_sql::statement::TableName;
use dwh_storage::WriteIntent;

use crate::context::StatementContext;
use crate::result::Outcome;

/// TRUNCATE; that it commits the transaction is the session's business.
pub(super) async fn truncate(
    context: &mut StatementContext<'_>,
    name: &TableName,
) -> Result<Outcome, SqlError> {
    let table = context.lock_table(name, WriteIntent::Rewrite).await?;
    context.transaction.truncate(table.id)?;
    Ok(Outcome::done("TRUNCATE TABLE"))
}

/// ANALYZE: counts and statistics of files are exact already; the table must exist.
pub(super) fn analyze(context: &StatementContext<'_>, name: Option<&TableName>) -> Result<Outcome, SqlError> {
    if let Some(name) = name {
        context.names().table(name)?;
    }
    Ok(Outcome::done("ANALYZE"))
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
    let names = match name {
        Some(name) => vec![name.clone()],
        None => {
            let tables = context.transaction.tables();
            let permanent = tables.iter().filter(|table| !table.definition.temporary);
            permanent
                .map(|table| TableName {
                    database: None,
                    schema: Some(table.definition.schema.clone()),
                    name: table.definition.name.clone(),
                    position: None,
                })
                .collect()
        }
    };
    for name in &names {
        let table = context.lock_table(name, WriteIntent::Rewrite).await?;
        tokio::task::block_in_place(|| context.transaction.vacuum(table.id))?;
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
