//! One session of a Redshift database, whichever way it is reached.

use async_trait::async_trait;
use dwh_common::{RedshiftType, SqlError};

use super::statements;

/// What one statement gave back, rows as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementOutput {
    /// Command tag, as on the wire: `INSERT 0 5`.
    pub tag: String,
    /// Columns; `None` for a statement without rows.
    pub columns: Option<Vec<OutputColumn>>,
    /// Values, NULL as `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows inserted, updated or deleted.
    pub rows_affected: Option<u64>,
    /// Notices, in order: `INFO:  …`.
    pub notices: Vec<String>,
}

impl StatementOutput {
    /// The output of a statement whose way to Redshift tells rows and a count, and no tag.
    pub fn with_tag_of(
        sql: &str,
        columns: Option<Vec<OutputColumn>>,
        rows: Vec<Vec<Option<String>>>,
        row_count: u64,
    ) -> Self {
        Self {
            tag: statements::tag(sql, row_count),
            columns,
            rows,
            rows_affected: statements::counts_changed_rows(sql).then_some(row_count),
            notices: Vec::new(),
        }
    }
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Label.
    pub name: String,
    /// Type, where it was asked for and is known.
    pub data_type: Option<RedshiftType>,
}

/// Whether the types of columns are wanted: finding them may take another round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Types {
    /// Text will do.
    Unwanted,
    /// For output that tells numbers from text.
    Wanted,
}

/// Opens sessions.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Opens a session.
    ///
    /// # Errors
    /// [`SqlState::ConnectionFailure`](dwh_common::SqlState::ConnectionFailure) where another try may help.
    async fn connect(&self) -> Result<Box<dyn Connection>, SqlError>;
}

/// An open session.
#[async_trait]
pub trait Connection: Send + Sync {
    /// Runs the statements of a text, several as one transaction unless they say otherwise.
    ///
    /// # Errors
    /// What the database says, or
    /// [`SqlState::ConnectionFailure`](dwh_common::SqlState::ConnectionFailure) if it cannot say anything.
    async fn run(&self, sql: &str, types: Types) -> Result<Vec<StatementOutput>, SqlError>;
}
