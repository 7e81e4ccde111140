use std::sync::Arc;
use std::time::Duration;

use dwh_cluster::{Aws, AwsOptions, DataApiTarget};
use dwh_common::{Backoff, Secret, SqlError, SqlState};
use dwh_copy::{StoreSettings, Stores};
use dwh_data_api::{DataApi, DataApiOptions};
use dwh_engine::{Engine, EngineOptions, SessionOptions};
use dwh_pipeline::{ClusterFiles, RedshiftWarehouse, Types, Warehouse as _};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{DataApiConnector, of_database};
use crate::clock::SystemClock;

/// A warehouse that is reached by its Data API only.
struct Service {
    _folder: TempDir,
    engine: Engine,
    port: u16,
    serving: JoinHandle<()>,
}

impl Service {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(EngineOptions::new(folder.path())).unwrap();
        let (port, serving) = serve(&engine, 0).await;
        Self { _folder: folder, engine, port, serving }
    }

    /// All sessions are gone, as when they were idle for too long.
    async fn forget_sessions(&mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
        (self.port, self.serving) = serve(&self.engine, self.port).await;
    }

    async fn warehouse(&self, user: Option<&str>, statement_timeout: Option<Duration>) -> RedshiftWarehouse {
        let options = AwsOptions {
            region: "us-west-2".to_owned(),
            keys: Some((Secret::new("AKIAIOSFODNN7EXAMPLE"), Secret::new("secret"))),
            endpoint_url: Some(format!("http://127.0.0.1:{}", self.port)),
            sleep: None,
        };
        let target = DataApiTarget {
            cluster: Some("dwhcluster".to_owned()),
            workgroup: None,
            database: "dev".to_owned(),
            user: user.map(str::to_owned),
            secret_arn: None,
        };
        let api = Aws::new(options).await.data_api();
        let clock = Arc::new(SystemClock);
        let connector = DataApiConnector { api, target, clock: clock.clone(), statement_timeout };
        let files = ClusterFiles::new(Stores::new(StoreSettings::default()), None);
        RedshiftWarehouse::new(Box::new(connector), files, clock, Backoff::default())
    }

    async fn sql(&self, sql: &str) {
        self.engine.session(SessionOptions::default()).execute(sql).await.unwrap();
    }
}

async fn serve(engine: &Engine, port: u16) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let options = DataApiOptions { owner: engine.owner_name().unwrap(), access_key: None };
    let router = DataApi::new(engine.clone(), options).router();
    (port, tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }))
}

async fn number(warehouse: &RedshiftWarehouse, sql: &str) -> Result<String, SqlError> {
    let found = warehouse.query(sql).await?;
    Ok(found.rows[0][0].clone().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_gone_is_opened_anew_for_what_only_reads() {
    let mut service = Service::start().await;
    let warehouse = service.warehouse(None, None).await;
    warehouse.execute("create table t (a int)").await.unwrap();
    service.forget_sessions().await;
    assert_eq!(number(&warehouse, "select count(*) from t").await.unwrap(), "0");
    service.forget_sessions().await;
    let error = warehouse.execute("insert into t values (1)").await.unwrap_err();
    assert_eq!(error.state, SqlState::ConnectionFailure, "{error:?}");
    assert_eq!(number(&warehouse, "select count(*) from t").await.unwrap(), "0");
    // What a block has done is gone with its session.
    warehouse.execute("begin").await.unwrap();
    warehouse.execute("insert into t values (1)").await.unwrap();
    service.forget_sessions().await;
    let error = warehouse.query("select count(*) from t").await.unwrap_err();
    assert_eq!(error.state, SqlState::ConnectionFailure, "{error:?}");
    assert_eq!(number(&warehouse, "select count(*) from t").await.unwrap(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_statements_are_one_transaction_and_their_first_error_is_told() {
    let service = Service::start().await;
    let warehouse = service.warehouse(None, None).await;
    warehouse.execute("create table t (a int)").await.unwrap();
    let error = warehouse.execute("insert into t values (1); select frobnicate(1)").await.unwrap_err();
    assert!(error.message.contains("frobnicate"), "{error:?}");
    assert_eq!(number(&warehouse, "select count(*) from t").await.unwrap(), "0");
    let outputs =
        warehouse.run("insert into t values (1), (2); select a from t", Types::Wanted).await.unwrap();
    assert_eq!((outputs[0].summary.tag.as_str(), outputs[1].summary.tag.as_str()), ("INSERT 0 2", "SELECT"));
    let error = warehouse.execute("begin; insert into t values (1); select frobnicate(1)").await.unwrap_err();
    assert!(error.message.contains("frobnicate"), "{error:?}");
    let error = warehouse.execute("select 1").await.unwrap_err();
    assert_eq!(error.state, SqlState::InFailedSqlTransaction, "{error:?}");
    warehouse.execute("rollback").await.unwrap();
    assert_eq!(number(&warehouse, "select count(*) from t").await.unwrap(), "2");
    // The words of BEGIN are the caller's.
    warehouse.execute("begin read only").await.unwrap();
    let error = warehouse.execute("insert into t values (1)").await.unwrap_err();
    assert!(error.message.contains("read-only"), "{error:?}");
    warehouse.execute("rollback").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_ended() {
    let service = Service::start().await;
    let warehouse = service.warehouse(None, Some(Duration::from_millis(50))).await;
    let long = "select count(*) from generate_series(1, 100000) a(x), generate_series(1, 100000) b(y) \
                where (x * y) % 7 = 3";
    let error = warehouse.query(long).await.unwrap_err();
    assert_eq!(error.state, SqlState::QueryCanceled, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_fails_leaves_no_block_open() {
    let service = Service::start().await;
    service.sql("create user alice password 'Passw0rd1'; revoke temp on database dev from public").await;
    let warehouse = service.warehouse(Some("alice"), None).await;
    let error = warehouse.execute("begin").await.unwrap_err();
    assert_eq!(error.state, SqlState::InsufficientPrivilege, "{error:?}");
    assert_eq!(number(&warehouse, "select 1").await.unwrap(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_the_service_does_not_take_is_said() {
    let service = Service::start().await;
    let warehouse = service.warehouse(None, None).await;
    let error = warehouse.query(&format!("select '{}'", "x".repeat(110_000))).await.unwrap_err();
    assert!(error.message.contains("the Data API takes 100 KB"), "{error:?}");
}

#[test]
fn texts_of_the_database_get_their_state_back() {
    let state = |text| of_database(text).state;
    assert_eq!(state("ERROR: relation \"public.dwh_loads\" does not exist"), SqlState::UndefinedTable);
    assert_eq!(state("ERROR: Load into table 't' failed."), SqlState::LoadFailed);
    assert_eq!(state("ERROR: permission denied for relation t"), SqlState::InsufficientPrivilege);
    assert_eq!(state("ERROR: column \"session\" does not exist"), SqlState::InternalError);
}
