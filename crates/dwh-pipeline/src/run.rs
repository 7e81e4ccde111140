//! One run of a pipeline: everything that is new, in one transaction.

use std::time::{Duration, Instant};

use dwh_common::{ErrorKind, SqlError};

use crate::error::PipelineError;
use crate::ledger::{self, LEDGER_TABLE};
use crate::load::Load;
use crate::observer::{RunEvent, RunObserver};
use crate::pipeline::Pipeline;
use crate::sql_file::{FileStatement, SqlFile};
use crate::tables::{Existing, TableFile, create_missing, in_transaction};
use crate::variables::Variables;
use crate::warehouse::Warehouse;

/// What runs where, and who watches.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Values of its variables.
    pub variables: &'a Variables,
    /// One session, outside a transaction block and used by nobody else meanwhile.
    pub warehouse: &'a dyn Warehouse,
    /// Gets told what happens.
    pub observer: &'a dyn RunObserver,
}

/// How to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Empty the tables and load everything anew, in the same transaction.
    pub full_refresh: bool,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// The run's id in the ledger.
    pub run_id: String,
    /// Tables that were missing and were created.
    pub created_tables: Vec<String>,
    /// Whether all was loaded anew: asked for, or because a staging table was missing.
    pub refreshed: bool,
    /// Each load.
    pub loads: Vec<LoadReport>,
    /// Each transform; empty if nothing was new.
    pub transforms: Vec<TransformReport>,
    /// From the first listing to the commit.
    pub elapsed: Duration,
}

/// What a run did for one load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The load.
    pub load: String,
    /// The COPY's target.
    pub table: String,
    /// The COPY's source.
    pub source_url: String,
    /// Objects found there.
    pub objects_listed: u64,
    /// Those loaded by this run.
    pub objects_new: u64,
    /// Bytes of the new ones, as stored.
    pub bytes_new: u64,
    /// URLs of objects that were loaded before and have changed since; they are left as loaded.
    pub changed: Vec<String>,
    /// URLs of objects that were loaded before from this source and are gone; their rows stay.
    pub vanished: Vec<String>,
    /// Rows loaded by this run.
    pub rows_loaded: u64,
    /// Records rejected by this run; `stl_load_errors` has them.
    pub rows_rejected: u64,
    /// Time of the COPY.
    pub elapsed: Duration,
}

/// What a run did for one transform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransformReport {
    /// The transform.
    pub transform: String,
    /// Rows deleted, updated and inserted, all statements together.
    pub rows_affected: u64,
    /// Time.
    pub elapsed: Duration,
}

/// What a run needs of the pipeline's files.
struct Files<'a> {
    tables: Vec<TableFile>,
    loads: Vec<Load>,
    /// By name.
    transforms: Vec<(&'a str, Vec<FileStatement>)>,
}

impl<'a> Files<'a> {
    fn read(pipeline: &'a Pipeline, variables: &Variables) -> Result<Self, PipelineError> {
        let load = |file| Load::read(file, variables);
        let transform = |file: &'a SqlFile| Ok((file.name.as_str(), file.statements(variables)?));
        Ok(Self {
            tables: TableFile::all(pipeline, variables)?,
            loads: pipeline.loads.iter().map(load).collect::<Result<_, _>>()?,
            transforms: pipeline.transforms.iter().map(transform).collect::<Result<_, PipelineError>>()?,
        })
    }
}

/// Whether [`run`] could use the pipeline's files with these variables, for callers that want to know before
/// they open a warehouse, which would create it.
///
/// # Errors
/// A variable without a value, a statement that does not parse, or one that has no place in its folder.
pub fn check_files(pipeline: &Pipeline, variables: &Variables) -> Result<(), PipelineError> {
    Files::read(pipeline, variables).map(drop)
}

