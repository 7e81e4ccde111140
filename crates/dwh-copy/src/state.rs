//! What the threads of one COPY share: objects, load errors, the budget of bytes, and the stop signal.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::error::CopyError;
use crate::load_error::LoadError;
use crate::outcome::{ObjectReport, Progress};
use crate::source::{Listed, ObjectMeta};

/// Permits of the budget are kibibytes, so that 32 bits count terabytes.
const PERMIT_BYTES: u64 = 1024;

/// Rejected records that are kept; more are only counted. MAXERROR allows no more, IGNOREALLERRORS does.
const MAX_KEPT_ERRORS: usize = 100_000;

/// The state of one COPY.
pub(crate) struct LoadState {
    progress: Arc<Progress>,
    objects: Mutex<Vec<Arc<ObjectState>>>,
    errors: Mutex<Vec<(usize, LoadError)>>,
    error_count: AtomicU64,
    error_limit: u64,
    failure: Mutex<Option<CopyError>>,
    budget: Arc<Semaphore>,
    budget_permits: u32,
    stopped: AtomicBool,
    stop: watch::Sender<bool>,
}

/// One object while it is read.
pub(crate) struct ObjectState {
    index: usize,
    pub(crate) url: Arc<str>,
    pub(crate) size_bytes: u64,
    pub(crate) etag: Option<Arc<str>>,
    rows: AtomicU64,
    errors: AtomicU64,
    lines_scanned: AtomicU64,
    /// The slice that had its first part; `NO_SLICE` until then.
    slice: AtomicI32,
    started: Moment,
    transferred: Moment,
    finished: Moment,
    /// Parts that are read or decoded, and one more while parts may still come.
    open_parts: AtomicUsize,
}

const NO_SLICE: i32 = -1;

/// A time that is noted once or again; microseconds of the epoch, 0 until then.
#[derive(Default)]
struct Moment(AtomicI64);

impl Moment {
    fn note(&self) {
        self.0.store(Utc::now().timestamp_micros(), Ordering::Relaxed);
    }

    fn get(&self) -> Option<DateTime<Utc>> {
        let micros = self.0.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(micros).filter(|_| micros != 0)
    }
}

/// The COPY is over for this thread: it failed or was cancelled, and the state says why.
#[derive(Debug)]
pub(crate) struct Stopped;

impl LoadState {
    pub(crate) fn new(error_limit: u64, memory_bytes: u64, progress: Arc<Progress>) -> Self {
        let budget_permits = u32::try_from(memory_bytes / PERMIT_BYTES).unwrap_or(u32::MAX >> 3).max(1);
        Self {
            progress,
            objects: Mutex::default(),
            errors: Mutex::default(),
            error_count: AtomicU64::new(0),
            error_limit,
            failure: Mutex::default(),
            budget: Arc::new(Semaphore::new(budget_permits as usize)),
            budget_permits,
            stopped: AtomicBool::new(false),
            stop: watch::Sender::new(false),
        }
    }

    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Takes so many bytes of the budget, for as long as the permit lives.
    pub(crate) async fn reserve(&self, bytes: u64) -> Result<OwnedSemaphorePermit, Stopped> {
        let permits = u32::try_from(bytes.div_ceil(PERMIT_BYTES)).unwrap_or(u32::MAX);
        let permits = permits.min(self.budget_permits);
        Arc::clone(&self.budget).acquire_many_owned(permits).await.map_err(|_| Stopped)
    }

    /// Registers an object that will be read.
    pub(crate) fn add_object(&self, meta: ObjectMeta) -> Arc<ObjectState> {
        let mut objects = lock(&self.objects);
        let object = Arc::new(ObjectState {
            index: objects.len(),
            url: meta.url,
            size_bytes: meta.size_bytes,
            etag: meta.etag,
            rows: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            lines_scanned: AtomicU64::new(0),
            slice: AtomicI32::new(NO_SLICE),
            started: Moment::default(),
            transferred: Moment::default(),
            finished: Moment::default(),
            open_parts: AtomicUsize::new(1),
        });
        objects.push(Arc::clone(&object));
        self.progress.objects_total.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes_total.fetch_add(object.size_bytes, Ordering::Relaxed);
        object
    }

    pub(crate) fn has_objects(&self) -> bool {
        !lock(&self.objects).is_empty()
    }

