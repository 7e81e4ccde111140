use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use dwh_common::{Clock, Sleep};

/// A clock that goes on by as much as is slept, at once.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<SystemTime>,
}

impl Default for ManualClock {
    /// Begins now.
    fn default() -> Self {
        Self { now: Mutex::new(SystemTime::now()) }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += duration;
        // Others get their turn, as in a sleep.
        Box::pin(tokio::task::yield_now())
    }
}
