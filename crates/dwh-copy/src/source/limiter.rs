//! How many requests are under way at a time: as many as the store takes.
//!
//! Additive increase, multiplicative decrease, as TCP does it: an answer that says "too many" (503,
//! 429, a time-out, a connection refused) halves the limit, a limit's worth of good answers raises it
//! by a few. It starts at the most, since a store that is far away needs many at once from the start.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

const MIN_REQUESTS: usize = 4;
const INCREASE: usize = 8;

/// Limits the requests of one bucket.
#[derive(Debug)]
pub(super) struct Limiter {
    slots: Semaphore,
    max_requests: usize,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    limit: usize,
    /// Slots that are still in use and will not come back.
    excess: usize,
    /// Good answers since the limit changed.
    good: usize,
    /// Changes with each decrease: of all requests that one overload met, one counts.
    epoch: u64,
}

/// Leave for one request, while it lives.
#[derive(Debug)]
pub(super) struct Slot {
    limiter: Arc<Limiter>,
    epoch: u64,
}

impl Limiter {
    pub(super) fn new(max_requests: usize) -> Self {
        let max_requests = max_requests.max(MIN_REQUESTS);
        Self {
            slots: Semaphore::new(max_requests),
            max_requests,
            window: Mutex::new(Window { limit: max_requests, excess: 0, good: 0, epoch: 0 }),
        }
    }

    /// Waits until one more request may go.
    pub(super) async fn slot(self: &Arc<Self>) -> Slot {
        // The semaphore is never closed.
        if let Ok(permit) = self.slots.acquire().await {
            permit.forget();
        }
        Slot { limiter: Arc::clone(self), epoch: self.window().epoch }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// The store took the request.
    pub(super) fn good(self) {
        let limiter = &self.limiter;
        let mut window = limiter.window();
        window.good += 1;
        if window.good < window.limit || window.limit >= limiter.max_requests {
            return;
        }
        let more = INCREASE.min(limiter.max_requests - window.limit);
        window.limit += more;
        window.good = 0;
        let from_excess = more.min(window.excess);
        window.excess -= from_excess;
        limiter.slots.add_permits(more - from_excess);
    }

    /// The store has too much to do.
    pub(super) fn busy(self) {
        let limiter = &self.limiter;
        let mut window = limiter.window();
        if self.epoch != window.epoch {
            return;
        }
        let limit = (window.limit / 2).max(MIN_REQUESTS);
        let fewer = window.limit - limit;
        window.limit = limit;
        window.good = 0;
        window.epoch += 1;
        window.excess += fewer - limiter.slots.forget_permits(fewer);
        tracing::debug!(limit, "the store is busy: fewer requests at a time");
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut window = self.limiter.window();
        if window.excess > 0 {
            window.excess -= 1;
        } else {
            self.limiter.slots.add_permits(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;

    use super::{Limiter, Slot};

    /// Takes all slots that are to be had.
    fn take_all(limiter: &Arc<Limiter>) -> Vec<Slot> {
        std::iter::from_fn(|| limiter.slot().now_or_never()).collect()
    }

    #[test]
    fn an_overload_halves_the_limit_once() {
        let limiter = Arc::new(Limiter::new(64));
        let slots = take_all(&limiter);
        assert_eq!(slots.len(), 64);
        slots.into_iter().for_each(Slot::busy);
        assert_eq!(take_all(&limiter).len(), 32);
        take_all(&limiter).into_iter().take(1).for_each(Slot::busy);
        assert_eq!(take_all(&limiter).len(), 16);
    }

    #[test]
    fn good_answers_raise_the_limit_again_up_to_the_most() {
        let limiter = Arc::new(Limiter::new(32));
        take_all(&limiter).into_iter().take(1).for_each(Slot::busy);
        assert_eq!(take_all(&limiter).len(), 16);
        take_all(&limiter).into_iter().for_each(Slot::good);
        assert_eq!(take_all(&limiter).len(), 24);
        for _ in 0..10 {
            take_all(&limiter).into_iter().for_each(Slot::good);
        }
        assert_eq!(take_all(&limiter).len(), 32);
    }

    #[test]
    fn some_requests_always_may_go() {
        let limiter = Arc::new(Limiter::new(8));
        for _ in 0..10 {
            take_all(&limiter).into_iter().take(1).for_each(Slot::busy);
        }
        assert_eq!(take_all(&limiter).len(), 4);
    }
}
