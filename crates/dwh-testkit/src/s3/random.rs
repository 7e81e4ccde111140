use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::Fault;

/// Passing faults of a store under load. Which request meets which depends on the seed, the request and
/// how often it was made, so that a run can be repeated however its requests interleave.
#[derive(Debug)]
pub(super) struct RandomFaults {
    seed: u64,
    per_mille: u64,
    /// Times that a request was made.
    made: HashMap<String, u64>,
}

impl RandomFaults {
    pub(super) fn new(seed: u64, per_mille: u64) -> Self {
        Self { seed, per_mille, made: HashMap::new() }
    }

    pub(super) fn next(&mut self, request: &str) -> Option<Fault> {
        let times = self.made.entry(request.to_owned()).or_default();
        *times += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, request, *times).hash(&mut hasher);
        let chance = hasher.finish();
        if chance % 1000 >= self.per_mille {
            return None;
        }
        Some(match chance / 1000 % 7 {
            0 => Fault::Status(500, "InternalError"),
            1 => Fault::Status(503, "SlowDown"),
            2 => Fault::Status(503, "ServiceUnavailable"),
            3 => Fault::Status(429, "TooManyRequests"),
            4 => Fault::Reset,
            5 => Fault::TruncatedBody,
            _ => Fault::Delay(Duration::from_millis(chance / 7000 % 200)),
        })
    }
}
