//! Formats that are written row by row, so that a result need not be in memory.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use dwh_engine::{ColumnText, TextStyle};

use super::csv::Csv;
use super::json::Json;
use super::markdown::Markdown;
use crate::args::Format;

/// A format whose rows do not depend on those that follow.
pub(super) trait RowFormat {
    /// What stands before the rows.
    fn head(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// The texts of a row; `None` is NULL.
    fn row(&mut self, texts: &[Option<String>], out: &mut dyn Write) -> io::Result<()>;

    /// What stands after the rows.
    fn tail(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a result as its rows come.
pub(crate) struct RowWriter {
    format: Box<dyn RowFormat + Send>,
    style: TextStyle,
    has_begun: bool,
}

impl RowWriter {
    /// `None` for a table, whose columns are as wide as the widest of all values.
    ///
    /// # Errors
    /// A label that cannot be written.
    pub(crate) fn new(format: Format, schema: &Schema, style: TextStyle) -> io::Result<Option<Self>> {
        let format: Box<dyn RowFormat + Send> = match format {
            Format::Table => return Ok(None),
            Format::Csv => Box::new(Csv::new(schema)),
            Format::Json => Box::new(Json::new(schema)?),
            Format::Markdown => Box::new(Markdown::new(schema)),
        };
        Ok(Some(Self { format, style, has_begun: false }))
    }

    /// Nothing is written before there is a batch: a statement that fails at once leaves no half of a result.
    ///
    /// # Errors
    /// Those of `out`, and values that have no text.
    pub(crate) fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        each_row(batch, &self.style, |texts| self.format.row(texts, out))
    }

    /// The end of the rows.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        self.format.tail(out)
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.has_begun, true) { Ok(()) } else { self.format.head(out) }
    }
}

/// Calls `each` with the texts of every row; `None` is NULL.
pub(super) fn each_row(
    batch: &RecordBatch,
    style: &TextStyle,
    mut each: impl FnMut(&[Option<String>]) -> io::Result<()>,
) -> io::Result<()> {
    let columns = batch.columns().iter().map(|column| ColumnText::new(column, style));
    let columns = columns.collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
    let mut texts = Vec::with_capacity(columns.len());
    for row in 0..batch.num_rows() {
        texts.clear();
        for column in &columns {
            texts.push(column.get(row).map_err(io::Error::other)?);
        }
        each(&texts)?;
    }
    Ok(())
}
