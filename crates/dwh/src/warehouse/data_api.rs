//! The Data API as a way to Redshift: a database session that the service keeps between the calls.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use dwh_cluster::{DataApi, DataApiOutput, DataApiPage, DataApiTarget};
use dwh_common::{Clock, RedshiftType, SqlError, SqlState};
use dwh_pipeline::{
    Collected, Connection, Connector, OutputColumn, StatementSink, StatementSummary, TextRow, Types,
};
use dwh_sql::statement::{ParsedStatement, Statement};
use tokio::sync::OnceCell;

use super::iam_login::of_api;

/// A name that nobody else gives to a table.
const PROBE: &str = "dwh_transaction_probe";

/// Opens sessions.
pub(crate) struct DataApiConnector {
    pub(crate) api: DataApi,
    pub(crate) target: DataApiTarget,
    pub(crate) clock: Arc<dyn Clock>,
    /// A statement that takes longer is ended by the database.
    pub(crate) statement_timeout: Option<Duration>,
}

struct DataApiConnection {
    api: DataApi,
    target: DataApiTarget,
    clock: Arc<dyn Clock>,
    session_id: String,
    keeps_transactions: OnceCell<()>,
    block_is_open: AtomicBool,
}

#[async_trait]
impl Connector for DataApiConnector {
    async fn connect(&self) -> Result<Box<dyn Connection>, SqlError> {
        // The first statement opens the session; its row tells nothing.
        let mut nothing = |_: DataApiPage| ControlFlow::Break(());
        let first = match self.statement_timeout {
            Some(limit) => format!("SET statement_timeout TO {}", limit.as_millis()),
            None => "SELECT 1".to_owned(),
        };
        let opened = self.api.run(&self.target, None, &first, self.clock.as_ref(), &mut nothing).await;
        let opened = opened.map_err(|error| of_api(&error))?;
        if let Some(error) = opened.error {
            return Err(of_database(&error));
        }
        let session_id = opened.session_id.ok_or_else(|| {
            SqlError::new(SqlState::FeatureNotSupported, "this Data API keeps no sessions, which a run needs")
        })?;
        Ok(Box::new(DataApiConnection {
            api: self.api.clone(),
            target: self.target.clone(),
            clock: Arc::clone(&self.clock),
            session_id,
            keeps_transactions: OnceCell::new(),
            block_is_open: AtomicBool::new(false),
        }))
    }
}

#[async_trait]
impl Connection for DataApiConnection {
    /// The service takes one statement at a time; several outside a transaction block become one, as they are on
    /// the wire.
    async fn run(&self, sql: &str, _types: Types, sink: &mut dyn StatementSink) -> Result<(), SqlError> {
        let Ok(parsed) = dwh_sql::parse(sql) else { return self.one(sql, sink).await };
        let controls = |parsed: &ParsedStatement| {
            matches!(parsed.statement, Statement::Begin(_) | Statement::Commit | Statement::Rollback)
        };
        let is_one =
            parsed.len() == 1 || self.block_is_open.load(Ordering::SeqCst) || parsed.iter().any(controls);
        if is_one {
            return self.each(&parsed, sink).await;
        }
        self.begin("BEGIN", &mut Collected::default()).await?;
        match self.each(&parsed, sink).await {
            Ok(()) => self.rows("COMMIT").await.map(drop),
            Err(error) => Err(self.rolled_back(error).await),
        }
    }
}

impl DataApiConnection {
    async fn each(&self, parsed: &[ParsedStatement], sink: &mut dyn StatementSink) -> Result<(), SqlError> {
        for ParsedStatement { statement, text, .. } in parsed {
            match statement {
                Statement::Begin(_) => self.begin(text, sink).await?,
                _ => self.one(text, sink).await?,
            }
            match statement {
                Statement::Begin(_) => self.block_is_open.store(true, Ordering::SeqCst),
                Statement::Commit | Statement::Rollback => self.block_is_open.store(false, Ordering::SeqCst),
                _ => {}
            }
        }
        Ok(())
    }

