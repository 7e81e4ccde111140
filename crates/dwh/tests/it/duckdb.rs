//! A warehouse that dwh has filled, read by DuckDB through the DuckLake catalog: the same rows, those that
//! were changed and deleted included. Needs `DWH_TEST_PYTHON` (see `tests/duckdb`), and says so without.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::sandbox::Sandbox;

const TABLES: [&str; 7] =
    ["staging_events", "staging_songs", "songplays", "users", "songs", "artists", "time"];

#[test]
fn duckdb_reads_the_rows_that_dwh_reads() {
    let Some(sample) = dwh_testkit::sample_data("sparkify") else { return };
    let Some(python) = std::env::var_os("DWH_TEST_PYTHON") else {
        eprintln!("skipped: DWH_TEST_PYTHON names no Python with DuckDB");
        return;
    };
    let sandbox = Sandbox::new();
    sandbox.configure(sample.to_str().unwrap());
    sandbox.dwh(&["etl"]).succeeds();
    let changes = "DELETE FROM songplays WHERE user_id = 8; UPDATE users SET level = 'none' WHERE user_id < 20;
                   ALTER TABLE songs RENAME COLUMN title TO song_title; DELETE FROM staging_songs WHERE year = 0";
    sandbox.dwh(&["query", changes]).succeeds();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/duckdb/ducklake.py");
    let catalog = sandbox.path().join("warehouse/catalog.sqlite");
    let output = Command::new(python).arg(script).arg("read").arg(catalog).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();

    for table in TABLES {
        let found = sandbox.dwh(&["query", "--format", "json", &format!("SELECT * FROM {table}")]).succeeds();
        let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&found.stdout).unwrap();
        let columns = read["types"][format!("public.{table}")].as_array().unwrap();
        let columns: Vec<&str> = columns.iter().map(|column| column[0].as_str().unwrap()).collect();
        let mut ours: Vec<Vec<Option<String>>> =
            rows.iter().map(|row| columns.iter().map(|name| as_text(&row[*name])).collect()).collect();
        let theirs = read["rows"][format!("public.{table}")].as_array().unwrap();
        let mut theirs: Vec<Vec<Option<String>>> =
            theirs.iter().map(|row| row.as_array().unwrap().iter().map(as_text).collect()).collect();
        ours.sort();
        theirs.sort();
        assert!(!ours.is_empty() && ours == theirs, "{table}: {} and {} rows", ours.len(), theirs.len());
    }
}

/// Numbers by their value, whatever way they are written.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.parse::<f64>().map_or_else(|_| text.clone(), |n| n.to_string())),
        other => Some(other.as_f64().map_or_else(|| other.to_string(), |n| n.to_string())),
    }
}
