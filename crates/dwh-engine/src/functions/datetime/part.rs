//! Names of date parts and their values (RS 4.2).

use arrow::datatypes::IntervalMonthDayNano;
use datafusion::error::Result;
use dwh_common::SqlState;

use super::calendar::{self, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND};
use crate::functions::error::sql_err;

/// A part of a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Millennium,
    Century,
    Decade,
    Year,
    IsoYear,
    Quarter,
    Month,
    Week,
    Day,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Epoch,
    TimezoneHour,
    TimezoneMinute,
    Timezone,
}

impl Part {
    /// A part by any of its names; note that `m` is minutes and `mon` months.
    pub(crate) fn parse(name: &str) -> Result<Self> {
        Ok(match name.trim().to_ascii_lowercase().as_str() {
            "millennium" | "millennia" | "mil" | "mils" => Self::Millennium,
            "century" | "centuries" | "c" | "cent" | "cents" => Self::Century,
            "decade" | "decades" | "dec" | "decs" => Self::Decade,
            "year" | "years" | "y" | "yr" | "yrs" => Self::Year,
            "isoyear" => Self::IsoYear,
            "quarter" | "quarters" | "qtr" | "qtrs" => Self::Quarter,
            "month" | "months" | "mon" | "mons" => Self::Month,
            "week" | "weeks" | "w" => Self::Week,
            "day" | "days" | "d" => Self::Day,
            "dayofweek" | "dow" | "dw" | "weekday" => Self::DayOfWeek,
            "isodow" => Self::IsoDayOfWeek,
            "dayofyear" | "doy" | "dy" | "yearday" => Self::DayOfYear,
            "hour" | "hours" | "h" | "hr" | "hrs" => Self::Hour,
            "minute" | "minutes" | "m" | "min" | "mins" => Self::Minute,
            "second" | "seconds" | "s" | "sec" | "secs" => Self::Second,
            "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" | "msecond" | "mseconds"
            | "millisec" | "millisecs" | "millisecon" => Self::Millisecond,
            "microsecond" | "microseconds" | "us" | "usec" | "usecs" | "usecond" | "useconds"
            | "microsec" | "microsecs" => Self::Microsecond,
            "epoch" => Self::Epoch,
            "timezone" => Self::Timezone,
            "timezone_hour" => Self::TimezoneHour,
            "timezone_minute" => Self::TimezoneMinute,
            _ => {
                return Err(sql_err(
                    SqlState::InvalidParameterValue,
                    format!("timestamp units \"{name}\" not recognized"),
                ));
            }
        })
    }

    /// The part of a zone that is so many seconds east of Greenwich; `None` for the parts of dates and times.
    pub(crate) fn of_offset(self, seconds: i64) -> Option<i64> {
        match self {
            Self::Timezone => Some(seconds),
            Self::TimezoneHour => Some(seconds / 3_600),
            Self::TimezoneMinute => Some(seconds / 60 % 60),
            _ => None,
        }
    }

    /// Whether times of day have this part.
    pub(crate) fn is_of_time(self) -> bool {
        matches!(self, Self::Hour | Self::Minute | Self::Second | Self::Millisecond | Self::Microsecond)
    }

    /// The whole number that EXTRACT gives: milliseconds and microseconds are those of the second's
    /// fraction only (RS 4.1).
    pub(crate) fn extract(self, micros: i64) -> i64 {
        let days = calendar::days_of_micros(micros);
        let date = calendar::civil(days);
        let clock = calendar::clock(micros);
        let year = i64::from(date.year);
        match self {
            Self::Millennium => (year + 999).div_euclid(1000),
            Self::Century => (year + 99).div_euclid(100),
            // The first decade is that of the years 1 to 9: 2000 begins the 201st (the guide's date parts).
            Self::Decade => year.div_euclid(10) + 1,
            Self::Year => year,
            Self::IsoYear => i64::from(calendar::iso_week(days).0),
            Self::Quarter => i64::from((date.month - 1) / 3 + 1),
            Self::Month => i64::from(date.month),
            Self::Week => i64::from(calendar::iso_week(days).1),
            Self::Day => i64::from(date.day),
            Self::DayOfWeek => i64::from(calendar::weekday(days)),
            Self::IsoDayOfWeek => match calendar::weekday(days) {
                0 => 7,
                weekday => i64::from(weekday),
            },
            Self::DayOfYear => i64::from(calendar::day_of_year(days)),
            Self::Hour => clock.hour,
            Self::Minute => clock.minute,
            Self::Second => clock.second,
            Self::Millisecond => clock.micros / 1_000,
            Self::Microsecond => clock.micros,
            Self::Epoch => micros.div_euclid(MICROS_PER_SECOND),
            // A TIMESTAMP has no zone; see `of_offset`.
            Self::Timezone | Self::TimezoneHour | Self::TimezoneMinute => 0,
        }
    }

