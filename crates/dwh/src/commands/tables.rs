//! `dwh tables`: create, drop, list, describe.

use dwh_pipeline::tables;

use crate::args::{TablesCommand, Target};
use crate::confirm::confirm;
use crate::context::{Access, Context};
use crate::describe;
use crate::pipeline_job::PipelineJob;

/// Runs one of the four.
///
/// # Errors
/// A statement failed, or dropping was not agreed to.
pub(crate) async fn run(command: &TablesCommand, context: &Context) -> anyhow::Result<()> {
    let printer = context.printer;
    match command {
        TablesCommand::Create(args) => {
            let job = PipelineJob::open(args, context, Access::Write).await?;
            let created = tables::create(&job.pipeline, &job.variables, job.warehouse.as_warehouse()).await?;
            said(context, "created", &created, "all tables are there already");
        }
        TablesCommand::Drop { pipeline, yes } => {
            if !yes {
                let place = match context.settings.target.value {
                    Target::Embedded => context.settings.warehouse.value.display().to_string(),
                    Target::Redshift => context.text("CLUSTER", "HOST").unwrap_or("Redshift").to_owned(),
                };
                let question =
                    format!("this drops the pipeline's tables in {place} with all their rows; yes?");
                confirm(context.printer, &question, "no table was dropped")?;
            }
            let job = PipelineJob::open(pipeline, context, Access::Write).await?;
            let dropped =
                tables::drop_all(&job.pipeline, &job.variables, job.warehouse.as_warehouse()).await?;
            said(context, "dropped", &dropped, "no table was there");
        }
        TablesCommand::List => {
            let session = context.warehouse(Access::Read).await?;
            printer.rows(&describe::tables(&session).await?)?;
        }
        TablesCommand::Describe { table } => {
            let session = context.warehouse(Access::Read).await?;
            printer.rows(&describe::table(&session, table).await?)?;
        }
    }
    Ok(())
}

fn said(context: &Context, verb: &str, tables: &[String], nothing: &str) {
    for table in tables {
        context.printer.note(format_args!("{verb} table {table}"));
    }
    if tables.is_empty() {
        context.printer.note(nothing);
    }
}
