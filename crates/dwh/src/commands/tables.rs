//! `dwh tables`: create, drop, list, describe.

use std::io::{self, BufRead, IsTerminal};

use anyhow::Context as _;
use dwh_pipeline::tables;

use crate::args::TablesCommand;
use crate::context::{Access, Context};
use crate::describe;
use crate::pipeline_job::PipelineJob;
use crate::report::UsageError;
use crate::run_sql;

/// Runs one of the four.
///
/// # Errors
/// A statement failed, or dropping was not agreed to.
pub(crate) async fn run(command: &TablesCommand, context: &Context) -> anyhow::Result<()> {
    let printer = context.printer;
    match command {
        TablesCommand::Create(args) => {
            let job = PipelineJob::open(args, context, Access::Write)?;
            let created = tables::create(&job.pipeline, &job.variables, &job.warehouse).await?;
            said(context, "created", &created, "all tables are there already");
        }
        TablesCommand::Drop { pipeline, yes } => {
            context.settings.require_embedded()?;
            if !yes {
                confirm(context)?;
            }
            let job = PipelineJob::open(pipeline, context, Access::Write)?;
            let dropped = tables::drop_all(&job.pipeline, &job.variables, &job.warehouse).await?;
            said(context, "dropped", &dropped, "no table was there");
        }
        TablesCommand::List => {
            let session = context.session(Access::Read)?;
            run_sql::print(&run_sql::execute(&session, describe::TABLES, "tables").await?, printer, false)?;
        }
        TablesCommand::Describe { table } => {
            let session = context.session(Access::Read)?;
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

/// Asks at a terminal; elsewhere nobody could answer.
fn confirm(context: &Context) -> anyhow::Result<()> {
    let dir = context.settings.warehouse.value.display();
    let refused = || UsageError::new("no table was dropped", "answer yes, or give --yes");
    if !io::stdin().is_terminal() {
        return Err(refused().into());
    }
    context
        .printer
        .warning(format_args!("this drops the pipeline's tables in {dir} with all their rows; yes?"));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(refused().into()),
    }
}
