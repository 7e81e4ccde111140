//! What public warehouse scripts rely on (RS 10.2), through the whole engine. Expected values are
//! PostgreSQL's where Redshift agrees with it, and the reference's otherwise.

use dwh_common::SqlState;

use crate::support::{Fixture, error, rows, run};

async fn staging(fixture: &Fixture) -> dwh_engine::Session {
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE staging_events (artist VARCHAR, page VARCHAR, song VARCHAR, ts BIGINT, ts_text VARCHAR,
                                      userid VARCHAR, level VARCHAR, length DECIMAL(10,5), sessionid INT);
         INSERT INTO staging_events VALUES
           ('Elena', 'NextSong', 'Setanta matins', 1543537327796, '1543537327796', '91', 'free', 269.58322, 829),
           ('Muse', 'NextSong', 'Uprising', 1541105830796, '1541105830796', '8', 'paid', 304.84, 139),
           (NULL, 'Home', NULL, 1541106106796, '1541106106796', '', 'free', NULL, 139)",
    )
    .await;
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn epoch_milliseconds_become_timestamps_in_every_spelling() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    for expression in [
        "TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 second'",
        "TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 Second '",
        "TIMESTAMP 'epoch' + (ts/1000) * INTERVAL '1 second'",
        "TIMESTAMP 'epoch' + CAST(ts AS BIGINT)/1000 * INTERVAL '1 second'",
        "DATE '1970-01-01' + ts/1000 * INTERVAL '1 second'",
        "DATEADD(second, ts/1000, '1970-01-01')",
        "DATEADD('second', ts/1000, '1970-01-01'::timestamp)",
    ] {
        assert_eq!(
            rows(&session, &format!("SELECT {expression} AS start_time FROM staging_events WHERE page = 'NextSong' ORDER BY ts")).await,
            ["2018-11-01 20:57:10", "2018-11-30 00:22:07"],
            "{expression}"
        );
    }
    assert_eq!(
        rows(
            &session,
            "SELECT TIMESTAMP 'epoch' + ts * INTERVAL '0.001 seconds' FROM staging_events WHERE userid = '91'"
        )
        .await,
        ["2018-11-30 00:22:07.796"]
    );
    assert_eq!(
        rows(&session, "SELECT TIMESTAMP 'epoch' + ts/1000.0 * INTERVAL '1 second' FROM staging_events WHERE userid = '91'").await,
        ["2018-11-30 00:22:07.796"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_is_known_in_the_same_list_and_in_where() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    assert_eq!(
        rows(
            &session,
            "SELECT DISTINCT TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 second' AS start_time,
                    EXTRACT(hour FROM start_time) AS hour, EXTRACT(week FROM start_time), EXTRACT(weekday FROM start_time)
             FROM staging_events WHERE page = 'NextSong' AND start_time > '2018-11-15' ORDER BY start_time"
        )
        .await,
        ["2018-11-30 00:22:07|0|48|5"]
    );
    // The column of the table wins over the alias.
    assert_eq!(
        rows(&session, "SELECT 'x' AS level, level || 'y' AS both FROM staging_events WHERE userid = '8'")
            .await,
        ["x|paidy"]
    );
    run(
        &session,
        "CREATE TABLE users (user_id INT, level VARCHAR(4)); INSERT INTO users VALUES (91, 'free')",
    )
    .await;
    assert_eq!(
        rows(
            &session,
            "SELECT DISTINCT userid::int AS user_id, level FROM staging_events
             WHERE page = 'NextSong' AND user_id NOT IN (SELECT DISTINCT user_id FROM users)"
        )
        .await,
        ["8|paid"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sub_selects_need_no_name_and_names_fold() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    assert_eq!(
        rows(&session, "SELECT count(*) FROM (SELECT DISTINCT page FROM staging_events)").await,
        ["2"]
    );
    run(&session, "CREATE TABLE \"Mixed\" (\"userId\" INT)").await;
    run(&session, "INSERT INTO mixed (userid) VALUES (3)").await;
    assert_eq!(rows(&session, "SELECT m.\"USERID\" FROM MIXED m").await, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn inserts_of_every_shape_fill_their_table() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    run(
        &session,
        "CREATE TABLE plays (play_id INT IDENTITY(0,1) PRIMARY KEY, start_time TIMESTAMP NOT NULL SORTKEY,
                             user_id INT DISTKEY, level VARCHAR, active BOOLEAN)",
    )
    .await;
    run(
        &session,
        "INSERT INTO plays (start_time, user_id, level)
         WITH songs AS (SELECT * FROM staging_events WHERE page = 'NextSong')
         SELECT TIMESTAMP 'epoch' + ts/1000 * INTERVAL '1 second', userid::int, level FROM songs ORDER BY ts",
    )
    .await;
    run(&session, "INSERT INTO plays (SELECT start_time, user_id + 1, level, 1 FROM plays)").await;
    run(
        &session,
        "INSERT INTO plays (user_id, start_time) SELECT DISTINCT sessionid, GETDATE() FROM staging_events",
    )
    .await;
    assert_eq!(
        rows(&session, "SELECT user_id, level, active FROM plays ORDER BY user_id").await,
        ["8|paid|NULL", "9|paid|true", "91|free|NULL", "92|free|true", "139|NULL|NULL", "829|NULL|NULL"]
    );
    assert_eq!(rows(&session, "SELECT min(play_id), count(DISTINCT play_id) FROM plays").await, ["0|6"]);
    assert_eq!(
        rows(&session, "SELECT DISTINCT(userid) AS user_id, level FROM staging_events ORDER BY 1").await,
        ["|free", "8|paid", "91|free"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_text_meet_as_redshift_says() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    assert_eq!(rows(&session, "SELECT count(*) FROM staging_events WHERE userid = 8").await, ["1"]);
    assert_eq!(rows(&session, "SELECT '' <> ' ', 'a' = 'a  '").await, ["false|true"]);
    assert_eq!(rows(&session, "SELECT 7/2, -7/2, 7/2.0").await, ["3|-3|3.5000"]);
    assert_eq!(
        rows(&session, "SELECT AVG(sessionid), SUM(sessionid) FROM staging_events").await,
        ["369|1107"]
    );
    assert_eq!(error(&session, "SELECT 1/0").await.state, SqlState::DivisionByZero);
    assert_eq!(
        rows(
            &session,
            "SELECT NVL(artist, 'none'), DECODE(level, 'free', 0, 1) FROM staging_events WHERE page = 'Home'"
        )
        .await,
        ["none|0"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn text_too_long_is_refused_and_a_cast_cuts_it() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a VARCHAR(3))").await;
    assert_eq!(
        error(&session, "INSERT INTO t VALUES ('abcd')").await.state,
        SqlState::StringDataRightTruncation
    );
    assert_eq!(
        error(&session, "INSERT INTO t VALUES ('aéé')").await.state,
        SqlState::StringDataRightTruncation
    );
    run(&session, "INSERT INTO t VALUES ('abc  '), ('abcd'::varchar(3))").await;
    assert_eq!(rows(&session, "SELECT a FROM t").await, ["abc", "abc"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_those_of_redshift() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    let results = session
        .execute("SELECT count(*), count(page), sum(ts), 1, ts + 1, EXTRACT(hour FROM GETDATE()), level, level FROM staging_events GROUP BY level, ts")
        .await
        .expect("a query");
    let schema = results[0].result.as_ref().expect("rows").schema.clone();
    let labels: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(labels, ["count", "count", "sum", "?column?", "?column?", "date_part", "level", "level"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_how_names_are_read_and_shown() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (\"MixedCase\" INT); INSERT INTO t VALUES (1)").await;
    assert_eq!(rows(&session, "SELECT mixedcase FROM t").await, ["1"]);
    run(&session, "SET enable_case_sensitive_identifier TO true").await;
    assert_eq!(error(&session, "SELECT \"MixedCase\" FROM t").await.state, SqlState::UndefinedColumn);
    run(&session, "CREATE TABLE u (\"MixedCase\" INT); CREATE VIEW v AS SELECT \"MixedCase\" FROM u").await;
    assert_eq!(rows(&session, "SELECT count(\"MixedCase\") FROM v").await, ["0"]);
    run(&session, "SET describe_field_name_in_uppercase TO on").await;
    let results = session.execute("SELECT 1 AS one").await.expect("a query");
    assert_eq!(results[0].result.as_ref().expect("rows").schema.field(0).name(), "ONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_redshift_refuses_is_refused() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT)").await;
    for (sql, state) in [
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", SqlState::SyntaxError),
        ("CREATE TABLE u (a INT IDENTITY)", SqlState::SyntaxError),
        ("INSERT INTO t (b) VALUES (1)", SqlState::UndefinedColumn),
        ("INSERT INTO t VALUES (1, 2)", SqlState::SyntaxError),
        ("CREATE TABLE u (a INT REFERENCES nowhere (a))", SqlState::UndefinedTable),
        ("CREATE TABLE t (a INT)", SqlState::DuplicateTable),
        ("DROP TABLE nowhere", SqlState::UndefinedTable),
        ("SELECT * FROM nowhere", SqlState::UndefinedTable),
    ] {
        let refused = error(&session, sql).await;
        assert!(
            refused.state == state || refused.state == SqlState::FeatureNotSupported,
            "{sql}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogs_show_keys_types_and_rows() {
    let fixture = Fixture::new();
    let session = staging(&fixture).await;
    run(
        &session,
        "CREATE TABLE songplays (songplay_id BIGINT IDENTITY(0,1), song_id VARCHAR(18) NOT NULL DISTKEY ENCODE zstd, n NUMERIC(8,2))
         COMPOUND SORTKEY (song_id, n)",
    )
    .await;
    assert_eq!(
        rows(&session, "SELECT \"column\", type, encoding, distkey, sortkey, \"notnull\" FROM pg_table_def WHERE tablename = 'songplays'").await,
        [
            "songplay_id|bigint|az64|false|0|true",
            "song_id|character varying(18)|zstd|true|1|true",
            "n|numeric(8,2)|none|false|2|false",
        ]
    );
    assert_eq!(
        rows(&session, "SELECT \"table\", tbl_rows, diststyle FROM svv_table_info").await,
        ["staging_events|3|AUTO(ALL)"]
    );
    assert_eq!(
        rows(
            &session,
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
        )
        .await,
        ["songplays", "staging_events"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_and_union_have_the_type_that_all_branches_fit() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE t (i INT, b BIGINT, n NUMERIC(10,2), f FLOAT8, d DATE, s VARCHAR(9));
         INSERT INTO t VALUES (1, 7000000000, 12.34, 1e10, '2020-02-29', 'Muse'), (-1, 2, 0.5, 2.5, '2019-01-01', NULL)",
    )
    .await;
    for (expression, expected) in [
        ("CASE WHEN i > 0 THEN 1 ELSE 2.5 END", ["2.5", "1.0"]),
        ("(CASE WHEN i > 0 THEN 1 ELSE 2.5 END) * 2", ["5.0", "2.0"]),
        ("CASE WHEN i < 0 THEN i ELSE b END", ["-1", "7000000000"]),
        ("CASE WHEN i < 0 THEN n ELSE f END", ["0.5", "10000000000.0"]),
        (
            "CASE WHEN i < 0 THEN d ELSE TIMESTAMP '2018-11-30 01:02:03' END",
            ["2019-01-01 00:00:00", "2018-11-30 01:02:03"],
        ),
        ("CASE WHEN s IS NULL THEN 'none' ELSE s END", ["none", "Muse"]),
        ("CASE WHEN i > 0 THEN '1' ELSE 2 END + 1", ["3", "2"]),
    ] {
        assert_eq!(
            rows(&session, &format!("SELECT {expression} FROM t ORDER BY i")).await,
            expected,
            "{expression}"
        );
    }
    for (query, expected) in [
        ("SELECT 1 AS c UNION ALL SELECT 2.5 ORDER BY c", ["1.0", "2.5"]),
        ("SELECT NULL AS c UNION ALL SELECT 1 ORDER BY c", ["1", "NULL"]),
        (
            "SELECT n AS c FROM t WHERE i < 0 UNION ALL SELECT f FROM t WHERE i > 0 ORDER BY c",
            ["0.5", "10000000000.0"],
        ),
        ("SELECT c * 2 FROM (SELECT 1 AS c UNION ALL SELECT 2.5) ORDER BY c", ["2.0", "5.0"]),
        ("WITH q AS (SELECT 1 AS c UNION ALL SELECT 2.5) SELECT c + 1 FROM q ORDER BY c", ["2.0", "3.5"]),
        (
            "SELECT i, SUM(CASE WHEN i > 0 THEN 1 ELSE 2.5 END) FROM t GROUP BY i
             HAVING SUM(CASE WHEN i > 0 THEN 1 ELSE 2.5 END) > 0 ORDER BY i",
            ["-1|2.5", "1|1.0"],
        ),
    ] {
        assert_eq!(rows(&session, query).await, expected, "{query}");
    }
    run(
        &session,
        "CREATE TABLE made AS SELECT 1 AS c, 'a' AS s UNION ALL SELECT 2.5, 'longer';
         CREATE VIEW seen AS SELECT 1 AS c UNION ALL SELECT 2.5",
    )
    .await;
    assert_eq!(rows(&session, "SELECT c, s FROM made ORDER BY c").await, ["1.0|a", "2.5|longer"]);
    assert_eq!(rows(&session, "SELECT c * 2 FROM seen ORDER BY c").await, ["2.0", "5.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn default_in_values_asks_for_an_identity_value() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (id INT IDENTITY(1,1), x INT, y INT DEFAULT 7)").await;
    run(&session, "INSERT INTO t VALUES (DEFAULT, 5, 6), (DEFAULT, 8, DEFAULT); INSERT INTO t VALUES (9)")
        .await;
    assert_eq!(rows(&session, "SELECT x, y FROM t ORDER BY x").await, ["5|6", "8|7", "9|7"]);
    assert_eq!(rows(&session, "SELECT COUNT(DISTINCT id), COUNT(*) FROM t").await, ["3|3"]);
    assert_eq!(error(&session, "INSERT INTO t VALUES (1, 5, 6)").await.state, SqlState::SyntaxError);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_query_that_cannot_be_planned_is_refused_by_name() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT); CREATE TABLE u (b INT); INSERT INTO t VALUES (1)").await;
    for (sql, name) in [
        (
            "SELECT (SELECT max(b) FROM u WHERE b > a GROUP BY ROLLUP (b) LIMIT 1) FROM t",
            "GROUPING SETS in a correlated sub-query is not supported",
        ),
        (
            "SELECT * FROM t LEFT JOIN u ON b = (SELECT max(x.b) FROM u x WHERE x.b > t.a AND x.b < u.b)",
            "a sub-query in ON about both sides of an outer join is not supported",
        ),
    ] {
        let refused = error(&session, sql).await;
        assert_eq!((refused.state, refused.message.as_str()), (SqlState::FeatureNotSupported, name), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_moves_a_time_around_the_clock() {
    let fixture = Fixture::new();
    let session = fixture.session();
    assert_eq!(
        rows(&session, "SELECT TIME '12:34:56' + INTERVAL '1 hour', TIME '23:30' + INTERVAL '1 hour'").await,
        ["13:34:56|00:30:00"]
    );
    assert_eq!(
        rows(&session, "SELECT TIME '00:30' - INTERVAL '1 hour', INTERVAL '1 minute' + TIME '10:00'").await,
        ["23:30:00|10:01:00"]
    );
}

/// As PostgreSQL 15: a bare NULL is text, and in a UNION has the type of the other branches.
#[tokio::test(flavor = "multi_thread")]
async fn a_null_without_a_type_is_null_in_a_result() {
    let fixture = Fixture::new();
    let session = fixture.session();
    for (sql, expected) in [
        ("SELECT NULL AS n, '' AS e", vec!["NULL|"]),
        ("SELECT COALESCE(NULL, NULL)", vec!["NULL"]),
        ("SELECT NULL AS n UNION ALL SELECT 1 ORDER BY 1", vec!["1", "NULL"]),
        ("SELECT NULL AS n UNION ALL SELECT 'x' ORDER BY 1", vec!["x", "NULL"]),
        ("SELECT NULL UNION ALL SELECT NULL", vec!["NULL", "NULL"]),
    ] {
        assert_eq!(rows(&session, sql).await, expected, "{sql}");
        let result = session.execute(sql).await.expect("runs").remove(0).result.expect("rows");
        assert!(result.batches.iter().any(|batch| batch.column(0).null_count() > 0), "{sql}");
    }
}
