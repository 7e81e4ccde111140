use std::num::NonZero;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use crate::convert::Rules;
use crate::decode::Decoder;
use crate::error::CopyError;
use crate::fetch::{FetchOptions, Fetcher};
use crate::outcome::{BatchSink, CopyOutcome, Progress, SinkError};
use crate::plan;
use crate::request::CopyRequest;
use crate::slice::{Cutting, Slice, SliceOptions};
use crate::source::{Stores, nothing_found, watched};
use crate::state::LoadState;

/// Groups of objects, or parts of them, that wait to be decoded.
const WAITING_WORK: usize = 64;
/// Parts of large objects, larger where a record is: each is copied, checked and decoded while it is in the
/// processor's caches.
const PART_BYTES: usize = 1 << 20;
/// With less, one part for each reader and slice does not fit.
const MIN_MEMORY_BYTES: u64 = 64 << 20;
const MAX_BATCH_BYTES: u64 = 32 << 20;

/// Runs one COPY: lists, reads, decodes and hands batches to the sinks, one sink per decode thread.
///
/// Must be called within a tokio runtime. Dropping the future cancels the work: threads end at the
/// next record, and sinks are dropped with them.
///
/// # Errors
/// [`CopyError`]; rows already handed to sinks are then to be thrown away by the caller.
pub async fn copy<S: BatchSink + 'static>(
    request: &CopyRequest,
    stores: &Stores,
    make_sink: impl Fn() -> Result<S, SinkError>,
    progress: Arc<Progress>,
) -> Result<CopyOutcome<S>, CopyError> {
    let watched_progress = Arc::clone(&progress);
    watched(&watched_progress, request.source.as_str(), run(request, stores, make_sink, progress)).await
}

async fn run<S: BatchSink + 'static>(
    request: &CopyRequest,
    stores: &Stores,
    make_sink: impl Fn() -> Result<S, SinkError>,
    progress: Arc<Progress>,
) -> Result<CopyOutcome<S>, CopyError> {
    let options = &request.options;
    let rules = Arc::new(Rules::new(options)?);
    let decoder = Decoder::new(request, stores, &rules).await?;
    let objects = plan::objects(request, stores).await?;

    let memory_bytes = options.memory_bytes.max(MIN_MEMORY_BYTES);
    let ahead_bytes = memory_bytes / 4;
    let state = Arc::new(LoadState::new(options.error_limit(), memory_bytes - ahead_bytes, progress));
    let _stop_on_drop = StopOnDrop(Arc::clone(&state));
    let (work, received) = mpsc::channel(WAITING_WORK);
    let received = Arc::new(Mutex::new(received));
    let threads = match options.decode_threads {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    };
    let slice_options = SliceOptions {
        columns: request.columns.clone().into(),
        rules,
        decoder,
        cutting: Cutting {
            coding: request.coding(),
            ignore_header_lines: options.ignore_header_lines,
            part_bytes: PART_BYTES,
        },
        batch_bytes: (memory_bytes / (4 * threads as u64)).min(MAX_BATCH_BYTES) as usize,
    };
    let mut slices = Vec::with_capacity(threads);
    for number in 0..threads {
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let slice = Slice::new(number, &slice_options, Arc::clone(&state), make_sink()?);
        let received = Arc::clone(&received);
        slices.push(tokio::task::spawn_blocking(move || slice.run(&received)));
    }
    // The slices alone keep the receiving end: when they end, so does fetching.
    drop(received);

    let fetch_options = FetchOptions {
        stores: stores.clone(),
        access: request.access(),
        kind: slice_options.decoder.kind(),
        cutting: slice_options.cutting,
        ahead_bytes,
    };
    let fetcher = Fetcher::new(fetch_options, Arc::clone(&state), work);
    let fetched = tokio::select! {
        biased;
        () = state.stopped() => Ok(()),
        fetched = fetcher.run(objects) => fetched,
    };
    drop(fetcher);
    match fetched {
        Err(error) => {
            state.fail(error);
        }
        Ok(()) if !state.has_objects() && !state.is_stopped() => {
            state.fail(nothing_found(&request.source)?);
        }
        Ok(()) => {}
    }

    let mut sinks = Vec::with_capacity(threads);
    let (mut rows_loaded, mut rows_replaced, mut replacements) = (0, 0, Vec::new());
    for slice in slices {
        match slice.await {
            Ok(Ok(done)) => {
                sinks.push(done.sink);
                rows_loaded += done.rows_loaded;
                rows_replaced += done.rows_replaced;
                replacements.extend(done.replacements);
            }
            // The state knows why.
            Ok(Err(_stopped)) => {}
            Err(error) => {
                state.fail(CopyError::Internal(error.to_string()));
            }
        }
    }
    let result = state.result()?;
    Ok(CopyOutcome {
        sinks,
        rows_loaded,
        objects: result.objects,
        errors: result.errors,
        error_count: result.error_count,
        rows_replaced,
        replacements,
    })
}

/// Ends the threads of a COPY when its future is dropped.
struct StopOnDrop(Arc<LoadState>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
