//! A session: one client's settings, temporary tables and transaction (RS 3.7).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use dwh_common::{SqlError, SqlState};
use dwh_copy::Progress;
use dwh_sql::statement::{ParsedStatement, Statement};
use dwh_storage::{TemporaryTables, Transaction};
use tokio::sync::Mutex;

use crate::context::{LastTransfer, StatementContext};
use crate::engine::Engine;
use crate::execute;
use crate::result::{Notice, Outcome, Severity, StatementResult};
use crate::session_functions::{SessionFacts, SessionFunctions};
use crate::settings::Settings;

/// Who a session belongs to, and who watches its loads.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// User name; the first user of a cluster is `awsuser`.
    pub user: String,
    /// Where COPY counts what it has done, for a progress display.
    pub copy_progress: Arc<Progress>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { user: "awsuser".to_owned(), copy_progress: Arc::default() }
    }
}

/// A client's connection to the engine. Statements of one session run one after another.
pub struct Session {
    engine: Engine,
    id: i32,
    options: SessionOptions,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    settings: Settings,
    block: Block,
    temporary: TemporaryTables,
    last_copy: LastTransfer,
    last_unload: LastTransfer,
    /// Set when reading the rows of a statement of the block has failed.
    reading_failed: Arc<AtomicBool>,
}

/// The transaction block of a session.
#[derive(Default)]
enum Block {
    /// Each statement is its own transaction.
    #[default]
    None,
    /// Between BEGIN and COMMIT. The snapshot is taken by the first statement, not by BEGIN (RS 3.7).
    Open { transaction: Option<Box<Transaction>>, started: DateTime<Utc> },
    /// A statement failed: only ROLLBACK (or COMMIT, which rolls back) is taken.
    Failed,
}

impl Session {
    pub(crate) fn new(engine: Engine, id: i32, options: SessionOptions) -> Self {
        Self { engine, id, options, state: Mutex::default() }
    }

    /// The session's number, `pg_backend_pid()`.
    pub fn id(&self) -> i32 {
        self.id
    }

    /// The engine that the session belongs to.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where the session's COPYs count what they have done.
    pub fn copy_progress(&self) -> &Arc<Progress> {
        &self.options.copy_progress
    }

    /// Runs all statements of a text and reads all their rows.
    ///
    /// # Errors
    /// The first statement that fails; the ones before it in the same text are rolled back with it,
    /// unless the text has transaction statements of its own.
    pub async fn execute(&self, sql: &str) -> Result<Vec<StatementResult>, SqlError> {
        let mut results = Vec::new();
        for outcome in self.run(sql).await? {
            results.push(outcome.collect().await?);
        }
        Ok(results)
    }

    /// Runs all statements of a text; rows are read from the outcomes.
    ///
    /// # Errors
    /// As [`Session::execute`].
    pub async fn run(&self, sql: &str) -> Result<Vec<Outcome>, SqlError> {
        let mut state = self.state.lock().await;
        let statements = match dwh_sql::parse_with(sql, state.settings.parse_options()) {
            Ok(statements) => statements,
            Err(error) => {
                state.fail_block();
                return Err(error);
            }
        };
        // Several statements in one text are one transaction (RS 5.1), as far as they can be in a block.
        let implicit_block = statements.len() > 1
            && matches!(state.block, Block::None)
            && statements.iter().all(|parsed| may_be_in_implicit_block(&parsed.statement));
        if implicit_block {
            state.block = Block::Open { transaction: None, started: Utc::now() };
        }
        let mut outcomes = Vec::with_capacity(statements.len());
        for parsed in &statements {
            let mut outcome = self.run_one(&mut state, parsed, sql).await;
            if statements.len() > 1 {
                // The next statement, or the commit, waits for the rows: they may be in error.
                outcome = match outcome {
                    Ok(outcome) => outcome.read().await,
                    Err(error) => Err(error),
                };
            }
            match outcome {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => {
                    if implicit_block {
                        state.rollback();
                    }
                    return Err(error);
                }
            }
        }
        if implicit_block {
            state.commit().await?;
        }
        Ok(outcomes)
    }

