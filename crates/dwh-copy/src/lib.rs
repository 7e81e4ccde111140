//! COPY: objects of a store in, Arrow batches and load errors out.
//!
//! What it is for: reading files from S3, from S3-compatible stores and from local folders the
//! way Redshift's COPY does (RS 1 and 2), with bounded memory and on all cores. What it is not: it
//! knows no SQL text, no tables and no transactions; the caller hands in the target columns and one
//! [`BatchSink`] per decode thread, and decides what happens with batches and load errors.
//!
//! The flow of one [`copy`]:
//!
//! 1. [`source`](crate::list) lists the objects under a prefix, or checks those of a [`Manifest`];
//! 2. `fetch` reads them, hundreds at a time, within a budget of bytes, and unpacks them;
//! 3. `framing` finds where records begin and end;
//! 4. `decode` takes the wanted fields out of each record, without building a document;
//! 5. `convert` turns them into the column types by Redshift's rules and fills Arrow batches;
//!    what does not fit becomes a [`LoadError`].
//!
//! PARQUET and ORC are columns already: `ranges` reads row groups of them, and `decode` converts whole
//! columns at a time.

mod buffers;
mod chunked;
mod coding;
mod compact;
mod compression;
mod convert;
mod copy;
pub mod datetime;
mod decode;
mod encoding;
mod error;
mod fetch;
mod framing;
#[doc(hidden)]
pub mod internals;
mod jsonpaths;
mod lane;
mod load_error;
mod manifest;
pub mod number_format;
mod outcome;
mod parts;
mod plan;
mod ranges;
mod records;
mod request;
mod slice;
mod source;
mod state;
pub mod unload;

pub use compact::{
    CompactError, CompactOutcome, CompactPlan, CompactRequest, KNOWN_NODE_TYPES, PlannedObject, compact,
    plan_compaction, slices_per_node,
};
pub use compression::{Compression, OutputCompression};
pub use copy::copy;
pub use datetime::SessionClock;
pub use encoding::Encoding;
pub use error::{CopyError, ManifestProblem, StoreError};
pub use load_error::{ColumnInfo, FieldDetail, LoadError, code};
pub use manifest::{Manifest, ManifestEntry, ManifestMeta, parse_manifest};
pub use outcome::{
    BatchSink, CopyOutcome, ObjectReport, Progress, ProgressCounts, Replacement, SinkError, TransferFault,
};
pub use request::{
    CopyOptions, CopyRequest, DataFormat, JsonFormat, S3Credentials, TargetColumn, TextFormat, TextLayout,
};
pub use source::{
    LocalFiles, ObjectMeta, ObjectPages, S3Access, StoreSettings, Stores, list, list_pages, read_object,
    write_object,
};