    async fn begin(&self, sql: &str, sink: &mut dyn StatementSink) -> Result<(), SqlError> {
        self.keeps_transactions.get_or_try_init(|| self.probe()).await?;
        self.one(sql, sink).await
    }

    /// Ends the block that an error has failed. The error is what to tell, even if the block cannot be ended.
    async fn rolled_back(&self, error: SqlError) -> SqlError {
        if let Err(also) = self.rows("ROLLBACK").await {
            tracing::warn!(error = %also, "ROLLBACK was not done");
        }
        error
    }

    async fn one(&self, sql: &str, sink: &mut dyn StatementSink) -> Result<(), SqlError> {
        let sql = sql.trim().trim_end_matches(';');
        let column = |(name, data_type): (String, String)| OutputColumn {
            name,
            data_type: RedshiftType::from_sql_name(&data_type, &[]).ok(),
        };
        let mut is_first = true;
        let mut take = |page: DataApiPage| {
            if std::mem::take(&mut is_first) {
                sink.columns(page.columns.into_iter().map(column).collect());
            }
            if page.rows.is_empty() { ControlFlow::Continue(()) } else { sink.rows(page.rows) }
        };
        let done =
            self.api.run(&self.target, Some(&self.session_id), sql, self.clock.as_ref(), &mut take).await;
        let DataApiOutput { row_count, error, .. } = done.map_err(|error| of_api(&error))?;
        if let Some(error) = error {
            return Err(of_database(&error));
        }
        sink.done(StatementSummary::of(sql, row_count));
        Ok(())
    }

    /// All rows of a statement.
    async fn rows(&self, sql: &str) -> Result<Vec<TextRow>, SqlError> {
        let mut collected = Collected::default();
        self.one(sql, &mut collected).await?;
        Ok(collected.into_outputs().into_iter().next_back().map_or_else(Vec::new, |output| output.rows))
    }

    /// A run is one transaction over many calls. Where the service ended it with each call, a run that fails
    /// would leave half of its rows behind, so that this is tried before anything is written.
    async fn probe(&self) -> Result<(), SqlError> {
        self.rows("BEGIN").await?;
        if let Err(error) = self.rows(&format!("CREATE TEMP TABLE {PROBE} (a INT)")).await {
            return Err(self.rolled_back(error).await);
        }
        self.rows("ROLLBACK").await?;
        let left =
            self.rows(&format!("SELECT COUNT(*) AS n FROM pg_class WHERE relname = '{PROBE}'")).await?;
        let count = left.first().and_then(|row| row.first()).and_then(Option::as_deref);
        if count == Some("0") {
            return Ok(());
        }
        Err(SqlError::new(
            SqlState::FeatureNotSupported,
            "the Data API ended the transaction with the call that began it, so that a run could be left half done",
        )
        .with_hint("set [REDSHIFT] CONNECTION to password or iam"))
    }
}

/// The service tells the text of an error without its SQLSTATE.
fn of_database(text: &str) -> SqlError {
    let message = text.trim().trim_start_matches("ERROR:").trim();
    let state = if message.starts_with("Load into table") {
        SqlState::LoadFailed
    } else if message.contains("relation") && message.contains("does not exist") {
        SqlState::UndefinedTable
    } else if message.contains("current transaction is aborted") {
        SqlState::InFailedSqlTransaction
    } else if message.contains("permission denied") {
        SqlState::InsufficientPrivilege
    } else if message.contains("Serializable isolation violation") {
        SqlState::SerializationFailure
    } else if message.contains("syntax error") {
        SqlState::SyntaxError
    } else if message.contains("statement timeout") || message.contains("cancelled on user's request") {
        SqlState::QueryCanceled
    } else {
        SqlState::InternalError
    };
    SqlError::new(state, message)
}

#[cfg(test)]
mod tests;
