use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::CopyError;
use crate::outcome::{BatchSink, CopyOutcome, Progress, SinkError};
use crate::request::CopyRequest;
use crate::source::{Stores, list};

/// Runs one COPY: lists, reads, decodes and hands batches to the sinks, one sink per decode thread.
///
/// Dropping the future cancels the work; sinks are dropped with it.
///
/// # Errors
/// [`CopyError`]; rows already handed to sinks are then to be thrown away by the caller.
pub async fn copy<S: BatchSink + 'static>(
    request: &CopyRequest,
    stores: &Stores,
    _make_sink: impl Fn() -> Result<S, SinkError>,
    progress: Arc<Progress>,
) -> Result<CopyOutcome<S>, CopyError> {
    let objects = list(&request.source, stores, &request.access()).await?;
    progress.objects_total.store(objects.len() as u64, Ordering::Relaxed);
    Err(CopyError::Internal("decoding is not part of this build".to_owned()))
}
