//! UNLOAD through the engine: what it writes, COPY reads back; notices, history, transactions (RS 6).

use std::path::Path;

use dwh_common::SqlState;

use crate::support::{Fixture, error, rows, run};

const TABLE: &str = "CREATE TABLE plays (id INT, level VARCHAR(10), at TIMESTAMP, price DECIMAL(10,2), \
                     paid BOOLEAN, day DATE, length DOUBLE PRECISION, meta SUPER)";
const ROWS: &str = r#"INSERT INTO plays VALUES
    (1, 'paid', '2018-11-30 17:31:24.796', 1.10, true, '2018-11-30', 0.5, JSON_PARSE('{"a":[1,2]}')),
    (2, 'free', '2018-11-01 00:00:00', -0.05, false, '2018-11-01', 2.25, NULL),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"#;

async fn fixture() -> (Fixture, dwh_engine::Session) {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, TABLE).await;
    run(&session, ROWS).await;
    (fixture, session)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn unload_reports_its_rows_and_keeps_a_history() {
    let (_fixture, session) = fixture().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display();
    assert_eq!(rows(&session, "SELECT pg_last_unload_id(), pg_last_unload_count()").await, ["-1|0"]);
    let sql = format!(
        "UNLOAD ('select id, level from plays where level = ''paid''') TO '{path}/paid_' PARALLEL OFF"
    );
    let results = session.execute(&sql).await.expect("unloads");
    assert_eq!(results[0].tag, "UNLOAD");
    assert_eq!(
        results[0].notices[0].to_string(),
        "INFO:  UNLOAD completed, 1 record(s) unloaded successfully."
    );
    assert_eq!(std::fs::read_to_string(folder.path().join("paid_000")).expect("a file"), "1|paid\n");
    assert_eq!(rows(&session, "SELECT pg_last_unload_count()").await, ["1"]);
    assert_eq!(
        rows(
            &session,
            "SELECT status, file_format, compression_type, unloaded_location, unloaded_rows, \
             unloaded_files_count, unloaded_files_size, error_message FROM sys_unload_history"
        )
        .await,
        [format!("completed|Text|none|{path}/paid_|1|1|7|")]
    );
    for table in [
        "SELECT query, slice, trim(path), line_count, transfer_size, trim(file_format) FROM stl_unload_log",
        "SELECT query_id, 0, trim(file_name), line_count, transfer_size, trim(file_format) FROM sys_unload_detail",
    ] {
        let id = rows(&session, "SELECT pg_last_unload_id()").await.remove(0);
        assert_eq!(rows(&session, table).await, [format!("{id}|0|{path}/paid_000|1|7|Text")]);
    }

    let refused = error(&session, &sql).await;
    assert!(refused.message.contains("is not empty"), "{refused:?}");
    assert_eq!(rows(&session, "SELECT pg_last_unload_count()").await, ["0"]);
    assert_eq!(
        rows(
            &session,
            "SELECT status, unloaded_rows, error_message <> '' FROM sys_unload_history ORDER BY query_id"
        )
        .await,
        ["completed|1|false", "aborted|0|true"]
    );
}

/// Text that a format must keep apart from its own signs, NULL and empty text among it.
const NOTES: &str = r#"CREATE TABLE notes (id INT, note VARCHAR(60), price DECIMAL(10,2), day DATE);
    INSERT INTO notes VALUES
    (1, 'a|b,c', 1.50, '2018-11-30'), (2, 'say "yes"', -0.05, '0099-01-31'), (3, 'it''s', 0, NULL),
    (4, 'two' || CHR(10) || 'lines', NULL, '2018-11-01'), (5, ' blanks ', 3, '2018-11-02'), (6, '', 4, '2018-11-03'),
    (7, NULL, 5, '2018-11-04'), (8, 'café 🎵', 6, '2018-11-05'), (9, 'back\\slash \\N', 7, '2018-11-06'),
    (10, 'tab' || CHR(9) || 'cr' || CHR(13) || '.', 8, '2018-11-07')"#;

