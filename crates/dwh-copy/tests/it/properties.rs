//! What holds for any bytes. Shared by the property tests beside it and by the fuzz targets of `fuzz/`.

use std::sync::{Arc, LazyLock};

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::DataType;
use bytes::Bytes;
use dwh_copy::internals::{Decoded, MemoryCopy};
use dwh_copy::{
    Compression, CopyOptions, CopyRequest, DataFormat, Encoding, JsonFormat, LoadError, S3Credentials,
    TargetColumn, TextFormat, TextLayout, parse_manifest,
};
use serde_json::Value as Json;

/// One column for each family of conversions.
const COLUMNS: [(&str, &str); 9] = [
    ("n", "integer"),
    ("t", "varchar(8)"),
    ("d", "date"),
    ("s", "timestamp"),
    ("c", "decimal(9,2)"),
    ("b", "boolean"),
    ("f", "double precision"),
    ("x", "varbyte(8)"),
    ("v", "super"),
];

/// A byte order mark is not cut.
const MIN_PART_BYTES: usize = 3;

fn request(format: DataFormat, columns: &[(&str, &str)], options: CopyOptions) -> CopyRequest {
    let column = |&(name, data_type): &(&str, &str)| TargetColumn {
        name: name.to_owned(),
        data_type: data_type.parse().expect("a type"),
        nullable: true,
    };
    CopyRequest {
        source: String::new(),
        manifest: false,
        format,
        compression: Compression::None,
        encoding: Encoding::Utf8,
        columns: columns.iter().map(column).collect(),
        options: CopyOptions { ignore_all_errors: true, ..options },
        credentials: S3Credentials::Chain,
        region: None,
    }
}

fn copy_of(format: DataFormat, columns: &[(&str, &str)], options: CopyOptions) -> MemoryCopy {
    MemoryCopy::new(&request(format, columns, options)).expect("valid options")
}

static STRICT: LazyLock<MemoryCopy> =
    LazyLock::new(|| copy_of(DataFormat::Json(JsonFormat::Auto), &COLUMNS, CopyOptions::default()));

static LENIENT: LazyLock<MemoryCopy> = LazyLock::new(|| {
    let options = CopyOptions {
        time_format: Some("epochmillisecs".to_owned()),
        date_format: Some("auto".to_owned()),
        truncate_columns: true,
        blanks_as_null: true,
        empty_as_null: true,
        trim_blanks: true,
        accept_invalid_chars: Some('?'),
        accept_any_date: true,
        round_decimals: true,
        ..CopyOptions::default()
    };
    copy_of(DataFormat::Json(JsonFormat::AutoIgnoreCase), &COLUMNS, options)
});

static NO_SHRED: LazyLock<MemoryCopy> = LazyLock::new(|| {
    copy_of(DataFormat::Json(JsonFormat::NoShred), &[("v", "super")], CopyOptions::default())
});

/// Every way to write text files.
static TEXT: LazyLock<Vec<MemoryCopy>> = LazyLock::new(|| {
    let delimiter = || "|".to_owned();
    let layouts = [
        TextLayout::Csv { delimiter: ",".to_owned(), quote: '"' },
        TextLayout::Delimited { delimiter: delimiter(), escape: false, remove_quotes: false },
        TextLayout::Delimited { delimiter: delimiter(), escape: true, remove_quotes: false },
        TextLayout::Delimited { delimiter: delimiter(), escape: false, remove_quotes: true },
        TextLayout::FixedWidth { widths_chars: vec![1; COLUMNS.len()], remove_quotes: false },
    ];
    let copies = layouts.into_iter().enumerate().map(|(number, layout)| {
        let lenient = number % 2 == 0;
        let format = TextFormat {
            layout,
            null_as: "\\N".to_owned(),
            fill_record: lenient,
            ignore_blank_lines: lenient,
        };
        let options = CopyOptions { ignore_header_lines: u64::from(lenient), ..CopyOptions::default() };
        copy_of(DataFormat::Text(format), &COLUMNS, options)
    });
    copies.collect()
});

