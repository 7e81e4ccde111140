//! Holds back who tries passwords or tokens.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Attempts of one address that have not succeeded, within [`WINDOW`] of the first.
const MAX_ATTEMPTS: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered; when there are more, those that tried longest ago are forgotten.
const MAX_PEERS: usize = 10_000;

/// The attempts of each address.
#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<IpAddr, Attempts>>);

struct Attempts {
    since: Instant,
    count: u32,
}

impl Throttle {
    /// Notes an attempt, before it is looked at: many at once do not count as one.
    ///
    /// # Errors
    /// There were too many; how long to wait.
    pub(super) fn attempt(&self, peer: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = |attempts: &Attempts| now.saturating_duration_since(attempts.since);
        if peers.len() >= MAX_PEERS && !peers.contains_key(&peer) {
            peers.retain(|_, attempts| passed(attempts) < WINDOW);
            if peers.len() >= MAX_PEERS
                && let Some(oldest) =
                    peers.iter().min_by_key(|(_, attempts)| attempts.since).map(|(peer, _)| *peer)
            {
                peers.remove(&oldest);
            }
        }
        let attempts = peers.entry(peer).or_insert(Attempts { since: now, count: 0 });
        if passed(attempts) >= WINDOW {
            *attempts = Attempts { since: now, count: 0 };
        }
        if attempts.count >= MAX_ATTEMPTS {
            return Err(WINDOW - passed(attempts));
        }
        attempts.count += 1;
        Ok(())
    }

    /// Forgets what an address has tried: it has signed in.
    pub(super) fn succeeded(&self, peer: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Duration, Instant};

    use super::{MAX_ATTEMPTS, MAX_PEERS, Throttle, WINDOW};

    fn peer(number: usize) -> IpAddr {
        Ipv4Addr::from_bits(u32::try_from(number).expect("an address")).into()
    }

    #[test]
    fn an_address_has_so_many_attempts_in_a_minute() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..MAX_ATTEMPTS {
            assert_eq!(throttle.attempt(peer(1), start), Ok(()));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(throttle.attempt(peer(1), later), Err(WINDOW - Duration::from_secs(20)));
        assert_eq!(throttle.attempt(peer(2), later), Ok(()));
        assert_eq!(throttle.attempt(peer(1), start + WINDOW), Ok(()));
    }

    #[test]
    fn who_has_signed_in_begins_anew() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..3 * MAX_ATTEMPTS {
            assert_eq!(throttle.attempt(peer(1), now), Ok(()));
            throttle.succeeded(peer(1));
        }
    }

    #[test]
    fn not_more_addresses_are_remembered_than_the_limit() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..MAX_PEERS + 5 {
            assert_eq!(throttle.attempt(peer(number), now), Ok(()));
        }
        assert_eq!(throttle.0.lock().expect("not poisoned").len(), MAX_PEERS);
    }
}
