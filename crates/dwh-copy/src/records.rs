//! Where JSON values begin and end in a file (RS 1.5): back to back, one a line, or pretty-printed.
//!
//! A decoder finds the end of a valid value by decoding it. This module answers the rest: how far a
//! broken value reaches, what is junk between values, and where a large file may be cut so that its
//! parts can be decoded on several threads with the same result as the whole.
//!
//! The rules of recovery, made so that one broken line costs one record:
//! - A string cannot hold a raw newline: there it ends, and the value is broken.
//! - An opening bracket that is first on its line begins a new value if no JSON value could go on with
//!   it: after `}` or `]` always; after anything but `[`, `:` or a comma of an array; and, in a value
//!   already known to be broken, in the line's first column.

use memchr::{memchr, memchr_iter, memchr3, memrchr_iter};

/// The most bytes of one JSON value (RS 1.5).
pub(crate) const MAX_RECORD_BYTES: usize = 4 << 20;

pub(crate) const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// What [`scan`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// An object or array with matching brackets, or one that breaks off, up to this offset.
    Structure(usize),
    /// Bytes that are no value, up to this offset: the rest of the line, or the next opening bracket.
    Junk(usize),
}

/// The offset of the next byte that is not white space.
pub(crate) fn skip_white_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !is_white_space(*byte)).unwrap_or(rest.len())
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_opening(byte: u8) -> bool {
    matches!(byte, b'{' | b'[')
}

fn is_closing(byte: u8) -> bool {
    matches!(byte, b'}' | b']')
}

/// Number of newlines.
pub(crate) fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// The extent of what begins at `start`, which is no white space. `None` if the bytes end before it
/// does; at the end of a file, pass `at_end`.
pub(crate) fn scan(bytes: &[u8], start: usize, at_end: bool) -> Option<Span> {
    if bytes.get(start).is_some_and(|byte| is_opening(*byte)) {
        return scan_structure(bytes, start, at_end).map(Span::Structure);
    }
    let rest = bytes.get(start..).unwrap_or_default();
    match memchr3(b'\n', b'{', b'[', rest) {
        Some(length) => Some(Span::Junk(start + length)),
        None => at_end.then_some(Span::Junk(bytes.len())),
    }
}

fn scan_structure(bytes: &[u8], start: usize, at_end: bool) -> Option<usize> {
    let mut closers = Vec::new();
    let mut broken = false;
    // The last byte that is not white space, and whether one stands on this line already.
    let mut last = 0;
    let mut line_start = None;
    let mut position = start;
    while let Some(&byte) = bytes.get(position) {
        match byte {
            b'"' => match string_end(bytes, position + 1) {
                Some(StringEnd::Quote(end)) => {
                    (last, line_start, position) = (b'"', None, end);
                    continue;
                }
                Some(StringEnd::Newline(end)) => {
                    broken = true;
                    last = bytes[..end].iter().rfind(|byte| !is_white_space(**byte)).copied().unwrap_or(0);
                    position = end;
                    continue;
                }
                None => break,
            },
            b'\n' => line_start = Some(position + 1),
            b' ' | b'\t' | b'\r' => {}
            _ => {
                if let Some(column_zero) = line_start
                    && is_opening(byte)
                    && begins_new_value(last, closers.last().copied(), broken, position == column_zero)
                {
                    return Some(position);
                }
                match byte {
                    b'{' => closers.push(b'}'),
                    b'[' => closers.push(b']'),
                    b'}' | b']' => {
                        if closers.last() != Some(&byte) {
                            broken = true;
                        }
                        if let Some(depth) = closers.iter().rposition(|closer| *closer == byte) {
                            closers.truncate(depth);
                        }
                        if closers.is_empty() {
                            return Some(position + 1);
                        }
                    }
                    _ => {}
                }
                (last, line_start) = (byte, None);
            }
        }
        position += 1;
    }
    at_end.then_some(bytes.len())
}

fn begins_new_value(last: u8, closer: Option<u8>, broken: bool, in_column_zero: bool) -> bool {
    match last {
        b'}' | b']' => true,
        _ if broken => in_column_zero,
        b'[' | b':' => false,
        b',' => closer == Some(b'}'),
        _ => true,
    }
}

enum StringEnd {
    /// Offset behind the closing quote.
    Quote(usize),
    /// Offset of a raw newline, which no string can hold.
    Newline(usize),
}

fn string_end(bytes: &[u8], mut position: usize) -> Option<StringEnd> {
    loop {
        let found = position + memchr3(b'"', b'\\', b'\n', bytes.get(position..)?)?;
        match bytes[found] {
            b'"' => return Some(StringEnd::Quote(found + 1)),
            b'\n' => return Some(StringEnd::Newline(found)),
            // An escaped newline is no escape: leave it to end the string.
            _ => position = found + 1 + usize::from(bytes.get(found + 1).is_some_and(|next| *next != b'\n')),
        }
    }
}

