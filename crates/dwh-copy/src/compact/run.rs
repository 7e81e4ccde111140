//! Writes the objects of a plan that are not there yet, some at a time, and the manifest.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::join::{Unfit, join};
use super::{CompactError, CompactPlan, PlannedObject};
use crate::compression::Encoder;
use crate::error::CopyError;
use crate::outcome::Progress;
use crate::source::{Listed, Stores, blocking, read_listed, write_object};

/// Bytes of new objects that may be in memory, as far as more than one is written at a time.
const NEW_BYTES: u64 = 512 << 20;
/// Source objects of one new object that are read ahead, and their bytes.
const READS_AHEAD: usize = 256;
const AHEAD_BYTES: u64 = 256 << 20;
const PERMIT_BYTES: u64 = 1 << 10;

/// What a compaction has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactOutcome {
    /// Objects written by this run.
    pub objects_written: usize,
    /// Bytes of all new objects, as stored.
    pub stored_bytes: u64,
    /// JSON values in the objects written by this run.
    pub values: u64,
}

/// Carries out a plan; counts source objects, their bytes and values as they are taken in.
///
/// Dropping the future leaves whole objects only; the same plan made again goes on from there.
///
/// # Errors
/// [`CompactError`]: a source object that cannot be compacted or has changed, reading and writing.
pub async fn compact(
    plan: &CompactPlan,
    stores: &Stores,
    progress: Arc<Progress>,
) -> Result<CompactOutcome, CompactError> {
    progress.objects_total.store(plan.source.len() as u64, Ordering::Relaxed);
    progress.bytes_total.store(plan.source_bytes, Ordering::Relaxed);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let at_a_time = (NEW_BYTES / plan.request.size_bytes).clamp(1, cores);
    let writer = Writer { plan, stores, progress: &progress, ahead_bytes: AHEAD_BYTES / at_a_time };
    let written: Vec<u64> = stream::iter(0..plan.objects.len())
        .map(|index| writer.write(&plan.objects[index]))
        .buffered(at_a_time as usize)
        .try_collect()
        .await?;
    let stored_bytes = written.iter().sum();
    if !plan.is_finished {
        let manifest = serde_json::to_vec_pretty(&plan.manifest(written.into_iter()))
            .map_err(|error| CopyError::Internal(error.to_string()))?;
        write_object(&plan.manifest_url, manifest.into(), stores, &plan.request.access).await?;
    }
    Ok(CompactOutcome {
        objects_written: plan.objects.iter().filter(|object| object.written_bytes.is_none()).count(),
        stored_bytes,
        values: progress.rows.load(Ordering::Relaxed),
    })
}

/// A source object that was read.
struct Source {
    url: String,
    bytes: Bytes,
    /// Its leave to be in memory.
    _room: OwnedSemaphorePermit,
}

struct Writer<'a> {
    plan: &'a CompactPlan,
    stores: &'a Stores,
    progress: &'a Arc<Progress>,
    ahead_bytes: u64,
}

impl Writer<'_> {
    /// Writes a new object unless it is there; its size.
    async fn write(&self, object: &PlannedObject) -> Result<u64, CompactError> {
        if let Some(size_bytes) = object.written_bytes {
            self.count(object.source_objects(), object.source_bytes, 0);
            return Ok(size_bytes);
        }
        let budget = Arc::new(Semaphore::new((self.ahead_bytes / PERMIT_BYTES) as usize));
        let mut read = stream::iter(object.source.clone())
            .map(|index| self.read(self.plan.source.get(index), &budget))
            .buffered(READS_AHEAD)
            .try_ready_chunks(READS_AHEAD);
        let failed = |source| CopyError::File { path: object.url.clone(), source };
        let mut encoder = Encoder::new(self.plan.request.compression).map_err(failed)?;
        while let Some(chunk) = read.try_next().await.map_err(|chunk| chunk.1)? {
            let read_bytes: u64 = chunk.iter().map(|read| read.bytes.len() as u64).sum();
            let objects = chunk.len();
            let url = object.url.clone();
            let encoded = tokio::task::spawn_blocking(move || take_in(encoder, chunk, &url));
            let (kept, values) = encoded.await.map_err(|error| CopyError::Internal(error.to_string()))??;
            encoder = kept;
            self.count(objects, read_bytes, values);
        }
        let url = object.url.clone();
        let bytes =
            blocking(move || encoder.finish().map_err(|source| CopyError::File { path: url, source }))
                .await?;
        let size_bytes = bytes.len() as u64;
        write_object(&object.url, bytes.into(), self.stores, &self.plan.request.access).await?;
        Ok(size_bytes)
    }

    /// Reads a source object once there is room for it; room is given in the order of asking.
    async fn read(&self, object: Listed<'_>, budget: &Arc<Semaphore>) -> Result<Source, CompactError> {
        let bytes = object.size_bytes.min(self.ahead_bytes);
        let permits = u32::try_from(bytes / PERMIT_BYTES).unwrap_or(u32::MAX);
        let room = Arc::clone(budget).acquire_many_owned(permits).await;
        let room = room.map_err(|error| CopyError::Internal(error.to_string()))?;
        let access = &self.plan.request.access;
        let bytes = read_listed(object, 0..object.size_bytes, self.stores, access).await?;
        Ok(Source { url: object.url.to_owned(), bytes, _room: room })
    }

    fn count(&self, objects: usize, bytes: u64, values: u64) {
        self.progress.objects_done.fetch_add(objects as u64, Ordering::Relaxed);
        self.progress.bytes_done.fetch_add(bytes, Ordering::Relaxed);
        self.progress.rows.fetch_add(values, Ordering::Relaxed);
    }
}

/// Joins and encodes some source objects.
fn take_in(mut encoder: Encoder, objects: Vec<Source>, target: &str) -> Result<(Encoder, u64), CompactError> {
    let mut joined = Vec::new();
    let mut values = 0;
    for Source { url, bytes, .. } in objects {
        values += join(&bytes, &mut joined).map_err(|unfit| match unfit {
            Unfit::Compressed(compression) => CompactError::SourceCompressed { url, compression },
            Unfit::Unfinished { line } => CompactError::UnfinishedValue { url, line },
        })?;
        let failed = |source| CopyError::File { path: target.to_owned(), source };
        encoder.write(&joined).map_err(failed)?;
        joined.clear();
    }
    Ok((encoder, values))
}
