//! A table for documents and issues, as GitHub draws it.

use std::io::{self, Write};

use super::{Rows, shown};

pub(super) fn write(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let fields = rows.schema.fields();
    let labels = fields.iter().map(|field| cell(Some(field.name())));
    writeln!(out, "|{} |", labels.collect::<Vec<_>>().join(" |"))?;
    let rules = fields.iter().map(|field| if field.data_type().is_numeric() { " ---:" } else { " ---" });
    writeln!(out, "|{} |", rules.collect::<Vec<_>>().join(" |"))?;
    rows.for_each(|texts| {
        let cells = texts.iter().map(|text| cell(text.as_deref()));
        writeln!(out, "|{} |", cells.collect::<Vec<_>>().join(" |"))
    })
}

fn cell(value: Option<&str>) -> String {
    format!(" {}", shown(value).replace('|', "\\|"))
}
