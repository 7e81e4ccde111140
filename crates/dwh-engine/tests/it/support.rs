//! A fresh warehouse, and rows as text.

use arrow::array::Array;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dwh_common::SqlError;
use dwh_engine::{Engine, EngineOptions, ResultSet, Session, SessionOptions};
use tempfile::TempDir;

/// An engine over a warehouse that is gone with it.
pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    _dir: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let engine = Engine::open(EngineOptions::new(dir.path().join("warehouse"))).expect("a new warehouse");
        Self { engine, _dir: dir }
    }

    pub(crate) fn session(&self) -> Session {
        self.engine.session(SessionOptions::default())
    }
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
