use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dwh_common::{Secret, SqlError, SqlState};
use dwh_pipeline::{
    Connection, Connector, OutputColumn, PasswordLogin, StatementSink, StatementSummary, TextRow, Types,
    Warehouse, WireConnector, WireOptions,
};

use super::cluster::{Cluster, PASSWORD, USER, number};

fn connector(options: WireOptions) -> WireConnector {
    let login = PasswordLogin { user: USER.to_owned(), password: Secret::new(PASSWORD) };
    WireConnector::new(options, Box::new(login)).expect("the certificates can be read")
}

/// Its connections break at the first statement.
struct Breaking;

#[async_trait]
impl Connector for Breaking {
    async fn connect(&self) -> Result<Box<dyn Connection>, SqlError> {
        Ok(Box::new(Self))
    }
}

#[async_trait]
impl Connection for Breaking {
    async fn run(&self, _: &str, _: Types, _: &mut dyn StatementSink) -> Result<(), SqlError> {
        Err(SqlError::new(SqlState::ConnectionFailure, "broken"))
    }
}

/// Counts the tries to connect.
struct Counted {
    connector: WireConnector,
    tries: Arc<AtomicUsize>,
}

#[async_trait]
impl Connector for Counted {
    async fn connect(&self) -> Result<Box<dyn Connection>, SqlError> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        self.connector.connect().await
    }
}

