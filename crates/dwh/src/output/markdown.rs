//! A table for documents and issues, as GitHub draws it.

use std::io::{self, Write};

use arrow::datatypes::Schema;

use super::row_writer::RowFormat;
use super::shown;

pub(super) struct Markdown {
    labels: Vec<String>,
    rules: Vec<&'static str>,
}

impl Markdown {
    pub(super) fn new(schema: &Schema) -> Self {
        let fields = schema.fields().iter();
        let rule = |is_numeric| if is_numeric { " ---:" } else { " ---" };
        Self {
            labels: fields.clone().map(|field| cell(Some(field.name()))).collect(),
            rules: fields.map(|field| rule(field.data_type().is_numeric())).collect(),
        }
    }
}

impl RowFormat for Markdown {
    fn head(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "|{} |", self.labels.join(" |"))?;
        writeln!(out, "|{} |", self.rules.join(" |"))
    }

    fn row(&mut self, texts: &[Option<String>], out: &mut dyn Write) -> io::Result<()> {
        let cells = texts.iter().map(|text| cell(text.as_deref()));
        writeln!(out, "|{} |", cells.collect::<Vec<_>>().join(" |"))
    }
}

fn cell(value: Option<&str>) -> String {
    format!(" {}", shown(value).replace('|', "\\|"))
}
