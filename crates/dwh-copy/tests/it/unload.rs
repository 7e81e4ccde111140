//! UNLOAD into local folders: what stands in the files, what they are called, what is refused (RS 6).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int16Array, Int32Array,
    Int64Array, RecordBatch, StringViewArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Schema;
use dwh_common::SqlState;
use dwh_copy::OutputCompression;
use dwh_copy::unload::{
    BatchStream, FixedWidthColumn, TextOptions, UnloadError, UnloadFormat, UnloadManifest, UnloadOutcome,
    UnloadRequest, unload,
};
use dwh_copy::{S3Access, Stores};
use futures::StreamExt;
use futures::stream;

use crate::support::{local_stores, request as copy_request, rows, run, target_column};

/// An UNLOAD with every option at its default.
pub(crate) fn request(destination: impl Into<String>, batch: &RecordBatch) -> UnloadRequest {
    UnloadRequest {
        destination: destination.into(),
        access: S3Access::default(),
        schema: batch.schema(),
        format: text(),
        compression: OutputCompression::None,
        partition_columns: Vec::new(),
        include_partition_columns: false,
        manifest: UnloadManifest::None,
        parallel: true,
        max_file_bytes: UnloadRequest::DEFAULT_MAX_FILE_BYTES,
        extension: None,
        allow_overwrite: false,
        clean_path: false,
    }
}

pub(crate) fn options(delimiter: char) -> TextOptions {
    TextOptions { delimiter, header: false, null_as: String::new() }
}

pub(crate) fn text() -> UnloadFormat {
    UnloadFormat::Delimited { text: options('|'), add_quotes: false, escape: false }
}

pub(crate) fn csv() -> UnloadFormat {
    UnloadFormat::Csv(options(','))
}

pub(crate) fn parquet() -> UnloadFormat {
    UnloadFormat::Parquet { row_group_bytes: UnloadRequest::DEFAULT_ROW_GROUP_BYTES }
}

/// Columns as `name type`, as in CREATE TABLE.
pub(crate) fn batch(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    let fields = columns.iter().map(|(column, _)| {
        let column = target_column(column);
        column.data_type.field(column.name, true)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    RecordBatch::try_new(schema, columns.iter().map(|(_, array)| Arc::clone(array)).collect())
        .expect("a batch")
}

pub(crate) fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringViewArray::from(values.to_vec()))
}

pub(crate) fn integers(values: impl IntoIterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

/// One stream of one batch.
pub(crate) fn slice(batch: &RecordBatch) -> BatchStream {
    stream::iter([Ok(batch.clone())]).boxed()
}

pub(crate) async fn unloaded(
    request: &UnloadRequest,
    stores: &Stores,
    batch: &RecordBatch,
) -> Result<UnloadOutcome, UnloadError> {
    unload(request, stores, vec![slice(batch)]).await
}

/// A row with a value of every type that text formats have, and a row of NULLs.
pub(crate) fn every_type() -> RecordBatch {
    let decimals =
        Decimal128Array::from(vec![Some(-5), None]).with_precision_and_scale(10, 2).expect("a decimal");
    let stamp = 1_543_599_084_796_000;
    batch(&[
        ("a smallint", Arc::new(Int16Array::from(vec![Some(-7), None]))),
        ("b integer", Arc::new(Int32Array::from(vec![Some(8), None]))),
        ("c bigint", Arc::new(Int64Array::from(vec![Some(i64::MAX), None]))),
        ("d decimal(10,2)", Arc::new(decimals)),
        ("e real", Arc::new(Float32Array::from(vec![Some(2.75), None]))),
        ("f double precision", Arc::new(Float64Array::from(vec![Some(0.1 + 0.2), None]))),
        ("g boolean", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("h varchar(20)", texts(&[Some("né"), None])),
        ("i date", Arc::new(Date32Array::from(vec![Some(18_321), None]))),
        ("j time", Arc::new(Time64MicrosecondArray::from(vec![Some(3_723_500_000), None]))),
        ("k timestamp", Arc::new(TimestampMicrosecondArray::from(vec![Some(stamp), None]))),
        (
            "l timestamptz",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(stamp), None]).with_timezone("UTC")),
        ),
        ("m super", texts(&[Some("{\"x\":\n[1,null]}"), None])),
    ])
}

