//! What UNLOAD writes, COPY reads back equal (RS 6): texts of awkward characters and values of every type, in every
//! format with the options that belong to each other. Where a format cannot hold a text, [`Way::holds`] says so.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int16Array, Int64Array,
    RecordBatch, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use dwh_copy::unload::{FixedWidthColumn, TextOptions, UnloadFormat, UnloadManifest};
use dwh_copy::{
    Compression, CopyOptions, DataFormat, JsonFormat, OutputCompression, TargetColumn, TextFormat, TextLayout,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Runtime;

use crate::support::{batch_rows, local_stores, request as copy_request, rows, run, target_column};
use crate::unload::{batch, integers, parquet, request, texts, unloaded};

/// What stands for NULL on both sides. UNLOAD's own, nothing, and COPY's own, `\N`, are not each other's.
const NULL_AS: &str = "@";
const TEXT_WIDTH: usize = 60;

const PIECES: [&str; 36] = [
    "a", "B", "0", "é", "🎵", " ", "  ", "\t", "\n", "\r", "\r\n", "\u{b}", "\u{c}", "\u{1}", "\u{85}",
    "\u{a0}", "\u{2028}", "\u{feff}", "|", ",", ";", "\"", "\"\"", "'", "\\", "\\\\", "\\N", "\\n", "\\0",
    "\\000", "NULL", "null", "@", "{\"a\":", "}", "%",
];

/// An UNLOAD and the COPY that belongs to it.
#[derive(Debug, Clone)]
struct Way {
    unload: UnloadFormat,
    copy: DataFormat,
    options: CopyOptions,
    /// Whether the format can hold the text (docs/compat/unload.md).
    holds: fn(&str) -> bool,
}

fn text_options(delimiter: char, header: bool) -> TextOptions {
    TextOptions { delimiter, header, null_as: NULL_AS.to_owned() }
}

fn text_format(layout: TextLayout) -> DataFormat {
    let null_as = NULL_AS.to_owned();
    DataFormat::Text(TextFormat { layout, null_as, fill_record: false, ignore_blank_lines: false })
}

fn options(header: bool) -> CopyOptions {
    CopyOptions { ignore_header_lines: header.into(), ..CopyOptions::default() }
}

/// What is NULL to both cannot be a text.
fn is_no_null(text: &str) -> bool {
    text != NULL_AS
}

fn csv(delimiter: char, header: bool) -> Way {
    let layout = TextLayout::Csv { delimiter: delimiter.to_string(), quote: '"' };
    let unload = UnloadFormat::Csv(text_options(delimiter, header));
    Way { unload, copy: text_format(layout), options: options(header), holds: is_no_null }
}

fn delimited(delimiter: char, header: bool, add_quotes: bool, escape: bool, holds: fn(&str) -> bool) -> Way {
    let layout =
        TextLayout::Delimited { delimiter: delimiter.to_string(), escape, remove_quotes: add_quotes };
    let unload = UnloadFormat::Delimited { text: text_options(delimiter, header), add_quotes, escape };
    Way { unload, copy: text_format(layout), options: options(header), holds }
}

fn fixed_width(columns: usize) -> Way {
    let widths_chars = vec![TEXT_WIDTH; columns];
    let column = |width: &usize| FixedWidthColumn { label: "c".to_owned(), width: *width };
    let unload = UnloadFormat::FixedWidth {
        columns: widths_chars.iter().map(column).collect(),
        null_as: NULL_AS.to_owned(),
    };
    let copy = text_format(TextLayout::FixedWidth { widths_chars, remove_quotes: false });
    let options = CopyOptions { trim_blanks: true, ..CopyOptions::default() };
    // Blanks fill fields up, so blanks at the end of a text are not told from them.
    let holds = |text: &str| is_no_null(text) && !text.contains(['\n', '\r']) && text.trim_end() == text;
    Way { unload, copy, options, holds }
}

fn json() -> Way {
    // Numbers pass through a double (RS 1.7), so decimals come back with ROUNDEC only.
    let options = CopyOptions { round_decimals: true, ..CopyOptions::default() };
    Way { unload: UnloadFormat::Json, copy: DataFormat::Json(JsonFormat::Auto), options, holds: |_| true }
}

fn columns_file() -> Way {
    let options = CopyOptions { serialize_to_json: true, ..CopyOptions::default() };
    Way { unload: parquet(), copy: DataFormat::Parquet, options, holds: |_| true }
}

/// Every format for a table of so many columns.
fn ways(columns: usize) -> Vec<Way> {
    let mut ways = vec![json(), columns_file(), fixed_width(columns)];
    for header in [false, true] {
        ways.extend([',', '|', '\t', ';', ' '].map(|delimiter| csv(delimiter, header)));
        ways.extend(['|', ',', '\t', 'a', ' '].map(|it| delimited(it, header, false, true, is_no_null)));
        ways.extend(['|', ',', '\t', ' '].map(|it| delimited(it, header, true, true, is_no_null)));
        // Without ESCAPE a line end ends the record; a delimiter is data in quotes, unless a quote is before it.
        let holds = |text: &str| is_no_null(text) && !text.contains('\n') && !text.contains("\"|");
        ways.push(delimited('|', header, true, false, holds));
        let holds = |text: &str| is_no_null(text) && !text.contains(['\n', '|']);
        ways.push(delimited('|', header, false, false, holds));
    }
    ways
}

const COMPRESSIONS: [(OutputCompression, Compression); 4] = [
    (OutputCompression::None, Compression::None),
    (OutputCompression::Gzip, Compression::Gzip),
    (OutputCompression::Bzip2, Compression::Bzip2),
    (OutputCompression::Zstd, Compression::Zstd),
];

/// Unloads and loads: what came back, and what should have.
async fn there_and_back(
    way: &Way,
    table: &RecordBatch,
    columns: &[TargetColumn],
    (compression, compressed): (OutputCompression, Compression),
) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut unload = request(format!("{}/u_", folder.path().display()), table);
    unload.format = way.unload.clone();
    unload.manifest = UnloadManifest::Plain;
    // Several files and, in text, several parts of a record's neighbourhood.
    unload.max_file_bytes = 400;
    if way.copy != DataFormat::Parquet {
        unload.compression = compression;
    }
    let done =
        unloaded(&unload, &local_stores(), table).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
    let mut expected = batch_rows([table]);
    expected.sort();
    if done.manifest_url.is_none() {
        return (Vec::new(), expected);
    }
    let mut copy = copy_request(format!("{}manifest", unload.destination), &[]);
    (copy.manifest, copy.columns) = (true, columns.to_vec());
    (copy.format, copy.options) = (way.copy.clone(), way.options.clone());
    if way.copy != DataFormat::Parquet {
        copy.compression = compressed;
    }
    let outcome = run(&copy, &local_stores()).await.unwrap_or_else(|error| panic!("{way:?}: {error:?}"));
    (rows(&outcome), expected)
}

