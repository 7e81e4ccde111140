//! RFC 4180 with a header line, lines ended by `\n`. As in PostgreSQL's CSV, NULL is an empty field and
//! an empty text is `""`, so that the two stay apart.

use std::io::{self, Write};

use arrow::datatypes::Schema;
use dwh_common::csv_field;

use super::row_writer::RowFormat;

pub(super) struct Csv {
    labels: String,
}

impl Csv {
    pub(super) fn new(schema: &Schema) -> Self {
        let labels: Vec<_> = schema.fields().iter().map(|field| csv_field(field.name())).collect();
        Self { labels: labels.join(",") }
    }
}

impl RowFormat for Csv {
    fn head(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.labels)
    }

    fn row(&mut self, texts: &[Option<String>], out: &mut dyn Write) -> io::Result<()> {
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                out.write_all(b",")?;
            }
            if let Some(text) = text {
                out.write_all(csv_field(text).as_bytes())?;
            }
        }
        out.write_all(b"\n")
    }
}
