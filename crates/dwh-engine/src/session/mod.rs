//! A session: one client's settings, temporary tables and transaction (RS 3.7).

mod block;
mod caller;
mod calls;
mod cancel;
mod context;
mod copying;
mod cursors;
mod describe;
mod look;
mod notices;
mod prepared;
mod state;
mod statement;
mod transactions;

use std::sync::Arc;

use dwh_common::SqlError;
use dwh_copy::Progress;
use dwh_sql::Parameters;
use dwh_sql::statement::ParsedStatement;
use dwh_storage::{Client, PrincipalId};
use tokio::sync::Mutex;

pub use self::block::TransactionStatus;
use self::block::{Block, OpenBlock, may_be_in_implicit_block};
pub(crate) use self::caller::{Caller, Ending};
pub use self::cancel::CancelHandle;
pub(crate) use self::cancel::Limits;
use self::copying::Copying;
pub use self::describe::Description;
use self::notices::Notices;
use self::state::State;
use crate::engine::Engine;
use crate::result::{Notice, Outcome, StatementResult};
use crate::settings::Settings;

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
}

impl Drop for Session {
    fn drop(&mut self) {
        self.engine.forget_session(self.id);
    }
}
