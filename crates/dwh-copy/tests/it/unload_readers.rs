//! What UNLOAD writes, as independent readers see it: Python's csv, json, gzip and bz2, and DuckDB.

use std::process::Command;
use std::sync::Arc;

use arrow::array::{Decimal128Array, RecordBatch, TimestampMicrosecondArray};
use dwh_copy::OutputCompression;
use dwh_copy::unload::{TextOptions, UnloadFormat, UnloadRequest};

use crate::support::local_stores;
use crate::unload::{batch, csv, every_type, integers, parquet, request, texts, unloaded};

/// Runs Python with `folder` as its only argument; `None` where there is no Python with DuckDB.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn python(script: &str, folder: &std::path::Path) -> Option<String> {
    let Some(python) = std::env::var_os("DWH_TEST_PYTHON") else {
        eprintln!("skipped: DWH_TEST_PYTHON is not set");
        return None;
    };
    let output = Command::new(python).arg("-c").arg(script).arg(folder).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

fn awkward() -> RecordBatch {
    batch(&[
        ("n integer", integers(0..4)),
        ("t varchar(40)", texts(&[Some("a,b"), Some("say \"hi\"\r\nthere"), Some(""), Some("é|\\")])),
    ])
}

async fn write(folder: &std::path::Path, batch: &RecordBatch, change: impl FnOnce(&mut UnloadRequest)) {
    let mut request = request(format!("{}/", folder.display()), batch);
    change(&mut request);
    unloaded(&request, &local_stores(), batch).await.expect("unloads");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_reads_csv_and_json_of_every_compression() {
    let awkward = awkward();
    let header = TextOptions { delimiter: ',', header: true, null_as: String::new() };
    for (compression, open) in [
        (OutputCompression::None, "open"),
        (OutputCompression::Gzip, "gzip.open"),
        (OutputCompression::Bzip2, "bz2.open"),
    ] {
        let csv = tempfile::tempdir().expect("a folder");
        write(csv.path(), &awkward, |r| {
            (r.format, r.compression) = (UnloadFormat::Csv(header.clone()), compression);
        })
        .await;
        let script = format!(
            "import bz2, csv, glob, gzip, json, sys\n\
             [path] = glob.glob(sys.argv[1] + '/*')\n\
             print(json.dumps(list(csv.reader({open}(path, 'rt', newline='', encoding='utf8')))))"
        );
        let Some(read) = python(&script, csv.path()) else { return };
        let read: serde_json::Value = serde_json::from_str(&read).expect("JSON");
        assert_eq!(
            read,
            serde_json::json!([
                ["n", "t"],
                ["0", "a,b"],
                ["1", "say \"hi\"\r\nthere"],
                ["2", ""],
                ["3", "é|\\"]
            ])
        );
        let json = tempfile::tempdir().expect("a folder");
        write(json.path(), &awkward, |r| (r.format, r.compression) = (UnloadFormat::Json, compression)).await;
        let script = format!(
            "import bz2, glob, gzip, json, sys\n\
             [path] = glob.glob(sys.argv[1] + '/*')\n\
             print(json.dumps([list(json.loads(l).values()) for l in {open}(path, 'rt', encoding='utf8')]))"
        );
        let read = python(&script, json.path()).expect("Python as before");
        let read: serde_json::Value = serde_json::from_str(&read).expect("JSON");
        assert_eq!(read, serde_json::json!([[0, "a,b"], [1, "say \"hi\"\r\nthere"], [2, ""], [3, "é|\\"]]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn duckdb_reads_zstd_and_partitions() {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = batch(&[
        ("n integer", integers(0..3)),
        ("year integer", integers([2017, 2018, 2018])),
        ("t varchar(9)", texts(&[Some("a,b"), Some("c"), Some("d")])),
    ]);
    write(folder.path(), &batch, |r| {
        (r.format, r.compression) = (csv(), OutputCompression::Zstd);
        r.partition_columns = vec!["year".to_owned()];
    })
    .await;
    let script = "import duckdb, json, sys\n\
        rows = duckdb.sql(f\"SELECT year, column0, column1 FROM read_csv('{sys.argv[1]}/*/*.zst', header=false, \
        hive_partitioning=true) ORDER BY column0\").fetchall()\n\
        print(json.dumps(rows))";
    let Some(read) = python(script, folder.path()) else { return };
    let read: serde_json::Value = serde_json::from_str(&read).expect("JSON");
    assert_eq!(read, serde_json::json!([[2017, 0, "a,b"], [2018, 1, "c"], [2018, 2, "d"]]));
}

/// RS 6.2: INT64, INT32, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY(8), INT96; SNAPPY; every column optional.
#[tokio::test(flavor = "multi_thread")]
async fn duckdb_reads_parquet_with_the_physical_types_of_redshift() {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = every_type();
    write(folder.path(), &batch, |r| r.format = parquet()).await;
    let script = r#"
import duckdb, json, sys
glob = f"{sys.argv[1]}/*.parquet"
schema = duckdb.sql(f"SELECT name, type, type_length, repetition_type, logical_type FROM parquet_schema('{glob}') WHERE num_children IS NULL").fetchall()
codecs = duckdb.sql(f"SELECT DISTINCT compression FROM parquet_metadata('{glob}')").fetchall()
version = duckdb.sql(f"SELECT format_version FROM parquet_file_metadata('{glob}')").fetchall()
rows = duckdb.sql(f"SELECT * FROM '{glob}'").fetchall()
print(json.dumps([[s[:4] for s in schema], codecs, version, [[None if v is None else str(v) for v in row] for row in rows]]))
"#;
    let Some(read) = python(script, folder.path()) else { return };
    let read: serde_json::Value = serde_json::from_str(&read).expect("JSON");
    let column = |name: &str, physical: &str| serde_json::json!([name, physical, null, "OPTIONAL"]);
    let mut expected: Vec<serde_json::Value> = [
        ("a", "INT32"),
        ("b", "INT32"),
        ("c", "INT64"),
        ("d", "FIXED_LEN_BYTE_ARRAY"),
        ("e", "FLOAT"),
        ("f", "DOUBLE"),
        ("g", "BOOLEAN"),
        ("h", "BYTE_ARRAY"),
        ("i", "INT32"),
        ("j", "INT64"),
        ("k", "INT96"),
        ("l", "INT96"),
        ("m", "BYTE_ARRAY"),
    ]
    .iter()
    .map(|(name, physical)| column(name, physical))
    .collect();
    expected[3][2] = serde_json::json!("8");
    assert_eq!(read[0], serde_json::Value::Array(expected));
    assert_eq!(read[1], serde_json::json!([["SNAPPY"]]));
    assert_eq!(read[2], serde_json::json!([[1]]));
    assert_eq!(
        read[3],
        serde_json::json!([
            [
                "-7",
                "8",
                "9223372036854775807",
                "-0.05",
                "2.75",
                "0.30000000000000004",
                "True",
                "né",
                "2020-02-29",
                "01:02:03.500000",
                "2018-11-30 17:31:24.796000",
                "2018-11-30 17:31:24.796000",
                "{\"x\":\n[1,null]}"
            ],
            vec![serde_json::Value::Null; 13],
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn duckdb_reads_row_groups_of_many_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = 200_000;
    let wide = Decimal128Array::from_iter_values((0..rows).map(|n| i128::from(n) * 10_i128.pow(30)));
    let early = TimestampMicrosecondArray::from_iter_values((0..rows).map(|n| -1 - n * 86_400_000_001));
    let batch = batch(&[
        ("n integer", integers(0..rows as i32)),
        ("wide decimal(38,0)", Arc::new(wide.with_precision_and_scale(38, 0).expect("fits"))),
        ("early timestamp", Arc::new(early)),
    ]);
    let mut request = request(format!("{}/", folder.path().display()), &batch);
    request.format = UnloadFormat::Parquet { row_group_bytes: 300_000 };
    request.max_file_bytes = 1_000_000;
    let batches: Vec<_> = (0..rows as usize)
        .step_by(8192)
        .map(|at| Ok(batch.slice(at, 8192.min(rows as usize - at))))
        .collect();
    use futures::StreamExt;
    let slices = vec![futures::stream::iter(batches).boxed()];
    let outcome = dwh_copy::unload::unload(&request, &local_stores(), slices).await.expect("unloads");
    assert!(outcome.files.len() > 1 && outcome.files.iter().all(|file| file.bytes <= 1_000_000));
    let script = r#"
import duckdb, sys
glob = f"{sys.argv[1]}/*.parquet"
print(duckdb.sql(f"""SELECT count(*), count(DISTINCT n), bool_and(wide = n::HUGEINT * 1000000000000000000000000000000),
    bool_and(early = TIMESTAMP '1970-01-01' - to_microseconds(1 + n::BIGINT * 86400000001)) FROM '{glob}'""").fetchall())
"#;
    let Some(read) = python(script, folder.path()) else { return };
    assert_eq!(read.trim(), format!("[({rows}, {rows}, True, True)]"));
}
