//! Procedures beyond what a sqllogictest file can tell: notices on the way, reopening, cancelling, depth.

use std::time::{Duration, Instant};

use dwh_common::SqlState;
use dwh_engine::{Engine, EngineOptions, SessionOptions};

use crate::support::{Fixture, rows, run};

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
    let shown =
        session.execute("SELECT current_user, current_setting('query_group')").await.expect("it answers");
    let rows = crate::slt::as_text(shown[0].result.as_ref().expect("rows"));
    assert_eq!(rows, [["awsuser", "default"]]);
}

/// The example of the guide's page SHOW PROCEDURE; what is shown makes the same procedure.
#[tokio::test(flavor = "multi_thread")]
async fn show_procedure_tells_what_recreates_it_and_a_procedure_outlives_the_process() {
    const BODY: &str = "
DECLARE
out_var alias for $3;
loop_var int;
BEGIN
IF f1 is null OR f2 is null THEN
RAISE EXCEPTION 'input cannot be null';
END IF;
CREATE TEMP TABLE etl(a int, b varchar);
FOR loop_var IN 1..f1 LOOP
insert into etl values (loop_var, f2);
f2 := f2 || '+' || f2;
END LOOP;
SELECT INTO out_var count(*) from etl;
END;
";
    let dir = tempfile::tempdir().expect("a temporary folder");
    let open = || Engine::open(EngineOptions::new(dir.path().join("warehouse"))).expect("a warehouse");
    let engine = open();
    let session = engine.session(SessionOptions::default());
    run(
        &session,
        &format!(
            "CREATE PROCEDURE test_sp2(f1 int, INOUT f2 varchar(20), OUT varchar(30)) AS $${BODY}$$ LANGUAGE plpgsql;
             CREATE USER clerk PASSWORD 'Password1';
             CREATE PROCEDURE guarded() AS $$ BEGIN NULL; END $$ LANGUAGE plpgsql
             SECURITY DEFINER SET search_path TO a, b SET query_group = 'it''s';
             CREATE PROCEDURE by_itself() NONATOMIC AS $$ BEGIN NULL; END $$ LANGUAGE plpgsql;
             GRANT EXECUTE ON PROCEDURE guarded() TO clerk;"
        ),
    )
    .await;
    drop((session, engine));
    let engine = open();
    let session = engine.session(SessionOptions::default());
    let shown = |name: &'static str| {
        let session = &session;
        async move {
            let results = session.execute(&format!("SHOW PROCEDURE {name}")).await.expect(name);
            let result = results[0].result.clone().expect("rows");
            assert_eq!(result.schema.field(0).name(), "Stored Procedure Definition");
            crate::slt::as_text(&result)[0][0].clone()
        }
    };
    let expected = format!(
        "CREATE OR REPLACE PROCEDURE public.test_sp2(f1 integer, INOUT f2 character varying, OUT character varying)\n\
         LANGUAGE plpgsql\nAS $_$\n{}$_$",
        &BODY[1..]
    );
    assert_eq!(shown("test_sp2(int, varchar)").await, expected);
    for name in ["test_sp2", "guarded", "by_itself"] {
        let text = shown(name).await;
        run(&session, &text).await;
        assert_eq!(shown(name).await, text);
    }
    let text = shown("guarded").await;
    assert!(
        text.ends_with("\nSECURITY DEFINER\nSET search_path TO 'a, b'\nSET query_group TO 'it''s'"),
        "{text}"
    );
    assert!(shown("by_itself").await.contains("()\nNONATOMIC\nLANGUAGE"));
    assert_eq!(rows(&session, "CALL test_sp2(2, '2019')").await, ["2019+2019+2019+2019|2"]);
    run(&session, "SET SESSION AUTHORIZATION clerk").await;
    run(&session, "CALL guarded()").await;
}

/// As deep as blocks and calls may nest, on a stack like that of the binary's threads.
#[test]
fn the_deepest_procedure_runs() {
    let blocks = 40;
    let sql = format!(
        "CREATE PROCEDURE deep(n INOUT int) AS $$ BEGIN {} n := n - 1; IF n > 0 THEN CALL deep(n); END IF; {} END $$
         LANGUAGE plpgsql",
        "BEGIN ".repeat(blocks),
        "END; ".repeat(blocks)
    );
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::new();
            let session = fixture.session();
            run(&session, &sql).await;
            assert_eq!(rows(&session, "CALL deep(16)").await, ["0"]);
            let error = crate::support::error(&session, "CALL deep(17)").await;
            assert_eq!(error.state, SqlState::StatementTooComplex);
        });
    };
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(work).expect("a thread");
    thread.join().expect("it runs");
}