/// The files below a folder and their text.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                let bytes = std::fs::read(&path).expect("a file");
                found.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    found
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

/// The text of the only file of an UNLOAD of this batch.
async fn only_file(batch: &RecordBatch, change: impl FnOnce(&mut UnloadRequest)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(format!("{}/out/", folder.path().display()), batch);
    change(&mut request);
    unloaded(&request, &local_stores(), batch).await.expect("unloads");
    let mut files = files(folder.path());
    assert_eq!(files.len(), 1, "{files:?}");
    files.pop_first().expect("a file").1
}

/// RS 6.2: truth values t and f, times ISO, decimals with their places; NULL is nothing, SUPER JSON's null.
#[tokio::test(flavor = "multi_thread")]
async fn delimited_text_prints_each_type_as_redshift_does() {
    assert_eq!(
        only_file(&every_type(), |_| {}).await,
        "-7|8|9223372036854775807|-0.05|2.75|0.30000000000000004|t|né|2020-02-29|01:02:03.5|\
         2018-11-30 17:31:24.796|2018-11-30 17:31:24.796+00|{\"x\": [1,null]}\n||||||||||||null\n"
    );
}

/// RS 6.2 and RS 9, 17: numbers bare, truth values as strings, SUPER nested, NULL null.
#[tokio::test(flavor = "multi_thread")]
async fn json_is_an_object_a_line() {
    let text = only_file(&every_type(), |request| request.format = UnloadFormat::Json).await;
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("valid JSON")).collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"a": -7, "b": 8, "c": i64::MAX, "d": -0.05, "e": 2.75, "f": 0.1 + 0.2, "g": "t",
            "h": "né", "i": "2020-02-29", "j": "01:02:03.5", "k": "2018-11-30 17:31:24.796",
            "l": "2018-11-30 17:31:24.796+00", "m": {"x": [1, null]}})
    );
    assert!(
        lines[1].as_object().expect("an object").values().all(serde_json::Value::is_null),
        "{}",
        lines[1]
    );
    assert_eq!(lines.len(), 2);
    let odd = batch(&[("k varchar(9)", texts(&[Some("\"\\\n\u{1}é")]))]);
    let text = only_file(&odd, |request| request.format = UnloadFormat::Json).await;
    assert_eq!(text, "{\"k\":\"\\\"\\\\\\n\\u0001é\"}\n");
}

/// RS 6.1: a backslash before LF, CR, delimiter and backslash; before quotes only with ADDQUOTES.
#[tokio::test(flavor = "multi_thread")]
async fn escape_and_addquotes_keep_delimiters_apart() {
    let batch = batch(&[
        ("a|b varchar(20)", texts(&[Some("x|y\\\n\"'"), None])),
        ("n integer", Arc::new(Int32Array::from(vec![Some(1), None]))),
    ]);
    let format = |add_quotes, escape| UnloadFormat::Delimited {
        text: TextOptions { delimiter: '|', header: true, null_as: "\\N".to_owned() },
        add_quotes,
        escape,
    };
    for (add_quotes, escape, expected) in [
        (false, false, "a|b|n\nx|y\\\n\"'|1\n\\N|\\N\n"),
        (false, true, "a\\|b|n\nx\\|y\\\\\\\n\"'|1\n\\N|\\N\n"),
        (true, false, "\"a|b\"|\"n\"\n\"x|y\\\n\"'\"|\"1\"\n\"\\N\"|\"\\N\"\n"),
        (true, true, "\"a\\|b\"|\"n\"\n\"x\\|y\\\\\\\n\\\"\\'\"|\"1\"\n\"\\N\"|\"\\N\"\n"),
    ] {
        assert_eq!(only_file(&batch, |request| request.format = format(add_quotes, escape)).await, expected);
    }
}

/// RS 6.1: quotes where there is a delimiter, a quote or a line end; quotes are doubled.
#[tokio::test(flavor = "multi_thread")]
async fn csv_quotes_only_where_needed() {
    let values = [Some("plain text"), Some("a,b"), Some("say \"hi\""), Some("two\nlines"), Some(""), None];
    let batch = batch(&[("a,b varchar(20)", texts(&values)), ("n integer", integers(0..6))]);
    let format = UnloadFormat::Csv(TextOptions { delimiter: ',', header: true, null_as: "?".to_owned() });
    let text = only_file(&batch, |request| request.format = format).await;
    assert_eq!(text, "\"a,b\",n\nplain text,0\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n,4\n?,5\n");
}

