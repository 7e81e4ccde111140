//! `dwh check`: the data tests.

use crate::args::PipelineArgs;
use crate::context::{Access, Context};
use crate::output::Rows;
use crate::pipeline_job::PipelineJob;
use crate::report::WorkFailed;

/// How many rows that contradict a check are shown.
const MAX_ROWS: usize = 5;

/// Runs the checks and prints the outcome of each.
///
/// # Errors
/// A check cannot be run, or rows contradict one.
pub(crate) async fn run(args: &PipelineArgs, context: &Context) -> anyhow::Result<()> {
    on(&PipelineJob::open(args, context, Access::Read).await?, context).await
}

/// Runs the checks of a job.
///
/// # Errors
/// As [`run`].
pub(super) async fn on(job: &PipelineJob, context: &Context) -> anyhow::Result<()> {
    let results = dwh_pipeline::check(&job.pipeline, &job.variables, job.warehouse.as_warehouse()).await?;
    let row = |result: &dwh_pipeline::CheckResult| {
        let status = match result.offending.rows.len() {
            0 => "passed".to_owned(),
            1 => "failed: 1 row".to_owned(),
            count => format!("failed: {count} rows"),
        };
        [Some(result.check.clone()), Some(status), Some(result.description.clone())]
    };
    context.printer.rows(&Rows::of_text(["check", "status", "what must hold"], results.iter().map(row)))?;
    let failed: Vec<_> = results.iter().filter(|result| !result.passed()).collect();
    for result in &failed {
        context.printer.warning(format_args!("{}: {}", result.check, result.offending.columns.join(", ")));
        for row in result.offending.rows.iter().take(MAX_ROWS) {
            let values: Vec<&str> = row.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
            context.printer.warning(format_args!("    {}", values.join(", ")));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(WorkFailed(format!("{} of {} checks failed", failed.len(), results.len())).into())
}
