//! Slows down who guesses passwords: each failure from an address doubles the wait for the next answer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// After this long without a failure an address is as good as new.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);
/// So many addresses are remembered; more would be an attack on the memory.
const MAX_ADDRESSES: usize = 10_000;

/// Failures by address.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<IpAddr, (u32, Instant)>>);

impl Throttle {
    /// Notes a failure, and tells how long to wait before the answer.
    pub(crate) fn failed(&self, address: IpAddr, now: Instant) -> Duration {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MAX_ADDRESSES {
            failures.retain(|_, (_, last)| now.duration_since(*last) < FORGOTTEN_AFTER);
            if failures.len() >= MAX_ADDRESSES && !failures.contains_key(&address) {
                return LONGEST_WAIT;
            }
        }
        let (count, last) = failures.entry(address).or_insert((0, now));
        if now.duration_since(*last) >= FORGOTTEN_AFTER {
            *count = 0;
        }
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(*count)).min(LONGEST_WAIT);
        *count = count.saturating_add(1);
        *last = now;
        wait
    }

    /// Forgets the failures of an address that has given the right password.
    pub(crate) fn succeeded(&self, address: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Duration, Instant};

    use super::Throttle;

    #[test]
    fn waits_double_up_to_a_limit_and_end_with_success_or_time() {
        let throttle = Throttle::default();
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let now = Instant::now();
        let waits: Vec<u128> = (0..8).map(|_| throttle.failed(here, now).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        throttle.succeeded(here);
        assert_eq!(throttle.failed(here, now).as_millis(), 250);
        assert_eq!(throttle.failed(here, now + Duration::from_secs(301)).as_millis(), 250);
    }
}
