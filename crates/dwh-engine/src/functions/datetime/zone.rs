//! Time zones: names follow daylight saving, abbreviations are fixed, POSIX offsets count westward
//! (RS 4.2, CONVERT_TIMEZONE; the guide on the parameter `timezone`).

use std::fmt::Write;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetName, TZ_VARIANTS, Tz};
use datafusion::error::Result;
use dwh_common::SqlState;

use super::calendar::MICROS_PER_SECOND;
use crate::functions::error::sql_err;

/// Abbreviations and their seconds east of Greenwich.
pub(crate) const ABBREVIATIONS: &[(&str, i64)] = &[
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("wet", 0),
    ("west", 3_600),
    ("bst", 3_600),
    ("cet", 3_600),
    ("cest", 7_200),
    ("eet", 7_200),
    ("eest", 10_800),
    ("msk", 10_800),
    ("ist", 19_800),
    ("sgt", 28_800),
    ("jst", 32_400),
    ("kst", 32_400),
    ("aest", 36_000),
    ("aedt", 39_600),
    ("nzst", 43_200),
    ("nzdt", 46_800),
    ("ast", -14_400),
    ("adt", -10_800),
    ("edt", -14_400),
    ("est", -18_000),
    ("cdt", -18_000),
    ("cst", -21_600),
    ("mdt", -21_600),
    ("mst", -25_200),
    ("pdt", -25_200),
    ("pst", -28_800),
    ("akdt", -28_800),
    ("akst", -32_400),
    ("hst", -36_000),
];

/// Specifications of sessions are not validated further, as in Redshift (`xxx36` is a zone).
const MAX_OFFSET_HOURS: i64 = 167;

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Zone {
    /// Seconds east of Greenwich.
    Fixed(i64),
    /// A zone of the tz database.
    Named(Tz),
}

impl Zone {
    /// Coordinated Universal Time.
    pub(crate) const UTC: Self = Self::Named(Tz::UTC);

    /// The zone that `SET timezone` takes: a name of the tz database, hours east of Greenwich, an ISO 8601 offset, or
    /// a POSIX specification. Abbreviations such as PST are none, for they know no summer time.
    pub(crate) fn of_session(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(zone) = tz_name(text) {
            return Some(Self::Named(zone));
        }
        if let Some(hours) = text.parse::<f64>().ok().filter(|hours| hours.abs() < MAX_OFFSET_HOURS as f64) {
            return Some(Self::Fixed((hours * 3_600.0) as i64));
        }
        if text.starts_with(['+', '-']) {
            return offset_within(text, MAX_OFFSET_HOURS).map(Self::Fixed);
        }
        text.contains(|c: char| c.is_ascii_digit()).then(|| posix(text).map(Self::Fixed))?
    }

    /// How SHOW tells a zone that was set with this text: names as the tz database spells them.
    pub(crate) fn shown(text: &str) -> Option<String> {
        Some(match Self::of_session(text)? {
            Self::Named(zone) => zone.name().to_owned(),
            Self::Fixed(_) => text.trim().to_owned(),
        })
    }

    /// Seconds east of Greenwich at a moment in UTC microseconds.
    pub(crate) fn offset_at(self, utc: i64) -> i64 {
        (self.local_of_utc(utc) - utc) / MICROS_PER_SECOND
    }

    /// The offset at a moment as PostgreSQL writes it: `+00`, `-04`, `+05:30`.
    pub(crate) fn write_offset(self, out: &mut String, utc: i64) {
        let offset = self.offset_at(utc);
        let (sign, seconds) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        let _ = write!(out, "{sign}{:02}", seconds / 3_600);
        if seconds % 3_600 != 0 {
            let _ = write!(out, ":{:02}", seconds / 60 % 60);
        }
        if seconds % 60 != 0 {
            let _ = write!(out, ":{:02}", seconds % 60);
        }
    }

    /// The zone's abbreviation at a moment (`EDT`); its offset where it has none.
    pub(crate) fn write_abbreviation(self, out: &mut String, utc: i64) {
        let abbreviation = match self {
            Self::Fixed(_) => None,
            Self::Named(zone) => DateTime::<Utc>::from_timestamp_micros(utc).and_then(|at| {
                let offset = zone.offset_from_utc_datetime(&at.naive_utc());
                offset.abbreviation().map(str::to_owned)
            }),
        };
        match abbreviation {
            Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => out.push_str(&name),
            _ => self.write_offset(out, utc),
        }
    }

    /// The zone of a name, an abbreviation or a POSIX offset (`UTC+7`, `-3:30`).
    pub(crate) fn parse(name: &str) -> Result<Self> {
        Self::find(name.trim()).ok_or_else(|| {
            sql_err(SqlState::InvalidParameterValue, format!("time zone \"{name}\" not recognized"))
        })
    }

