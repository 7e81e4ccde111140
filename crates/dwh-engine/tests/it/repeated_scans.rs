//! Columns that are read again come from memory, and rows that no join needs are not grouped; results stay the same.

use dwh_engine::Session;

use crate::support::{Fixture, error, rows, run};

/// 300,000 rows in three row groups: `i` from 0, `k` its last three digits, `t` a text, every seventh NULL.
async fn big() -> (Fixture, Session) {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE n AS WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i < 599) SELECT i FROM r;
         CREATE TABLE big SORTKEY(i) AS
             SELECT a.i * 500 + b.i AS i, (a.i * 500 + b.i) % 1000 AS k,
                    CASE WHEN (a.i * 500 + b.i) % 7 > 0 THEN 'text ' || (a.i * 500 + b.i) % 10 END AS t
             FROM n a, n b WHERE b.i < 500 ORDER BY 1",
    )
    .await;
    (fixture, session)
}

/// Asks three times: the first scan reads files, the second keeps the columns, the third has them.
async fn always(session: &Session, query: &str, expected: &str) {
    for time in 1..=3 {
        assert_eq!(rows(session, query).await, [expected], "{query}, time {time}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_read_again_shows_what_was_changed_in_between() {
    let (_fixture, session) = big().await;
    always(
        &session,
        "SELECT count(*), sum(i), sum(k), count(t), max(t) FROM big",
        "300000|44999850000|149850000|257142|text 9",
    )
    .await;
    always(&session, "SELECT count(*), min(i), max(k) FROM big WHERE i >= 299990", "10|299990|999").await;
    always(&session, "SELECT count(*) FROM big WHERE i < 0 OR t = 'nothing'", "0").await;
    always(&session, "SELECT count(*) FROM big", "300000").await;

    run(&session, "DELETE FROM big WHERE i % 1000 = 0 OR i BETWEEN 131000 AND 140000").await;
    // 300 rows, and 9,001 less the ten of them that are thousands.
    always(&session, "SELECT count(*), count(CASE WHEN k = 0 THEN 1 END) FROM big", "290709|0").await;
    always(&session, "SELECT count(*) FROM big WHERE i BETWEEN 130990 AND 140010", "20").await;

    run(&session, "UPDATE big SET k = -1 WHERE i = 1").await;
    always(&session, "SELECT k FROM big WHERE i = 1", "-1").await;

    run(&session, "ALTER TABLE big RENAME COLUMN k TO key; ALTER TABLE big ADD COLUMN k INT DEFAULT 5").await;
    always(&session, "SELECT min(key), min(k), max(k) FROM big", "-1|5|5").await;
    run(&session, "ALTER TABLE big DROP COLUMN t; ALTER TABLE big ADD COLUMN t VARCHAR(9) DEFAULT 'new'")
        .await;
    always(&session, "SELECT min(t), max(t) FROM big WHERE i < 200000", "new|new").await;

    run(&session, "TRUNCATE big; INSERT INTO big SELECT i, 1, 2, 'x' FROM n").await;
    always(&session, "SELECT count(*), sum(key), max(t) FROM big", "600|600|x").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_were_read_twice_are_in_memory() {
    let (fixture, session) = big().await;
    let kept = "SELECT count(*), sum(i) FROM big WHERE k < 1000";
    for _ in 0..2 {
        assert_eq!(rows(&session, kept).await, ["300000|44999850000"]);
    }
    let files = fixture.dir().join("warehouse/data/public/big");
    for file in std::fs::read_dir(&files).expect("the table's folder") {
        std::fs::remove_file(file.expect("an entry").path()).expect("removed");
    }
    assert_eq!(rows(&session, kept).await, ["300000|44999850000"]);
    let error = error(&session, "SELECT max(t) FROM big").await;
    assert!(error.message.contains(".parquet"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_whose_group_no_join_needs_are_not_grouped() {
    let (_fixture, session) = big().await;
    run(&session, "CREATE TABLE wanted AS SELECT i * 100 AS k FROM n WHERE i < 5").await;
    let query = "SELECT sum(g.s), count(*) FROM wanted, (SELECT k, sum(i) AS s FROM big GROUP BY k) g WHERE g.k = wanted.k";
    // Of k = 0, 100, …, 400 there are 300 rows each: 1000 · (0 + … + 299) + 300 k.
    assert_eq!(rows(&session, query).await, ["224550000|5"]);
    let most = rows(
        &session,
        "SELECT max(rows) FROM svl_query_summary WHERE query = pg_last_query_id() AND label LIKE 'aggregate%'",
    )
    .await;
    let most: u64 = most[0].parse().expect("a count of rows");
    assert!(most <= 10, "{most} groups of 1000");

    // A join that keeps all rows of the groups asks for all of them.
    let query = "SELECT count(*), count(wanted.k) FROM (SELECT k, sum(i) AS s FROM big GROUP BY k) g \
                 LEFT JOIN wanted ON g.k = wanted.k";
    assert_eq!(rows(&session, query).await, ["1000|5"]);
}