    /// The part of an interval; only EPOCH adds the others up, a month as 30 days and a year as 365.25.
    pub(crate) fn of_interval(self, interval: IntervalMonthDayNano) -> f64 {
        const DAYS_PER_YEAR: f64 = 365.25;
        const DAYS_PER_MONTH: f64 = 30.0;
        let micros = interval.nanoseconds / 1_000;
        let (years, months) = (interval.months / 12, interval.months % 12);
        match self {
            Self::Millennium => f64::from(years / 1000),
            Self::Century => f64::from(years / 100),
            Self::Decade => f64::from(years / 10),
            Self::Year => f64::from(years),
            Self::Quarter => f64::from(months / 3 + 1),
            Self::Month => f64::from(months),
            Self::Day => f64::from(interval.days),
            Self::Hour => (micros / MICROS_PER_HOUR) as f64,
            Self::Minute => (micros / MICROS_PER_MINUTE % 60) as f64,
            Self::Second => (micros % MICROS_PER_MINUTE) as f64 / MICROS_PER_SECOND as f64,
            Self::Millisecond => (micros % MICROS_PER_MINUTE) as f64 / 1_000.0,
            Self::Microsecond => (micros % MICROS_PER_MINUTE) as f64,
            Self::Epoch => {
                let days = f64::from(years) * DAYS_PER_YEAR
                    + f64::from(months) * DAYS_PER_MONTH
                    + f64::from(interval.days);
                days * (MICROS_PER_DAY / MICROS_PER_SECOND) as f64 + micros as f64 / MICROS_PER_SECOND as f64
            }
            _ => 0.0,
        }
    }

    /// The number that DATE_PART gives: seconds with their fraction, milliseconds and microseconds
    /// without their seconds (the guide's page DATE_PART).
    pub(crate) fn date_part(self, micros: i64) -> f64 {
        match self {
            Self::Second => micros.rem_euclid(MICROS_PER_MINUTE) as f64 / MICROS_PER_SECOND as f64,
            Self::Millisecond => micros.rem_euclid(MICROS_PER_SECOND) as f64 / 1_000.0,
            Self::Epoch => micros as f64 / MICROS_PER_SECOND as f64,
            part => part.extract(micros) as f64,
        }
    }

    /// The beginning of the part that a timestamp is in; `None` for parts that have none.
    pub(crate) fn truncate(self, micros: i64) -> Option<i64> {
        let days = calendar::days_of_micros(micros);
        let date = calendar::civil(days);
        let first_of = |year: i32, month: u32| Some(calendar::micros_of_days(calendar::days(year, month, 1)));
        let down = |unit: i64| Some(micros - micros.rem_euclid(unit));
        match self {
            Self::Millennium => first_of((date.year - 1).div_euclid(1000) * 1000 + 1, 1),
            Self::Century => first_of((date.year - 1).div_euclid(100) * 100 + 1, 1),
            Self::Decade => first_of(date.year.div_euclid(10) * 10, 1),
            Self::Year => first_of(date.year, 1),
            Self::Quarter => first_of(date.year, (date.month - 1) / 3 * 3 + 1),
            Self::Month => first_of(date.year, date.month),
            Self::Week => Some(calendar::micros_of_days(monday(days))),
            Self::Day => down(MICROS_PER_DAY),
            Self::Hour => down(MICROS_PER_HOUR),
            Self::Minute => down(MICROS_PER_MINUTE),
            Self::Second => down(MICROS_PER_SECOND),
            Self::Millisecond => down(1_000),
            Self::Microsecond => Some(micros),
            _ => None,
        }
    }

