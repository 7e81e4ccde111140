//! `dwh etl`: loads what is new and brings the star schema up to date, once or again and again.

mod ephemeral;

use std::ops::ControlFlow;
use std::time::Duration;

use dwh_pipeline::{PipelineError, RunOptions, RunReport};

use crate::args::EtlArgs;
use crate::context::Context;
use crate::pipeline_job::PipelineJob;
use crate::printer::Printer;
use crate::report::WorkFailed;
use crate::signals::Signals;

/// Runs the pipeline.
///
/// # Errors
/// The first thing that fails; the warehouse is as it was before the run.
pub(crate) async fn run(args: &EtlArgs, context: &Context) -> anyhow::Result<()> {
    if args.ephemeral {
        return ephemeral::run(args, context).await;
    }
    let job = PipelineJob::open_to_run(&args.pipeline, context).await?;
    let options = RunOptions { full_refresh: args.full_refresh };
    if args.watch {
        return watch(&job, options, Duration::from_secs(args.interval), context.printer).await;
    }
    once(&job, options).await?;
    Ok(())
}

/// Runs until a signal; one that comes while a run is under way ends it only if a second one follows. The first
/// run must succeed, as what it fails at is most likely the configuration; a later failure is said, and the next look
/// finds it mended or not.
async fn watch(
    job: &PipelineJob,
    options: RunOptions,
    interval: Duration,
    printer: Printer,
) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let (told, stop) = tokio::sync::oneshot::channel();
    let killed = async {
        let name = signals.next().await;
        // Where nobody listens any more, all is done.
        let _ = told.send(());
        job.progress.clear();
        printer.note(format_args!("{name}: ending; a second signal ends a run that is under way"));
        signals.next().await
    };
    let mut first = true;
    let on_run = |outcome: &Result<RunReport, PipelineError>| {
        job.progress.clear();
        match outcome {
            Err(_) if first => return ControlFlow::Break(()),
            Err(error) => printer.error(error),
            Ok(_) => {}
        }
        first = false;
        ControlFlow::Continue(())
    };
    let stop = async { drop(stop.await) };
    tokio::select! {
        outcome = dwh_pipeline::watch(job.job(), options, interval, stop, on_run) => Ok(outcome.map(drop)?),
        name = killed => Err(WorkFailed(format!("stopped by {name}; what the run had not committed is gone")).into()),
    }
}

/// One run, its progress shown.
///
/// # Errors
/// As [`run`].
pub(super) async fn once(job: &PipelineJob, options: RunOptions) -> anyhow::Result<RunReport> {
    let report = dwh_pipeline::run(job.job(), options).await;
    job.progress.clear();
    Ok(report?)
}
