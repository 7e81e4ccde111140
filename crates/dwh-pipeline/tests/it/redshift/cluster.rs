//! A database behind TLS, a bucket, and a proxy that cuts, as a cluster's network may.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use dwh_common::{Backoff, Secret};
use dwh_copy::{StoreSettings, Stores};
use dwh_engine::{Engine, EngineOptions};
use dwh_pipeline::{
    ClusterFiles, Connector, Job, PasswordLogin, Pipeline, PipelineError, RedshiftWarehouse, RunOptions,
    RunReport, Silent, Variables, Warehouse, WireConnector, WireOptions, run,
};
use dwh_server::{Certificate, Owner, Server, ServerOptions};
use dwh_testkit::{ACCESS_KEY_ID, CutProxy, LoopbackS3, ManualClock, SECRET_ACCESS_KEY, TestCertificate};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const USER: &str = "dwhuser";
pub(crate) const PASSWORD: &str = "Passw0rd";
pub(crate) const BUCKET: &str = "song-plays";

pub(crate) struct Cluster {
    pub(crate) s3: LoopbackS3,
    pub(crate) proxy: CutProxy,
    /// Its certificate authority.
    pub(crate) authority: PathBuf,
    server: JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let s3 = LoopbackS3::start().await.expect("a port");
        s3.create_bucket(BUCKET);
        let certificate = TestCertificate::write(folder.path(), "127.0.0.1");
        let stores = store_settings(&s3);
        let options = EngineOptions { stores, ..EngineOptions::new(folder.path().join("warehouse")) };
        let engine = Engine::open(options).expect("opens");
        engine.name_owner(USER).await.expect("an owner");
        let owner = Owner { name: USER.to_owned(), password: Secret::new(PASSWORD) };
        let mut options = ServerOptions::new(Some(owner));
        options.require_tls = true;
        let TestCertificate { authority, chain, key } = certificate;
        options.certificate = Some(Certificate::Files { chain, key });
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::bind(engine, any_port, options).await.expect("a port");
        let address = server.local_addr().expect("an address");
        let proxy = CutProxy::start(address).await.expect("a port");
        let server = tokio::spawn(server.serve(std::future::pending(), std::future::pending()));
        Self { s3, proxy, authority, server, _folder: folder }
    }

    pub(crate) fn options(&self) -> WireOptions {
        WireOptions {
            host: "127.0.0.1".to_owned(),
            port: self.proxy.address().port(),
            database: "dev".to_owned(),
            ca_file: Some(self.authority.clone()),
            connect_timeout: Duration::from_secs(60),
            statement_timeout: None,
        }
    }

    pub(crate) fn connector(&self, password: &str) -> WireConnector {
        let login = PasswordLogin { user: USER.to_owned(), password: Secret::new(password) };
        WireConnector::new(self.options(), Box::new(login)).expect("the certificates can be read")
    }

    /// A warehouse that tries so often.
    pub(crate) fn warehouse(&self, attempts: u32) -> RedshiftWarehouse {
        self.warehouse_on(Box::new(self.connector(PASSWORD)), attempts, Some("manifests"))
    }

    /// With or without a prefix for manifests.
    pub(crate) fn warehouse_on(
        &self,
        connector: Box<dyn Connector>,
        attempts: u32,
        manifests: Option<&str>,
    ) -> RedshiftWarehouse {
        let prefix = manifests.map(|prefix| format!("s3://{BUCKET}/{prefix}"));
        let files = ClusterFiles::new(Stores::new(store_settings(&self.s3)), prefix);
        let backoff = Backoff { attempts, ..Backoff::default() };
        RedshiftWarehouse::new(connector, files, Arc::new(ManualClock::default()), backoff)
    }

    /// Puts a folder's files into the bucket.
    pub(crate) fn put_folder(&self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let key = format!("{prefix}{}", path.file_name().and_then(|name| name.to_str()).expect("a name"));
            if path.is_dir() {
                self.put_folder(&path, &format!("{key}/"));
            } else {
                self.s3.put(BUCKET, &key, fs::read(&path).expect("readable"));
            }
        }
    }
}

fn store_settings(s3: &LoopbackS3) -> StoreSettings {
    StoreSettings {
        access_key_id: Some(Secret::new(ACCESS_KEY_ID)),
        secret_access_key: Some(Secret::new(SECRET_ACCESS_KEY)),
        region: Some("us-west-2".to_owned()),
        endpoint: Some(s3.endpoint()),
        ..StoreSettings::default()
    }
}

/// A pipeline whose runs are short: events into staging, and from there into facts.
pub(crate) fn small_pipeline() -> (Pipeline, Variables) {
    let files = [
        (
            "pipeline.toml",
            "name = 'small'\ntables = ['staging', 'facts']\nloads = ['staging']\ntransforms = ['facts']\n\
             [variables.DATA]\nconfig = 'S3.DATA'\n",
        ),
        ("tables/staging.sql", "CREATE TABLE staging (id INT NOT NULL, name VARCHAR(8));"),
        ("tables/facts.sql", "CREATE TABLE facts (id INT NOT NULL, name VARCHAR(8));"),
        ("load/staging.sql", "COPY staging FROM '${DATA}' IAM_ROLE 'default' FORMAT AS JSON 'auto';"),
        (
            "transform/facts.sql",
            "CREATE TEMP TABLE fresh AS SELECT id, name FROM staging WHERE id NOT IN (SELECT id FROM facts);\n\
             INSERT INTO facts SELECT id, name FROM fresh;\nDROP TABLE fresh;",
        ),
    ];
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    let pipeline = Pipeline::open(folder.path()).expect("reads");
    let variables = Variables::resolve(&pipeline.variables, |_| Some(format!("s3://{BUCKET}/events/")));
    (pipeline, variables)
}

/// The built-in pipeline on the bucket.
pub(crate) fn sparkify() -> (Pipeline, Variables) {
    let pipeline = Pipeline::built_in("sparkify").expect("built in");
    let variables = Variables::resolve(&pipeline.variables, |variable| match variable.name.as_str() {
        "LOG_DATA" => Some(format!("s3://{BUCKET}/log_data/")),
        "SONG_DATA" => Some(format!("s3://{BUCKET}/song_data/")),
        "LOG_JSONPATH" => Some(format!("s3://{BUCKET}/log_json_path.json")),
        _ => None,
    });
    (pipeline, variables)
}

pub(crate) async fn run_on(
    (pipeline, variables): &(Pipeline, Variables),
    warehouse: &dyn Warehouse,
) -> Result<RunReport, PipelineError> {
    run(Job { pipeline, variables, warehouse, observer: &Silent }, RunOptions::default()).await
}

pub(crate) async fn number(warehouse: &dyn Warehouse, sql: &str) -> u64 {
    let found = warehouse.query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let value = found.rows[0][0].as_deref().and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| panic!("{sql}: {found:?}"))
}
