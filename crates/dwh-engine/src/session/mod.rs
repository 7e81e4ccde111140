//! A session: one client's settings, temporary tables and transaction (RS 3.7).

mod block;
mod caller;
mod calls;
mod cancel;
mod copying;
mod cursors;
mod describe;
mod notices;
mod prepared;
mod state;
mod transactions;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use dwh_common::SqlError;
use dwh_copy::Progress;
use dwh_sql::Parameters;
use dwh_sql::statement::{ParsedStatement, Statement};
use dwh_storage::{Client, PrincipalId, Privilege, StatementRecord, Transaction};
use tokio::sync::Mutex;

pub use self::block::TransactionStatus;
use self::block::{Block, OpenBlock, aborted, may_be_in_implicit_block};
pub(crate) use self::caller::{Caller, Ending};
pub use self::cancel::CancelHandle;
pub(crate) use self::cancel::Limits;
use self::copying::Copying;
use self::cursors::outside_block;
pub use self::describe::Description;
use self::notices::Notices;
use self::state::State;
use self::transactions::EndsAlone;
use crate::access::Rights;
use crate::activity::{OpenCursor, OpenTransaction};
use crate::context::StatementContext;
use crate::engine::Engine;
use crate::execute;
use crate::result::{Notice, Outcome, StatementResult};
use crate::session_functions::{SessionFacts, SessionFunctions};
use crate::settings::Settings;
use crate::statement_log::StatementLog;

/// Who a session belongs to, and who watches its loads.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// User name; the first user of a cluster is `awsuser`.
    pub user: String,
    /// Where COPY counts what it has done, for a progress display.
    pub copy_progress: Arc<Progress>,
    /// How the client came, for stl_connection_log.
    pub client: Client,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { user: "awsuser".to_owned(), copy_progress: Arc::default(), client: Client::default() }
    }
}

/// A client's connection to the engine. Statements of one session run one after another.
pub struct Session {
    engine: Engine,
    id: i32,
    options: SessionOptions,
    cancel: CancelHandle,
    /// The user that it was opened for.
    session_user: (PrincipalId, String),
    state: Mutex<State>,
    copying: Copying,
    notices: Notices,
}

/// When the transaction and the statement began.
#[derive(Clone, Copy)]
struct Times {
    started: DateTime<Utc>,
    statement_start: DateTime<Utc>,
}

impl Times {
    /// Both now: for a look at the catalog.
    fn now() -> Self {
        let now = Utc::now();
        Self { started: now, statement_start: now }
    }
}

impl Session {
    pub(crate) fn new(
        engine: Engine,
        id: i32,
        options: SessionOptions,
        user: PrincipalId,
        settings: Settings,
    ) -> Self {
        let session_user = (user, options.user.clone());
        let mut state = State { settings, ..State::default() };
        state.become_user(session_user.clone());
        Self {
            engine,
            id,
            options,
            cancel: CancelHandle::default(),
            session_user,
            state: Mutex::new(state),
            copying: Copying::default(),
            notices: Notices::default(),
        }
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

    /// Whether what the session runs goes on when its client has gone: a COPY does (RS 1.14).
    pub fn outlives_client(&self) -> bool {
        self.copying.is_set()
    }

    /// Ends what the session runs, from another task.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
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
        let statements = self.parse(sql, Parameters::Values(&[])).await?;
        let implicit_block = statements.len() > 1 && self.begin_implicit_block(&statements).await;
        let ran = self.run_all(&statements, sql).await;
        if implicit_block {
            self.end_implicit_block(ran.is_ok()).await?;
        }
        ran
    }

    async fn run_all(&self, statements: &[ParsedStatement], sql: &str) -> Result<Vec<Outcome>, SqlError> {
        let mut state = self.state.lock().await;
        let limits = self.cancel.listen();
        let mut outcomes = Vec::with_capacity(statements.len());
        for parsed in statements {
            let outcome = self.run_one(&mut state, parsed, sql, &limits).await?;
            // The next statement, or the commit, waits for the rows: they may be in error.
            outcomes.push(if statements.len() > 1 { outcome.read().await? } else { outcome });
        }
        Ok(outcomes)
    }

