//! What a procedure's statements do to the session that called it: they run in its transaction, end it, use its
//! cursors and tell its client (the guide's page "Managing transactions").

use chrono::Utc;
use datafusion::common::ScalarValue;
use dwh_common::{RedshiftType, SqlError, SqlState};
use dwh_sql::plpgsql::RaiseLevel;
use dwh_sql::redact::redact;
use dwh_sql::statement::{AlterTableAction, FetchCount, ParsedStatement, Statement, TableName};
use dwh_storage::{LogEntry, ProcedureDefinition, ProcedureMessageRecord};

use super::block::{Block, OpenBlock};
use super::calls::Frame;
use super::cursors::Cursors;
use super::state::State;
use super::{Limits, Session};
use crate::activity::{OpenCursor, OpenTransaction};
use crate::context::StatementContext;
use crate::procedure::Value;
use crate::result::{Notice, Outcome, ResultSet, Severity};

/// The session of a procedure that runs. The futures of its statements are large, and statements nest: they are on
/// the heap.
pub(crate) struct Caller<'a> {
    session: &'a Session,
    state: &'a mut State,
    limits: &'a Limits,
}

/// COMMIT or ROLLBACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Commit,
    Rollback,
}

impl<'a> Caller<'a> {
    pub(super) fn new(session: &'a Session, state: &'a mut State, limits: &'a Limits) -> Self {
        Self { session, state, limits }
    }

    fn frame(&self) -> Result<&Frame, SqlError> {
        self.state.calls.last().ok_or_else(|| SqlError::internal("no procedure runs"))
    }

    fn is_nonatomic(&self) -> bool {
        self.state.calls.last().is_some_and(|frame| frame.nonatomic)
    }

    /// Whether quoted names keep their case.
    pub(crate) fn has_case_sensitive_names(&self) -> bool {
        self.state.settings.parse_options().case_sensitive_identifiers
    }

    /// Lets a cancel request end a loop that runs no SQL, and others have their turn.
    pub(crate) async fn breathe(&mut self) -> Result<(), SqlError> {
        let turn = async {
            tokio::task::yield_now().await;
            Ok(())
        };
        self.limits.guard(turn).await
    }

    // --- statements ---

    /// Runs a command; `shown` is its text for logs. Its rows have been read.
    pub(crate) async fn run(&mut self, sql: &str, shown: &str) -> Result<(Outcome, Statement), SqlError> {
        let mut statements = dwh_sql::parse_with(sql, self.state.settings.parse_options())?;
        let (Some(parsed), true) = (statements.pop(), statements.is_empty()) else {
            let message = "a procedure runs one SQL command at a time";
            return Err(SqlError::new(SqlState::SyntaxError, message));
        };
        let parsed = ParsedStatement { text: redact(shown), ..parsed };
        self.check_allowed(&parsed.statement)?;
        if !self.is_nonatomic() {
            self.open_block();
        }
        let (outcome, transaction_id) =
            Box::pin(self.session.run_nested(self.state, &parsed, sql, self.limits)).await?;
        let outcome = outcome.read().await?;
        self.state.note_failed_reading();
        if matches!(self.state.block, Block::None) {
            // It has committed by itself, which ends cursors.
            self.state.loose_cursors = Cursors::default();
            if super::block::writes(&parsed.statement) {
                self.log_ending("COMMIT", transaction_id);
            }
        } else if matches!(parsed.statement, Statement::Truncate(_)) {
            self.log_ending("COMMIT", transaction_id);
        }
        Ok((outcome, parsed.statement))
    }

    /// The guide's page "Limits and differences for stored procedure support".
    fn check_allowed(&self, statement: &Statement) -> Result<(), SqlError> {
        let refused = match statement {
            Statement::Truncate(_) => {
                return match self.frame()?.is_atomic_context {
                    true => Err(atomic_context("TRUNCATE")),
                    false => Ok(()),
                };
            }
            Statement::Begin(_) => "BEGIN",
            Statement::Commit => "COMMIT",
            Statement::Rollback => "ROLLBACK",
            Statement::Prepare(_) => "PREPARE",
            Statement::Execute(_) => "EXECUTE of a prepared statement",
            Statement::Vacuum(_) => "VACUUM",
            Statement::Set { local: true, .. } | Statement::SetSessionAuthorization { local: true, .. } => {
                "SET LOCAL"
            }
            Statement::AlterTable { action: AlterTableAction::Append { .. }, .. } => "ALTER TABLE APPEND",
            Statement::DeclareCursor(_) | Statement::Fetch { .. } | Statement::CloseCursor(_) => {
                "a cursor of SQL"
            }
            Statement::Call(_) => "CALL in dynamic SQL",
            _ => return Ok(()),
        };
        Err(SqlError::unsupported(format!("{refused} inside a procedure")))
    }

    /// Runs a query in the transaction as it is, without a log entry.
    pub(crate) async fn evaluate(&mut self, sql: &str) -> Result<ResultSet, SqlError> {
        self.limits.guard(Box::pin(self.session.query_here(self.state, sql))).await
    }

