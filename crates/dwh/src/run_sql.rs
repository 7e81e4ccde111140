//! Runs SQL on a session and prints what it gives back.

use std::ops::ControlFlow;
use std::pin::pin;

use dwh_common::SqlError;
use dwh_engine::{Outcome, Session, TextStyle};
use dwh_pipeline::{OutputColumn, StatementSink, StatementSummary, TextRow, Types};

use crate::output::{RowWriter, Rows};
use crate::printer::Printer;
use crate::report::SqlFailure;
use crate::warehouse::{Answer, WarehouseSession, batch_of_text, schema_of_text};

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
    let failed = |error| SqlFailure { error, sql: sql.to_owned(), name: name.to_owned() };
    match session {
        WarehouseSession::Embedded(warehouse) => {
            for outcome in run_telling(warehouse.session(), sql, printer).await.map_err(failed)? {
                print_outcome(outcome, printer, failed).await?;
            }
            Ok(())
        }
        WarehouseSession::Redshift(warehouse) => {
            let mut printed = Printed::new(printer);
            let ran = warehouse.run_into(sql, Types::Wanted, &mut printed).await;
            // What cannot be written is why rows were not taken.
            printed.failure.map_or(Ok(()), Err)?;
            Ok(ran.map_err(failed)?)
        }
    }
}

/// Runs a text; what procedures tell is printed while they run, also if they fail then.
async fn run_telling(session: &Session, sql: &str, printer: Printer) -> Result<Vec<Outcome>, SqlError> {
    let mut work = pin!(session.run(sql));
    loop {
        tokio::select! {
            biased;
            done = &mut work => {
                if done.is_err() {
                    session.notices_before_error().iter().for_each(|notice| printer.note(notice));
                }
                return done;
            }
            notices = session.notices() => notices.iter().for_each(|notice| printer.note(notice)),
        }
    }
}

async fn print_outcome(
    mut outcome: Outcome,
    printer: Printer,
    failed: impl Fn(SqlError) -> SqlFailure,
) -> anyhow::Result<()> {
    let writer = match &outcome.rows {
        Some(rows) => printer.row_writer(&rows.schema, rows.style)?,
        None => None,
    };
    match (writer, outcome.rows.take()) {
        (Some(mut writer), Some(mut rows)) => {
            outcome.notices.iter().for_each(|notice| printer.note(notice));
            while let Some(batch) = rows.next().await.map_err(&failed)? {
                printer.on_stdout(|out| writer.batch(&batch, out))?;
            }
            printer.on_stdout(|out| writer.finish(out))?;
            Ok(())
        }
        (_, rows) => {
            let result = Outcome { rows, ..outcome }.collect().await.map_err(&failed)?;
            print(&[result.into()], printer, false)
        }
    }
}

/// Prints what a cluster tells.
struct Printed {
    printer: Printer,
    result: Option<Rows>,
    writer: Option<RowWriter>,
    failure: Option<anyhow::Error>,
}

impl Printed {
    fn new(printer: Printer) -> Self {
        Self { printer, result: None, writer: None, failure: None }
    }

    /// Keeps why it did not go on.
    fn note(&mut self, done: anyhow::Result<()>) -> ControlFlow<()> {
        match done {
            Ok(()) if self.failure.is_none() => ControlFlow::Continue(()),
            Ok(()) => ControlFlow::Break(()),
            Err(error) => {
                self.failure.get_or_insert(error);
                ControlFlow::Break(())
            }
        }
    }

    fn print_rows(&mut self, rows: &[TextRow]) -> anyhow::Result<()> {
        let Some(result) = &mut self.result else { return Ok(()) };
        let batch = batch_of_text(&result.schema, rows)?;
        match &mut self.writer {
            Some(writer) => self.printer.on_stdout(|out| writer.batch(&batch, out))?,
            None => result.batches.push(batch),
        }
        Ok(())
    }

    fn print_end(&mut self, StatementSummary { tag, notices, .. }: StatementSummary) -> anyhow::Result<()> {
        let rows = self.result.take();
        match self.writer.take() {
            Some(writer) => {
                notices.iter().for_each(|notice| self.printer.note(notice));
                Ok(self.printer.on_stdout(|out| writer.finish(out))?)
            }
            None => print(&[Answer { tag, rows, notices }], self.printer, false),
        }
    }
}

impl StatementSink for Printed {
    fn columns(&mut self, columns: Vec<OutputColumn>) {
        let schema = schema_of_text(&columns);
        let style = TextStyle::default();
        match self.printer.row_writer(&schema, style) {
            Ok(writer) => self.writer = writer,
            Err(error) => drop(self.note(Err(error.into()))),
        }
        self.result = Some(Rows { schema, style, batches: Vec::new() });
    }

    fn rows(&mut self, rows: Vec<TextRow>) -> ControlFlow<()> {
        let printed = if self.failure.is_none() { self.print_rows(&rows) } else { Ok(()) };
        self.note(printed)
    }

    fn done(&mut self, summary: StatementSummary) {
        let printed = if self.failure.is_none() { self.print_end(summary) } else { Ok(()) };
        // Statements behind it run, as they would if nobody printed.
        let _ = self.note(printed);
    }
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
