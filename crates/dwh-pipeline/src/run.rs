//! One run of a pipeline: everything that is new, in one transaction.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::Utc;
use dwh_common::SqlError;
use dwh_copy::{Manifest, ManifestEntry, ManifestMeta};
use dwh_sql::statement::{Authorization, Copy, CopyFormat, Statement, TableName};

use crate::error::PipelineError;
use crate::ledger::{self, Entry, LEDGER_TABLE};
use crate::observer::{RunEvent, RunObserver};
use crate::pipeline::Pipeline;
use crate::sql_file::{FileStatement, SqlFile};
use crate::tables::{TableFile, create_missing, in_transaction};
use crate::variables::Variables;
use crate::warehouse::{CopiedObject, SourceObject, Warehouse};

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

/// A load, ready to run.
struct Load {
    statement: FileStatement,
    copy: Copy,
    listed: Vec<SourceObject>,
    /// Indexes in `listed` of what the ledger does not know.
    new: Vec<usize>,
    report: LoadReport,
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
    let Files { tables, mut loads, transforms } = Files::read(job.pipeline, job.variables)?;
    for load in &mut loads {
        load.list(job).await?;
    }

    let run_id = uuid::Uuid::now_v7().to_string();
    let mut report = in_transaction(job.warehouse, async {
        transaction(job, options, &tables, &mut loads, &transforms, run_id).await
    })
    .await?;
    report.elapsed = started.elapsed();
    if report.has_changes() {
        job.observer.event(RunEvent::Committed { elapsed: report.elapsed });
        analyze(job, &tables).await;
    } else {
        job.observer.event(RunEvent::NothingNew);
    }
    Ok(report)
}

