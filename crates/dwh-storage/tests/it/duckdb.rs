//! DuckDB opens our warehouses and reads the same rows, and we open its.
//!
//! Needs a Python with the packages of `tests/duckdb/requirements.txt`, named by `DWH_TEST_PYTHON`;
//! without it these tests say that they are skipped.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int16Array, Int32Array, Int64Array, RecordBatch, StringViewArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use dwh_common::{ErrorKind, RedshiftType};
use dwh_storage::{OpenOptions, TableDefinition, Transaction, ViewDefinition, Warehouse};
use serde_json::{Value, json};

use crate::fixtures::*;

/// Runs `tests/duckdb/ducklake.py`; `None` where no Python is named.
fn duckdb(command: &str, argument: &Path, queries: &[&str]) -> Option<Value> {
    let python = std::env::var_os("DWH_TEST_PYTHON")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/duckdb/ducklake.py");
    // Another working folder than the warehouse's: its paths must not depend on it.
    let output = Command::new(python)
        .arg(script.canonicalize().unwrap())
        .args([command.as_ref(), argument.as_os_str()])
        .args(queries)
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

const SKIPPED: &str = "skipped: DWH_TEST_PYTHON names no Python with DuckDB";

/// Each finds one row by its greatest or least value, but the first: 25 to 39 without 33. The last two
/// look at the snapshot before rows were deleted and a table dropped.
const QUERIES: [&str; 8] = [
    "SELECT count(*) FROM lake.public.numbers WHERE n >= 25",
    "SELECT count(*) FROM lake.s.\"every \"\"type\"\"\" WHERE c6 > 1e300",
    "SELECT count(*) FROM lake.s.\"every \"\"type\"\"\" WHERE c3 = -1.25",
    "SELECT count(*) FROM lake.s.\"every \"\"type\"\"\" WHERE c13 <= '2020-01-01 01:02:03.123456+00'",
    "SELECT count(*) FROM lake.public.long WHERE s = repeat('z', 100)",
    "SELECT count(*) FROM lake.public.long WHERE s = repeat(chr(1114111), 30)",
    "SELECT count(*) FROM lake.public.numbers AT (VERSION => 2)",
    "SELECT count(*) FROM lake.public.dropped AT (VERSION => 2)",
];

/// A column of each type, with what DuckDB prints of its values.
fn typed_columns() -> Vec<(RedshiftType, ArrayRef, [Option<&'static str>; 2])> {
    let micros = 1_577_840_523_123_456;
    vec![
        (RedshiftType::SmallInt, Arc::new(Int16Array::from(vec![Some(-7), None])), [Some("-7"), None]),
        (RedshiftType::Integer, Arc::new(Int32Array::from(vec![1, 2])), [Some("1"), Some("2")]),
        (
            RedshiftType::BigInt,
            Arc::new(Int64Array::from(vec![Some(i64::MAX), None])),
            [Some("9223372036854775807"), None],
        ),
        (
            RedshiftType::Decimal { precision: 18, scale: 4 },
            Arc::new(
                Decimal128Array::from(vec![Some(-12_500), None]).with_precision_and_scale(18, 4).unwrap(),
            ),
            [Some("-1.2500"), None],
        ),
        (
            RedshiftType::Decimal { precision: 38, scale: 10 },
            Arc::new(
                Decimal128Array::from(vec![Some(i128::from(i64::MAX) * 1000), None])
                    .with_precision_and_scale(38, 10)
                    .unwrap(),
            ),
            [Some("922337203685.4775807000"), None],
        ),
        (RedshiftType::Real, Arc::new(Float32Array::from(vec![Some(1.5), None])), [Some("1.5"), None]),
        (
            RedshiftType::Double,
            Arc::new(Float64Array::from(vec![f64::NAN, -0.25])),
            [Some("nan"), Some("-0.25")],
        ),
        (RedshiftType::Boolean, Arc::new(BooleanArray::from(vec![Some(true), None])), [Some("true"), None]),
        (
            RedshiftType::Char(3),
            Arc::new(StringViewArray::from(vec![Some("a  "), None])),
            [Some("a  "), None],
        ),
        (
            RedshiftType::Varchar(256),
            Arc::new(StringViewArray::from(vec![Some("naïve “🎵”"), Some("")])),
            [Some("naïve “🎵”"), Some("")],
        ),
        (
            RedshiftType::Date,
            Arc::new(Date32Array::from(vec![Some(18_262), Some(-1)])),
            [Some("2020-01-01"), Some("1969-12-31")],
        ),
        (
            RedshiftType::Time,
            Arc::new(Time64MicrosecondArray::from(vec![Some(3_723_500_000), None])),
            [Some("01:02:03.5"), None],
        ),
        (
            RedshiftType::Timestamp,
            Arc::new(TimestampMicrosecondArray::from(vec![Some(micros), Some(-1)])),
            [Some("2020-01-01 01:02:03.123456"), Some("1969-12-31 23:59:59.999999")],
        ),
        (
            RedshiftType::TimestampTz,
            Arc::new(TimestampMicrosecondArray::from(vec![Some(micros), None]).with_timezone("UTC")),
            [Some("2020-01-01 01:02:03.123456+00"), None],
        ),
        (
            RedshiftType::Super,
            Arc::new(StringViewArray::from(vec![Some(r#"{"a":[1,null]}"#), None])),
            [Some(r#"{"a":[1,null]}"#), None],
        ),
        (
            RedshiftType::Varbyte(10),
            Arc::new(BinaryArray::from(vec![Some(&b"\xAAb"[..]), None])),
            [Some("\\xAAb"), None],
        ),
    ]
}

fn create_types(transaction: &mut Transaction) -> Value {
    let columns = typed_columns();
    let definitions =
        columns.iter().enumerate().map(|(i, (data_type, ..))| column(&format!("c{i}"), *data_type));
    let table = transaction.create_table(definition("s", "every \"type\"", definitions.collect())).unwrap();
    let arrays = columns.iter().map(|(_, values, _)| Arc::clone(values)).collect();
    transaction.append(table.id, vec![RecordBatch::try_new(table.schema(), arrays).unwrap()]).unwrap();
    let row = |index: usize| columns.iter().map(|(_, _, texts)| texts[index]).collect::<Vec<_>>();
    json!([row(0), row(1)])
}

#[tokio::test]
async fn duckdb_reads_the_same_rows() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("first home");
    let warehouse = open(&home);
    let ids = create(&warehouse, &["numbers", "changed", "empty", "dropped"]).await;
    let mut transaction = begin(&warehouse);
    transaction.create_schema("s").unwrap();
    let types = create_types(&mut transaction);
    append_file(&mut transaction, ids[0], 0..20);
    append(&mut transaction, ids[0], 20..40);
    append(&mut transaction, ids[1], [1, 2]);
    append(&mut transaction, ids[3], [1]);
    let long = definition("public", "long", vec![column("s", RedshiftType::Varchar(200))]);
    let long = transaction.create_table(long).unwrap();
    // Past the length of Parquet's bounds; the second cannot be rounded up.
    for text in ["z".repeat(100), "\u{10FFFF}".repeat(30)] {
        let values: ArrayRef = Arc::new(StringViewArray::from_iter_values([text]));
        let rows = RecordBatch::try_new(long.schema(), vec![values]).unwrap();
        let mut writer = transaction.writer(long.id).unwrap();
        writer.write(&rows).unwrap();
        transaction.append_files(long.id, writer.finish().unwrap()).unwrap();
    }
    transaction.commit().await.unwrap();

    // Deleted rows: some of two files, more of one in a second commit, and all of a third file.
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, ids[0], &[3, 4, 33]);
    append(&mut transaction, ids[0], [100]);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, ids[0], &[5, 19, 100]);
    transaction.drop_table(ids[3]).unwrap();
    transaction.commit().await.unwrap();

    // Columns renamed, dropped, added with and without a value; a view; comments.
    let mut transaction = begin(&warehouse);
    transaction.rename_column(ids[1], "n", "number").unwrap();
    transaction.drop_column(ids[1], "s").unwrap();
    let price = column("price", RedshiftType::Decimal { precision: 10, scale: 2 });
    transaction.add_column(ids[1], price, Some("1.25".to_owned())).unwrap();
    for (name, data_type, value) in [
        ("at", RedshiftType::Timestamp, "2020-01-02 03:04:05"),
        ("at_utc", RedshiftType::TimestampTz, "2020-01-02 03:04:05.600000+00"),
        ("flag", RedshiftType::Boolean, "true"),
        ("ratio", RedshiftType::Double, "1e-7"),
        ("day", RedshiftType::Date, "2020-02-29"),
    ] {
        transaction.add_column(ids[1], column(name, data_type), Some(value.to_owned())).unwrap();
    }
    transaction.add_column(ids[1], column("s", RedshiftType::Varchar(9)), None).unwrap();
    transaction.rename_table(ids[1], "Changed Name").unwrap();
    transaction.set_table_comment(ids[0], Some("some numbers".to_owned())).unwrap();
    transaction.set_column_comment(ids[0], "n", Some("the number".to_owned())).unwrap();
    let view = ViewDefinition {
        schema: "public".to_owned(),
        name: "v".to_owned(),
        sql: "SELECT n + 1, s FROM lake.public.numbers WHERE n < 2".to_owned(),
        column_names: vec!["next one".to_owned(), "s".to_owned()],
        column_types: Vec::new(),
        late_binding: true,
        depends_on: Vec::new(),
        comment: Some("a view".to_owned()),
    };
    let unreadable =
        ViewDefinition { name: "only_redshift".to_owned(), sql: "SELECT (;".to_owned(), ..view.clone() };
    transaction.create_view(view, false).unwrap();
    transaction.create_view(unreadable, false).unwrap();
    transaction.commit().await.unwrap();
    let numbers: Vec<_> = committed(&warehouse.snapshot().unwrap(), "numbers");
    drop(warehouse);
    // A moved warehouse is the same, once its writer has opened it there.
    let dir = dir.path().join("second home");
    std::fs::rename(&home, &dir).unwrap();
    drop(open(&dir));

    let Some(read) = duckdb("read", &dir.join("catalog.sqlite"), &QUERIES) else {
        println!("{SKIPPED}");
        return;
    };
    let expected: Vec<i32> = (0..40).filter(|n| ![3, 4, 33, 5, 19].contains(n)).collect();
    assert_eq!(numbers, expected);
    let mut by_text: Vec<_> = expected.iter().map(|n| [n.to_string(), format!("row {n}")]).collect();
    by_text.sort();
    let rows: BTreeMap<String, Value> = serde_json::from_value(read["rows"].clone()).unwrap();
    assert_eq!(
        rows.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "public.Changed Name",
            "public.empty",
            "public.long",
            "public.numbers",
            "public.v",
            "s.every \"type\""
        ]
    );
    assert_eq!(rows["public.numbers"], json!(by_text));
    assert_eq!(read["counts"]["public.numbers"], json!(expected.len()));
    // Bounds that were wrong, or that DuckDB took otherwise, would prune the files with these rows.
    assert_eq!(read["queries"], json!([[[14]], [[1]], [[1]], [[1]], [[1]], [[1]], [[40]], [[1]]]));
    let added = ["1.25", "2020-01-02 03:04:05", "2020-01-02 03:04:05.6+00", "true", "1e-07", "2020-02-29"];
    let changed = |n: &str| {
        let values = std::iter::once(n).chain(added).map(Value::from).chain([Value::Null]);
        values.collect::<Vec<_>>()
    };
    assert_eq!(rows["public.Changed Name"], json!([changed("1"), changed("2")]));
    assert_eq!(rows["public.empty"], json!([]));
    // A view that DuckDB cannot parse is in nobody's way.
    assert_eq!(read["unreadable"], json!(["public.only_redshift"]));
    assert_eq!(rows["public.v"], json!([["1", "row 0"], ["2", "row 1"]]));
    assert_eq!(read["types"]["public.v"][0][0], json!("next one"));
    assert_eq!(rows["s.every \"type\""], types);
    assert_eq!(
        read["comments"],
        json!({
            "public.numbers": "some numbers",
            "public.numbers.n": "the number",
            "public.v": "a view",
            "public.only_redshift": "a view",
        })
    );
}

#[tokio::test]
async fn the_catalog_has_the_tables_that_duckdb_makes() {
    let theirs = tempfile::tempdir().unwrap();
    if duckdb("create", theirs.path(), &[]).is_none() {
        println!("{SKIPPED}");
        return;
    }
    let ours = tempfile::tempdir().unwrap();
    drop(open(ours.path()));
    let tables = |dir: &Path| {
        let connection = rusqlite::Connection::open(dir.join("catalog.sqlite")).unwrap();
        let sql = "SELECT m.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_master m, pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND m.name LIKE 'ducklake%' ORDER BY m.name, c.cid";
        let mut statement = connection.prepare(sql).unwrap();
        let of_row = |row: &rusqlite::Row<'_>| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, i64>(4)?,
            ))
        };
        statement.query_map([], of_row).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    let expected = tables(theirs.path());
    assert!(expected.len() > 100, "{} columns", expected.len());
    assert_eq!(tables(ours.path()), expected);
}

#[tokio::test]
async fn a_warehouse_that_duckdb_made_can_be_opened_and_changed() {
    let dir = tempfile::tempdir().unwrap();
    if duckdb("create", dir.path(), &[]).is_none() {
        println!("{SKIPPED}");
        return;
    }
    let warehouse = open(dir.path());
    let snapshot = warehouse.snapshot().unwrap();
    let table = snapshot.table("public", "t").unwrap();
    assert_eq!(numbers_in(table), [0, 2, 4, 6, 7, 8, 9]);
    assert_eq!(rows(table)[1], ["2", "row 2", "2020-01-03T00:00:00", "0.50", "x"]);
    assert_eq!(table.definition.columns[1].data_type, RedshiftType::MAX_VARCHAR);
    assert_eq!(table.definition.comment.as_deref(), Some("made by DuckDB"));

    let mut transaction = begin(&warehouse);
    delete(&mut transaction, table.id, &[2]);
    transaction.vacuum(table.id).unwrap();
    transaction.create_table(numbers("numbers")).unwrap();
    transaction.commit().await.unwrap();
    drop((snapshot, warehouse));
    let read = duckdb("read", &dir.path().join("catalog.sqlite"), &[]).unwrap();
    assert_eq!(read["counts"]["public.t"], json!(6));
    assert_eq!(read["rows"]["public.t"][1], json!(["4", "row 4", "2020-01-05 00:00:00", "1.00", "x"]));
}

#[tokio::test]
async fn what_duckdb_writes_is_there_when_the_warehouse_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = open(dir.path());
    let definition = TableDefinition { comment: Some("kept".to_owned()), ..numbers("numbers") };
    let mut transaction = begin(&warehouse);
    let id = transaction.create_table(definition).unwrap().id;
    append(&mut transaction, id, 28..33);
    transaction.commit().await.unwrap();
    let mut transaction = begin(&warehouse);
    delete(&mut transaction, id, &[28]);
    transaction.commit().await.unwrap();
    drop(warehouse);
    if duckdb("write", &dir.path().join("catalog.sqlite"), &[]).is_none() {
        println!("{SKIPPED}");
        return;
    }
    let warehouse = open(dir.path());
    let snapshot = warehouse.snapshot().unwrap();
    assert_eq!(committed(&snapshot, "numbers"), [29, 31, 32, 1000]);
    assert_eq!(snapshot.table("public", "numbers").unwrap().definition.comment.as_deref(), Some("kept"));
    assert_eq!(rows(snapshot.table("public", "made_there").unwrap()), [["1"]]);
}

#[tokio::test]
async fn a_catalog_with_rows_inside_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    if duckdb("inline", dir.path(), &[]).is_none() {
        println!("{SKIPPED}");
        return;
    }
    let refused = Warehouse::open(dir.path(), OpenOptions::default()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidConfiguration);
    assert!(refused.to_string().contains("ducklake_flush_inlined_data"), "{refused}");
}
