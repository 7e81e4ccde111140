//! Statements that change rows and tables, and their transactions.

use dwh_common::SqlState;

use crate::support::{Fixture, error, rows, run};

#[tokio::test(flavor = "multi_thread")]
async fn rows_inserted_are_read_back() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (id INT IDENTITY(1,1), name VARCHAR(20) NOT NULL, n INT DEFAULT 7)").await;
    run(&session, "INSERT INTO t (name) VALUES ('a'), ('b')").await;
    run(&session, "INSERT INTO t (name, n) VALUES ('c', DEFAULT), ('d', 1)").await;
    run(&session, "INSERT INTO t (name, n) SELECT name, n + 1 FROM t WHERE n > 1").await;
    assert_eq!(
        rows(&session, "SELECT id, name, n FROM t WHERE id < 5 ORDER BY id").await,
        ["1|a|7", "2|b|7", "3|c|7", "4|d|1"]
    );
    // INSERT … SELECT numbers its rows in no order (RS 3.2).
    assert_eq!(
        rows(&session, "SELECT name, n FROM t WHERE id >= 5 ORDER BY name").await,
        ["a|8", "b|8", "c|8"]
    );
    assert_eq!(rows(&session, "SELECT count(DISTINCT id), max(id) FROM t").await, ["7|7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_reads_its_own_rows_and_a_rollback_takes_them_away() {
    let fixture = Fixture::new();
    let (session, other) = (fixture.session(), fixture.session());
    run(&session, "CREATE TABLE t (a INT)").await;
    run(&session, "BEGIN").await;
    run(&session, "INSERT INTO t VALUES (1), (2)").await;
    run(&session, "DELETE FROM t WHERE a = 1").await;
    assert_eq!(rows(&session, "SELECT a FROM t").await, ["2"]);
    assert_eq!(rows(&other, "SELECT count(*) FROM t").await, ["0"]);
    run(&session, "ROLLBACK").await;
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_leaves_the_block_failed_until_rollback() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT NOT NULL)").await;
    run(&session, "BEGIN; INSERT INTO t VALUES (1)").await;
    assert_eq!(error(&session, "INSERT INTO t VALUES (NULL)").await.state, SqlState::NotNullViolation);
    assert_eq!(error(&session, "SELECT 1").await.state, SqlState::InFailedSqlTransaction);
    run(&session, "ROLLBACK").await;
    run(&session, "BEGIN; INSERT INTO t VALUES (1)").await;
    assert_eq!(error(&session, "SELCT 1").await.state, SqlState::SyntaxError);
    assert_eq!(error(&session, "SELECT 1").await.state, SqlState::InFailedSqlTransaction);
    run(&session, "ROLLBACK").await;
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_and_delete_take_other_tables_into_account() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE users (id INT, level VARCHAR(4));
         INSERT INTO users VALUES (1, 'free'), (2, 'free'), (3, 'paid');
         CREATE TABLE stage (id INT, level VARCHAR(4));
         INSERT INTO stage VALUES (2, 'paid'), (3, 'free'), (4, 'paid')",
    )
    .await;
    run(
        &session,
        "UPDATE users SET level = stage.level FROM stage WHERE users.id = stage.id AND stage.id = 2",
    )
    .await;
    assert_eq!(rows(&session, "SELECT * FROM users ORDER BY id").await, ["1|free", "2|paid", "3|paid"]);
    run(&session, "DELETE FROM users USING stage WHERE users.id = stage.id AND stage.level = 'free'").await;
    assert_eq!(rows(&session, "SELECT * FROM users ORDER BY id").await, ["1|free", "2|paid"]);
    run(
        &session,
        "MERGE INTO users USING stage ON users.id = stage.id
         WHEN MATCHED THEN UPDATE SET level = 'both' WHEN NOT MATCHED THEN INSERT VALUES (stage.id, stage.level)",
    )
    .await;
    assert_eq!(
        rows(&session, "SELECT * FROM users ORDER BY id").await,
        ["1|free", "2|both", "3|free", "4|paid"]
    );
}

