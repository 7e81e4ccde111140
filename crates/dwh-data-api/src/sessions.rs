//! Sessions that are kept between requests (SessionKeepAliveSeconds, SessionId).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use dwh_engine::Session;
use uuid::Uuid;

use crate::error::ApiError;
use crate::identity::Target;

/// Sessions whose time is over are looked for so often; a request for one sees at once that it has ended.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// So many may be kept at once.
const MAX_SESSIONS: usize = 500;

/// What is known of a kept session.
#[derive(Clone)]
pub(crate) struct KeptSession {
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) target: Target,
    pub(crate) user: String,
    pub(crate) keep_alive_seconds: u64,
    /// Whether a statement uses it, and which, once it is known.
    pub(crate) is_busy: bool,
    pub(crate) statement_id: Option<String>,
    session: Option<Arc<Session>>,
    used: Instant,
}

impl KeptSession {
    fn has_ended(&self) -> bool {
        !self.is_busy && self.used.elapsed() >= Duration::from_secs(self.keep_alive_seconds)
    }
}

#[derive(Default)]
struct Kept {
    by_id: BTreeMap<String, KeptSession>,
    /// Whether a task looks for those whose time is over.
    is_swept: bool,
}

impl Kept {
    fn sweep(&mut self) {
        self.by_id.retain(|_, session| !session.has_ended());
    }
}

/// The sessions that are kept, by id.
#[derive(Default)]
pub(crate) struct Sessions(Arc<Mutex<Kept>>);

impl Sessions {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        let mut kept = lock(&self.0);
        kept.sweep();
        kept
    }

    /// A new session's id; the session itself comes with [`Self::give_back`].
    ///
    /// # Errors
    /// Too many are kept.
    pub(crate) fn reserve(
        &self,
        target: Target,
        user: String,
        keep_alive_seconds: u64,
    ) -> Result<String, ApiError> {
        let mut kept = self.kept();
        if kept.by_id.len() >= MAX_SESSIONS {
            return Err(ApiError::too_many_sessions(MAX_SESSIONS));
        }
        let (id, now) = (Uuid::new_v4().to_string(), Utc::now());
        let session = KeptSession {
            created_at: now,
            updated_at: now,
            target,
            user,
            keep_alive_seconds,
            is_busy: true,
            statement_id: None,
            session: None,
            used: Instant::now(),
        };
        kept.by_id.insert(id.clone(), session);
        Ok(id)
    }

    /// Whose a session is.
    ///
    /// # Errors
    /// There is no such session.
    pub(crate) fn get(&self, id: &str) -> Result<KeptSession, ApiError> {
        self.kept().by_id.get(id).cloned().ok_or_else(|| missing(id))
    }

    /// Takes a session for a statement, so that no other uses it.
    ///
    /// # Errors
    /// There is no such session, or another statement uses it.
    pub(crate) fn take(&self, id: &str, keep_alive_seconds: Option<u64>) -> Result<(), ApiError> {
        let mut kept = self.kept();
        let session = kept.by_id.get_mut(id).ok_or_else(|| missing(id))?;
        if session.is_busy {
            return Err(ApiError::validation(format!("Session {id} is busy with another statement.")));
        }
        session.is_busy = true;
        session.keep_alive_seconds = keep_alive_seconds.unwrap_or(session.keep_alive_seconds);
        Ok(())
    }

    /// Notes which statement uses a session; gives it, if it is there already.
    pub(crate) fn used_by(&self, id: &str, statement: &str) -> Option<Arc<Session>> {
        let mut kept = self.kept();
        let session = kept.by_id.get_mut(id)?;
        session.statement_id = Some(statement.to_owned());
        session.session.clone()
    }

    /// Keeps a session until it has not been used for its time; a time of 0 ends it.
    pub(crate) fn give_back(&self, id: &str, session: Option<Arc<Session>>) {
        let mut kept = self.kept();
        let Some(known) = kept.by_id.get_mut(id) else { return };
        if session.is_none() || known.keep_alive_seconds == 0 {
            kept.by_id.remove(id);
            return;
        }
        known.session = session;
        known.is_busy = false;
        known.statement_id = None;
        known.updated_at = Utc::now();
        known.used = Instant::now();
        if !std::mem::replace(&mut kept.is_swept, true) {
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
    }

    /// All sessions that are kept.
    pub(crate) fn list(&self) -> Vec<(String, KeptSession)> {
        self.kept().by_id.iter().map(|(id, session)| (id.clone(), session.clone())).collect()
    }
}

/// Ends sessions whose time is over, as long as any are kept.
async fn sweep(sessions: Weak<Mutex<Kept>>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(sessions) = sessions.upgrade() else { return };
        let mut kept = lock(&sessions);
        kept.sweep();
        if kept.by_id.is_empty() {
            kept.is_swept = false;
            return;
        }
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("Session {id} does not exist or has ended."), id)
}
