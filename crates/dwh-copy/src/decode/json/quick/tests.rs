use proptest::prelude::*;

use super::super::reader::{JsonReader, Slot};
use super::{Literal, stops};
use crate::convert::Value;
use crate::jsonpaths::PathTree;

#[test]
fn the_first_byte_that_ends_or_breaks_a_string_is_found() {
    let first = |word: &[u8; 8]| stops(u64::from_le_bytes(*word)).trailing_zeros() / 8;
    assert_eq!(first(b"abcdefgh"), 8);
    assert_eq!(first(b"abc\"ef\\h"), 3);
    assert_eq!(first(b"ab\\\"efgh"), 2);
    assert_eq!(first(b"\x1f\x20\x7f\x80\xff\"\"\""), 0);
    assert_eq!(first(b"\x20\x7f\x80\xff\xa2\xdc!#"), 8);
    assert_eq!(first(b"\x80\xff\n     "), 2);
}

#[test]
fn literals_are_compared_to_their_last_byte_and_no_further() {
    for length in 1..=64_usize {
        let bytes: Vec<u8> = (0..length as u8).map(|n| b'A' + n % 26).collect();
        let literal = Literal::new(&bytes).expect("short enough");
        let mut input = [b"?".as_slice(), &bytes, &[b'.'; 16]].concat();
        assert!(literal.begins(&input, 1), "{length}");
        assert!(!literal.begins(&input, 0));
        input[length] ^= 1;
        assert!(!literal.begins(&input, 1), "{length}");
    }
    assert!(Literal::new(&[b'a'; 65]).is_none());
}

/// What a reader makes of a record, or that it is broken.
fn outcome(reader: &mut JsonReader, columns: usize, record: &[u8]) -> Option<(usize, Vec<Option<Vec<u8>>>)> {
    let mut slots = vec![Slot::default(); reader.slot_count()];
    let length = match reader.read(record, &mut slots) {
        Ok(length) => length,
        Err(_) => return None,
    };
    let values = (0..columns).map(|column| match reader.value_of(column, &slots, 0, record, None) {
        (Value::Null, _) => None,
        (value @ (Value::Text(_) | Value::Escaped(_)), _) => {
            Some([b"text ", value.text(&mut Vec::new()).expect("text")].concat())
        }
        (_, token) => Some(token.to_vec()),
    });
    Some((length, values.collect()))
}

const COLUMNS: [&str; 3] = ["a", "b", "c"];

fn tree() -> PathTree {
    PathTree::auto(COLUMNS, false)
}

/// Text that is mostly JSON: members in any order, missing, repeated, escaped, broken.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let space = prop::sample::select(vec!["", "", "", " ", "\n", "\t "]);
    let key = prop::sample::select(vec!["\"a\"", "\"b\"", "\"c\"", "\"other\"", "\"\\u0061\"", "a", "\"\""]);
    let value = prop::sample::select(vec![
        "1",
        "-0",
        "01",
        "1.",
        "1.5e3",
        "1e+",
        "-",
        "12345678901234567890",
        "null",
        "nul",
        "true",
        "false",
        "fals",
        "\"\"",
        "\"text\"",
        "\"a longer text of more than one word\"",
        "\"caf\u{e9}\"",
        "\"tab\there\"",
        "\"new\nline\"",
        "\"es\\\\caped\\n\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"open",
        "{}",
        "{\"a\": [1, {}]}",
        "[1, 2",
        "[]",
        "",
    ]);
    let member = (space.clone(), key, space.clone(), value, space.clone())
        .prop_map(|(a, key, b, value, c)| format!("{a}{key}{b}:{b}{value}{c}"));
    let members = prop::collection::vec(member, 0..5);
    let comma = prop::sample::select(vec![",", ",", ",", ",,", ""]);
    let end = prop::sample::select(vec!["}", "}", "}", ",}", ""]);
    (members, comma, end, space).prop_map(|(members, comma, end, space)| {
        format!("{{{}{end}{space}", members.join(comma)).into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_the_quick_way_accepts_the_general_reader_reads_alike(
        records in prop::collection::vec(record(), 1..6)
    ) {
        let mut quick = JsonReader::new(tree());
        for record in records {
            // Room behind the record, as in a file: without it the quick way gives up near the end.
            let padded = [record.as_slice(), &[b' '; 32]].concat();
            let mut general = JsonReader::without_quick_way(tree());
            prop_assert_eq!(
                outcome(&mut quick, COLUMNS.len(), &padded),
                outcome(&mut general, COLUMNS.len(), &padded),
                "{}", String::from_utf8_lossy(&record)
            );
        }
    }

    #[test]
    fn a_byte_changed_anywhere_is_read_alike(
        record in record(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3)
    ) {
        let mut quick = JsonReader::new(tree());
        let mut padded = [record.as_slice(), &[b' '; 32]].concat();
        outcome(&mut quick, COLUMNS.len(), &padded);
        for (index, byte) in changes {
            let index = index.index(record.len().max(2) - 1) + 1;
            padded[index] = byte;
        }
        let mut general = JsonReader::without_quick_way(tree());
        prop_assert_eq!(
            outcome(&mut quick, COLUMNS.len(), &padded),
            outcome(&mut general, COLUMNS.len(), &padded)
        );
    }
}
