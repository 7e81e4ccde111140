//! The statements of the last day, by id (RS 7.4): what was asked for, and how far it has come.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dwh_engine::CancelHandle;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::error::ApiError;
use crate::identity::Target;
use crate::pages::Pages;
use crate::parameters::SqlParameter;

/// Statements and their results are kept so long, and until the next one is submitted.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// An idempotency token counts so long.
const TOKEN_KEPT: TimeDelta = TimeDelta::hours(8);
/// So many statements may run or wait at once.
const MAX_ACTIVE: usize = 500;
/// So many are kept; the oldest that have ended go first.
const MAX_KEPT: usize = 10_000;

/// How far a statement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Submitted,
    Picked,
    Started,
    Finished,
    Aborted,
    Failed,
}

impl Status {
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Self::Finished | Self::Aborted | Self::Failed)
    }
}

/// How results are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ResultFormat {
    #[default]
    Json,
    Csv,
}

/// Whether the statements of a batch are one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ExecutionMode {
    #[default]
    Transaction,
    AutoCommit,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) target: Target,
    pub(crate) user: String,
    /// The texts, as they were sent.
    pub(crate) sqls: Vec<String>,
    pub(crate) parameters: Vec<SqlParameter>,
    pub(crate) is_batch: bool,
    pub(crate) name: Option<String>,
    pub(crate) result_format: ResultFormat,
    pub(crate) execution_mode: ExecutionMode,
}

/// One text of a statement, how far it has come.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) status: Status,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) duration_ns: i64,
    pub(crate) error: Option<String>,
    /// Rows of the result, or rows changed; -1 if there are neither.
    pub(crate) rows: i64,
    pub(crate) result: Option<Arc<Pages>>,
}

/// How far a statement has come as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub(crate) status: Status,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) error: Option<String>,
    /// Number of the session; 0 before there is one.
    pub(crate) pid: i32,
    pub(crate) parts: Vec<Part>,
}

/// A statement, or a batch of them.
pub(crate) struct Statement {
    pub(crate) id: String,
    /// Place in the order of submission.
    pub(crate) number: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) asked: Asked,
    /// The kept session that it runs in.
    pub(crate) session_id: Option<String>,
    progress: watch::Sender<Progress>,
    cancel: Mutex<Option<CancelHandle>>,
    cancelled: AtomicBool,
}

impl Statement {
    pub(crate) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(|progress| {
            change(progress);
            progress.updated_at = Utc::now();
        });
    }

    /// Waits until the statement has ended.
    pub(crate) async fn ended(&self) {
        // The sender is ours, so it cannot be gone.
        let _ = self.progress.subscribe().wait_for(|progress| progress.status.has_ended()).await;
    }

    /// Waits until the statement has ended, at most so long.
    pub(crate) async fn ended_within(&self, seconds: u64) {
        // Out of time is no error: the statement goes on.
        let _ = tokio::time::timeout(Duration::from_secs(seconds), self.ended()).await;
    }

    /// Says how to cancel what runs now.
    pub(crate) fn runs_in(&self, handle: CancelHandle) {
        *self.cancel.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        if let Some(handle) = &*self.cancel.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.cancel();
        }
    }
}

/// What has become of a request.
pub(crate) enum Submission {
    /// Nobody runs the statement yet.
    New(Arc<Statement>),
    /// It was submitted before, with the same token.
    Earlier(Arc<Statement>),
}

#[derive(Default)]
struct Known {
    next_number: u64,
    by_number: BTreeMap<u64, Arc<Statement>>,
    numbers: HashMap<String, u64>,
    tokens: HashMap<String, (u64, DateTime<Utc>)>,
}

/// All statements that are known.
pub(crate) struct Statements {
    known: Mutex<Known>,
    max_kept: usize,
}

impl Default for Statements {
    fn default() -> Self {
        Self { known: Mutex::default(), max_kept: MAX_KEPT }
    }
}

impl Statements {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a statement, in the session that `session` finds for it, or gives that which was submitted with the
    /// token before.
    ///
    /// # Errors
    /// The token was that of another request, too many statements are active, or there is no such session.
    pub(crate) fn submit(
        &self,
        asked: Asked,
        token: Option<String>,
        session: impl FnOnce(&Asked) -> Result<Option<String>, ApiError>,
    ) -> Result<Submission, ApiError> {
        let now = Utc::now();
        let mut known = self.known();
        match token.as_deref().and_then(|token| known.of_token(token, now)) {
            Some(earlier) if earlier.asked == asked => return Ok(Submission::Earlier(earlier)),
            Some(_) => return Err(ApiError::validation("the ClientToken was used for another request")),
            None => {}
        }
        known.forget_old(now, self.max_kept);
        if known.active().count() >= MAX_ACTIVE {
            return Err(ApiError::too_many_statements(MAX_ACTIVE));
        }
        let session_id = session(&asked)?;
        let part = Part {
            status: Status::Submitted,
            updated_at: now,
            duration_ns: 0,
            error: None,
            rows: -1,
            result: None,
        };
        let progress = Progress {
            status: Status::Submitted,
            updated_at: now,
            error: None,
            pid: 0,
            parts: vec![part; asked.sqls.len()],
        };
        let number = known.next_number;
        known.next_number += 1;
        let statement = Arc::new(Statement {
            id: uuid::Uuid::new_v4().to_string(),
            number,
            created_at: now,
            asked,
            session_id,
            progress: watch::Sender::new(progress),
            cancel: Mutex::default(),
            cancelled: AtomicBool::new(false),
        });
        known.numbers.insert(statement.id.clone(), number);
        known.by_number.insert(number, Arc::clone(&statement));
        if let Some(token) = token {
            known.tokens.insert(token, (number, now));
        }
        Ok(Submission::New(statement))
    }