    /// A number of these parts later; months hold back to the end of a shorter month, years do not. `None` if the
    /// part cannot be added or the result leaves the calendar.
    pub(crate) fn add(self, micros: i64, count: i64) -> Option<i64> {
        let months = |per: i64| {
            let months = count.checked_mul(per).filter(|months| months.abs() < 12 * 600_000)?;
            let day = calendar::add_months(calendar::days_of_micros(micros), months);
            Some(calendar::micros_of_days(day) + micros.rem_euclid(MICROS_PER_DAY))
        };
        // February 29 of a common year is March 1 when years are added, February 28 when months are.
        let years = |per: i64| {
            let moved = months(per * 12)?;
            let day = |micros| calendar::civil(calendar::days_of_micros(micros)).day;
            Some(if day(moved) == day(micros) { moved } else { moved + MICROS_PER_DAY })
        };
        let units = |unit: i64| count.checked_mul(unit).and_then(|delta| micros.checked_add(delta));
        match self {
            Self::Millennium => years(1_000),
            Self::Century => years(100),
            Self::Decade => years(10),
            Self::Year => years(1),
            Self::Quarter => months(3),
            Self::Month => months(1),
            Self::Week => units(7 * MICROS_PER_DAY),
            Self::Day | Self::DayOfYear | Self::DayOfWeek => units(MICROS_PER_DAY),
            Self::Hour => units(MICROS_PER_HOUR),
            Self::Minute => units(MICROS_PER_MINUTE),
            Self::Second | Self::Epoch => units(MICROS_PER_SECOND),
            Self::Millisecond => units(1_000),
            Self::Microsecond => units(1),
            _ => None,
        }
    }

    /// How many boundaries of this part lie between two timestamps (weeks begin on Monday, RS 9
    /// question 8); `None` if the part has none.
    pub(crate) fn boundaries(self, from: i64, to: i64) -> Option<i64> {
        let ordinal = |micros: i64| -> Option<i64> {
            let days = calendar::days_of_micros(micros);
            let date = calendar::civil(days);
            let year = i64::from(date.year);
            Some(match self {
                Self::Millennium => (year - 1).div_euclid(1000),
                Self::Century => (year - 1).div_euclid(100),
                Self::Decade => year.div_euclid(10),
                Self::Year => year,
                Self::Quarter => year * 4 + i64::from((date.month - 1) / 3),
                Self::Month => year * 12 + i64::from(date.month),
                Self::Week => i64::from(monday(days) - FIRST_MONDAY) / 7,
                Self::Day | Self::DayOfYear | Self::DayOfWeek => i64::from(days),
                Self::Hour => micros.div_euclid(MICROS_PER_HOUR),
                Self::Minute => micros.div_euclid(MICROS_PER_MINUTE),
                Self::Second | Self::Epoch => micros.div_euclid(MICROS_PER_SECOND),
                Self::Millisecond => micros.div_euclid(1_000),
                Self::Microsecond => micros,
                _ => return None,
            })
        };
        Some(ordinal(to)? - ordinal(from)?)
    }
}

/// 1970-01-05: the days of all Mondays differ from it by whole weeks.
const FIRST_MONDAY: i32 = 4;

/// The Monday of a day's week.
fn monday(days: i32) -> i32 {
    days - (days + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::monday;
    use crate::functions::datetime::calendar::{days, weekday};

    #[test]
    fn mondays_are_whole_weeks_apart() {
        for day in days(1969, 12, 1)..days(1970, 2, 1) {
            assert_eq!(weekday(monday(day)), 1);
            assert!((0..7).contains(&(day - monday(day))));
        }
    }
}
