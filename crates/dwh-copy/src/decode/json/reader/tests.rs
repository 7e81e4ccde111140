use proptest::prelude::*;

use super::{JsonReader, RecordError, Slot};
use crate::convert::Value;
use crate::jsonpaths::{PathTree, parse};

fn show((value, token): (Value<'_>, &[u8])) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(_) | Value::Escaped(_) => {
            format!("'{}'", String::from_utf8_lossy(value.text(&mut Vec::new()).expect("text")))
        }
        _ => String::from_utf8_lossy(token).into_owned(),
    }
}

/// The record's length and slots.
fn scan(reader: &mut JsonReader, record: &[u8]) -> Result<(usize, Vec<Slot>), RecordError> {
    let mut slots = vec![Slot::default(); reader.slot_count()];
    let length = reader.read(record, &mut slots)?;
    Ok((length, slots))
}

fn read(reader: &mut JsonReader, columns: usize, record: &str) -> Vec<String> {
    let (end, slots) = scan(reader, record.as_bytes()).expect("valid record");
    assert_eq!(end, record.len());
    (0..columns).map(|column| show(reader.value_of(column, &slots, 0, record.as_bytes(), None))).collect()
}

fn paths(paths: &[&str]) -> JsonReader {
    let file = serde_json::json!({ "jsonpaths": paths }).to_string();
    JsonReader::new(parse(file.as_bytes(), paths.len()).expect("valid").expect("has paths"))
}