    /// Counts bytes as they arrive.
    pub(crate) fn add_bytes(&self, bytes: u64) {
        self.progress.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts the records of a part that were loaded.
    pub(crate) fn add_rows(&self, object: &ObjectState, rows: u64) {
        object.rows.fetch_add(rows, Ordering::Relaxed);
        self.progress.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// One more part of an object is on its way.
    pub(crate) fn open_part(&self, object: &ObjectState) {
        object.open_parts.fetch_add(1, Ordering::Relaxed);
    }

    /// A part is decoded, or no more will come.
    pub(crate) fn close_part(&self, object: &ObjectState) {
        if object.open_parts.fetch_sub(1, Ordering::AcqRel) == 1 {
            object.finished.note();
            self.progress.objects_done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records a rejected record.
    ///
    /// # Errors
    /// [`Stopped`] when it was one too many.
    pub(crate) fn reject(&self, object: &ObjectState, error: LoadError) -> Result<(), Stopped> {
        object.errors.fetch_add(1, Ordering::Relaxed);
        self.progress.errors.fetch_add(1, Ordering::Relaxed);
        let mut errors = lock(&self.errors);
        if errors.len() < MAX_KEPT_ERRORS {
            errors.push((object.index, error));
        }
        drop(errors);
        if self.error_count.fetch_add(1, Ordering::Relaxed) + 1 >= self.error_limit {
            self.stop();
            return Err(Stopped);
        }
        Ok(())
    }

    /// Ends the COPY with this error, unless it has failed before.
    pub(crate) fn fail(&self, error: CopyError) -> Stopped {
        lock(&self.failure).get_or_insert(error);
        self.stop();
        Stopped
    }

    /// Ends the COPY: nothing is read or decoded any more.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.budget.close();
        self.stop.send_replace(true);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Waits for [`stop`](Self::stop).
    pub(crate) async fn stopped(&self) {
        // The sender is `self`: the channel cannot close.
        let _ = self.stop.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// What was read; once all threads have ended.
    ///
    /// # Errors
    /// Why the COPY failed.
    pub(crate) fn result(&self) -> Result<LoadResult, CopyError> {
        if let Some(error) = lock(&self.failure).take() {
            return Err(error);
        }
        // One by one, so that a million of them are not in memory twice.
        let objects = std::mem::take(&mut *lock(&self.objects));
        let objects = objects.into_iter().map(|object| object.report()).collect();
        let mut errors = std::mem::take(&mut *lock(&self.errors));
        errors.sort_by_key(|(object, error)| (*object, error.line_number));
        let errors: Vec<LoadError> = errors.into_iter().map(|(_, error)| error).collect();
        let error_count = self.error_count.load(Ordering::Relaxed);
        if error_count >= self.error_limit {
            return Err(CopyError::TooManyErrors { errors, error_count, objects });
        }
        Ok(LoadResult { objects, errors, error_count })
    }
}

/// What a COPY that did not fail has read.
pub(crate) struct LoadResult {
    pub(crate) objects: Vec<ObjectReport>,
    pub(crate) errors: Vec<LoadError>,
    pub(crate) error_count: u64,
}

impl ObjectState {
    /// The object as it was listed.
    pub(crate) fn listed(&self) -> Listed<'_> {
        Listed { url: &self.url, size_bytes: self.size_bytes, etag: self.etag.as_deref() }
    }

    /// Its first bytes are asked for.
    pub(crate) fn start(&self) {
        self.started.note();
    }

    /// Its last bytes are there.
    pub(crate) fn transferred(&self) {
        self.transferred.note();
    }

    /// A slice has a part of it.
    pub(crate) fn taken_by(&self, slice: i32) {
        let _ = self.slice.compare_exchange(NO_SLICE, slice, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Sets the number of its lines, known with its last part.
    pub(crate) fn set_lines_scanned(&self, lines: u64) {
        self.lines_scanned.store(lines, Ordering::Relaxed);
    }

    /// Counts rows of a file whose parts are decoded in any order.
    pub(crate) fn add_lines_scanned(&self, lines: u64) {
        self.lines_scanned.fetch_add(lines, Ordering::Relaxed);
    }

    fn report(&self) -> ObjectReport {
        ObjectReport {
            url: Arc::clone(&self.url),
            size_bytes: self.size_bytes,
            etag: self.etag.clone(),
            rows: self.rows.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            lines_scanned: self.lines_scanned.load(Ordering::Relaxed),
            slice: self.slice.load(Ordering::Relaxed).max(0),
            started_at: self.started.get(),
            transferred_at: self.transferred.get().or_else(|| self.finished.get()),
            finished_at: self.finished.get(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
