//! RFC 4180 with a header line, lines ended by `\n`. As in PostgreSQL's CSV, NULL is an empty field and
//! an empty text is `""`, so that the two stay apart.

use std::io::{self, Write};

use super::Rows;

pub(super) fn write(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let labels: Vec<String> = rows.schema.fields().iter().map(|field| quoted(field.name())).collect();
    writeln!(out, "{}", labels.join(","))?;
    rows.for_each(|texts| {
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                out.write_all(b",")?;
            }
            if let Some(text) = text {
                out.write_all(quoted(text).as_bytes())?;
            }
        }
        out.write_all(b"\n")
    })
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
