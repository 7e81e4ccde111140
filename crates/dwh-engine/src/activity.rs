//! What the sessions of this process are doing now: who is connected, which transaction is open, what runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use dwh_storage::{PrincipalId, SessionRecord};

use crate::session::CancelHandle;
use crate::statement_log::Running;

/// A session that is open.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    pub(crate) id: i32,
    pub(crate) cancel: CancelHandle,
    pub(crate) user_id: PrincipalId,
    pub(crate) record: SessionRecord,
    /// The transaction that it is in.
    pub(crate) transaction: Option<OpenTransaction>,
    /// The cursor that it has open, which ends with its transaction.
    pub(crate) cursor: Option<OpenCursor>,
}

/// A cursor of a session.
#[derive(Debug, Clone)]
pub(crate) struct OpenCursor {
    pub(crate) name: String,
    pub(crate) declared_at: DateTime<Utc>,
}

/// A transaction of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenTransaction {
    pub(crate) id: u64,
    pub(crate) started_at: DateTime<Utc>,
}

/// The open sessions by number, and the statements that run by query id.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    sessions: Mutex<BTreeMap<i32, OpenSession>>,
    running: Mutex<BTreeMap<i64, Arc<Running>>>,
}

impl Activity {
    /// Adds a session unless its user has `limit` of them.
    pub(crate) fn open(&self, session: OpenSession, limit: usize) -> bool {
        let mut sessions = lock(&self.sessions);
        let admitted = sessions.values().filter(|open| open.user_id == session.user_id).count() < limit;
        if admitted {
            sessions.insert(session.id, session);
        }
        admitted
    }

    /// The session as it was opened.
    pub(crate) fn close(&self, id: i32) -> Option<SessionRecord> {
        lock(&self.sessions).remove(&id).map(|session| session.record)
    }

    pub(crate) fn session(&self, id: i32) -> Option<OpenSession> {
        lock(&self.sessions).get(&id).cloned()
    }

    pub(crate) fn sessions(&self) -> Vec<OpenSession> {
        lock(&self.sessions).values().cloned().collect()
    }

    pub(crate) fn set_transaction(&self, session: i32, transaction: Option<OpenTransaction>) {
        if let Some(session) = lock(&self.sessions).get_mut(&session) {
            session.transaction = transaction;
            session.cursor = None;
        }
    }

    pub(crate) fn set_cursor(&self, session: i32, cursor: Option<OpenCursor>) {
        if let Some(session) = lock(&self.sessions).get_mut(&session) {
            session.cursor = cursor;
        }
    }

    pub(crate) fn set_application_name(&self, session: i32, name: &str) {
        if let Some(session) = lock(&self.sessions).get_mut(&session) {
            name.clone_into(&mut session.record.client.application_name);
        }
    }

    pub(crate) fn started(&self, running: Arc<Running>) {
        lock(&self.running).insert(running.query_id(), running);
    }

    pub(crate) fn ended(&self, query_id: i64) {
        lock(&self.running).remove(&query_id);
    }

    /// The statements that run, oldest first.
    pub(crate) fn running(&self) -> Vec<Arc<Running>> {
        lock(&self.running).values().cloned().collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The maps are whole after every statement; a panic elsewhere does not spoil them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
