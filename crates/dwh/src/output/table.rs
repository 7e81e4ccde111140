//! A drawn table that fits the terminal: long texts wrap inside their cell, numbers are right-aligned.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

use super::{Rows, shown};

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('┌', '─', '┬', '┐'))
    .header_lines(ContentLineStyle::new('│', '│', '│'))
    .header_separator(LineStyle::new('├', '─', '┼', '┤'))
    .content_lines(ContentLineStyle::new('│', '│', '│'))
    .bottom_border(LineStyle::new('└', '─', '┴', '┘'));

pub(super) fn write(rows: &Rows, width: Option<u16>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(STYLE);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    let alignments: Vec<CellAlignment> = rows
        .schema
        .fields()
        .iter()
        .map(|field| if field.data_type().is_numeric() { CellAlignment::Right } else { CellAlignment::Left })
        .collect();
    let cell =
        |value: Option<&str>, alignment: &CellAlignment| Cell::new(shown(value)).set_alignment(*alignment);
    let labels = rows.schema.fields().iter().map(|field| field.name().as_str());
    table.set_header(labels.zip(&alignments).map(|(label, alignment)| cell(Some(label), alignment)));
    rows.for_each(|texts| {
        table
            .add_row(texts.iter().zip(&alignments).map(|(text, alignment)| cell(text.as_deref(), alignment)));
        Ok(())
    })?;
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
