//! One session of a Redshift database, whichever way it is reached.

use std::ops::ControlFlow;

use async_trait::async_trait;
use dwh_common::{RedshiftType, SqlError};

use super::statements;
use crate::warehouse::StatementSummary;

/// A row as text, NULL as `None`.
pub type TextRow = Vec<Option<String>>;

/// Gets what the statements of a text give back, one statement after another: its columns, if it has rows, then the
/// rows as they come, then its end.
pub trait StatementSink: Send {
    /// The statement returns rows with these columns.
    fn columns(&mut self, columns: Vec<OutputColumn>);

    /// Some of its rows; `Break` wants no more of this statement.
    fn rows(&mut self, rows: Vec<TextRow>) -> ControlFlow<()>;

    /// The statement is done.
    fn done(&mut self, summary: StatementSummary);

    /// Forgets what it was given, so that the text can run once more; `false` if it cannot.
    fn begin_anew(&mut self) -> bool {
        false
    }
}

impl StatementSummary {
    /// The summary of a statement, of which the way to Redshift tells a count and no tag.
    pub fn of(sql: &str, row_count: u64) -> Self {
        Self {
            tag: statements::tag(sql, row_count),
            rows_affected: statements::counts_changed_rows(sql).then_some(row_count),
            notices: Vec::new(),
        }
    }
}

/// What one statement gave back, as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementOutput {
    /// What it did.
    pub summary: StatementSummary,
    /// Columns; `None` for a statement without rows.
    pub columns: Option<Vec<OutputColumn>>,
    /// Values.
    pub rows: Vec<TextRow>,
}

/// Keeps all that statements give back.
#[derive(Debug, Default)]
pub struct Collected {
    outputs: Vec<StatementOutput>,
    current: StatementOutput,
}

impl Collected {
    /// The statements that are done.
    pub fn into_outputs(self) -> Vec<StatementOutput> {
        self.outputs
    }
}

impl StatementSink for Collected {
    fn columns(&mut self, columns: Vec<OutputColumn>) {
        self.current.columns = Some(columns);
    }

    fn rows(&mut self, rows: Vec<TextRow>) -> ControlFlow<()> {
        self.current.rows.extend(rows);
        ControlFlow::Continue(())
    }

    fn done(&mut self, summary: StatementSummary) {
        let current = std::mem::take(&mut self.current);
        self.outputs.push(StatementOutput { summary, ..current });
    }

    fn begin_anew(&mut self) -> bool {
        *self = Self::default();
        true
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
    /// Runs the statements of a text, several as one transaction unless they say otherwise. Rows are told as they come,
    /// so that a result of any length takes little memory here.
    ///
    /// # Errors
    /// What the database says, or
    /// [`SqlState::ConnectionFailure`](dwh_common::SqlState::ConnectionFailure) if it cannot say anything.
    async fn run(&self, sql: &str, types: Types, sink: &mut dyn StatementSink) -> Result<(), SqlError>;
}
