//! `dwh loads`: what was loaded, and which records were rejected.

use dwh_common::SqlState;
use dwh_pipeline::LEDGER_TABLE;

use crate::args::{LoadsArgs, LoadsCommand};
use crate::context::{Access, Context};
use crate::run_sql;

/// Prints the history of the ledger, or the rejected records.
///
/// # Errors
/// The warehouse cannot be read.
pub(crate) async fn run(args: &LoadsArgs, context: &Context) -> anyhow::Result<()> {
    let sql = match args.command {
        Some(LoadsCommand::Errors { limit }) => errors(limit),
        None => history(args.limit),
    };
    let session = context.warehouse(Access::Read).await?;
    let mut results = run_sql::execute(&session, &sql, "loads").await;
    if let Some(LoadsCommand::Errors { limit }) = args.command
        && results.as_ref().is_err_and(|failure| failure.error.state == SqlState::InsufficientPrivilege)
    {
        results = run_sql::execute(&session, &errors_on_serverless(limit), "loads").await;
    }
    match results {
        Err(failure) if failure.error.state == SqlState::UndefinedTable => {
            context.printer.note("nothing has been loaded yet; `dwh etl` loads");
            Ok(())
        }
        results => run_sql::print(&results?, context.printer, false),
    }
}

fn history(limit: u64) -> String {
    format!(
        "SELECT loaded_at, load_name AS \"load\", object_url AS \"object\", size_bytes AS bytes, \
         rows_loaded AS \"rows\", rows_rejected AS rejected, run_id AS run \
         FROM public.{LEDGER_TABLE} ORDER BY loaded_at DESC, object_url LIMIT {limit}"
    )
}

/// The text columns of stl_load_errors are padded with blanks (RS 10.1).
fn errors(limit: u64) -> String {
    format!(
        "SELECT starttime AS \"time\", TRIM(filename) AS file, line_number AS line, TRIM(colname) AS \"column\", \
         TRIM(err_reason) AS reason, TRIM(raw_field_value) AS value, TRIM(raw_line) AS raw_text \
         FROM stl_load_errors ORDER BY starttime DESC, filename, line_number LIMIT {limit}"
    )
}

/// On Serverless an ordinary user may not read stl_load_errors (RS 2.1).
fn errors_on_serverless(limit: u64) -> String {
    format!(
        "SELECT start_time AS \"time\", TRIM(file_name) AS file, line_number AS line, \
         TRIM(column_name) AS \"column\", TRIM(error_message) AS reason \
         FROM sys_load_error_detail ORDER BY start_time DESC, file_name, line_number LIMIT {limit}"
    )
}
