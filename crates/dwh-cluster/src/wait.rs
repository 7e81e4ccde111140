//! Waiting for a state.

use std::time::Duration;

use crate::error::{ApiError, ApiErrorKind, ClusterError};
use crate::found::{DELETING, Found, NO_WORKGROUP};
use crate::lifecycle::{Event, Lifecycle};

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(10);
/// A cluster takes 3 to 10 minutes; with many nodes and a restore longer.
pub(crate) const LONGEST: Duration = Duration::from_secs(45 * 60);

/// States that do not become better by themselves.
const DEAD_ENDS: [&str; 6] = [
    "hardware-failure",
    "incompatible-hsm",
    "incompatible-network",
    "incompatible-parameters",
    "incompatible-restore",
    "storage-full",
];

/// What a look gave.
pub(crate) enum Look<T> {
    Ready(T),
    /// State to tell.
    NotYet(String),
}

impl Lifecycle<'_> {
    /// Waits until the cluster can be used.
    ///
    /// # Errors
    /// It is in a state that does not lead there, it is gone, or it takes too long.
    pub async fn wait(&self) -> Result<Found, ClusterError> {
        self.wait_for(async |found: Option<Found>| {
            let found = found.ok_or_else(|| self.missing())?;
            let status = found.status.as_str();
            if DEAD_ENDS.contains(&status) || ["paused", "pausing", DELETING, NO_WORKGROUP].contains(&status)
            {
                return Err(ClusterError::BadState { what: self.name(), status: found.status });
            }
            if found.is_ready() { Ok(Look::Ready(found)) } else { Ok(Look::NotYet(found.progress())) }
        })
        .await
    }

    /// Waits until the cluster is in a state.
    pub(crate) async fn wait_for_status(&self, wanted: &str) -> Result<(), ClusterError> {
        self.wait_for(async |found: Option<Found>| match found {
            Some(found) if found.status == wanted => Ok(Look::Ready(())),
            Some(found) if DEAD_ENDS.contains(&found.status.as_str()) => {
                Err(ClusterError::BadState { what: self.name(), status: found.status })
            }
            Some(found) => Ok(Look::NotYet(found.status)),
            None => Err(self.missing()),
        })
        .await
    }

    /// Waits until the cluster is gone.
    pub(crate) async fn wait_until_gone(&self) -> Result<(), ClusterError> {
        self.wait_for(async |found: Option<Found>| {
            Ok(found.map_or(Look::Ready(()), |found| Look::NotYet(found.status)))
        })
        .await
    }

    /// Waits until nothing is deleted any more, and gives back what is left: a workgroup may go without its
    /// namespace.
    pub(crate) async fn wait_while_deleting(&self) -> Result<Option<Found>, ClusterError> {
        self.wait_for(async |found: Option<Found>| {
            Ok(match found {
                Some(found) if found.status == DELETING => Look::NotYet(found.status),
                left => Look::Ready(left),
            })
        })
        .await
    }

    /// Waits until AWS shows what it has just created.
    pub(crate) async fn wait_until_known(&self) -> Result<(), ClusterError> {
        self.wait_for(async |found: Option<Found>| {
            Ok(found.map_or(Look::NotYet("not yet known to AWS".to_owned()), |_| Look::Ready(())))
        })
        .await
    }

    async fn wait_for<T>(
        &self,
        judge: impl AsyncFn(Option<Found>) -> Result<Look<T>, ClusterError>,
    ) -> Result<T, ClusterError> {
        let name = self.name();
        self.repeat(&name, async || match self.find().await {
            // A look that AWS does not answer is one look less.
            Err(ClusterError::Api(error)) if is_passing(&error) => {
                Ok(Look::NotYet("not told by AWS".to_owned()))
            }
            found => judge(found?).await,
        })
        .await
    }

    /// Looks again and again, until it is ready or has taken too long.
    pub(crate) async fn repeat<T>(
        &self,
        what: &str,
        look: impl AsyncFn() -> Result<Look<T>, ClusterError>,
    ) -> Result<T, ClusterError> {
        let mut waited = Duration::ZERO;
        loop {
            match look().await? {
                Look::Ready(ready) => return Ok(ready),
                Look::NotYet(status) if waited >= LONGEST => {
                    return Err(ClusterError::TimedOut { what: what.to_owned(), status, waited });
                }
                Look::NotYet(status) => {
                    self.observer.event(Event::State { what, status: &status, waited });
                }
            }
            self.clock.sleep(INTERVAL).await;
            waited += INTERVAL;
        }
    }

    /// Repeats a call while what it works on is busy; `state` is told meanwhile.
    pub(crate) async fn when_free(
        &self,
        what: &str,
        state: &str,
        call: impl AsyncFn() -> Result<(), ApiError>,
    ) -> Result<(), ClusterError> {
        self.repeat(what, async || match call().await {
            Err(error) if error.kind == ApiErrorKind::Busy => Ok(Look::NotYet(state.to_owned())),
            done => Ok(Look::Ready(done?)),
        })
        .await
    }
}

fn is_passing(error: &ApiError) -> bool {
    matches!(error.kind, ApiErrorKind::Throttled | ApiErrorKind::Unavailable)
}