    /// Reads a text under the session's settings, with values for its parameters, without running it.
    ///
    /// # Errors
    /// The text cannot be read; an open block has failed then.
    pub async fn parse(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<ParsedStatement>, SqlError> {
        let mut state = self.state.lock().await;
        self.cancel.check_terminated()?;
        let parsed = dwh_sql::parse_with_parameters(sql, state.settings.parse_options(), parameters);
        parsed.inspect_err(|_| state.fail_block())
    }

    /// Runs one statement of a text that [`Session::parse`] has read; its rows are read from the outcome,
    /// before the next statement.
    ///
    /// # Errors
    /// What is wrong with the statement or its data.
    pub async fn run_statement(&self, parsed: &ParsedStatement, sql: &str) -> Result<Outcome, SqlError> {
        let mut state = self.state.lock().await;
        self.cancel.check_terminated()?;
        let limits = self.cancel.listen();
        self.run_one(&mut state, parsed, sql, &limits).await
    }

    /// Makes several statements one transaction (RS 5.1), as far as they can be in a block; tells whether it
    /// did. [`Session::end_implicit_block`] ends it.
    pub async fn begin_implicit_block(&self, statements: &[ParsedStatement]) -> bool {
        let mut state = self.state.lock().await;
        let implicit_block = matches!(state.block, Block::None)
            && statements.iter().all(|parsed| may_be_in_implicit_block(&parsed.statement));
        if implicit_block {
            self.open_transaction(&mut state);
            state.block = Block::Open(OpenBlock::new(state.settings.is_read_only()));
            state.implicit = true;
        }
        implicit_block
    }

    /// Commits an implicit block, or rolls it back; does nothing if there is none.
    ///
    /// # Errors
    /// The commit fails.
    pub async fn end_implicit_block(&self, commit: bool) -> Result<(), SqlError> {
        let mut state = self.state.lock().await;
        if std::mem::take(&mut state.implicit) {
            match commit {
                true => self.commit(&mut state).await.map(drop)?,
                false => drop(self.rollback(&mut state)),
            }
        }
        Ok(())
    }

    /// Whether the session is in a transaction block, and in which state.
    pub async fn transaction_status(&self) -> TransactionStatus {
        let mut state = self.state.lock().await;
        state.note_failed_reading();
        state.block.status()
    }

    /// An open block fails, as by an error of a statement: what was wrong lies outside the engine.
    pub async fn fail_block(&self) {
        self.state.lock().await.fail_block();
    }

    /// The value of a parameter as SHOW tells it; `None` if there is no such parameter.
    pub async fn setting(&self, name: &str) -> Option<String> {
        self.state.lock().await.settings.get(name).ok().map(str::to_owned)
    }

    /// Whether statements run with a superuser's rights now.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub async fn is_superuser(&self) -> Result<bool, SqlError> {
        let user = self.state.lock().await.user.0;
        let snapshot = self.engine.warehouse().snapshot()?;
        Ok(snapshot.access().users.get(&user).is_some_and(|user| user.superuser))
    }

    /// Sets a parameter as SET does, for what a client says when it connects.
    ///
    /// # Errors
    /// There is no such parameter, or it takes no such value.
    pub async fn set(&self, name: &str, value: &str) -> Result<(), SqlError> {
        self.state.lock().await.settings.set(name, Some(value.to_owned()), false)?;
        if name == "application_name" {
            self.engine.activity().set_application_name(self.id, value);
        }
        Ok(())
    }

    /// Notices of a statement that runs, as soon as there are some; what is taken here is not in its outcome.
    pub async fn notices(&self) -> Vec<Notice> {
        self.notices.wait().await
    }

    /// Notices of a statement that failed, which have not been taken yet.
    pub fn notices_before_error(&self) -> Vec<Notice> {
        self.notices.take()
    }

    async fn run_one(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
        limits: &Limits,
    ) -> Result<Outcome, SqlError> {
        if !state.calls.is_empty() {
            // Whoever ran a procedure has gone.
            state.unwind_calls(0);
            state.fail_block();
        }
        drop(self.notices.take());
        state.note_failed_reading();
        state.apply_setting_requests();
        let bound = match &parsed.statement {
            Statement::Execute(execute) if !matches!(state.block, Block::Failed) => {
                Some(state.bind(execute).inspect_err(|_| state.fail_block())?)
            }
            _ => None,
        };
        let (parsed, sql) = bound.as_ref().map_or((parsed, sql), |bound| (bound, bound.text.as_str()));
        let limits = limits.within(state.settings.statement_timeout());
        // What a statement may need is much, and its callers nest deep themselves.
        Box::pin(self.run_nested(state, parsed, sql, &limits)).await.map(|(outcome, _)| outcome)
    }

