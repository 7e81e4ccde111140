//! Statements, one kind a file. Each takes the context of the statement and gives back its outcome;
//! committing is the session's business.

mod alter_schema;
mod alter_table;
mod alter_table_append;
mod analyze_compression;
mod changes;
mod comment;
mod copy;
mod copy_failure;
mod copy_format;
mod copy_history;
mod create_table;
mod create_table_as;
mod create_view;
mod default_privileges;
mod delete;
mod drop;
mod explain;
mod function;
mod grant;
mod group;
mod insert;
mod maintenance;
mod materialized_view;
mod merge;
mod policy;
mod procedure;
mod query;
mod rename;
mod role;
mod rows;
mod schema;
mod show;
mod show_definition;
mod show_grants;
mod show_objects;
mod show_procedure;
mod unload;
mod update;
mod user;
mod utility;

pub(crate) use analyze_compression::proposed as proposed_encoding;
pub use copy::s3_access;
use dwh_common::SqlError;
use dwh_sql::statement::Statement;
pub(crate) use function::resolve as resolve_function;
pub(crate) use insert::default_value;
pub(crate) use procedure::{
    named as procedures_named, resolve as resolve_procedure, undefined as undefined_procedure,
};
pub(crate) use query::read as read_query;
pub(crate) use show_procedure::{
    argument_text as procedure_argument_text, definition_text as procedure_definition_text,
    result as procedure_result,
};

use crate::access;
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
    access::authorize(context, statement)?;
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
        Statement::CreateSchema(create) => schema::create(context, create),
        Statement::CreateUser { name, options } => user::create(context, name, options),
        Statement::AlterUser { name, action } => user::alter(context, name, action),
        Statement::DropUsers { names, if_exists } => user::drop(context, names, *if_exists),
        Statement::SetSessionAuthorization { user, .. } => {
            user::set_session_authorization(context, user.as_deref())
        }
        Statement::CreateGroup { name, users } => group::create(context, name, users),
        Statement::AlterGroup { name, action } => group::alter(context, name, action),
        Statement::DropGroup(name) => group::drop(context, name),
        Statement::CreateRole { name, external_id } => role::create(context, name, external_id.as_deref()),
        Statement::AlterRole { name, action } => role::alter(context, name, action),
        Statement::DropRole { name, force } => role::drop(context, name, *force),
        Statement::Grant(grant) => grant::execute(context, grant),
        Statement::Policy(statement) => policy::execute(context, statement),
        Statement::AlterDefaultPrivileges(alter) => default_privileges::alter(context, alter),
        Statement::CreateMaterializedView(create) => materialized_view::create(context, create).await,
        Statement::RefreshMaterializedView { name, cascade } => {
            materialized_view::refresh(context, name, *cascade).await
        }
        Statement::AlterMaterializedView { name, auto_refresh } => {
            materialized_view::alter(context, name, *auto_refresh)
        }
        Statement::DropMaterializedView(drop) => materialized_view::drop(context, drop).await,
        Statement::AlterSchema { name, action } => alter_schema::schema(context, name, action).await,
        Statement::AlterDatabase { name, action } => alter_schema::database(context, name, action),
        Statement::Use { database, position } => alter_schema::use_database(context, database, *position),
        Statement::ShowObjects(show) => show_objects::execute(context, show),
        Statement::CreateFunction(create) => function::create(context, create),
        Statement::AlterFunction { function, action } => function::alter(context, function, action),
        Statement::DropFunction(drop) => function::drop(context, drop),
        Statement::CreateProcedure(create) => procedure::create(context, create),
        Statement::AlterProcedure { procedure, action } => procedure::alter(context, procedure, action),
        Statement::DropProcedures { procedures, if_exists } => {
            procedure::drop(context, procedures, *if_exists)
        }
        Statement::DropSchema { names, if_exists, cascade } => {
            schema::drop_schemas(context, names, *if_exists, *cascade).await
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
        | Statement::Call(_)
        | Statement::Set { .. }
        | Statement::Reset(_) => {
            Err(SqlError::internal("statements about the session belong to the session"))
        }
    }
}
