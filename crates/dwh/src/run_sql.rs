//! Runs SQL on a session and prints what it gives back.

use crate::printer::Printer;
use crate::report::SqlFailure;
use crate::warehouse::{Answer, WarehouseSession};

/// Runs all statements of a text, several as one transaction. `name` is the file they come from, for errors.
///
/// # Errors
/// The first statement that failed, with the text to show its place.
pub(crate) async fn execute(
    session: &WarehouseSession,
    sql: &str,
    name: &str,
) -> Result<Vec<Answer>, SqlFailure> {
    session.run(sql).await.map_err(|error| SqlFailure { error, sql: sql.to_owned(), name: name.to_owned() })
}

/// Prints rows on stdout, notices and the tags of statements without rows on stderr.
///
/// # Errors
/// Stdout is closed, or a value cannot be shown.
pub(crate) fn print(results: &[Answer], printer: Printer, expanded: bool) -> anyhow::Result<()> {
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
