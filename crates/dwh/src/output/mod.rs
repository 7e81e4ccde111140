//! Results on stdout: one file a format, and `ColumnText` for what a value looks like.

mod csv;
mod expanded;
mod json;
mod markdown;
mod row_writer;
mod table;

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::args::Format;
use dwh_engine::TextStyle;
pub(crate) use expanded::write as write_expanded;
pub(crate) use row_writer::RowWriter;

/// How NULL is shown where an empty field would look like an empty text.
const NULL: &str = "NULL";

/// Key of a field's metadata: its texts were values of this Redshift type, as a cluster sent them.
pub(crate) const TEXT_OF_TYPE: &str = "dwh.text_of";

/// Rows to print.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) schema: SchemaRef,
    /// How values are written.
    pub(crate) style: TextStyle,
    pub(crate) batches: Vec<RecordBatch>,
}

impl Rows {
    /// Rows of text, for lists that do not come from the warehouse.
    pub(crate) fn of_text<const N: usize>(
        labels: [&str; N],
        rows: impl IntoIterator<Item = [Option<String>; N]>,
    ) -> Self {
        let mut columns: [Vec<Option<String>>; N] = std::array::from_fn(|_| Vec::new());
        for row in rows {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let fields: Vec<Field> =
            labels.iter().map(|label| Field::new(*label, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let arrays = columns.into_iter().map(|values| Arc::new(StringArray::from(values)) as ArrayRef);
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect())
            .expect("columns of equal length and of the schema's type");
        Self { schema, style: TextStyle::default(), batches: vec![batch] }
    }

    /// The first rows.
    pub(crate) fn first(&self, mut count: usize) -> Self {
        let mut batches = Vec::new();
        for batch in &self.batches {
            let taken = count.min(batch.num_rows());
            batches.push(batch.slice(0, taken));
            count -= taken;
        }
        Self { schema: Arc::clone(&self.schema), style: self.style, batches }
    }

    pub(crate) fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Calls `each` with the texts of every row; `None` is NULL.
    pub(crate) fn for_each(
        &self,
        mut each: impl FnMut(&[Option<String>]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.batches.iter().try_for_each(|batch| row_writer::each_row(batch, &self.style, &mut each))
    }
}

/// Writes rows in a format; a table is fitted to `width`, in columns of the terminal.
///
/// # Errors
/// Those of `out`, and values that have no text.
pub(crate) fn write(format: Format, rows: &Rows, width: Option<u16>, out: &mut dyn Write) -> io::Result<()> {
    let Some(mut writer) = RowWriter::new(format, &rows.schema, rows.style)? else {
        return table::write(rows, width, out);
    };
    rows.batches.iter().try_for_each(|batch| writer.batch(batch, out))?;
    writer.finish(out)
}

/// A value for people to read: NULL shows, and control characters, which could end a line or move the
/// terminal's cursor, show as escapes, as in psql.
fn shown(value: Option<&str>) -> String {
    let Some(text) = value else {
        return NULL.to_owned();
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c.is_control() => shown.push_str(&format!("\\x{:02X}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests;
