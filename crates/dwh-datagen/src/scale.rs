//! How much to generate.

use chrono::{Days, NaiveDate};

/// The size and the seed of a data set. Everything that is written follows from these values alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// Registered users, at least 1.
    pub users: u32,
    /// Songs in the catalog, one file each; at most 2^24.
    pub songs: u32,
    /// Events in all, spread over the days: fewer at weekends.
    pub events: u64,
    /// Days, and so log files, at least 1.
    pub days: u32,
    /// Date of the first log file.
    pub start_date: NaiveDate,
    /// Another seed gives other data of the same size.
    pub seed: u64,
}

/// Songs are numbered within the 24 bits of their ids.
const MAX_SONGS: u32 = 1 << 24;
/// A hundred years: dates stay within four digits.
const MAX_DAYS: u32 = 36_525;

/// Why nothing, or not all, was generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The scale cannot be.
    #[error("{field} is {value}; it must be {rule}")]
    Scale {
        /// Field of [`Scale`].
        field: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// The writer refused an object.
    #[error("cannot write {name}: {source}")]
    Write {
        /// Name of the object.
        name: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Scale {
    /// The data set of `dwh demo`: 20,000 events of 120 users in November 2018, 1,000 songs.
    pub fn demo() -> Self {
        Self { users: 120, songs: 1_000, events: 20_000, days: 30, start_date: first_of_november(), seed: 42 }
    }

    /// The data set of the benchmarks: 2,000,000 events in 100 files, 50,000 songs.
    pub fn benchmark() -> Self {
        Self {
            users: 20_000,
            songs: 50_000,
            events: 2_000_000,
            days: 100,
            start_date: first_of_november(),
            seed: 42,
        }
    }

    /// Date of the `day`-th log file, counted from 0.
    pub(crate) fn date(&self, day: u32) -> NaiveDate {
        self.start_date + Days::new(u64::from(day))
    }

    pub(crate) fn validate(&self) -> Result<(), GenerateError> {
        let refuse = |field, value: String, rule| Err(GenerateError::Scale { field, value, rule });
        if self.users == 0 {
            return refuse("users", self.users.to_string(), "at least 1");
        }
        if self.songs > MAX_SONGS {
            return refuse("songs", self.songs.to_string(), "at most 16777216");
        }
        if self.days == 0 || self.days > MAX_DAYS {
            return refuse("days", self.days.to_string(), "1 to 36525");
        }
        let years = first_of_year(1971)..first_of_year(3000);
        if !years.contains(&self.start_date) {
            return refuse("start date", self.start_date.to_string(), "in the years 1971 to 2999");
        }
        Ok(())
    }
}

fn first_of_november() -> NaiveDate {
    NaiveDate::from_ymd_opt(2018, 11, 1).expect("a date of the calendar")
}

fn first_of_year(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).expect("a date of the calendar")
}
