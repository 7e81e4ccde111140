//! How transactions begin and end: what is undone and kept, and what the history says of it (RS 3.7).

use chrono::{DateTime, Utc};
use dwh_common::SqlError;
use dwh_sql::statement::TransactionModes;
use dwh_storage::{LogEntry, PrincipalId, TransactionRecord};

use super::Session;
use super::block::{Block, OpenBlock};
use super::state::State;
use crate::activity::OpenTransaction;
use crate::result::{Notice, Outcome, Severity};
use crate::statement_log::StatementLog;

/// A statement that is its own transaction: unless it committed, it was rolled back.
pub(super) struct EndsAlone<'a> {
    session: &'a Session,
    now: OpenTransaction,
    user_id: PrincipalId,
    commit_started_at: Option<DateTime<Utc>>,
}

impl<'a> EndsAlone<'a> {
    pub(super) fn new(session: &'a Session, now: OpenTransaction, user_id: PrincipalId) -> Self {
        session.engine.activity().set_transaction(session.id, Some(now));
        Self { session, now, user_id, commit_started_at: None }
    }

    pub(super) fn committed(mut self, commit_started_at: DateTime<Utc>) {
        self.commit_started_at = Some(commit_started_at);
    }
}

impl Drop for EndsAlone<'_> {
    fn drop(&mut self) {
        self.session.engine.activity().set_transaction(self.session.id, None);
        self.session.log_transaction(self.now, self.user_id, self.commit_started_at);
    }
}

/// Transactions: what is undone and kept is the state's business, numbers and history the session's.
impl Session {
    pub(super) fn begin(&self, state: &mut State, modes: TransactionModes, log: &StatementLog) -> Outcome {
        let mut outcome = Outcome::done("BEGIN");
        if let (true, Block::Open(block)) = (std::mem::take(&mut state.implicit), &mut state.block) {
            // From now on the block is one that COMMIT ends.
            block.read_only = modes.read_only.unwrap_or(block.read_only);
            return outcome;
        }
        if matches!(state.block, Block::None) {
            let read_only = modes.read_only.unwrap_or_else(|| state.settings.is_read_only());
            let block = OpenBlock::new(read_only);
            let now = OpenTransaction { id: log.transaction_id(), started_at: block.started };
            self.note_transaction(state, now);
            state.block = Block::Open(block);
        } else {
            outcome.notices.push(warning("there is already a transaction in progress"));
        }
        outcome
    }

    pub(super) async fn commit(&self, state: &mut State) -> Result<Outcome, SqlError> {
        let commits = matches!(state.block, Block::Open(_));
        let commit_started_at = Utc::now();
        let done = state.commit().await;
        self.close_transaction(state, (commits && done.is_ok()).then_some(commit_started_at));
        done
    }

    pub(super) fn rollback(&self, state: &mut State) -> Outcome {
        let outcome = state.rollback();
        self.close_transaction(state, None);
        outcome
    }

    pub(super) fn open_transaction(&self, state: &mut State) {
        let id = self.engine.warehouse().next_transaction_id();
        self.note_transaction(state, OpenTransaction { id, started_at: Utc::now() });
    }

    pub(super) fn note_transaction(&self, state: &mut State, now: OpenTransaction) {
        state.transaction = Some(now);
        self.engine.activity().set_transaction(self.id, Some(now));
    }

    fn close_transaction(&self, state: &mut State, commit_started_at: Option<DateTime<Utc>>) {
        if let Some(now) = state.transaction.take() {
            self.engine.activity().set_transaction(self.id, None);
            self.log_transaction(now, state.user.0, commit_started_at);
        }
    }

    /// Without the begin of a commit it was rolled back.
    pub(super) fn log_transaction(
        &self,
        now: OpenTransaction,
        user_id: PrincipalId,
        commit_started_at: Option<DateTime<Utc>>,
    ) {
        self.engine.log(LogEntry::Transaction(TransactionRecord {
            transaction_id: i64::try_from(now.id).unwrap_or(i64::MAX),
            user_id,
            session_id: self.id.into(),
            committed: commit_started_at.is_some(),
            started_at: now.started_at,
            commit_started_at,
            ended_at: Utc::now(),
        }));
    }
}

impl State {
    async fn commit(&mut self) -> Result<Outcome, SqlError> {
        self.end_transaction();
        self.implicit = false;
        match std::mem::take(&mut self.block) {
            Block::None => {
                let mut outcome = Outcome::done("COMMIT");
                outcome.notices.push(warning("there is no transaction in progress"));
                Ok(outcome)
            }
            Block::Open(block) => {
                if let Some(transaction) = block.transaction {
                    self.temporary = transaction.commit().await?;
                }
                Ok(Outcome::done("COMMIT"))
            }
            Block::Failed => Ok(Outcome::done("ROLLBACK")),
        }
    }

    /// Undoes what was LOCAL.
    pub(super) fn end_transaction(&mut self) {
        self.settings.end_transaction();
        if let Some(before) = self.user_before.take() {
            self.become_user(before);
        }
    }

    pub(super) fn fail_block(&mut self) {
        if let Block::Open(_) = self.block {
            // Dropping the transaction rolls it back.
            self.block = Block::Failed;
        }
    }

    fn rollback(&mut self) -> Outcome {
        self.end_transaction();
        self.implicit = false;
        let mut outcome = Outcome::done("ROLLBACK");
        match std::mem::take(&mut self.block) {
            Block::None => outcome.notices.push(warning("there is no transaction in progress")),
            Block::Open(OpenBlock { transaction: Some(transaction), .. }) => {
                self.temporary = transaction.rollback();
            }
            Block::Open(_) | Block::Failed => {}
        }
        outcome
    }
}

fn warning(message: &str) -> Notice {
    Notice { severity: Severity::Warning, message: message.to_owned() }
}