/// RS 6: what UNLOAD writes, COPY reads back equal, given the options that belong to each other.
#[tokio::test(flavor = "multi_thread")]
async fn what_unload_writes_copy_reads_back() {
    let (_fixture, session) = fixture().await;
    run(&session, NOTES).await;
    let fixed = "FIXEDWIDTH 'id:3,note:20,price:6,day:10'";
    let cases = [
        ("plays", "*", "JSON GZIP".to_owned(), "JSON 'auto' GZIP TIMEFORMAT 'auto'".to_owned()),
        ("plays", "*", "PARQUET".to_owned(), "FORMAT AS PARQUET SERIALIZETOJSON".to_owned()),
        (
            "plays",
            "*",
            "CSV NULL AS '@' ZSTD".to_owned(),
            "CSV NULL AS '@' ZSTD TIMEFORMAT 'auto'".to_owned(),
        ),
        ("notes", "*", "JSON".to_owned(), "JSON 'auto'".to_owned()),
        ("notes", "*", "PARQUET".to_owned(), "PARQUET".to_owned()),
        ("notes", "*", "CSV NULL AS '@'".to_owned(), "CSV NULL AS '@'".to_owned()),
        (
            "notes",
            "*",
            "CSV DELIMITER '|' NULL AS '@' HEADER".to_owned(),
            "CSV DELIMITER '|' NULL AS '@' IGNOREHEADER 1".to_owned(),
        ),
        ("notes", "*", "ESCAPE NULL AS '@'".to_owned(), "ESCAPE NULL AS '@'".to_owned()),
        (
            "notes",
            "*",
            "ESCAPE DELIMITER ',' BZIP2".to_owned(),
            "ESCAPE DELIMITER ',' NULL AS '' BZIP2 EMPTYASNULL".to_owned(),
        ),
        (
            "notes",
            "*",
            "ADDQUOTES ESCAPE NULL AS '@'".to_owned(),
            "REMOVEQUOTES ESCAPE NULL AS '@'".to_owned(),
        ),
        ("notes", "id in (1,2,3)", fixed.to_owned(), format!("{fixed} TRIMBLANKS")),
    ];
    for (number, (table, only, unload, copy)) in cases.iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display();
        let only = if *only == "*" { "true" } else { only };
        // EMPTYASNULL cannot tell the two apart.
        let expected = if copy.contains("EMPTYASNULL") {
            format!("(SELECT id, NULLIF(note, '') AS note, price, day FROM {table})")
        } else {
            format!("(SELECT * FROM {table} WHERE {only})")
        };
        let back = format!("back_{number}");
        run(
            &session,
            &format!("UNLOAD ('select * from {table} where {only}') TO '{path}/u' {unload} MANIFEST VERBOSE"),
        )
        .await;
        run(&session, &format!("CREATE TABLE {back} (LIKE {table})")).await;
        run(&session, &format!("COPY {back} FROM '{path}/umanifest' MANIFEST {copy}")).await;
        for (left, right) in [
            (expected.clone(), format!("(SELECT * FROM {back})")),
            (format!("(SELECT * FROM {back})"), expected.clone()),
        ] {
            let difference = format!("{left} EXCEPT {right} ORDER BY 1");
            assert_eq!(rows(&session, &difference).await, [""; 0], "{unload} and {copy}");
        }
        let count = |table: &str| format!("SELECT count(*) FROM {table}");
        assert_eq!(
            rows(&session, &count(&back)).await,
            rows(&session, &count(&format!("{expected} e"))).await,
            "{unload} and {copy}"
        );
    }
}

