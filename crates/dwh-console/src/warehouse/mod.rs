//! What the console needs of a warehouse: connections that run SQL and tell rows as text.

mod accounts;
mod embedded;
mod redshift;

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::StringArray;
use async_trait::async_trait;
use dwh_common::{RedshiftType, Secret, SqlError};
use dwh_engine::Progress;
use serde::Serialize;

pub use accounts::EmbeddedAccounts;
pub use embedded::Embedded;
pub use redshift::Redshift;

/// A warehouse, as one user may use it.
#[async_trait]
pub trait Warehouse: Send + Sync {
    /// What the page says about it.
    fn about(&self) -> About;

    /// Whether whoever has signed in may end what others do in the console.
    fn is_owner(&self) -> bool;

    /// Opens a connection: settings, temporary tables and a transaction of its own.
    async fn connect(&self) -> Result<Arc<dyn Connection>, SqlError>;

    /// Opens a connection for the runs, checks and verifications of a pipeline.
    async fn connect_pipeline(&self) -> Result<PipelineConnection, SqlError>;
}

/// Who may use a warehouse.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The warehouse as the user may use it.
    ///
    /// # Errors
    /// 28P01 for a wrong name or password.
    async fn sign_in(&self, user: &str, password: &Secret) -> Result<Arc<dyn Warehouse>, SqlError>;
}

/// What the page says about a warehouse. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// What kind it is.
    pub target: Target,
    /// Folder, or host and port.
    pub location: String,
    /// Name of the database.
    pub database: String,
    /// The user.
    pub user: String,
}

/// What kind of warehouse it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The one in this process.
    Embedded,
    /// A Redshift endpoint.
    Redshift,
}

/// A connection. The console runs one text at a time on it.
#[async_trait]
pub trait Connection: Send + Sync {
    /// Runs the statements of a text as one transaction where they can be one, and tells their results.
    /// Positions of errors are within the text.
    async fn run(&self, sql: &str, output: &mut dyn Output) -> Result<(), SqlError>;

    /// Ends what runs now, as a cancel request does; [`Self::run`] then fails with 57014.
    fn cancel(&self);
}

/// Gets the results of a text: for each statement first its columns, if it has rows, then the rows, then
/// what it did.
pub trait Output: Send {
    /// A statement returns rows with these columns.
    fn columns(&mut self, columns: Vec<Column>);

    /// Some of its rows, an array a column; `Break` wants no more of this statement.
    fn rows(&mut self, rows: Vec<StringArray>) -> ControlFlow<()>;

    /// The statement is done.
    fn done(&mut self, done: Done);
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Label.
    pub name: String,
    /// Type; `None` where the warehouse tells none.
    pub data_type: Option<RedshiftType>,
}

/// What a statement did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Command tag, without the count of a SELECT: `SELECT`, `INSERT 0 5`.
    pub tag: String,
    /// Rows inserted, updated, deleted or loaded.
    pub rows_affected: Option<u64>,
    /// Notices, in order.
    pub notices: Vec<String>,
}

/// A connection for a pipeline. Whoever does not wait for an answer any more has cancelled what was asked.
pub struct PipelineConnection {
    /// Where it runs.
    pub warehouse: Arc<dyn dwh_pipeline::Warehouse>,
    /// Counts what COPY has done.
    pub progress: Arc<Progress>,
}

/// All rows of a query, for what the console itself asks.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    max_rows: Option<usize>,
}

impl Table {
    /// Runs a query and reads all rows.
    pub(crate) async fn query(connection: &dyn Connection, sql: &str) -> Result<Self, SqlError> {
        let mut table = Self::default();
        connection.run(sql, &mut table).await?;
        Ok(table)
    }

    /// Runs a query and reads so many rows.
    pub(crate) async fn first_rows(
        connection: &dyn Connection,
        sql: &str,
        max_rows: usize,
    ) -> Result<Self, SqlError> {
        let mut table = Self { max_rows: Some(max_rows), ..Self::default() };
        connection.run(sql, &mut table).await?;
        Ok(table)
    }
}

impl Output for Table {
    fn columns(&mut self, columns: Vec<Column>) {
        self.columns = columns;
        self.rows.clear();
    }

    fn rows(&mut self, rows: Vec<StringArray>) -> ControlFlow<()> {
        let count = rows.first().map_or(0, arrow::array::Array::len);
        let row = |index| rows.iter().map(|column| text(column, index).map(str::to_owned)).collect();
        let room = self.max_rows.map_or(count, |max_rows| max_rows.saturating_sub(self.rows.len()));
        self.rows.extend((0..count.min(room)).map(row));
        match count > room {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn done(&mut self, _: Done) {}
}

/// A value; `None` is NULL.
pub(crate) fn text(column: &StringArray, row: usize) -> Option<&str> {
    use arrow::array::Array;
    column.is_valid(row).then(|| column.value(row))
}
