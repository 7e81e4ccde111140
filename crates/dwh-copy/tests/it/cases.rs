//! Every folder of `tests/cases`, loaded from a local folder and from S3.
//!
//! A case is `request.toml`, `objects/`, and what is expected: `rows.csv` (NULL is `NULL`; no file, no
//! rows) and `errors.csv`. `{base}` in objects and expectations is the place the objects are at.

use std::collections::BTreeMap;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use bytes::Bytes;
use dwh_copy::{
    Compression, CopyError, CopyRequest, DataFormat, Encoding, JsonFormat, LoadError, S3Access,
    StoreSettings, Stores, TextFormat, TextLayout, write_object,
};
use dwh_testkit::LoopbackS3;
use futures::FutureExt;
use serde::Deserialize;

use crate::support::{loopback_stores, request, rows, run};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    source: String,
    #[serde(default)]
    manifest: bool,
    format: Option<String>,
    compression: Option<String>,
    encoding: Option<String>,
    columns: Vec<String>,
    error: Option<String>,
    #[serde(default)]
    rows_replaced: u64,
    text: Option<Text>,
    #[serde(default)]
    options: Options,
}

/// A text format; `layout` is `delimited`, `csv` or `fixedwidth`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    layout: String,
    delimiter: Option<String>,
    quote: Option<char>,
    #[serde(default)]
    widths: Vec<usize>,
    #[serde(default)]
    escape: bool,
    #[serde(default)]
    remove_quotes: bool,
    null_as: Option<String>,
    #[serde(default)]
    fill_record: bool,
    #[serde(default)]
    ignore_blank_lines: bool,
}

impl Text {
    /// The format, with the defaults of RS 1.2.
    fn format(&self) -> DataFormat {
        let delimiter = |default: &str| self.delimiter.clone().unwrap_or_else(|| default.to_owned());
        let layout = match self.layout.as_str() {
            "delimited" => TextLayout::Delimited {
                delimiter: delimiter("|"),
                escape: self.escape,
                remove_quotes: self.remove_quotes,
            },
            "csv" => TextLayout::Csv { delimiter: delimiter(","), quote: self.quote.unwrap_or('"') },
            "fixedwidth" => TextLayout::FixedWidth {
                widths_chars: self.widths.clone(),
                remove_quotes: self.remove_quotes,
            },
            other => panic!("no layout: {other}"),
        };
        DataFormat::Text(TextFormat {
            layout,
            null_as: self.null_as.clone().unwrap_or_else(|| "\\N".to_owned()),
            fill_record: self.fill_record,
            ignore_blank_lines: self.ignore_blank_lines,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    max_errors: u64,
    ignore_all_errors: bool,
    time_format: Option<String>,
    date_format: Option<String>,
    truncate_columns: bool,
    blanks_as_null: bool,
    empty_as_null: bool,
    trim_blanks: bool,
    accept_any_date: bool,
    round_decimals: bool,
    accept_invalid_chars: Option<char>,
    ignore_header_lines: u64,
    fill_record: bool,
    serialize_to_json: bool,
}

impl Case {
    fn request(&self, base: &str) -> CopyRequest {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let mut request = request(format!("{base}{}", self.source), &columns);
        request.manifest = self.manifest;
        request.format = match self.format.as_deref() {
            None => DataFormat::Json(JsonFormat::Auto),
            Some("auto ignorecase") => DataFormat::Json(JsonFormat::AutoIgnoreCase),
            Some("noshred") => DataFormat::Json(JsonFormat::NoShred),
            Some("avro") => DataFormat::Avro(JsonFormat::Auto),
            Some("avro ignorecase") => DataFormat::Avro(JsonFormat::AutoIgnoreCase),
            Some("avro jsonpaths") => DataFormat::Avro(JsonFormat::JsonPaths(format!("{base}paths.json"))),
            Some("parquet") => DataFormat::Parquet,
            Some("orc") => DataFormat::Orc,
            Some(paths) => DataFormat::Json(JsonFormat::JsonPaths(format!("{base}{paths}"))),
        };
        if let Some(text) = &self.text {
            request.format = text.format();
        }
        request.compression = match self.compression.as_deref() {
            None => Compression::None,
            Some("gzip") => Compression::Gzip,
            Some("bzip2") => Compression::Bzip2,
            Some("lzop") => Compression::Lzop,
            Some("zstd") => Compression::Zstd,
            Some(other) => panic!("no compression: {other}"),
        };
        request.encoding = match self.encoding.as_deref() {
            None => Encoding::Utf8,
            Some("utf16") => Encoding::Utf16,
            Some("utf16le") => Encoding::Utf16Le,
            Some("utf16be") => Encoding::Utf16Be,
            Some("iso88591") => Encoding::Iso88591,
            Some(other) => panic!("no encoding: {other}"),
        };
        let options = &mut request.options;
        options.max_errors = self.options.max_errors;
        options.ignore_all_errors = self.options.ignore_all_errors;
        options.time_format.clone_from(&self.options.time_format);
        options.date_format.clone_from(&self.options.date_format);
        options.truncate_columns = self.options.truncate_columns;
        options.blanks_as_null = self.options.blanks_as_null;
        options.empty_as_null = self.options.empty_as_null;
        options.trim_blanks = self.options.trim_blanks;
        options.accept_any_date = self.options.accept_any_date;
        options.round_decimals = self.options.round_decimals;
        options.accept_invalid_chars = self.options.accept_invalid_chars;
        options.ignore_header_lines = self.options.ignore_header_lines;
        options.fill_record = self.options.fill_record;
        options.serialize_to_json = self.options.serialize_to_json;
        request
    }
}

/// What a COPY did, in the form of the files.
#[derive(Debug, PartialEq, Eq)]
struct Result {
    failure: Option<String>,
    rows: Vec<Vec<String>>,
    errors: Vec<Vec<String>>,
    rows_replaced: u64,
}

fn error_row(error: &LoadError, base: &str) -> Vec<String> {
    let column = error.column.as_ref();
    // PARQUET and ORC files are named by https in load errors (RS 1.9).
    let scan_base = base.replacen("s3://", "https://s3.us-east-1.amazonaws.com/", 1);
    vec![
        error.url.strip_prefix(base).or(error.url.strip_prefix(&scan_base)).unwrap_or(&error.url).to_owned(),
        error.line_number.to_string(),
        column.map(|column| column.name.clone()).unwrap_or_default(),
        column.map(|column| column.type_name.to_owned()).unwrap_or_default(),
        error.code.to_string(),
        error.reason.clone(),
        error.raw_field_value.clone(),
    ]
}

async fn load(case: &Case, base: &str, stores: &Stores) -> Result {
    let error_rows = |errors: &[LoadError]| errors.iter().map(|error| error_row(error, base)).collect();
    match run(&case.request(base), stores).await {
        Ok(outcome) => {
            assert_eq!(outcome.error_count, outcome.errors.len() as u64);
            assert_eq!(outcome.rows_loaded, rows(&outcome).len() as u64);
            Result {
                failure: None,
                rows: rows(&outcome),
                errors: error_rows(&outcome.errors),
                rows_replaced: outcome.rows_replaced,
            }
        }
        Err(error) => {
            let errors = match &error {
                CopyError::TooManyErrors { errors, .. } => error_rows(errors),
                CopyError::Scan(error) => error_rows(std::slice::from_ref(error)),
                _ => Vec::new(),
            };
            Result { failure: Some(error.to_string()), rows: Vec::new(), errors, rows_replaced: 0 }
        }
    }
}

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let Ok(text) = fs::read(path) else { return Vec::new() };
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let mut rows: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.expect("valid CSV").iter().map(str::to_owned).collect())
        .collect();
    if path.ends_with("rows.csv") {
        rows.sort();
    }
    rows
}

fn files(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(entry.path()).expect("a file"));
        }
    }
}

