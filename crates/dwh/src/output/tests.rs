use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int64Array, RecordBatch, StringArray, StringViewArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray,
};
use arrow::datatypes::{Field, Schema};
use dwh_common::RedshiftType;

use dwh_engine::TextStyle;

use super::{Rows, write};
use crate::args::Format;

fn rows(columns: Vec<(&str, ArrayRef)>) -> Rows {
    let fields: Vec<Field> =
        columns.iter().map(|(label, array)| Field::new(*label, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batches = vec![RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap()];
    Rows { batches, style: TextStyle::default(), schema }
}

fn printed(format: Format, rows: &Rows) -> String {
    let mut out = Vec::new();
    write(format, rows, None, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn texts(array: ArrayRef) -> Vec<String> {
    let mut texts = Vec::new();
    rows(vec![("c", array)])
        .for_each(|row| {
            texts.push(row[0].clone().unwrap_or_else(|| "NULL".to_owned()));
            Ok(())
        })
        .unwrap();
    texts
}

/// Outcomes of `SELECT v::text` in PostgreSQL 15.
#[test]
fn values_have_the_text_that_postgresql_gives_them() {
    let doubles = vec![
        0.1,
        1.0,
        -100.30953,
        123456.789,
        1e14,
        1e15,
        1.5e300,
        0.0001,
        0.00001,
        f64::NAN,
        f64::INFINITY,
        -0.0,
    ];
    assert_eq!(
        texts(Arc::new(Float64Array::from(doubles))),
        [
            "0.1",
            "1",
            "-100.30953",
            "123456.789",
            "100000000000000",
            "1e+15",
            "1.5e+300",
            "0.0001",
            "1e-05",
            "NaN",
            "Infinity",
            "-0"
        ]
    );
    assert_eq!(texts(Arc::new(Float32Array::from(vec![0.1_f32, 123456.0, 1e6]))), ["0.1", "123456", "1e+06"]);
    assert_eq!(texts(Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))), ["t", "f", "NULL"]);
    let decimals = Decimal128Array::from(vec![30947219, -5, 0]).with_precision_and_scale(10, 5).unwrap();
    assert_eq!(texts(Arc::new(decimals)), ["309.47219", "-0.00005", "0.00000"]);
    assert_eq!(texts(Arc::new(Date32Array::from(vec![0, 17836]))), ["1970-01-01", "2018-11-01"]);
    let moments = vec![1_543_599_084_796_000, 1_543_599_084_000_000, 1_543_599_080_000_001, -1];
    assert_eq!(
        texts(Arc::new(TimestampMicrosecondArray::from(moments.clone()))),
        [
            "2018-11-30 17:31:24.796",
            "2018-11-30 17:31:24",
            "2018-11-30 17:31:20.000001",
            "1969-12-31 23:59:59.999999"
        ]
    );
    let zoned = TimestampMicrosecondArray::from(moments).with_timezone("UTC");
    assert_eq!(texts(Arc::new(zoned))[0], "2018-11-30 17:31:24.796+00");
    let millis = TimestampMillisecondArray::from(vec![1_543_599_084_796]);
    assert_eq!(texts(Arc::new(millis)), ["2018-11-30 17:31:24.796"]);
    assert_eq!(texts(Arc::new(Time64MicrosecondArray::from(vec![0, 500_000]))), ["00:00:00", "00:00:00.5"]);
    assert_eq!(texts(Arc::new(BinaryArray::from(vec![b"ab\xff".as_slice()]))), ["6162ff"]);
}

fn mixed() -> Rows {
    rows(vec![
        ("id", Arc::new(Int64Array::from(vec![Some(1), None, Some(9_007_199_254_740_993)]))),
        ("title", Arc::new(StringViewArray::from(vec![Some("a \"b\", c"), Some(""), None]))),
        ("ok", Arc::new(BooleanArray::from(vec![true, false, true]))),
    ])
}

#[test]
fn csv_quotes_as_rfc_4180_says_and_keeps_null_and_empty_apart() {
    assert_eq!(
        printed(Format::Csv, &mixed()),
        "id,title,ok\n1,\"a \"\"b\"\", c\",t\n,\"\",f\n9007199254740993,,t\n"
    );
}

#[test]
fn json_keeps_types_and_every_digit() {
    let parsed: serde_json::Value = serde_json::from_str(&printed(Format::Json, &mixed())).unwrap();
    let expected = serde_json::json!([
        {"id": 1, "title": "a \"b\", c", "ok": true},
        {"id": null, "title": "", "ok": false},
        {"id": 9_007_199_254_740_993_u64, "title": null, "ok": true},
    ]);
    assert_eq!(parsed, expected);
    let none = Rows { batches: Vec::new(), ..mixed() };
    assert_eq!(printed(Format::Json, &none), "[]\n");
}

#[test]
fn json_writes_what_json_lacks_as_text_super_as_it_is_and_labels_once() {
    let field = RedshiftType::Super.field("s", true);
    let number = Field::new("x", arrow::datatypes::DataType::Float64, true);
    let schema = Arc::new(Schema::new(vec![field, number.clone(), number]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringViewArray::from(vec!["{\"a\":[1]}"])),
        Arc::new(Float64Array::from(vec![f64::NAN])),
        Arc::new(Float64Array::from(vec![1e300])),
    ];
    let batches = vec![RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()];
    let rows = Rows { batches, style: TextStyle::default(), schema };
    assert_eq!(printed(Format::Json, &rows), "[\n{\"s\": {\"a\":[1]}, \"x\": \"NaN\", \"x_2\": 1e+300}\n]\n");
}

#[test]
fn markdown_escapes_bars_and_line_ends() {
    let rows = rows(vec![
        ("n", Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef),
        ("t", Arc::new(StringArray::from(vec!["a|b", "c\nd"]))),
    ]);
    assert_eq!(
        printed(Format::Markdown, &rows),
        "| n | t |\n| ---: | --- |\n| 1 | a\\|b |\n| NULL | c\\nd |\n"
    );
}

#[test]
fn a_table_aligns_numbers_shows_null_and_keeps_the_terminal_safe() {
    let rows = rows(vec![
        ("count", Arc::new(Int64Array::from(vec![Some(7), None])) as ArrayRef),
        ("name", Arc::new(StringArray::from(vec!["x\u{1b}[2J", "y"]))),
    ]);
    let expected = "\
┌───────┬──────────┐
│ count │ name     │
├───────┼──────────┤
│     7 │ x\\x1B[2J │
│  NULL │ y        │
└───────┴──────────┘
";
    assert_eq!(printed(Format::Table, &rows), expected);
}

#[test]
fn a_table_fits_the_width_it_is_given() {
    let long = "one two three four five six seven eight nine ten";
    let rows = rows(vec![("text", Arc::new(StringArray::from(vec![long])) as ArrayRef)]);
    let mut out = Vec::new();
    write(Format::Table, &rows, Some(24), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 24), "{text}");
}
