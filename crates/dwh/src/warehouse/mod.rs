//! The warehouse that commands work on: embedded, or Redshift.

pub(crate) mod connect;
mod console;
mod data_api;
mod iam_login;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use dwh_common::SqlError;
use dwh_copy::Progress;
use dwh_engine::{ResultSet, Session, StatementResult, TextStyle};
use dwh_pipeline::{
    EmbeddedWarehouse, OutputColumn, RedshiftWarehouse, StatementOutput, TextRow, Types, Warehouse,
};

use crate::output::{Rows, TEXT_OF_TYPE};

/// A session of the warehouse.
#[derive(Clone)]
pub(crate) enum WarehouseSession {
    Embedded(EmbeddedWarehouse),
    Redshift(Arc<RedshiftWarehouse>),
}

/// What one statement gave back.
pub(crate) struct Answer {
    pub(crate) tag: String,
    pub(crate) rows: Option<Rows>,
    pub(crate) notices: Vec<String>,
}

impl WarehouseSession {
    pub(crate) fn embedded(session: Session) -> Self {
        Self::Embedded(EmbeddedWarehouse::new(Arc::new(session)))
    }

    /// The session as the pipeline crate takes it.
    pub(crate) fn as_warehouse(&self) -> &dyn Warehouse {
        match self {
            Self::Embedded(warehouse) => warehouse,
            Self::Redshift(warehouse) => warehouse.as_ref(),
        }
    }

    /// Counters of the session's COPYs, if they are counted.
    pub(crate) fn copy_progress(&self) -> Option<Arc<Progress>> {
        match self {
            Self::Embedded(warehouse) => Some(Arc::clone(warehouse.session().copy_progress())),
            Self::Redshift(warehouse) => warehouse.copy_progress().cloned(),
        }
    }

    /// Runs all statements of a text, several as one transaction.
    ///
    /// # Errors
    /// The first statement that failed.
    pub(crate) async fn run(&self, sql: &str) -> Result<Vec<Answer>, SqlError> {
        match self {
            Self::Embedded(warehouse) => {
                let results = warehouse.session().execute(sql).await?;
                Ok(results.into_iter().map(Answer::from).collect())
            }
            Self::Redshift(warehouse) => {
                warehouse.run(sql, Types::Wanted).await?.into_iter().map(answer_of_cluster).collect()
            }
        }
    }
}

impl From<StatementResult> for Answer {
    fn from(result: StatementResult) -> Self {
        let rows = |rows: ResultSet| Rows { schema: rows.schema, style: rows.style, batches: rows.batches };
        Self {
            tag: result.tag,
            rows: result.result.map(rows),
            notices: result.notices.iter().map(ToString::to_string).collect(),
        }
    }
}

fn answer_of_cluster(output: StatementOutput) -> Result<Answer, SqlError> {
    let StatementOutput { summary, columns, rows } = output;
    let rows = |columns: Vec<OutputColumn>| {
        let schema = schema_of_text(&columns);
        let batches = vec![batch_of_text(&schema, &rows)?];
        Ok::<_, SqlError>(Rows { schema, style: TextStyle::default(), batches })
    };
    Ok(Answer { tag: summary.tag, rows: columns.map(rows).transpose()?, notices: summary.notices })
}

/// Columns of texts as the cluster writes them, with their Redshift type beside them.
pub(crate) fn schema_of_text(columns: &[OutputColumn]) -> SchemaRef {
    let field = |column: &OutputColumn| {
        let field = Field::new(&column.name, DataType::Utf8, true);
        match column.data_type {
            Some(data_type) => field.with_metadata([(TEXT_OF_TYPE.to_owned(), data_type.to_string())].into()),
            None => field,
        }
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// Rows of such columns.
///
/// # Errors
/// Arrow refuses them.
pub(crate) fn batch_of_text(schema: &SchemaRef, rows: &[TextRow]) -> Result<RecordBatch, SqlError> {
    let array = |index: usize| {
        let values = rows.iter().map(|row| row.get(index).and_then(Option::as_deref));
        Arc::new(values.collect::<StringArray>()) as ArrayRef
    };
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let arrays = (0..schema.fields().len()).map(array).collect();
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
        .map_err(|error| SqlError::internal(error.to_string()))
}