    /// Runs a statement, perhaps one of a procedure; gives back the number of its transaction too.
    async fn run_nested(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
        limits: &Limits,
    ) -> Result<(Outcome, u64), SqlError> {
        let log = self.begin_log(state, parsed);
        let transaction_id = log.transaction_id();
        let _copying = self.copying.during(&parsed.statement);
        let done = self.run_logged(state, parsed, sql, limits, &log).await;
        if log.is_query_on_nodes() {
            state.last_query_id = Some(log.query_id());
        }
        match done {
            Ok(outcome) => Ok((outcome.logged_by(log), transaction_id)),
            Err(error) => {
                log.fail(&error);
                Err(error)
            }
        }
    }

    async fn run_logged(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
        limits: &Limits,
        log: &StatementLog,
    ) -> Result<Outcome, SqlError> {
        let done = match &parsed.statement {
            Statement::Begin(modes) => return Ok(self.begin(state, *modes, log)),
            Statement::Commit => return self.commit(state).await,
            Statement::Rollback => return Ok(self.rollback(state)),
            _ if matches!(state.block, Block::Failed) => return Err(aborted()),
            Statement::Fetch { count, cursor } => match &mut state.block {
                Block::Open(block) => limits.guard(block.cursors.fetch(cursor, *count)).await,
                _ => Err(outside_block("FETCH")),
            },
            Statement::CloseCursor(cursor) => match &mut state.block {
                Block::Open(block) => {
                    let closed = block.cursors.close(cursor);
                    if closed.is_ok() {
                        self.engine.activity().set_cursor(self.id, None);
                    }
                    closed
                }
                _ => Err(outside_block("CLOSE")),
            },
            Statement::DeclareCursor(declare) => match &state.block {
                Block::Open(block) => match block.cursors.check_free(&declare.name) {
                    Ok(()) => self.run_in_transaction(state, parsed, sql, limits, log).await,
                    Err(error) => Err(error),
                },
                _ => Err(outside_block("DECLARE CURSOR")),
            },
            // It comes back here for its statements.
            Statement::Call(call) => return Box::pin(self.call(state, call, sql, limits, log)).await,
            statement => match state.run_here(statement) {
                Some(done) => done,
                None => return self.run_in_transaction(state, parsed, sql, limits, log).await,
            },
        };
        match (&done, &parsed.statement) {
            (Err(_), _) => state.fail_block(),
            (Ok(_), Statement::Set { name, .. }) if name == "application_name" => {
                let value = state.settings.get(name).unwrap_or_default();
                self.engine.activity().set_application_name(self.id, value);
            }
            _ => {}
        }
        done
    }

    fn begin_log(&self, state: &mut State, parsed: &ParsedStatement) -> StatementLog {
        let id = match (state.transaction, state.spare_transaction_id.take()) {
            (Some(now), _) => now.id,
            (None, Some(id)) => id,
            (None, None) => self.engine.warehouse().next_transaction_id(),
        };
        self.begin_log_in(state, parsed, id)
    }

    fn begin_log_in(&self, state: &State, parsed: &ParsedStatement, id: u64) -> StatementLog {
        let begun = StatementRecord {
            transaction_id: i64::try_from(id).unwrap_or(i64::MAX),
            session_id: self.id.into(),
            user_id: state.user.0,
            user_name: state.user.1.clone(),
            session_user_id: self.session_user.0,
            from_call: state.calls.last().map(|frame| frame.query_id),
            database: self.engine.database().to_owned(),
            label: state.settings.get("query_group").unwrap_or_default().to_owned(),
            text: parsed.text.clone(),
            ..StatementRecord::default()
        };
        StatementLog::begin(&self.engine, &parsed.statement, begun)
    }

