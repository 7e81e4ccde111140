//! Runs SQL on a session and prints what it gives back.

use dwh_engine::Outcome;

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

/// Runs all statements of a text and prints what they give back, rows as they come where the format can.
///
/// # Errors
/// The first statement that failed, stdout is closed, or a value cannot be shown.
pub(crate) async fn execute_and_print(
    session: &WarehouseSession,
    sql: &str,
    name: &str,
    printer: Printer,
) -> anyhow::Result<()> {
    let WarehouseSession::Embedded(warehouse) = session else {
        return print(&execute(session, sql, name).await?, printer, false);
    };
    let failed = |error| SqlFailure { error, sql: sql.to_owned(), name: name.to_owned() };
    for mut outcome in warehouse.session().run(sql).await.map_err(failed)? {
        let writer = match &outcome.rows {
            Some(rows) => printer.row_writer(&rows.schema, rows.style)?,
            None => None,
        };
        match (writer, outcome.rows.take()) {
            (Some(mut writer), Some(mut rows)) => {
                outcome.notices.iter().for_each(|notice| printer.note(notice));
                while let Some(batch) = rows.next().await.map_err(failed)? {
                    printer.on_stdout(|out| writer.batch(&batch, out))?;
                }
                printer.on_stdout(|out| writer.finish(out))?;
            }
            (_, rows) => {
                let result = Outcome { rows, ..outcome }.collect().await.map_err(failed)?;
                print(&[result.into()], printer, false)?;
            }
        }
    }
    Ok(())
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
