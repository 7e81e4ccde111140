//! Ending a running statement from outside: CANCEL, a client's cancel request, `statement_timeout`.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dwh_common::{SqlError, SqlState};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Ends what a session runs. Cheap to clone, and usable while the session is busy.
#[derive(Debug, Clone, Default)]
pub struct CancelHandle {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The request that the text running now listens to.
    current: Mutex<Arc<Request>>,
    terminated: AtomicBool,
    termination: Notify,
}

#[derive(Debug, Default)]
struct Request {
    made: AtomicBool,
    notify: Notify,
}

impl CancelHandle {
    /// Cancels the statement that runs, also one whose rows are still being read: it ends with 57014. What
    /// the session runs next is not touched.
    pub fn cancel(&self) {
        let request = Arc::clone(&self.shared.current.lock().unwrap_or_else(PoisonError::into_inner));
        request.made.store(true, Ordering::Release);
        request.notify.notify_waiters();
    }

    /// Cancels the statement that runs, and lets the session take no other (57P01).
    pub fn terminate(&self) {
        self.shared.terminated.store(true, Ordering::Release);
        self.shared.termination.notify_one();
        self.cancel();
    }

    /// Ends when [`Self::terminate`] is called, for the one who waits for the session's next statement.
    pub async fn terminated(&self) {
        while !self.is_terminated() {
            self.shared.termination.notified().await;
        }
    }

    /// Whether [`Self::terminate`] was called: a server then closes the connection.
    pub fn is_terminated(&self) -> bool {
        self.shared.terminated.load(Ordering::Acquire)
    }

    /// The error of a session that was terminated.
    pub(crate) fn check_terminated(&self) -> Result<(), SqlError> {
        match self.is_terminated() {
            true => Err(SqlError::new(
                SqlState::AdminShutdown,
                "terminating connection due to administrator command",
            )),
            false => Ok(()),
        }
    }

    /// Starts to listen for the statements of one text: earlier requests are forgotten.
    pub(crate) fn listen(&self) -> Limits {
        let request = Arc::new(Request::default());
        *self.shared.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&request);
        Limits { request, deadline: None }
    }
}

/// What may end a statement early.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    request: Arc<Request>,
    deadline: Option<(Instant, Duration)>,
}

impl Limits {
    /// The same, with the time that a statement which starts now may take.
    pub(crate) fn within(&self, limit: Option<Duration>) -> Self {
        let deadline = limit.and_then(|limit| Some((Instant::now().checked_add(limit)?, limit)));
        Self { request: Arc::clone(&self.request), deadline }
    }

    /// Does `work` unless it is to end early; then the work is dropped.
    pub(crate) async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, SqlError>>,
    ) -> Result<T, SqlError> {
        tokio::select! {
            biased;
            () = self.requested() => Err(cancelled()),
            limit = self.out_of_time() => {
                Err(cancelled().with_detail(format!("statement_timeout of {} ms has passed", limit.as_millis())))
            }
            done = work => done,
        }
    }

    async fn requested(&self) {
        let mut notified = std::pin::pin!(self.request.notify.notified());
        // Registered before the look at the flag, so that no request between the two is missed.
        notified.as_mut().enable();
        if !self.request.made.load(Ordering::Acquire) {
            notified.await;
        }
    }

    async fn out_of_time(&self) -> Duration {
        match self.deadline {
            None => std::future::pending().await,
            Some((deadline, limit)) => {
                tokio::time::sleep_until(deadline).await;
                limit
            }
        }
    }
}

fn cancelled() -> SqlError {
    SqlError::new(SqlState::QueryCanceled, "Query cancelled on user's request")
}
