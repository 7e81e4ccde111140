//! The tables that tell what has run, who is there and what is locked; and the page that lists them all.

use std::collections::BTreeMap;
use std::path::Path;

use dwh_common::SqlState;
use dwh_engine::{Engine, EngineOptions, SessionOptions};

use crate::support::{Fixture, error, rows, run};

/// The rows of docs/compat/system_tables.md: name and kind of support.
fn page() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compat/system_tables.md");
    let page = std::fs::read_to_string(path).expect("docs/compat/system_tables.md");
    let cells = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split('|').map(str::trim);
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    });
    cells.filter(|(name, _)| name != "Table").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_system_tables_is_what_the_engine_does() {
    let session = Fixture::new().session();
    let page = page();
    let mut wrong = Vec::new();
    for (name, support) in &page {
        let answer = session.execute(&format!("SELECT * FROM {name}")).await;
        let as_said = match (support.as_str(), &answer) {
            ("supported" | "differs", Ok(_)) => true,
            ("empty", Ok(results)) => {
                results[0].result.as_ref().is_some_and(|result| result.row_count() == 0)
            }
            ("absent", Err(error)) => error.state == SqlState::UndefinedTable,
            _ => false,
        };
        if !as_said {
            wrong.push(format!("{name} is said to be {support}: {:?}", answer.err()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed = rows(
        &session,
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'pg_catalog'",
    )
    .await;
    assert!(listed.len() > 100, "{listed:?}");
    let missing: Vec<_> =
        listed.iter().filter(|name| page.get(*name).is_none_or(|support| support == "absent")).collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_run_is_in_the_log_with_its_rows_and_its_end() {
    let session = Fixture::new().session();
    run(&session, "CREATE TABLE t (a INTEGER)").await;
    run(&session, "INSERT INTO t VALUES (1), (2), (3)").await;
    run(&session, "SET query_group TO 'nightly'").await;
    assert_eq!(rows(&session, "SELECT a FROM t WHERE a > 1 ORDER BY a").await, ["2", "3"]);
    let id = rows(&session, "SELECT pg_last_query_id()").await;
    assert_eq!(
        rows(
            &session,
            "SELECT trim(querytxt), trim(label), aborted, userid, pid = pg_backend_pid(), endtime >= starttime
             FROM stl_query WHERE query = pg_last_query_id()",
        )
        .await,
        ["SELECT a FROM t WHERE a > 1 ORDER BY a|nightly|0|100|true|true"]
    );
    // The one above reads stl_query and is the last query now.
    assert_ne!(rows(&session, "SELECT pg_last_query_id()").await, id);
    assert_eq!(
        rows(
            &session,
            &format!(
                "SELECT trim(query_type), trim(status), returned_rows, elapsed_time > 0, trim(username)
                 FROM sys_query_history WHERE query_id = {}",
                id[0]
            ),
        )
        .await,
        ["SELECT|success|2|true|awsuser"]
    );
    assert_eq!(rows(&session, "SELECT trim(text) FROM stl_ddltext").await, ["CREATE TABLE t (a INTEGER)"]);
    assert_eq!(
        rows(&session, "SELECT trim(text) FROM stl_utilitytext WHERE text ILIKE 'set%'").await,
        ["SET query_group TO 'nightly'"]
    );
    assert_eq!(
        rows(&session, "SELECT returned_rows FROM sys_query_history WHERE query_type = 'INSERT'").await,
        ["3"]
    );
    let kinds =
        "SELECT type, count(*) FROM svl_statementtext WHERE text ILIKE 'create%' OR text ILIKE 'insert%'
                 GROUP BY 1 ORDER BY 1";
    assert_eq!(rows(&session, kinds).await, ["DDL|1", "QUERY|1"]);
    let scans = "SELECT trim(step_name), trim(table_name) FROM sys_query_detail
                 WHERE step_name = 'scan' AND table_name = 't'";
    assert!(!rows(&session, scans).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_reads_no_table_is_not_logged_as_a_query() {
    let session = Fixture::new().session();
    assert_eq!(rows(&session, "SELECT 41 + 1").await, ["42"]);
    assert_eq!(rows(&session, "SELECT count(*) FROM stl_query WHERE querytxt LIKE '%41 + 1%'").await, ["0"]);
    assert_eq!(rows(&Fixture::new().session(), "SELECT pg_last_query_id()").await, ["-1"]);
    let history = "SELECT count(*) FROM sys_query_history WHERE query_text = 'SELECT 41 + 1'";
    assert_eq!(rows(&session, history).await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_statement_is_logged_with_its_error_and_without_its_secret() {
    let session = Fixture::new().session();
    error(&session, "SELECT a FROM nowhere").await;
    assert_eq!(
        rows(
            &session,
            "SELECT trim(status), trim(error_message) FROM sys_query_history WHERE status = 'failed'"
        )
        .await,
        ["failed|relation \"nowhere\" does not exist"]
    );
    error(&session, "SELECT \"aws_secret_access_key=abc123\" FROM stl_query").await;
    let messages = rows(&session, "SELECT error_message FROM sys_query_history").await.join("\n");
    assert!(messages.contains("aws_secret_access_key=****") && !messages.contains("abc123"), "{messages}");
    run(&session, "CREATE USER bob PASSWORD 'Secret123'").await;
    let texts = rows(&session, "SELECT text FROM svl_statementtext").await.join("\n");
    assert!(texts.contains("bob") && !texts.contains("Secret123"), "{texts}");
    // What fails, and what fails half way, has changed nobody.
    error(&session, "DROP USER bob, nobody").await;
    error(&session, "ALTER USER bob RENAME TO bob").await;
    assert_eq!(rows(&session, "SELECT trim(username), trim(action) FROM stl_userlog").await, ["bob|create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_texts_are_cut_into_rows_of_200_bytes_with_line_ends_escaped() {
    let session = Fixture::new().session();
    let sql = format!("SELECT\n'{}' AS a\nFROM stl_query", "x".repeat(250));
    run(&session, &sql).await;
    let parts =
        "SELECT sequence, len(text) FROM stl_querytext WHERE query = pg_last_query_id() ORDER BY sequence";
    assert_eq!(rows(&session, parts).await, ["0|200", "1|81"]);
    let whole = "SELECT LISTAGG(CASE WHEN LEN(RTRIM(text)) = 0 THEN text ELSE RTRIM(text) END)
                 WITHIN GROUP (ORDER BY sequence) FROM stl_querytext
                 WHERE query = (SELECT min(query) FROM stl_querytext)";
    assert_eq!(rows(&session, whole).await, [sql.replace('\n', "\\n")]);
    // Cut at a whole character: the literals begin at an even byte.
    let long = "é".repeat(30_000);
    run(&session, &format!("SELECT '{long}', '{long}' FROM stl_query")).await;
    let kept = "SELECT sum(octet_length(rtrim(text))) FROM stl_querytext WHERE query = pg_last_query_id()";
    assert_eq!(rows(&session, kept).await, ["65534"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_does_not_count_the_wait_for_locks_nor_bytes_what_is_not_returned() {
    let fixture = Fixture::new();
    let (session, other) = (fixture.session(), fixture.session());
    run(&session, "CREATE TABLE t (a INTEGER)").await;
    run(&other, "BEGIN; LOCK t").await;
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        run(&other, "COMMIT").await;
    };
    tokio::join!(run(&session, "INSERT INTO t SELECT generate_series(1, 1000)"), release);
    let times = "SELECT lock_wait_time >= 500000, planning_time < lock_wait_time FROM sys_query_history
                 WHERE query_type = 'INSERT'";
    assert_eq!(rows(&session, times).await, ["true|true"]);
    run(&session, "SELECT a FROM t ORDER BY a LIMIT 2").await;
    let bytes = "SELECT returned_bytes FROM sys_query_history WHERE query_text LIKE 'SELECT a FROM t%'";
    assert_eq!(rows(&session, bytes).await, ["8"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_users_see_their_own_rows() {
    let fixture = Fixture::new();
    let owner = fixture.session();
    run(&owner, "CREATE USER bob PASSWORD DISABLE; CREATE TABLE t (a INTEGER); GRANT SELECT ON t TO bob")
        .await;
    run(&owner, "SELECT a FROM t").await;
    let options = SessionOptions { user: "bob".to_owned(), ..SessionOptions::default() };
    let bob = fixture.engine.session_as(options).expect("a session");
    run(&bob, "SELECT a + 1 FROM t").await;
    assert_eq!(rows(&bob, "SELECT trim(querytxt) FROM stl_query").await, ["SELECT a + 1 FROM t"]);
    assert_eq!(rows(&bob, "SELECT trim(user_name) FROM stv_sessions").await, ["bob"]);
    for table in ["svv_table_info", "stv_locks", "stl_connection_log", "sys_transaction_history"] {
        let denied = error(&bob, &format!("SELECT * FROM {table}")).await;
        assert_eq!(denied.message, format!("permission denied for relation {table}"));
    }
    let of_bob = "SELECT count(*) FROM stl_query WHERE querytxt LIKE 'SELECT a + 1%'";
    assert_eq!(rows(&owner, of_bob).await, ["1"]);
    assert_eq!(
        rows(
            &owner,
            "SELECT relation_name, privilege_type, identity_name, identity_type, admin_option
             FROM svv_relation_privileges",
        )
        .await,
        ["t|SELECT|bob|user|false"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_and_open_transactions_show_who_holds_and_who_waits() {
    let fixture = Fixture::new();
    let (one, two, watcher) = (fixture.session(), fixture.session(), fixture.session());
    run(&one, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)").await;
    run(&one, "BEGIN").await;
    run(&one, "UPDATE t SET a = 2").await;
    let waiting = tokio::spawn(async move {
        run(&two, "DELETE FROM t").await;
        two
    });
    let status = "SELECT c.relname, trim(l.lock_status), l.lock_owner_pid FROM stv_locks l
                  JOIN pg_class c ON c.oid = l.table_id ORDER BY 2";
    let mut seen = Vec::new();
    for _ in 0..200 {
        seen = rows(&watcher, status).await;
        if seen.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[0], format!("t|Holding write lock|{}", one.id()));
    assert!(seen[1].starts_with("t|Waiting for write lock|"), "{seen:?}");
    let transactions = format!(
        "SELECT lockable_object_type, granted FROM svv_transactions WHERE pid = {} ORDER BY 1",
        one.id()
    );
    assert_eq!(rows(&watcher, &transactions).await, ["relation|true", "transactionid|true"]);
    let inflight = "SELECT trim(text) FROM stv_inflight WHERE text LIKE 'DELETE%'";
    assert_eq!(rows(&watcher, inflight).await, ["DELETE FROM t"]);
    run(&one, "COMMIT").await;
    let two = waiting.await.expect("the second writer ended");
    assert!(rows(&watcher, "SELECT table_id FROM stv_locks").await.is_empty());
    let waited = "SELECT lock_wait_time > 0 FROM sys_query_history WHERE query_type = 'DELETE'";
    assert_eq!(rows(&two, waited).await, ["true"]);
    let ended = format!(
        "SELECT t.status FROM sys_transaction_history t JOIN sys_query_history q USING (transaction_id)
         WHERE q.session_id = {} AND q.query_type = 'UPDATE'",
        one.id()
    );
    assert_eq!(rows(&watcher, &ended).await, ["committed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_outlives_the_process_that_wrote_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let open = || Engine::open(EngineOptions::new(dir.path().join("warehouse"))).expect("a warehouse");
    let first = {
        let session = open().session(SessionOptions::default());
        run(&session, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)").await;
        session.id()
    };
    let session = open().session(SessionOptions::default());
    assert_ne!(session.id(), first);
    assert_eq!(
        rows(&session, "SELECT trim(querytxt), pid FROM stl_query").await,
        [format!("INSERT INTO t VALUES (1)|{first}")]
    );
    assert_eq!(rows(&session, "SELECT process FROM stl_sessions").await, [first.to_string()]);
    let events =
        format!("SELECT trim(event) FROM stl_connection_log WHERE pid = {first} ORDER BY recordtime, 1");
    assert_eq!(
        rows(&session, &events).await,
        ["authenticated", "initiating session", "disconnecting session"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_transaction_is_told_from_a_committed_one() {
    let session = Fixture::new().session();
    run(&session, "CREATE TABLE t (a INTEGER)").await;
    run(&session, "BEGIN").await;
    run(&session, "INSERT INTO t VALUES (1)").await;
    run(&session, "ROLLBACK").await;
    let status = "SELECT t.status, q.status = 'success' FROM sys_query_history q
                  LEFT JOIN sys_transaction_history t ON q.transaction_id = t.transaction_id
                  WHERE q.query_type = 'INSERT'";
    assert_eq!(rows(&session, status).await, ["rolledback|true"]);
    // The statements of a block share its number.
    let numbers = "SELECT count(DISTINCT xid) FROM svl_statementtext
                   WHERE text IN ('BEGIN', 'INSERT INTO t VALUES (1)', 'ROLLBACK')";
    assert_eq!(rows(&session, numbers).await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn materialized_views_tell_whether_they_are_stale() {
    let session = Fixture::new().session();
    run(&session, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)").await;
    run(&session, "CREATE MATERIALIZED VIEW m AS SELECT a FROM t").await;
    let stale = "SELECT name, is_stale, autorefresh FROM stv_mv_info";
    assert_eq!(rows(&session, "SELECT trim(name) FROM svv_mv_info").await, ["m"]);
    assert!(rows(&session, stale).await[0].ends_with("|f|f"));
    run(&session, "INSERT INTO t VALUES (2)").await;
    assert!(rows(&session, stale).await[0].ends_with("|t|f"));
    run(&session, "REFRESH MATERIALIZED VIEW m").await;
    assert!(rows(&session, stale).await[0].ends_with("|f|f"));
    assert_eq!(
        rows(&session, "SELECT trim(mv_name), status FROM sys_mv_refresh_history").await,
        ["m|Refresh successfully recomputed MV from scratch"]
    );
}
