use std::sync::atomic::AtomicU64;

use arrow::array::RecordBatch;

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
    pub url: String,
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
    pub url: String,
    /// Size in the store.
    pub size_bytes: u64,
    /// Entity tag, quotes included, if the store has one; local files get one from size and time.
    pub etag: Option<String>,
    /// Records loaded.
    pub rows: u64,
    /// Records rejected.
    pub errors: u64,
    /// Lines read, header included.
    pub lines_scanned: u64,
}

/// Live counters of a COPY, for progress bars.
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
}
