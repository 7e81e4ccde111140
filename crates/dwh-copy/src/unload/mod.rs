//! UNLOAD: Arrow batches in, objects of a store out (RS 6).
//!
//! What it is for: writing the rows of a query as delimited text, CSV, JSON, fixed-width text or Parquet,
//! so that COPY reads them back equal. What it is not: it knows no SQL and no tables; the caller hands in
//! one stream of batches a slice, with Redshift's types in the metadata of their fields.
//!
//! The flow of one [`unload`]:
//!
//! 1. `plan` checks that the columns can be written so, and `destination` that the prefix is free (or
//!    clears it);
//! 2. each slice runs as a task: `slice` cuts its rows into partitions and files;
//! 3. `delimited`, `csv`, `json` and `fixed_width` write a record as text, from the values that `value`
//!    prints, and `text_file` compresses them; `parquet` collects row groups;
//! 4. `object` uploads the bytes in parts while more are written, and makes the object appear whole;
//! 5. `manifest` lists what was written; if anything failed, `written` removes it again.

mod csv;
mod delimited;
mod destination;
mod error;
mod fixed_width;
mod json;
mod manifest;
mod naming;
mod object;
mod parquet;
mod partition;
mod plan;
mod record;
mod request;
mod run;
mod slice;
mod text_file;
mod value;
mod written;

pub use error::UnloadError;
pub use request::{FixedWidthColumn, TextOptions, UnloadFormat, UnloadManifest, UnloadRequest};
pub use run::{BatchStream, UnloadOutcome, UnloadedFile, unload};
