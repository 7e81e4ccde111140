//! Dates and times from text, in the many forms that Redshift takes (RS 1.11, RS 4.1).
//!
//! A text is read as words: a date, a time, AM or PM, a zone, BC, a month's name. Numbers with
//! slashes or dashes are in the order of the session's DATESTYLE unless the year comes first.

mod fields;
mod iso;

use chrono::Utc;
use datafusion::error::{DataFusionError, Result};
use dwh_common::SqlState;
use dwh_copy::datetime::MONTHS;

use self::fields::Fields;
use self::iso::iso;
use super::calendar::{self, MICROS_PER_DAY, MICROS_PER_SECOND};
use super::style::TextStyle;
use super::zone::Zone;
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
    Fields::read_time(text, style)
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
    Fields::read_time(text, style)
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
