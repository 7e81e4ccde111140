//! COPY of text files and the options that all formats share, from the statement on (RS 1.2, 1.8, 1.13).

use std::path::Path;

use dwh_common::SqlState;
use tempfile::TempDir;

use crate::support::{Fixture, error, rows, run};

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).expect("writable");
    }
    dir
}

fn from(dir: &Path) -> String {
    format!("FROM '{}/'", dir.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_loads_by_position_with_the_defaults_of_each_format() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT, b VARCHAR(10), c DATE)").await;
    let piped = folder(&[("1", b"1|one|2018-11-01\n2|\\N|\n")]);
    let csv = folder(&[("1", b"\"c\",\"b\"\n2018-11-03,\"th,\"\"ree\"\n")]);
    let fixed = folder(&[("1", b"4four 2018-11-04\n")]);
    let tabs = folder(&[("1", b"5\tnone\t\\t\n".as_slice()), ("2", b"6\tsi\\\tx\tnone\n")]);
    run(&session, &format!("COPY t {}", from(piped.path()))).await;
    run(&session, &format!("COPY t (c, b) {} IGNOREHEADER 1 CSV", from(csv.path()))).await;
    run(&session, &format!("COPY t {} FIXEDWIDTH 'a:1,b:5,c:10'", from(fixed.path()))).await;
    run(
        &session,
        &format!(
            "COPY t {} DELIMITER '\\t' ESCAPE NULL 'none' DATEFORMAT 'auto' ACCEPTANYDATE",
            from(tabs.path())
        ),
    )
    .await;
    assert_eq!(
        rows(&session, "SELECT a, b, c FROM t ORDER BY a").await,
        [
            "1|one|2018-11-01",
            "2|NULL|NULL",
            "4|four |2018-11-04",
            "5|NULL|NULL",
            "6|si\tx|NULL",
            "NULL|th,\"ree|2018-11-03"
        ]
    );
    assert_eq!(rows(&session, "SELECT DISTINCT trim(file_format) FROM stl_load_commits").await, ["Text"]);
    assert_eq!(rows(&session, "SELECT DISTINCT trim(file_format) FROM sys_load_history").await, ["Text"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_in_utf16_loads_and_ignoreallerrors_skips_what_does_not_fit() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a VARCHAR(5))").await;
    let text = "\u{FEFF}{\"a\":\"é€\"}\n{\"a\":\"too long\"}\n{\"a\":\"too long\"}\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let dir = folder(&[("1", &bytes)]);
    let copy = format!("COPY t {} JSON ENCODING UTF16", from(dir.path()));
    assert_eq!(error(&session, &copy).await.state, SqlState::LoadFailed);
    let results = session.execute(&format!("{copy} IGNOREALLERRORS")).await.expect("a load");
    assert_eq!(
        results[0].notices[1].message,
        "Load into table 't' completed, 2 record(s) could not be loaded.  \
         Check 'stl_load_errors' system table for details."
    );
    assert_eq!(rows(&session, "SELECT a FROM t").await, ["é€"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_with_too_few_fields_is_in_stl_load_errors() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT, b INT)").await;
    let dir = folder(&[("1", b"1|1\n2\n")]);
    error(&session, &format!("COPY t {}", from(dir.path()))).await;
    assert_eq!(
        rows(
            &session,
            "SELECT line_number, trim(colname), err_code, trim(err_reason), trim(raw_line) FROM stl_load_errors"
        )
        .await,
        ["2||1214|Delimiter not found|2"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn noload_checks_everything_and_changes_nothing() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (id BIGINT IDENTITY(1,1), a INT)").await;
    let dir = folder(&[("1", b"1\n2\n"), ("2", b"3\n")]);
    for options in ["", "CSV", "FIXEDWIDTH 'a:1'"] {
        let copy = format!("COPY t {} {options} NOLOAD", from(dir.path()));
        let results = session.execute(&copy).await.expect("a check");
        assert_eq!(
            results[0].notices[0].message,
            "Load into table 't' completed, 3 record(s) loaded successfully."
        );
    }
    let bad = folder(&[("1", b"x\n")]);
    assert_eq!(
        error(&session, &format!("COPY t {} NOLOAD", from(bad.path()))).await.state,
        SqlState::LoadFailed
    );
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
    run(&session, "INSERT INTO t (a) VALUES (7)").await;
    assert_eq!(rows(&session, "SELECT id, a FROM t").await, ["1|7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_values_are_taken_only_with_explicit_ids() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (id BIGINT IDENTITY(100,1), a INT); CREATE TABLE plain (a INT)").await;
    let dir = folder(&[("1", b"7|1\n7|2\n")]);
    let source = from(dir.path());
    // Without a list the IDENTITY column is no field of the data.
    assert_eq!(error(&session, &format!("COPY t {source}")).await.state, SqlState::LoadFailed);
    assert_eq!(
        error(&session, &format!("COPY t (id, a) {source}")).await.state,
        SqlState::InvalidParameterValue
    );
    assert_eq!(
        error(&session, &format!("COPY t (a) {source} EXPLICIT_IDS")).await.state,
        SqlState::InvalidParameterValue
    );
    // Values are not checked for uniqueness.
    run(&session, &format!("COPY t {source} EXPLICIT_IDS")).await;
    run(&session, &format!("COPY t (id, a) {source} EXPLICIT_IDS")).await;
    assert_eq!(rows(&session, "SELECT id, a FROM t ORDER BY a").await, ["7|1", "7|1", "7|2", "7|2"]);
    // NULL is no value for an IDENTITY column.
    let empty = folder(&[("1", b"|1\n")]);
    let copy = format!("COPY t {} EXPLICIT_IDS", from(empty.path()));
    assert_eq!(error(&session, &copy).await.state, SqlState::LoadFailed);
    // The counter has not moved.
    run(&session, "INSERT INTO t (a) VALUES (3)").await;
    assert_eq!(rows(&session, "SELECT id FROM t WHERE a = 3").await, ["100"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn default_identity_values_are_supplied_or_generated() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (id INT GENERATED BY DEFAULT AS IDENTITY(10,10), a INT)").await;
    let supplied = folder(&[("1", b"7|1\n|2\n8|3\n|4\n")]);
    run(&session, &format!("COPY t {}", from(supplied.path()))).await;
    let left_out = folder(&[("1", b"5\n")]);
    run(&session, &format!("COPY t (a) {}", from(left_out.path()))).await;
    assert_eq!(
        rows(&session, "SELECT a, id FROM t ORDER BY a").await,
        ["1|7", "2|10", "3|8", "4|20", "5|30"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_is_one_value_for_the_statement_and_no_substitute_for_null() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT, r FLOAT DEFAULT random(), b VARCHAR(5) DEFAULT 'none')").await;
    let dir = folder(&[("1", b"1|\\N\n2|two\n"), ("2", b"3|\n")]);
    run(&session, &format!("COPY t (a, b) {}", from(dir.path()))).await;
    assert_eq!(rows(&session, "SELECT count(DISTINCT r), count(r) FROM t").await, ["1|3"]);
    assert_eq!(rows(&session, "SELECT a, b FROM t ORDER BY a").await, ["1|NULL", "2|two", "3|"]);
}