/// Where to cut `bytes`, the beginning of a longer input that starts between values: the largest
/// offset found behind which another value begins.
///
/// The quick way is a line that ends with a closing bracket before one that begins with an opening
/// one: inside a value there would be a comma. Where lines say nothing, values are scanned.
pub(crate) fn last_boundary(bytes: &[u8]) -> Option<usize> {
    let by_line = memrchr_iter(b'\n', bytes).find_map(|newline| {
        let next = skip_white_space(bytes, newline + 1);
        let opens = is_opening(*bytes.get(next)?);
        let closes =
            bytes[..newline].iter().rfind(|byte| !is_white_space(**byte)).copied().is_some_and(is_closing);
        (opens && closes).then_some(next)
    });
    by_line.or_else(|| {
        let mut boundary = None;
        let mut start = skip_white_space(bytes, 0);
        while start < bytes.len() {
            let Some(Span::Structure(end) | Span::Junk(end)) = scan(bytes, start, false) else { break };
            boundary = Some(end);
            start = skip_white_space(bytes, end);
        }
        boundary
    })
}

/// What precedes the first value of a file: a byte order mark and header lines (IGNOREHEADER).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    lines_left: u64,
    mark_possible: bool,
}

impl Header {
    /// A header of so many physical lines.
    pub(crate) fn new(lines: u64) -> Self {
        Self { lines_left: lines, mark_possible: true }
    }

    /// How many of these bytes, the next of the file, belong to the header.
    pub(crate) fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut offset = 0;
        if self.mark_possible {
            self.mark_possible = false;
            offset = if bytes.starts_with(UTF8_BOM) { UTF8_BOM.len() } else { 0 };
        }
        while self.lines_left > 0 {
            match memchr(b'\n', &bytes[offset..]) {
                Some(newline) => {
                    offset += newline + 1;
                    self.lines_left -= 1;
                }
                None => return bytes.len(),
            }
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Span, last_boundary, scan, skip_white_space};

    fn spans(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut start = skip_white_space(text.as_bytes(), 0);
        while start < text.len() {
            let (Span::Structure(end) | Span::Junk(end)) =
                scan(text.as_bytes(), start, true).expect("at the end of the input");
            found.push(text[start..end].trim_end());
            start = skip_white_space(text.as_bytes(), end);
        }
        found
    }

    #[test]
    fn values_need_no_separator() {
        assert_eq!(spans(r#"{"a":"}{"}{"b":[{}]} [1]"#), [r#"{"a":"}{"}"#, r#"{"b":[{}]}"#, "[1]"]);
    }

    #[test]
    fn pretty_printed_values_are_one_each() {
        let text = "{\n  \"a\": [\n    {\n      \"b\": 1\n    },\n    {\n    }\n  ]\n}\n{\n}";
        assert_eq!(spans(text).len(), 2);
    }

    #[test]
    fn junk_is_one_instance_a_line() {
        assert_eq!(spans("{},{}\nnot json\nat all {}"), ["{}", ",", "{}", "not json", "at all", "{}"]);
    }

    #[test]
    fn a_line_that_breaks_off_costs_only_itself() {
        for broken in [
            r#"{"a":1"#,
            r#"{"a":1,"#,
            r#"{"a":"text"#,
            r#"{"a":"text\"#,
            r#"{"a":"text}"#,
            r#"{"a":[1,2}"#,
            r#"{"a":[{"b":1}"#,
            "{",
        ] {
            let text = format!("{broken}\n{{\"b\":2}}\n{{\"c\":3}}\n");
            assert_eq!(spans(&text), [broken, r#"{"b":2}"#, r#"{"c":3}"#]);
        }
    }

    #[test]
    fn a_file_is_cut_between_values() {
        assert_eq!(last_boundary(b"{\"a\":1}\n{\"b\":2}\n{\"c"), Some(16));
        assert_eq!(last_boundary(b"{\"a\":1}{\"b\":2}{\"c"), Some(14));
        assert_eq!(last_boundary(b"{\"a\": [\n{},\n{}"), None);
    }

    #[test]
    fn header_lines_and_byte_order_mark_are_skipped_across_chunks() {
        let mut header = Header::new(2);
        assert_eq!(header.skip(b"\xEF\xBB\xBFone"), 6);
        assert_eq!(header.skip(b"\ntwo\n{}"), 5);
        assert_eq!(header.skip(b"{}\n"), 0);
    }
}
