//! What the text formats have in common (RS 1.8): records become fields, fields become the columns in order.

use std::ops::Range;
use std::sync::Arc;

use dwh_common::RedshiftType;
use memchr::memchr;
use serde::de::IgnoredAny;

use super::csv::CsvReader;
use super::delimited::DelimitedReader;
use super::fixed_width::FixedWidthReader;
use crate::convert::{FieldError, RowError, Value};
use crate::error::CopyError;
use crate::framing::Framing;
use crate::lane::{Fault, Lane, Source};
use crate::load_error::code;
use crate::outcome::BatchSink;
use crate::request::{TargetColumn, TextFormat, TextLayout};
use crate::state::Stopped;

/// NULL AS of one NUL, which stands for a field of nothing else.
const NUL_MARKER: &[u8] = b"\0";

/// Where the fields of a record are.
#[derive(Default)]
pub(super) struct Fields {
    places: Vec<Place>,
    /// Fields that are not in the object as they are meant.
    rewritten: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Place {
    Null,
    Source { start: usize, end: usize },
    Rewritten { start: usize, end: usize },
}

impl Fields {
    pub(super) fn push_null(&mut self) {
        self.places.push(Place::Null);
    }

    /// A field as it stands in the object.
    pub(super) fn push(&mut self, range: Range<usize>) {
        self.places.push(Place::Source { start: range.start, end: range.end });
    }

    /// A field that `write` appends as it is meant.
    pub(super) fn push_rewritten(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.rewritten.len();
        write(&mut self.rewritten);
        self.places.push(Place::Rewritten { start, end: self.rewritten.len() });
    }

    fn clear(&mut self) {
        self.places.clear();
        self.rewritten.clear();
    }

    /// The bytes of a field; `None` is NULL.
    fn get<'a>(&'a self, place: Place, source: &'a [u8]) -> Option<&'a [u8]> {
        match place {
            Place::Null => None,
            Place::Source { start, end } => Some(&source[start..end]),
            Place::Rewritten { start, end } => Some(&self.rewritten[start..end]),
        }
    }
}

/// A record that was taken apart.
pub(super) struct Record {
    /// Behind its last byte, without the line's end.
    pub(super) end: usize,
    /// Where the next record begins.
    pub(super) next: usize,
    pub(super) fault: Option<RecordFault>,
}

/// Why a record cannot be taken apart.
pub(super) struct RecordFault {
    pub(super) code: i32,
    /// Offset in the object's bytes.
    pub(super) offset: usize,
    pub(super) reason: String,
}

/// Takes the records of one format apart.
pub(super) trait RecordReader {
    /// A delimiter behind the last field is no field (RS 1.8).
    const TOLERATES_LAST_DELIMITER: bool;

    /// Takes the record that begins at `start` apart. A field equal to `null_marker` is NULL.
    fn read(&self, bytes: &[u8], start: usize, null_marker: &[u8], fields: &mut Fields) -> Record;
}

/// The format of a COPY, checked; shared by its slices.
pub(crate) struct TextRules {
    layout: Layout,
    null_marker: Vec<u8>,
    fill_record: bool,
    ignore_blank_lines: bool,
    columns: Vec<RedshiftType>,
    has_super: bool,
}

enum Layout {
    Delimited(Box<DelimitedReader>),
    Csv(CsvReader),
    FixedWidth(FixedWidthReader),
}

impl TextRules {
    /// # Errors
    /// [`CopyError::InvalidOption`].
    pub(super) fn new(format: &TextFormat, columns: &[TargetColumn]) -> Result<Self, CopyError> {
        let invalid = |option, reason: &str| CopyError::InvalidOption { option, reason: reason.to_owned() };
        let layout = match &format.layout {
            TextLayout::Delimited { delimiter, .. } | TextLayout::Csv { delimiter, .. }
                if delimiter.is_empty() || delimiter.contains('\n') =>
            {
                return Err(invalid("DELIMITER", "must be one or more characters other than a line end"));
            }
            TextLayout::Delimited { delimiter, escape, remove_quotes } => {
                Layout::Delimited(Box::new(DelimitedReader::new(delimiter, *escape, *remove_quotes)))
            }
            TextLayout::Csv { delimiter, quote } => match u8::try_from(*quote) {
                Ok(quote) if quote.is_ascii() && quote != b'\n' && !delimiter.as_bytes().contains(&quote) => {
                    Layout::Csv(CsvReader::new(delimiter, quote))
                }
                _ => return Err(invalid("QUOTE", "must be one ASCII character that is not in DELIMITER")),
            },
            TextLayout::FixedWidth { widths_chars, .. } if widths_chars.len() != columns.len() => {
                return Err(CopyError::InvalidOption {
                    option: "FIXEDWIDTH",
                    reason: format!("{} widths are given for {} columns", widths_chars.len(), columns.len()),
                });
            }
            TextLayout::FixedWidth { widths_chars, .. } if widths_chars.contains(&0) => {
                return Err(invalid("FIXEDWIDTH", "a width must be at least one character"));
            }
            TextLayout::FixedWidth { widths_chars, remove_quotes } => {
                Layout::FixedWidth(FixedWidthReader::new(widths_chars, *remove_quotes))
            }
        };
        let columns: Vec<_> = columns.iter().map(|column| column.data_type).collect();
        Ok(Self {
            layout,
            null_marker: format.null_as.clone().into_bytes(),
            fill_record: format.fill_record,
            ignore_blank_lines: format.ignore_blank_lines,
            has_super: columns.contains(&RedshiftType::Super),
            columns,
        })
    }

