use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use crate::load_error::LoadError;

/// Where the batches of one decode thread go.
///
/// `write` runs on that thread and may block; while it does, fetching stops at the memory budget.
/// The batches' schema is the target columns in order, each [`RedshiftType::field`].
///
/// [`RedshiftType::field`]: dwh_common::RedshiftType::field
pub trait BatchSink: Send {
    /// Takes one batch of loaded records.
    ///
    /// # Errors
    /// Any error stops the COPY.
    fn write(&mut self, batch: RecordBatch) -> Result<(), SinkError>;
}

/// Why a [`BatchSink`] failed; the caller's own error, to be taken out again by downcast.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SinkError(pub Box<dyn std::error::Error + Send + Sync + 'static>);

impl SinkError {
    /// Wraps the caller's error.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>) -> Self {
        Self(source.into())
    }
}

/// What a COPY that did not fail has done.
#[derive(Debug)]
pub struct CopyOutcome<S> {
    /// The sinks, one per decode thread, all batches written.
    pub sinks: Vec<S>,
    /// Records handed to the sinks.
    pub rows_loaded: u64,
    /// Every object read, in order of the listing or manifest.
    pub objects: Vec<ObjectReport>,
    /// The rejected records, fewer than MAXERROR, by object and line.
    pub errors: Vec<LoadError>,
    /// Number of rejected records.
    pub error_count: u64,
    /// Records in which ACCEPTINVCHARS replaced characters.
    pub rows_replaced: u64,
    /// The first 100 of them that each decode thread met.
    pub replacements: Vec<Replacement>,
}

/// Replacements that are noted for each decode thread, as for each slice of a cluster (RS 1.14).
pub(crate) const MAX_REPLACEMENTS: usize = 100;

/// A record in which ACCEPTINVCHARS replaced characters, as in `stl_replacements` (RS 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Object, named as in load errors.
    pub url: Arc<str>,
    /// The decode thread that met it, from 0.
    pub slice: i32,
    /// 1-based; the last line of a JSON value, the number of the row in PARQUET and ORC.
    pub line_number: i64,
    /// The first column in which characters were replaced.
    pub column: String,
    /// The record as read, at most 1024 bytes; empty for PARQUET and ORC.
    pub raw_line: String,
}

/// What was read from one object, as in `stl_load_commits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectReport {
    /// `s3://…` or the absolute path.
    pub url: Arc<str>,
    /// Size in the store.
    pub size_bytes: u64,
    /// Entity tag, quotes included, if the store has one; local files get one from size and time.
    pub etag: Option<Arc<str>>,
    /// Records loaded.
    pub rows: u64,
    /// Records rejected.
    pub errors: u64,
    /// Lines read, header included.
    pub lines_scanned: u64,
    /// The decode thread that had it, or its first part, from 0.
    pub slice: i32,
    /// When reading it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When all of it was there.
    pub transferred_at: Option<DateTime<Utc>>,
    /// When all of it was decoded.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Failed requests that are kept until they are taken.
const MAX_FAULTS: usize = 10_000;

/// What shows of a COPY from outside: live counters, for progress bars, and requests that failed.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects listed so far.
    pub objects_total: AtomicU64,
    /// Objects read and decoded.
    pub objects_done: AtomicU64,
    /// Bytes of the objects listed so far, as stored.
    pub bytes_total: AtomicU64,
    /// Bytes read, as stored.
    pub bytes_done: AtomicU64,
    /// Records loaded.
    pub rows: AtomicU64,
    /// Records rejected.
    pub errors: AtomicU64,
    faults: Mutex<Vec<TransferFault>>,
}

/// A request to S3 that failed, whether it was made again or not, as in `stl_s3client_error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferFault {
    /// When.
    pub at: DateTime<Utc>,
    /// `GET`, `HEAD`, …
    pub method: String,
    /// `s3://…`: the object, or the prefix that was listed.
    pub url: Arc<str>,
    /// The answer, or why there was none.
    pub error: String,
}

/// What a [`Progress`] says at one time, or between two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProgressCounts {
    /// Objects listed.
    pub objects_total: u64,
    /// Objects read and decoded.
    pub objects_done: u64,
    /// Bytes of the objects listed, as stored.
    pub bytes_total: u64,
    /// Bytes read, as stored.
    pub bytes_done: u64,
    /// Records loaded.
    pub rows: u64,
    /// Records rejected.
    pub errors: u64,
}

impl ProgressCounts {
    /// What came since `before`.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        Self {
            objects_total: self.objects_total.saturating_sub(before.objects_total),
            objects_done: self.objects_done.saturating_sub(before.objects_done),
            bytes_total: self.bytes_total.saturating_sub(before.bytes_total),
            bytes_done: self.bytes_done.saturating_sub(before.bytes_done),
            rows: self.rows.saturating_sub(before.rows),
            errors: self.errors.saturating_sub(before.errors),
        }
    }
}

impl Progress {
    /// The counters now.
    pub fn counts(&self) -> ProgressCounts {
        ProgressCounts {
            objects_total: self.objects_total.load(Ordering::Relaxed),
            objects_done: self.objects_done.load(Ordering::Relaxed),
            bytes_total: self.bytes_total.load(Ordering::Relaxed),
            bytes_done: self.bytes_done.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
        }
    }

    /// Counts what a COPY elsewhere has done.
    pub fn add(&self, more: &ProgressCounts) {
        self.objects_total.fetch_add(more.objects_total, Ordering::Relaxed);
        self.objects_done.fetch_add(more.objects_done, Ordering::Relaxed);
        self.bytes_total.fetch_add(more.bytes_total, Ordering::Relaxed);
        self.bytes_done.fetch_add(more.bytes_done, Ordering::Relaxed);
        self.rows.fetch_add(more.rows, Ordering::Relaxed);
        self.errors.fetch_add(more.errors, Ordering::Relaxed);
    }

    /// The requests that have failed since they were last taken, the first 10,000 of them.
    pub fn take_faults(&self) -> Vec<TransferFault> {
        std::mem::take(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn note_fault(&self, fault: TransferFault) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.len() < MAX_FAULTS {
            faults.push(fault);
        }
    }
}
