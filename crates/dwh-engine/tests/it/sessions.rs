//! Sessions beside each other: cancellation, time-outs, cursors and prepared statements. Expected texts are those
//! of PostgreSQL, which Redshift keeps (RS 3.7, 5.1, 5.7).

use std::sync::Arc;
use std::time::{Duration, Instant};

use dwh_common::SqlState;

use crate::support::{Fixture, error, rows, run};

/// A query that takes far longer than any test waits.
const ENDLESS: &str = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 1000000) \
                       SELECT count(*) FROM n";

#[tokio::test(flavor = "multi_thread")]
async fn a_running_statement_is_cancelled_from_another_session() {
    let fixture = Fixture::new();
    let busy = Arc::new(fixture.session());
    let other = fixture.session();
    let started = Instant::now();
    let running = tokio::spawn({
        let busy = Arc::clone(&busy);
        async move { busy.execute(ENDLESS).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    run(&other, &format!("CANCEL {}", busy.id())).await;
    let cancelled = running.await.expect("the task ends").expect_err("it was cancelled");
    assert_eq!(cancelled.state, SqlState::QueryCanceled);
    assert_eq!(cancelled.message, "Query cancelled on user's request");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(rows(&busy, "SELECT 1").await, ["1"]);
    assert_eq!(error(&other, "CANCEL 9999").await.message, "PID 9999 is not a PostgreSQL server process");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_still_being_read_are_cancelled_too() {
    let fixture = Fixture::new();
    let session = fixture.session();
    let mut outcomes = session.run("SELECT 1 UNION ALL SELECT 2").await.expect("it starts");
    session.cancel_handle().cancel();
    let mut result = outcomes.remove(0).rows.expect("rows");
    let cancelled = result.next().await.expect_err("it was cancelled");
    assert_eq!(cancelled.state, SqlState::QueryCanceled);
}

#[tokio::test(flavor = "multi_thread")]
async fn statement_timeout_ends_a_statement_and_fails_its_block() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "SET statement_timeout TO 300").await;
    run(&session, "BEGIN").await;
    assert_eq!(error(&session, ENDLESS).await.state, SqlState::QueryCanceled);
    assert_eq!(error(&session, "SELECT 1").await.state, SqlState::InFailedSqlTransaction);
    run(&session, "ROLLBACK").await;
    assert_eq!(rows(&session, "SELECT 1").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_session_takes_no_more_statements() {
    let fixture = Fixture::new();
    let session = fixture.session();
    let handle = fixture.engine.cancel_handle(session.id()).expect("the session is known");
    handle.terminate();
    assert!(session.cancel_handle().is_terminated());
    assert_eq!(error(&session, "SELECT 1").await.state, SqlState::AdminShutdown);
    let id = session.id();
    drop(session);
    assert!(fixture.engine.cancel_handle(id).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_statements_and_cursors_belong_to_their_session() {
    let fixture = Fixture::new();
    let (session, other) = (fixture.session(), fixture.session());
    run(&session, "PREPARE two AS SELECT 2").await;
    assert_eq!(rows(&session, "EXECUTE two").await, ["2"]);
    assert_eq!(error(&other, "EXECUTE two").await.state, SqlState::InvalidSqlStatementName);
    run(&session, "BEGIN").await;
    run(&session, "DECLARE c CURSOR FOR SELECT 1").await;
    run(&other, "BEGIN").await;
    assert_eq!(error(&other, "FETCH ALL FROM c").await.state, SqlState::InvalidCursorName);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_reads_what_was_there_when_it_was_declared() {
    let fixture = Fixture::new();
    let (session, other) = (fixture.session(), fixture.session());
    run(&session, "CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2), (3)").await;
    run(&session, "BEGIN").await;
    run(&session, "DECLARE c CURSOR FOR SELECT a FROM t ORDER BY a").await;
    assert_eq!(rows(&session, "FETCH NEXT FROM c").await, ["1"]);
    run(&other, "DELETE FROM t").await;
    assert_eq!(rows(&session, "FETCH FORWARD ALL FROM c").await, ["2", "3"]);
    run(&session, "COMMIT").await;
}