/// RS 6.1: padded with blanks, counted in characters; NULL is blanks; nothing is cut.
#[tokio::test(flavor = "multi_thread")]
async fn fixed_widths_pad_and_never_cut() {
    let batch = batch(&[
        ("a integer", Arc::new(Int32Array::from(vec![Some(12), None]))),
        ("b varchar(9)", texts(&[Some("né"), None])),
    ]);
    let width = |width| FixedWidthColumn { label: "c".to_owned(), width };
    let format = |a, b, null_as: &str| UnloadFormat::FixedWidth {
        columns: vec![width(a), width(b)],
        null_as: null_as.to_owned(),
    };
    assert_eq!(only_file(&batch, |request| request.format = format(4, 3, "")).await, "12  né \n       \n");
    // A NULL AS that is too wide empties columns that are not text.
    assert_eq!(only_file(&batch, |request| request.format = format(2, 4, "none")).await, "12né  \n  none\n");
    let folder = tempfile::tempdir().expect("a folder");
    for (format, state) in [
        (format(1, 9, ""), SqlState::StringDataRightTruncation),
        (format(4, 3, "none"), SqlState::StringDataRightTruncation),
        (
            UnloadFormat::FixedWidth { columns: vec![width(9)], null_as: String::new() },
            SqlState::InvalidParameterValue,
        ),
    ] {
        let mut request = request(format!("{}/out/", folder.path().display()), &batch);
        request.format = format;
        let error = unloaded(&request, &local_stores(), &batch).await.expect_err("does not fit");
        assert_eq!(error.sql_state(), state, "{error}");
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}

type Change = fn(&mut UnloadRequest);

/// RS 6.2: `<prefix>0001_part_00` in parallel, `<prefix>000` serially, suffixes of format and compression.
#[tokio::test(flavor = "multi_thread")]
async fn objects_are_named_by_slice_and_part() {
    let batch = batch(&[("a integer", integers(0..2))]);
    let cases: [(Change, &[&str]); 7] = [
        (|_| {}, &["x_0000_part_00", "x_0001_part_00"]),
        (|r| r.compression = OutputCompression::Gzip, &["x_0000_part_00.gz", "x_0001_part_00.gz"]),
        (|r| r.compression = OutputCompression::Bzip2, &["x_0000_part_00.bz2", "x_0001_part_00.bz2"]),
        (|r| r.compression = OutputCompression::Zstd, &["x_0000_part_00.zst", "x_0001_part_00.zst"]),
        (|r| r.format = parquet(), &["x_0000_part_00.parquet", "x_0001_part_00.parquet"]),
        (
            |r| {
                r.compression = OutputCompression::Gzip;
                r.extension = Some("csv.gz".to_owned());
            },
            &["x_0000_part_00.csv.gz", "x_0001_part_00.csv.gz"],
        ),
        (
            |r| {
                r.parallel = false;
                r.manifest = UnloadManifest::Plain;
            },
            &["x_000", "x_manifest"],
        ),
    ];
    for (change, expected) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let mut request = request(format!("{}/x_", folder.path().display()), &batch);
        change(&mut request);
        let slices = vec![slice(&batch), slice(&batch)];
        let outcome = unload(&request, &local_stores(), slices).await.expect("unloads");
        assert_eq!(outcome.rows, 4);
        assert_eq!(names(folder.path()), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn maxfilesize_cuts_between_records_and_repeats_the_header() {
    let batch = batch(&[("a integer", integers(10..16))]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(format!("{}/", folder.path().display()), &batch);
    request.max_file_bytes = 9;
    request.format = UnloadFormat::Csv(TextOptions { delimiter: ',', header: true, null_as: String::new() });
    let outcome = unloaded(&request, &local_stores(), &batch).await.expect("unloads");
    let expected =
        [("0000_part_00", "a\n10\n11\n"), ("0000_part_01", "a\n12\n13\n"), ("0000_part_02", "a\n14\n15\n")];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(files(folder.path()), BTreeMap::from(expected));
    assert_eq!(outcome.files.iter().map(|file| (file.rows, file.bytes)).collect::<Vec<_>>(), [(2, 8); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_files_stay_within_maxfilesize() {
    let noise = (0..60_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) as i64);
    let batch = batch(&[("a bigint", Arc::new(Int64Array::from_iter_values(noise)))]);
    for compression in [OutputCompression::Gzip, OutputCompression::Bzip2, OutputCompression::Zstd] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut request = request(format!("{}/", folder.path().display()), &batch);
        (request.compression, request.max_file_bytes) = (compression, 600_000);
        let outcome = unloaded(&request, &local_stores(), &batch).await.expect("unloads");
        assert!(outcome.files.len() > 1, "{compression:?}: {:?}", outcome.files);
        assert!(
            outcome.files.iter().all(|file| file.bytes <= 600_000),
            "{compression:?}: {:?}",
            outcome.files
        );
        assert_eq!(outcome.files.iter().map(|file| file.rows).sum::<u64>(), 60_000);
    }
}

/// RS 6.1: Hive's layout, NULL in its own partition, the columns out of the files unless INCLUDE.
#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_folders_of_hive() {
    let years = Int32Array::from(vec![Some(2018), Some(2018), None]);
    let batch = batch(&[
        ("year integer", Arc::new(years)),
        ("name varchar(9)", texts(&[Some("a b"), Some("c/d"), Some("e")])),
        ("n integer", integers(1..4)),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = request(format!("{}/p", folder.path().display()), &batch);
    request.partition_columns = vec!["year".to_owned(), "name".to_owned()];
    request.parallel = false;
    unloaded(&request, &local_stores(), &batch).await.expect("unloads");
    let expected = [
        ("p/year=2018/name=a b/000", "1\n"),
        ("p/year=2018/name=c%2Fd/000", "2\n"),
        ("p/year=__HIVE_DEFAULT_PARTITION__/name=e/000", "3\n"),
    ];
    let as_map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    assert_eq!(files(folder.path()), as_map(&expected));

    // CLEANPATH clears the partitions that are written, and no other.
    std::fs::write(folder.path().join("p/year=2018/name=a b/stale"), "").expect("written");
    std::fs::create_dir_all(folder.path().join("p/year=1999")).expect("made");
    std::fs::write(folder.path().join("p/year=1999/other"), "").expect("written");
    (request.clean_path, request.include_partition_columns) = (true, true);
    unloaded(&request, &local_stores(), &batch).await.expect("unloads");
    let expected = [
        ("p/year=1999/other", ""),
        ("p/year=2018/name=a b/000", "2018|a b|1\n"),
        ("p/year=2018/name=c%2Fd/000", "2018|c/d|2\n"),
        ("p/year=__HIVE_DEFAULT_PARTITION__/name=e/000", "|e|3\n"),
    ];
    assert_eq!(files(folder.path()), as_map(&expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_refused_before_anything_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = batch(&[
        ("a integer", integers(0..1)),
        ("a varchar(3)", texts(&[None])),
        ("b double precision", Arc::new(Float64Array::from(vec![1.0]))),
        ("c varbyte(3)", Arc::new(arrow::array::BinaryArray::from(vec![&b"x"[..]]))),
    ]);
    let base = request(format!("{}/", folder.path().display()), &batch);
    let by = |name: &str| vec![name.to_owned()];
    let cases: [(UnloadRequest, SqlState); 5] = [
        (UnloadRequest { format: UnloadFormat::Json, ..base.clone() }, SqlState::DuplicateColumn),
        (UnloadRequest { format: parquet(), ..base.clone() }, SqlState::DuplicateColumn),
        (UnloadRequest { partition_columns: by("nope"), ..base.clone() }, SqlState::UndefinedColumn),
        (UnloadRequest { partition_columns: by("a"), ..base.clone() }, SqlState::DuplicateColumn),
        (UnloadRequest { partition_columns: by("b"), ..base.clone() }, SqlState::FeatureNotSupported),
    ];
    for (request, state) in cases {
        let error = unloaded(&request, &local_stores(), &batch).await.expect_err("refused");
        assert_eq!(error.sql_state(), state, "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    let only = batch.project(&[2, 3]).expect("two columns");
    let request_json = UnloadRequest { format: UnloadFormat::Json, ..request(&base.destination, &only) };
    let error = unloaded(&request_json, &local_stores(), &only).await.expect_err("VARBYTE");
    assert_eq!(error.sql_state(), SqlState::FeatureNotSupported, "{error}");
    let key = batch.project(&[0]).expect("a column");
    let mut only_key = request(&base.destination, &key);
    only_key.partition_columns = by("a");
    only_key.include_partition_columns = true;
    let error = unloaded(&only_key, &local_stores(), &key).await.expect_err("only partition columns");
    assert!(matches!(error, UnloadError::OnlyPartitionColumns), "{error:?}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

/// RS 6.3: the check is by the letters of the prefix; ALLOWOVERWRITE replaces equal names, CLEANPATH clears.
#[tokio::test(flavor = "multi_thread")]
async fn a_destination_that_is_not_empty_is_refused_replaced_or_cleared() {
    let folder = dwh_testkit::folder_of([("out_old/x", "x"), ("out0000_part_00", "old"), ("else", "e")])
        .expect("written");
    let batch = batch(&[("a integer", integers(1..2))]);
    let mut request = request(format!("{}/out", folder.path().display()), &batch);
    let error = unloaded(&request, &local_stores(), &batch).await.expect_err("not empty");
    assert!(error.to_string().contains("is not empty"), "{error}");
    assert!(error.hint().expect("a hint").contains("out0000_part_00"), "{:?}", error.hint());

    request.allow_overwrite = true;
    unloaded(&request, &local_stores(), &batch).await.expect("overwrites");
    assert_eq!(files(folder.path())["out0000_part_00"], "1\n");
    assert_eq!(names(folder.path()), ["else", "out0000_part_00", "out_old/x"]);

    (request.allow_overwrite, request.clean_path) = (false, true);
    unloaded(&request, &local_stores(), &batch).await.expect("clears");
    assert_eq!(names(folder.path()), ["else", "out0000_part_00"]);

    request.clean_path = false;
    request.destination = format!("{}/out0000_part_00.d/", folder.path().display());
    unloaded(&request, &local_stores(), &batch).await.expect("a fresh prefix passes");
}

/// RS 6.2: text makes an empty file (with its header), JSON and Parquet neither file nor manifest.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_without_rows_is_an_empty_text_file() {
    let batch = batch(&[("a integer", integers([]))]);
    let header = TextOptions { delimiter: ',', header: true, null_as: String::new() };
    let cases: [(UnloadFormat, &[(&str, &str)]); 4] = [
        (text(), &[("0000_part_00", "")]),
        (UnloadFormat::Csv(header), &[("0000_part_00", "a\n")]),
        (UnloadFormat::Json, &[]),
        (parquet(), &[]),
    ];
    for (format, expected) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let mut request = request(format!("{}/", folder.path().display()), &batch);
        (request.format, request.manifest) = (format, UnloadManifest::Verbose);
        let slices = vec![slice(&batch), slice(&batch)];
        let outcome = unload(&request, &local_stores(), slices).await.expect("unloads");
        let mut found = files(folder.path());
        let manifest = found.remove("manifest");
        assert_eq!(manifest.is_some(), !expected.is_empty());
        assert_eq!(outcome.manifest_url.is_some(), manifest.is_some());
        let expected = expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        assert_eq!(found, expected.collect());
    }
}

/// RS 6.2: urls; VERBOSE with sizes, counts (headers too), columns (those of partitions too) and author.
#[tokio::test(flavor = "multi_thread")]
async fn a_verbose_manifest_describes_files_and_columns() {
    let decimals = Decimal128Array::from(vec![150]).with_precision_and_scale(18, 2).expect("a decimal");
    let batch = batch(&[
        ("name varchar(25)", texts(&[Some("x")])),
        ("price decimal(18,2)", Arc::new(decimals)),
        ("year integer", integers([2018])),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = format!("{}/venue/", folder.path().display());
    let mut request = request(&prefix, &batch);
    request.manifest = UnloadManifest::Verbose;
    request.partition_columns = vec!["year".to_owned()];
    request.format = UnloadFormat::Csv(TextOptions { delimiter: ',', header: true, null_as: String::new() });
    unloaded(&request, &local_stores(), &batch).await.expect("unloads");
    let manifest: serde_json::Value =
        serde_json::from_str(&files(folder.path())["venue/manifest"]).expect("JSON");
    let url = format!("{prefix}year=2018/0000_part_00");
    let bytes = "name,price\nx,1.50\n".len();
    assert_eq!(
        manifest,
        serde_json::json!({
            "entries": [{"url": url, "meta": {"content_length": bytes, "record_count": 2}}],
            "schema": {"elements": [
                {"name": "name", "type": {"base": "character varying", "max_length": 25}},
                {"name": "price", "type": {"base": "numeric", "precision": 18, "scale": 2}},
                {"name": "year", "type": {"base": "integer"}},
            ]},
            "meta": {"content_length": bytes, "record_count": 2},
            "author": {"name": "Amazon Redshift", "version": "1.0.0"},
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unloaded_as_json_is_copied_back_equal() {
    let whole = every_type();
    let columns = [
        "a smallint",
        "b integer",
        "c bigint",
        "d decimal(10,2)",
        "e real",
        "f double precision",
        "g boolean",
        "h varchar(20)",
        "i date",
        "j time",
        "k timestamp",
        "l timestamptz",
        "m super",
    ];
    for compression in [OutputCompression::None, OutputCompression::Gzip] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut request = request(format!("{}/j", folder.path().display()), &whole);
        (request.format, request.compression) = (UnloadFormat::Json, compression);
        request.manifest = UnloadManifest::Plain;
        unloaded(&request, &local_stores(), &whole).await.expect("unloads");
        let mut copy = copy_request(format!("{}manifest", request.destination), &columns);
        copy.manifest = true;
        // The default format has no fraction and no offset (RS 1.11).
        copy.options.time_format = Some("auto".to_owned());
        if compression == OutputCompression::Gzip {
            copy.compression = dwh_copy::Compression::Gzip;
        }
        let copied = run(&copy, &local_stores()).await.expect("loads");
        assert_eq!(
            rows(&copied),
            [
                [
                    "-7",
                    "8",
                    "9223372036854775807",
                    "-0.05",
                    "2.75",
                    "0.30000000000000004",
                    "true",
                    "né",
                    "2020-02-29",
                    "01:02:03.500",
                    "2018-11-30T17:31:24.796",
                    "2018-11-30T17:31:24.796",
                    "{\"x\": [1,null]}"
                ]
                .map(str::to_owned)
                .to_vec(),
                vec!["NULL".to_owned(); 13],
            ]
        );
    }
}

/// A query that fails half way, and a folder that cannot be.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_unload_leaves_nothing() {
    let folder = dwh_testkit::folder_of([("file", "")]).expect("written");
    let batch = batch(&[("a integer", integers(0..1000))]);
    let mut request = request(format!("{}/new/deep/", folder.path().display()), &batch);
    request.max_file_bytes = 100;
    let failing = stream::iter([Ok(batch.clone()), Err("out of luck".into())]).boxed();
    let error = unload(&request, &local_stores(), vec![failing, slice(&batch)]).await.expect_err("fails");
    assert!(matches!(&error, UnloadError::Query(source) if source.to_string() == "out of luck"), "{error:?}");
    assert_eq!(names(folder.path()), ["file"]);
    assert!(!folder.path().join("new").exists(), "folders that were made are removed too");

    request.destination = format!("{}/file/below/", folder.path().display());
    let error = unloaded(&request, &local_stores(), &batch).await.expect_err("below a file");
    assert!(error.to_string().contains("file/below"), "{error}");
    assert_eq!(names(folder.path()), ["file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_unload_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = batch(&[("a integer", integers(0..1000))]);
    let mut request = request(format!("{}/d/", folder.path().display()), &batch);
    request.max_file_bytes = 100;
    let endless = stream::iter([Ok(batch.clone())]).chain(stream::pending()).boxed();
    let stores = local_stores();
    let unloading = unload(&request, &stores, vec![endless]);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), unloading).await.is_err());
    for _ in 0..100 {
        // The folder goes last.
        if !folder.path().join("d").exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("left behind: {:?}", names(folder.path()));
}
