//! Redshift: sessions of a cluster or workgroup, as `dwh-pipeline` opens them.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::StringArray;
use async_trait::async_trait;
use dwh_common::{SqlError, SqlState};
use dwh_pipeline::{RedshiftWarehouse, StatementOutput, Types};
use dwh_sql::limited;
use tokio::sync::Notify;

use super::{About, Column, Connection, Done, Output, PipelineConnection, Target, Warehouse};

/// A database of Redshift, as one user may use it.
pub struct Redshift {
    database: RedshiftWarehouse,
    about: About,
    is_owner: bool,
    max_rows: usize,
}

impl Redshift {
    /// For whoever started the console, with the login that is configured; `location` is what the page says about where
    /// it is. Of a query that has no limit `max_rows` are read, and one more, which tells that there are more.
    pub fn owner(
        database: RedshiftWarehouse,
        location: String,
        name: String,
        user: String,
        max_rows: usize,
    ) -> Self {
        let about = About { target: Target::Redshift, location, database: name, user };
        Self { database, about, is_owner: true, max_rows }
    }

    /// For a database user who has signed in.
    pub fn without_ownership(self) -> Self {
        Self { is_owner: false, ..self }
    }
}

#[async_trait]
impl Warehouse for Redshift {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn is_owner(&self) -> bool {
        self.is_owner
    }

    async fn connect(&self) -> Result<Arc<dyn Connection>, SqlError> {
        Ok(Arc::new(RedshiftConnection {
            session: self.database.another(),
            cancel: Notify::new(),
            max_rows: self.max_rows,
        }))
    }

    async fn connect_pipeline(&self) -> Result<PipelineConnection, SqlError> {
        Ok(PipelineConnection { warehouse: Arc::new(self.database.another()), progress: None })
    }
}

struct RedshiftConnection {
    session: RedshiftWarehouse,
    cancel: Notify,
    max_rows: usize,
}

#[async_trait]
impl Connection for RedshiftConnection {
    async fn run(&self, sql: &str, output: &mut dyn Output) -> Result<(), SqlError> {
        let sql = limited(sql, self.max_rows);
        // A session cancels on the cluster what nobody waits for any more.
        let outputs = tokio::select! {
            outputs = self.session.run(&sql, Types::Wanted) => outputs?,
            () = self.cancel.notified() => {
                let message = "Query cancelled on user's request";
                return Err(SqlError::new(SqlState::QueryCanceled, message));
            }
        };
        for statement in outputs {
            tell(statement, output);
        }
        Ok(())
    }

    fn cancel(&self) {
        self.cancel.notify_waiters();
    }
}

fn tell(statement: StatementOutput, output: &mut dyn Output) {
    let StatementOutput { tag, columns, rows, rows_affected, notices } = statement;
    if let Some(columns) = columns {
        let text = |index: usize| {
            rows.iter().map(|row| row.get(index).and_then(Option::as_deref)).collect::<StringArray>()
        };
        let texts: Vec<StringArray> = (0..columns.len()).map(text).collect();
        let column =
            |column: dwh_pipeline::OutputColumn| Column { name: column.name, data_type: column.data_type };
        output.columns(columns.into_iter().map(column).collect());
        if !rows.is_empty() {
            // There are no more rows, whether the output wants them or not.
            let (ControlFlow::Continue(()) | ControlFlow::Break(())) = output.rows(texts);
        }
    }
    output.done(Done { tag, rows_affected, notices });
}
