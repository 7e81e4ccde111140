//! One statement of a session: its log, its transaction, what it leaves in the block.

use chrono::Utc;
use dwh_common::SqlError;
use dwh_sql::statement::{ParsedStatement, Statement};
use dwh_storage::StatementRecord;

use super::Session;
use super::block::{self, Block, aborted};
use super::cancel::Limits;
use super::context::Times;
use super::cursors::outside_block;
use super::state::State;
use super::transactions::EndsAlone;
use crate::activity::{OpenCursor, OpenTransaction};
use crate::execute;
use crate::result::Outcome;
use crate::statement_log::StatementLog;

impl Session {
    pub(super) async fn run_one(
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
    pub(super) async fn run_nested(
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

    pub(super) fn begin_log(&self, state: &mut State, parsed: &ParsedStatement) -> StatementLog {
        let id = match (state.transaction, state.spare_transaction_id.take()) {
            (Some(now), _) => now.id,
            (None, Some(id)) => id,
            (None, None) => self.engine.warehouse().next_transaction_id(),
        };
        self.begin_log_in(state, parsed, id)
    }

    pub(super) fn begin_log_in(&self, state: &State, parsed: &ParsedStatement, id: u64) -> StatementLog {
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
}
