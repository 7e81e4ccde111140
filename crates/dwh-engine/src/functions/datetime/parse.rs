//! Dates and times from text, in the many forms that Redshift takes (RS 1.11, RS 4.1).
//!
//! A text is read as words: a date, a time, AM or PM, a zone, BC, a month's name. Numbers with
//! slashes or dashes are in the order of the session's DATESTYLE unless the year comes first.

use chrono::Utc;
use datafusion::error::{DataFusionError, Result};
use dwh_common::SqlState;
use dwh_copy::datetime::MONTHS;

use super::calendar::{
    self, JULIAN_DAY_OF_EPOCH, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND,
};
use super::style::{FieldOrder, TextStyle};
use super::zone::{Zone, parse_offset};
use crate::functions::error::sql_err;

/// English weekdays, Sunday first.
pub(crate) const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

enum Failure {
    /// No date at all.
    Syntax,
    /// A month 13, an hour 25.
    OutOfRange,
}

type Parsed<T> = std::result::Result<T, Failure>;

/// A TIMESTAMP in microseconds; a zone in the text is ignored (guide, "TIMESTAMP").
pub(crate) fn timestamp(text: &str, style: &TextStyle) -> Result<i64> {
    local(text, style).map(|(local, _)| local).map_err(|failure| error(failure, "timestamp", text))
}

/// A TIMESTAMPTZ in microseconds of UTC; a text without a zone is in the session's.
pub(crate) fn timestamptz(text: &str, style: &TextStyle) -> Result<i64> {
    local(text, style)
        .map(|(local, zone)| zone.unwrap_or(style.zone).utc_of_local(local))
        .map_err(|failure| error(failure, "timestamp with time zone", text))
}

/// A DATE in days; a time in the text is ignored.
pub(crate) fn date(text: &str, style: &TextStyle) -> Result<i32> {
    Fields::read(text, style)
        .and_then(|fields| match fields.moment {
            Some((moment, _)) => Ok(calendar::days_of_micros(moment)),
            None => fields.days(),
        })
        .map_err(|failure| error(failure, "date", text))
}

/// A TIME in microseconds of the day; a date and a zone in the text are ignored.
pub(crate) fn time(text: &str, style: &TextStyle) -> Result<i64> {
    Fields::read(text, style)
        .and_then(|fields| match fields.moment {
            Some((moment, _)) => Ok(moment.rem_euclid(MICROS_PER_DAY)),
            None => fields.time_of_day()?.ok_or(Failure::Syntax),
        })
        .map_err(|failure| error(failure, "time", text))
}

/// A TIMETZ in microseconds of the day in UTC.
pub(crate) fn timetz(text: &str, style: &TextStyle) -> Result<i64> {
    zoned_time(text, style).map(|(local, zone)| zone.utc_of_local(local).rem_euclid(MICROS_PER_DAY))
}

/// What the clock of a TIMETZ's zone reads, in microseconds since 1970, and the zone; a zone with summer time has the
/// offset of the text's date, or today's.
pub(crate) fn zoned_time(text: &str, style: &TextStyle) -> Result<(i64, Zone)> {
    Fields::read(text, style)
        .and_then(|fields| {
            let (local, zone) = match fields.moment {
                Some(moment) => moment,
                None => {
                    let time = fields.time_of_day()?.ok_or(Failure::Syntax)?;
                    let today = || style.zone.local_of_utc(Utc::now().timestamp_micros());
                    let date = fields.days().unwrap_or_else(|_| calendar::days_of_micros(today()));
                    (calendar::micros_of_days(date) + time, fields.zone)
                }
            };
            Ok((local, zone.unwrap_or(style.zone)))
        })
        .map_err(|failure| error(failure, "time with time zone", text))
}

fn error(failure: Failure, type_name: &str, text: &str) -> DataFusionError {
    match failure {
        Failure::Syntax => sql_err(
            SqlState::InvalidDatetimeFormat,
            format!("invalid input syntax for type {type_name}: \"{text}\""),
        ),
        Failure::OutOfRange => sql_err(
            SqlState::DatetimeFieldOverflow,
            format!("date/time field value out of range: \"{text}\""),
        ),
    }
}

