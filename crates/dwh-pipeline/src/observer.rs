//! What a run tells while it runs.

use std::time::Duration;

use crate::error::PipelineError;
use crate::run::{LoadReport, TransformReport};

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum RunEvent<'a> {
    /// The objects of a load are being listed.
    Listing {
        /// The load.
        load: &'a str,
        /// Its source.
        source_url: &'a str,
    },
    /// A missing table was created.
    TableCreated {
        /// The table.
        table: &'a str,
    },
    /// The tables and the ledger are emptied, to load everything anew.
    Refreshing,
    /// The objects of a load are compared with the ledger; rows are not yet known.
    Compared(&'a LoadReport),
    /// The COPY of a load's new objects begins.
    CopyStarted {
        /// The load.
        load: &'a str,
        /// Objects to read.
        objects: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// The COPY of a load is done.
    CopyFinished(&'a LoadReport),
    /// A transform begins.
    TransformStarted {
        /// The transform.
        transform: &'a str,
    },
    /// A transform is done.
    TransformFinished(&'a TransformReport),
    /// The connection broke; the run begins anew with what the ledger says is missing.
    Repeating {
        /// Why.
        reason: &'a PipelineError,
    },
    /// Everything is committed, after so long.
    Committed {
        /// Time since the run began.
        elapsed: Duration,
    },
    /// There was nothing to do, and nothing was changed.
    NothingNew,
}

/// Gets the events of a run, on the thread that runs it: return soon.
pub trait RunObserver: Send + Sync {
    /// Something happened.
    fn event(&self, event: RunEvent<'_>);
}

/// Looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl RunObserver for Silent {
    fn event(&self, _: RunEvent<'_>) {}
}
