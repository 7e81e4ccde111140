//! What the words of a text say: numbers, names, clocks and zones in any order.

use chrono::Utc;

use super::{Failure, Parsed, WEEKDAYS, micros_of_fraction, month_of_name};
use crate::functions::datetime::calendar::{
    self, JULIAN_DAY_OF_EPOCH, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND,
};
use crate::functions::datetime::style::{FieldOrder, TextStyle};
use crate::functions::datetime::zone::{Zone, parse_offset};

/// What the words of a text have said so far.
#[derive(Default)]
pub(super) struct Fields {
    /// The order of numbers that could be either.
    order: FieldOrder,
    /// A whole timestamp: `epoch`, `now`, `today`, …, and its zone.
    pub(super) moment: Option<(i64, Option<Zone>)>,
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<i32>,
    julian_day: Option<i64>,
    time: Option<i64>,
    afternoon: Option<bool>,
    pub(super) zone: Option<Zone>,
    before_christ: bool,
}

impl Fields {
    pub(super) fn read(text: &str, style: &TextStyle) -> Parsed<Self> {
        let lower = text.trim().to_ascii_lowercase();
        if lower.is_empty() {
            return Err(Failure::Syntax);
        }
        let order = style.dates.order;
        let mut fields = Self { moment: special(&lower, style.zone), order, ..Self::default() };
        if fields.moment.is_some() {
            return Ok(fields);
        }
        fields.before_christ = lower.ends_with(" bc");
        for word in lower.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
            fields.word(word)?;
        }
        Ok(fields)
    }

    /// As [`Self::read`] where a time is wanted: six digits alone are one (`040506`).
    pub(super) fn read_time(text: &str, style: &TextStyle) -> Parsed<Self> {
        let word = text.trim();
        if word.len() != 6 || !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::read(text, style);
        }
        let part = |from: usize| word.get(from..from + 2).and_then(|digits| digits.parse().ok());
        let mut fields = Self::default();
        fields.set_time(part(0), part(2), part(4))?;
        Ok(fields)
    }

    fn word(&mut self, word: &str) -> Parsed<()> {
        if let Some((date, time)) = split_at_t(word) {
            self.word(date)?;
            return self.time_word(time);
        }
        if word.contains(':') && self.time.is_none() {
            return self.time_word(word);
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.digits(word);
        }
        if word.starts_with(['+', '-']) && self.time.is_some() {
            self.zone = Some(Zone::Fixed(parse_offset(word).ok_or(Failure::Syntax)?));
            return Ok(());
        }
        match word {
            "am" | "pm" => self.afternoon = Some(word == "pm"),
            "bc" | "ad" => {}
            _ if word.starts_with('j')
                && word.len() > 4
                && word.bytes().skip(1).all(|b| b.is_ascii_digit()) =>
            {
                self.julian_day = word.get(1..).and_then(|digits| digits.parse().ok());
            }
            _ if word.starts_with(|c: char| c.is_ascii_digit()) || word.contains(['-', '/', '.']) => {
                return self.date_word(word).or_else(|failure| self.zone_word(word).ok_or(failure));
            }
            _ => {
                if let Some(month) = month_of_name(word) {
                    self.month = Some(month);
                } else if !is_weekday(word) {
                    return self.zone_word(word).ok_or(Failure::Syntax);
                }
            }
        }
        Ok(())
    }

    fn zone_word(&mut self, word: &str) -> Option<()> {
        self.zone = Some(Zone::find(word)?);
        Some(())
    }

    /// Digits without separators: their number tells what they are.
    fn digits(&mut self, word: &str) -> Parsed<()> {
        let part = |from: usize, to: usize| word.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
        let has_date = self.year.is_some() || self.day_of_year.is_some() || self.julian_day.is_some();
        let ok = match word.len() {
            14 => {
                self.set_date(part(0, 4), part(4, 6), part(6, 8));
                return self.set_time(part(8, 10), part(10, 12), part(12, 14));
            }
            6 if has_date => return self.set_time(part(0, 2), part(2, 4), part(4, 6)),
            4 if has_date => return self.set_time(part(0, 2), part(2, 4), Some(0)),
            8 => self.set_date(part(0, 4), part(4, 6), part(6, 8)),
            6 => self.set_date(part(0, 2).map(|year| self.full_year(year)), part(2, 4), part(4, 6)),
            4 if self.month.is_some() => {
                self.year = part(0, 4).map(|year| year as i32);
                true
            }
            1 | 2 if self.month.is_some() && self.day.is_some() => {
                self.year = part(0, word.len()).map(|year| self.full_year(year) as i32);
                true
            }
            // Before or after a month's name.
            1 | 2 if self.day.is_none() => {
                self.day = part(0, word.len());
                true
            }
            _ => false,
        };
        if ok { Ok(()) } else { Err(Failure::Syntax) }
    }

    /// The year of two digits; before Christ they are the whole year.
    fn full_year(&self, year: u32) -> u32 {
        if self.before_christ { year } else { century(year) }
    }

    fn set_date(&mut self, year: Option<u32>, month: Option<u32>, day: Option<u32>) -> bool {
        (self.year, self.month, self.day) = (year.map(|year| year as i32), month, day);
        year.is_some() && month.is_some() && day.is_some()
    }

    fn set_time(&mut self, hour: Option<u32>, minute: Option<u32>, second: Option<u32>) -> Parsed<()> {
        let (Some(hour), Some(minute), Some(second)) = (hour, minute, second) else {
            return Err(Failure::Syntax);
        };
        // 24:00:00 is midnight of the next day.
        if hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute, second) != (0, 0)) {
            return Err(Failure::OutOfRange);
        }
        self.time = Some(
            i64::from(hour) * MICROS_PER_HOUR
                + i64::from(minute) * MICROS_PER_MINUTE
                + i64::from(second) * MICROS_PER_SECOND,
        );
        Ok(())
    }

    /// Numbers or a month's name between dashes, slashes or points.
    fn date_word(&mut self, word: &str) -> Parsed<()> {
        let separator = word.chars().find(|c| "-/.".contains(*c)).ok_or(Failure::Syntax)?;
        let parts: Vec<&str> = word.split(separator).collect();
        let number =
            |part: &str| part.parse::<u32>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
        let before_christ = self.before_christ;
        let year = |part: &str| {
            number(part).map(|year| if part.len() <= 2 && !before_christ { century(year) } else { year })
        };
        let set = match *parts.as_slice() {
            [first, second] if separator == '.' && first.len() == 4 && second.len() == 3 => {
                self.year = number(first).map(|year| year as i32);
                self.day_of_year = number(second).map(|day| day as i32);
                self.year.is_some() && self.day_of_year.is_some()
            }
            [first, second, third] => match (month_of_name(first), month_of_name(second)) {
                (Some(month), _) => self.set_date(year(third), Some(month), number(second)),
                (_, Some(month)) if first.len() > 2 || self.order == FieldOrder::Ymd => {
                    self.set_date(year(first), Some(month), number(third))
                }
                (_, Some(month)) => self.set_date(year(third), Some(month), number(first)),
                _ if first.len() > 2 => self.set_date(number(first), number(second), number(third)),
                _ if self.order == FieldOrder::Ymd => {
                    self.set_date(year(first), number(second), number(third))
                }
                _ if separator == '.' || self.order == FieldOrder::Dmy => {
                    self.set_date(year(third), number(second), number(first))
                }
                _ => self.set_date(year(third), number(first), number(second)),
            },
            _ => false,
        };
        if set { Ok(()) } else { Err(Failure::Syntax) }
    }

    /// `HH:MM[:SS[.ffffff]]`, then perhaps AM or PM or a zone without a blank.
    fn time_word(&mut self, word: &str) -> Parsed<()> {
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(word.len());
        let (clock, rest) = word.split_at(end);
        let parts: Vec<&str> = clock.split(':').collect();
        let (whole, fraction) = match parts.get(2) {
            Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "")),
            None => ("0", ""),
        };
        let number = |part: Option<&&str>| part.and_then(|part| part.parse().ok());
        if parts.len() < 2 || parts.len() > 3 {
            return Err(Failure::Syntax);
        }
        self.set_time(number(parts.first()), number(parts.get(1)), whole.parse().ok())?;
        if let Some(time) = &mut self.time {
            *time += micros_of_fraction(fraction).ok_or(Failure::Syntax)?;
        }
        match rest {
            "" => Ok(()),
            "am" | "pm" => {
                self.afternoon = Some(rest == "pm");
                Ok(())
            }
            offset if offset.starts_with(['+', '-']) => {
                self.zone = Some(Zone::Fixed(parse_offset(offset).ok_or(Failure::Syntax)?));
                Ok(())
            }
            zone => self.zone_word(zone).ok_or(Failure::Syntax),
        }
    }

    pub(super) fn days(&self) -> Parsed<i32> {
        if let Some(julian_day) = self.julian_day {
            return i32::try_from(julian_day - JULIAN_DAY_OF_EPOCH).map_err(|_| Failure::OutOfRange);
        }
        let year = self.year.ok_or(Failure::Syntax)?;
        let year = if self.before_christ { 1 - year } else { year };
        if let Some(day_of_year) = self.day_of_year {
            let first = calendar::days(year, 1, 1);
            let in_year = (1..=calendar::days(year + 1, 1, 1) - first).contains(&day_of_year);
            return if in_year { Ok(first + day_of_year - 1) } else { Err(Failure::OutOfRange) };
        }
        let (month, day) = (self.month.ok_or(Failure::Syntax)?, self.day.ok_or(Failure::Syntax)?);
        let valid = (1..=12).contains(&month) && day >= 1 && day <= calendar::days_in_month(year, month);
        if valid { Ok(calendar::days(year, month, day)) } else { Err(Failure::OutOfRange) }
    }

    pub(super) fn time_of_day(&self) -> Parsed<Option<i64>> {
        let Some(time) = self.time else { return Ok(None) };
        let Some(afternoon) = self.afternoon else { return Ok(Some(time)) };
        let hour = time / MICROS_PER_HOUR;
        if !(1..=12).contains(&hour) {
            return Err(Failure::OutOfRange);
        }
        let hour_of_day = hour % 12 + if afternoon { 12 } else { 0 };
        Ok(Some(time + (hour_of_day - hour) * MICROS_PER_HOUR))
    }
}