/// Runs a pipeline: lists the objects of each load, then in one transaction creates what is missing, loads
/// through a manifest what the ledger does not know, runs the transforms, and writes the ledger. If there is
/// nothing new, nothing is changed.
///
/// # Errors
/// The first thing that fails, with file and line where a file is at fault; the transaction is rolled back.
pub async fn run(job: Job<'_>, options: RunOptions) -> Result<RunReport, PipelineError> {
    let started = Instant::now();
    // All files are read before anything is touched.
    let mut files = Files::read(job.pipeline, job.variables)?;
    let mut attempt = 1;
    let mut report = loop {
        match try_once(job, options, &mut files).await {
            Err(error) if error.is_broken_connection() && job.warehouse.recover(attempt).await => {
                // What was not committed is gone, and what was is in the ledger.
                job.observer.event(RunEvent::Repeating { reason: &error });
                attempt += 1;
            }
            outcome => break outcome?,
        }
    };
    report.elapsed = started.elapsed();
    if report.has_changes() {
        job.observer.event(RunEvent::Committed { elapsed: report.elapsed });
        maintain(job, &files.tables).await;
    } else {
        job.observer.event(RunEvent::NothingNew);
    }
    Ok(report)
}

/// Lists the sources and runs the transaction.
async fn try_once(
    job: Job<'_>,
    options: RunOptions,
    files: &mut Files<'_>,
) -> Result<RunReport, PipelineError> {
    for load in &mut files.loads {
        load.list(job).await?;
    }
    job.warehouse.prepare_to_load().await.map_err(PipelineError::warehouse("asking the warehouse"))?;
    let has_ledger = Existing::read(job.warehouse).await?.has_ledger();

    let run_id = uuid::Uuid::now_v7().to_string();
    let mut done = None;
    let outcome = in_transaction(job.warehouse, async {
        done = Some(transaction(job, options, files, has_ledger, run_id.clone()).await?);
        Ok(())
    })
    .await;
    match (outcome, done) {
        (Ok(()), Some(report)) => Ok(report),
        // The connection broke while the commit was under way: only the ledger knows what became of it.
        (Err(error), Some(report)) if error.is_broken_connection() && report.has_changes() => {
            match ledger::has_run(job.warehouse, &run_id).await {
                Ok(true) => Ok(report),
                Ok(false) | Err(_) => Err(error),
            }
        }
        (Err(error), _) => Err(with_rejected_records(job, error).await),
        (Ok(()), None) => {
            let source = SqlError::internal("a transaction was committed without its work");
            Err(PipelineError::warehouse("running the pipeline")(source))
        }
    }
}

/// Adds to the error of a COPY what it rejected, where the warehouse still knows.
async fn with_rejected_records(job: Job<'_>, error: PipelineError) -> PipelineError {
    let PipelineError::Statement { path, line, statement, mut source } = error else { return error };
    if source.kind() == ErrorKind::LoadFailed
        && let Ok(rejected) = job.warehouse.load_errors().await
        && !rejected.rows.is_empty()
    {
        let text = |row: usize, column| rejected.value(row, column).unwrap_or_default().to_owned();
        let lines = (0..rejected.rows.len()).map(|row| {
            format!(
                "{}:{}: {}: {} ({:?})",
                text(row, "file"),
                text(row, "line"),
                text(row, "column"),
                text(row, "reason"),
                text(row, "value")
            )
        });
        let lines = lines.collect::<Vec<_>>().join("\n");
        source.detail = Some(source.detail.map_or(lines.clone(), |detail| format!("{detail}\n{lines}")));
    }
    PipelineError::Statement { path, line, statement, source }
}