async fn check(folder: &Path, base: &str, stores: &Stores) {
    let name = folder.file_name().expect("a name").to_string_lossy();
    let text = fs::read_to_string(folder.join("request.toml")).expect("request.toml");
    let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut objects = BTreeMap::new();
    files(&folder.join("objects"), "", &mut objects);
    for (path, bytes) in objects {
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => Bytes::from(text.replace("{base}", base)),
            Err(error) => Bytes::from(error.into_bytes()),
        };
        let written = write_object(&format!("{base}{path}"), bytes, stores, &S3Access::default()).await;
        written.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let result = load(&case, base, stores).await;
    let missing = match base.strip_prefix("s3://cases/") {
        Some(prefix) => format!("The specified S3 prefix '{prefix}{}' does not exist", case.source),
        None => format!("No file begins with '{base}{}'", case.source),
    };
    let absent = match base.starts_with("s3://") {
        true => "S3ServiceException:The specified key does not exist",
        false => "cannot access '{base}",
    };
    let failure = case.error.map(|error| {
        error.replace("{missing}", &missing).replace("{absent}", absent).replace("{base}", base)
    });
    match (&failure, &result.failure) {
        (Some(expected), Some(actual)) => assert!(actual.starts_with(expected), "{name} at {base}: {actual}"),
        (expected, actual) => assert_eq!(expected, actual, "{name} at {base}"),
    }
    assert_eq!(result.rows, csv_rows(&folder.join("rows.csv")), "rows of {name} at {base}");
    assert_eq!(result.errors, csv_rows(&folder.join("errors.csv")), "errors of {name} at {base}");
    assert_eq!(result.rows_replaced, case.rows_replaced, "{name} at {base}");
}

fn case_folders() -> Vec<std::path::PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut folders: Vec<_> =
        fs::read_dir(cases).expect("the cases").map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    assert!(folders.len() > 30, "the cases are there");
    folders
}

/// Runs every case, so that all that fail are named.
async fn check_all(stores: &Stores, base: impl Fn(&str) -> (String, Option<tempfile::TempDir>)) {
    let mut failed = Vec::new();
    for folder in case_folders() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let (base, _place) = base(&name);
        if AssertUnwindSafe(check(&folder, &base, stores)).catch_unwind().await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "cases that failed: {failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_load_from_local_folders() {
    let stores = Stores::new(StoreSettings::default());
    let place = |_: &str| {
        let place = tempfile::tempdir().expect("temporary folder");
        (format!("{}/", place.path().display()), Some(place))
    };
    check_all(&stores, place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_load_from_s3() {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket("cases");
    check_all(&loopback_stores(&s3), |name| (format!("s3://cases/{name}/"), None)).await;
}
