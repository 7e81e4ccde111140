//! Runs SQL on a session and prints what it gives back.

use dwh_engine::{Notice, Session};

use crate::output::Rows;
use crate::printer::Printer;
use crate::report::SqlFailure;

/// What one statement gave back.
pub(crate) struct StatementOutput {
    tag: String,
    pub(crate) rows: Option<Rows>,
    notices: Vec<Notice>,
}

/// Runs all statements of a text, several as one transaction. `name` is the file they come from, for errors.
///
/// # Errors
/// The first statement that failed, with the text to show its place.
pub(crate) async fn execute(
    session: &Session,
    sql: &str,
    name: &str,
) -> Result<Vec<StatementOutput>, SqlFailure> {
    let results = session.execute(sql).await.map_err(|error| SqlFailure {
        error,
        sql: sql.to_owned(),
        name: name.to_owned(),
    })?;
    let outputs = results.into_iter().map(|result| StatementOutput {
        tag: result.tag,
        rows: result.result.map(|rows| Rows { schema: rows.schema, batches: rows.batches }),
        notices: result.notices,
    });
    Ok(outputs.collect())
}

/// Prints rows on stdout, notices and the tags of statements without rows on stderr.
///
/// # Errors
/// Stdout is closed, or a value cannot be shown.
pub(crate) fn print(results: &[StatementOutput], printer: Printer, expanded: bool) -> anyhow::Result<()> {
    for result in results {
        for notice in &result.notices {
            printer.note(notice);
        }
        match &result.rows {
            Some(rows) if expanded => printer.expanded(rows)?,
            Some(rows) => printer.rows(rows)?,
            None => printer.note(&result.tag),
        }
    }
    Ok(())
}
