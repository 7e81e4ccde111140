//! `dwh verify`: the analytics queries against expected results.

use dwh_pipeline::{ExpectedSet, QueryComparison, VerifyReport};

use crate::args::VerifyArgs;
use crate::context::{Access, Context};
use crate::output::Rows;
use crate::pipeline_job::PipelineJob;
use crate::printer::Printer;
use crate::report::WorkFailed;

/// Compares and prints the outcome of each query, the differences on stderr.
///
/// # Errors
/// No results are expected of this data, a query cannot be run, or a result differs.
pub(crate) async fn run(args: &VerifyArgs, context: &Context) -> anyhow::Result<()> {
    let job = PipelineJob::open(&args.pipeline, context, Access::Read).await?;
    let expected = args.expected.as_deref().map(ExpectedSet::open).transpose()?;
    let report = compare(&job, expected.as_ref()).await?;
    let row = |query: &QueryComparison| {
        let status = match query.difference_count {
            0 => "equal".to_owned(),
            1 => "1 difference".to_owned(),
            count => format!("{count} differences"),
        };
        [Some(query.query.clone()), Some(status), Some(query.description.clone())]
    };
    context.printer.rows(&Rows::of_text(["query", "status", "question"], report.queries.iter().map(row)))?;
    judge(&report, context.printer)
}

/// Runs the comparison.
///
/// # Errors
/// As [`run`], but a difference is none.
pub(super) async fn compare(
    job: &PipelineJob,
    expected: Option<&ExpectedSet>,
) -> anyhow::Result<VerifyReport> {
    Ok(dwh_pipeline::verify(&job.pipeline, &job.variables, job.warehouse.as_warehouse(), expected).await?)
}

/// Says what differs.
///
/// # Errors
/// Something differs.
pub(super) fn judge(report: &VerifyReport, printer: Printer) -> anyhow::Result<()> {
    for query in report.queries.iter().filter(|query| !query.is_equal()) {
        for difference in &query.differences {
            printer.warning(format_args!("{}: {difference}", query.query));
        }
        match query.difference_count - query.differences.len() {
            0 => {}
            more => printer.warning(format_args!("{}: and {more} more differences", query.query)),
        }
    }
    for query in &report.not_compared {
        printer.warning(format_args!("{query}: no result is expected, so none was compared"));
    }
    let differing = report.queries.iter().filter(|query| !query.is_equal()).count();
    let (count, set) = (report.queries.len(), &report.expected_set);
    if differing > 0 {
        let message = format!("{differing} of {count} queries differ from the expected results of {set}");
        return Err(WorkFailed(message).into());
    }
    printer.note(format_args!("all {count} queries give the expected results of {set}"));
    Ok(())
}
