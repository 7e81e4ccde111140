//! Delimited text: ESCAPE, ADDQUOTES, NULL AS (RS 6.1).

use super::record::null_text;
use super::request::TextOptions;
use super::value::Values;

/// Fields with a delimiter between them.
#[derive(Debug)]
pub(super) struct Delimited {
    delimiter: char,
    null_as: String,
    add_quotes: bool,
    escape: bool,
    pub(super) header: String,
}

impl Delimited {
    pub(super) fn new(options: &TextOptions, add_quotes: bool, escape: bool, labels: &[&str]) -> Self {
        let mut format = Self {
            delimiter: options.delimiter,
            null_as: options.null_as.clone(),
            add_quotes,
            escape,
            header: String::new(),
        };
        if options.header {
            let mut header = String::new();
            for (index, label) in labels.iter().enumerate() {
                format.separate(index, &mut header);
                format.field(label, &mut header);
            }
            header.push('\n');
            format.header = header;
        }
        format
    }

    pub(super) fn write(&self, columns: &[Values], row: usize, scratch: &mut String, out: &mut String) {
        for (index, column) in columns.iter().enumerate() {
            self.separate(index, out);
            if column.is_null(row) {
                self.null(null_text(column, &self.null_as), out);
            } else {
                self.field(column.text(row, scratch), out);
            }
        }
        out.push('\n');
    }

    fn separate(&self, index: usize, out: &mut String) {
        if index > 0 {
            out.push(self.delimiter);
        }
    }

    /// What stands for NULL is not escaped: COPY compares it as written.
    fn null(&self, text: &str, out: &mut String) {
        if self.add_quotes {
            out.push('"');
        }
        out.push_str(text);
        if self.add_quotes {
            out.push('"');
        }
    }

    fn field(&self, text: &str, out: &mut String) {
        if self.add_quotes {
            out.push('"');
        }
        if self.escape {
            self.escaped(text, out);
        } else {
            out.push_str(text);
        }
        if self.add_quotes {
            out.push('"');
        }
    }

    fn escaped(&self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(at) = rest.find(|ch| self.is_escaped(ch)) {
            out.push_str(&rest[..at]);
            out.push('\\');
            // All of them are ASCII.
            out.push_str(&rest[at..=at]);
            rest = &rest[at + 1..];
        }
        out.push_str(rest);
    }

    fn is_escaped(&self, ch: char) -> bool {
        matches!(ch, '\n' | '\r' | '\\')
            || ch == self.delimiter
            || (self.add_quotes && matches!(ch, '"' | '\''))
    }
}