#[test]
fn keys_match_in_any_order_and_unknown_ones_are_skipped() {
    let mut reader = JsonReader::new(PathTree::auto(["a", "b"], false));
    assert_eq!(read(&mut reader, 2, r#"{"a":1,"x":{"a":9},"b":"t"}"#), ["1", "'t'"]);
    assert_eq!(read(&mut reader, 2, r#"{"b":true,"a":null}"#), ["NULL", "true"]);
    assert_eq!(read(&mut reader, 2, r#"{"A":1}"#), ["NULL", "NULL"]);
    assert_eq!(read(&mut reader, 2, r#"{"\u0061":1}"#), ["1", "NULL"]);
    assert_eq!(read(&mut reader, 2, "{}"), ["NULL", "NULL"]);
}

#[test]
fn auto_ignorecase_matches_any_case() {
    let mut reader = JsonReader::new(PathTree::auto(["userid"], true));
    assert_eq!(read(&mut reader, 1, r#"{"userId":"39"}"#), ["'39'"]);
    assert_eq!(read(&mut reader, 1, r#"{"USERID":"40"}"#), ["'40'"]);
}

#[test]
fn the_last_of_two_equal_keys_wins() {
    let mut reader = JsonReader::new(PathTree::auto(["a"], false));
    assert_eq!(read(&mut reader, 1, r#"{"a":1,"a":2}"#), ["2"]);
    let mut reader = paths(&["$.a.b", "$.a.c"]);
    assert_eq!(read(&mut reader, 2, r#"{"a":{"b":1,"c":2},"a":{"c":3}}"#), ["NULL", "3"]);
}

#[test]
fn paths_reach_nested_members_and_elements() {
    let mut reader = paths(&["$['a']['b']", "$['a']", "$['l'][1]", "$['l'][0]['x']"]);
    let record = r#"{"a": {"b": 1, "z": 2}, "l": [{"x": "y"}, [3]]}"#;
    assert_eq!(read(&mut reader, 4, record), ["1", r#"{"b": 1, "z": 2}"#, "[3]", "'y'"]);
    assert_eq!(read(&mut reader, 4, r#"{"l":[{},2]}"#), ["NULL", "NULL", "2", "NULL"]);
    assert_eq!(read(&mut reader, 4, r#"{"a":null,"l":[null,null]}"#), ["NULL", "NULL", "NULL", "NULL"]);
}

#[test]
fn arrays_are_rows_by_position() {
    let mut reader = paths(&["$[1]", "$[0]"]);
    assert_eq!(read(&mut reader, 2, r#"["a",2]"#), ["2", "'a'"]);
}

#[test]
fn structures_that_contradict_the_paths_are_named() {
    let mismatch = |reader: &mut JsonReader, record: &str| match scan(reader, record.as_bytes()) {
        Err(RecordError::Mismatch { end, column, reason }) => {
            assert_eq!(end, record.len());
            (column, reason)
        }
        other => panic!("{other:?}"),
    };
    let object = "Invalid JSONPath format: Member is not an object.";
    let element = "Invalid JSONPath format: Not an array or index out of range.";
    let mut auto = JsonReader::new(PathTree::auto(["a"], false));
    assert_eq!(mismatch(&mut auto, r#"[{"a":1}]"#), (Some(0), object));
    let mut reader = paths(&["$.x", "$.a.b", "$.l[1]"]);
    assert_eq!(mismatch(&mut reader, r#"{"a":1}"#), (Some(1), object));
    assert_eq!(mismatch(&mut reader, r#"{"l":[1]}"#), (Some(2), element));
    assert_eq!(mismatch(&mut reader, r#"{"l":{}}"#), (Some(2), element));
}

#[test]
fn escapes_are_resolved() {
    let mut reader = JsonReader::new(PathTree::auto(["a"], false));
    let record = r#"{"a":"\"\\\/\b\f\n\r\t\u00e8\ud83d\ude00x"}"#;
    assert_eq!(read(&mut reader, 1, record), ["'\"\\/\u{8}\u{c}\n\r\t\u{e8}\u{1F600}x'"]);
}

/// Accepted and refused inputs in the manner of JSONTestSuite (RFC 8259), as members of a record.
#[test]
fn the_grammar_of_rfc_8259_is_kept() {
    let accepted = [
        "123",
        "-0",
        "-1",
        "0e+1",
        "1E-2",
        "123.456e78",
        "1e400",
        "20e1",
        "-0.0",
        "\"\"",
        "\"\\u0000\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\u{7f}\"",
        "\"\u{FFFF}\"",
        "\"\\\"\\\\\\/\"",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "[[] ]",
        "[ 1 , 2 ]",
        "{\"\":0}",
        "{\"a\":{\"a\":{}}}",
        "[null,1,\"x\",{}]",
        " \t\r\n1 ",
    ];
    let refused = [
        "",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "1_000",
        "Infinity",
        "NaN",
        "-Infinity",
        "1 2",
        "'a'",
        "\"",
        "\"\\x\"",
        "\"\\u00\"",
        "\"\\uZZZZ\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0061\"",
        "\"\n\"",
        "\"\t\"",
        "True",
        "nul",
        "tru",
        "[1,]",
        "[,1]",
        "[1,,2]",
        "[",
        "[1",
        "[1}",
        "]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "/* c */ 1",
        "1 // c",
        "\u{a0}1",
    ];
    let verdict = |value: &str| {
        let mut reader = JsonReader::new(PathTree::auto(["v"], false));
        let wanted = format!("{{\"v\":{value}}}");
        let skipped = format!("{{\"skipped\":{value}}}");
        let read = |reader: &mut JsonReader, record: &str| {
            scan(reader, record.as_bytes()).is_ok_and(|(end, _)| end == record.len())
        };
        (read(&mut reader, &wanted), read(&mut reader, &skipped))
    };
    for value in accepted {
        assert_eq!(verdict(value), (true, true), "{value:?} must be accepted");
    }
    for value in refused {
        assert_eq!(verdict(value), (false, false), "{value:?} must be refused");
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let nested = |depth: usize| format!("{{\"v\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let mut reader = JsonReader::new(PathTree::auto(["v"], false));
    assert!(scan(&mut reader, nested(100).as_bytes()).is_ok());
    assert!(matches!(scan(&mut reader, nested(100_000).as_bytes()), Err(RecordError::Syntax(_))));
}

/// Pieces of JSON, and of what is nearly JSON.
fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ",",
        ":",
        ":",
        "\"v\"",
        "\"k\"",
        "\"\\u00e9\\n\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"",
        "\\",
        "1",
        "-1.5e3",
        "01",
        "1.",
        "true",
        "null",
        "nul",
        " ",
        "\n",
        "\u{e9}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// serde_json is the other reading of RFC 8259.
    #[test]
    fn records_are_accepted_and_read_as_serde_json_does(
        tokens in prop::collection::vec(token(), 0..12),
        opening in prop::sample::select(vec!["{\"v\":", "{\"k\":", "{", ""]),
        closing in prop::sample::select(vec!["}", ""]),
    ) {
        let record = format!("{opening}{}{closing}", tokens.concat());
        let oracle = serde_json::from_str::<serde_json::Value>(&record);
        let mut reader = JsonReader::new(PathTree::auto(["v"], false));
        let read = scan(&mut reader, record.as_bytes());
        let is_object = record.trim_start_matches([' ', '\n']).starts_with('{');
        let whole = read.as_ref().is_ok_and(|(end, _)| record[*end..].trim_matches([' ', '\n']).is_empty());
        if is_object {
            prop_assert_eq!(whole, oracle.is_ok(), "{}", record);
        }
        if let (true, true, Ok((_, slots)), Ok(serde_json::Value::Object(members))) = (is_object, whole, read, oracle) {
            match (members.get("v"), reader.value_of(0, &slots, 0, record.as_bytes(), None).0) {
                (Some(serde_json::Value::String(expected)), value @ (Value::Text(_) | Value::Escaped(_))) => {
                    let mut buffer = Vec::new();
                    prop_assert_eq!(Some(expected.as_bytes()), value.text(&mut buffer));
                }
                (Some(serde_json::Value::Null) | None, value) => prop_assert!(matches!(value, Value::Null)),
                (Some(serde_json::Value::Bool(expected)), Value::Boolean(value)) => prop_assert_eq!(*expected, value),
                (Some(serde_json::Value::Number(expected)), Value::Number(number)) => {
                    prop_assert_eq!(expected.as_f64(), Some(number.double()));
                }
                (Some(expected), Value::Nested(text)) => {
                    prop_assert_eq!(expected, &serde_json::from_slice::<serde_json::Value>(text).expect("valid"));
                }
                (expected, value) => prop_assert!(false, "{:?} {:?}", expected, value),
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut reader = JsonReader::new(PathTree::auto(["v"], true));
        let _ = scan(&mut reader, &bytes);
        let _ = scan(&mut reader, &[b"{\"v\":".as_slice(), &bytes].concat());
    }
}
