//! Redshift: sessions of a cluster or workgroup, as `dwh-pipeline` opens them.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::StringArray;
use async_trait::async_trait;
use dwh_common::{SqlError, SqlState};
use dwh_pipeline::{OutputColumn, RedshiftWarehouse, StatementSink, StatementSummary, TextRow, Types};
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
        let progress = Arc::default();
        let warehouse = self.database.another().counting_in(Arc::clone(&progress));
        Ok(PipelineConnection { warehouse: Arc::new(warehouse), progress })
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
        let mut told = Told { output, columns: 0 };
        tokio::select! {
            ran = self.session.run_into(&sql, Types::Wanted, &mut told) => ran,
            () = self.cancel.notified() => {
                Err(SqlError::new(SqlState::QueryCanceled, "Query cancelled on user's request"))
            }
        }
    }

    fn cancel(&self) {
        self.cancel.notify_waiters();
    }
}

/// Tells the console what the cluster tells.
struct Told<'a> {
    output: &'a mut dyn Output,
    columns: usize,
}

impl StatementSink for Told<'_> {
    fn columns(&mut self, columns: Vec<OutputColumn>) {
        self.columns = columns.len();
        let column = |column: OutputColumn| Column { name: column.name, data_type: column.data_type };
        self.output.columns(columns.into_iter().map(column).collect());
    }

    fn rows(&mut self, rows: Vec<TextRow>) -> ControlFlow<()> {
        let text = |index: usize| {
            rows.iter().map(|row| row.get(index).and_then(Option::as_deref)).collect::<StringArray>()
        };
        self.output.rows((0..self.columns).map(text).collect())
    }

    fn done(&mut self, StatementSummary { tag, rows_affected, notices }: StatementSummary) {
        self.output.done(Done { tag, rows_affected, notices });
    }
}
