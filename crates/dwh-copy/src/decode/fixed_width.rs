//! Fields of so many characters each (RS 1.8): FIXEDWIDTH.

use super::text::{Fields, Record, RecordFault, RecordReader, line_end};
use crate::load_error::code;

pub(super) struct FixedWidthReader {
    widths_chars: Vec<usize>,
    remove_quotes: bool,
}

impl FixedWidthReader {
    pub(super) fn new(widths_chars: &[usize], remove_quotes: bool) -> Self {
        Self { widths_chars: widths_chars.to_vec(), remove_quotes }
    }
}

impl RecordReader for FixedWidthReader {
    const TOLERATES_LAST_DELIMITER: bool = false;

    fn read(&self, bytes: &[u8], start: usize, null_marker: &[u8], fields: &mut Fields) -> Record {
        let (end, next) = line_end(bytes, start);
        let line = &bytes[start..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let end = start + line.len();
        let is_ascii = line.is_ascii();
        let fault = |offset: usize, code: i32, reason: &str| Record {
            end,
            next,
            fault: Some(RecordFault { code, offset, reason: reason.to_owned() }),
        };
        let mut from = start;
        for &width_chars in &self.widths_chars {
            if from == end {
                // Missing fields: FILLRECORD's, or too few.
                return Record { end, next, fault: None };
            }
            let rest = &bytes[from..end];
            let field_end =
                from + if is_ascii { width_chars.min(rest.len()) } else { chars(rest, width_chars) };
            // Fields are filled up with blanks, so quotes and the NULL marker are looked for without them.
            let text = bytes[from..field_end].trim_ascii_end();
            if text == null_marker {
                fields.push_null();
            } else if let (true, [quote @ (b'"' | b'\''), inside @ ..]) = (self.remove_quotes, text) {
                match inside {
                    [content @ .., last] if last == quote => fields.push(from + 1..from + 1 + content.len()),
                    _ => return fault(from, code::DELIMITER, "Delimiter not found"),
                }
            } else {
                fields.push(from..field_end);
            }
            from = field_end;
        }
        if from < end {
            return fault(from, code::EXTRA_COLUMNS, "Extra column(s) found");
        }
        Record { end, next, fault: None }
    }
}

/// The bytes of the first `count` characters; a byte that is no part of one counts as one.
fn chars(bytes: &[u8], count: usize) -> usize {
    let is_continuation = |byte: u8| byte & 0xC0 == 0x80;
    let starts = (0..bytes.len()).filter(|index| !is_continuation(bytes[*index]));
    starts.skip(1).nth(count - 1).unwrap_or(bytes.len())
}