    async fn run_in_transaction(
        &self,
        state: &mut State,
        parsed: &ParsedStatement,
        sql: &str,
        limits: &Limits,
        log: &StatementLog,
    ) -> Result<Outcome, SqlError> {
        let statement_start = Utc::now();
        // While the statement runs the block counts as failed, so that a cancelled one leaves it so.
        let mut open = match std::mem::replace(&mut state.block, Block::Failed) {
            Block::Open(block) => Some(block),
            Block::None | Block::Failed => {
                state.block = Block::None;
                None
            }
        };
        let read_only = open.as_ref().map_or_else(|| state.settings.is_read_only(), |block| block.read_only);
        if read_only && block::writes(&parsed.statement) {
            return Err(block::read_only());
        }
        let started = open.as_ref().map_or(statement_start, |block| block.started);
        let mut transaction = match open.as_mut().and_then(|block| block.transaction.take()) {
            Some(transaction) => *transaction,
            None => self.engine.warehouse().begin_numbered(log.transaction_id(), state.temporary.clone())?,
        };
        let now = OpenTransaction { id: transaction.id(), started_at: started };
        let alone = open.is_none().then(|| EndsAlone::new(self, now, state.user.0));
        let mut outcome = {
            let times = Times { started, statement_start };
            let mut context = self.context(state, &mut transaction, times, parsed, sql, Some(log));
            context.autocommit = open.is_none();
            let result = limits.guard(execute::execute(&mut context, &parsed.statement)).await;
            let notices = std::mem::take(&mut context.notices);
            let new_user = context.new_user.take();
            if let (Statement::SetSessionAuthorization { local, .. }, Some(new_user)) =
                (&parsed.statement, new_user)
            {
                let before = state.become_user(new_user);
                if *local {
                    state.user_before = state.user_before.take().or(Some(before));
                } else {
                    state.user_before = None;
                }
            }
            result.map(|mut outcome| {
                outcome.notices.splice(0..0, notices);
                outcome.limited(limits)
            })
        }?;
        transaction.mark_read();
        let Some(mut block) = open else {
            let commit_started_at = Utc::now();
            state.temporary = transaction.commit().await?;
            if let Some(alone) = alone {
                alone.committed(commit_started_at);
            }
            return Ok(outcome);
        };
        if matches!(parsed.statement, Statement::Truncate(_)) {
            // TRUNCATE commits the whole transaction, the statements before it included (RS 3.5).
            let commit_started_at = Utc::now();
            state.temporary = transaction.commit().await?;
            block.cursors = Default::default();
            self.log_transaction(now, state.user.0, Some(commit_started_at));
            self.open_transaction(state);
        } else {
            block.transaction = Some(Box::new(transaction));
            outcome = outcome.watched_by(&state.reading_failed);
        }
        if let Statement::DeclareCursor(declare) = &parsed.statement
            && let Some(rows) = outcome.rows.take()
        {
            outcome = block.cursors.open(&declare.name, rows);
            let cursor = OpenCursor { name: declare.name.clone(), declared_at: statement_start };
            self.engine.activity().set_cursor(self.id, Some(cursor));
        }
        state.block = Block::Open(block);
        Ok(outcome)
    }

    /// What a statement has at hand in a transaction.
    fn context<'a>(
        &'a self,
        state: &'a mut State,
        transaction: &'a mut Transaction,
        times: Times,
        parsed: &'a ParsedStatement,
        sql: &'a str,
        log: Option<&'a StatementLog>,
    ) -> StatementContext<'a> {
        let (user_id, user) = (state.user.0, state.user.1.as_str());
        let mut search_path = state.settings.search_path(user);
        let rights = Rights::new(transaction, user_id);
        search_path.retain(|schema| rights.has_schema(schema, Privilege::USAGE));
        let may_signal_others = rights.has_system(Privilege::CANCEL);
        let facts = self.facts(state, user, may_signal_others, &search_path, times);
        StatementContext {
            engine: &self.engine,
            session_id: self.id,
            user,
            user_id,
            session_user: &self.session_user,
            new_user: None,
            settings: &state.settings,
            search_path,
            transaction,
            autocommit: false,
            statement_start: times.statement_start,
            functions: SessionFunctions::new(&facts),
            own_state: self.engine.state_for(state.settings.options()),
            submitted: sql,
            text: &parsed.text,
            log,
            last_copy: &mut state.last_copy,
            last_unload: &mut state.last_unload,
            copy_progress: Arc::clone(&self.options.copy_progress),
            notices: Vec::new(),
        }
    }

    fn facts(
        &self,
        state: &State,
        user: &str,
        may_signal_others: bool,
        search_path: &[String],
        times: Times,
    ) -> SessionFacts {
        let Times { started, statement_start } = times;
        SessionFacts {
            user: user.to_owned(),
            user_id: state.user.0,
            session_user: self.session_user.1.clone(),
            session_user_id: self.session_user.0,
            may_signal_others,
            database: self.engine.database().to_owned(),
            schema: search_path
                .iter()
                .find(|schema| **schema != user)
                .cloned()
                .unwrap_or_else(|| "public".to_owned()),
            schemas: search_path.iter().filter(|schema| **schema != user).cloned().collect(),
            engine: self.engine.clone(),
            settings: state.settings.clone(),
            setting_requests: state.setting_requests.clone(),
            session_id: self.id,
            last_copy_id: state.last_copy.query_id,
            last_copy_count: state.last_copy.rows,
            last_unload_id: state.last_unload.query_id,
            last_unload_count: state.last_unload.rows,
            last_query_id: state.last_query_id.unwrap_or(-1),
            transaction_start_us: started.timestamp_micros(),
            statement_start_us: statement_start.timestamp_micros(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.engine.forget_session(self.id);
    }
}
