//! The time, through one small function, so that tests need not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// The system's clock and this many seconds, which a test moves.
    Shifted(Arc<AtomicI64>),
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Shifted(seconds) => Utc::now() + TimeDelta::seconds(seconds.load(Ordering::Relaxed)),
        }
    }
}
