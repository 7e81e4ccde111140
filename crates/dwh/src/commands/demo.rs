//! `dwh demo`: the whole job on generated data, in a folder of its own.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use dwh_datagen::Scale;
use dwh_pipeline::RunOptions;

use super::{etl, generate, init, verify};
use crate::args::{DemoArgs, GlobalArgs, PipelineArgs, Target};
use crate::config::{Environment, FILE_NAME, Settings, UnknownKeys};
use crate::context::{Access, Context};
use crate::pipeline_job::PipelineJob;
use crate::printer::Printer;
use crate::report::UsageError;
use crate::run_sql;

const DATA: &str = "data";
const WAREHOUSE: &str = "warehouse";
/// Rows shown of each query.
const MAX_ROWS: usize = 10;

/// Generates, loads, asks, compares.
///
/// # Errors
/// The folder holds something else, or a step failed.
pub(crate) async fn run(args: &DemoArgs, global: &GlobalArgs, printer: Printer) -> anyhow::Result<()> {
    let started = Instant::now();
    let dir = &args.dir;
    prepare(dir)?;

    heading(printer, "Generating logs and songs");
    let summary = generate::write(&Scale::demo(), &dir.join(DATA))?;
    printer.note(generate::described(&summary));

    heading(printer, "Loading and transforming, in one transaction");
    let context = context(dir, global, printer)?;
    let job = PipelineJob::open(&PipelineArgs { pipeline: None }, &context, Access::Write).await?;
    etl::once(&job, RunOptions::default()).await?;

    answer(&job, printer).await?;

    heading(printer, "Comparing with results that DuckDB computed from the same files");
    verify::judge(&verify::compare(&job, None).await?, printer)?;

    let shown = dir.display();
    printer.note(format_args!(
        "\nDone in {:.1} s. Look around in {shown}:\n  cd {shown}\n  dwh tables list\n  dwh query \
         \"SELECT level, COUNT(*) FROM songplays GROUP BY level\"\n  dwh sql\n  dwh etl      (a second run finds \
         nothing new)\n  dwh loads",
        started.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// An empty folder, or that of an earlier demo, whose data and warehouse are made anew.
fn prepare(dir: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot use {}", dir.display());
    let config = dir.join(FILE_NAME);
    let is_demo = || std::fs::read_to_string(&config).is_ok_and(|text| text == configuration());
    let has_files = dir.exists() && std::fs::read_dir(dir).with_context(cannot)?.next().is_some();
    if has_files {
        if !is_demo() {
            let message = format!("{} holds something else than a demo", dir.display());
            return Err(UsageError::new(message, "name another folder with --dir").into());
        }
        for old in [DATA, WAREHOUSE] {
            let old = dir.join(old);
            if old.exists() {
                std::fs::remove_dir_all(&old).with_context(cannot)?;
            }
        }
    }
    std::fs::create_dir_all(dir).with_context(cannot)?;
    init::write_new(&config, &configuration(), true)
}

fn configuration() -> String {
    format!(
        "# Of `dwh demo`, which makes {DATA}/ and {WAREHOUSE}/ beside this file anew.\n{}",
        init::template(Some(DATA))
    )
}

/// The demo's own configuration, whatever that of the user says.
fn context(dir: &Path, global: &GlobalArgs, printer: Printer) -> anyhow::Result<Context> {
    let own = GlobalArgs {
        warehouse: Some(dir.join(WAREHOUSE)),
        config: Some(dir.join(FILE_NAME)),
        target: Some(Target::Embedded),
        ..*global
    };
    let environment = Environment::default();
    Ok(Context { settings: Settings::load(&own, &environment, UnknownKeys::Refuse)?, environment, printer })
}

/// Runs the analytics queries and prints their first rows.
async fn answer(job: &PipelineJob, printer: Printer) -> anyhow::Result<()> {
    for query in &job.pipeline.queries {
        heading(printer, &query.description());
        for statement in query.statements(&job.variables)? {
            for output in run_sql::execute(&job.warehouse, &statement.sql, &query.path).await? {
                if let Some(rows) = output.rows {
                    printer.first_rows(&rows, MAX_ROWS)?;
                }
            }
        }
    }
    Ok(())
}

fn heading(printer: Printer, text: &str) {
    printer.note(format_args!("\n== {text}"));
}
