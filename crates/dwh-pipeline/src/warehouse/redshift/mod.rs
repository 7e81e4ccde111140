//! Amazon Redshift as a warehouse: one session that is opened when it is needed and again when it broke.
//!
//! A statement outside a transaction that only reads is repeated on a new session; all others are for the
//! caller to repeat, who knows what they belong to ([`Warehouse::recover`]).

mod connection;
mod copied;
mod files;
mod load_watch;
mod statements;
mod wire;

use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use dwh_common::{Backoff, Clock, SqlError, SqlState};
use dwh_copy::Progress;
use dwh_sql::redact::redact;
use dwh_sql::statement::Copy;
use tokio::sync::Mutex;

pub use connection::{
    Collected, Connection, Connector, OutputColumn, StatementOutput, StatementSink, TextRow, Types,
};
pub use files::ClusterFiles;
pub use wire::{Login, PasswordLogin, WireConnector, WireOptions};

use super::{CopiedObject, ResultSet, SourceObject, StatementSummary, Warehouse};
use crate::error::ends_session;
use copied::LoadViews;
use load_watch::LoadWatch;

/// Tries of a first connection: enough for a short outage, and soon told if the host is wrong.
const FIRST_ATTEMPTS: u32 = 3;

/// A session of a Redshift database.
pub struct RedshiftWarehouse {
    connector: Arc<dyn Connector>,
    files: ClusterFiles,
    clock: Arc<dyn Clock>,
    backoff: Backoff,
    session: Mutex<Session>,
    watch: Option<LoadWatch>,
}

#[derive(Default)]
struct Session {
    connection: Option<Box<dyn Connection>>,
    /// Whether there has ever been a connection: where there has been none, the configuration is likely wrong.
    was_connected: bool,
    block_is_open: bool,
    load_views: Option<LoadViews>,
}

impl RedshiftWarehouse {
    /// Connects to nothing yet. `clock` is for the waits between tries.
    pub fn new(
        connector: Box<dyn Connector>,
        files: ClusterFiles,
        clock: Arc<dyn Clock>,
        backoff: Backoff,
    ) -> Self {
        let session = Mutex::default();
        Self { connector: connector.into(), files, clock, backoff, session, watch: None }
    }

    /// The same, counting in `progress` what its COPYs have done. It asks the cluster on a session of its own while one
    /// runs.
    #[must_use]
    pub fn counting_in(mut self, progress: Arc<Progress>) -> Self {
        self.watch = Some(LoadWatch::new(self.another(), progress));
        self
    }

    /// What its COPYs have done, if that is counted.
    pub fn copy_progress(&self) -> Option<&Arc<Progress>> {
        self.watch.as_ref().map(LoadWatch::progress)
    }

    /// Another session of the same database, which is opened when it is needed.
    pub fn another(&self) -> Self {
        Self {
            connector: Arc::clone(&self.connector),
            files: self.files.clone(),
            clock: Arc::clone(&self.clock),
            backoff: self.backoff,
            session: Mutex::default(),
            watch: None,
        }
    }

    /// Runs the statements of a text and gives back all that they say.
    ///
    /// # Errors
    /// What the cluster says, or that it cannot be reached.
    pub async fn run(&self, sql: &str, types: Types) -> Result<Vec<StatementOutput>, SqlError> {
        let mut collected = Collected::default();
        self.run_into(sql, types, &mut collected).await?;
        Ok(collected.into_outputs())
    }

    /// Runs the statements of a text and tells what they say as it comes.
    ///
    /// # Errors
    /// As [`Self::run`]; what was told before counts if there is no transaction block open.
    pub async fn run_into(
        &self,
        sql: &str,
        types: Types,
        sink: &mut dyn StatementSink,
    ) -> Result<(), SqlError> {
        let mut session = self.session.lock().await;
        // Where none is to be had, all tries have been made.
        self.connection(&mut session).await?;
        let mut told = Told { sink, anything: false };
        let outcome = self.run_once(&mut session, sql, types, &mut told).await;
        match outcome {
            Err(error)
                if ends_session(&error)
                    && !session.block_is_open
                    && statements::only_reads(sql)
                    && (!told.anything || told.sink.begin_anew()) =>
            {
                tracing::info!(%error, "connecting again");
                self.run_once(&mut session, sql, types, told.sink).await
            }
            outcome => {
                let broken = outcome.as_ref().is_err_and(ends_session);
                if broken {
                    session.block_is_open = false;
                }
                outcome
            }
        }
    }

    async fn run_once(
        &self,
        session: &mut Session,
        sql: &str,
        types: Types,
        sink: &mut dyn StatementSink,
    ) -> Result<(), SqlError> {
        tracing::debug!(target: "dwh::sql", sql = redact(sql), "sent to Redshift");
        let connection = self.connection(session).await?;
        let outcome = connection.run(sql, types, sink).await;
        match &outcome {
            Ok(()) => session.block_is_open = statements::block_is_open_after(sql, session.block_is_open),
            Err(error) if ends_session(error) => session.connection = None,
            Err(_) => {}
        }
        outcome
    }

