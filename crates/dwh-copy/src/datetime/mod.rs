//! Dates and times as text (RS 1.11): the format strings of COPY and the `auto` reading, which is
//! also what `CAST(text AS TIMESTAMP)` accepts.
//!
//! Dates are days and timestamps microseconds since 1970-01-01, in the proleptic Gregorian calendar.

mod auto;
mod calendar;
pub mod civil;
mod format;

use std::fmt;
use std::sync::Arc;

pub use auto::{parse_date, parse_time, parse_timestamp};
pub use calendar::MONTHS;
pub use format::{DateFormat, FormatError, Pattern, TimestampFormat};

/// Microseconds of a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// What local time of the session is in UTC, both in microseconds since 1970.
type LocalToUtc = dyn Fn(i64) -> i64 + Send + Sync;

/// The clock of the session's time zone, which texts of TIMESTAMPTZ without a zone are read by; UTC by default.
#[derive(Clone, Default)]
pub struct SessionClock(Option<Arc<LocalToUtc>>);

impl SessionClock {
    /// A clock that is not UTC.
    pub fn new(local_to_utc: impl Fn(i64) -> i64 + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(local_to_utc)))
    }

    /// The moment that was written, in UTC.
    pub fn utc(&self, read: Timestamp) -> i64 {
        match (&self.0, read.offset_seconds) {
            (Some(local_to_utc), None) => local_to_utc(read.local_micros),
            _ => read.in_utc(),
        }
    }
}

impl fmt::Debug for SessionClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "SessionClock(local)" } else { "SessionClock(UTC)" })
    }
}

impl PartialEq for SessionClock {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(left), Some(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }
}

impl Eq for SessionClock {}

/// A point in time as written: the clock's reading and the zone, if the text named one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    /// The clock's reading, in microseconds since 1970-01-01 00:00:00 of the same clock.
    pub local_micros: i64,
    /// Seconds east of UTC.
    pub offset_seconds: Option<i32>,
}

impl Timestamp {
    /// TIMESTAMP: the clock's reading, whatever the zone.
    pub fn without_zone(self) -> i64 {
        self.local_micros
    }

    /// TIMESTAMPTZ in UTC; a text without a zone is read as UTC ([`SessionClock`] for another).
    pub fn in_utc(self) -> i64 {
        self.local_micros - i64::from(self.offset_seconds.unwrap_or(0)) * MICROS_PER_SECOND
    }
}
