//! `dwh sql`: statements until `;`, commands that begin with `\`, one after another until `\q`.

mod command;
mod editor;
mod names;

use std::time::Instant;

use anyhow::Context;
use tokio::runtime::Runtime;

use crate::describe;
use crate::printer::Printer;
use crate::run_sql;
use crate::warehouse::WarehouseSession;
use command::{Command, HELP};
use editor::{Editor, Input};
use names::Names;

/// A prompt on a session.
pub(crate) struct Prompt<'a> {
    runtime: &'a Runtime,
    session: WarehouseSession,
    printer: Printer,
    timing: bool,
    expanded: bool,
}

/// Whether the prompt goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    Quit,
}

impl<'a> Prompt<'a> {
    pub(crate) fn new(runtime: &'a Runtime, session: WarehouseSession, printer: Printer) -> Self {
        Self { runtime, session, printer, timing: false, expanded: false }
    }

    /// Reads and runs until the end of the input. At a terminal an error is shown and the prompt goes on;
    /// a script stops at its first error.
    ///
    /// # Errors
    /// Stdin cannot be read, stdout is closed, or a statement of a script failed.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        let mut editor = Editor::open(self.printer)?;
        let interactive = editor.is_interactive();
        if interactive {
            let place = match &self.session {
                WarehouseSession::Embedded(_) => "Amazon Redshift SQL on the embedded warehouse",
                WarehouseSession::Redshift(_) => "on Amazon Redshift",
            };
            self.printer.note(format_args!("dwh, {place}. \\? for help, \\q to leave."));
        }
        let mut names_are_stale = interactive;
        loop {
            if names_are_stale {
                editor.set_names(self.runtime.block_on(Names::read(&self.session)));
            }
            let text = match editor.read()? {
                Input::Text(text) => text,
                Input::Cancelled => continue,
                Input::End => break,
            };
            let outcome = if text.starts_with('\\') { self.command(&text) } else { self.sql(&text, "sql") };
            names_are_stale = interactive && !text.trim_start().to_ascii_lowercase().starts_with("select");
            match outcome {
                Ok(Next::Go) => {}
                Ok(Next::Quit) => break,
                Err(error) if interactive => self.printer.error(error.as_ref()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn sql(&self, sql: &str, name: &str) -> anyhow::Result<Next> {
        let started = Instant::now();
        let outcome = self.runtime.block_on(async {
            tokio::select! {
                outcome = run_sql::execute(&self.session, sql, name) => Some(outcome),
                _ = tokio::signal::ctrl_c() => None,
            }
        });
        match outcome {
            Some(results) => run_sql::print(&results?, self.printer, self.expanded)?,
            None => self.printer.note("cancelled"),
        }
        if self.timing {
            self.printer.note(format_args!("Time: {:.3} ms", started.elapsed().as_secs_f64() * 1000.0));
        }
        Ok(Next::Go)
    }

    fn command(&mut self, text: &str) -> anyhow::Result<Next> {
        match Command::parse(text)? {
            Command::Quit => return Ok(Next::Quit),
            Command::Help => self.printer.line(HELP)?,
            Command::Timing => {
                self.timing = !self.timing;
                self.printer.note(format_args!("Timing is {}.", on_or_off(self.timing)));
            }
            Command::Expanded => {
                self.expanded = !self.expanded;
                self.printer.note(format_args!("Expanded display is {}.", on_or_off(self.expanded)));
            }
            Command::Tables => {
                let rows = self.runtime.block_on(describe::tables(&self.session))?;
                if self.expanded { self.printer.expanded(&rows)? } else { self.printer.rows(&rows)? }
            }
            Command::Views => return self.sql(describe::VIEWS, "\\dv"),
            Command::Schemas => return self.sql(describe::SCHEMAS, "\\dn"),
            Command::Describe(table) => {
                let rows = self.runtime.block_on(describe::table(&self.session, &table))?;
                self.printer.rows(&rows)?;
            }
            Command::Include(path) => {
                let sql = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
                return self.sql(&sql, &path);
            }
        }
        Ok(Next::Go)
    }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
