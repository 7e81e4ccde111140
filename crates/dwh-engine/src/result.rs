//! What a statement gives back.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, FieldRef, IntervalUnit, SchemaRef};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::memory::MemoryStream;
use dwh_common::SqlError;
use futures::TryStreamExt;

use crate::functions::cast::to_text;
use crate::functions::datetime::style::TextStyle;
use crate::functions::partiql::stored_super;
use crate::session::Limits;
use crate::statement_log::{RowsLog, StatementLog};

/// The outcome of one statement, its rows not yet read.
pub struct Outcome {
    /// Command tag as on the wire: `SELECT`, `INSERT 0 5`, `COPY`, `CREATE TABLE`, …
    pub tag: String,
    /// Rows, for statements that return some.
    pub rows: Option<Rows>,
    /// Notices, in order (RS 1.14).
    pub notices: Vec<Notice>,
    /// Rows inserted, updated, deleted or loaded.
    pub rows_affected: Option<u64>,
}

/// Rows as they come: the schema carries Redshift's types in its field metadata.
pub struct Rows {
    /// Labels and types of the columns.
    pub schema: SchemaRef,
    /// How the session that asked for them writes values as text.
    pub style: TextStyle,
    stream: SendableRecordBatchStream,
    statement_text: String,
    /// Rows of a cursor that were read and not yet taken.
    pending: Option<RecordBatch>,
    /// What may end the reading early.
    limits: Option<Limits>,
    /// Writes the statement's log once the rows are read.
    log: Option<RowsLog>,
    /// Tells the session that reading failed, so that its transaction block fails too.
    failed: Option<Arc<AtomicBool>>,
}

/// The outcome of one statement with all its rows.
#[derive(Debug, Clone)]
pub struct StatementResult {
    /// Command tag as on the wire.
    pub tag: String,
    /// Rows, for statements that return some.
    pub result: Option<ResultSet>,
    /// Notices, in order.
    pub notices: Vec<Notice>,
    /// Rows inserted, updated, deleted or loaded.
    pub rows_affected: Option<u64>,
}

/// Rows in memory.
#[derive(Debug, Clone)]
pub struct ResultSet {
    /// Labels and types of the columns.
    pub schema: SchemaRef,
    /// How the session that asked for them writes values as text.
    pub style: TextStyle,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

/// Severity of a [`Notice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// What COPY reports.
    Info,
    /// What IF EXISTS reports.
    Notice,
    /// Something is likely not as meant.
    Warning,
}

/// A message beside the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub severity: Severity,
    /// The text.
    pub message: String,
}

impl Notice {
    /// A notice of severity INFO.
    pub fn info(message: impl Into<String>) -> Self {
        Self { severity: Severity::Info, message: message.into() }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Notice => "NOTICE",
            Severity::Warning => "WARNING",
        };
        write!(f, "{severity}:  {}", self.message)
    }
}

impl Outcome {
    /// An outcome without rows.
    pub(crate) fn done(tag: impl Into<String>) -> Self {
        Self { tag: tag.into(), rows: None, notices: Vec::new(), rows_affected: None }
    }

    /// An outcome that changed rows; the tag gets the count as PostgreSQL writes it.
    pub(crate) fn changed(command: &str, rows: u64) -> Self {
        let tag = if command == "INSERT" { format!("INSERT 0 {rows}") } else { format!("{command} {rows}") };
        Self { tag, rows: None, notices: Vec::new(), rows_affected: Some(rows) }
    }

    /// An outcome with rows.
    pub(crate) fn rows(tag: impl Into<String>, rows: Rows) -> Self {
        Self { tag: tag.into(), rows: Some(rows), notices: Vec::new(), rows_affected: None }
    }

    /// Lets reading the rows end early.
    pub(crate) fn limited(mut self, limits: &Limits) -> Self {
        if let Some(rows) = &mut self.rows {
            rows.limits = Some(limits.clone());
        }
        self
    }

    /// Writes the statement's log: at once, or when its rows are read.
    pub(crate) fn logged_by(mut self, log: StatementLog) -> Self {
        match &mut self.rows {
            Some(rows) => rows.log = Some(RowsLog::new(log)),
            None => log.finish(self.rows_affected.unwrap_or_default(), 0),
        }
        self
    }

    /// Lets the session know when reading the rows fails.
    pub(crate) fn watched_by(mut self, failed: &Arc<AtomicBool>) -> Self {
        if let Some(rows) = &mut self.rows {
            rows.failed = Some(Arc::clone(failed));
        }
        self
    }

    /// Reads all rows now, and keeps them in memory.
    pub(crate) async fn read(mut self) -> Result<Self, SqlError> {
        if let Some(rows) = self.rows.take() {
            self.rows = Some(rows.read().await?);
        }
        Ok(self)
    }