    async fn run_one(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
    ) -> Result<Outcome, SqlError> {
        if state.reading_failed.swap(false, Ordering::Relaxed) {
            state.fail_block();
        }
        match &parsed.statement {
            Statement::Begin => return Ok(state.begin()),
            Statement::Commit => return state.commit().await,
            Statement::Rollback => return Ok(state.rollback()),
            _ if matches!(state.block, Block::Failed) => {
                return Err(SqlError::new(
                    SqlState::InFailedSqlTransaction,
                    "current transaction is aborted, commands ignored until end of transaction block",
                )
                .with_hint("Send ROLLBACK."));
            }
            Statement::Set { name, value, local } => {
                state.settings.set(name, value.clone(), *local)?;
                return Ok(Outcome::done("SET"));
            }
            Statement::Reset(name) => {
                state.settings.reset(name.as_deref())?;
                return Ok(Outcome::done("RESET"));
            }
            _ => {}
        }
        let limit = state.settings.statement_timeout();
        let work = self.run_in_transaction(state, parsed, sql);
        match limit {
            None => work.await,
            Some(limit) => tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
                Err(SqlError::new(SqlState::QueryCanceled, "Query cancelled on user's request")
                    .with_detail(format!("statement_timeout of {} ms has passed", limit.as_millis())))
            }),
        }
    }

    async fn run_in_transaction(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
    ) -> Result<Outcome, SqlError> {
        let statement_start = Utc::now();
        // While the statement runs the block counts as failed, so that a cancelled one leaves it so.
        let (in_block, open, started) = match std::mem::replace(&mut state.block, Block::Failed) {
            Block::Open { transaction, started } => (true, transaction, started),
            Block::None | Block::Failed => {
                state.block = Block::None;
                (false, None, statement_start)
            }
        };
        let mut transaction = match open {
            Some(transaction) => *transaction,
            None => self.engine.warehouse().begin(state.temporary.clone())?,
        };
        let outcome = {
            let search_path = state.settings.search_path(&self.options.user);
            let facts = self.facts(state, &search_path, started, statement_start);
            let mut context = StatementContext {
                engine: &self.engine,
                session_id: self.id,
                user: &self.options.user,
                settings: &state.settings,
                search_path,
                transaction: &mut transaction,
                autocommit: !in_block,
                statement_start,
                functions: SessionFunctions::new(&facts),
                submitted: sql,
                text: &parsed.text,
                last_copy: &mut state.last_copy,
                last_unload: &mut state.last_unload,
                copy_progress: Arc::clone(&self.options.copy_progress),
                notices: Vec::new(),
            };
            let result = execute::execute(&mut context, &parsed.statement).await;
            let notices = std::mem::take(&mut context.notices);
            result.map(|mut outcome| {
                outcome.notices.splice(0..0, notices);
                outcome
            })
        }?;
        transaction.mark_read();
        // TRUNCATE commits the whole transaction, the statements before it included (RS 3.5).
        let commits = !in_block || matches!(parsed.statement, Statement::Truncate(_));
        if commits {
            state.temporary = transaction.commit().await?;
            if in_block {
                state.block = Block::Open { transaction: None, started };
            }
            Ok(outcome)
        } else {
            state.block = Block::Open { transaction: Some(Box::new(transaction)), started };
            Ok(outcome.watched_by(&state.reading_failed))
        }
    }

    fn facts(
        &self,
        state: &State,
        search_path: &[String],
        started: DateTime<Utc>,
        statement_start: DateTime<Utc>,
    ) -> SessionFacts {
        SessionFacts {
            user: self.options.user.clone(),
            database: self.engine.database().to_owned(),
            schema: search_path
                .iter()
                .find(|schema| **schema != self.options.user)
                .cloned()
                .unwrap_or_else(|| "public".to_owned()),
            session_id: self.id,
            last_copy_id: state.last_copy.query_id,
            last_copy_count: state.last_copy.rows,
            last_unload_id: state.last_unload.query_id,
            last_unload_count: state.last_unload.rows,
            transaction_start_us: started.timestamp_micros(),
            statement_start_us: statement_start.timestamp_micros(),
        }
    }
}

impl State {
    fn begin(&mut self) -> Outcome {
        let mut outcome = Outcome::done("BEGIN");
        if matches!(self.block, Block::None) {
            self.block = Block::Open { transaction: None, started: Utc::now() };
        } else {
            outcome.notices.push(warning("there is already a transaction in progress"));
        }
        outcome
    }

    async fn commit(&mut self) -> Result<Outcome, SqlError> {
        self.settings.end_transaction();
        match std::mem::take(&mut self.block) {
            Block::None => {
                let mut outcome = Outcome::done("COMMIT");
                outcome.notices.push(warning("there is no transaction in progress"));
                Ok(outcome)
            }
            Block::Open { transaction, .. } => {
                if let Some(transaction) = transaction {
                    self.temporary = transaction.commit().await?;
                }
                Ok(Outcome::done("COMMIT"))
            }
            Block::Failed => Ok(Outcome::done("ROLLBACK")),
        }
    }

    fn fail_block(&mut self) {
        if let Block::Open { .. } = self.block {
            // Dropping the transaction rolls it back.
            self.block = Block::Failed;
        }
    }

    fn rollback(&mut self) -> Outcome {
        self.settings.end_transaction();
        let mut outcome = Outcome::done("ROLLBACK");
        match std::mem::take(&mut self.block) {
            Block::None => outcome.notices.push(warning("there is no transaction in progress")),
            Block::Open { transaction: Some(transaction), .. } => self.temporary = transaction.rollback(),
            Block::Open { transaction: None, .. } | Block::Failed => {}
        }
        outcome
    }
}

fn warning(message: &str) -> Notice {
    Notice { severity: Severity::Warning, message: message.to_owned() }
}

/// Transaction statements keep their own meaning, and these refuse a block or commit by themselves.
fn may_be_in_implicit_block(statement: &Statement) -> bool {
    !matches!(
        statement,
        Statement::Begin
            | Statement::Commit
            | Statement::Rollback
            | Statement::Truncate(_)
            | Statement::Vacuum(_)
    )
}
