//! The fuzz targets' properties on bytes that are nearly JSON: pieces of records in any order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties;

const PIECES: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    " ",
    "\r\n",
    "\u{feff}",
    "\0",
    "{\"n\":1}\n",
    "{\"n\":",
    "\"t\":",
    "\"d\":",
    "\"s\":",
    "\"c\":",
    "\"b\":",
    "\"f\":",
    "\"x\":",
    "\"v\":",
    "\"N\":",
    "null",
    "true",
    "fals",
    "-1",
    "0.5",
    "1e400",
    "12345678901234567890",
    "\"text\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\u00e9\"",
    "\"é\"",
    "\"2020-02-29\"",
    "\"2020-02-29 23:59:59.9999999\"",
    "1541105830796",
    "\"\"",
    "{\"a\":{\"b\":[1]}}",
    "[1,[2]]",
    "\"12.345\"",
    "\"  \"",
];

fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    (any::<u8>(), vec(piece, 0..40)).prop_map(|(first, pieces)| {
        let mut bytes = vec![first];
        pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
        bytes
    })
}

/// Pieces of lines, in any order.
fn nearly_text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "1",
        "ab",
        "|",
        ",",
        "\"",
        "\"\"",
        "\\",
        "\n",
        "\r\n",
        "\\N",
        " ",
        "\0",
        "\u{e9}",
        "2020-01-01",
        "1,2|3\n",
    ];
    (any::<u8>(), vec(select(pieces.map(str::as_bytes).to_vec()), 0..60))
        .prop_map(|(first, pieces)| std::iter::once(first).chain(pieces.concat()).collect())
}

/// Records of one shape, and one byte of them changed.
fn records_with_a_fault() -> impl Strategy<Value = Vec<u8>> {
    let value = select(&["1", "\"a\"", "null", "true", "2.5", "\"\\n\"", "[1]", "\"2020-01-01\"", "{}"][..]);
    let record = (value.clone(), value.clone(), value)
        .prop_map(|(n, t, v)| format!("{{\"n\":{n},\"t\":{t},\"v\":{v}}}\n").into_bytes());
    (any::<u8>(), vec(record, 1..8), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(first, records, place, byte)| {
            let mut bytes = records.concat();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes.insert(0, first);
            bytes
        },
    )
}

proptest! {
    // PROPTEST_CASES runs more of them.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_load_or_are_load_errors_in_any_parts(bytes in nearly_json()) {
        properties::records(&bytes);
    }

    #[test]
    fn a_changed_byte_changes_no_more_than_its_record(bytes in records_with_a_fault()) {
        properties::records(&bytes);
    }

    #[test]
    fn lines_load_or_are_load_errors_in_any_parts(bytes in nearly_text()) {
        properties::text(&bytes);
    }

    #[test]
    fn json_paths_are_refused_or_followed(
        path in "[$.\\['\"ab01\\] *]{0,12}",
        object in nearly_json(),
    ) {
        let mut bytes = serde_json::json!({ "jsonpaths": [path] }).to_string().into_bytes();
        bytes.push(0);
        bytes.extend_from_slice(&object[1..]);
        properties::json_paths(&bytes);
    }

    #[test]
    fn manifests_are_refused_or_kept(bytes in "\\{\"entries\":\\[\\{\"url\":\"[a-z:/]{0,8}\"(,\"mandatory\":(true|1))?\\}\\]\\}?") {
        properties::manifest(bytes.as_bytes());
    }
}

#[test]
fn a_record_that_goes_on_with_a_bracket_is_broken_also_behind_one_that_began_so() {
    properties::records(b"\x08{\"n\":1}\n{\"t\":null{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}
