//! Sessions that are kept between requests (SessionKeepAliveSeconds, SessionId).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use dwh_engine::Session;
use uuid::Uuid;

use crate::error::ApiError;
use crate::identity::Target;

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
    /// Counts its uses, so that an old timer does not end a new one.
    uses: u64,
}

type Kept = BTreeMap<String, KeptSession>;

/// The sessions that are kept, by id.
#[derive(Default)]
pub(crate) struct Sessions(Arc<Mutex<Kept>>);

impl Sessions {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        if kept.len() >= MAX_SESSIONS {
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
            uses: 0,
        };
        kept.insert(id.clone(), session);
        Ok(id)
    }

    /// Whose a session is.
    ///
    /// # Errors
    /// There is no such session.
    pub(crate) fn get(&self, id: &str) -> Result<KeptSession, ApiError> {
        self.kept().get(id).cloned().ok_or_else(|| missing(id))
    }

    /// Takes a session for a statement, so that no other uses it.
    ///
    /// # Errors
    /// There is no such session, or another statement uses it.
    pub(crate) fn take(&self, id: &str, keep_alive_seconds: Option<u64>) -> Result<(), ApiError> {
        let mut kept = self.kept();
        let session = kept.get_mut(id).ok_or_else(|| missing(id))?;
        if session.is_busy {
            return Err(ApiError::validation(format!("Session {id} is busy with another statement.")));
        }
        session.is_busy = true;
        session.uses += 1;
        session.keep_alive_seconds = keep_alive_seconds.unwrap_or(session.keep_alive_seconds);
        Ok(())
    }

    /// Notes which statement uses a session; gives it, if it is there already.
    pub(crate) fn used_by(&self, id: &str, statement: &str) -> Option<Arc<Session>> {
        let mut kept = self.kept();
        let session = kept.get_mut(id)?;
        session.statement_id = Some(statement.to_owned());
        session.session.clone()
    }

    /// Keeps a session until it has not been used for its time; a time of 0 ends it.
    pub(crate) fn give_back(&self, id: &str, session: Option<Arc<Session>>) {
        let mut kept = self.kept();
        let Some(known) = kept.get_mut(id) else { return };
        if session.is_none() || known.keep_alive_seconds == 0 {
            kept.remove(id);
            return;
        }
        known.session = session;
        known.is_busy = false;
        known.statement_id = None;
        known.updated_at = Utc::now();
        let (uses, lasts) = (known.uses, Duration::from_secs(known.keep_alive_seconds));
        let (all, id) = (Arc::clone(&self.0), id.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(lasts).await;
            let mut kept = all.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.get(&id).is_some_and(|known| known.uses == uses && !known.is_busy) {
                kept.remove(&id);
            }
        });
    }

    /// All sessions that are kept.
    pub(crate) fn list(&self) -> Vec<(String, KeptSession)> {
        self.kept().iter().map(|(id, session)| (id.clone(), session.clone())).collect()
    }
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("Session {id} does not exist or has ended."), id)
}
