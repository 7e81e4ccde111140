//! `dwh etl`: loads what is new and brings the star schema up to date, once or again and again.

mod ephemeral;

use std::ops::ControlFlow;
use std::time::Duration;

use dwh_pipeline::{PipelineError, RunOptions, RunReport};

use crate::args::EtlArgs;
use crate::context::Context;
use crate::pipeline_job::PipelineJob;
use crate::printer::Printer;

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

/// Runs until Ctrl-C. The first run must succeed, as what it fails at is most likely the configuration;
/// a later failure is said, and the next look finds it mended or not.
async fn watch(
    job: &PipelineJob,
    options: RunOptions,
    interval: Duration,
    printer: Printer,
) -> anyhow::Result<()> {
    let stop = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            printer.warning(format_args!("Ctrl-C is not heard ({error}), so this is the only run"));
        }
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
    dwh_pipeline::watch(job.job(), options, interval, stop, on_run).await?;
    Ok(())
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
