//! One line a value, for rows too wide for the terminal: `\x` in the prompt.

use std::io::{self, Write};

use super::{Rows, shown};

pub(crate) fn write(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let labels: Vec<String> = rows.schema.fields().iter().map(|field| shown(Some(field.name()))).collect();
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    let mut record = 0;
    rows.for_each(|texts| {
        record += 1;
        writeln!(out, "-[ RECORD {record} ]-")?;
        for (label, text) in labels.iter().zip(texts) {
            writeln!(out, "{label:width$} | {}", shown(text.as_deref()))?;
        }
        Ok(())
    })
}