/// `epoch` in UTC, the others by the clock of the session's zone.
fn special(lower: &str, zone: Zone) -> Option<(i64, Option<Zone>)> {
    let now = || zone.local_of_utc(Utc::now().timestamp_micros());
    let midnight = |offset_days: i64| (now().div_euclid(MICROS_PER_DAY) + offset_days) * MICROS_PER_DAY;
    match lower {
        "epoch" => Some((0, Some(Zone::UTC))),
        "now" => Some((now(), None)),
        "today" => Some((midnight(0), None)),
        "tomorrow" => Some((midnight(1), None)),
        "yesterday" => Some((midnight(-1), None)),
        _ => None,
    }
}

/// `2019-02-11t05:09:12z` at its T.
fn split_at_t(word: &str) -> Option<(&str, &str)> {
    let (date, time) = word.split_once('t')?;
    let digits =
        date.ends_with(|c: char| c.is_ascii_digit()) && time.starts_with(|c: char| c.is_ascii_digit());
    (digits && time.contains(':')).then_some((date, time))
}

/// Two-digit years: 70 to 99 are 19xx, the rest 20xx.
fn century(year: u32) -> u32 {
    match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        _ => year,
    }
}

fn is_weekday(word: &str) -> bool {
    WEEKDAYS.iter().any(|name| word.len() >= 3 && name.starts_with(word))
}
