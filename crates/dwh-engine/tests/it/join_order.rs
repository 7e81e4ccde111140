//! Inner joins are made in the order that leaves few rows, whatever the order of FROM, and the rows stay the same.

use dwh_engine::Session;

use crate::support::{Fixture, rows, run};

/// Plays by users, of whom few are in the one small city, and songs.
async fn tables() -> (Fixture, Session) {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE n AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 2000) SELECT i FROM r;
         CREATE TABLE plays AS SELECT i AS play_id, i % 500 AS user_id, i % 100 AS song_id FROM n;
         CREATE TABLE users AS SELECT i - 1 AS user_id, i % 250 AS city_id FROM n WHERE i <= 500;
         CREATE TABLE songs AS SELECT i - 1 AS song_id, 'song ' || i AS title FROM n WHERE i <= 100;
         CREATE TABLE cities AS SELECT i - 1 AS city_id, i AS people FROM n WHERE i <= 250",
    )
    .await;
    (fixture, session)
}

/// The tables of a plan, the one that is read last first.
async fn scanned(session: &Session, query: &str) -> Vec<String> {
    let plan = rows(session, &format!("EXPLAIN {query}")).await;
    let table = |line: &String| {
        let (_, scan) = line.split_once("Seq Scan on ")?;
        scan.split_whitespace().next().map(str::to_owned)
    };
    plan.iter().filter_map(table).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filtered_dimension_is_joined_before_those_that_keep_every_row() {
    let (_fixture, session) = tables().await;
    let joins = "WHERE plays.song_id = songs.song_id AND plays.user_id = users.user_id \
                 AND users.city_id = cities.city_id AND cities.people BETWEEN 1 AND 2";
    let expected =
        rows(&session, &format!("SELECT count(*), sum(play_id) FROM plays, songs, users, cities {joins}"))
            .await;
    // Users 0, 249, 250 and 499 live in cities 0 and 1; each of them plays four times.
    assert_eq!(expected, ["16|17992"]);
    for from in ["plays, songs, users, cities", "songs, plays, users, cities", "cities, songs, plays, users"]
    {
        let query = format!("SELECT count(*), sum(play_id) FROM {from} {joins}");
        assert_eq!(rows(&session, &query).await, expected, "{from}");
        // The songs are joined last, so they stand outside of what the others hand on.
        let mut order = scanned(&session, &query).await;
        let songs = order.iter().position(|table| table == "songs").expect("a scan of songs");
        assert!(songs == 0 || songs == order.len() - 1, "{from}: {order:?}");
        order.sort();
        assert_eq!(order, ["cities", "plays", "songs", "users"], "{from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_query_of_few_rows_is_asked_of_its_table_before_that_is_joined() {
    let (_fixture, session) = tables().await;
    run(&session, "CREATE TABLE wanted AS SELECT i AS user_id FROM n WHERE i <= 3").await;
    let query = "SELECT count(*), sum(play_id) FROM plays, songs WHERE plays.song_id = songs.song_id \
                 AND plays.user_id IN (SELECT user_id FROM wanted)";
    // Users 1, 2 and 3 play four times each: u, u + 500, u + 1000 and u + 1500.
    assert_eq!(rows(&session, query).await, ["12|9024"]);
    for (condition, is_early) in [
        ("plays.user_id IN (SELECT user_id FROM wanted)", true),
        ("plays.user_id IN (SELECT i FROM n)", false),
        // Two of a hundred songs, so forty of two thousand plays.
        (
            "plays.user_id IN (SELECT user_id FROM plays WHERE song_id IN (SELECT song_id FROM songs WHERE song_id < 2))",
            true,
        ),
        // There are no more groups than songs.
        ("plays.user_id IN (SELECT song_id FROM songs, n GROUP BY song_id)", true),
        // The songs are few beside the plays of them.
        ("songs.song_id IN (SELECT i FROM n)", true),
    ] {
        let query =
            format!("SELECT count(*) FROM plays, songs WHERE plays.song_id = songs.song_id AND {condition}");
        let plan = rows(&session, &format!("EXPLAIN {query}")).await;
        let depth = |what: &str| plan.iter().position(|line| line.contains(what)).expect(what);
        assert_eq!(depth("XN Hash Join") < depth("XN Hash IN Join"), is_early, "{condition}: {plan:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_of_small_tables_are_made_side_by_side() {
    let (_fixture, session) = tables().await;
    run(&session, "CREATE TABLE ten AS SELECT i FROM n WHERE i <= 10").await;
    let query = "SELECT count(*) FROM ten a, ten b, ten c, ten d, ten e, ten f, ten g WHERE a.i + g.i = 20";
    assert_eq!(rows(&session, query).await, ["100000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_as_good_is_left_as_written() {
    let (_fixture, session) = tables().await;
    let query = "SELECT count(*) FROM plays JOIN users ON plays.user_id = users.user_id \
                 JOIN songs ON plays.song_id = songs.song_id";
    assert_eq!(scanned(&session, query).await, ["plays", "users", "songs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_one_name_and_conditions_of_three_tables_keep_their_tables() {
    let (_fixture, session) = tables().await;
    let query = "SELECT p.*, u.*, s.*, c.* FROM songs s, plays p, users u, cities c \
                 WHERE p.song_id = s.song_id AND p.user_id = u.user_id AND u.city_id = c.city_id \
                 AND c.people = 7 AND p.play_id + s.song_id > u.user_id + c.people ORDER BY play_id";
    assert_eq!(
        rows(&session, query).await,
        [
            "255|255|55|255|6|55|song 56|6|7",
            "505|5|5|5|6|5|song 6|6|7",
            "755|255|55|255|6|55|song 56|6|7",
            "1005|5|5|5|6|5|song 6|6|7",
            "1255|255|55|255|6|55|song 56|6|7",
            "1505|5|5|5|6|5|song 6|6|7",
            "1755|255|55|255|6|55|song 56|6|7",
        ]
    );
}
