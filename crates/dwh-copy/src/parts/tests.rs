use std::io::Read;

use proptest::prelude::*;

use super::{PartError, PartReader, Records};
use crate::buffers::Buffers;
use crate::framing::Framing;
use crate::records::{Header, MAX_RECORD_BYTES, Span, count_lines, scan, skip_white_space};

fn parts(bytes: &[u8], part_bytes: usize) -> Vec<Records> {
    let mut reader = PartReader::new(bytes, Framing::Json, Header::new(0), part_bytes, &Buffers::default());
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part().expect("reads") {
        parts.push(part);
    }
    parts
}

#[test]
fn parts_end_between_records_and_know_their_lines() {
    let text = "header\n{\"a\":1}\n{\"a\":\n2}\n{\"a\":3}\n";
    let mut reader = PartReader::new(text.as_bytes(), Framing::Json, Header::new(1), 20, &Buffers::default());
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part().expect("reads") {
        parts.push((String::from_utf8(part.bytes().to_vec()).expect("text"), part.first_line, part.is_last));
    }
    let whole: String = parts.iter().map(|(bytes, ..)| bytes.as_str()).collect();
    assert_eq!(whole, &text[7..]);
    let lines: Vec<u64> = parts.iter().map(|(_, first_line, _)| *first_line).collect();
    let last: Vec<bool> = parts.iter().map(|(.., is_last)| *is_last).collect();
    assert!(parts.len() > 1, "{parts:?}");
    assert_eq!(lines[0], 2);
    assert!(lines.is_sorted());
    assert_eq!(last.iter().filter(|is_last| **is_last).count(), 1);
    assert_eq!(last.last(), Some(&true));
}

#[test]
fn a_value_without_end_is_too_large_and_not_read_whole() {
    let endless = b"\n{\"a\":\"".chain(std::io::repeat(b'x'));
    let mut reader =
        PartReader::new(endless, Framing::Json, Header::new(0), MAX_RECORD_BYTES / 2, &Buffers::default());
    assert!(matches!(reader.next_part(), Err(PartError::RecordTooLarge { line: 2 })));
}

/// What a decoder sees in bytes that begin on `first_line`: the text of each value and of each piece
/// of junk, with its line.
fn spans(bytes: &[u8], first_line: u64) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut start = skip_white_space(bytes, 0);
    while start < bytes.len() {
        let Some(Span::Structure(end) | Span::Junk(end)) = scan(bytes, start, true) else { break };
        let text = String::from_utf8_lossy(bytes[start..end].trim_ascii_end()).into_owned();
        found.push((text, first_line + count_lines(&bytes[..start])));
        start = skip_white_space(bytes, end);
    }
    found
}

/// Pieces of which files are made, broken ones among them.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{\"a\":1}",
        "{}",
        "[1,2]",
        "{\"a\":\"}\\n{\"}",
        "{\"a\":\"\\\\\"}",
        "{\"a\":\"\\\"{\"}",
        "{\n  \"a\": [\n    {\n    },\n    {\n    }\n  ]\n}",
        "{\"a\":[{\"b\":{}}]}",
        "\n",
        "\n",
        "\r\n",
        " ",
        "junk",
        ",",
        "}",
        "]",
        "{\"a\":1",
        "{\"a\":\"x",
        "{\"a\":\"x\\",
        "{\"a\":[",
        "\"",
        "\u{e9}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_gives_the_same_records(
        pieces in prop::collection::vec(piece(), 0..24),
        part_bytes in 1_usize..60,
    ) {
        let text = pieces.concat();
        let whole = spans(text.as_bytes(), 1);
        let parts = parts(text.as_bytes(), part_bytes);
        let cut: Vec<_> = parts.iter().flat_map(|part| spans(part.bytes(), part.first_line)).collect();
        prop_assert_eq!(whole, cut);
    }
}
