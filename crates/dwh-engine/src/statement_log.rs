//! What the log keeps of a statement: begun when it starts, written when its last row was read.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use arrow::array::{Array, ArrayRef, RecordBatch};
use chrono::Utc;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use dwh_common::{SqlError, SqlState};
use dwh_copy::{Progress, ProgressCounts};
use dwh_sql::redact::redact;
use dwh_sql::statement::Statement;
use dwh_storage::{LogEntry, StatementClass, StatementRecord, StatementStatus, StepRecord, Table};

use crate::engine::Engine;
use crate::explain;
use crate::system_tables::catalog::relation_oid;

/// Bytes of a text that the log keeps: the longest VARCHAR (RS 4.1).
const MAX_TEXT_BYTES: usize = 65_535;

/// A statement that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// As it was when it began.
    begun: StatementRecord,
    planning_us: AtomicI64,
    lock_wait_us: AtomicI64,
    reads_tables: AtomicBool,
    is_returning: AtomicBool,
    plan: Mutex<Option<(LogicalPlan, Arc<dyn ExecutionPlan>)>>,
    /// What it did to the rows of tables.
    writes: Mutex<Vec<StepRecord>>,
    copy: OnceLock<RunningCopy>,
}

/// The counters of a COPY's session, and what they were when it began.
#[derive(Debug)]
struct RunningCopy {
    progress: Arc<Progress>,
    before: ProgressCounts,
}

impl Running {
    pub(crate) fn query_id(&self) -> i64 {
        self.begun.query_id
    }

    pub(crate) fn user_id(&self) -> i64 {
        self.begun.user_id
    }

    /// The statement as it is now.
    pub(crate) fn now(&self) -> StatementRecord {
        StatementRecord {
            planning_us: self.planning_us.load(Ordering::Relaxed),
            lock_wait_us: self.lock_wait_us.load(Ordering::Relaxed),
            on_leader: self.begun.class == StatementClass::Query
                && !self.reads_tables.load(Ordering::Relaxed),
            ended_at: Utc::now(),
            ..self.begun.clone()
        }
    }

    /// What its steps have done until now.
    pub(crate) fn steps(&self) -> Vec<StepRecord> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.as_ref()
            .map_or_else(Vec::new, |(_, physical)| explain::steps(physical.as_ref(), self.query_id()))
    }

    /// What it has copied until now, if it is a COPY that has begun to.
    pub(crate) fn copied(&self) -> Option<ProgressCounts> {
        self.copy.get().map(|copy| copy.progress.counts().since(&copy.before))
    }

    /// Whether its rows are being read.
    pub(crate) fn is_returning(&self) -> bool {
        self.is_returning.load(Ordering::Relaxed)
    }
}

/// The one who runs the statement: writes the log when it is told how the statement ended, or dropped.
pub(crate) struct StatementLog {
    engine: Engine,
    running: Arc<Running>,
    is_written: bool,
}

impl StatementLog {
    /// Notes that a statement begins. `begun` says who runs it; number, kind and time are given here.
    pub(crate) fn begin(engine: &Engine, statement: &Statement, mut begun: StatementRecord) -> Self {
        let (class, kind) = classify(statement);
        let query_id = engine.warehouse().query_log().next_query_id();
        shorten(&mut begun.text);
        let begun =
            StatementRecord { query_id, class, kind: kind.to_owned(), started_at: Utc::now(), ..begun };
        let running = Arc::new(Running {
            begun,
            planning_us: AtomicI64::default(),
            lock_wait_us: AtomicI64::default(),
            // What moves rows into tables runs on the compute nodes; a SELECT may not.
            reads_tables: AtomicBool::new(kind != "SELECT"),
            is_returning: AtomicBool::default(),
            plan: Mutex::default(),
            writes: Mutex::default(),
            copy: OnceLock::new(),
        });
        engine.activity().started(Arc::clone(&running));
        Self { engine: engine.clone(), running, is_written: false }
    }

    pub(crate) fn query_id(&self) -> i64 {
        self.running.query_id()
    }

    pub(crate) fn transaction_id(&self) -> u64 {
        self.running.begun.transaction_id.unsigned_abs()
    }

    /// Notes that the plan is made, after waiting for the locks that it needs.
    pub(crate) fn planned(&self, plan: LogicalPlan, physical: &Arc<dyn ExecutionPlan>) {
        let since_begin = Utc::now() - self.running.begun.started_at;
        let waited = self.running.lock_wait_us.load(Ordering::Relaxed);
        let planning = since_begin.num_microseconds().unwrap_or_default().saturating_sub(waited);
        self.running.planning_us.store(planning, Ordering::Relaxed);
        *self.running.plan.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((plan, Arc::clone(physical)));
    }

    /// Notes that a COPY begins to count there.
    pub(crate) fn copies(&self, progress: &Arc<Progress>) {
        let copy = RunningCopy { progress: Arc::clone(progress), before: progress.counts() };
        // A statement is one COPY.
        let _ = self.running.copy.set(copy);
    }

    /// Notes that rows of a table were written: `step` is `insert` or `delete`.
    pub(crate) fn wrote(&self, step: &str, table: &Table, rows: u64) {
        self.running.writes.lock().unwrap_or_else(PoisonError::into_inner).push(StepRecord {
            name: step.to_owned(),
            table_id: Some(relation_oid(table.id)),
            table_name: Some(table.definition.name.clone()),
            rows: Some(i64::try_from(rows).unwrap_or(i64::MAX)),
            ..StepRecord::default()
        });
    }

    pub(crate) fn waited_for_lock(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        self.running.lock_wait_us.fetch_add(micros, Ordering::Relaxed);
    }

