//! The tables of a pipeline: create, drop, list, describe.

use std::collections::HashSet;

use dwh_common::SqlError;
use dwh_sql::keywords::quote_literal;
use dwh_sql::statement::{Statement, TableName};

use crate::error::PipelineError;
use crate::ledger::{self, LEDGER_TABLE};
use crate::pipeline::Pipeline;
use crate::sql_file::{FileStatement, SqlFile};
use crate::variables::Variables;
use crate::warehouse::{ResultSet, Warehouse};

/// A table of a pipeline, as it is in the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableStatus {
    /// Name as the pipeline's file has it.
    pub table: String,
    /// Rows; `None` if the table is not there.
    pub rows: Option<u64>,
    /// COMMENT ON TABLE of the pipeline's file.
    pub description: Option<String>,
}

/// A file of `tables/`, ready to run.
pub(crate) struct TableFile {
    pub(crate) name: TableName,
    pub(crate) statements: Vec<FileStatement>,
}

impl TableFile {
    pub(crate) fn read(file: &SqlFile, variables: &Variables) -> Result<Self, PipelineError> {
        let statements = file.statements(variables)?;
        let name = statements.iter().find_map(|statement| match &statement.statement {
            Statement::CreateTable(create) => Some(create.name.clone()),
            Statement::CreateTableAs(create) => Some(create.name.clone()),
            _ => None,
        });
        let name = name.ok_or_else(|| PipelineError::WrongFile {
            path: file.path.clone(),
            message: "a file of tables/ must have a CREATE TABLE",
        })?;
        Ok(Self { name, statements })
    }

    pub(crate) fn all(pipeline: &Pipeline, variables: &Variables) -> Result<Vec<Self>, PipelineError> {
        pipeline.tables.iter().map(|file| Self::read(file, variables)).collect()
    }
}

/// Schema and name of all tables of the warehouse.
pub(crate) struct Existing(HashSet<(String, String)>);

impl Existing {
    pub(crate) async fn read(warehouse: &dyn Warehouse) -> Result<Self, PipelineError> {
        let found = warehouse
            .query("SELECT table_schema, table_name FROM information_schema.tables")
            .await
            .map_err(PipelineError::warehouse("listing the tables"))?;
        let name = |row: Vec<Option<String>>| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(schema), Some(table)]) => Some((schema, table)),
            _ => None,
        };
        Ok(Self(found.rows.into_iter().filter_map(name).collect()))
    }

    pub(crate) fn has(&self, table: &TableName) -> bool {
        let schema = table.schema.as_deref().unwrap_or("public");
        self.0.contains(&(schema.to_owned(), table.name.clone()))
    }

    pub(crate) fn has_ledger(&self) -> bool {
        self.0.contains(&("public".to_owned(), LEDGER_TABLE.to_owned()))
    }
}

/// Creates the tables that are missing, the ledger too, and returns the names of the pipeline's ones.
pub(crate) async fn create_missing(
    files: &[TableFile],
    warehouse: &dyn Warehouse,
) -> Result<Vec<String>, PipelineError> {
    let existing = Existing::read(warehouse).await?;
    let mut created = Vec::new();
    for file in files.iter().filter(|file| !existing.has(&file.name)) {
        for statement in &file.statements {
            warehouse.execute(&statement.sql).await.map_err(|error| statement.error(error))?;
        }
        created.push(file.name.to_string());
    }
    if !existing.has_ledger() {
        warehouse.execute(ledger::CREATE).await.map_err(PipelineError::warehouse("creating the ledger"))?;
    }
    Ok(created)
}

/// Creates the tables that are missing, all or none, and returns their names.
///
/// # Errors
/// [`PipelineError::Statement`] with file and line; nothing was created then.
pub async fn create(
    pipeline: &Pipeline,
    variables: &Variables,
    warehouse: &dyn Warehouse,
) -> Result<Vec<String>, PipelineError> {
    let files = TableFile::all(pipeline, variables)?;
    in_transaction(warehouse, async { create_missing(&files, warehouse).await }).await
}

