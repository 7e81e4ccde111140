//! Dates and times as text (RS 1.11): the format strings of COPY and the `auto` reading, which is
//! also what `CAST(text AS TIMESTAMP)` accepts.
//!
//! Dates are days and timestamps microseconds since 1970-01-01, in the proleptic Gregorian calendar.

mod auto;
mod calendar;
pub mod civil;
mod format;

pub use auto::{parse_date, parse_time, parse_timestamp};
pub use calendar::MONTHS;
pub use format::{DateFormat, FormatError, Pattern, TimestampFormat};

/// Microseconds of a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

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

    /// TIMESTAMPTZ in UTC; a text without a zone is read as UTC.
    pub fn in_utc(self) -> i64 {
        self.local_micros - i64::from(self.offset_seconds.unwrap_or(0)) * MICROS_PER_SECOND
    }
}
