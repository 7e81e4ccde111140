//! The embedded warehouse: a session of `dwh-engine`.

use std::sync::Arc;

use arrow::error::ArrowError;
use async_trait::async_trait;
use dwh_common::{SqlError, SqlState};
use dwh_copy::{CopyError, S3Access};
use dwh_engine::{ColumnText, Notice, Session, StatementResult, s3_access};
use dwh_sql::statement::Copy;
use dwh_storage::LoadFileRecord;

use super::{CopiedObject, ResultSet, SourceObject, StatementSummary, Warehouse};

/// Folder within the warehouse for what a run hands to COPY.
const FOLDER: &str = "manifests";

/// A session of the embedded warehouse.
#[derive(Clone)]
pub struct EmbeddedWarehouse {
    session: Arc<Session>,
}

impl EmbeddedWarehouse {
    /// Runs a pipeline on this session.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    /// The session.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }
}

#[async_trait]
impl Warehouse for EmbeddedWarehouse {
    async fn execute(&self, sql: &str) -> Result<Vec<StatementSummary>, SqlError> {
        let summary = |result: StatementResult| StatementSummary {
            tag: result.tag,
            rows_affected: result.rows_affected,
            notices: result.notices.iter().map(Notice::to_string).collect(),
        };
        Ok(self.session.execute(sql).await?.into_iter().map(summary).collect())
    }

    async fn query(&self, sql: &str) -> Result<ResultSet, SqlError> {
        let results = self.session.execute(sql).await?;
        let found = results.into_iter().filter_map(|result| result.result).next_back();
        match found {
            Some(found) => text_rows(&found).map_err(|error| {
                SqlError::internal(format!("the result cannot be written as text: {error}"))
            }),
            None => Err(SqlError::new(SqlState::SyntaxError, "a query must return rows")),
        }
    }

    async fn list_objects(&self, copy: &Copy) -> Result<Vec<SourceObject>, SqlError> {
        let stores = self.session.engine().stores();
        let objects = match dwh_copy::list(&copy.source, stores, &s3_access(copy)).await {
            Ok(objects) => objects,
            Err(CopyError::NoSuchPrefix { .. } | CopyError::NoSuchPath { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(objects.into_iter().map(SourceObject::from).collect())
    }

    async fn write_file(&self, name: &str, content: Vec<u8>) -> Result<String, SqlError> {
        let path = std::path::absolute(self.session.engine().dir().join(FOLDER).join(name))
            .map_err(|error| SqlError::new(SqlState::IoError, error.to_string()))?;
        let url = path.display().to_string();
        dwh_copy::write_object(&url, content.into(), self.session.engine().stores(), &S3Access::default())
            .await?;
        Ok(url)
    }

    async fn copied_objects(&self) -> Result<Vec<CopiedObject>, SqlError> {
        let last = self.query("SELECT pg_last_copy_id() AS query_id").await?;
        let query_id = last.value(0, "query_id").and_then(|id| id.parse().ok());
        let query_id = query_id.ok_or_else(|| SqlError::internal("pg_last_copy_id() gave no number"))?;
        let files = self.session.engine().warehouse().load_log().files_of(query_id);
        let files = files?;
        let object = |file: LoadFileRecord| CopiedObject {
            url: file.file_name.to_string(),
            rows_loaded: file.rows,
            rows_rejected: file.errors,
        };
        Ok(files.into_iter().map(object).collect())
    }
}

fn text_rows(found: &dwh_engine::ResultSet) -> Result<ResultSet, ArrowError> {
    let columns = found.schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::with_capacity(found.row_count());
    for batch in &found.batches {
        let texts = batch
            .columns()
            .iter()
            .map(|column| ColumnText::new(column, &found.style))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            rows.push(texts.iter().map(|column| column.get(row)).collect::<Result<_, _>>()?);
        }
    }
    Ok(ResultSet { columns, rows })
}