async fn refused(connector: &dyn Connector) -> SqlError {
    match connector.connect().await {
        Ok(_) => panic!("it connects"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_tried_again() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse_on(Box::new(cluster.connector("wrong")), 7, None);
    let error = warehouse.query("SELECT 1").await.expect_err("wrong");
    assert_eq!(error.state, SqlState::InvalidPassword, "{error:?}");
    assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("DB_PASSWORD")), "{error:?}");
    assert!(!format!("{error:?}").contains("wrong\""), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_an_unknown_authority_or_for_another_name_is_not_accepted() {
    let cluster = Cluster::start().await;
    let unknown = connector(WireOptions { ca_file: None, ..cluster.options() });
    let error = refused(&unknown).await;
    assert!(error.message.contains("certificate") && error.state != SqlState::ConnectionFailure, "{error:?}");
    assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("CA_FILE")), "{error:?}");
    let other_name = connector(WireOptions { host: "localhost".to_owned(), ..cluster.options() });
    let error = refused(&other_name).await;
    assert!(error.message.contains("certificate"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_gets_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut socket, _) = listener.accept().await.expect("a client");
        let mut heard = [0; 8];
        socket.read_exact(&mut heard).await.expect("a request for TLS");
        socket.write_all(b"N").await.expect("answered");
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest).await;
        rest
    });
    let cluster = Cluster::start().await;
    let error = refused(&connector(WireOptions { port, ..cluster.options() })).await;
    assert!(error.message.contains("does not offer TLS"), "{error:?}");
    assert_eq!(heard.await.expect("no panic"), [] as [u8; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_repeated_on_a_new_connection_and_a_statement_that_writes_is_not() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse(7);
    warehouse.execute("CREATE TABLE t (a INT)").await.expect("runs");
    cluster.proxy.cut_after(1);
    assert_eq!(number(&warehouse, "SELECT COUNT(*) FROM t").await, 0);
    assert_eq!(cluster.proxy.cuts(), 1);
    cluster.proxy.cut_after(1);
    let error = warehouse.execute("INSERT INTO t VALUES (1)").await.expect_err("cut");
    assert_eq!(error.state, SqlState::ConnectionFailure, "{error:?}");
    warehouse.execute("BEGIN").await.expect("runs");
    cluster.proxy.cut_after(1);
    warehouse.query("SELECT COUNT(*) FROM t").await.expect_err("a block is lost with its connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_said_after_the_last_try() {
    let cluster = Cluster::start().await;
    // A port that nothing listens on.
    let nobody = connector(WireOptions { port: 9, ..cluster.options() });
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Counted { connector: nobody, tries: Arc::clone(&tries) };
    let warehouse = cluster.warehouse_on(Box::new(counted), 7, None);
    let error = warehouse.query("SELECT 1").await.expect_err("nobody");
    assert_eq!(tries.load(Ordering::SeqCst), 3, "who was never there is not waited for");
    assert!(!warehouse.recover(1).await, "nor by a run");
    assert!(error.message.contains("cannot connect to 127.0.0.1:9"), "{error:?}");
    assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("dwh cluster open-port")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_ended_by_the_cluster() {
    let cluster = Cluster::start().await;
    let limited = WireOptions { statement_timeout: Some(Duration::from_millis(50)), ..cluster.options() };
    let warehouse = cluster.warehouse_on(Box::new(connector(limited)), 1, None);
    let shown = warehouse.run("SHOW statement_timeout", Types::Unwanted).await.expect("runs");
    assert_eq!(shown[0].rows[0][0].as_deref(), Some("50"));
    // More rows than can be counted in that time.
    let long = "SELECT COUNT(*) FROM generate_series(1, 100000) a(x), generate_series(1, 100000) b(y) \
                WHERE (x * y) % 7 = 3";
    let error = warehouse.run(long, Types::Unwanted).await.expect_err("too long");
    assert_eq!(error.state.code(), "57014", "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_types_in_a_block_does_not_hide_the_error() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse(1);
    warehouse.execute("BEGIN").await.expect("runs");
    let error = warehouse.run("SELECT frobnicate(1)", Types::Wanted).await.expect_err("no such function");
    assert_eq!(error.state, SqlState::UndefinedFunction, "{error:?}");
    let error = warehouse.run("SELECT 1", Types::Wanted).await.expect_err("the block has failed");
    assert_eq!(error.state, SqlState::InFailedSqlTransaction, "{error:?}");
    warehouse.execute("ROLLBACK").await.expect("runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_while_the_views_are_asked_for_is_told() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse_on(Box::new(Breaking), 1, None);
    let error = warehouse.prepare_to_load().await.expect_err("cut");
    assert_eq!(error.state, SqlState::ConnectionFailure, "{error:?}");
}

/// Takes one portion of each statement and no more.
#[derive(Default)]
struct OnePortion {
    portions: usize,
    rows: usize,
    ends: Vec<String>,
}

impl StatementSink for OnePortion {
    fn columns(&mut self, _: Vec<OutputColumn>) {}

    fn rows(&mut self, rows: Vec<TextRow>) -> ControlFlow<()> {
        self.portions += 1;
        self.rows += rows.len();
        ControlFlow::Break(())
    }

    fn done(&mut self, end: StatementSummary) {
        self.ends.push(end.tag);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_portions_and_those_that_nobody_wants_are_not_kept() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse(1);
    let sql = "SELECT x, 'a text that takes some room' FROM generate_series(1, 200000) AS a(x); SELECT 1; SET query_group TO x";
    let mut told = OnePortion::default();
    warehouse.run_into(sql, Types::Unwanted, &mut told).await.expect("runs");
    assert_eq!((told.portions, told.ends), (2, ["SELECT", "SELECT", "SET"].map(str::to_owned).to_vec()));
    assert!((2..10_000).contains(&told.rows), "{}", told.rows);
    // The connection is free, with what the text has set.
    let shown = warehouse.run("SHOW query_group", Types::Unwanted).await.expect("runs");
    assert_eq!(shown[0].rows[0][0].as_deref(), Some("x"));
    let all = warehouse.query("SELECT x FROM generate_series(1, 5000) AS a(x)").await.expect("runs");
    assert_eq!(all.rows.len(), 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_is_not_told_twice_when_the_connection_breaks() {
    let cluster = Cluster::start().await;
    let warehouse = cluster.warehouse(7);
    let mut told = OnePortion::default();
    warehouse.run_into("SELECT 1", Types::Unwanted, &mut told).await.expect("runs");
    cluster.proxy.cut_after(1);
    let mut told = OnePortion::default();
    warehouse.run_into("SELECT 1", Types::Unwanted, &mut told).await.expect("nothing was told before");
    assert_eq!((told.rows, told.ends.len(), cluster.proxy.cuts()), (1, 1, 1));
}
