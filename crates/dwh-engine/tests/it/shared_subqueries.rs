//! A sub-query that a query names several times is computed once, and the rows are as if it were computed each time.

use dwh_engine::Session;

use crate::support::{Fixture, rows, run};

/// Plays of five users in four years: user `u` has `u` plays a year, of `100 * u + year` seconds each.
async fn plays() -> (Fixture, Session) {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE n AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT i FROM r;
         CREATE TABLE plays AS SELECT u.i AS user_id, 2017 + y.i AS year, 100 * u.i + 2017 + y.i AS seconds
             FROM n u, n y, n t WHERE t.i <= u.i AND y.i <= 4;
         CREATE VIEW by_year AS SELECT user_id, year, sum(seconds) AS seconds, count(*) AS plays FROM plays GROUP BY 1, 2",
    )
    .await;
    (fixture, session)
}

/// How often the last query scanned the table.
async fn scans(session: &Session) -> usize {
    let scans = "SELECT count(*) FROM svl_query_summary WHERE query = pg_last_query_id() AND label LIKE 'scan%name=plays%'";
    rows(session, scans).await[0].parse().expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_expression_is_computed_once() {
    let (_fixture, session) = plays().await;
    let growth = "WITH y AS (SELECT user_id, year, count(*) AS plays, sum(seconds) AS seconds FROM plays GROUP BY 1, 2) \
                  SELECT a.user_id, a.plays, b.seconds - a.seconds FROM y a, y b \
                  WHERE a.user_id = b.user_id AND a.year = 2018 AND b.year = 2021 ORDER BY 1";
    // Three years later each of the user's plays is three seconds longer.
    let expected = ["1|1|3", "2|2|6", "3|3|9", "4|4|12", "5|5|15"];
    assert_eq!(rows(&session, growth).await, expected);
    assert_eq!(scans(&session).await, 1);

    let plan = rows(&session, &format!("EXPLAIN {growth}")).await.join("\n");
    for place in [2018, 2021] {
        let filter = format!("Filter: (year = {place})");
        assert!(plan.contains(&filter), "{plan}");
    }
    assert_eq!(plan.matches("XN Subquery Scan y").count(), 2, "{plan}");
    let of_both = "Filter: ((year = 2018) OR (year = 2021))";
    assert!(plan.contains(of_both), "what both places have is asked of the table: {plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_computed_once_for_a_join_and_a_sub_query_of_its_condition() {
    let (_fixture, session) = plays().await;
    let longest = "SELECT user_id, year FROM by_year WHERE seconds = (SELECT max(seconds) FROM by_year)";
    assert_eq!(rows(&session, longest).await, ["5|2021"]);
    assert_eq!(scans(&session).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_may_read_other_columns_and_rows_and_stop_early() {
    let (_fixture, session) = plays().await;
    for (query, expected) in [
        (
            "SELECT (SELECT count(*) FROM by_year), (SELECT sum(plays) FROM by_year WHERE year > 2019)",
            "20|30",
        ),
        ("SELECT count(*) FROM by_year a, by_year b WHERE a.year = 2018 AND b.year = 1999", "0"),
        ("SELECT count(*) FROM (SELECT * FROM by_year LIMIT 1) a, by_year b", "20"),
        (
            "SELECT sum(c) FROM (SELECT count(*) AS c FROM by_year UNION ALL SELECT count(*) FROM by_year)",
            "40",
        ),
        // Columns of one name, of two tables.
        (
            "WITH w AS (SELECT DISTINCT a.user_id, b.user_id AS other FROM plays a, plays b WHERE a.year = b.year) \
             SELECT count(*) FROM w x, w y WHERE x.user_id = y.other",
            "125",
        ),
        (
            "WITH w AS (SELECT * FROM (SELECT i, count(*) AS c FROM n GROUP BY i) a \
                        JOIN (SELECT i, max(i) AS c FROM n GROUP BY i) b ON a.i = b.i) \
             SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM w)",
            "5|5",
        ),
        // One inside another.
        (
            "WITH a AS (SELECT user_id, sum(plays) AS p FROM by_year GROUP BY 1), \
                  b AS (SELECT max(p) AS p FROM a) \
             SELECT count(*) FROM a, b, by_year WHERE a.p = b.p AND a.user_id = by_year.user_id AND by_year.plays > \
                 (SELECT min(p) FROM a) / 4",
            "4",
        ),
    ] {
        assert_eq!(rows(&session, query).await, [expected], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_rows_of_one_place_is_not_asked_for_another() {
    let (_fixture, session) = plays().await;
    run(&session, "CREATE TABLE mixed AS SELECT 'n' AS kind, '7' AS t UNION ALL SELECT 's', 'text'").await;
    let query = "WITH w AS (SELECT kind, t, count(*) AS c FROM mixed GROUP BY 1, 2) \
                 SELECT (SELECT count(*) FROM w WHERE kind = 'n' AND t::int > 5), (SELECT count(*) FROM w WHERE kind = 's')";
    assert_eq!(rows(&session, query).await, ["1|1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_each_time_is_computed_each_time() {
    let (_fixture, session) = plays().await;
    let query = "SELECT count(*) FROM (SELECT user_id, min(random()) AS r FROM plays GROUP BY 1) a, \
                 (SELECT user_id, min(random()) AS r FROM plays GROUP BY 1) b WHERE a.user_id = b.user_id AND a.r = b.r";
    assert_eq!(rows(&session, query).await, ["0"]);
    // Functions of one name.
    let series = "SELECT a.c, b.c FROM (SELECT count(*) AS c FROM generate_series(1, 5)) a, \
                  (SELECT count(*) AS c FROM generate_series(1, 7)) b";
    assert_eq!(rows(&session, series).await, ["5|7"]);
    // A temporary table hides one of its name.
    let hidden = "CREATE TEMP TABLE n AS SELECT 7 AS i; \
                  SELECT a.c, b.c FROM (SELECT count(*) AS c FROM n) a, (SELECT count(*) AS c FROM public.n) b";
    assert_eq!(rows(&session, hidden).await, ["1|5"]);
    // A table that the transaction has changed in between.
    let changed = "BEGIN; INSERT INTO plays VALUES (9, 2030, 1); \
                   SELECT count(*) FROM by_year a, by_year b WHERE a.year = 2030 AND b.year = 2030";
    assert_eq!(rows(&session, changed).await, ["1"]);
    run(&session, "ROLLBACK").await;
    assert_eq!(
        rows(&session, "SELECT count(*) FROM by_year a, by_year b WHERE a.year = 2030 AND b.year = 2030")
            .await,
        ["0"]
    );
}
