//! The proleptic Gregorian calendar on whole numbers: days and microseconds since 1970-01-01.
//!
//! TIMESTAMP reaches from 4713 BC to 294276 AD, further than chrono's dates, and these few formulas
//! have no failing case; the algorithms are Howard Hinnant's (`days_from_civil`, `civil_from_days`).

use std::fmt::Write;

pub use super::{MICROS_PER_DAY, MICROS_PER_SECOND};

/// Microseconds in a minute.
pub const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
/// Microseconds in an hour.
pub const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
/// The Julian day number of 1970-01-01.
pub const JULIAN_DAY_OF_EPOCH: i64 = 2_440_588;

/// A date; `year` 0 is 1 BC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: i32,
    /// Month, from 1.
    pub month: u32,
    /// Day of the month, from 1.
    pub day: u32,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Hour, 0 to 23.
    pub hour: i64,
    /// Minute.
    pub minute: i64,
    /// Second.
    pub second: i64,
    /// Microsecond of the second.
    pub micros: i64,
}

/// The date of a day number.
pub fn civil(days: i32) -> Civil {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil { year: year as i32, month: month as u32, day: day as u32 }
}

/// The day number of a date; days past the month's end run on into the next.
pub fn days(year: i32, month: u32, day: u32) -> i32 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) as i32
}

/// How many days a month has.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The day that a timestamp falls on.
pub fn days_of_micros(micros: i64) -> i32 {
    micros.div_euclid(MICROS_PER_DAY) as i32
}

/// Midnight of a day.
pub fn micros_of_days(days: i32) -> i64 {
    i64::from(days).saturating_mul(MICROS_PER_DAY)
}

/// The time of day of a timestamp.
pub fn clock(micros: i64) -> Clock {
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    Clock {
        hour: of_day / MICROS_PER_HOUR,
        minute: of_day / MICROS_PER_MINUTE % 60,
        second: of_day / MICROS_PER_SECOND % 60,
        micros: of_day % MICROS_PER_SECOND,
    }
}

/// Day of the week, Sunday 0.
pub fn weekday(days: i32) -> i32 {
    (days + 4).rem_euclid(7)
}

/// Day of the year, from 1.
pub fn day_of_year(day_number: i32) -> i32 {
    day_number - days(civil(day_number).year, 1, 1) + 1
}

/// ISO year and week: weeks begin on Monday, the first has the year's first Thursday.
pub fn iso_week(day_number: i32) -> (i32, i32) {
    let thursday = day_number - (day_number + 3).rem_euclid(7) + 3;
    let year = civil(thursday).year;
    (year, (thursday - days(year, 1, 1)) / 7 + 1)
}

/// Months added to a day, held back to the end of a shorter month.
pub fn add_months(day_number: i32, months: i64) -> i32 {
    let start = civil(day_number);
    let month_number = i64::from(start.year) * 12 + i64::from(start.month) - 1 + months;
    let (year, month) = (month_number.div_euclid(12) as i32, month_number.rem_euclid(12) as u32 + 1);
    days(year, month, start.day.min(days_in_month(year, month)))
}

/// Writes `YYYY-MM-DD`, with ` BC` before the year 1.
pub fn write_date(out: &mut String, day_number: i32) {
    let Civil { year, month, day } = civil(day_number);
    let _ = if year > 0 {
        write!(out, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(out, "{:04}-{month:02}-{day:02} BC", 1 - year)
    };
}

/// Writes `HH:MM:SS[.ffffff]`, only as many fraction digits as needed.
pub fn write_time(out: &mut String, micros_of_day: i64) {
    // Hours past 24 occur in intervals.
    let (hour, rest) = (micros_of_day / MICROS_PER_HOUR, clock(micros_of_day));
    let _ = write!(out, "{hour:02}:{:02}:{:02}", rest.minute, rest.second);
    if rest.micros != 0 {
        let fraction = format!("{:06}", rest.micros);
        let _ = write!(out, ".{}", fraction.trim_end_matches('0'));
    }
}

/// Writes `YYYY-MM-DD HH:MM:SS[.ffffff]` and a zone suffix.
pub fn write_timestamp(out: &mut String, micros: i64, zone_suffix: &str) {
    let day_number = days_of_micros(micros);
    let Civil { year, month, day } = civil(day_number);
    let shown_year = if year > 0 { year } else { 1 - year };
    let _ = write!(out, "{shown_year:04}-{month:02}-{day:02} ");
    write_time(out, micros.rem_euclid(MICROS_PER_DAY));
    out.push_str(zone_suffix);
    if year <= 0 {
        out.push_str(" BC");
    }
}

#[cfg(test)]
mod tests {
    use super::{add_months, civil, day_of_year, days, iso_week, weekday, write_timestamp};

    #[test]
    fn days_and_dates_are_inverse_of_each_other() {
        for day_number in (-2_500_000..3_000_000).step_by(997) {
            let date = civil(day_number);
            assert_eq!(days(date.year, date.month, date.day), day_number);
        }
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 2, 29), 11_016);
    }

    #[test]
    fn timestamps_print_only_the_fraction_they_have() {
        let written = |micros| {
            let mut out = String::new();
            write_timestamp(&mut out, micros, "");
            out
        };
        assert_eq!(written(1_543_599_084_796_000), "2018-11-30 17:31:24.796");
        assert_eq!(written(0), "1970-01-01 00:00:00");
        assert_eq!(written(-62_135_596_800_000_001), "0001-12-31 23:59:59.999999 BC");
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        assert_eq!(iso_week(days(2018, 12, 31)), (2019, 1));
        assert_eq!(iso_week(days(2016, 1, 3)), (2015, 53));
        assert_eq!(iso_week(days(2018, 11, 15)), (2018, 46));
        assert_eq!(weekday(days(2018, 11, 18)), 0);
        assert_eq!(day_of_year(days(2020, 12, 31)), 366);
    }

    #[test]
    fn months_end_where_the_shorter_month_ends() {
        assert_eq!(civil(add_months(days(2008, 1, 31), 1)), civil(days(2008, 2, 29)));
        assert_eq!(civil(add_months(days(2008, 2, 28), -14)), civil(days(2006, 12, 28)));
    }
}
