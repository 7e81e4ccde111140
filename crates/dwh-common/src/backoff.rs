//! How long to wait before the next try.

use std::time::Duration;

/// Waits that double, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second try.
    pub first: Duration,
    /// Never longer.
    pub longest: Duration,
    /// Tries in all, at least one.
    pub attempts: u32,
}

impl Default for Backoff {
    /// About half a minute in all: what a cluster's leader node takes to restart.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(10), attempts: 7 }
    }
}

impl Backoff {
    /// The wait after a try that failed, counted from 1; `None` if it was the last.
    pub fn after(&self, attempt: u32) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        Some(self.first.saturating_mul(doubled).min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn waits_double_up_to_the_limit_and_end() {
        let backoff = Backoff::default();
        let waits: Vec<u128> =
            (1..).map_while(|attempt| backoff.after(attempt)).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 10_000]);
        let once = Backoff { attempts: 1, ..backoff };
        assert_eq!(once.after(1), None);
        assert_eq!(Backoff { attempts: 100, ..backoff }.after(99), Some(Duration::from_secs(10)));
    }
}
