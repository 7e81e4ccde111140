//! A fresh warehouse, and rows as text.

use arrow::array::Array;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dwh_common::{Secret, SqlError};
use dwh_copy::StoreSettings;
use dwh_engine::{Engine, EngineOptions, ResultSet, Session, SessionOptions};
use dwh_testkit::{ACCESS_KEY_ID, LoopbackS3, SECRET_ACCESS_KEY};
use tempfile::TempDir;

/// An engine over a warehouse that is gone with it.
pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    dir: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with_stores(StoreSettings::from_env())
    }

    /// One whose S3 is the server, with its access key in place of a role.
    pub(crate) fn on_s3(s3: &LoopbackS3) -> Self {
        Self::with_stores(StoreSettings {
            endpoint: Some(s3.endpoint()),
            access_key_id: Some(Secret::new(ACCESS_KEY_ID)),
            secret_access_key: Some(Secret::new(SECRET_ACCESS_KEY)),
            ..StoreSettings::default()
        })
    }

    fn with_stores(stores: StoreSettings) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let options = EngineOptions { stores, ..EngineOptions::new(dir.path().join("warehouse")) };
        Self { engine: Engine::open(options).expect("a new warehouse"), dir }
    }

    /// The folder that holds the warehouse.
    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub(crate) fn session(&self) -> Session {
        self.engine.session(SessionOptions::default())
    }
}

/// A server with these objects in its bucket `songs`, and a session of a warehouse that reads it.
pub(crate) async fn bucket(objects: &[(&str, &[u8])]) -> (LoopbackS3, Fixture, Session) {
    let s3 = LoopbackS3::start().await.expect("starts");
    s3.create_bucket("songs");
    for (key, bytes) in objects {
        s3.put("songs", key, bytes.to_vec());
    }
    let fixture = Fixture::on_s3(&s3);
    let session = fixture.session();
    (s3, fixture, session)
}

/// The rows of the last statement, columns joined by `|`, NULL as `NULL`.
pub(crate) async fn rows(session: &Session, sql: &str) -> Vec<String> {
    let results = session.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let last = results.into_iter().last().expect("a statement");
    last.result.map(|result| as_text(&result)).unwrap_or_default()
}

/// Runs statements that must succeed.
pub(crate) async fn run(session: &Session, sql: &str) {
    session.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// The error of a statement that must fail.
pub(crate) async fn error(session: &Session, sql: &str) -> SqlError {
    match session.execute(sql).await {
        Err(error) => error,
        Ok(results) => panic!("{sql} succeeded: {results:?}"),
    }
}

pub(crate) fn as_text(result: &ResultSet) -> Vec<String> {
    let options = FormatOptions::default()
        .with_null("NULL")
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"));
    let mut lines = Vec::new();
    for batch in &result.batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| {
                ArrayFormatter::try_new(column.as_ref() as &dyn Array, &options).expect("printable")
            })
            .collect();
        for row in 0..batch.num_rows() {
            let values: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
            lines.push(values.join("|"));
        }
    }
    lines
}