    /// Notes that the statement reads what the compute nodes of a cluster have.
    pub(crate) fn reads_table(&self) {
        self.running.reads_tables.store(true, Ordering::Relaxed);
    }

    /// Whether `pg_last_query_id()` is this statement's from now on.
    pub(crate) fn is_query_on_nodes(&self) -> bool {
        self.running.begun.class == StatementClass::Query && self.running.reads_tables.load(Ordering::Relaxed)
    }

    /// Notes that the statement has ended well.
    pub(crate) fn finish(mut self, rows: u64, bytes: u64) {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.write(StatementRecord {
            rows,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            ..self.running.now()
        });
    }

    /// Notes that the statement has failed.
    pub(crate) fn fail(mut self, error: &SqlError) {
        let status = match error.state {
            SqlState::QueryCanceled | SqlState::AdminShutdown => StatementStatus::Canceled,
            _ => StatementStatus::Failed,
        };
        // An error may cite the statement.
        let mut message = redact(&error.message);
        shorten(&mut message);
        self.write(StatementRecord {
            status,
            error_code: Some(error.state.code().to_owned()),
            error_message: Some(message),
            ..self.running.now()
        });
    }

    fn write(&mut self, record: StatementRecord) {
        self.is_written = true;
        self.engine.activity().ended(record.query_id);
        let plan = self.running.plan.lock().unwrap_or_else(PoisonError::into_inner).take();
        let logs_plan = record.class == StatementClass::Query && !record.on_leader;
        let id = record.query_id;
        let (plan, mut steps) =
            plan.filter(|_| logs_plan).map_or_else(Default::default, |(plan, physical)| {
                (explain::plan_nodes(&plan, id), explain::steps(physical.as_ref(), id))
            });
        // What was written comes last, each in a segment of its own.
        let segment = steps.last().map_or(0, |step| step.segment + 1);
        let writes = std::mem::take(&mut *self.running.writes.lock().unwrap_or_else(PoisonError::into_inner));
        let numbered = |(step, segment)| StepRecord { query_id: id, segment, ..step };
        steps.extend(writes.into_iter().zip(segment..).map(numbered));
        self.engine.warehouse().query_log().add(LogEntry::Statement {
            record: Box::new(record),
            plan,
            steps,
        });
    }
}

impl Drop for StatementLog {
    fn drop(&mut self) {
        if !self.is_written {
            // Whoever ran it has gone.
            self.write(StatementRecord { status: StatementStatus::Canceled, ..self.running.now() });
        }
    }
}

/// Counts the rows of a statement while they are read. Rows that a client leaves unread are not an error.
pub(crate) struct RowsLog {
    log: Option<StatementLog>,
    rows: u64,
    bytes: u64,
}

impl RowsLog {
    pub(crate) fn new(log: StatementLog) -> Self {
        log.running.is_returning.store(true, Ordering::Relaxed);
        Self { log: Some(log), rows: 0, bytes: 0 }
    }

    pub(crate) fn read(&mut self, read: &Result<Option<RecordBatch>, SqlError>) {
        match read {
            Ok(Some(batch)) => {
                self.rows += batch.num_rows() as u64;
                self.bytes += batch.columns().iter().map(slice_bytes).sum::<u64>();
            }
            Ok(None) => self.finish(),
            Err(error) => {
                if let Some(log) = self.log.take() {
                    log.fail(error);
                }
            }
        }
    }

    fn finish(&mut self) {
        if let Some(log) = self.log.take() {
            log.finish(self.rows, self.bytes);
        }
    }
}

impl Drop for RowsLog {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Bytes of a column's rows, whatever its buffers hold besides.
fn slice_bytes(column: &ArrayRef) -> u64 {
    let bytes = column.to_data().get_slice_memory_size();
    bytes.unwrap_or_else(|_| column.get_array_memory_size()) as u64
}

/// Cuts a text to what the log keeps.
fn shorten(text: &mut String) {
    if text.len() > MAX_TEXT_BYTES {
        text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
        text.shrink_to_fit();
    }
}

/// Which log a statement is written to (the guide's pages STL_QUERYTEXT, STL_DDLTEXT, STL_UTILITYTEXT), and
/// what sys_query_history calls it.
fn classify(statement: &Statement) -> (StatementClass, &'static str) {
    use StatementClass::{Ddl, Query, Utility};
    match statement {
        Statement::Query(_) => (Query, "SELECT"),
        Statement::Insert(_) => (Query, "INSERT"),
        Statement::Update(_) => (Query, "UPDATE"),
        Statement::Delete(_) => (Query, "DELETE"),
        Statement::Merge(_) => (Query, "OTHER"),
        Statement::Copy(_) => (Query, "COPY"),
        Statement::Unload(_) => (Query, "UNLOAD"),
        Statement::CreateTableAs(_) => (Query, "CTAS"),
        Statement::CreateTable(_)
        | Statement::CreateView(_)
        | Statement::DropTable(_)
        | Statement::DropView(_)
        | Statement::CreateSchema(_)
        | Statement::DropSchema { .. }
        | Statement::AlterSchema { .. }
        | Statement::AlterTable { .. }
        | Statement::CreateMaterializedView(_)
        | Statement::AlterMaterializedView { .. }
        | Statement::DropMaterializedView(_)
        | Statement::CreateFunction(_)
        | Statement::AlterFunction { .. }
        | Statement::DropFunction(_)
        | Statement::CreateProcedure(_)
        | Statement::AlterProcedure { .. }
        | Statement::DropProcedures { .. } => (Ddl, "DDL"),
        _ => (Utility, "UTILITY"),
    }
}
