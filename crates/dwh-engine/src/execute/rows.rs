//! Rows on their way into a table: columns put in the table's order, IDENTITY and DEFAULT filled in,
//! NOT NULL checked, then kept in memory or written to files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream_partitioned;
use dwh_common::{SqlError, SqlState};
use dwh_storage::{Identity, StagedFile, Table, TableWriter, column_takes};
use futures::TryStreamExt;
use tokio::task::JoinSet;

use crate::context::StatementContext;
use crate::functions::cast::stored;
use crate::functions::partiql::stored_super;

/// A lane that has more rows than this writes them to a file instead of keeping them in memory.
const MAX_ROWS_IN_MEMORY: u64 = 65_536;
/// Fewer rows of a lane go into one file with those of the others.
const MIN_ROWS_OF_FILE: u64 = 8192;

/// Where the values of a table's column come from.
#[derive(Debug, Clone)]
pub(super) enum ColumnSource {
    /// This column of the incoming rows.
    Input(usize),
    /// The same value in all rows: a DEFAULT, evaluated once a statement (RS 1.13).
    Constant(ScalarValue),
    /// Generated.
    Identity(Arc<IdentityCounter>),
    /// This column of the incoming rows, generated where it is NULL.
    InputOrIdentity(usize, Arc<IdentityCounter>),
}

/// Hands out IDENTITY values to the lanes of one statement; the table's lock keeps others away.
#[derive(Debug)]
pub(super) struct IdentityCounter {
    first: i64,
    step: i64,
    taken: AtomicU64,
}

/// Puts rows into the shape of a table.
#[derive(Debug)]
pub(super) struct RowAssembler {
    schema: SchemaRef,
    sources: Vec<ColumnSource>,
}

/// What a lane has at its end.
pub(super) struct FinishedLane {
    rows: u64,
    batches: Vec<RecordBatch>,
    files: Vec<StagedFile>,
}

/// One lane of rows into a table.
pub(super) struct Lane {
    assembler: Arc<RowAssembler>,
    /// Opens its first file with its first rows.
    writer: TableWriter,
    /// Rows not handed to the writer: all of a lane that stays small.
    batches: Vec<RecordBatch>,
    rows: u64,
}

impl IdentityCounter {
    /// A counter that goes on where the table's last statement stopped.
    pub(super) fn new(
        context: &mut StatementContext<'_>,
        table: &Table,
        column: &str,
        identity: Identity,
    ) -> Result<Self, SqlError> {
        let first = context.transaction.reserve_identity(table.id, column, 0)?;
        Ok(Self { first, step: identity.step, taken: AtomicU64::new(0) })
    }

    fn take(&self, count: usize) -> ArrayRef {
        let from = self.taken.fetch_add(count as u64, Ordering::Relaxed) as i64;
        let values = (from..from + count as i64).map(|n| self.first.wrapping_add(n.wrapping_mul(self.step)));
        Arc::new(Int64Array::from_iter_values(values))
    }

    /// The column with a value of the counter in place of each NULL.
    fn fill(&self, column: &ArrayRef) -> Result<ArrayRef, SqlError> {
        let missing = column.null_count();
        if missing == 0 {
            return Ok(Arc::clone(column));
        }
        let generated = self.take(missing);
        let (generated, mut next) = (generated.as_primitive::<Int64Type>(), 0);
        let given = cast(column, &DataType::Int64).map_err(|error| SqlError::internal(error.to_string()))?;
        let values = given.as_primitive::<Int64Type>().iter().map(|value| {
            value.unwrap_or_else(|| {
                next += 1;
                generated.value(next - 1)
            })
        });
        Ok(Arc::new(Int64Array::from_iter_values(values)))
    }

    /// Tells storage how many values were used.
    fn close(&self, context: &mut StatementContext<'_>, table: &Table, column: &str) -> Result<(), SqlError> {
        let taken = self.taken.load(Ordering::Relaxed);
        context.transaction.reserve_identity(table.id, column, taken)?;
        Ok(())
    }
}

impl RowAssembler {
    /// `sources` has one entry for each column of the table, in order.
    pub(super) fn new(table: &Table, sources: Vec<ColumnSource>) -> Self {
        Self { schema: table.schema(), sources }
    }

