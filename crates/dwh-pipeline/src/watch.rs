//! Runs again and again, for objects that keep arriving.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::error::PipelineError;
use crate::run::{Job, RunOptions, RunReport, run};

/// Runs, waits for `interval`, and runs again, until `stop` is ready or `on_run` breaks. `on_run` gets the
/// outcome of each run; a run that has begun is finished before `stop` is heeded.
///
/// Returns the outcome of the last run.
///
/// # Errors
/// That of the last run; an earlier one is for `on_run` to judge.
pub async fn watch(
    job: Job<'_>,
    options: RunOptions,
    interval: Duration,
    stop: impl Future<Output = ()>,
    mut on_run: impl FnMut(&Result<RunReport, PipelineError>) -> ControlFlow<()>,
) -> Result<RunReport, PipelineError> {
    tokio::pin!(stop);
    let mut options = options;
    loop {
        let outcome = run(job, options).await;
        // Only the first run starts anew.
        options.full_refresh = false;
        if on_run(&outcome).is_break() {
            return outcome;
        }
        tokio::select! {
            () = &mut stop => return outcome,
            () = tokio::time::sleep(interval) => {}
        }
    }
}
