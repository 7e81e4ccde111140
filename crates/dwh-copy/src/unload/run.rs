use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use super::destination::Destination;
use super::error::UnloadError;
use super::manifest::manifest;
use super::naming::Naming;
use super::object::ObjectWriter;
use super::plan::{FileFormat, Plan};
use super::request::{UnloadManifest, UnloadRequest};
use super::slice::SliceWriter;
use super::written::Written;
use crate::compression::OutputCompression;
use crate::error::CopyError;
use crate::source::Stores;

/// The rows of one slice; errors are the caller's own.
pub type BatchStream = BoxStream<'static, Result<RecordBatch, Box<dyn Error + Send + Sync + 'static>>>;

/// What an UNLOAD has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnloadOutcome {
    /// Rows of the query.
    pub rows: u64,
    /// The data files, by URL.
    pub files: Vec<UnloadedFile>,
    /// The manifest, if one was written.
    pub manifest_url: Option<String>,
}

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnloadedFile {
    /// `s3://…` or the absolute path.
    pub url: String,
    /// The slice that wrote it, from 0.
    pub slice: usize,
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// What the slices of an UNLOAD share.
pub(super) struct Job {
    pub(super) plan: Plan,
    pub(super) naming: Naming,
    pub(super) compression: OutputCompression,
    pub(super) destination: Destination,
    pub(super) written: Arc<Written>,
    /// Set when a slice has failed.
    stopped: watch::Sender<bool>,
    clean_path: bool,
    /// Folders that CLEANPATH has cleared.
    cleared: Mutex<HashSet<String>>,
}

impl Job {
    /// CLEANPATH with PARTITION BY clears the folders that get new files, and each only once (RS 6.1).
    pub(super) async fn clear_partition(&self, folder: &str) -> Result<(), CopyError> {
        if !self.clean_path || self.plan.partition_by.is_none() {
            return Ok(());
        }
        let mut cleared = self.cleared.lock().await;
        if cleared.insert(folder.to_owned()) {
            self.destination.clear(folder).await?;
        }
        Ok(())
    }
}

/// Runs one UNLOAD: a task for each stream writes its files; without PARALLEL one writes all, stream after
/// stream.
///
/// Must be called within a tokio runtime. Dropping the future cancels the work and removes what was
/// written.
///
/// # Errors
/// [`UnloadError`]; nothing that was written is left then, where the store allows it. What CLEANPATH
/// deleted and ALLOWOVERWRITE replaced does not come back.
pub async fn unload(
    request: &UnloadRequest,
    stores: &Stores,
    slices: Vec<BatchStream>,
) -> Result<UnloadOutcome, UnloadError> {
    let plan = Plan::new(request)?;
    let destination = Destination::new(request, stores)?;
    if !request.allow_overwrite && !request.clean_path {
        destination.check_empty().await?;
    }
    if request.clean_path && plan.partition_by.is_none() {
        destination.clear("").await?;
    }
    let written = Arc::new(Written::new(destination.clone()));
    let job = Arc::new(Job {
        plan,
        naming: Naming::new(request),
        compression: request.compression,
        destination,
        written: Arc::clone(&written),
        stopped: watch::Sender::new(false),
        clean_path: request.clean_path,
        cleared: Mutex::default(),
    });
    let slices = if request.parallel { slices } else { vec![stream::iter(slices).flatten().boxed()] };
    match write_all(request, &job, slices).await {
        Ok(outcome) => {
            written.keep();
            Ok(outcome)
        }
        Err(error) => {
            written.remove().await;
            Err(error)
        }
    }
}

async fn write_all(
    request: &UnloadRequest,
    job: &Arc<Job>,
    slices: Vec<BatchStream>,
) -> Result<UnloadOutcome, UnloadError> {
    let mut tasks = JoinSet::new();
    for (slice, batches) in slices.into_iter().enumerate() {
        tasks.spawn(write_slice(Arc::clone(job), slice, batches));
    }
    let mut files = Vec::new();
    let mut failure = None;
    while let Some(slice) = tasks.join_next().await {
        match slice.map_err(|error| UnloadError::Query(error.into())).and_then(|written| written) {
            Ok(written) => files.extend(written),
            Err(error) => {
                // The others end between two batches, and not in the middle of a request.
                job.stopped.send_replace(true);
                failure.get_or_insert(error);
            }
        }
    }
    if let Some(error) = failure {
        return Err(error);
    }
    if files.is_empty() {
        let mut first = SliceWriter::new(Arc::clone(job), 0);
        first.write_empty_file().await?;
        files = first.finish().await?;
    }
    files.sort_unstable_by(|a, b| a.url.cmp(&b.url));
    let manifest_url = write_manifest(request, job, &files).await?;
    Ok(UnloadOutcome { rows: files.iter().map(|file| file.rows).sum(), files, manifest_url })
}

async fn write_slice(
    job: Arc<Job>,
    slice: usize,
    mut batches: BatchStream,
) -> Result<Vec<UnloadedFile>, UnloadError> {
    let mut stop = job.stopped.subscribe();
    let mut writer = SliceWriter::new(Arc::clone(&job), slice);
    loop {
        let stopped = async {
            let _ = stop.wait_for(|stopped| *stopped).await;
        };
        let batch = tokio::select! {
            biased;
            () = stopped => return Ok(Vec::new()),
            batch = batches.try_next() => batch.map_err(UnloadError::Query)?,
        };
        match batch {
            Some(batch) => writer.write(&batch).await?,
            None => return writer.finish().await,
        }
    }
}

/// Writes `<prefix>manifest`, after the files it lists; without files there is none (RS 6.2).
async fn write_manifest(
    request: &UnloadRequest,
    job: &Job,
    files: &[UnloadedFile],
) -> Result<Option<String>, UnloadError> {
    if request.manifest == UnloadManifest::None || files.is_empty() {
        return Ok(None);
    }
    let header_lines = match &job.plan.format {
        FileFormat::Text(format) => u64::from(!format.header().is_empty()),
        FileFormat::Parquet { .. } => 0,
    };
    let target = job.destination.target("manifest")?;
    let url = target.url.clone();
    let text = manifest(request, files, header_lines)
        .map_err(|error| UnloadError::Encode { url: url.clone(), reason: error.to_string() })?;
    let mut object = ObjectWriter::create(target, Arc::clone(&job.written)).await?;
    object.write(text).await?;
    object.finish().await?;
    Ok(Some(url))
}