    pub(super) fn framing(&self) -> Framing {
        match &self.layout {
            Layout::Delimited(reader) => reader.framing(),
            Layout::Csv(reader) => reader.framing(),
            Layout::FixedWidth(_) => Framing::Lines,
        }
    }
}

/// Loads the records of text files.
pub(crate) struct TextDecoder {
    rules: Arc<TextRules>,
    fields: Fields,
}

impl TextDecoder {
    pub(super) fn new(rules: &Arc<TextRules>) -> Self {
        Self { rules: Arc::clone(rules), fields: Fields::default() }
    }

    pub(super) fn decode<S: BatchSink>(
        &mut self,
        lane: &mut Lane<S>,
        source: &mut Source<'_>,
    ) -> Result<(), Stopped> {
        let (rules, fields) = (&*self.rules, &mut self.fields);
        match &rules.layout {
            Layout::Delimited(reader) => decode(rules, &**reader, fields, lane, source),
            Layout::Csv(reader) => decode(rules, reader, fields, lane, source),
            Layout::FixedWidth(reader) => decode(rules, reader, fields, lane, source),
        }
    }
}

fn decode<S: BatchSink, R: RecordReader>(
    rules: &TextRules,
    reader: &R,
    fields: &mut Fields,
    lane: &mut Lane<S>,
    source: &mut Source<'_>,
) -> Result<(), Stopped> {
    let bytes = source.bytes;
    let has_nul = memchr(0, bytes).is_some();
    let text = source.text.filter(|_| !has_nul);
    let mut start = 0;
    while start < bytes.len() {
        lane.check_stopped()?;
        if rules.ignore_blank_lines && bytes[start] == b'\n' {
            start += 1;
            continue;
        }
        fields.clear();
        let record = reader.read(bytes, start, &rules.null_marker, fields);
        let range = start..record.end;
        start = record.next;
        if rules.ignore_blank_lines && range.is_empty() {
            continue;
        }
        lane.check_length(source, &range)?;
        let fault = match record.fault {
            Some(fault) => Some(fault),
            None if has_nul && rules.null_marker != NUL_MARKER => foreign_nul(bytes, &range),
            None => None,
        };
        let fault = fault.or_else(|| rules.fit::<R>(fields, &range));
        if let Some(fault) = fault {
            let position = fault.offset - range.start;
            let fault = Fault { code: fault.code, ..Fault::of_record(position, fault.reason) };
            lane.reject(source, range, fault)?;
            continue;
        }
        let fields = &*fields;
        if (rules.has_super || has_nul)
            && let Some(error) = rules.check_fields(fields, bytes)
        {
            lane.reject_field(source, range, error, |column| rules.value(column, fields, bytes, text))?;
            continue;
        }
        lane.load(source, range, |column| rules.value(column, fields, bytes, text))?;
    }
    Ok(())
}

impl TextRules {
    /// Compares the number of fields with the number of columns.
    fn fit<R: RecordReader>(&self, fields: &mut Fields, record: &Range<usize>) -> Option<RecordFault> {
        let (count, columns) = (fields.places.len(), self.columns.len());
        if count < columns && !self.fill_record {
            let (code, reason) = match &self.layout {
                _ if record.is_empty() => (code::NO_DATA, "Input line contained no data"),
                Layout::FixedWidth(_) => (code::FEWER_COLUMNS, "Fewer column(s) found than defined"),
                _ => (code::DELIMITER, "Delimiter not found"),
            };
            return Some(RecordFault { code, offset: record.end, reason: reason.to_owned() });
        }
        if count > columns {
            let is_empty = |place: &Place| match *place {
                Place::Null => false,
                Place::Source { start, end } | Place::Rewritten { start, end } => start == end,
            };
            let is_last_delimiter = R::TOLERATES_LAST_DELIMITER
                && count == columns + 1
                && fields.places.last().is_some_and(is_empty);
            if !is_last_delimiter {
                let offset = match fields.places[columns] {
                    Place::Source { start, .. } => start,
                    _ => record.start,
                };
                let reason = "Extra column(s) found".to_owned();
                return Some(RecordFault { code: code::EXTRA_COLUMNS, offset, reason });
            }
        }
        None
    }

