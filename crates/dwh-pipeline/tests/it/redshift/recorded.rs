//! Keeps the SQL that is sent, and lets another parser read it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use dwh_common::SqlError;
use dwh_pipeline::{Connection, Connector, StatementSink, Types};

/// The texts in the order in which they were sent.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<String>>>);

struct RecordingConnector(Box<dyn Connector>, Recorder);
struct RecordingConnection(Box<dyn Connection>, Recorder);

impl Recorder {
    /// Records what sessions of this connector are sent.
    pub(crate) fn on(&self, connector: Box<dyn Connector>) -> Box<dyn Connector> {
        Box::new(RecordingConnector(connector, self.clone()))
    }

    /// sqlglot reads everything as Redshift's dialect. Needs `DWH_TEST_PYTHON`, and says so without.
    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    pub(crate) fn assert_sqlglot_reads_all(&self) {
        let Some(python) = std::env::var_os("DWH_TEST_PYTHON") else {
            eprintln!("skipped: DWH_TEST_PYTHON names no Python with sqlglot");
            return;
        };
        let texts = self.0.lock().expect("no panic").clone();
        assert!(texts.iter().any(|text| text.contains("COPY")), "{texts:?}");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sqlglot/recorded.py");
        let mut child = Command::new(python)
            .arg(script)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a Python that starts");
        let input = serde_json::to_vec(&texts).expect("JSON");
        child.stdin.take().expect("piped").write_all(&input).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        assert!(text.contains("statements"), "{text}");
    }
}

#[async_trait]
impl Connector for RecordingConnector {
    async fn connect(&self) -> Result<Box<dyn Connection>, SqlError> {
        Ok(Box::new(RecordingConnection(self.0.connect().await?, self.1.clone())))
    }
}

#[async_trait]
impl Connection for RecordingConnection {
    async fn run(&self, sql: &str, types: Types, sink: &mut dyn StatementSink) -> Result<(), SqlError> {
        self.1.0.lock().expect("no panic").push(sql.to_owned());
        self.0.run(sql, types, sink).await
    }
}
