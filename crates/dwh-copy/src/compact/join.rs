//! Puts the values of one object behind those of another, so that COPY finds the same records (RS 1.5).

use crate::records::{Span, UTF8_BOM, count_lines, scan, skip_white_space};

/// Why an object cannot be joined to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is compressed.
    Compressed(&'static str),
    /// The value that begins on this line does not end.
    Unfinished { line: u64 },
}

/// Appends the object's values as they are: white space and what is no value too, so that pretty-printed
/// values stay valid and load errors stay load errors. Only a newline is added, between values that
/// stood back to back and behind the last, and a byte order mark left out.
///
/// Gives back the number of values.
pub(super) fn join(object: &[u8], out: &mut Vec<u8>) -> Result<u64, Unfit> {
    if let Some(compression) = compression_of(object) {
        return Err(Unfit::Compressed(compression));
    }
    let bytes = object.strip_prefix(UTF8_BOM).unwrap_or(object);
    let mut values = 0;
    let mut copied = 0;
    let mut start = skip_white_space(bytes, 0);
    while start < bytes.len() {
        let (end, is_value) = match scan(bytes, start, false) {
            Some(Span::Structure(end)) => (end, true),
            Some(Span::Junk(end)) => (end, false),
            None if matches!(bytes[start], b'{' | b'[') => {
                return Err(Unfit::Unfinished { line: 1 + count_lines(&bytes[..start]) });
            }
            None => (bytes.len(), false),
        };
        values += u64::from(is_value);
        start = skip_white_space(bytes, end);
        if is_value && start == end && bytes.get(end).is_some_and(|byte| matches!(byte, b'{' | b'[')) {
            out.extend_from_slice(&bytes[copied..end]);
            out.push(b'\n');
            copied = end;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        out.push(b'\n');
    }
    Ok(values)
}

/// A compression by the first bytes: no JSON begins with them.
fn compression_of(bytes: &[u8]) -> Option<&'static str> {
    const MAGICS: [(&[u8], &str); 4] =
        [(b"\x1F\x8B", "GZIP"), (b"BZh", "BZIP2"), (b"\x28\xB5\x2F\xFD", "ZSTD"), (b"\x89LZO", "LZOP")];
    MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::{Unfit, join};

    fn joined(objects: &[&str]) -> (String, u64) {
        let mut out = Vec::new();
        let values = objects.iter().map(|object| join(object.as_bytes(), &mut out).expect("joined")).sum();
        (String::from_utf8(out).expect("text"), values)
    }

    #[test]
    fn values_back_to_back_get_a_line_each() {
        assert_eq!(joined(&[r#"{"a":"}{"}{"b":2}[3]"#]), ("{\"a\":\"}{\"}\n{\"b\":2}\n[3]\n".to_owned(), 3));
    }

    #[test]
    fn what_has_lines_stays_byte_for_byte() {
        let pretty = "{\n  \"a\": 1.50,\n  \"b\": [\n    {}\n  ]\n}\r\n{\"c\":\"\\u00e9\"}\n";
        assert_eq!(joined(&[pretty, "{}\n"]), (format!("{pretty}{{}}\n"), 3));
    }

    #[test]
    fn objects_without_a_last_newline_do_not_run_together() {
        assert_eq!(joined(&["\u{FEFF}{\"a\":1}", "", "{\"a\":2}"]), ("{\"a\":1}\n{\"a\":2}\n".to_owned(), 2));
    }

    #[test]
    fn junk_is_kept_to_be_the_load_error_that_it_is() {
        assert_eq!(joined(&["{},{}", "not json"]), ("{},{}\nnot json\n".to_owned(), 2));
    }

    #[test]
    fn a_value_that_would_swallow_the_next_object_is_refused() {
        for text in ["{}\n{\"a\":", "{}\n[1,", "{}\n{\"a\":\"text"] {
            assert_eq!(join(text.as_bytes(), &mut Vec::new()), Err(Unfit::Unfinished { line: 2 }), "{text}");
        }
        assert_eq!(join(b"\x1F\x8B\x08", &mut Vec::new()), Err(Unfit::Compressed("GZIP")));
    }
}
