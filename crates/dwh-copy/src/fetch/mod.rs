//! Reads objects, many at a time, and hands their bytes to the slices.
//!
//! Small objects are read whole and travel in groups, so that 50,000 of them cost about what their
//! bytes cost; large ones are cut into parts while they are read. Listing runs ahead of reading, and
//! bytes in flight stay within the budget of the COPY. What reaches a slice is whole or not at all:
//! every answer is checked against what was listed, so that nothing is loaded twice or half.

mod columnar;
mod cut;
mod local;
mod s3;
mod wrapped;

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::buffers::Buffers;
use crate::compression::Wrapping;
use crate::decode::{ObjectKind, Unit};
use crate::error::CopyError;
use crate::load_error::LoadError;
use crate::parts::Records;
use crate::ranges::RangeReader;
use crate::slice::Cutting;
use crate::source::{ObjectMeta, ObjectPages, S3Access, Stores};
use crate::state::{LoadState, ObjectState, Stopped};

pub(crate) use cut::{part_error, rejected_object};

/// Jobs under way: as many as small S3 objects may be; the others have fewer lanes.
const JOBS: usize = 512;
/// Groups of local files, and large local files, read at the same time.
const LOCAL_LANES: usize = 4;
/// Large S3 objects read at the same time; each has several requests under way.
const S3_STREAMS: usize = 8;
/// Parts of large local files that wait or are decoded: reading ahead of the slices would only take them out of
/// the processor's caches again.
const LOCAL_PARTS: usize = 8;
/// Larger S3 objects are read by ranges.
const MAX_WHOLE_BYTES: u64 = 8 << 20;
/// The most objects and bytes of a group.
const GROUP_OBJECTS: usize = 64;
const LOCAL_GROUP_OBJECTS: usize = 256;
const GROUP_BYTES: u64 = 1 << 20;
/// Pages that are listed while those before them are read.
const PAGES_AHEAD: usize = 2;

/// What a slice decodes at a time.
pub(crate) struct Work {
    pub(crate) parts: Vec<Part>,
    /// Its share of the budget, given back when it is decoded.
    pub(crate) permit: OwnedSemaphorePermit,
    /// Its place among the parts of local files that wait or are decoded.
    pub(crate) _room: Option<OwnedSemaphorePermit>,
}

/// A piece of an object.
pub(crate) struct Part {
    pub(crate) object: Arc<ObjectState>,
    pub(crate) body: Body,
}

/// The bytes of a part.
pub(crate) enum Body {
    /// A whole object, as stored.
    Object(Bytes),
    /// Some records of an object, unpacked.
    Records(Records),
    /// An object that is read in order.
    Sequential(RangeReader),
    /// An object that cannot be loaded at all, and counts as one error.
    Rejected(Box<LoadError>),
    /// A row group or stripe, and the object that it is part of.
    Unit(RangeReader, Unit),
}

/// How objects are read, apart from which.
pub(crate) struct FetchOptions {
    pub(crate) stores: Stores,
    pub(crate) access: S3Access,
    /// What an object is.
    pub(crate) kind: ObjectKind,
    pub(crate) cutting: Cutting,
    /// Bytes of large S3 objects that are asked for ahead of their cutting.
    pub(crate) ahead_bytes: u64,
}

/// Reads all objects of a COPY.
pub(crate) struct Fetcher {
    options: FetchOptions,
    state: Arc<LoadState>,
    work: mpsc::Sender<Work>,
    buffers: Buffers,
    local_lanes: Semaphore,
    local_parts: Arc<Semaphore>,
    s3_streams: Semaphore,
    /// One permit a range of a large S3 object.
    ranges: Arc<Semaphore>,
}

/// What is read at a time.
enum Job {
    /// Small local files.
    LocalGroup(Vec<Arc<ObjectState>>),
    /// A large object that a slice asks for what it needs.
    Ranges(Arc<ObjectState>),
    /// A large local file.
    LocalStream(Arc<ObjectState>),
    /// A small S3 object.
    S3Object(Arc<ObjectState>),
    /// A large S3 object.
    S3Stream(Arc<ObjectState>),
}

/// Why fetching ended early.
enum FetchError {
    Stopped,
    Copy(CopyError),
}

impl From<Stopped> for FetchError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<CopyError> for FetchError {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl Fetcher {
    pub(crate) fn new(options: FetchOptions, state: Arc<LoadState>, work: mpsc::Sender<Work>) -> Self {
        let ranges = (options.ahead_bytes / s3::RANGE_BYTES).max(1) as usize;
        Self {
            options,
            state,
            work,
            buffers: Buffers::default(),
            local_lanes: Semaphore::new(LOCAL_LANES),
            local_parts: Arc::new(Semaphore::new(LOCAL_PARTS)),
            s3_streams: Semaphore::new(S3_STREAMS),
            ranges: Arc::new(Semaphore::new(ranges)),
        }
    }

    /// Reads every object of the pages; returns when all is handed over, or the COPY has stopped.
    ///
    /// # Errors
    /// Those of listing and reading.
    pub(crate) async fn run(&self, mut pages: ObjectPages) -> Result<(), CopyError> {
        let (ahead, listed) = mpsc::channel(PAGES_AHEAD);
        let list = async move {
            while let Some(page) = pages.next().await {
                if ahead.send(page).await.is_err() {
                    break;
                }
            }
            drop(ahead);
            std::future::pending::<()>().await
        };
        tokio::select! {
            biased;
            fetched = self.fetch(listed) => match fetched {
                Ok(()) | Err(FetchError::Stopped) => Ok(()),
                Err(FetchError::Copy(error)) => Err(error),
            },
            () = list => Err(CopyError::Internal("listing ended before reading".to_owned())),
        }
    }