/// One column of each type, at the ends of its range.
const EVERYTHING: &str = r#"CREATE TABLE everything (a SMALLINT, b INT, c BIGINT, d DECIMAL(10,2), e DECIMAL(38,10),
        f REAL, g DOUBLE PRECISION, h BOOLEAN, i CHAR(5), j VARCHAR(20), k DATE, l TIME, m TIMESTAMP, n TIMESTAMPTZ,
        o SUPER, p VARBYTE(20), q TIMETZ, r INTERVAL YEAR TO MONTH, s INTERVAL DAY TO SECOND);
    INSERT INTO everything VALUES
    (-32768, -2147483648, -9223372036854775807, -0.05, '1234567890123456789012345678.0123456789', 0.1,
     '0.30000000000000004', true, 'ab', 'né|,"', '0099-01-31', '23:59:59.999999', '2018-11-30 17:31:24.796123',
     '2018-11-30 17:31:24.796123+02', JSON_PARSE('{"x":[1,null,"y"]}'), TO_VARBYTE('00ff7c', 'hex'),
     '10:11:12.5+02', INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3 04:05:06.789' DAY TO SECOND),
    (32767, 2147483647, 9223372036854775807, 99999999.99, '-0.0000000001', -1.5, '1e300', false, '', '', '9999-12-31',
     '00:00:00', '0099-01-31 00:00:00', '1969-12-31 23:59:59.999999+00', JSON_PARSE('"text"'), TO_VARBYTE('ff', 'hex'),
     '23:59:59-11', INTERVAL '-1-2' YEAR TO MONTH, INTERVAL '-3 04:05:06' DAY TO SECOND)"#;

/// RS 6: each type comes back as it was, from each format that takes it; VARBYTE is for text and CSV only.
#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_type_come_back_equal_from_every_format() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, EVERYTHING).await;
    let most = "a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, q, r, s";
    let all = format!("{most}, p");
    let cases = [
        ("ESCAPE NULL AS '@'", "ESCAPE NULL AS '@' TIMEFORMAT 'auto'", all.as_str()),
        ("CSV NULL AS '@'", "CSV NULL AS '@' TIMEFORMAT 'auto'", all.as_str()),
        // JSON's numbers pass through a double (RS 1.7): no decimals of 38 digits.
        (
            "JSON",
            "JSON 'auto' TIMEFORMAT 'auto' ROUNDEC",
            "a, b, c, d, f, g, h, i, j, k, l, m, n, o, q, r, s",
        ),
        ("PARQUET", "PARQUET SERIALIZETOJSON", most),
    ];
    for (number, (unload, copy, columns)) in cases.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display();
        run(&session, &format!("UNLOAD ('select {columns} from everything') TO '{path}/u' {unload}")).await;
        run(&session, &format!("CREATE TABLE every_{number} (LIKE everything)")).await;
        run(&session, &format!("COPY every_{number} ({columns}) FROM '{path}/u' {copy}")).await;
        let rows_of = async |table: &str| {
            let columns =
                columns.replace("o", "JSON_SERIALIZE(o)").replace(", p", ", FROM_VARBYTE(p, 'hex')");
            rows(&session, &format!("SELECT {columns} FROM {table} ORDER BY a")).await
        };
        assert_eq!(
            rows_of(&format!("every_{number}")).await,
            rows_of("everything").await,
            "{unload} and {copy}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unload_in_a_block_reads_the_rows_of_the_block() {
    let (_fixture, session) = fixture().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display();
    run(&session, "BEGIN").await;
    run(&session, "DELETE FROM plays WHERE id < 3").await;
    run(&session, "INSERT INTO plays (id) VALUES (9)").await;
    run(&session, &format!("UNLOAD ('select id from plays order by id desc') TO '{path}/b' PARALLEL OFF"))
        .await;
    run(&session, "ROLLBACK").await;
    assert_eq!(std::fs::read_to_string(folder.path().join("b000")).expect("a file"), "9\n3\n");
    assert_eq!(rows(&session, "SELECT count(*) FROM plays").await, ["3"]);
    // What was written stays, as on S3: it is no part of the transaction.
    assert_eq!(names(folder.path()), ["b000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn serial_files_follow_the_order_of_the_query() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE n (i INT)").await;
    run(&session, "INSERT INTO n VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)").await;
    let many = "SELECT a.i * 10000 + b.i * 1000 + c.i * 100 + d.i * 10 + e.i AS x, f.i AS part \
                FROM n a, n b, n c, n d, n e, n f WHERE f.i < 6";
    run(&session, &format!("CREATE TABLE many AS {many}")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display();
    run(&session, &format!("UNLOAD ('select x from many order by part, x') TO '{path}/s/' PARALLEL OFF"))
        .await;
    let text = std::fs::read_to_string(folder.path().join("s/000")).expect("a file");
    let expected: String = (0..6).flat_map(|_| (0..100_000).map(|x| format!("{x}\n"))).collect();
    assert!(text == expected, "600,000 lines in order");

    // In parallel each file of a partition is in order too, and no file holds two partitions.
    run(&session, &format!("UNLOAD ('select * from many order by x') TO '{path}/p' PARTITION BY (part) CSV"))
        .await;
    assert_eq!(names(&folder.path().join("p")), (0..6).map(|n| format!("part={n}")).collect::<Vec<_>>());
    let mut total = 0;
    for part in 0..6 {
        let part = folder.path().join(format!("p/part={part}"));
        for name in names(&part) {
            assert!(name.ends_with("_part_00"), "one file a slice: {name}");
            let text = std::fs::read_to_string(part.join(name)).expect("a file");
            let numbers: Vec<u32> = text.lines().map(|line| line.parse().expect("a number")).collect();
            assert!(numbers.is_sorted());
            total += numbers.len();
        }
    }
    assert_eq!(total, 600_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_unloads_are_refused_and_leave_nothing() {
    let (_fixture, session) = fixture().await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), "").expect("written");
    let path = folder.path().display();
    for (query, rest, state) in [
        ("select id, level as id from plays", "JSON", SqlState::DuplicateColumn),
        ("select id from plays", "PARTITION BY (level)", SqlState::UndefinedColumn),
        ("select level from plays", "PARTITION BY (level)", SqlState::InvalidParameterValue),
        ("select id, length from plays", "PARTITION BY (length)", SqlState::FeatureNotSupported),
        ("select 1 / (id - 3) from plays", "", SqlState::DivisionByZero),
        ("select nope from plays", "", SqlState::UndefinedColumn),
        ("select * from no_such_table", "", SqlState::UndefinedTable),
    ] {
        let sql = format!("UNLOAD ('{query}') TO '{path}/out' {rest}");
        let refused = error(&session, &sql).await;
        assert_eq!(refused.state, state, "{sql}: {refused:?}");
        assert_eq!(names(folder.path()), ["file"], "{sql}");
    }
    let sql = format!("UNLOAD ('select nope from plays') TO '{path}/out'");
    let position = error(&session, &sql).await.position.expect("a position");
    assert_eq!(&sql[position - 1..position + 3], "nope");
    let below = error(&session, &format!("UNLOAD ('select 1') TO '{path}/file/x'")).await;
    assert!(below.message.contains("file/x"), "{below:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_an_unload_reach_no_table() {
    let (_fixture, session) = fixture().await;
    let sql = "UNLOAD ('select 1') TO 's3://127.0.0.1/x' ACCESS_KEY_ID 'AKIASECRET' SECRET_ACCESS_KEY 'hush' \
               REGION 'no-such-region'";
    let failed = error(&session, sql).await;
    assert!(!format!("{failed:?}").contains("hush"), "{failed:?}");
}