    /// The open connection, or a new one after as many tries as the back-off has.
    async fn connection<'a>(&self, session: &'a mut Session) -> Result<&'a dyn Connection, SqlError> {
        if session.connection.is_none() {
            session.connection = Some(self.connect(session.was_connected).await?);
            session.was_connected = true;
        }
        session
            .connection
            .as_deref()
            .ok_or_else(|| SqlError::internal("a connection that was just made is gone"))
    }

    async fn connect(&self, was_connected: bool) -> Result<Box<dyn Connection>, SqlError> {
        let attempts = if was_connected { u32::MAX } else { FIRST_ATTEMPTS };
        let backoff = Backoff { attempts: self.backoff.attempts.min(attempts), ..self.backoff };
        let mut attempt = 1;
        loop {
            let error = match self.connector.connect().await {
                Ok(connection) => return Ok(connection),
                Err(error) => error,
            };
            let wait =
                backoff.after(attempt).filter(|_| ends_session(&error)).ok_or_else(|| error.clone())?;
            tracing::warn!(%error, "trying again in {:.1} s", wait.as_secs_f64());
            self.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    /// Which system views tell what a COPY read. Asked once and outside a transaction, which an error would end.
    ///
    /// # Errors
    /// The connection broke, which tells nothing of the views.
    async fn load_views(&self) -> Result<LoadViews, SqlError> {
        if let Some(known) = self.session.lock().await.load_views {
            return Ok(known);
        }
        let found = match self.query(LoadViews::PROBE).await {
            Ok(_) => LoadViews::Stl,
            Err(error) if ends_session(&error) => return Err(error),
            Err(_) => LoadViews::Sys,
        };
        self.session.lock().await.load_views = Some(found);
        Ok(found)
    }
}

/// Notes whether anything was told.
struct Told<'a> {
    sink: &'a mut dyn StatementSink,
    anything: bool,
}

impl StatementSink for Told<'_> {
    fn columns(&mut self, columns: Vec<OutputColumn>) {
        self.anything = true;
        self.sink.columns(columns);
    }

    fn rows(&mut self, rows: Vec<TextRow>) -> ControlFlow<()> {
        self.sink.rows(rows)
    }

    fn done(&mut self, summary: StatementSummary) {
        self.anything = true;
        self.sink.done(summary);
    }
}

#[async_trait]
impl Warehouse for RedshiftWarehouse {
    async fn execute(&self, sql: &str) -> Result<Vec<StatementSummary>, SqlError> {
        let running = self.run(sql, Types::Unwanted);
        let outputs = match &self.watch {
            Some(watch) if statements::is_copy(sql) => {
                watch.count_during(running, self.load_views().await?, &*self.clock).await?
            }
            _ => running.await?,
        };
        Ok(outputs.into_iter().map(|output| output.summary).collect())
    }

    async fn query(&self, sql: &str) -> Result<ResultSet, SqlError> {
        let outputs = self.run(sql, Types::Unwanted).await?;
        let with_rows = outputs.into_iter().rev().find_map(|output| Some((output.columns?, output.rows)));
        let (columns, rows) =
            with_rows.ok_or_else(|| SqlError::new(SqlState::SyntaxError, "a query must return rows"))?;
        Ok(ResultSet { columns: columns.into_iter().map(|column| column.name).collect(), rows })
    }

    async fn list_objects(&self, copy: &Copy) -> Result<Vec<SourceObject>, SqlError> {
        self.files.list(copy).await
    }

    async fn write_file(&self, name: &str, content: Vec<u8>) -> Result<String, SqlError> {
        self.files.write(name, content).await
    }

    fn keeps_files(&self) -> bool {
        self.files.are_kept()
    }

    async fn prepare_to_load(&self) -> Result<(), SqlError> {
        self.load_views().await?;
        if let Some(watch) = &self.watch {
            let asked = self.query("SELECT pg_backend_pid() AS pid").await?;
            watch.loads_on(asked.value(0, "pid").and_then(|pid| pid.parse().ok()));
        }
        Ok(())
    }

    async fn copied_objects(&self) -> Result<Vec<CopiedObject>, SqlError> {
        let files = self.query(self.load_views().await?.files_of_last_copy()).await?;
        let count = self.query("SELECT pg_last_copy_count() AS row_count").await?;
        copied::objects(&files, &count)
    }

    async fn load_errors(&self) -> Result<ResultSet, SqlError> {
        self.query(self.load_views().await?.errors_of_session()).await
    }

    async fn recover(&self, attempt: u32) -> bool {
        let was_connected = self.session.lock().await.was_connected;
        let Some(wait) = self.backoff.after(attempt).filter(|_| was_connected) else { return false };
        self.clock.sleep(wait).await;
        true
    }

    fn wants_vacuum(&self) -> bool {
        true
    }
}