async fn transaction(
    job: Job<'_>,
    options: RunOptions,
    Files { tables, loads, transforms }: &mut Files<'_>,
    has_ledger: bool,
    run_id: String,
) -> Result<RunReport, PipelineError> {
    // A second run on the same warehouse waits here, and then finds in the ledger what this one has loaded. The
    // lock comes before anything is read, because reading is what fixes the snapshot (RS 3.7).
    let lock = format!("LOCK public.{LEDGER_TABLE}");
    if has_ledger {
        execute(job, &lock, "locking the ledger").await?;
    }
    let created_tables = create_missing(tables, job.warehouse).await?;
    for table in &created_tables {
        job.observer.event(RunEvent::TableCreated { table });
    }
    if !has_ledger {
        execute(job, &lock, "locking the ledger").await?;
    }

    let mut refreshed = options.full_refresh;
    let mut must_reload = false;
    for load in loads.iter_mut() {
        let known_objects = load.compare(job).await?;
        // What the ledger says of a table that was dropped is void; its rows are numbered anew, so that
        // tables derived from it must be, too.
        refreshed |= known_objects > 0 && created_tables.contains(&load.report.table);
        // Without a manifest a COPY reads all of its source, so that what is there must go first.
        must_reload |= known_objects > 0 && !load.new.is_empty() && !job.warehouse.keeps_files();
    }
    if must_reload && !refreshed {
        let vanished: Vec<String> = loads.iter().flat_map(|load| load.report.vanished.clone()).collect();
        if !vanished.is_empty() {
            return Err(PipelineError::RowsWouldBeLost { vanished });
        }
    }
    refreshed |= must_reload;
    if refreshed {
        refresh(job, tables).await?;
        for load in loads.iter_mut() {
            load.compare(job).await?;
        }
    }
    for load in loads.iter() {
        job.observer.event(RunEvent::Compared(&load.report));
    }

    let mut report = RunReport {
        run_id,
        created_tables,
        refreshed,
        loads: Vec::new(),
        transforms: Vec::new(),
        elapsed: Duration::ZERO,
    };
    let mut entries = Vec::new();
    for load in loads.iter_mut().filter(|load| !load.new.is_empty()) {
        entries.extend(load.run(job, &report.run_id).await?);
    }
    report.loads = loads.iter().map(|load| load.report.clone()).collect();
    if report.has_changes() {
        for (name, statements) in transforms.iter() {
            report.transforms.push(transform(job, name, statements).await?);
        }
    }
    if !job.warehouse.keeps_files() {
        ledger::insert(job.warehouse, &entries)
            .await
            .map_err(PipelineError::warehouse("writing the ledger"))?;
    } else if let Some(load) = loads.iter().find(|load| !load.new.is_empty()) {
        ledger::add(job.warehouse, &entries, &load.copy)
            .await
            .map_err(PipelineError::warehouse("writing the ledger"))?;
    }
    Ok(report)
}

/// Empties the tables and the ledger. DELETE, because TRUNCATE would commit (RS 3.5).
async fn refresh(job: Job<'_>, tables: &[TableFile]) -> Result<(), PipelineError> {
    job.observer.event(RunEvent::Refreshing);
    for table in tables.iter().rev() {
        execute(job, &format!("DELETE FROM {}", table.name), &format!("emptying {}", table.name)).await?;
    }
    ledger::forget(job.warehouse, &job.pipeline.name)
        .await
        .map_err(PipelineError::warehouse("emptying the ledger"))
}

async fn transform(
    job: Job<'_>,
    name: &str,
    statements: &[FileStatement],
) -> Result<TransformReport, PipelineError> {
    job.observer.event(RunEvent::TransformStarted { transform: name });
    let started = Instant::now();
    let mut rows_affected = 0;
    for statement in statements {
        let done = job.warehouse.execute(&statement.sql).await.map_err(|error| statement.error(error))?;
        rows_affected += done.iter().filter_map(|summary| summary.rows_affected).sum::<u64>();
    }
    let report = TransformReport { transform: name.to_owned(), rows_affected, elapsed: started.elapsed() };
    job.observer.event(RunEvent::TransformFinished(&report));
    Ok(report)
}

/// Space, order of rows and statistics for Redshift's planner. VACUUM and ANALYZE work on what is committed;
/// without them the data is still right.
async fn maintain(job: Job<'_>, tables: &[TableFile]) {
    let verbs: &[&str] = if job.warehouse.wants_vacuum() { &["VACUUM", "ANALYZE"] } else { &["ANALYZE"] };
    for table in tables {
        for verb in verbs {
            if let Err(error) = job.warehouse.execute(&format!("{verb} {}", table.name)).await {
                tracing::warn!(table = %table.name, %error, "{verb} was not done");
            }
        }
    }
}

async fn execute(job: Job<'_>, sql: &str, doing: &str) -> Result<(), PipelineError> {
    job.warehouse.execute(sql).await.map(drop).map_err(PipelineError::warehouse(doing))
}

impl RunReport {
    /// Whether the run changed anything.
    pub fn has_changes(&self) -> bool {
        self.refreshed
            || !self.created_tables.is_empty()
            || self.loads.iter().any(|load| load.objects_new > 0)
    }
}