/// Drops the tables, the ones that reference others first, and forgets in the ledger what was loaded into
/// them. Returns the names of those that were there.
///
/// # Errors
/// [`PipelineError::Warehouse`], for example for a view that needs a table; nothing was dropped then.
pub async fn drop_all(
    pipeline: &Pipeline,
    variables: &Variables,
    warehouse: &dyn Warehouse,
) -> Result<Vec<String>, PipelineError> {
    let files = TableFile::all(pipeline, variables)?;
    let existing = Existing::read(warehouse).await?;
    in_transaction(warehouse, async {
        let mut dropped = Vec::new();
        for file in files.iter().rev().filter(|file| existing.has(&file.name)) {
            let name = file.name.to_string();
            let doing = format!("dropping {name}");
            warehouse
                .execute(&format!("DROP TABLE {name}"))
                .await
                .map_err(PipelineError::warehouse(&doing))?;
            dropped.push(name);
        }
        if existing.has_ledger() {
            ledger::forget(warehouse, &pipeline.name)
                .await
                .map_err(PipelineError::warehouse("forgetting what was loaded"))?;
        }
        Ok(dropped)
    })
    .await
}

/// The tables of the pipeline with their rows.
///
/// # Errors
/// [`PipelineError::Warehouse`].
pub async fn list(
    pipeline: &Pipeline,
    variables: &Variables,
    warehouse: &dyn Warehouse,
) -> Result<Vec<TableStatus>, PipelineError> {
    let files = TableFile::all(pipeline, variables)?;
    let existing = Existing::read(warehouse).await?;
    let mut tables = Vec::with_capacity(files.len());
    for file in &files {
        let table = file.name.to_string();
        let rows = if existing.has(&file.name) { Some(count(&table, warehouse).await?) } else { None };
        let description = file.statements.iter().find_map(|statement| match &statement.statement {
            Statement::Comment { on: dwh_sql::statement::CommentTarget::Table(_), text } => text.clone(),
            _ => None,
        });
        tables.push(TableStatus { table, rows, description });
    }
    Ok(tables)
}

async fn count(table: &str, warehouse: &dyn Warehouse) -> Result<u64, PipelineError> {
    let result = warehouse
        .query(&format!("SELECT COUNT(*) AS row_count FROM {table}"))
        .await
        .map_err(PipelineError::warehouse("counting rows"))?;
    Ok(result.value(0, "row_count").and_then(|count| count.parse().ok()).unwrap_or_default())
}

/// The columns of a table, as `pg_table_def` has them: column, type, encoding, distkey, sortkey, notnull.
///
/// # Errors
/// [`PipelineError::Warehouse`], with 42P01 if there is no such table.
pub async fn describe(table: &str, warehouse: &dyn Warehouse) -> Result<ResultSet, PipelineError> {
    let sql = format!(
        "SELECT \"column\", type, encoding, distkey, sortkey, \"notnull\" FROM pg_table_def \
         WHERE schemaname = 'public' AND tablename = {}",
        quote_literal(table)
    );
    let found = warehouse.query(&sql).await.map_err(PipelineError::warehouse("describing a table"))?;
    if found.rows.is_empty() {
        let source = SqlError::new(
            dwh_common::SqlState::UndefinedTable,
            format!("relation \"{table}\" does not exist"),
        );
        return Err(PipelineError::Warehouse {
            doing: "describing a table".to_owned(),
            source: Box::new(source),
        });
    }
    Ok(found)
}

/// Commits what `work` did, or rolls it back if it failed.
pub(crate) async fn in_transaction<T>(
    warehouse: &dyn Warehouse,
    work: impl Future<Output = Result<T, PipelineError>>,
) -> Result<T, PipelineError> {
    warehouse.execute("BEGIN").await.map_err(PipelineError::warehouse("beginning the transaction"))?;
    match work.await {
        Ok(done) => {
            warehouse.execute("COMMIT").await.map_err(PipelineError::warehouse("committing"))?;
            Ok(done)
        }
        Err(error) => {
            // The first error says what happened; a rollback that fails, too, has nothing to add to it. Where the
            // session is gone, so is the transaction.
            if !error.is_broken_connection()
                && let Err(rollback) = warehouse.execute("ROLLBACK").await
            {
                tracing::warn!(%rollback, "the transaction was not rolled back");
            }
            Err(error)
        }
    }
}
