//! The sqllogictest files under `tests/slt`: each in a warehouse of its own, through one session.
//! Values are compared as a client sees them; `connection name` opens another session. A CALL without rows answers with
//! its notices.

use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use dwh_common::SqlError;
use dwh_engine::{ColumnText, ResultSet, Session};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use crate::support::Fixture;

struct Connection(Session);

/// Shown as clients show it: SQLSTATE, message, detail.
#[derive(Debug)]
struct StatementError(SqlError);

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.state.code(), self.0)?;
        match &self.0.context {
            Some(context) => write!(f, "\nCONTEXT:  {context}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for StatementError {}

#[async_trait]
impl AsyncDB for Connection {
    type Error = StatementError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, StatementError> {
        let results = self.0.execute(sql).await.map_err(StatementError)?;
        let Some(last) = results.into_iter().last() else { return Ok(DBOutput::StatementComplete(0)) };
        Ok(match last.result {
            Some(result) => DBOutput::Rows {
                types: vec![DefaultColumnType::Text; result.schema.fields().len()],
                rows: as_text(&result),
            },
            // Of a procedure, what it tells.
            None if last.tag == "CALL" && !last.notices.is_empty() => DBOutput::Rows {
                types: vec![DefaultColumnType::Text],
                rows: last.notices.iter().map(|notice| vec![notice.to_string()]).collect(),
            },
            None => DBOutput::StatementComplete(last.rows_affected.unwrap_or_default()),
        })
    }

    async fn shutdown(&mut self) {}

    fn engine_name(&self) -> &'static str {
        "dwh"
    }
}

/// Values as a client sees them.
pub(crate) fn as_text(result: &ResultSet) -> Vec<Vec<String>> {
    let mut rows = Vec::with_capacity(result.row_count());
    for batch in &result.batches {
        let texts: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ColumnText::new(column, &result.style).expect("printable"))
            .collect();
        let shown = |text: Option<String>| match text {
            None => "NULL".to_owned(),
            Some(text) if text.is_empty() => "(empty)".to_owned(),
            Some(text) => text,
        };
        rows.extend((0..batch.num_rows()).map(|row| {
            texts.iter().map(|column| shown(column.get(row).expect("a value with a text"))).collect()
        }));
    }
    rows
}

fn files_under(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder of the cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_under(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            found.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sqllogictest_file_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let mut files = Vec::new();
    files_under(&root, &mut files);
    files.sort();
    assert!(!files.is_empty(), "no case in {}", root.display());
    // SLT=math runs the files whose path contains `math` only.
    let chosen = std::env::var("SLT").unwrap_or_default();
    let mut failures = Vec::new();
    for file in files.iter().filter(|file| file.to_string_lossy().contains(&chosen)) {
        let fixture = Fixture::new();
        let mut runner = Runner::new(async || Ok(Connection(fixture.session())));
        // Blanks within a value count; behind the last value they cannot be seen in the file.
        runner.with_normalizer(|text| text.trim_end().to_owned());
        if let Err(error) = runner.run_file_async(file).await {
            failures.push(format!("{}", error.display(false)));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} files failed:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n\n")
    );
}