/// The clock's reading in microseconds, and the zone that the text names.
fn local(text: &str, style: &TextStyle) -> Parsed<(i64, Option<Zone>)> {
    if let Some(micros) = iso(text.trim().as_bytes()) {
        return Ok((micros, None));
    }
    let fields = Fields::read(text, style)?;
    if let Some(moment) = fields.moment {
        return Ok(moment);
    }
    let local = calendar::micros_of_days(fields.days()?) + fields.time_of_day()?.unwrap_or(0);
    Ok((local, fields.zone))
}

/// The common form, without allocation: `YYYY-MM-DD[ HH:MM:SS[.ffffff]]`.
fn iso(bytes: &[u8]) -> Option<i64> {
    let number = |from: usize, to: usize| {
        bytes
            .get(from..to)?
            .iter()
            .try_fold(0u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    if !(is(4, b'-') && is(7, b'-')) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    if !(1..=12).contains(&month) || day == 0 || day > calendar::days_in_month(year, month) {
        return None;
    }
    let midnight = calendar::micros_of_days(calendar::days(year, month, day));
    if bytes.len() == 10 {
        return Some(midnight);
    }
    if !((is(10, b' ') || is(10, b'T')) && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match bytes.get(19..)? {
        [] => 0,
        [b'.', fraction @ ..] if !fraction.is_empty() && fraction.len() <= 6 => {
            number(20, bytes.len())? * 10u32.pow(6 - fraction.len() as u32)
        }
        _ => return None,
    };
    Some(
        midnight
            + i64::from(hour) * MICROS_PER_HOUR
            + i64::from(minute) * MICROS_PER_MINUTE
            + i64::from(second) * MICROS_PER_SECOND
            + i64::from(micros),
    )
}

/// What the words of a text have said so far.
#[derive(Default)]
struct Fields {
    /// The order of numbers that could be either.
    order: FieldOrder,
    /// A whole timestamp: `epoch`, `now`, `today`, …, and its zone.
    moment: Option<(i64, Option<Zone>)>,
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<i32>,
    julian_day: Option<i64>,
    time: Option<i64>,
    afternoon: Option<bool>,
    zone: Option<Zone>,
    before_christ: bool,
}

impl Fields {
    fn read(text: &str, style: &TextStyle) -> Parsed<Self> {
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

    fn days(&self) -> Parsed<i32> {
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

    fn time_of_day(&self) -> Parsed<Option<i64>> {
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

/// The digits behind a point as microseconds; more than six are rounded.
pub(crate) fn micros_of_fraction(digits: &str) -> Option<i64> {
    if digits.is_empty() {
        return Some(0);
    }
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| format!("0.{digits}").parse::<f64>().ok())
        .flatten()
        .map(|fraction| (fraction * MICROS_PER_SECOND as f64).round() as i64)
}

/// The month, from 1, of an English name or its beginning.
pub(crate) fn month_of_name(word: &str) -> Option<u32> {
    let found = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    Some(found as u32 + 1)
}

fn is_weekday(word: &str) -> bool {
    WEEKDAYS.iter().any(|name| word.len() >= 3 && name.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::{date, timestamp, timestamptz, timetz};
    use crate::functions::datetime::calendar::write_timestamp;
    use crate::functions::datetime::style::{DateStyle, TextStyle};
    use crate::functions::datetime::zone::Zone;

    #[test]
    fn the_forms_of_rs_1_11_are_read() {
        let cases = [
            ("2018-11-01", "2018-11-01 00:00:00"),
            ("2018-11-01 20:57:10.796", "2018-11-01 20:57:10.796"),
            ("2019-02-11T05:09:12.195Z", "2019-02-11 05:09:12.195"),
            ("2019-02-11T05:09:12+02:00", "2019-02-11 03:09:12"),
            ("J2451187", "1999-01-08 00:00:00"),
            ("19960108 040809", "1996-01-08 04:08:09"),
            ("960108 040809", "1996-01-08 04:08:09"),
            ("1996.008", "1996-01-08 00:00:00"),
            ("1996-01-08 04:05:06.789", "1996-01-08 04:05:06.789"),
            ("17 Dec 07:37:16 1997 PST", "1997-12-17 15:37:16"),
            ("12/17/1997 07:37:16.00 PST", "1997-12-17 15:37:16"),
            ("12/17/1997 07:37:16.00 US/Pacific", "1997-12-17 15:37:16"),
            ("1997-12-17 07:37:16-08", "1997-12-17 15:37:16"),
            ("17.12.1997 07:37:16.00 PST", "1997-12-17 15:37:16"),
            ("January 8, 1999", "1999-01-08 00:00:00"),
            ("Jan-08-99", "1999-01-08 00:00:00"),
            ("05/08/2026 1:30 PM", "2026-05-08 13:30:00"),
            ("epoch", "1970-01-01 00:00:00"),
        ];
        for (text, expected) in cases {
            let mut written = String::new();
            let utc = timestamptz(text, &TextStyle::default()).expect(text);
            write_timestamp(&mut written, utc, "");
            assert_eq!(written, expected, "{text}");
        }
    }

    /// The guide's "Examples with datetime types".
    #[test]
    fn a_timestamp_ignores_the_zone_that_its_text_names() {
        let style =
            TextStyle { zone: Zone::of_session("Asia/Tokyo").expect("a zone"), ..TextStyle::default() };
        let at = |text| timestamp(text, &style).expect(text);
        assert_eq!(at("Jun 1,2008  09:59:59 EST"), at("2008-06-01 09:59:59"));
        let zoned = |text| timestamptz(text, &style).expect(text);
        assert_eq!(zoned("2008-06-01 09:59:59"), at("2008-06-01 00:59:59"));
        assert_eq!(zoned("Jun 1,2008 09:59:59 EST"), at("2008-06-01 14:59:59"));
        assert_eq!((zoned("epoch"), at("epoch")), (0, 0));
    }

    #[test]
    fn numbers_are_in_the_order_of_the_date_style() {
        let read = |style: &str, text: &str| {
            let style = TextStyle { dates: DateStyle::of_setting(style), ..TextStyle::default() };
            date(text, &style).ok()
        };
        let day = |text: &str| date(text, &TextStyle::default()).ok();
        // As PostgreSQL reads them.
        for (style, text, expected) in [
            ("MDY", "01/02/03", "2003-01-02"),
            ("DMY", "01/02/03", "2003-02-01"),
            ("YMD", "01/02/03", "2001-02-03"),
            ("DMY", "13/02/2003", "2003-02-13"),
            ("YMD", "99-Jan-08", "1999-01-08"),
            ("DMY", "08-Jan-99", "1999-01-08"),
            ("DMY", "2003/02/01", "2003-02-01"),
        ] {
            assert_eq!(read(style, text), day(expected), "{style} {text}");
        }
        assert_eq!(read("MDY", "13/02/2003"), None);
    }

    /// The guide's DATEADD, "Examples with a TIMETZ column": values are kept in UTC.
    #[test]
    fn times_with_a_zone_are_kept_in_utc() {
        const HOUR: i64 = 3_600_000_000;
        let read = |text| timetz(text, &TextStyle::default()).expect(text);
        assert_eq!(read("13:24:55 PST"), 21 * HOUR + 24 * 60_000_000 + 55_000_000);
        assert_eq!(read("04:00:00+00"), 4 * HOUR);
        assert_eq!(read("2020-07-01 01:00 Europe/Berlin"), 23 * HOUR);
    }

    #[test]
    fn epoch_numbers_and_nonsense_are_refused() {
        let style = TextStyle::default();
        for text in ["1541105830796", "1541105830", "", "yesterdayish", "2018-13-01", "2018-02-30", "12:99"] {
            assert!(timestamp(text, &style).is_err(), "{text}");
        }
        assert_eq!(date("05/08/2026", &style).expect("MDY"), date("2026-05-08", &style).expect("ISO"));
    }
}