    /// A value as a variable of this type takes it: the rules are those of INSERT.
    pub(crate) async fn assigned(
        &mut self,
        literal: &str,
        to: RedshiftType,
        variable: &str,
    ) -> Result<ScalarValue, SqlError> {
        let assigned = Box::pin(self.session.assigned_here(self.state, literal, to, variable));
        self.limits.guard(assigned).await
    }

    /// Looks at the catalog as the transaction sees it.
    pub(crate) fn look<T>(
        &mut self,
        look: impl FnOnce(&mut StatementContext<'_>) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        self.session.look(self.state, look)
    }

    // --- calls ---

    /// Calls another procedure; gives back what it is and what its output arguments are.
    pub(crate) async fn call(
        &mut self,
        name: &TableName,
        values: Vec<Value>,
        shown: &str,
    ) -> Result<(ProcedureDefinition, Vec<Value>), SqlError> {
        if !self.is_nonatomic() {
            self.open_block();
        }
        Box::pin(self.session.call_nested(self.state, name, values, shown, self.limits)).await
    }

    // --- transactions ---

    /// An atomic procedure's statements are one transaction; it begins with the first of them.
    fn open_block(&mut self) {
        if matches!(self.state.block, Block::None) {
            self.session.open_block_of_call(self.state);
        }
    }

    /// COMMIT and ROLLBACK of the body.
    pub(crate) async fn end_transaction(&mut self, ending: Ending) -> Result<(), SqlError> {
        let frame = self.frame()?;
        let command = if ending == Ending::Commit { "COMMIT" } else { "ROLLBACK" };
        if !frame.nonatomic && frame.is_atomic_context {
            return Err(atomic_context(command));
        }
        let is_users = frame.is_atomic_context;
        let id = self.state.transaction.map(|now| now.id);
        match ending {
            Ending::Commit if matches!(self.state.block, Block::Open(_)) => {
                self.session.commit(self.state).await?;
            }
            Ending::Commit => {}
            Ending::Rollback => drop(self.session.rollback(self.state)),
        }
        self.state.loose_cursors = Cursors::default();
        if let Some(id) = id {
            self.log_ending(command, id);
        }
        // The user's block goes on in a new transaction.
        if is_users {
            self.open_block();
        }
        Ok(())
    }

    /// START TRANSACTION of the body; in an open block it does nothing.
    pub(crate) fn start_transaction(&mut self) -> Result<(), SqlError> {
        if !self.frame()?.nonatomic {
            return Err(SqlError::unsupported("START TRANSACTION in a procedure that is not NONATOMIC"));
        }
        self.state.spare_transaction_id = None;
        self.open_block();
        Ok(())
    }

    /// An exception was caught: what was done is undone, and the handler's statements are a new transaction.
    pub(crate) fn begin_handler(&mut self) {
        if !matches!(self.state.block, Block::None) {
            drop(self.session.rollback(self.state));
        }
        self.state.loose_cursors = Cursors::default();
        let is_users = self.state.calls.first().is_some_and(|frame| frame.is_atomic_context);
        if is_users && self.is_nonatomic() {
            self.open_block();
        }
    }

    /// The handler is done: what it did stays, though the exception goes on.
    pub(crate) async fn end_handler(&mut self) -> Result<(), SqlError> {
        if self.is_nonatomic() {
            return Ok(());
        }
        if matches!(self.state.block, Block::Open(_)) {
            let id = self.state.transaction.map(|now| now.id);
            self.session.commit(self.state).await?;
            if let Some(id) = id {
                self.log_ending("COMMIT", id);
            }
        }
        Ok(())
    }

    fn log_ending(&self, command: &str, transaction_id: u64) {
        self.session.log_ending(self.state, command, transaction_id);
    }

    // --- cursors ---

    fn cursors(&mut self) -> &mut Cursors {
        match &mut self.state.block {
            Block::Open(block) => &mut block.cursors,
            _ => &mut self.state.loose_cursors,
        }
    }

    /// Refuses what would be a second cursor.
    pub(crate) fn check_no_cursor(&mut self, name: &str) -> Result<(), SqlError> {
        if self.state.row_loops > 0 {
            return Err(nested_cursors());
        }
        self.cursors().check_free(name)
    }

    /// OPEN.
    pub(crate) async fn open_cursor(&mut self, name: &str, sql: &str, shown: &str) -> Result<(), SqlError> {
        self.check_no_cursor(name)?;
        let mut statements = dwh_sql::parse_with(sql, self.state.settings.parse_options())?;
        let parsed = match (statements.pop(), statements.len()) {
            (Some(parsed), 0) if matches!(parsed.statement, Statement::Query(_)) => parsed,
            _ => {
                let message = format!("cannot open cursor \"{name}\" for a command that is no query");
                return Err(SqlError::new(SqlState::InvalidCursorState, message));
            }
        };
        let parsed = ParsedStatement { text: redact(shown), ..parsed };
        if !self.is_nonatomic() {
            self.open_block();
        }
        let ran = Box::pin(self.session.run_nested(self.state, &parsed, sql, self.limits)).await;
        let (outcome, _) = ran?;
        let rows = outcome.rows.ok_or_else(|| SqlError::internal("a query without rows"))?;
        drop(self.cursors().open(name, rows));
        self.session.note_cursor(self.state, name);
        Ok(())
    }

    /// FETCH: the next row.
    pub(crate) async fn fetch(&mut self, name: &str) -> Result<ResultSet, SqlError> {
        let limits = self.limits.clone();
        let fetched = limits.guard(self.cursors().fetch(name, FetchCount::Rows(1))).await?;
        fetched.rows.ok_or_else(|| SqlError::internal("FETCH without rows"))?.collect().await
    }

    /// CLOSE.
    pub(crate) fn close_cursor(&mut self, name: &str) -> Result<(), SqlError> {
        self.cursors().close(name)?;
        self.session.engine.activity().set_cursor(self.session.id, None);
        Ok(())
    }

    /// A FOR loop over rows has a cursor of its own, and there is only one at a time.
    pub(crate) fn begin_row_loop(&mut self) -> Result<(), SqlError> {
        if self.state.row_loops > 0 || !self.cursors().is_empty() {
            return Err(nested_cursors());
        }
        self.state.row_loops += 1;
        Ok(())
    }

    pub(crate) fn end_row_loop(&mut self) {
        self.state.row_loops = self.state.row_loops.saturating_sub(1);
    }

    // --- messages ---

    /// RAISE: to the log, and to the client unless it is an error or for the log only.
    pub(crate) fn raise(&mut self, level: RaiseLevel, message: &str, line: usize) -> Result<(), SqlError> {
        let query_id = self.frame()?.query_id;
        let least = self.state.settings.get("stored_proc_log_min_messages").ok();
        let least = least.and_then(RaiseLevel::from_name).unwrap_or(RaiseLevel::Log);
        if level >= least {
            let transaction = self
                .state
                .transaction
                .map_or_else(|| self.state.spare_transaction_id.unwrap_or_default(), |now| now.id);
            self.session.engine.log(LogEntry::ProcedureMessage(Box::new(ProcedureMessageRecord {
                query_id,
                transaction_id: i64::try_from(transaction).unwrap_or(i64::MAX),
                level: level.number(),
                message: redact(message),
                line: i64::try_from(line).unwrap_or(i64::MAX),
                raised_at: Utc::now(),
            })));
        }
        let severity = match level {
            RaiseLevel::Log | RaiseLevel::Exception => return Ok(()),
            RaiseLevel::Info => Severity::Info,
            RaiseLevel::Notice => Severity::Notice,
            RaiseLevel::Warning => Severity::Warning,
        };
        self.tell(Notice { severity, message: message.to_owned() });
        Ok(())
    }

    /// A notice to the client, now.
    pub(crate) fn tell(&self, notice: Notice) {
        self.session.notices.tell(notice);
    }
}

/// The guide's page "Managing transactions".
fn atomic_context(command: &str) -> SqlError {
    SqlError::new(
        SqlState::InvalidTransactionTermination,
        format!("{command} cannot be invoked from a procedure that is executing in an atomic context."),
    )
    .with_hint(
        "Try calling the procedure as a top-level call i.e. not from within an explicit transaction block. \
         Or, if this procedure (or one of its ancestors in the call chain) was created with SET config options, \
         recreate the procedure without them.",
    )
}

fn nested_cursors() -> SqlError {
    SqlError::new(SqlState::InvalidCursorState, "nested cursors are not supported")
        .with_hint("Only one cursor can be open at a time, and a FOR loop over rows has one.")
}

impl Session {
    /// A transaction block for the statements of a call.
    fn open_block_of_call(&self, state: &mut State) {
        let block = OpenBlock::new(state.settings.is_read_only());
        let id = match state.spare_transaction_id.take() {
            Some(id) => id,
            None => self.engine.warehouse().next_transaction_id(),
        };
        self.note_transaction(state, OpenTransaction { id, started_at: block.started });
        state.block = Block::Open(block);
    }

    /// Writes COMMIT or ROLLBACK to the log, as if it had been a statement.
    pub(super) fn log_ending(&self, state: &State, command: &str, transaction_id: u64) {
        let statement = match command {
            "COMMIT" => Statement::Commit,
            _ => Statement::Rollback,
        };
        let parsed = ParsedStatement { statement, text: command.to_owned(), offset_chars: 0 };
        self.begin_log_in(state, &parsed, transaction_id).finish(0, 0);
    }

    fn note_cursor(&self, state: &State, name: &str) {
        if matches!(state.block, Block::Open(_)) {
            let cursor = OpenCursor { name: name.to_owned(), declared_at: Utc::now() };
            self.engine.activity().set_cursor(self.id, Some(cursor));
        }
    }
}
