//! COPY through the whole engine: rows, load errors, history, transactions (RS 1, 2).

use std::path::{Path, PathBuf};

use dwh_common::SqlState;

use crate::support::{Fixture, error, rows, run};

const TABLE: &str =
    "CREATE TABLE t (id BIGINT IDENTITY(0,1), name VARCHAR(5), n INT NOT NULL, at DATE DEFAULT '2020-01-01')";

/// Writes a file below a fresh folder and gives back the prefix of both.
fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("writable");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_fills_columns_identity_and_defaults() {
    let fixture = Fixture::new();
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "a.json", r#"{"name":"one","n":1}{"name":"two","n":2}"#);
    let session = fixture.session();
    run(&session, TABLE).await;
    let results = session
        .execute(&format!("COPY t (name, n) FROM '{}' FORMAT AS JSON 'auto'", dir.path().display()))
        .await
        .expect("a load");
    assert_eq!(results[0].tag, "COPY");
    assert_eq!(
        results[0].notices[0].message,
        "Load into table 't' completed, 2 record(s) loaded successfully."
    );
    assert_eq!(
        rows(&session, "SELECT name, n, at, pg_last_copy_count() FROM t ORDER BY n").await,
        ["one|1|2020-01-01|2", "two|2|2020-01-01|2"]
    );
    assert_eq!(rows(&session, "SELECT count(DISTINCT id) FROM t").await, ["2"]);
    assert_eq!(
        rows(&session, "SELECT status, table_name, loaded_rows, error_count FROM sys_load_history").await,
        ["completed|t|2|0"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_copy_changes_nothing_but_keeps_its_errors() {
    let fixture = Fixture::new();
    let dir = tempfile::tempdir().expect("a folder");
    let file = write(
        dir.path(),
        "a.json",
        "{\"name\":\"fine\",\"n\":1}\n{\"name\":\"too long\",\"n\":2,\"x\":\"né\"}\n",
    );
    let session = fixture.session();
    run(&session, TABLE).await;
    let copy = format!("COPY t (name, n) FROM '{}' JSON 'auto'", dir.path().display());
    let failed = error(&session, &copy).await;
    assert_eq!(failed.state, SqlState::LoadFailed);
    assert_eq!(
        failed.message,
        "Load into table 't' failed.  Check 'stl_load_errors' system table for details."
    );
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
    assert_eq!(
        rows(
            &session,
            "SELECT trim(filename), line_number, trim(colname), trim(type), trim(col_length), err_code,
                    trim(err_reason), trim(raw_line), trim(raw_field_value) FROM stl_load_errors"
        )
        .await,
        [format!(
            "{}|2|name|varchar|5|1204|String length exceeds DDL length|{{\"name\":\"too long\",\"n\":2,\"x\":\"n.\"}}|too long",
            file.display()
        )]
    );
    run(&session, &format!("{copy} MAXERROR 10")).await;
    assert_eq!(rows(&session, "SELECT name FROM t").await, ["fine"]);
    assert_eq!(
        rows(&session, "SELECT status, loaded_rows, error_count FROM sys_load_history ORDER BY query_id")
            .await,
        ["aborted|0|1", "completed|1|1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_a_block_is_rolled_back_with_it() {
    let fixture = Fixture::new();
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "a.json", r#"{"name":"one","n":1}"#);
    let session = fixture.session();
    run(&session, TABLE).await;
    run(&session, "BEGIN").await;
    run(&session, &format!("COPY t (name, n) FROM '{}' JSON 'auto'", dir.path().display())).await;
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["1"]);
    run(&session, "ROLLBACK").await;
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_prefix_or_column_is_a_clear_error() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, TABLE).await;
    let missing = error(&session, "COPY t FROM '/no/such/prefix' JSON 'auto'").await;
    assert!(missing.message.contains("/no/such/prefix"), "{missing:?}");
    assert_eq!(
        error(&session, "COPY t (nope) FROM '/tmp' JSON 'auto'").await.state,
        SqlState::UndefinedColumn
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_columns_load_and_their_errors_are_those_of_the_scan_layer() {
    let fixture = Fixture::new();
    let session = fixture.session();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dwh-copy/tests/cases");
    let copy = |table: &str, case: &str, options: &str| {
        format!("COPY {table} FROM '{}' {options}", cases.join(case).join("objects/data").display())
    };
    run(&session, "CREATE TABLE wide (a INT, b VARCHAR(5), c INT)").await;
    run(&session, &copy("wide", "parquet_fillrecord", "FORMAT AS PARQUET FILLRECORD")).await;
    assert_eq!(rows(&session, "SELECT a, b, c FROM wide ORDER BY a").await, ["1|x|NULL", "2|NULL|NULL"]);
    assert_eq!(
        rows(&session, "SELECT trim(file_format), lines_scanned FROM stl_load_commits").await,
        ["Parquet|2"]
    );

    let failed = error(&session, &copy("wide", "parquet_unmatched_columns", "PARQUET")).await;
    assert_eq!((failed.state, failed.message.as_str()), (SqlState::LoadFailed, "Spectrum Scan Error"));
    let detail = failed.detail.expect("a detail block");
    let context = "  context:   Unmatched number of columns between table and file. Table columns: 3, Data columns: 2, \
                   File name: ";
    assert!(detail.contains("  code:      15007\n") && detail.contains(context), "{detail}");
    assert_eq!(
        rows(
            &session,
            "SELECT err_code, pg_last_copy_count(), query = pg_last_copy_id() FROM stl_load_errors"
        )
        .await,
        ["15007|0|true"]
    );
    run(&session, "CREATE TABLE numbers (id INT IDENTITY(1,1), a INT, b VARCHAR(5))").await;
    run(&session, &copy("numbers", "parquet_column_list", "FORMAT PARQUET")).await;
    run(&session, &copy("numbers (id, b)", "parquet_column_list", "FORMAT PARQUET EXPLICIT_IDS")).await;
    assert_eq!(
        rows(&session, "SELECT id, b FROM numbers WHERE a IS NULL ORDER BY id").await,
        ["1|x", "2|NULL"]
    );

    run(&session, "CREATE TABLE plays (t VARCHAR(5))").await;
    run(&session, &copy("plays", "avro_maxerror", "FORMAT AS AVRO 'auto' MAXERROR 2")).await;
    assert_eq!(rows(&session, "SELECT t FROM plays ORDER BY t").await, ["fits", "fits2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_characters_are_told_and_noted() {
    let fixture = Fixture::new();
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("a.json");
    std::fs::write(&file, b"{\"name\":\"ok\",\"n\":1}\n{\"name\":\"x\xff\",\"n\":2}\n").expect("writable");
    let session = fixture.session();
    run(&session, TABLE).await;
    let results = session
        .execute(&format!("COPY t (name, n) FROM '{}' JSON 'auto' ACCEPTINVCHARS '^'", dir.path().display()))
        .await
        .expect("a load");
    assert_eq!(
        results[0].notices.last().expect("a notice").message,
        "Load into table 't' completed, 1 record(s) were loaded with replacements made for ACCEPTINVCHARS.  \
         Check 'stl_replacements' system table for details."
    );
    assert_eq!(
        rows(
            &session,
            "SELECT DISTINCT r.query = pg_last_copy_id(), trim(p.name), trim(filename), line_number, trim(colname) \
                        FROM stl_replacements r JOIN stv_tbl_perm p ON p.id = r.tbl"
        )
        .await,
        [format!("true|t|{}|2|name", file.display())]
    );
    assert_eq!(
        rows(
            &session,
            "SELECT count(*), sum(lines_scanned) FROM sys_load_detail d JOIN stl_file_scan s \
                        ON d.query_id = s.query AND d.bytes_scanned = s.bytes"
        )
        .await,
        ["1|2"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn noload_reads_everything_and_loads_nothing() {
    let fixture = Fixture::new();
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "a.json", r#"{"name":"one","n":1}{"name":"two","n":2}"#);
    let session = fixture.session();
    run(&session, TABLE).await;
    run(&session, "SELECT pg_last_copy_id()").await;
    assert_eq!(rows(&session, "SELECT pg_last_copy_id(), pg_last_copy_count()").await, ["-1|0"]);
    run(&session, &format!("COPY t (name, n) FROM '{}' JSON 'auto' NOLOAD", dir.path().display())).await;
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
    assert_eq!(
        rows(&session, "SELECT status, loaded_rows, loaded_bytes, source_file_count FROM sys_load_history")
            .await,
        ["completed|0|0|1"]
    );
}

/// The folder of the public sample, or `None` where it is absent.
fn sample() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sparkify");
    let dir =
        std::env::var_os("DWH_SHARED").map_or(beside, |shared| Path::new(&shared).join("data/sparkify"));
    dir.is_dir().then_some(dir)
}

/// The statements of a typical public project, as its scripts send them.
#[tokio::test(flavor = "multi_thread")]
async fn a_classic_public_script_runs_unchanged() {
    let Some(sample) = sample() else {
        eprintln!("skipped: the public sample is not beside the project");
        return;
    };
    let fixture = Fixture::new();
    let session = fixture.session();
    let statements = [
        "DROP TABLE IF EXISTS staging_events",
        "CREATE TABLE IF NOT EXISTS staging_events (
            artist VARCHAR, auth VARCHAR, firstName VARCHAR, gender CHAR(1), itemInSession INTEGER, lastName VARCHAR,
            length FLOAT, level VARCHAR, location VARCHAR, method VARCHAR, page VARCHAR, registration BIGINT,
            sessionId INTEGER SORTKEY DISTKEY, song VARCHAR, status INTEGER, ts TIMESTAMP, userAgent VARCHAR, userId INTEGER);",
        "CREATE TABLE IF NOT EXISTS staging_songs (
            num_songs INTEGER, artist_id VARCHAR, artist_latitude FLOAT, artist_longitude FLOAT, artist_location VARCHAR,
            artist_name VARCHAR, song_id VARCHAR, title VARCHAR, duration FLOAT, year INTEGER)",
        "CREATE TABLE songplays (songplay_id INTEGER IDENTITY(0,1) PRIMARY KEY, start_time TIMESTAMP NOT NULL SORTKEY DISTKEY,
            user_id INTEGER NOT NULL, level VARCHAR, song_id VARCHAR, artist_id VARCHAR, session_id INTEGER,
            location VARCHAR, user_agent VARCHAR)",
        "CREATE TABLE users (user_id INTEGER NOT NULL SORTKEY PRIMARY KEY, first_name VARCHAR NOT NULL,
            last_name VARCHAR NOT NULL, gender VARCHAR NOT NULL, level VARCHAR NOT NULL) DISTSTYLE ALL",
        "CREATE TABLE time (start_time TIMESTAMP NOT NULL DISTKEY SORTKEY PRIMARY KEY, hour INTEGER NOT NULL,
            day INTEGER NOT NULL, week INTEGER NOT NULL, month INTEGER NOT NULL, year INTEGER NOT NULL, weekday VARCHAR(20) NOT NULL)",
        "copy staging_events from '{SAMPLE}/log_data' credentials 'aws_iam_role=arn:aws:iam::1:role/dwhRole'
            region 'us-west-2' format as JSON '{SAMPLE}/log_json_path.json' timeformat as 'epochmillisecs'",
        "COPY staging_songs FROM '{SAMPLE}/song_data' IAM_ROLE 'arn:aws:iam::1:role/dwhRole' REGION 'us-west-2'
            FORMAT AS JSON 'auto' COMPUPDATE OFF STATUPDATE OFF;",
        "INSERT INTO songplays (start_time, user_id, level, song_id, artist_id, session_id, location, user_agent)
            SELECT DISTINCT(e.ts) AS start_time, e.userId AS user_id, e.level AS level, s.song_id AS song_id,
                   s.artist_id AS artist_id, e.sessionId AS session_id, e.location AS location, e.userAgent AS user_agent
            FROM staging_events e LEFT JOIN staging_songs s ON (e.song = s.title AND e.artist = s.artist_name)
            AND e.page = 'NextSong' WHERE e.page = 'NextSong'",
        "INSERT INTO users SELECT DISTINCT(userId) AS user_id, firstName, lastName, gender, level FROM staging_events
            WHERE user_id IS NOT NULL AND page = 'NextSong'",
        "INSERT INTO time SELECT DISTINCT(start_time) AS start_time, EXTRACT(hour FROM start_time) AS hour,
            EXTRACT(day FROM start_time) AS day, EXTRACT(week FROM start_time) AS week, EXTRACT(month FROM start_time) AS month,
            EXTRACT(year FROM start_time) AS year, EXTRACT(dayofweek FROM start_time) AS weekday FROM songplays",
    ];
    for statement in statements {
        run(&session, &statement.replace("{SAMPLE}", &sample.display().to_string())).await;
    }
    assert_eq!(
        rows(
            &session,
            "SELECT (SELECT count(*) FROM staging_events), (SELECT count(*) FROM staging_songs),
                    (SELECT count(*) FROM songplays), (SELECT count(*) FROM time),
                    (SELECT count(DISTINCT user_id) FROM users), (SELECT count(*) FROM songplays WHERE song_id IS NOT NULL)"
        )
        .await,
        ["8056|71|6820|6813|96|1"]
    );
    assert_eq!(
        rows(&session, "SELECT min(start_time), max(start_time) FROM songplays").await,
        ["2018-11-01 21:01:46.796|2018-11-30 19:54:24.796"]
    );
}
