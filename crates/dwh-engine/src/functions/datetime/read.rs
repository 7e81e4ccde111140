//! Texts read by a template: TO_DATE and TO_TIMESTAMP (RS 4.2).
//!
//! Lenient unless told otherwise: fields out of range run over into the next larger one
//! (`20010631` is 2001-07-01), parts that are missing take their first value, and a template without
//! any pattern is no error (RS 10.2).

use datafusion::error::{DataFusionError, Result};
use dwh_common::SqlState;

use super::arithmetic::out_of_range;
use super::calendar::{self, JULIAN_DAY_OF_EPOCH, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND};
use super::parse::{WEEKDAYS, month_of_name};
use super::template::{Field, Item, ROMAN_MONTHS};
use crate::functions::error::sql_err;

/// What the fields of a text have said.
#[derive(Debug, Default)]
struct Parts {
    year: Option<i64>,
    iso_year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    iso_week: Option<i64>,
    week_of_year: Option<i64>,
    iso_weekday: Option<i64>,
    julian_day: Option<i64>,
    century: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    afternoon: Option<bool>,
    before_christ: bool,
}

/// A text by a parsed template, in microseconds.
pub(super) fn read(items: &[Item], text: &str, strict: bool) -> Result<i64> {
    let mut parts = Parts::default();
    let mut rest = text;
    for (index, item) in items.iter().enumerate() {
        if rest.is_empty() {
            break;
        }
        match item {
            Item::Literal(wanted) => rest = skip_literal(rest, *wanted),
            Item::Field { field, ordinal, .. } => {
                rest = rest.trim_start();
                let followed_by_digit =
                    matches!(items.get(index + 1), Some(Item::Field { field: next, .. }) if is_number(*next));
                rest = parts.field(*field, rest, followed_by_digit, text)?;
                if ordinal.is_some() {
                    rest = rest.get(2..).unwrap_or_default();
                }
            }
        }
    }
    parts.finish(strict)
}

/// A literal stands for one character, whatever it is; blanks stand for any number of them.
fn skip_literal(rest: &str, wanted: char) -> &str {
    let trimmed = rest.trim_start();
    if wanted.is_whitespace() {
        return if trimmed.len() < rest.len() { trimmed } else { rest };
    }
    let mut characters = trimmed.chars();
    match characters.next() {
        // A number must not lose its first digit to a separator that the text lacks.
        Some(found) if found == wanted || !(found.is_alphanumeric() && wanted.is_ascii_punctuation()) => {
            characters.as_str()
        }
        _ => trimmed,
    }
}

fn is_number(field: Field) -> bool {
    !matches!(
        field,
        Field::Era { .. }
            | Field::Meridiem { .. }
            | Field::DayName
            | Field::DayAbbreviation
            | Field::MonthName
            | Field::MonthAbbreviation
            | Field::RomanMonth
            | Field::ZoneName
            | Field::ZoneOffset
    )
}

fn invalid(text: &str, what: &str) -> DataFusionError {
    sql_err(SqlState::InvalidDatetimeFormat, format!("invalid value for {what} in \"{text}\""))
}

