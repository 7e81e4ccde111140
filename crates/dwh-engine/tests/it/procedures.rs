//! Procedures beyond what a sqllogictest file can tell: notices on the way, reopening, cancelling, depth.

use std::time::{Duration, Instant};

use dwh_common::SqlState;

use crate::support::Fixture;

/// A body that counts to `n`.
fn counting(n: usize) -> String {
    format!(
        "CREATE OR REPLACE PROCEDURE count_up(total INOUT int) AS $$
         BEGIN
           total := 0;
           FOR i IN 1..{n} LOOP
             total := total + 1;
           END LOOP;
         END;
         $$ LANGUAGE plpgsql"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_assignments_take_a_few_seconds_at_most() {
    let fixture = Fixture::new();
    let session = fixture.session();
    session.execute(&counting(1000)).await.expect("it is made");
    let started = Instant::now();
    session.execute("CALL count_up(0)").await.expect("it runs");
    let took = started.elapsed();
    println!("{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_come_while_the_procedure_runs_and_before_its_error() {
    let fixture = Fixture::new();
    let session = fixture.session();
    let sql = "CREATE PROCEDURE tells() AS $$
               BEGIN
                 RAISE INFO 'one';
                 RAISE WARNING 'two';
                 RAISE EXCEPTION 'no more';
               END;
               $$ LANGUAGE plpgsql";
    session.execute(sql).await.expect("it is made");
    let error = session.execute("CALL tells()").await.expect_err("it fails");
    assert_eq!((error.state, error.message.as_str()), (SqlState::RaiseException, "no more"));
    let told: Vec<String> = session.notices_before_error().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["INFO:  one", "WARNING:  two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_is_cancelled() {
    let fixture = Fixture::new();
    let session = fixture.session();
    let sql = "CREATE PROCEDURE endless() AS $$ BEGIN LOOP NULL; END LOOP; END; $$ LANGUAGE plpgsql";
    session.execute(sql).await.expect("it is made");
    session.execute("SET statement_timeout TO 200").await.expect("it is set");
    let error = session.execute("CALL endless()").await.expect_err("it ends");
    assert_eq!(error.state, SqlState::QueryCanceled);
    session.execute("SET statement_timeout TO 0").await.expect("it is set");
    let cancel = session.cancel_handle();
    let (ended, ()) = tokio::join!(session.execute("CALL endless()"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    assert_eq!(ended.expect_err("it ends").state, SqlState::QueryCanceled);
    session.execute("SELECT 1").await.expect("the session goes on");
}

/// A panic and a client that goes drop the future of a call: rights and parameters are what they were.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_dropped_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let session = fixture.session();
    for sql in [
        "CREATE USER other PASSWORD 'Password1'",
        "CREATE PROCEDURE endless() AS $$ BEGIN LOOP NULL; END LOOP; END; $$ LANGUAGE plpgsql
         SECURITY DEFINER SET query_group = 'inside'",
        "ALTER PROCEDURE endless() OWNER TO other",
    ] {
        session.execute(sql).await.expect(sql);
    }
    let gone = tokio::time::timeout(Duration::from_millis(200), session.execute("CALL endless()")).await;
    assert!(gone.is_err());
    session.execute("ROLLBACK").await.expect("the block can be left");
    let shown = session.execute("SELECT current_user, current_setting('query_group')").await.expect("it answers");
    let rows = crate::slt::as_text(shown[0].result.as_ref().expect("rows"));
    assert_eq!(rows, [["awsuser", "default"]]);
}