    /// The statement of an id, and the part that `:2` at its end names, counted from 1.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn get(&self, id: &str) -> Result<(Arc<Statement>, Option<usize>), ApiError> {
        let missing = || ApiError::not_found(format!("Query {id} does not exist."), id);
        let (base, part) = match id.split_once(':') {
            Some((base, part)) => (base, Some(part.parse::<usize>().map_err(|_| missing())?)),
            None => (id, None),
        };
        let known = self.known();
        let number = known.numbers.get(base).ok_or_else(missing)?;
        let statement = known.by_number.get(number).cloned().ok_or_else(missing)?;
        let exists = part.is_none_or(|part| (1..=statement.asked.sqls.len()).contains(&part));
        exists.then_some((statement, part)).ok_or_else(missing)
    }

    /// The statements that were submitted before a number, the newest first.
    pub(crate) fn before(&self, number: u64) -> Vec<Arc<Statement>> {
        let known = self.known();
        known.by_number.range(..number).rev().map(|(_, statement)| Arc::clone(statement)).collect()
    }

    /// The statements that have not ended.
    pub(crate) fn active(&self) -> Vec<Arc<Statement>> {
        self.known().active().cloned().collect()
    }
}

impl Known {
    fn of_token(&self, token: &str, now: DateTime<Utc>) -> Option<Arc<Statement>> {
        let (number, _) = self.tokens.get(token).filter(|(_, at)| now - *at < TOKEN_KEPT)?;
        self.by_number.get(number).cloned()
    }

    fn active(&self) -> impl Iterator<Item = &Arc<Statement>> {
        self.by_number.values().filter(|statement| !statement.progress.borrow().status.has_ended())
    }

    fn forget_old(&mut self, now: DateTime<Utc>, max_kept: usize) {
        self.tokens.retain(|_, (_, at)| now - *at < TOKEN_KEPT);
        // One more is about to come.
        let mut too_many = (self.by_number.len() + 1).saturating_sub(max_kept);
        let Self { by_number, numbers, .. } = self;
        by_number.retain(|_, statement| {
            let progress = statement.progress.borrow();
            let is_old = now - progress.updated_at >= KEPT;
            let is_kept = !progress.status.has_ended() || !(is_old || too_many > 0);
            if !is_kept {
                too_many = too_many.saturating_sub(1);
                numbers.remove(&statement.id);
            }
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::{Asked, KEPT, MAX_ACTIVE, Statement, Statements, Status, Submission};
    use crate::identity::Target;

    fn asked() -> Asked {
        Asked {
            target: Target::default(),
            user: "awsuser".to_owned(),
            sqls: vec!["SELECT 1".to_owned()],
            parameters: Vec::new(),
            is_batch: false,
            name: None,
            result_format: super::ResultFormat::Json,
            execution_mode: super::ExecutionMode::Transaction,
        }
    }

    fn submit(statements: &Statements) -> std::sync::Arc<Statement> {
        match statements.submit(asked(), None, |_| Ok(None)).expect("not too many are active") {
            Submission::New(statement) | Submission::Earlier(statement) => statement,
        }
    }

    fn end(statement: &Statement) {
        statement.change(|progress| progress.status = Status::Finished);
    }

    #[test]
    fn a_statement_that_runs_keeps_no_other_from_being_forgotten() {
        let statements = Statements::default();
        let running = submit(&statements);
        let old = submit(&statements);
        end(&old);
        old.progress.send_modify(|progress| progress.updated_at = Utc::now() - KEPT - TimeDelta::seconds(1));
        let ended = submit(&statements);
        end(&ended);
        submit(&statements);
        assert!(statements.get(&old.id).is_err());
        assert!(statements.get(&running.id).is_ok() && statements.get(&ended.id).is_ok());
    }

    #[test]
    fn of_too_many_the_oldest_that_have_ended_go() {
        // The time of a test grows with its square.
        let statements = Statements { max_kept: 100, ..Statements::default() };
        let running = submit(&statements);
        let first = submit(&statements);
        end(&first);
        for _ in 2..statements.max_kept {
            end(&submit(&statements));
        }
        assert!(statements.get(&first.id).is_ok());
        end(&submit(&statements));
        assert!(statements.get(&first.id).is_err() && statements.get(&running.id).is_ok());
        assert_eq!(statements.before(u64::MAX).len(), statements.max_kept);
    }

    #[test]
    fn only_so_many_are_active() {
        let statements = Statements::default();
        let first = submit(&statements);
        for _ in 1..MAX_ACTIVE {
            submit(&statements);
        }
        let session = |_: &Asked| panic!("a session for a statement that is refused");
        assert!(statements.submit(asked(), None, session).is_err());
        end(&first);
        submit(&statements);
    }

    #[test]
    fn of_requests_at_once_with_one_token_one_is_new() {
        let statements = Statements::default();
        let submit = |asked| statements.submit(asked, Some("token".to_owned()), |_| Ok(None));
        let is_new = || matches!(submit(asked()), Ok(Submission::New(_)));
        let new = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(is_new)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|is_new| *is_new).count()
        });
        assert_eq!(new, 1);
        assert!(matches!(submit(asked()), Ok(Submission::Earlier(_))));
        assert!(submit(Asked { sqls: vec!["SELECT 2".to_owned()], ..asked() }).is_err());
    }
}