impl Parts {
    /// Reads one field at the start of `rest`, and returns what follows.
    fn field<'a>(&mut self, field: Field, rest: &'a str, adjacent: bool, text: &str) -> Result<&'a str> {
        if is_number(field) {
            return self.number(field, rest, adjacent, text);
        }
        let letters = rest.find(|c: char| !(c.is_alphabetic() || c == '.')).unwrap_or(rest.len());
        let (word, after) = rest.split_at(letters);
        let plain = word.replace('.', "").to_ascii_lowercase();
        match field {
            Field::Era { .. } => self.before_christ = plain.starts_with('b'),
            Field::Meridiem { .. } => {
                self.afternoon = Some(plain.starts_with('p'));
                let width = if word.contains('.') { 4 } else { 2 };
                return Ok(rest.get(width..).unwrap_or_default());
            }
            Field::MonthName | Field::MonthAbbreviation => {
                let month = month_of_name(&plain)
                    .or_else(|| month_of_name(plain.get(..3)?))
                    .ok_or_else(|| invalid(text, "month name"))?;
                self.month = Some(i64::from(month));
                // MON takes three letters; what follows may be digits or more of the name.
                if field == Field::MonthAbbreviation && month_of_name(&plain).is_none() {
                    return Ok(rest.get(3..).unwrap_or_default());
                }
            }
            Field::DayName | Field::DayAbbreviation => {
                if !WEEKDAYS.iter().any(|name| plain.len() >= 3 && name.starts_with(&plain)) {
                    return Err(invalid(text, "day name"));
                }
            }
            Field::RomanMonth => {
                let found = ROMAN_MONTHS.iter().position(|numeral| *numeral == plain);
                self.month = Some(found.ok_or_else(|| invalid(text, "month in Roman numerals"))? as i64 + 1);
            }
            // A zone in the text is skipped: the templates have none (RS 4.2).
            _ => return Ok(rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())).1),
        }
        Ok(after)
    }

    fn number<'a>(&mut self, field: Field, rest: &'a str, adjacent: bool, text: &str) -> Result<&'a str> {
        let signed = usize::from(rest.starts_with(['-', '+']) && field == Field::Year(4));
        let all = rest.bytes().skip(signed).take_while(u8::is_ascii_digit).count();
        let fraction = matches!(field, Field::Millisecond | Field::Microsecond);
        let width = if adjacent || fraction { all.min(field.digits()) } else { all };
        let (digits, mut after) = rest.split_at(signed + width);
        if width == 0 {
            // Nothing to read: the field keeps its first value.
            return Ok(rest);
        }
        let value: i64 = digits.parse().map_err(|_| invalid(text, "a number"))?;
        match field {
            Field::Year(width) | Field::IsoYear(width) => {
                let year = match (width, value) {
                    (4, value) if digits.len() > 2 => value,
                    (3, 520..=999) => value + 1000,
                    (3, 100..=519) => value + 2000,
                    (_, 70..=99) if width != 4 => value + 1900,
                    (_, 0..=69) if width != 4 => value + 2000,
                    (_, value) => value,
                };
                if matches!(field, Field::Year(_)) {
                    self.year = Some(year)
                } else {
                    self.iso_year = Some(year)
                }
            }
            Field::YearWithComma => {
                let thousands = after.strip_prefix(',').and_then(|after| after.split_at_checked(3));
                let (low, remaining) = thousands.unwrap_or(("0", after));
                self.year = Some(value * 1000 + low.parse::<i64>().unwrap_or(0));
                after = remaining;
            }
            Field::Century => self.century = Some(value),
            Field::Month => self.month = Some(value),
            Field::DayOfMonth => self.day = Some(value),
            Field::DayOfYear | Field::IsoDayOfYear => self.day_of_year = Some(value),
            Field::IsoWeek => self.iso_week = Some(value),
            Field::WeekOfYear => self.week_of_year = Some(value),
            Field::IsoDayOfWeek => self.iso_weekday = Some(value),
            Field::JulianDay => self.julian_day = Some(value),
            Field::Hour24 | Field::Hour12 => self.hour = value,
            Field::Minute => self.minute = value,
            Field::Second => self.second = value,
            Field::SecondOfDay => (self.hour, self.minute, self.second) = (0, 0, value),
            // Digits behind a point: `.5` is 500 milliseconds.
            Field::Millisecond | Field::Microsecond => {
                self.micros = value * 10i64.pow(6 - digits.len().min(6) as u32);
            }
            _ => {}
        }
        Ok(after)
    }

    fn finish(self, strict: bool) -> Result<i64> {
        if strict {
            self.check()?;
        }
        let days = self.days().and_then(|days| i32::try_from(days).ok()).ok_or_else(out_of_range)?;
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let time =
            [(hour, MICROS_PER_HOUR), (self.minute, MICROS_PER_MINUTE), (self.second, MICROS_PER_SECOND)]
                .into_iter()
                .try_fold(self.micros, |sum, (count, unit)| sum.checked_add(count.checked_mul(unit)?))
                .ok_or_else(out_of_range)?;
        calendar::micros_of_days(days).checked_add(time).ok_or_else(out_of_range)
    }

    fn days(&self) -> Option<i64> {
        if let Some(julian_day) = self.julian_day {
            return julian_day.checked_sub(JULIAN_DAY_OF_EPOCH);
        }
        let first_of_year = |year: i64| {
            i32::try_from(year)
                .ok()
                .filter(|y| y.abs() < 5_000_000)
                .map(|year| i64::from(calendar::days(year, 1, 1)))
        };
        if let Some(week) = self.iso_week {
            let year = self.iso_year.or(self.year).unwrap_or(0);
            // The Monday of the week with January 4th begins the ISO year.
            let fourth = first_of_year(year)? + 3;
            let monday = fourth - (fourth + 3).rem_euclid(7);
            return Some(monday + week.checked_sub(1)?.checked_mul(7)? + self.iso_weekday.unwrap_or(1) - 1);
        }
        let written = match (self.year.or(self.iso_year), self.century) {
            (Some(year), Some(century)) if year < 100 => (century - 1) * 100 + year,
            (Some(year), _) => year,
            (None, Some(century)) => (century - 1) * 100 + 1,
            (None, None) => 0,
        };
        let year = if self.before_christ { 1 - written } else { written };
        if let Some(day) = self.day_of_year {
            return Some(first_of_year(year)? + day - 1);
        }
        if let Some(week) = self.week_of_year {
            return Some(first_of_year(year)? + week.checked_sub(1)?.checked_mul(7)?);
        }
        // Month 0 and day 0 are the first, as missing ones are.
        let month = self.month.unwrap_or(1).max(1) - 1;
        let year =
            i32::try_from(year.checked_add(month.div_euclid(12))?).ok().filter(|y| y.abs() < 5_000_000)?;
        let first = calendar::days(year, month.rem_euclid(12) as u32 + 1, 1);
        i64::from(first).checked_add(self.day.unwrap_or(1).max(1) - 1)
    }

    /// What strict reading refuses.
    fn check(&self) -> Result<()> {
        let year = self.year.unwrap_or(1).clamp(-4712, 294_276) as i32;
        let month = self.month.unwrap_or(1);
        let in_month = |day| (1..=i64::from(calendar::days_in_month(year, month as u32))).contains(&day);
        let refuse = |what: &str, value: String| {
            let message = format!("date/time field {what} value out of range: {value}");
            Err(sql_err(SqlState::DatetimeFieldOverflow, message))
        };
        if !(1..=12).contains(&month) || !self.day.is_none_or(in_month) {
            return refuse("date", format!("{year}-{month}-{}", self.day.unwrap_or(1)));
        }
        let (hour, minute, second) = (self.hour, self.minute, self.second);
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
            let fraction = format!("{:06}", self.micros);
            let fraction = fraction.trim_end_matches('0');
            let fraction = if fraction.is_empty() { "0" } else { fraction };
            return refuse("time", format!("{hour:02}:{minute:02}:{second:02}.{fraction}"));
        }
        Ok(())
    }
}
