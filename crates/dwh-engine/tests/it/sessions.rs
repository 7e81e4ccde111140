//! Sessions beside each other: cancellation, time-outs, cursors and prepared statements. Expected texts are those
//! of PostgreSQL, which Redshift keeps (RS 3.7, 5.1, 5.7).

use std::sync::Arc;
use std::time::{Duration, Instant};

use dwh_common::SqlState;
use dwh_engine::{Engine, EngineOptions, SessionOptions};

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

/// The guide's page SHOW TABLE: its examples.
#[tokio::test(flavor = "multi_thread")]
async fn show_table_gives_the_statement_that_makes_the_table() {
    let fixture = Fixture::new();
    let session = fixture.session();
    run(&session, "CREATE TABLE foo(a int PRIMARY KEY, b int)").await;
    assert_eq!(
        rows(&session, "SHOW TABLE foo").await,
        [
            "CREATE TABLE public.foo (\na integer NOT NULL ENCODE az64,\nb integer ENCODE az64, PRIMARY KEY (a)\n)\n\
          DISTSTYLE AUTO;"
        ]
    );
    run(
        &session,
        "CREATE TABLE collated (a CHAR, b VARCHAR(10) COLLATE CASE_INSENSITIVE, c SUPER COLLATE CASE_INSENSITIVE)",
    )
    .await;
    assert_eq!(
        rows(&session, "SHOW TABLE collated").await,
        ["CREATE TABLE public.collated (\na character(1) ENCODE lzo COLLATE case_sensitive,\n\
          b character varying(10) ENCODE lzo COLLATE case_insensitive,\nc super COLLATE case_insensitive\n)\n\
          DISTSTYLE AUTO;"]
    );
    run(
        &session,
        "CREATE TABLE sales (salesid integer NOT NULL, listid integer NOT NULL DISTKEY, dateid smallint NOT NULL, \
         pricepaid numeric(8,2), saletime timestamp) SORTKEY (dateid)",
    )
    .await;
    let shown = rows(&session, "SHOW TABLE public.sales").await.remove(0);
    assert_eq!(
        shown,
        "CREATE TABLE public.sales (\nsalesid integer NOT NULL ENCODE az64,\n\
         listid integer NOT NULL ENCODE az64 distkey,\ndateid smallint NOT NULL,\n\
         pricepaid numeric(8,2) ENCODE az64,\nsaletime timestamp without time zone ENCODE az64\n)\n\
         DISTSTYLE KEY SORTKEY ( dateid );"
    );
    // What it shows makes the same table.
    run(&session, "DROP TABLE sales").await;
    run(&session, &shown).await;
    assert_eq!(rows(&session, "SHOW TABLE sales").await, [shown]);
}

fn as_user(user: &str) -> SessionOptions {
    SessionOptions { user: user.to_owned(), ..SessionOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_user_has_the_users_rights_and_settings() {
    let fixture = Fixture::new();
    let owner = fixture.session();
    run(&owner, "CREATE TABLE t (a INT); CREATE USER bob PASSWORD 'abcD1234' CONNECTION LIMIT 1").await;
    run(&owner, "ALTER USER bob SET query_group TO 'bobs'").await;
    let bob = fixture.engine.session_as(as_user("bob")).expect("bob may come in");
    assert_eq!(rows(&bob, "SELECT current_user, session_user").await, ["bob|bob"]);
    assert_eq!(rows(&bob, "SHOW query_group").await, ["bobs"]);
    assert_eq!(error(&bob, "SELECT * FROM t").await.message, "permission denied for relation t");
    assert_eq!(
        error(&bob, "SET SESSION AUTHORIZATION awsuser").await.message,
        "permission denied to set session authorization"
    );
    let second = fixture.engine.session_as(as_user("bob")).err().expect("one session only");
    assert_eq!(second.state, SqlState::TooManyConnections);
    // Rights are those of the moment.
    run(&owner, "GRANT SELECT ON t TO bob").await;
    assert_eq!(rows(&bob, "SELECT count(*) FROM t").await, ["0"]);
    // Bob cannot cancel what others run.
    assert_eq!(error(&bob, &format!("CANCEL {}", owner.id())).await.state, SqlState::InsufficientPrivilege);
    // A user who is gone can do nothing more, also under the name of a new one.
    run(&owner, "REVOKE SELECT ON t FROM bob; DROP USER bob; CREATE USER other PASSWORD DISABLE").await;
    run(&owner, "DROP USER other").await;
    assert_eq!(error(&bob, "SELECT 1").await.state, SqlState::InvalidAuthorizationSpecification);
    drop(bob);
    let gone = fixture.engine.session_as(as_user("bob")).err().expect("bob is gone");
    assert_eq!(gone.state, SqlState::InvalidAuthorizationSpecification);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_kept_as_verifiers_and_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let open = || Engine::open(EngineOptions::new(dir.path().join("warehouse"))).expect("a warehouse");
    {
        let engine = open();
        let session = engine.session(SessionOptions::default());
        run(&session, "CREATE USER ann PASSWORD 'abcD1234' VALID UNTIL '2030-01-01'").await;
        run(&session, "CREATE GROUP readers WITH USER ann; CREATE TABLE t (a INT)").await;
        run(&session, "GRANT SELECT ON t TO GROUP readers").await;
        run(&session, "CREATE FUNCTION f (int) RETURNS int STABLE AS $$ SELECT $1 + 1 $$ LANGUAGE sql").await;
    }
    let catalog = std::fs::read(dir.path().join("warehouse/catalog.sqlite")).expect("the catalog");
    assert!(!catalog.windows(8).any(|bytes| bytes == b"abcD1234"), "the password is in the catalog");
    let engine = open();
    let user = engine.user("ann").expect("readable").expect("ann");
    let password = user.password.expect("verifiers");
    assert!(password.scram.is_some_and(|scram| scram.starts_with("SCRAM-SHA-256$4096:")));
    assert_eq!(password.md5.map(|md5| md5.len()), Some(35));
    assert!(user.valid_until.is_some());
    assert!(engine.user("nobody").expect("readable").is_none());
    let ann = engine.session_as(as_user("ann")).expect("ann may come in");
    assert_eq!(rows(&ann, "SELECT count(*), f(41) FROM t").await, ["0|42"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_transactions_that_change_the_same_user_conflict() {
    let fixture = Fixture::new();
    let (one, two) = (fixture.session(), fixture.session());
    run(&one, "CREATE USER a PASSWORD DISABLE; CREATE USER b PASSWORD DISABLE").await;
    run(&one, "BEGIN").await;
    run(&two, "BEGIN").await;
    run(&one, "ALTER USER a CREATEDB").await;
    run(&two, "ALTER USER a CONNECTION LIMIT 3").await;
    run(&one, "COMMIT").await;
    assert_eq!(error(&two, "COMMIT").await.message, "tuple concurrently updated");
    // Changes of different users go together.
    run(&one, "BEGIN").await;
    run(&two, "BEGIN").await;
    run(&one, "ALTER USER a CONNECTION LIMIT 1").await;
    run(&two, "ALTER USER b CREATEDB").await;
    run(&one, "COMMIT").await;
    run(&two, "COMMIT").await;
    assert_eq!(
        rows(&one, "SELECT usename, usecreatedb FROM pg_user WHERE usename IN ('a', 'b') ORDER BY 1").await,
        ["a|true", "b|true"]
    );
}
