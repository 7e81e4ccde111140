//! Fields with a delimiter between them (RS 1.8): DELIMITER, with ESCAPE and REMOVEQUOTES.

use std::ops::Range;

use memchr::memmem::Finder;
use memchr::{memchr, memchr2};

use super::text::{Fields, Record, RecordFault, RecordReader, line_end};
use crate::framing::Framing;
use crate::load_error::code;

pub(super) struct DelimitedReader {
    delimiter: Finder<'static>,
    escape: bool,
    remove_quotes: bool,
}

impl DelimitedReader {
    pub(super) fn new(delimiter: &str, escape: bool, remove_quotes: bool) -> Self {
        Self { delimiter: Finder::new(delimiter).into_owned(), escape, remove_quotes }
    }

    pub(super) fn framing(&self) -> Framing {
        if self.escape { Framing::EscapedLines } else { Framing::Lines }
    }

    /// The plain case: one byte between fields, and nothing to undo.
    fn read_plain(
        &self,
        delimiter: u8,
        bytes: &[u8],
        start: usize,
        null_marker: &[u8],
        fields: &mut Fields,
    ) -> Record {
        let mut from = start;
        loop {
            let end = memchr2(delimiter, b'\n', &bytes[from..]).map_or(bytes.len(), |length| from + length);
            if bytes[from..end] == *null_marker {
                fields.push_null();
            } else {
                fields.push(from..end);
            }
            match bytes.get(end) {
                Some(byte) if *byte == delimiter => from = end + 1,
                _ => return Record { end, next: (end + 1).min(bytes.len()), fault: None },
            }
        }
    }

    /// Where the record that begins at `start` ends, and where the next one begins: an escaped newline ends
    /// nothing.
    fn record_end(&self, bytes: &[u8], start: usize) -> (usize, usize) {
        let (mut end, mut next) = line_end(bytes, start);
        while self.escape && end < bytes.len() && is_escaped(&bytes[start..end]) {
            (end, next) = line_end(bytes, next);
        }
        (end, next)
    }

    /// The end of the field that begins at `from`, in a record that ends at `end`.
    fn field_end(&self, bytes: &[u8], from: usize, end: usize) -> usize {
        let mut search = from;
        loop {
            let Some(found) = self.delimiter.find(&bytes[search..end]) else { return end };
            let found = search + found;
            if !self.escape || !is_escaped(&bytes[from..found]) {
                return found;
            }
            search = found + 1;
        }
    }

    /// The closing quote of the field that opens at `open`: the first one that the delimiter or the record's
    /// end follows.
    fn closing_quote(&self, bytes: &[u8], open: usize, end: usize) -> Option<usize> {
        let mut from = open + 1;
        loop {
            let quote = from + memchr(bytes[open], &bytes[from..end])?;
            let behind = &bytes[quote + 1..end];
            let closes = behind.is_empty() || behind.starts_with(self.delimiter.needle());
            if closes && !(self.escape && is_escaped(&bytes[open + 1..quote])) {
                return Some(quote);
            }
            from = quote + 1;
        }
    }

    /// Compared as written, so that an escaped NULL marker is text; only the default one, `\N`, may be written
    /// `\\N` too (the guide's page of data conversion parameters, under ESCAPE).
    fn is_null(&self, field: &[u8], null_marker: &[u8]) -> bool {
        field == null_marker || (self.escape && null_marker == b"\\N" && field == b"\\\\N")
    }

    fn push(&self, bytes: &[u8], content: Range<usize>, fields: &mut Fields) {
        if self.escape && memchr(b'\\', &bytes[content.clone()]).is_some() {
            fields.push_rewritten(|out| unescape(&bytes[content], out));
        } else {
            fields.push(content);
        }
    }
}

impl RecordReader for DelimitedReader {
    const TOLERATES_LAST_DELIMITER: bool = true;

    fn read(&self, bytes: &[u8], start: usize, null_marker: &[u8], fields: &mut Fields) -> Record {
        let delimiter = self.delimiter.needle();
        if let [byte] = delimiter
            && !self.escape
            && !self.remove_quotes
        {
            return self.read_plain(*byte, bytes, start, null_marker, fields);
        }
        let (end, next) = self.record_end(bytes, start);
        let mut from = start;
        loop {
            let is_quoted = self.remove_quotes && from < end && matches!(bytes[from], b'"' | b'\'');
            let field_end = if is_quoted {
                let Some(quote) = self.closing_quote(bytes, from, end) else {
                    // The quote takes the delimiters with it (RS 1.2: an unbalanced quote is an error).
                    let reason = "Delimiter not found".to_owned();
                    let fault = RecordFault { code: code::DELIMITER, offset: from, reason };
                    return Record { end, next, fault: Some(fault) };
                };
                quote + 1
            } else {
                self.field_end(bytes, from, end)
            };
            let content = if is_quoted { from + 1..field_end - 1 } else { from..field_end };
            if self.is_null(&bytes[content.clone()], null_marker) {
                fields.push_null();
            } else {
                self.push(bytes, content, fields);
            }
            if field_end == end {
                return Record { end, next, fault: None };
            }
            from = field_end + delimiter.len();
        }
    }
}

/// Whether what follows `bytes` is escaped: an odd number of backslashes stands before it.
pub(crate) fn is_escaped(bytes: &[u8]) -> bool {
    bytes.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Appends the text without its escapes: what follows a backslash is meant as it stands (RS 1.2).
fn unescape(mut bytes: &[u8], out: &mut Vec<u8>) {
    while let Some(backslash) = memchr(b'\\', bytes) {
        out.extend_from_slice(&bytes[..backslash]);
        match bytes.get(backslash + 1) {
            Some(escaped) => out.push(*escaped),
            // Nothing follows: the object ends here.
            None => out.push(b'\\'),
        }
        bytes = bytes.get(backslash + 2..).unwrap_or_default();
    }
    out.extend_from_slice(bytes);
}
