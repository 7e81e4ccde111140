//! Timestamps written by a template: TO_CHAR of dates and times (RS 4.2).

use std::fmt::Write;

use dwh_copy::datetime::MONTHS;

use super::calendar::{self, JULIAN_DAY_OF_EPOCH, MICROS_PER_DAY, MICROS_PER_SECOND};
use super::parse::WEEKDAYS;
use super::template::{Case, Field, Item, ROMAN_MONTHS};
use super::zone::Zone;

/// Names of months and days are padded to the longest.
const NAME_WIDTH: usize = 9;

/// A moment as the clock of a zone shows it.
pub(super) struct ZonedClock {
    /// Microseconds since 1970 by the clock.
    pub(super) local: i64,
    /// The same moment in UTC.
    pub(super) utc: i64,
    pub(super) zone: Zone,
}

/// A timestamp by a parsed template.
pub(super) fn format(items: &[Item], clock: &ZonedClock) -> String {
    let mut out = String::new();
    for item in items {
        match item {
            Item::Literal(character) => out.push(*character),
            Item::Field { field, case, fill, ordinal } => {
                let written = value(*field, *case, *fill, clock);
                out.push_str(&written);
                if let Some(case) = ordinal {
                    let ending = ordinal_ending(&written);
                    out.push_str(&if *case == Case::Lower {
                        ending.to_owned()
                    } else {
                        ending.to_uppercase()
                    });
                }
            }
        }
    }
    out
}

fn value(field: Field, case: Case, fill: bool, at: &ZonedClock) -> String {
    let micros = at.local;
    let days = calendar::days_of_micros(micros);
    let date = calendar::civil(days);
    let clock = calendar::clock(micros);
    let year = if date.year > 0 { date.year } else { 1 - date.year };
    let month_index = date.month as usize - 1;
    let weekday = calendar::weekday(days);
    let number = |value: i64, width: usize| {
        if fill { value.to_string() } else { format!("{value:0width$}") }
    };
    let padded = |name: String| if fill { name } else { format!("{name:<NAME_WIDTH$}") };
    let last_digits = |year: i32, digits: usize| {
        let kept = i64::from(year) % 10i64.pow(digits as u32);
        if digits == 4 { number(i64::from(year), 4) } else { number(kept, digits) }
    };
    let dotted = |word: &str, dots: bool| {
        let written = case.apply(word);
        if !dots {
            return if case == Case::Title { word.to_uppercase() } else { written };
        }
        written.chars().fold(String::new(), |mut out, letter| {
            let _ = write!(out, "{letter}.");
            out
        })
    };
    let (iso_year, iso_week) = calendar::iso_week(days);
    match field {
        Field::Era { dots } => dotted(if date.year > 0 { "ad" } else { "bc" }, dots),
        Field::Meridiem { dots } => dotted(if clock.hour < 12 { "am" } else { "pm" }, dots),
        Field::Century => number(i64::from((year + 99) / 100), 2),
        Field::DayName => padded(case.apply(WEEKDAYS[weekday as usize])),
        Field::DayAbbreviation => case.apply(&WEEKDAYS[weekday as usize][..3]),
        Field::DayOfYear => number(i64::from(calendar::day_of_year(days)), 3),
        Field::DayOfMonth => number(i64::from(date.day), 2),
        Field::DayOfWeek => (weekday + 1).to_string(),
        Field::IsoDayOfWeek => (if weekday == 0 { 7 } else { weekday }).to_string(),
        Field::Hour24 => number(clock.hour, 2),
        Field::Hour12 => number((clock.hour + 11) % 12 + 1, 2),
        Field::IsoDayOfYear => {
            let iso_weekday = if weekday == 0 { 7 } else { weekday };
            number(i64::from((iso_week - 1) * 7 + iso_weekday), 3)
        }
        Field::IsoWeek => number(i64::from(iso_week), 2),
        Field::IsoYear(digits) => last_digits(iso_year, digits),
        Field::JulianDay => (i64::from(days) + JULIAN_DAY_OF_EPOCH).to_string(),
        Field::Minute => number(clock.minute, 2),
        Field::Month => number(i64::from(date.month), 2),
        Field::MonthName => padded(case.apply(MONTHS[month_index])),
        Field::MonthAbbreviation => case.apply(&MONTHS[month_index][..3]),
        Field::Millisecond => number(clock.micros / 1_000, 3),
        Field::Microsecond => number(clock.micros, 6),
        Field::ZoneOffset => {
            let mut offset = String::new();
            at.zone.write_offset(&mut offset, at.utc);
            offset
        }
        Field::ZoneName => {
            let mut name = String::new();
            at.zone.write_abbreviation(&mut name, at.utc);
            if case == Case::Lower { name.to_lowercase() } else { name }
        }
        Field::Quarter => (month_index / 3 + 1).to_string(),
        Field::RomanMonth => {
            let numeral = case.apply(ROMAN_MONTHS[month_index]);
            if fill { numeral } else { format!("{numeral:<4}") }
        }
        Field::SecondOfDay => (micros.rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND).to_string(),
        Field::Second => number(clock.second, 2),
        Field::WeekOfYear => number(i64::from((calendar::day_of_year(days) - 1) / 7 + 1), 2),
        Field::WeekOfMonth => ((date.day - 1) / 7 + 1).to_string(),
        Field::YearWithComma => format!("{},{:03}", year / 1000, year % 1000),
        Field::Year(digits) => last_digits(year, digits),
    }
}

/// `st`, `nd`, `rd` or `th` for a written number.
pub(crate) fn ordinal_ending(number: &str) -> &'static str {
    let mut digits = number.bytes().rev().filter(u8::is_ascii_digit);
    let (last, before) = (digits.next(), digits.next());
    match (before, last) {
        (Some(b'1'), _) => "th",
        (_, Some(b'1')) => "st",
        (_, Some(b'2')) => "nd",
        (_, Some(b'3')) => "rd",
        _ => "th",
    }
}