    async fn fetch(
        &self,
        mut listed: mpsc::Receiver<Result<Vec<ObjectMeta>, CopyError>>,
    ) -> Result<(), FetchError> {
        stream::poll_fn(move |context| listed.poll_recv(context))
            .map_ok(|page| stream::iter(self.jobs(page).into_iter().map(Ok::<_, CopyError>)))
            .try_flatten()
            .map_err(FetchError::from)
            .map_ok(|job| self.perform(job))
            .try_buffer_unordered(JOBS)
            .try_filter_map(|fetched| std::future::ready(Ok(fetched)))
            .try_ready_chunks(GROUP_OBJECTS)
            .map_err(|chunk| chunk.1)
            .try_for_each(|fetched| self.hand_over_small(fetched))
            .await
    }

    fn jobs(&self, page: Vec<ObjectMeta>) -> Vec<Job> {
        let mut jobs = Vec::new();
        let mut group: Vec<Arc<ObjectState>> = Vec::new();
        let mut group_bytes = 0;
        for object in page {
            let object = self.state.add_object(object);
            if object.size_bytes == 0 {
                self.state.close_part(&object);
                continue;
            }
            let whole_bytes =
                if is_local(&object) { self.options.cutting.part_bytes as u64 } else { MAX_WHOLE_BYTES };
            let is_large = object.size_bytes > whole_bytes;
            let is_wrapped = matches!(self.options.kind, ObjectKind::Columnar(_))
                && Wrapping::of_name(&object.url).is_some();
            if is_wrapped || is_large && !matches!(self.options.kind, ObjectKind::Records(_)) {
                jobs.push(Job::Ranges(object));
                continue;
            }
            match (is_local(&object), is_large) {
                (true, true) => jobs.push(Job::LocalStream(object)),
                (false, true) => jobs.push(Job::S3Stream(object)),
                (false, false) => jobs.push(Job::S3Object(object)),
                (true, false) => {
                    let is_full =
                        group.len() >= LOCAL_GROUP_OBJECTS || group_bytes + object.size_bytes > GROUP_BYTES;
                    if is_full && !group.is_empty() {
                        jobs.push(Job::LocalGroup(std::mem::take(&mut group)));
                        group_bytes = 0;
                    }
                    group_bytes += object.size_bytes;
                    group.push(object);
                }
            }
        }
        if !group.is_empty() {
            jobs.push(Job::LocalGroup(group));
        }
        jobs
    }

    /// Reads what the job says and hands it over; only a small S3 object is given back, to be handed
    /// over with others.
    async fn perform(&self, job: Job) -> Result<Option<(Part, OwnedSemaphorePermit)>, FetchError> {
        // The semaphores of lanes are never closed.
        let closed = |_| FetchError::Stopped;
        match job {
            Job::LocalGroup(objects) => {
                let _lane = self.local_lanes.acquire().await.map_err(closed)?;
                let permit = self.state.reserve(objects.iter().map(|object| object.size_bytes).sum()).await?;
                let parts = self.read_local(objects).await?;
                self.hand_over(Work { parts, permit, _room: None }).await?;
                Ok(None)
            }
            Job::Ranges(object) => {
                let _lane = self.local_lanes.acquire().await.map_err(closed)?;
                self.hand_over_ranges(object).await?;
                Ok(None)
            }
            Job::LocalStream(object) => {
                let _lane = self.local_lanes.acquire().await.map_err(closed)?;
                self.stream_local(&object).await?;
                Ok(None)
            }
            Job::S3Object(object) => {
                let permit = self.state.reserve(object.size_bytes).await?;
                let bytes = self.read_s3(&object).await?;
                Ok(Some((Part { object, body: Body::Object(bytes) }, permit)))
            }
            Job::S3Stream(object) => {
                let _lane = self.s3_streams.acquire().await.map_err(closed)?;
                self.stream_s3(&object).await?;
                Ok(None)
            }
        }
    }

    /// Hands over objects that came at about the same time, in groups of a size worth a slice's turn.
    async fn hand_over_small(&self, fetched: Vec<(Part, OwnedSemaphorePermit)>) -> Result<(), FetchError> {
        let mut group: Option<Work> = None;
        let mut group_bytes = 0;
        for (part, permit) in fetched {
            group_bytes += part.object.size_bytes;
            match &mut group {
                Some(work) => {
                    work.parts.push(part);
                    work.permit.merge(permit);
                }
                None => group = Some(Work { parts: vec![part], permit, _room: None }),
            }
            if group_bytes >= GROUP_BYTES {
                group_bytes = 0;
                if let Some(work) = group.take() {
                    self.hand_over(work).await?;
                }
            }
        }
        match group {
            Some(work) => self.hand_over(work).await,
            None => Ok(()),
        }
    }

    async fn hand_over(&self, work: Work) -> Result<(), FetchError> {
        self.work.send(work).await.map_err(|_| FetchError::Stopped)
    }
}

fn is_local(object: &ObjectState) -> bool {
    !object.url.starts_with("s3://")
}