/// As [`records`], for CSV, delimited and fixed-width text.
pub(crate) fn text(bytes: &[u8]) {
    let Some((part_bytes, object)) = bytes.split_first() else { return };
    for copy in &*TEXT {
        same_in_parts(copy, object, usize::from(*part_bytes) + MIN_PART_BYTES);
    }
}

/// Any bytes load or are load errors, the same whether the object is decoded as a whole or in parts. The first
/// byte is the size of the parts.
pub(crate) fn records(bytes: &[u8]) {
    let Some((part_bytes, object)) = bytes.split_first() else { return };
    let part_bytes = usize::from(*part_bytes) + MIN_PART_BYTES;
    for copy in [&*STRICT, &*LENIENT, &*NO_SHRED] {
        same_in_parts(copy, object, part_bytes);
    }
    agrees_with_serde(&decoded(&NO_SHRED, object), object);
}

fn same_in_parts(copy: &MemoryCopy, object: &[u8], part_bytes: usize) {
    let whole = decoded(copy, object);
    let parts = copy.in_parts(object, part_bytes).expect("no number of errors fails it");
    assert_eq!(rows(&whole.batches), rows(&parts.batches));
    assert_eq!(without_reading(whole.errors), without_reading(parts.errors));
}

/// Where the reader stopped in a broken record, and why, depends on what it sees behind the record: the next
/// record, or the end of a part.
fn without_reading(mut errors: Vec<LoadError>) -> Vec<LoadError> {
    for error in errors.iter_mut().filter(|error| error.column.is_none()) {
        error.position = 0;
        error.reason.clear();
    }
    errors
}

fn decoded(copy: &MemoryCopy, object: &[u8]) -> Decoded {
    copy.whole(Bytes::copy_from_slice(object)).expect("no number of errors fails it")
}

/// All rows in one batch; text may come in several encodings.
fn rows(batches: &[RecordBatch]) -> Option<RecordBatch> {
    let batches: Vec<RecordBatch> = batches.iter().map(with_plain_text).collect();
    Some(concat_batches(&batches.first()?.schema(), &batches).expect("batches of one schema"))
}

fn with_plain_text(batch: &RecordBatch) -> RecordBatch {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let plain = match column.data_type() {
            DataType::Dictionary(..) | DataType::Utf8 => cast(column, &DataType::Utf8View).expect("text"),
            _ => Arc::clone(column),
        };
        (field.name(), plain, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

/// What serde_json takes for a sequence of objects and arrays loads as such; what loads is JSON to serde_json.
fn agrees_with_serde(decoded: &Decoded, object: &[u8]) {
    let loaded: Vec<String> = rows(&decoded.batches).map_or_else(Vec::new, |rows| {
        let values = rows.column(0).as_string_view();
        values.iter().map(|value| value.expect("a document").to_owned()).collect()
    });
    for text in &loaded {
        serde_json::from_str::<serde::de::IgnoredAny>(text).expect("what loads is JSON");
    }
    let object = object.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(object);
    let values: Result<Vec<Json>, _> = serde_json::Deserializer::from_slice(object).into_iter().collect();
    if let Ok(values) = values
        && values.iter().all(|value| value.is_object() || value.is_array())
    {
        assert_eq!(decoded.errors, []);
        let loaded: Result<Vec<Json>, _> = loaded.iter().map(|text| serde_json::from_str(text)).collect();
        assert_eq!(loaded.expect("JSON"), values);
    }
}

/// A JSONPaths file is refused, or maps records without a surprise. A zero byte parts the file from the records.
pub(crate) fn json_paths(bytes: &[u8]) {
    let (paths, object) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &b"{\"a\":[1,{\"b\":null}],\"c\":\"d\"}"[..]),
    };
    for columns in [&COLUMNS[1..2], &COLUMNS[1..3]] {
        let request = request(DataFormat::Json(JsonFormat::Auto), columns, CopyOptions::default());
        if let Ok(copy) = MemoryCopy::with_json_paths(&request, paths) {
            same_in_parts(&copy, object, 7);
        }
    }
}

/// A manifest is refused, or says the same when it is written again.
pub(crate) fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = parse_manifest(bytes) {
        let written = serde_json::to_vec(&manifest).expect("a manifest serialises");
        assert_eq!(parse_manifest(&written), Ok(manifest));
    }
}