    /// Reads all rows.
    ///
    /// # Errors
    /// What went wrong while the statement ran.
    pub async fn collect(self) -> Result<StatementResult, SqlError> {
        let (result, tag) = match self.rows {
            Some(rows) => {
                let result = rows.collect().await?;
                let tag = match self.tag.as_str() {
                    "SELECT" | "FETCH" => format!("{} {}", self.tag, result.row_count()),
                    _ => self.tag,
                };
                (Some(result), tag)
            }
            None => (None, self.tag),
        };
        Ok(StatementResult { tag, result, notices: self.notices, rows_affected: self.rows_affected })
    }
}

impl Rows {
    /// `schema` has the labels of the result; the stream's own names do not matter.
    pub(crate) fn new(schema: SchemaRef, stream: SendableRecordBatchStream, statement_text: &str) -> Self {
        Self {
            schema,
            style: TextStyle::default(),
            stream,
            statement_text: statement_text.to_owned(),
            pending: None,
            limits: None,
            log: None,
            failed: None,
        }
    }

    /// The same, written as text in this style.
    pub(crate) fn in_style(self, style: TextStyle) -> Self {
        Self { style, ..self }
    }

    /// Rows that are in memory already.
    pub(crate) fn in_memory(batch: RecordBatch, statement_text: &str) -> Result<Self, SqlError> {
        Self::of_batches(batch.schema(), vec![batch], statement_text)
    }

    /// The next batch, `None` at the end.
    ///
    /// # Errors
    /// What went wrong while the statement ran.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, SqlError> {
        let Self { schema, style, stream, statement_text, limits, .. } = self;
        let next = async {
            match stream.try_next().await {
                Ok(batch) => batch.map(|batch| relabel(schema, batch, style)).transpose(),
                Err(error) => Err(crate::error::from_datafusion(&error, statement_text)),
            }
        };
        let read = match limits {
            Some(limits) => limits.guard(next).await,
            None => next.await,
        };
        if let Some(log) = &mut self.log {
            log.read(&read);
        }
        if let (Err(_), Some(failed)) = (&read, &self.failed) {
            failed.store(true, Ordering::Relaxed);
        }
        read
    }

    /// The same, reading them ends with the rows only.
    pub(crate) fn unlimited(self) -> Self {
        Self { limits: None, ..self }
    }

    /// Takes the next `count` rows, or as many as there are; the others can be taken later.
    pub(crate) async fn take(&mut self, count: u64) -> Result<Self, SqlError> {
        let mut batches = Vec::new();
        let mut missing = usize::try_from(count).unwrap_or(usize::MAX);
        while missing > 0 {
            let batch = match self.pending.take() {
                Some(batch) => batch,
                None => match self.next().await? {
                    Some(batch) => batch,
                    None => break,
                },
            };
            let rows = batch.num_rows().min(missing);
            missing -= rows;
            if rows < batch.num_rows() {
                self.pending = Some(batch.slice(rows, batch.num_rows() - rows));
            }
            batches.push(batch.slice(0, rows));
        }
        Ok(Self::of_batches(self.schema.clone(), batches, &self.statement_text)?.in_style(self.style))
    }

    /// Rows that are in memory already.
    fn of_batches(schema: SchemaRef, batches: Vec<RecordBatch>, text: &str) -> Result<Self, SqlError> {
        let stream = MemoryStream::try_new(batches, schema.clone(), None)
            .map_err(|error| crate::error::from_datafusion(&error, text))?;
        Ok(Self::new(schema, Box::pin(stream), text))
    }

    /// Reads all rows.
    ///
    /// # Errors
    /// What went wrong while the statement ran.
    pub async fn collect(mut self) -> Result<ResultSet, SqlError> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await? {
            batches.push(batch);
        }
        Ok(ResultSet { schema: self.schema, style: self.style, batches })
    }

    /// The same rows, read now: what is wrong with them is the statement's error.
    async fn read(self) -> Result<Self, SqlError> {
        let text = self.statement_text.clone();
        self.collect().await?.into_rows(&text)
    }
}

impl ResultSet {
    /// The same as rows to read.
    pub(crate) fn into_rows(self, statement_text: &str) -> Result<Rows, SqlError> {
        Ok(Rows::of_batches(self.schema, self.batches, statement_text)?.in_style(self.style))
    }

    /// Rows in all batches.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Gives a batch the result's labels and field metadata.
pub(crate) fn relabel(
    schema: &SchemaRef,
    batch: RecordBatch,
    style: &TextStyle,
) -> Result<RecordBatch, SqlError> {
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let as_described = |(column, field): (&ArrayRef, &FieldRef)| match column.data_type() {
        DataType::Null => Ok(new_null_array(field.data_type(), column.len())),
        // INTERVAL without a qualifier is no column type.
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            to_text(column, style).map(|text| Arc::new(text) as ArrayRef)
        }
        DataType::LargeUtf8 => Ok(stored_super(column)),
        _ => Ok(Arc::clone(column)),
    };
    let columns =
        batch.columns().iter().zip(schema.fields()).map(as_described).collect::<Result<Vec<_>, _>>();
    let columns = columns.map_err(|error| crate::error::from_datafusion(&error, ""))?;
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(|error| SqlError::internal(format!("the rows do not fit their description: {error}")))
}
