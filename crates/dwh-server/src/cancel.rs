//! The sessions that a cancel request can reach.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dwh_common::SqlError;
use dwh_engine::{CancelHandle, Session};

use crate::auth;

/// Sessions by the number that clients know them by, with their secrets.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<i32, (i32, CancelHandle)>>);

/// A session's place in the list, given up when dropped.
pub(crate) struct Entry {
    sessions: Arc<Sessions>,
    id: i32,
    secret: i32,
    handle: CancelHandle,
}

impl Sessions {
    /// Adds a session under a secret of its own.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn register(self: &Arc<Self>, session: &Session) -> Result<Entry, SqlError> {
        let secret = i32::from_be_bytes(auth::random()?);
        let handle = session.cancel_handle();
        self.list().insert(session.id(), (secret, handle.clone()));
        Ok(Entry { sessions: Arc::clone(self), id: session.id(), secret, handle })
    }

    /// Cancels what the session runs now, if the secret is right; else does nothing.
    pub(crate) fn cancel(&self, id: i32, secret: i32) {
        if let Some((known, handle)) = self.list().get(&id)
            && *known == secret
        {
            handle.cancel();
        }
    }

    /// Ends all sessions, whatever they do.
    pub(crate) fn terminate_all(&self) {
        self.list().values().for_each(|(_, handle)| handle.terminate());
    }

    fn list(&self) -> std::sync::MutexGuard<'_, HashMap<i32, (i32, CancelHandle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// What a cancel request must know beside the session's number.
    pub(crate) fn secret(&self) -> i32 {
        self.secret
    }

    pub(crate) fn handle(&self) -> &CancelHandle {
        &self.handle
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.sessions.list().remove(&self.id);
    }
}
