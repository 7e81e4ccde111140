//! The registered users.

use chrono::{NaiveTime, TimeDelta};

use crate::json::{Slash, push_integer, push_string};
use crate::random::Random;
use crate::scale::Scale;
use crate::words::{FIRST_NAMES_F, FIRST_NAMES_M, LAST_NAMES, USER_AGENTS, USER_LOCATIONS};

/// A user with the parts of its events that never change, as JSON.
pub(crate) struct User {
    pub(crate) is_paid: bool,
    /// Milliseconds since 1970 at which the last session was over.
    pub(crate) free_at: i64,
    /// `"firstName":…,"gender":…,"itemInSession":`
    pub(crate) head: Vec<u8>,
    /// `,"lastName":…,"length":`
    pub(crate) last_name: Vec<u8>,
    /// `"location":…,`
    pub(crate) location: Vec<u8>,
    /// `"registration":…,`
    pub(crate) registration: Vec<u8>,
    /// `,"userAgent":…,"userId":…}`
    pub(crate) tail: Vec<u8>,
}

/// Users numbered from 2, as the public sample's are.
const FIRST_USER_ID: u64 = 2;

pub(crate) fn users(scale: &Scale, mut random: Random) -> Vec<User> {
    let start_ms = scale.date(0).and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    (0..scale.users).map(|number| user(u64::from(number) + FIRST_USER_ID, start_ms, &mut random)).collect()
}

fn user(id: u64, start_ms: i64, random: &mut Random) -> User {
    let is_female = random.one_in_10_000(5_500);
    let first_name = random.pick(if is_female { FIRST_NAMES_F } else { FIRST_NAMES_M });
    let age_ms = random.below(TimeDelta::days(60).num_milliseconds().unsigned_abs()) as i64;

    let mut head = b"\"firstName\":".to_vec();
    push_string(&mut head, first_name, Slash::Escaped);
    head.extend_from_slice(if is_female { b",\"gender\":\"F\"" } else { b",\"gender\":\"M\"" });
    head.extend_from_slice(b",\"itemInSession\":");

    let mut last_name = b",\"lastName\":".to_vec();
    push_string(&mut last_name, random.pick(LAST_NAMES), Slash::Escaped);
    last_name.extend_from_slice(b",\"length\":");

    let mut location = b"\"location\":".to_vec();
    push_string(&mut location, random.pick(USER_LOCATIONS), Slash::Escaped);
    location.push(b',');

    // A float in the sample: milliseconds with a fraction of zero.
    let mut registration = b"\"registration\":".to_vec();
    push_integer(&mut registration, (start_ms - age_ms).unsigned_abs());
    registration.extend_from_slice(b".0,");

    let mut tail = b",\"userAgent\":".to_vec();
    push_string(&mut tail, random.pick(USER_AGENTS), Slash::Escaped);
    tail.extend_from_slice(b",\"userId\":\"");
    push_integer(&mut tail, id);
    tail.extend_from_slice(b"\"}");

    User {
        is_paid: random.one_in_10_000(1_800),
        free_at: i64::MIN,
        head,
        last_name,
        location,
        registration,
        tail,
    }
}