fn awkward_text() -> impl Strategy<Value = Option<String>> {
    let text = vec(select(&PIECES[..]), 0..6).prop_map(|pieces| pieces.concat());
    proptest::option::weighted(0.9, text)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn texts_of_any_characters_come_back_equal(
        records in vec((awkward_text(), awkward_text()), 1..24),
        compression in select(&COMPRESSIONS[..]),
    ) {
        let runtime = Runtime::new().expect("a runtime");
        let columns = ["id integer", "first varchar(240)", "last varchar(240)"].map(target_column);
        for way in ways(columns.len()) {
            let holds = |text: &Option<String>| text.as_deref().is_none_or(way.holds);
            let kept: Vec<_> = records.iter().filter(|(first, last)| holds(first) && holds(last)).collect();
            let first: Vec<_> = kept.iter().map(|(first, _)| first.as_deref()).collect();
            let last: Vec<_> = kept.iter().map(|(_, last)| last.as_deref()).collect();
            let table = batch(&[
                ("id integer", integers(0..kept.len() as i32)),
                ("first varchar(240)", texts(&first)),
                ("last varchar(240)", texts(&last)),
            ]);
            let (came_back, expected) =
                runtime.block_on(there_and_back(&way, &table, &columns, compression));
            prop_assert_eq!(came_back, expected, "{:?}", way);
        }
    }

    #[test]
    fn values_of_any_size_come_back_equal(
        numbers in vec((any::<Option<i16>>(), any::<Option<i64>>(), proptest::option::of(-999_999_999_i128..=999_999_999)), 12),
        floats in vec((proptest::option::of(proptest::num::f32::ANY), proptest::option::of(proptest::num::f64::ANY), any::<Option<bool>>()), 12),
        // From 0001-01-01 to 9999-12-31.
        days in vec(proptest::option::of(-719_162..=2_932_896_i32), 12),
        micros in vec(proptest::option::of(-62_135_596_800_000_000..=253_402_300_799_999_999_i64), 12),
        times in vec(proptest::option::of(0..86_400_000_000_i64), 12),
        compression in select(&COMPRESSIONS[..]),
    ) {
        const COLUMNS: [&str; 10] = [
            "a smallint", "b bigint", "c decimal(9,3)", "d real", "e double precision", "f boolean", "g date", "h time",
            "i timestamp", "j timestamptz",
        ];
        let decimals: Decimal128Array = numbers.iter().map(|row| row.2).collect();
        let stamps = TimestampMicrosecondArray::from(micros);
        let arrays: [ArrayRef; 10] = [
            Arc::new(numbers.iter().map(|row| row.0).collect::<Int16Array>()),
            Arc::new(numbers.iter().map(|row| row.1).collect::<Int64Array>()),
            Arc::new(decimals.with_precision_and_scale(9, 3).expect("a decimal")),
            Arc::new(floats.iter().map(|row| row.0).collect::<Float32Array>()),
            Arc::new(floats.iter().map(|row| row.1).collect::<Float64Array>()),
            Arc::new(floats.iter().map(|row| row.2).collect::<BooleanArray>()),
            Arc::new(Date32Array::from(days)),
            Arc::new(Time64MicrosecondArray::from(times)),
            Arc::new(stamps.clone()),
            Arc::new(stamps.with_timezone("UTC")),
        ];
        let named: Vec<(&str, ArrayRef)> = COLUMNS.into_iter().zip(arrays).collect();
        let table = batch(&named);
        let runtime = Runtime::new().expect("a runtime");
        for way in ways(COLUMNS.len()) {
            let (came_back, expected) =
                runtime.block_on(there_and_back(&way, &table, &COLUMNS.map(target_column), compression));
            prop_assert_eq!(came_back, expected, "{:?}", way);
        }
    }
}

