//! Statements, one kind a file. Each takes the context of the statement and gives back its outcome;
//! committing is the session's business.

mod alter_table;
mod analyze_compression;
mod changes;
mod comment;
mod copy;
mod copy_format;
mod create_table;
mod create_table_as;
mod create_view;
mod delete;
mod drop;
mod explain;
mod insert;
mod merge;
mod query;
mod rows;
mod schema;
mod show;
mod unload;
mod update;
mod utility;

pub use copy::s3_access;
use dwh_common::SqlError;
use dwh_sql::statement::Statement;

use crate::context::StatementContext;
use crate::result::Outcome;

/// Runs one statement inside the context's transaction.
///
/// # Errors
/// What is wrong with the statement or its data, with SQLSTATE and, if known, the position.
pub(crate) async fn execute(
    context: &mut StatementContext<'_>,
    statement: &Statement,
) -> Result<Outcome, SqlError> {
    match statement {
        Statement::Query(query) => query::execute(context, query).await,
        Statement::Explain { verbose, statement } => explain::execute(context, statement, *verbose).await,
        Statement::Insert(insert) => insert::execute(context, insert).await,
        Statement::Update(update) => update::execute(context, update).await,
        Statement::Delete(delete) => delete::execute(context, delete).await,
        Statement::Merge(merge) => merge::execute(context, merge).await,
        Statement::CreateTable(create) => create_table::execute(context, create),
        Statement::CreateTableAs(create) => create_table_as::execute(context, create).await,
        Statement::CreateView(create) => create_view::execute(context, create).await,
        Statement::DropTable(drop) => drop::table(context, drop).await,
        Statement::DropView(drop) => drop::view(context, drop),
        Statement::CreateSchema { name, if_not_exists } => schema::create(context, name, *if_not_exists),
        Statement::DropSchema { names, if_exists, cascade } => {
            schema::drop(context, names, *if_exists, *cascade).await
        }
        Statement::AlterTable { table, action } => alter_table::execute(context, table, action).await,
        Statement::Truncate(table) => utility::truncate(context, table).await,
        Statement::Comment { on, text } => comment::execute(context, on, text.as_deref()),
        Statement::Copy(copy) => copy::execute(context, copy).await,
        Statement::Unload(unload) => unload::execute(context, unload).await,
        Statement::Show(name) => show::execute(context, name.as_deref()),
        Statement::Analyze { table, columns } => utility::analyze(context, table.as_ref(), columns),
        Statement::AnalyzeCompression { table, columns } => {
            analyze_compression::execute(context, table.as_ref(), columns)
        }
        Statement::DeclareCursor(declare) => query::execute(context, &declare.query).await,
        Statement::Cancel(session) => utility::cancel(context, *session),
        Statement::Vacuum(table) => utility::vacuum(context, table.as_ref()).await,
        Statement::Lock(tables) => utility::lock(context, tables).await,
        Statement::Begin(_)
        | Statement::Commit
        | Statement::Rollback
        | Statement::SetTransaction(_)
        | Statement::SetSessionCharacteristics(_)
        | Statement::Prepare(_)
        | Statement::Execute(_)
        | Statement::Deallocate(_)
        | Statement::Fetch { .. }
        | Statement::CloseCursor(_)
        | Statement::Set { .. }
        | Statement::Reset(_) => {
            Err(SqlError::internal("statements about the session belong to the session"))
        }
    }
}
