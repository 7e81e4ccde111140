//! One array of objects a result, one object a line.
//!
//! Numbers, NUMERIC included, are JSON numbers with all their digits: JSON itself has no limit, and a
//! reader that rounds to doubles can be told not to. NaN and infinities, which JSON lacks, are texts. A
//! SUPER value is the JSON it holds. Dates and times are texts. A label that occurs twice gets `_2`.

use std::collections::HashSet;
use std::io::{self, Write};

use arrow::datatypes::{DataType, Field, Schema};
use dwh_common::RedshiftType;

use super::TEXT_OF_TYPE;
use super::row_writer::RowFormat;

#[derive(Clone, Copy)]
enum Form {
    Number,
    Boolean,
    Raw,
    Text,
}

pub(super) struct Json {
    columns: Vec<(String, Form)>,
    has_rows: bool,
}

impl Json {
    pub(super) fn new(schema: &Schema) -> io::Result<Self> {
        let forms = schema.fields().iter().map(|field| form(field));
        Ok(Self { columns: labels(schema)?.into_iter().zip(forms).collect(), has_rows: false })
    }
}

impl RowFormat for Json {
    fn head(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn row(&mut self, texts: &[Option<String>], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.has_rows { b",\n{" } else { b"\n{" })?;
        self.has_rows = true;
        for (index, ((label, form), text)) in self.columns.iter().zip(texts).enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(out, "{separator}{label}: {}", value(*form, text.as_deref())?)?;
        }
        out.write_all(b"}")
    }

    fn tail(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.has_rows { b"\n]\n" } else { b"]\n" })
    }
}

fn labels(schema: &Schema) -> io::Result<Vec<String>> {
    let mut used = HashSet::new();
    let mut labels = Vec::new();
    for field in schema.fields() {
        let mut label = field.name().clone();
        let mut count = 1;
        while !used.insert(label.clone()) {
            count += 1;
            label = format!("{}_{count}", field.name());
        }
        labels.push(serde_json::to_string(&label)?);
    }
    Ok(labels)
}

fn form(field: &Field) -> Form {
    if let Some(data_type) = field.metadata().get(TEXT_OF_TYPE).and_then(|text| text.parse().ok()) {
        return form_of_text(data_type);
    }
    match (RedshiftType::of_field(field), field.data_type()) {
        (Some(RedshiftType::Super), _) => Form::Raw,
        (_, DataType::Boolean) => Form::Boolean,
        (_, data_type) if data_type.is_numeric() => Form::Number,
        _ => Form::Text,
    }
}

fn form_of_text(data_type: RedshiftType) -> Form {
    match data_type {
        RedshiftType::Super => Form::Raw,
        RedshiftType::Boolean => Form::Boolean,
        RedshiftType::SmallInt
        | RedshiftType::Integer
        | RedshiftType::BigInt
        | RedshiftType::Decimal { .. }
        | RedshiftType::Real
        | RedshiftType::Double => Form::Number,
        _ => Form::Text,
    }
}

fn value(form: Form, text: Option<&str>) -> io::Result<String> {
    let Some(text) = text else {
        return Ok("null".to_owned());
    };
    match form {
        Form::Boolean => Ok(if text == "t" { "true" } else { "false" }.to_owned()),
        Form::Number if text.ends_with(|c: char| c.is_ascii_digit()) => Ok(text.to_owned()),
        Form::Raw => Ok(text.to_owned()),
        Form::Number | Form::Text => Ok(serde_json::to_string(text)?),
    }
}
