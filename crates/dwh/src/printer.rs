//! The one place that writes to the terminal: data on stdout, everything else on stderr.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use arrow::datatypes::Schema;
use dwh_engine::TextStyle;
use terminal_size::{Width, terminal_size_of};

use crate::args::{Format, GlobalArgs};
use crate::output::{self, RowWriter, Rows};
use crate::report;

/// How and what to print, decided once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    format: Format,
    quiet: bool,
}

impl Printer {
    pub(crate) fn new(args: &GlobalArgs) -> Self {
        Self { format: args.format, quiet: args.quiet }
    }

    /// Whether progress may be drawn over itself.
    pub(crate) fn draws(self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Rows on stdout in the chosen format; a table's count of rows on stderr.
    ///
    /// # Errors
    /// Stdout is closed, or a value cannot be shown.
    pub(crate) fn rows(self, rows: &Rows) -> io::Result<()> {
        self.write(rows)?;
        self.count(rows);
        Ok(())
    }

    /// What writes rows on stdout as they come, by [`Printer::on_stdout`]; `None` for a table, which needs them all.
    ///
    /// # Errors
    /// As [`Printer::rows`].
    pub(crate) fn row_writer(self, schema: &Schema, style: TextStyle) -> io::Result<Option<RowWriter>> {
        RowWriter::new(self.format, schema, style)
    }

    /// The first rows on stdout, and how many there are.
    ///
    /// # Errors
    /// As [`Printer::rows`].
    pub(crate) fn first_rows(self, rows: &Rows, count: usize) -> io::Result<()> {
        self.write(&rows.first(count))?;
        self.count(rows);
        Ok(())
    }

    /// Rows on stdout, one line a value.
    ///
    /// # Errors
    /// As [`Printer::rows`].
    pub(crate) fn expanded(self, rows: &Rows) -> io::Result<()> {
        self.on_stdout(|out| output::write_expanded(rows, out))?;
        self.count(rows);
        Ok(())
    }

    /// A line of data on stdout.
    ///
    /// # Errors
    /// Stdout is closed.
    pub(crate) fn line(self, text: impl Display) -> io::Result<()> {
        self.on_stdout(|out| writeln!(out, "{text}"))
    }

    fn write(self, rows: &Rows) -> io::Result<()> {
        let width = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns);
        self.on_stdout(|out| output::write(self.format, rows, width, out))
    }

    /// Writes to stdout.
    ///
    /// # Errors
    /// Those of `write`, or stdout is closed.
    pub(crate) fn on_stdout(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        out.flush()
    }

    fn count(self, rows: &Rows) {
        if self.format == Format::Table {
            match rows.row_count() {
                1 => self.note("(1 row)"),
                count => self.note(format_args!("({count} rows)")),
            }
        }
    }

    /// What has been done, on stderr; nothing with --quiet.
    pub(crate) fn note(self, text: impl Display) {
        if !self.quiet {
            self.on_stderr(format_args!("{text}\n"));
        }
    }

    /// What looks wrong but stops nothing.
    pub(crate) fn warning(self, text: impl Display) {
        self.on_stderr(format_args!("warning: {text}\n"));
    }

    /// Why a command failed.
    pub(crate) fn error(self, error: &(dyn Error + 'static)) {
        self.on_stderr(report::render(error));
    }

    /// There is nowhere left to say that stderr is closed.
    fn on_stderr(self, text: impl Display) {
        let _ = write!(io::stderr().lock(), "{text}");
    }
}
