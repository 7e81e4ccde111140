//! JSON: an object a line, SUPER nested (RS 6.2).

use std::fmt::Write;

use super::value::Values;

/// Lines of objects.
#[derive(Debug)]
pub(super) struct Json {
    /// What comes before each value: `{"a":`, `,"b":`.
    keys: Vec<String>,
}

impl Json {
    pub(super) fn new(labels: &[&str]) -> Self {
        let keys = labels.iter().enumerate().map(|(index, label)| {
            let mut key = String::from(if index == 0 { "{" } else { "," });
            string(label, &mut key);
            key.push(':');
            key
        });
        Self { keys: keys.collect() }
    }

    pub(super) fn write(&self, columns: &[Values], row: usize, scratch: &mut String, out: &mut String) {
        for (key, column) in self.keys.iter().zip(columns) {
            out.push_str(key);
            if column.is_null(row) {
                out.push_str("null");
            } else if matches!(column, Values::Super(_)) || column.is_json_number(row) {
                out.push_str(column.text(row, scratch));
            } else {
                // Truth values too: "t" and "f" (RS 9, 17).
                string(column.text(row, scratch), out);
            }
        }
        out.push_str("}\n");
    }
}

/// Writes a JSON string.
fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|ch: char| ch < ' ' || matches!(ch, '"' | '\\')) {
        out.push_str(&rest[..at]);
        // All of them are ASCII.
        let _ = match rest.as_bytes()[at] {
            b'"' => out.write_str("\\\""),
            b'\\' => out.write_str("\\\\"),
            b'\n' => out.write_str("\\n"),
            b'\r' => out.write_str("\\r"),
            b'\t' => out.write_str("\\t"),
            control => write!(out, "\\u{control:04x}"),
        };
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}
