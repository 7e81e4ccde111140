use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// A wait of a [`Clock`].
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Time, for code that waits: it is handed a clock, so that tests hand it one that never makes them wait.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// Ready after so long.
    fn sleep(&self, duration: Duration) -> Sleep<'_>;
}
