//! CSV (RS 1.8, RFC 4180): fields in quotes may hold delimiters and newlines, and quotes when doubled.
//!
//! A record ends at the first newline with an even number of quotes before it. That holds for every valid
//! record, and it lets a large file be cut by counting quotes; broken records end there, too.

use memchr::{memchr, memchr2, memchr3};

use super::text::{Fields, Record, RecordFault, RecordReader};
use crate::framing::Framing;
use crate::load_error::code;

pub(super) struct CsvReader {
    delimiter: Vec<u8>,
    quote: u8,
}

impl CsvReader {
    pub(super) fn new(delimiter: &str, quote: u8) -> Self {
        Self { delimiter: delimiter.as_bytes().to_vec(), quote }
    }

    pub(super) fn framing(&self) -> Framing {
        Framing::QuotedLines { quote: self.quote }
    }

    /// Where white space before a quote ends: it is no part of the field (RS 1.8).
    fn opening_quote(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let quote = self.skip_blanks(bytes, from);
        (bytes.get(quote) == Some(&self.quote)).then_some(quote)
    }

    fn skip_blanks(&self, bytes: &[u8], from: usize) -> usize {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t') && *byte != self.delimiter[0];
        from + bytes[from..].iter().take_while(|byte| is_blank(byte)).count()
    }

    /// The closing quote of a field whose text begins at `from`, and whether there are doubled ones.
    fn closing_quote(&self, bytes: &[u8], from: usize) -> Option<(usize, bool)> {
        let mut has_doubled = false;
        let mut search = from;
        loop {
            let quote = search + memchr(self.quote, &bytes[search..])?;
            if bytes.get(quote + 1) != Some(&self.quote) {
                return Some((quote, has_doubled));
            }
            has_doubled = true;
            search = quote + 2;
        }
    }

    /// The end of a field without quotes; `None` if there is one.
    fn plain_end(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut search = from;
        loop {
            let Some(found) = memchr3(self.delimiter[0], b'\n', self.quote, &bytes[search..]) else {
                return Some(bytes.len());
            };
            let found = search + found;
            match bytes[found] {
                b'\n' => return Some(found),
                byte if byte == self.quote => return None,
                _ if bytes[found..].starts_with(&self.delimiter) => return Some(found),
                _ => search = found + 1,
            }
        }
    }

    /// What stands behind a field: the delimiter, or the record's end.
    fn behind(&self, bytes: &[u8], at: usize) -> Behind {
        let rest = &bytes[at..];
        match rest {
            [] => Behind::End { next: at },
            [b'\n', ..] => Behind::End { next: at + 1 },
            [b'\r', b'\n', ..] => Behind::End { next: at + 2 },
            [b'\r'] => Behind::End { next: at + 1 },
            _ if rest.starts_with(&self.delimiter) => Behind::Field { start: at + self.delimiter.len() },
            _ => Behind::Junk,
        }
    }

    /// The record that begins at `start`, whose quotes are wrong at `offset`.
    fn broken(&self, bytes: &[u8], start: usize, offset: usize) -> Record {
        let mut is_quoted = false;
        let mut search = start;
        let end = loop {
            let Some(found) = memchr2(self.quote, b'\n', &bytes[search..]) else { break bytes.len() };
            let found = search + found;
            if bytes[found] == self.quote {
                is_quoted = !is_quoted;
            } else if !is_quoted {
                break found;
            }
            search = found + 1;
        };
        let reason = "Invalid quote formatting for CSV".to_owned();
        Record {
            end,
            next: (end + 1).min(bytes.len()),
            fault: Some(RecordFault { code: code::DELIMITER, offset, reason }),
        }
    }

    fn undouble(&self, mut text: &[u8], out: &mut Vec<u8>) {
        while let Some(quote) = memchr(self.quote, text) {
            out.extend_from_slice(&text[..=quote]);
            text = text.get(quote + 2..).unwrap_or_default();
        }
        out.extend_from_slice(text);
    }
}

enum Behind {
    Field { start: usize },
    End { next: usize },
    Junk,
}

impl RecordReader for CsvReader {
    const TOLERATES_LAST_DELIMITER: bool = false;

    fn read(&self, bytes: &[u8], start: usize, null_marker: &[u8], fields: &mut Fields) -> Record {
        let mut from = start;
        loop {
            let (content, field_end, has_doubled) = match self.opening_quote(bytes, from) {
                Some(open) => {
                    let Some((close, has_doubled)) = self.closing_quote(bytes, open + 1) else {
                        return self.broken(bytes, start, open);
                    };
                    (open + 1..close, self.skip_blanks(bytes, close + 1), has_doubled)
                }
                None => {
                    let Some(end) = self.plain_end(bytes, from) else {
                        return self.broken(bytes, start, from);
                    };
                    let at_line_end = bytes.get(end).is_none_or(|byte| *byte == b'\n');
                    let has_return = at_line_end && end > from && bytes[end - 1] == b'\r';
                    let end = end - usize::from(has_return);
                    (from..end, end, false)
                }
            };
            if bytes[content.clone()] == *null_marker {
                fields.push_null();
            } else if has_doubled {
                fields.push_rewritten(|out| self.undouble(&bytes[content], out));
            } else {
                fields.push(content);
            }
            match self.behind(bytes, field_end) {
                Behind::Field { start } => from = start,
                Behind::End { next } => return Record { end: field_end, next, fault: None },
                Behind::Junk => return self.broken(bytes, start, field_end),
            }
        }
    }
}