    /// As [`Self::parse`], for words that may be something else.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        if let Some((_, seconds)) = ABBREVIATIONS.iter().find(|(known, _)| *known == lower) {
            return Some(Self::Fixed(*seconds));
        }
        tz_name(name).map(Self::Named).or_else(|| posix(name).map(Self::Fixed))
    }

    /// Local time to UTC, both in microseconds. A time that daylight saving skips is read with the
    /// offset before the change, as PostgreSQL does.
    pub(crate) fn utc_of_local(self, local: i64) -> i64 {
        match self {
            Self::Fixed(seconds) => local - seconds * MICROS_PER_SECOND,
            Self::Named(zone) => {
                let offset = |at: NaiveDateTime| match zone.offset_from_local_datetime(&at) {
                    LocalResult::Single(offset) | LocalResult::Ambiguous(_, offset) => Some(offset),
                    LocalResult::None => None,
                };
                let Some(naive) = DateTime::from_timestamp_micros(local).map(|at| at.naive_utc()) else {
                    return local;
                };
                let found = offset(naive).or_else(|| offset(naive - chrono::Duration::hours(3)));
                local - found.map_or(0, |o| i64::from(o.fix().local_minus_utc())) * MICROS_PER_SECOND
            }
        }
    }

    /// UTC to local time, both in microseconds.
    pub(crate) fn local_of_utc(self, utc: i64) -> i64 {
        match self {
            Self::Fixed(seconds) => utc + seconds * MICROS_PER_SECOND,
            Self::Named(zone) => DateTime::<Utc>::from_timestamp_micros(utc).map_or(utc, |at| {
                let offset = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
                utc + i64::from(offset.local_minus_utc()) * MICROS_PER_SECOND
            }),
        }
    }
}

fn tz_name(name: &str) -> Option<Tz> {
    let any_case = || TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name));
    name.parse::<Tz>().ok().or_else(any_case)
}

/// `STDoffset`, with a name for summer time behind it or not, whose rules are not known: seconds east of
/// Greenwich. POSIX counts them west. Redshift does not look at the name.
fn posix(name: &str) -> Option<i64> {
    let offset_at = name.find(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit())?;
    let (label, rest) = name.split_at(offset_at);
    let is_name = |text: &str| text.chars().all(|c| c.is_alphabetic() || matches!(c, '/' | '_' | ' '));
    let signed = rest.starts_with(['+', '-']);
    let end = rest.find(|c: char| !matches!(c, '+' | '-' | ':') && !c.is_ascii_digit()).unwrap_or(rest.len());
    let (offset, summer) = rest.split_at(end);
    if !is_name(label) || !is_name(summer) || (!signed && label.is_empty()) {
        return None;
    }
    let offset = if signed { offset.to_owned() } else { format!("+{offset}") };
    offset_within(&offset, MAX_OFFSET_HOURS).map(|seconds| -seconds)
}

/// `+2`, `-0330`, `+05:30` in seconds, positive as written.
pub(crate) fn parse_offset(text: &str) -> Option<i64> {
    offset_within(text, 15)
}

fn offset_within(text: &str, max_hours: i64) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (hours, minutes.split(':').next().unwrap_or_default()),
        None if rest.len() > 2 => rest.split_at_checked(rest.len() - 2)?,
        None => (rest, "0"),
    };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= max_hours && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::{Zone, parse_offset};

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn names_follow_daylight_saving_and_abbreviations_do_not() {
        let july = 1_217_548_800_000_000; // 2008-08-01 00:00 UTC
        let zone = |name| Zone::parse(name).expect(name);
        assert_eq!(zone("America/New_York").local_of_utc(july), july - 4 * HOUR);
        assert_eq!(zone("america/new_york").utc_of_local(july - 4 * HOUR), july);
        assert_eq!(zone("EST").local_of_utc(july), july - 5 * HOUR);
    }

    #[test]
    fn sessions_take_what_the_guide_lists() {
        let of = |text| Zone::of_session(text);
        let cases = [
            ("Etc/Greenwich", "Etc/Greenwich"),
            ("america/new_york", "America/New_York"),
            ("CST6CDT", "CST6CDT"),
            ("GB", "GB"),
        ];
        for (text, shown) in cases {
            assert_eq!(Zone::shown(text).as_deref(), Some(shown));
        }
        assert_eq!(of("-8:00"), Some(Zone::Fixed(-28_800)));
        assert_eq!(of("+7:30"), Some(Zone::Fixed(27_000)));
        assert_eq!(of("-8"), Some(Zone::Fixed(-28_800)));
        assert_eq!(of("PST8"), Some(Zone::Fixed(-28_800)));
        assert_eq!(of("xxx36"), Some(Zone::Fixed(-129_600)));
        for refused in ["PST", "PDT", "Nowhere/Land", ""] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }

    #[test]
    fn offsets_and_abbreviations_are_those_of_the_moment() {
        let july = 1_217_548_800_000_000;
        let of = |name: &str| {
            let (mut offset, mut abbreviation) = (String::new(), String::new());
            let zone = Zone::of_session(name).expect(name);
            zone.write_offset(&mut offset, july);
            zone.write_abbreviation(&mut abbreviation, july);
            (offset, abbreviation)
        };
        assert_eq!(of("America/New_York"), ("-04".to_owned(), "EDT".to_owned()));
        assert_eq!(of("Asia/Kolkata"), ("+05:30".to_owned(), "IST".to_owned()));
        assert_eq!(of("-8:00"), ("-08".to_owned(), "-08".to_owned()));
    }

    #[test]
    fn posix_offsets_count_westward() {
        assert_eq!(Zone::parse("NEWZONE+3:30").expect("zone"), Zone::Fixed(-12_600));
        assert_eq!(Zone::parse("America/Los_Angeles+2").expect("zone"), Zone::Fixed(-7_200));
        assert_eq!(Zone::parse("PST8").expect("zone"), Zone::Fixed(-28_800));
        assert_eq!(parse_offset("-0330"), Some(-12_600));
        assert!(Zone::parse("Nowhere/Land").is_err());
    }
}