/// What becomes of a text that a way does not hold: rows and codes of load errors.
async fn came_to(way: &Way, text: &str) -> (Vec<String>, Vec<i32>) {
    let folder = tempfile::tempdir().expect("a folder");
    let table = batch(&[("id integer", integers([7])), ("t varchar(60)", texts(&[Some(text)]))]);
    let mut unload = request(format!("{}/u", folder.path().display()), &table);
    unload.format = way.unload.clone();
    unloaded(&unload, &local_stores(), &table).await.expect("unloads");
    let mut copy = copy_request(&unload.destination, &["id integer", "t varchar(60)"]);
    (copy.format, copy.options) = (way.copy.clone(), way.options.clone());
    copy.options.ignore_all_errors = true;
    let outcome = run(&copy, &local_stores()).await.expect("loads");
    let codes = outcome.errors.iter().map(|error| error.code).collect();
    (rows(&outcome).into_iter().map(|row| row.join(",")).collect(), codes)
}

/// The table of docs/compat/unload.md, row by row; UNLOAD writes all of it, as Redshift does.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_format_does_not_hold_comes_to_what_the_page_says() {
    let plain = delimited('|', false, false, false, |_| true);
    let quoted = delimited('|', false, true, false, |_| true);
    let mut default_null = delimited('|', false, false, true, |_| true);
    if let DataFormat::Text(format) = &mut default_null.copy {
        format.null_as = "\\N".to_owned();
    }
    let cases: [(&Way, &str, &[&str], &[i32]); 10] = [
        (&csv(',', false), "@", &["7,NULL"], &[]),
        (&default_null, "\\N", &["7,NULL"], &[]),
        (&default_null, "\\\\N", &["7,\\\\N"], &[]),
        (&plain, "a|b", &[], &[1202]),
        (&plain, "a\nb", &["7,a"], &[1214]),
        (&quoted, "a\nb", &[], &[1214, 1214]),
        (&quoted, "a\"|\"b", &[], &[1202]),
        (&quoted, "a\"|b", &[], &[1202]),
        (&fixed_width(2), "a \t ", &["7,a"], &[]),
        (&fixed_width(2), "a\r", &["7,a"], &[]),
    ];
    for (way, text, rows, codes) in cases {
        let (rows, codes) = (rows.iter().map(|row| (*row).to_owned()).collect(), codes.to_vec());
        assert_eq!(came_to(way, text).await, (rows, codes), "{text:?} by {way:?}");
    }
}
