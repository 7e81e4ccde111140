//! How a session writes and reads dates, times, intervals and floats: its time zone, DATESTYLE, INTERVALSTYLE and
//! `extra_float_digits` (RS 4.6; the styles as PostgreSQL has them).

use std::fmt::{self, Write};

use arrow::datatypes::IntervalMonthDayNano;
use dwh_copy::datetime::MONTHS;

use super::calendar::{self, Civil, MICROS_PER_DAY};
pub(crate) use super::interval_style::IntervalStyle;
use super::parse::WEEKDAYS;
use super::zone::Zone;

/// What a session's settings say about text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    pub(crate) zone: Zone,
    pub(crate) dates: DateStyle,
    pub(crate) intervals: IntervalStyle,
    /// Digits of floats beyond the 6 or 15 that are always right.
    pub(crate) extra_float_digits: i32,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self {
            zone: Zone::UTC,
            dates: DateStyle::default(),
            intervals: IntervalStyle::default(),
            extra_float_digits: 0,
        }
    }
}

/// DATESTYLE: the layout of dates that are written, and the order of numbers in dates that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DateStyle {
    pub(crate) layout: DateLayout,
    pub(crate) order: FieldOrder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DateLayout {
    #[default]
    Iso,
    Sql,
    Postgres,
    German,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum FieldOrder {
    #[default]
    Mdy,
    Dmy,
    Ymd,
}

impl DateStyle {
    /// What `SET datestyle` makes of a style: layout and order can be changed apart. `None` for words it does not know
    /// and for words that exclude each other.
    pub(crate) fn changed_by(self, words: &str) -> Option<Self> {
        let (mut layout, mut order) = (None, None);
        for word in words.split([',', ' ']).filter(|word| !word.is_empty()) {
            let word = word.to_ascii_lowercase();
            let new_layout = match word.as_str() {
                "iso" => Some(DateLayout::Iso),
                "sql" => Some(DateLayout::Sql),
                "german" => Some(DateLayout::German),
                _ if word.starts_with("postgres") => Some(DateLayout::Postgres),
                _ => None,
            };
            let new_order = match word.as_str() {
                "mdy" | "us" | "noneuro" | "noneuropean" => Some(FieldOrder::Mdy),
                "dmy" | "euro" | "european" => Some(FieldOrder::Dmy),
                "ymd" => Some(FieldOrder::Ymd),
                _ => None,
            };
            match (new_layout, new_order) {
                (Some(new), _) if layout.is_none_or(|known| known == new) => layout = Some(new),
                (_, Some(new)) if order.is_none_or(|known| known == new) => order = Some(new),
                _ => return None,
            }
        }
        // German dates begin with the day unless the order is given.
        let order = order.or((layout == Some(DateLayout::German)).then_some(FieldOrder::Dmy));
        Some(Self { layout: layout.unwrap_or(self.layout), order: order.unwrap_or(self.order) })
    }

    /// The style of a value of the setting.
    pub(crate) fn of_setting(value: &str) -> Self {
        Self::default().changed_by(value).unwrap_or_default()
    }
}

impl fmt::Display for DateStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout = match self.layout {
            DateLayout::Iso => "ISO",
            DateLayout::Sql => "SQL",
            DateLayout::Postgres => "Postgres",
            DateLayout::German => "German",
        };
        let order = match self.order {
            FieldOrder::Mdy => "MDY",
            FieldOrder::Dmy => "DMY",
            FieldOrder::Ymd => "YMD",
        };
        write!(f, "{layout}, {order}")
    }
}

impl TextStyle {
    /// A DATE.
    pub(crate) fn write_date(&self, out: &mut String, days: i32) {
        let Civil { year, month, day } = calendar::civil(days);
        let shown_year = if year > 0 { year } else { 1 - year };
        let day_first = self.dates.order == FieldOrder::Dmy;
        let _ = match (self.dates.layout, day_first) {
            (DateLayout::Iso, _) => write!(out, "{shown_year:04}-{month:02}-{day:02}"),
            (DateLayout::Sql, true) => write!(out, "{day:02}/{month:02}/{shown_year:04}"),
            (DateLayout::Sql, false) => write!(out, "{month:02}/{day:02}/{shown_year:04}"),
            (DateLayout::Postgres, true) => write!(out, "{day:02}-{month:02}-{shown_year:04}"),
            (DateLayout::Postgres, false) => write!(out, "{month:02}-{day:02}-{shown_year:04}"),
            (DateLayout::German, _) => write!(out, "{day:02}.{month:02}.{shown_year:04}"),
        };
        write_era(out, year);
    }

    /// A TIMESTAMP.
    pub(crate) fn write_timestamp(&self, out: &mut String, micros: i64) {
        self.write_moment(out, micros, |_| {});
    }

    /// A TIMESTAMPTZ, given in UTC, in the session's zone.
    pub(crate) fn write_timestamptz(&self, out: &mut String, utc: i64) {
        self.write_moment(out, self.zone.local_of_utc(utc), |out| match self.dates.layout {
            DateLayout::Iso => self.zone.write_offset(out, utc),
            _ => {
                out.push(' ');
                self.zone.write_abbreviation(out, utc);
            }
        });
    }