    /// What a column is given: its field, or, behind the last one, what FILLRECORD puts there (RS 1.2).
    /// `text` is `bytes`, if they are UTF-8 without NUL.
    fn value<'a>(
        &self,
        column: usize,
        fields: &'a Fields,
        bytes: &'a [u8],
        text: Option<&'a str>,
    ) -> (Value<'a>, &'a [u8]) {
        let Some(place) = fields.places.get(column) else {
            let is_varchar = matches!(self.columns[column], RedshiftType::Varchar(_));
            return (if is_varchar { Value::Utf8("") } else { Value::Null }, b"");
        };
        let Some(field) = fields.get(*place, bytes) else { return (Value::Null, b"") };
        if self.columns[column] == RedshiftType::Super && field.trim_ascii().is_empty() {
            return (Value::Null, field);
        }
        let value = match (*place, text) {
            (Place::Source { start, end }, Some(text)) => text.get(start..end).map(Value::Utf8),
            _ => None,
        };
        (value.unwrap_or(Value::Text(field)), field)
    }

    /// What conversion does not look at: JSON for SUPER, and NUL where it marks NULL.
    fn check_fields(&self, fields: &Fields, bytes: &[u8]) -> Option<RowError> {
        for (column, data_type) in self.columns.iter().enumerate() {
            let Some(field) = fields.places.get(column).and_then(|place| fields.get(*place, bytes)) else {
                continue;
            };
            let error = if self.null_marker == NUL_MARKER && memchr(0, field).is_some() {
                FieldError::new(code::NUL, "NUL is not the only character of the field, as NULL AS needs")
            } else if *data_type == RedshiftType::Super
                && !field.trim_ascii().is_empty()
                && serde_json::from_slice::<IgnoredAny>(field).is_err()
            {
                FieldError::new(code::SUPER, "Invalid JSON for a column of type SUPER")
            } else {
                continue;
            };
            return Some(RowError { column, error });
        }
        None
    }
}

/// A raw NUL ends a record for Redshift, and there must be a newline behind it (RS 1.12).
fn foreign_nul(bytes: &[u8], record: &Range<usize>) -> Option<RecordFault> {
    let nul = memchr(0, &bytes[record.clone()])?;
    let offset = (record.start + nul + 1).min(record.end - 1);
    let reason = format!(
        "Missing newline: Unexpected character 0x{:02x} found at location {}",
        bytes[offset],
        offset - record.start
    );
    Some(RecordFault { code: code::STRUCTURE, offset, reason })
}

#[cfg(test)]
mod tests;

/// The end of the line that begins at `start`, and where the next one does.
pub(super) fn line_end(bytes: &[u8], start: usize) -> (usize, usize) {
    match memchr(b'\n', &bytes[start..]) {
        Some(length) => (start + length, start + length + 1),
        None => (bytes.len(), bytes.len()),
    }
}
