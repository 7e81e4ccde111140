//! CSV: quotes only where needed, doubled inside (RS 6.1).

use super::record::null_text;
use super::request::TextOptions;
use super::value::Values;

/// Comma-separated values, or separated by another delimiter.
#[derive(Debug)]
pub(super) struct Csv {
    delimiter: char,
    null_as: String,
    pub(super) header: String,
}

impl Csv {
    pub(super) fn new(options: &TextOptions, labels: &[&str]) -> Self {
        let mut format =
            Self { delimiter: options.delimiter, null_as: options.null_as.clone(), header: String::new() };
        if options.header {
            let mut header = String::new();
            for (index, label) in labels.iter().enumerate() {
                format.field(index, label, &mut header);
            }
            header.push('\n');
            format.header = header;
        }
        format
    }

    pub(super) fn write(&self, columns: &[Values], row: usize, scratch: &mut String, out: &mut String) {
        for (index, column) in columns.iter().enumerate() {
            let text = if column.is_null(row) {
                null_text(column, &self.null_as)
            } else {
                column.text(row, scratch)
            };
            self.field(index, text, out);
        }
        out.push('\n');
    }

    fn field(&self, index: usize, text: &str, out: &mut String) {
        if index > 0 {
            out.push(self.delimiter);
        }
        let needs_quotes = |ch| ch == self.delimiter || matches!(ch, '"' | '\n' | '\r');
        if !text.contains(needs_quotes) {
            out.push_str(text);
            return;
        }
        out.push('"');
        for (index, part) in text.split('"').enumerate() {
            if index > 0 {
                out.push_str("\"\"");
            }
            out.push_str(part);
        }
        out.push('"');
    }
}