    fn write_moment(&self, out: &mut String, micros: i64, zone: impl FnOnce(&mut String)) {
        let days = calendar::days_of_micros(micros);
        let Civil { year, month, day } = calendar::civil(days);
        let time = micros.rem_euclid(MICROS_PER_DAY);
        let shown_year = if year > 0 { year } else { 1 - year };
        if self.dates.layout == DateLayout::Postgres {
            let (weekday, month) = (calendar::weekday(days) as usize, month as usize - 1);
            let (weekday, month) = (title(&WEEKDAYS[weekday][..3]), title(&MONTHS[month][..3]));
            let _ = match self.dates.order {
                FieldOrder::Dmy => write!(out, "{weekday} {day:02} {month} "),
                _ => write!(out, "{weekday} {month} {day:02} "),
            };
            calendar::write_time(out, time);
            let _ = write!(out, " {shown_year:04}");
        } else {
            let before = out.len();
            self.write_date(out, days);
            // The era comes last.
            if year <= 0 {
                out.truncate(before + out[before..].trim_end_matches(BEFORE_CHRIST).len());
            }
            out.push(' ');
            calendar::write_time(out, time);
        }
        zone(out);
        write_era(out, year);
    }

    /// A TIMETZ, given as the microseconds of the day in UTC, in the session's zone as it is now.
    pub(crate) fn write_timetz(&self, out: &mut String, utc_micros_of_day: i64) {
        let now = chrono::Utc::now().timestamp_micros();
        let local = self.zone.local_of_utc(now) - now + utc_micros_of_day;
        calendar::write_time(out, local.rem_euclid(MICROS_PER_DAY));
        self.zone.write_offset(out, now);
    }

    /// An interval.
    pub(crate) fn write_interval(&self, out: &mut String, value: IntervalMonthDayNano) {
        self.intervals.write(out, value);
    }

    /// Digits that a DOUBLE PRECISION is written with.
    pub(crate) fn double_digits(&self) -> usize {
        (15 + self.extra_float_digits).clamp(1, 17) as usize
    }

    /// Digits that a REAL is written with.
    pub(crate) fn real_digits(&self) -> usize {
        (6 + self.extra_float_digits).clamp(1, 9) as usize
    }
}

const BEFORE_CHRIST: &str = " BC";

fn write_era(out: &mut String, year: i32) {
    if year <= 0 {
        out.push_str(BEFORE_CHRIST);
    }
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::{DateStyle, TextStyle};
    use crate::functions::datetime::parse;
    use crate::functions::datetime::zone::Zone;

    /// The texts are those of PostgreSQL 15 in the zone America/New_York.
    #[test]
    fn every_style_writes_as_postgresql_does() {
        let cases = [
            ("ISO", "2008-02-07 07:37:16.5-05", "2008-02-07 07:37:16.5", "2008-02-07"),
            ("SQL, DMY", "07/02/2008 07:37:16.5 EST", "07/02/2008 07:37:16.5", "07/02/2008"),
            ("SQL, MDY", "02/07/2008 07:37:16.5 EST", "02/07/2008 07:37:16.5", "02/07/2008"),
            ("SQL, YMD", "02/07/2008 07:37:16.5 EST", "02/07/2008 07:37:16.5", "02/07/2008"),
            ("Postgres, DMY", "Thu 07 Feb 07:37:16.5 2008 EST", "Thu 07 Feb 07:37:16.5 2008", "07-02-2008"),
            ("Postgres, MDY", "Thu Feb 07 07:37:16.5 2008 EST", "Thu Feb 07 07:37:16.5 2008", "02-07-2008"),
            ("German", "07.02.2008 07:37:16.5 EST", "07.02.2008 07:37:16.5", "07.02.2008"),
        ];
        let zone = Zone::of_session("America/New_York").expect("a zone");
        for (name, zoned, plain, date) in cases {
            let style = TextStyle { zone, dates: DateStyle::of_setting(name), ..TextStyle::default() };
            let utc = parse::timestamptz("2008-02-07 07:37:16.5", &style).expect("a moment");
            let local = parse::timestamp("2008-02-07 07:37:16.5", &style).expect("a moment");
            let (mut a, mut b, mut c) = (String::new(), String::new(), String::new());
            style.write_timestamptz(&mut a, utc);
            style.write_timestamp(&mut b, local);
            style.write_date(&mut c, parse::date("2008-02-07", &style).expect("a date"));
            assert_eq!((a.as_str(), b.as_str(), c.as_str()), (zoned, plain, date), "{name}");
        }
    }

    #[test]
    fn years_before_christ_end_with_their_era() {
        let written = |name: &str| {
            let style = TextStyle { dates: DateStyle::of_setting(name), ..TextStyle::default() };
            let (mut date, mut moment) = (String::new(), String::new());
            style.write_date(&mut date, parse::date("0044-03-15 BC", &style).expect("a date"));
            style.write_timestamp(&mut moment, parse::timestamp("0044-03-15 12:00 BC", &style).expect("one"));
            (date, moment)
        };
        assert_eq!(written("ISO"), ("0044-03-15 BC".to_owned(), "0044-03-15 12:00:00 BC".to_owned()));
        let postgres = ("03-15-0044 BC".to_owned(), "Fri Mar 15 12:00:00 0044 BC".to_owned());
        assert_eq!(written("Postgres, MDY"), postgres);
    }

    #[test]
    fn layout_and_order_are_set_apart_and_german_days_come_first() {
        let start = DateStyle::default();
        let set = |words: &str| start.changed_by(words).map(|style| style.to_string());
        assert_eq!(set("SQL,DMY").as_deref(), Some("SQL, DMY"));
        assert_eq!(set("european").as_deref(), Some("ISO, DMY"));
        assert_eq!(set("German").as_deref(), Some("German, DMY"));
        assert_eq!(set("German, ymd").as_deref(), Some("German, YMD"));
        assert_eq!(set("ISO, SQL"), None);
        assert_eq!(set("roman"), None);
    }
}
