//! One load of a run: what its source has, what of it is new, and the COPY of that.

use std::collections::HashMap;
use std::time::Instant;

use chrono::Utc;
use dwh_common::SqlError;
use dwh_copy::{Manifest, ManifestEntry, ManifestMeta};
use dwh_sql::statement::{Authorization, Copy, CopyFormat, Statement, TableName};

use crate::error::PipelineError;
use crate::ledger::{self, Entry};
use crate::observer::RunEvent;
use crate::run::{Job, LoadReport};
use crate::sql_file::{FileStatement, SqlFile};
use crate::variables::Variables;
use crate::warehouse::{CopiedObject, SourceObject};

/// A load, ready to run.
pub(crate) struct Load {
    statement: FileStatement,
    pub(crate) copy: Copy,
    listed: Vec<SourceObject>,
    /// Indexes in `listed` of what the ledger does not know.
    pub(crate) new: Vec<usize>,
    pub(crate) report: LoadReport,
}

impl Load {
    pub(crate) fn read(file: &SqlFile, variables: &Variables) -> Result<Self, PipelineError> {
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

    pub(crate) async fn list(&mut self, job: Job<'_>) -> Result<(), PipelineError> {
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
    pub(crate) async fn compare(&mut self, job: Job<'_>) -> Result<usize, PipelineError> {
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
    pub(crate) async fn run(&mut self, job: Job<'_>, run_id: &str) -> Result<Vec<Entry>, PipelineError> {
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

    /// Points the COPY at a manifest of the new objects, if there can be one, and runs it.
    async fn copy_new(&self, job: Job<'_>) -> Result<HashMap<String, CopiedObject>, SqlError> {
        let copy = match job.warehouse.keeps_files() {
            true => self.with_manifest(job).await?,
            false => self.copy.clone(),
        };
        job.warehouse.execute(&copy.to_sql_with_secrets()).await?;
        let copied = job.warehouse.copied_objects().await?;
        Ok(copied.into_iter().map(|object| (object.url.clone(), object)).collect())
    }

    async fn with_manifest(&self, job: Job<'_>) -> Result<Copy, SqlError> {
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
        Ok(Copy { source, manifest: true, ..self.copy.clone() })
    }

    /// An error of the COPY; its position is in the statement as the run wrote it, not in the file.
    fn error(&self, error: SqlError) -> PipelineError {
        self.statement.error(SqlError { position: None, ..error })
    }
}