async fn transaction(
    job: Job<'_>,
    options: RunOptions,
    tables: &[TableFile],
    loads: &mut [Load],
    transforms: &[(&str, Vec<FileStatement>)],
    run_id: String,
) -> Result<RunReport, PipelineError> {
    let created_tables = create_missing(tables, job.warehouse).await?;
    for table in &created_tables {
        job.observer.event(RunEvent::TableCreated { table });
    }
    // A second run on the same warehouse waits here, and then finds in the ledger what this one has loaded.
    execute(job, &format!("LOCK public.{LEDGER_TABLE}"), "locking the ledger").await?;

    let mut refreshed = options.full_refresh;
    for load in loads.iter_mut() {
        let known_objects = load.compare(job).await?;
        // What the ledger says of a table that was dropped is void; its rows are numbered anew, so that
        // tables derived from it must be, too.
        refreshed |= known_objects > 0 && created_tables.contains(&load.report.table);
    }
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
        for (name, statements) in transforms {
            report.transforms.push(transform(job, name, statements).await?);
        }
    }
    if let Some(load) = loads.iter().find(|load| !load.new.is_empty()) {
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

/// Statistics for Redshift's planner. ANALYZE reads what is committed; without it the data is still right.
async fn analyze(job: Job<'_>, tables: &[TableFile]) {
    for table in tables {
        if let Err(error) = job.warehouse.execute(&format!("ANALYZE {}", table.name)).await {
            tracing::warn!(table = %table.name, %error, "the table was not analyzed");
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

impl Load {
    fn read(file: &SqlFile, variables: &Variables) -> Result<Self, PipelineError> {
        let refuse = |message| PipelineError::WrongFile { path: file.path.clone(), message };
        let mut statements = file.statements(variables)?;
        let statement = statements.pop().filter(|_| statements.is_empty());
        let statement = statement.ok_or_else(|| refuse("a file of load/ must be exactly one COPY"))?;
        let Statement::Copy(copy) = &statement.statement else {
            return Err(refuse("a file of load/ must be a COPY"));
        };
        if copy.manifest {
            return Err(refuse("the COPY must name a prefix; its manifest is written by the run"));
        }
        let mut copy = (**copy).clone();
        if matches!(&copy.authorization, Authorization::IamRole(role) if role.eq_ignore_ascii_case("default"))
        {
            // A variable can only stand within quotes, where DEFAULT is no keyword.
            copy.authorization = Authorization::IamRoleDefault;
        }
        // As in the names of the created tables.
        let table = TableName {
            schema: copy.table.schema.clone().filter(|schema| schema != "public"),
            ..copy.table.clone()
        };
        let report = LoadReport {
            load: file.name.clone(),
            table: table.to_string(),
            source_url: copy.source.clone(),
            ..LoadReport::default()
        };
        Ok(Self { statement, copy, listed: Vec::new(), new: Vec::new(), report })
    }

    async fn list(&mut self, job: Job<'_>) -> Result<(), PipelineError> {
        let event = RunEvent::Listing { load: &self.report.load, source_url: &self.report.source_url };
        job.observer.event(event);
        self.listed = job.warehouse.list_objects(&self.copy).await.map_err(|error| self.error(error))?;
        self.report.objects_listed = self.listed.len() as u64;
        Ok(())
    }

    /// The location of a JSONPaths file is configured as the sources are, and as easily wrong.
    async fn find_json_paths(&self, job: Job<'_>) -> Result<(), PipelineError> {
        let CopyFormat::JsonPaths(url) = &self.copy.format else { return Ok(()) };
        let only = Copy { source: url.clone(), ..self.copy.clone() };
        let found = job.warehouse.list_objects(&only).await.map_err(|error| self.error(error))?;
        if found.is_empty() {
            let path = self.statement.path.clone();
            return Err(PipelineError::NoJsonPaths { path, url: url.clone() });
        }
        Ok(())
    }

    /// Finds what the ledger does not know, and returns how many objects it knows.
    async fn compare(&mut self, job: Job<'_>) -> Result<usize, PipelineError> {
        let mut known = ledger::known(job.warehouse, &job.pipeline.name, &self.report.load)
            .await
            .map_err(PipelineError::warehouse("reading the ledger"))?;
        let known_objects = known.len();
        if known_objects == 0 && self.listed.is_empty() {
            return Err(PipelineError::NothingFound {
                path: self.statement.path.clone(),
                source_url: self.report.source_url.clone(),
            });
        }
        self.new.clear();
        self.report.changed.clear();
        for (index, object) in self.listed.iter().enumerate() {
            match known.remove(&object.url) {
                None => self.new.push(index),
                Some(before) if !before.is_unchanged(object) => self.report.changed.push(object.url.clone()),
                Some(_) => {}
            }
        }
        self.report.objects_new = self.new.len() as u64;
        self.report.bytes_new = self.new.iter().map(|index| self.listed[*index].size_bytes).sum();
        self.report.vanished = known.into_keys().collect();
        self.report.vanished.sort();
        Ok(known_objects)
    }

    /// Loads the new objects and returns their rows of the ledger.
    async fn run(&mut self, job: Job<'_>, run_id: &str) -> Result<Vec<Entry>, PipelineError> {
        self.find_json_paths(job).await?;
        job.observer.event(RunEvent::CopyStarted {
            load: &self.report.load,
            objects: self.report.objects_new,
            bytes: self.report.bytes_new,
        });
        let started = Instant::now();
        let copied = self.copy_new(job).await.map_err(|error| self.error(error))?;
        self.report.elapsed = started.elapsed();
        self.report.rows_loaded = copied.values().map(|object| object.rows_loaded).sum();
        self.report.rows_rejected = copied.values().map(|object| object.rows_rejected).sum();
        job.observer.event(RunEvent::CopyFinished(&self.report));

        let loaded_at = ledger::timestamp(Utc::now());
        let entry = |index: &usize| {
            let object = &self.listed[*index];
            let copied = copied.get(&object.url);
            Entry {
                pipeline: job.pipeline.name.clone(),
                load_name: self.report.load.clone(),
                object_url: object.url.clone(),
                size_bytes: object.size_bytes,
                etag: object.etag.clone(),
                last_modified: object.last_modified.map(ledger::timestamp),
                rows_loaded: copied.map_or(0, |copied| copied.rows_loaded),
                rows_rejected: copied.map_or(0, |copied| copied.rows_rejected),
                run_id: run_id.to_owned(),
                loaded_at: loaded_at.clone(),
            }
        };
        Ok(self.new.iter().map(entry).collect())
    }

    /// Points the COPY at a manifest of the new objects and runs it.
    async fn copy_new(&self, job: Job<'_>) -> Result<HashMap<String, CopiedObject>, SqlError> {
        let entry = |index: &usize| {
            let object = &self.listed[*index];
            ManifestEntry {
                url: object.url.clone(),
                // An object that goes away between listing and COPY must fail the run, not go unnoticed.
                mandatory: true,
                meta: Some(ManifestMeta { content_length: Some(object.size_bytes) }),
            }
        };
        let manifest = Manifest { entries: self.new.iter().map(entry).collect() };
        let content = serde_json::to_vec(&manifest)
            .map_err(|error| SqlError::internal(format!("the manifest is no JSON: {error}")))?;
        let name = format!("{}-{}.manifest", job.pipeline.name, self.report.load);
        let source = job.warehouse.write_file(&name, content).await?;
        let copy = Copy { source, manifest: true, ..self.copy.clone() };
        job.warehouse.execute(&copy.to_sql_with_secrets()).await?;
        let copied = job.warehouse.copied_objects().await?;
        Ok(copied.into_iter().map(|object| (object.url.clone(), object)).collect())
    }

    /// An error of the COPY; its position is in the statement as the run wrote it, not in the file.
    fn error(&self, error: SqlError) -> PipelineError {
        self.statement.error(SqlError { position: None, ..error })
    }
}
