//! Compaction: a prefix of many tiny JSON objects becomes few larger ones and a manifest, so that
//! Redshift itself loads them fast (RS 7.1). The source is only read.
//!
//! A [`CompactPlan`] follows from the listing alone: which source objects each new object is made of,
//! and its name, which has a digest of them in it. Objects appear whole or not at all, so a run that
//! was killed goes on where it stopped by looking at which names of the plan are there. The manifest
//! comes last.

mod error;
mod join;
mod listing;
mod plan;
mod run;
mod slices;

pub use error::CompactError;
pub use plan::{CompactPlan, PlannedObject, plan_compaction};
pub use run::{CompactOutcome, compact};
pub use slices::{KNOWN_NODE_TYPES, slices_per_node};

use crate::compression::OutputCompression;
use crate::source::S3Access;

/// What to compact, and into what.
#[derive(Debug, Clone)]
pub struct CompactRequest {
    /// `s3://bucket/prefix` or a path: every object whose name begins so, as COPY reads it (RS 1.3).
    pub source: String,
    /// Folder of the new objects, `s3://bucket/folder` or a path; outside the source.
    pub target: String,
    /// Bytes of JSON of one new object, before compression.
    pub size_bytes: u64,
    /// Slices of the cluster; the number of new objects is a multiple of it.
    pub slices: u32,
    /// Compression of the new objects.
    pub compression: OutputCompression,
    /// Who reads and writes S3.
    pub access: S3Access,
}