/// Rows in files and rows in memory are found at their addresses in one and the same transaction.
#[tokio::test(flavor = "multi_thread")]
async fn changes_pile_up_within_a_transaction() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)").await;
    run(
        &session,
        "BEGIN;
         INSERT INTO t VALUES (4, 0), (5, 0);
         UPDATE t SET b = a * 10 WHERE a IN (2, 4);
         INSERT INTO t SELECT a + 10, b FROM t WHERE b > 0;
         UPDATE t SET b = b + 1;
         DELETE FROM t WHERE a = 5 OR a = 1;
         MERGE INTO t USING (SELECT 3 AS a UNION ALL SELECT 6) s ON t.a = s.a
           WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a);
         COMMIT",
    )
    .await;
    assert_eq!(
        rows(&session, "SELECT a, b FROM t ORDER BY a").await,
        ["2|21", "4|41", "6|NULL", "12|21", "14|41"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_added_renamed_and_dropped_keep_the_rows() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT, b VARCHAR(10))").await;
    run(&session, "INSERT INTO t VALUES (1, 'one')").await;
    run(&session, "ALTER TABLE t ADD COLUMN c INT DEFAULT 5").await;
    run(&session, "ALTER TABLE t RENAME COLUMN b TO name").await;
    run(&session, "INSERT INTO t VALUES (2, 'two', 6)").await;
    assert_eq!(rows(&session, "SELECT c, name, a FROM t ORDER BY a").await, ["5|one|1", "6|two|2"]);
    run(&session, "ALTER TABLE t DROP COLUMN name").await;
    run(&session, "ALTER TABLE t ADD COLUMN name VARCHAR(5)").await;
    assert_eq!(rows(&session, "SELECT a, name FROM t ORDER BY a").await, ["1|NULL", "2|NULL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_tables_belong_to_their_session() {
    let fixture = Fixture::new();
    let (session, other) = (fixture.session(), fixture.session());
    run(&session, "CREATE TEMP TABLE t (a INT); INSERT INTO t VALUES (1)").await;
    run(&session, "CREATE TABLE #u AS SELECT a + 1 AS b FROM t").await;
    assert_eq!(rows(&session, "SELECT b FROM #u").await, ["2"]);
    assert_eq!(error(&other, "SELECT * FROM t").await.state, SqlState::UndefinedTable);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_read_and_guard_their_tables() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 2), (3, 4)").await;
    run(&session, "CREATE VIEW v (x, y) AS SELECT b, a FROM t WHERE a > 1").await;
    assert_eq!(rows(&session, "SELECT y, x FROM v").await, ["3|4"]);
    assert_eq!(
        rows(&session, "SELECT column_name, data_type FROM svv_columns WHERE table_name = 'v'").await,
        ["x|integer", "y|integer"]
    );
    assert_eq!(error(&session, "DROP TABLE t").await.state, SqlState::DependentObjectsStillExist);
    run(&session, "DROP TABLE t CASCADE").await;
    assert_eq!(error(&session, "SELECT * FROM v").await.state, SqlState::UndefinedTable);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_statements_in_one_text_are_one_transaction() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT)").await;
    assert_eq!(
        error(&session, "INSERT INTO t VALUES (1); SELECT * FROM nowhere").await.state,
        SqlState::UndefinedTable
    );
    assert_eq!(
        error(&session, "INSERT INTO t VALUES (1); SELECT 1 / a FROM (SELECT 0 AS a)").await.state,
        SqlState::DivisionByZero
    );
    assert_eq!(rows(&session, "SELECT count(*) FROM t").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_read_fail_their_block() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT); INSERT INTO t VALUES (0)").await;
    run(&session, "BEGIN; INSERT INTO t VALUES (1)").await;
    assert_eq!(error(&session, "SELECT 1 / a FROM t").await.state, SqlState::DivisionByZero);
    assert_eq!(error(&session, "SELECT 1").await.state, SqlState::InFailedSqlTransaction);
    run(&session, "COMMIT").await;
    assert_eq!(rows(&session, "SELECT a FROM t").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn intervals_are_shown_as_text() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(
        &session,
        "CREATE TABLE t (at TIMESTAMP); INSERT INTO t VALUES ('2018-11-01'), ('2018-11-30 01:02:03')",
    )
    .await;
    assert_eq!(rows(&session, "SELECT max(at) - min(at) FROM t").await, ["29 days 01:02:03"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn truncate_commits_what_came_before_it() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT); CREATE TABLE u (a INT); INSERT INTO t VALUES (1)").await;
    run(&session, "BEGIN").await;
    run(&session, "INSERT INTO u VALUES (9)").await;
    run(&session, "TRUNCATE t").await;
    run(&session, "ROLLBACK").await;
    assert_eq!(rows(&session, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u)").await, ["0|1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_say_where_they_stand() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE t (a INT)").await;
    let missing = error(&session, "SELECT nope FROM t").await;
    assert_eq!((missing.state, missing.position), (SqlState::UndefinedColumn, Some(8)));
    let missing = error(&session, "SELECT a FROM t WHERE t.nope > 1").await;
    assert_eq!((missing.state, missing.position), (SqlState::UndefinedColumn, Some(25)));
    let missing = error(&session, "SELECT 1; SELECT a FROM t;\nSELECT * FROM t JOIN nowhere ON true").await;
    assert_eq!((missing.state, missing.position), (SqlState::UndefinedTable, Some(49)));
    assert_eq!(error(&session, "SELECT frobnicate(1)").await.state, SqlState::UndefinedFunction);
}