    /// The rows in the table's shape; text may stay a dictionary.
    ///
    /// # Errors
    /// 23502 for a NULL in a NOT NULL column, 22003 for an IDENTITY value outside its type.
    pub(super) fn assemble(&self, batch: &RecordBatch) -> Result<RecordBatch, SqlError> {
        let rows = batch.num_rows();
        let mut columns = Vec::with_capacity(self.sources.len());
        for (source, field) in self.sources.iter().zip(self.schema.fields()) {
            let column = match source {
                ColumnSource::Input(index) => Arc::clone(batch.column(*index)),
                ColumnSource::Constant(value) => value
                    .to_array_of_size(rows)
                    .map_err(|error| SqlError::internal(format!("DEFAULT of {}: {error}", field.name())))?,
                ColumnSource::Identity(counter) => counter.take(rows),
                ColumnSource::InputOrIdentity(index, counter) => counter.fill(batch.column(*index))?,
            };
            let column = if column_takes(field, column.data_type()) {
                column
            } else if *column.data_type() == DataType::LargeUtf8 {
                stored_super(&column)
            } else {
                let column = stored(&column).map_err(|error| crate::error::from_datafusion(&error, ""))?;
                cast(&column, field.data_type()).map_err(|error| {
                    SqlError::new(
                        SqlState::NumericValueOutOfRange,
                        format!("column \"{}\": {error}", field.name()),
                    )
                })?
            };
            if !field.is_nullable() && column.null_count() > 0 {
                return Err(SqlError::new(
                    SqlState::NotNullViolation,
                    format!("Cannot insert a NULL value into column {}", field.name()),
                ));
            }
            columns.push(column);
        }
        let fields = self.schema.fields().iter().zip(&columns);
        let fields =
            fields.map(|(field, column)| Field::clone(field).with_data_type(column.data_type().clone()));
        RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns)
            .map_err(|error| SqlError::internal(format!("rows do not fit their table: {error}")))
    }
}

impl Lane {
    /// A lane into `table`.
    pub(super) fn new(
        context: &StatementContext<'_>,
        table: &Table,
        assembler: &Arc<RowAssembler>,
    ) -> Result<Self, SqlError> {
        let writer = context.transaction.writer(table.id)?;
        Ok(Self { assembler: Arc::clone(assembler), writer, batches: Vec::new(), rows: 0 })
    }

    /// Takes rows in the order of the assembler's inputs. Blocks while a file is written.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), SqlError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.batches.push(self.assembler.assemble(batch)?);
        self.rows += batch.num_rows() as u64;
        if self.rows > MAX_ROWS_IN_MEMORY {
            self.write_out()?;
        }
        Ok(())
    }

    /// As [`Self::finish`], but what is worth a file of its own is written here and not when the transaction
    /// commits, which writes for all lanes on one core.
    pub(super) fn finish_in_file(mut self) -> Result<FinishedLane, SqlError> {
        if self.rows > MIN_ROWS_OF_FILE {
            self.write_out()?;
        }
        self.finish()
    }

    fn write_out(&mut self) -> Result<(), SqlError> {
        for batch in self.batches.drain(..) {
            self.writer.write(&batch)?;
        }
        Ok(())
    }

    /// The rows taken and where they are now.
    pub(super) fn finish(self) -> Result<FinishedLane, SqlError> {
        Ok(FinishedLane { rows: self.rows, batches: self.batches, files: self.writer.finish()? })
    }
}

/// Adds what the lanes of a statement hold to the table and closes its IDENTITY counters.
pub(super) fn append(
    context: &mut StatementContext<'_>,
    table: &Table,
    assembler: &RowAssembler,
    lanes: Vec<FinishedLane>,
) -> Result<u64, SqlError> {
    let mut total = 0;
    for lane in lanes {
        total += lane.rows;
        if !lane.files.is_empty() {
            context.transaction.append_files(table.id, lane.files)?;
        }
        if !lane.batches.is_empty() {
            context.transaction.append(table.id, lane.batches)?;
        }
    }
    for (source, column) in assembler.sources.iter().zip(&table.definition.columns) {
        if let ColumnSource::Identity(counter) | ColumnSource::InputOrIdentity(_, counter) = source {
            counter.close(context, table, &column.name)?;
        }
    }
    context.wrote("insert", table, total);
    Ok(total)
}

/// Runs a plan on all its partitions and adds its rows to the table.
pub(super) async fn insert_plan(
    context: &mut StatementContext<'_>,
    table: &Table,
    plan: &LogicalPlan,
    sources: Vec<ColumnSource>,
) -> Result<u64, SqlError> {
    let assembler = Arc::new(RowAssembler::new(table, sources));
    let physical = context.physical(plan).await?;
    let streams = execute_stream_partitioned(physical, context.state().task_ctx())
        .map_err(|error| context.submitted_error(&error))?;
    // A JoinSet stops the other lanes when one fails or the statement is dropped.
    let mut tasks = JoinSet::new();
    for mut stream in streams {
        let mut lane = Lane::new(context, table, &assembler)?;
        let text = context.submitted.to_owned();
        tasks.spawn(async move {
            while let Some(batch) =
                stream.try_next().await.map_err(|error| crate::error::from_datafusion(&error, &text))?
            {
                lane.write(&batch)?;
            }
            lane.finish()
        });
    }
    let mut finished = Vec::new();
    while let Some(lane) = tasks.join_next().await {
        finished
            .push(lane.map_err(|error| SqlError::internal(format!("a lane of the statement: {error}")))??);
    }
    append(context, table, &assembler, finished)
}
