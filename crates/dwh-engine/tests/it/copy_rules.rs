//! What COPY demands of its table, its user and S3, and where it tells of a load (RS 1.1, 1.3, 1.4, 1.13, 2).

use dwh_common::SqlState;
use dwh_engine::SessionOptions;
use dwh_testkit::Fault;

use crate::support::{bucket, error, rows, run};

fn copy(target: &str, key: &str, rest: &str) -> String {
    format!("COPY {target} FROM 's3://songs/{key}' IAM_ROLE default {rest}")
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_added_to_tables_of_both_kinds_and_to_no_view() {
    let (_s3, _fixture, session) = bucket(&[("n", b"1\n2\n")]).await;
    run(
        &session,
        "CREATE TABLE kept (n INT); CREATE TEMP TABLE passing (n INT); INSERT INTO kept VALUES (0)",
    )
    .await;
    run(&session, "CREATE VIEW seen AS SELECT n FROM kept").await;
    for table in ["kept", "passing"] {
        run(&session, &copy(table, "n", "")).await;
        run(&session, &copy(table, "n", "")).await;
    }
    assert_eq!(rows(&session, "SELECT count(*), sum(n) FROM kept").await, ["5|6"]);
    assert_eq!(rows(&session, "SELECT count(*), sum(n) FROM passing").await, ["4|6"]);
    let view = error(&session, &copy("seen", "n", "")).await;
    assert!(view.message.contains("seen") && view.state != SqlState::InternalError, "{view:?}");
    assert_eq!(error(&session, &copy("missing", "n", "")).await.state, SqlState::UndefinedTable);
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_needs_the_privilege_to_insert_and_the_owner_for_statupdate() {
    let (_s3, fixture, session) = bucket(&[("n", b"1\n")]).await;
    run(&session, "CREATE TABLE kept (n INT); CREATE USER loader PASSWORD 'Secret123'").await;
    run(&session, "GRANT SELECT ON kept TO loader").await;
    let loader = SessionOptions { user: "loader".to_owned(), ..SessionOptions::default() };
    let loader = fixture.engine.session_as(loader).expect("a session");
    assert_eq!(error(&loader, &copy("kept", "n", "")).await.state, SqlState::InsufficientPrivilege);
    run(&session, "GRANT INSERT ON kept TO loader").await;
    run(&loader, &copy("kept", "n", "COMPUPDATE OFF")).await;
    assert_eq!(rows(&loader, "SELECT n FROM kept").await, ["1"]);
    let statistics = error(&loader, &copy("kept", "n", "STATUPDATE ON")).await;
    assert_eq!(statistics.state, SqlState::InsufficientPrivilege, "{statistics:?}");
    run(&session, "ALTER TABLE kept OWNER TO loader").await;
    run(&loader, &copy("kept", "n", "STATUPDATE ON")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_list_names_columns_once() {
    let (_s3, _fixture, session) = bucket(&[("n", b"1|2\n")]).await;
    run(&session, "CREATE TABLE pairs (a INT, b INT)").await;
    let unknown = error(&session, &copy("pairs (a, c)", "n", "")).await;
    assert_eq!(unknown.state, SqlState::UndefinedColumn, "{unknown:?}");
    let twice = error(&session, &copy("pairs (a, a)", "n", "")).await;
    assert_eq!(twice.state, SqlState::DuplicateColumn, "{twice:?}");
    run(&session, &copy("pairs (b, a)", "n", "")).await;
    assert_eq!(rows(&session, "SELECT a, b FROM pairs").await, ["2|1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_columns_do_not_count_for_jsonpaths() {
    let paths = br#"{"jsonpaths": ["$.x"]}"#;
    let (_s3, _fixture, session) = bucket(&[("data", br#"{"x": "one"}"#), ("one.paths", paths)]).await;
    run(
        &session,
        "CREATE TABLE songs (id INT IDENTITY(0,1), title VARCHAR(9)); CREATE TABLE two (a INT, b INT)",
    )
    .await;
    run(&session, &copy("songs", "data", "JSON 's3://songs/one.paths'")).await;
    assert_eq!(rows(&session, "SELECT title FROM songs").await, ["one"]);
    let too_few = error(&session, &copy("two", "data", "JSON 's3://songs/one.paths'")).await;
    assert_eq!(
        too_few.message,
        "Number of jsonpaths and the number of columns should match. JSONPath size: 1, Number of columns in table \
         or column list: 2"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_s3_says_comes_with_a_detail_block_and_no_load_errors() {
    let (_s3, _fixture, session) = bucket(&[]).await;
    run(&session, "CREATE TABLE kept (n INT)").await;
    let missing = error(&session, &copy("kept", "no/such", "")).await;
    assert_eq!(missing.state, SqlState::LoadFailed);
    assert_eq!(missing.message, "The specified S3 prefix 'no/such' does not exist");
    let id = rows(&session, "SELECT pg_last_copy_id()").await.remove(0);
    let detail = missing.detail.expect("a detail block");
    let lines: Vec<&str> = detail.trim_start_matches('\n').lines().collect();
    let rule = "  -----------------------------------------------";
    assert_eq!(
        lines[..5],
        [
            rule,
            "  error:  The specified S3 prefix 'no/such' does not exist",
            "  code:      8001",
            "  context:   Listing bucket=songs prefix=no/such",
            &format!("  query:     {id}"),
        ]
    );
    assert!(lines[5].starts_with("  location:  ") && lines[6].starts_with("  process:   "), "{detail}");
    assert_eq!((lines.len(), lines[7]), (8, rule));
    assert_eq!(rows(&session, "SELECT count(*) FROM stl_load_errors").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_copy_is_the_last_that_loaded_or_tried_to() {
    let (_s3, _fixture, session) = bucket(&[("n", b"1\n2\n"), ("bad", b"x\n")]).await;
    run(&session, "CREATE TABLE kept (n INT)").await;
    let last = "SELECT pg_last_copy_id(), pg_last_copy_count()";
    assert_eq!(rows(&session, last).await, ["-1|0"]);
    run(&session, &copy("kept", "n", "")).await;
    let first = rows(&session, last).await.remove(0);
    assert!(first.ends_with("|2") && !first.starts_with('-'), "{first}");
    // What is refused before it loads is none.
    error(&session, &copy("kept", "n", "NO_SUCH_OPTION")).await;
    error(&session, &copy("missing", "n", "")).await;
    assert_eq!(rows(&session, last).await, std::slice::from_ref(&first));
    error(&session, &copy("kept", "bad", "")).await;
    let second = rows(&session, last).await.remove(0);
    assert!(second.ends_with("|0") && second != first, "{first} {second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_a_copy_reach_no_table() {
    let (_s3, _fixture, session) = bucket(&[("n", b"1\nx\n")]).await;
    run(&session, "CREATE TABLE kept (n INT)").await;
    for keys in [
        "ACCESS_KEY_ID 'dwh-test' SECRET_ACCESS_KEY 'dwh-test-secret' SESSION_TOKEN 'hush-hush'",
        "CREDENTIALS 'aws_access_key_id=dwh-test;aws_secret_access_key=dwh-test-secret;token=hush-hush'",
        "ACCESS_KEY_ID 'dwh-test' SECRET_ACCESS_KEY 'wrong-secret'",
    ] {
        let failed = error(&session, &format!("COPY kept FROM 's3://songs/n' {keys}")).await;
        assert!(
            !format!("{failed:?}").contains("secret'") && !format!("{failed:?}").contains("hush"),
            "{failed:?}"
        );
        run(
            &session,
            &format!("COPY kept FROM 's3://songs/n' {} MAXERROR 2", keys.replace("wrong-", "dwh-test-")),
        )
        .await;
    }
    for text in [
        "SELECT querytxt FROM stl_query",
        "SELECT text FROM svl_statementtext",
        "SELECT query_text FROM sys_query_history",
        "SELECT error_message FROM sys_query_history",
    ] {
        let found = rows(&session, text).await.join("\n");
        assert!(!found.contains("-secret") && !found.contains("hush"), "{text}: {found}");
    }
}

/// RS 2.1, 2.2: the tables that a script joins after a load that failed in part.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_loads_tells_its_part() {
    let (_s3, _fixture, session) =
        bucket(&[("plays/1", b"1|one|2018-11-01\n2|two|never\n"), ("plays/2", b"3|three|\n")]).await;
    run(&session, "CREATE TABLE plays (id INT, title VARCHAR(5), at DATE)").await;
    run(&session, &copy("plays", "plays/", "MAXERROR 5")).await;
    for (query, expected) in [
        (
            "SELECT trim(sp.name), trim(e.filename), e.line_number, trim(e.colname), trim(e.type), trim(e.raw_field_value) \
             FROM stl_load_errors e JOIN stv_tbl_perm sp ON e.tbl = sp.id WHERE e.query = pg_last_copy_id() GROUP BY 1, 2, 3, 4, 5, 6",
            &["plays|s3://songs/plays/1|2|at|date|never"][..],
        ),
        (
            "SELECT d.field, trim(d.colname), trim(d.value), d.is_null FROM stl_loaderror_detail d \
             JOIN stl_load_errors le ON d.query = le.query ORDER BY 1",
            &["0|id|2|0", "1|title|two|0", "2|at|never|0"],
        ),
        (
            "SELECT trim(filename), lines_scanned, errors, trim(file_format) FROM stl_load_commits ORDER BY 1",
            &["s3://songs/plays/1|2|1|Text", "s3://songs/plays/2|1|0|Text"],
        ),
        (
            "SELECT status, table_name, data_source, loaded_rows, source_file_count, error_count FROM sys_load_history",
            &["completed|plays|s3://songs/plays/|2|2|1"],
        ),
        (
            "SELECT trim(file_name), line_number, trim(column_name), trim(column_type), error_code FROM sys_load_error_detail \
             WHERE query_id = pg_last_copy_id()",
            &["s3://songs/plays/1|2|at|date|1205"],
        ),
        (
            "SELECT trim(file_name), lines_scanned FROM sys_load_detail ORDER BY 1",
            &["s3://songs/plays/1|2", "s3://songs/plays/2|1"],
        ),
    ] {
        assert_eq!(rows(&session, query).await, expected, "{query}");
    }
}

/// What is wrong, where it is and what to do: message, detail and hint together name all three.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_input_is_told_with_its_place_and_a_remedy() {
    let (s3, _fixture, session) = bucket(&[
        ("data.json", br#"{"a": 1}"#),
        ("list", br#"{"entries": [{"url": "s3://songs/gone", "mandatory": true}]}"#),
        ("nothing", br#"{"entries": [{"url": "s3://songs/gone"}]}"#),
        ("no_list", br#"{"entries": {}}"#),
        ("folder/x", b"1\n"),
        ("mixed.paths", br#"{"jsonpaths": ["$.a['b']"]}"#),
        ("open.paths", br#"{"jsonpaths": ["$['a'"]"#),
        ("three.paths", br#"{"jsonpaths": ["$.a", "$.b", "$.c"]}"#),
    ])
    .await;
    run(&session, "CREATE TABLE kept (a INT)").await;
    for (statement, told) in [
        (copy("kept", "list", "JSON MANIFEST"), &["Mandatory url", "s3://songs/gone", "Upload the object", "s3://songs/list"][..]),
        (copy("kept", "nothing", "JSON MANIFEST"), &["None of the objects", "s3://songs/nothing"]),
        (copy("kept", "no_list", "JSON MANIFEST"), &["Problem reading manifest file", "line 1, column", "s3://songs/no_list"]),
        (copy("kept", "folder/", "MANIFEST"), &["requires full path of an S3 object", "s3://songs/folder/"]),
        (copy("kept", "absent_list", "MANIFEST"), &["Problem reading manifest file", "NoSuchKey", "s3://songs/absent_list"]),
        (copy("kept", "data.json", "JSON 's3://songs/mixed.paths'"), &["must not be mixed", "$.a['b']", "s3://songs/mixed.paths"]),
        (copy("kept", "data.json", "JSON 's3://songs/open.paths'"), &["Invalid JSONPath format", "line 1 column", "s3://songs/open.paths"]),
        (copy("kept", "data.json", "JSON 's3://songs/three.paths'"), &["JSONPath size: 3", "column list: 1", "s3://songs/three.paths"]),
        (copy("kept", "data.json", "JSON 's3://songs/absent.paths'"), &["NoSuchKey", "s3://songs/absent.paths"]),
        (copy("kept", "data.json", "JSON GZIP"), &["s3://songs/data.json is not valid GZIP data", "leave it out for plain objects"]),
        (copy("kept", "absent/", ""), &["'absent/' does not exist", "Check bucket and prefix", "s3://songs/absent/"]),
        (copy("kept", "", "JSON").replace("s3://songs/", "s3://nowhere/x"), &["NoSuchBucket", "s3://nowhere/x"]),
        (copy("kept", "data.json", "JSON TIMEFORMAT 'YYYY-QQ'"), &["TIMEFORMAT", "QQ", "YYYY-QQ"]),
        (copy("kept", "data.json", "FIXEDWIDTH 'a:1,b:2'"), &["FIXEDWIDTH", "2 widths are given for 1 columns"]),
        (
            "COPY kept FROM 's3://songs/data.json' JSON ACCESS_KEY_ID 'unknown' SECRET_ACCESS_KEY 'x'".to_owned(),
            &["S3ServiceException:", "Status 403", "s3://songs/data.json"],
        ),
        (
            "COPY kept FROM 's3://songs/data.json' JSON ACCESS_KEY_ID 'dwh-test' SECRET_ACCESS_KEY 'x'".to_owned(),
            &["SignatureDoesNotMatch", "Check the keys of the statement"],
        ),
        (
            "COPY kept FROM 's3://songs/data.json' JSON CREDENTIALS 'aws_access_key_id=a; aws_secret_access_key=b'".to_owned(),
            &["Invalid credentials. Must be of the format"],
        ),
        (
            "COPY kept FROM 's3://songs/data.json' JSON CREDENTIALS 'aws_access_key_id=a'".to_owned(),
            &["Invalid credentials. Must be of the format"],
        ),
        ("COPY kept FROM 'songs/data.json' JSON".to_owned(), &["No file begins with", "songs/data.json"]),
        ("COPY kept FROM 'gs://songs/data.json' JSON".to_owned(), &["gs://songs/data.json"]),
    ] {
        let failed = error(&session, &statement).await;
        let all = format!("{}\n{}\n{}", failed.message, failed.detail.unwrap_or_default(), failed.hint.unwrap_or_default());
        for word in told {
            assert!(all.contains(word), "{statement}\nlacks {word:?}:\n{all}");
        }
    }
    s3.move_to_region("eu-west-1");
    let elsewhere = error(&session, &copy("kept", "data.json", "JSON REGION 'us-west-2'")).await;
    assert!(elsewhere.message.contains("Status 301,Error PermanentRedirect"), "{elsewhere:?}");
    assert!(elsewhere.hint.is_some_and(|hint| hint.contains("REGION")));
    s3.move_to_region("us-east-1");
    s3.inject("/songs/data.json", Fault::Status(403, "AccessDenied"), 1);
    let denied = error(&session, &copy("kept", "data.json", "JSON")).await;
    assert!(denied.message.contains("S3ServiceException:") && denied.hint.is_some(), "{denied:?}");
    assert_eq!(rows(&session, "SELECT count(*) FROM kept").await, ["0"]);
}
