//! Time zones: names follow daylight saving, abbreviations are fixed, POSIX offsets count westward
//! (RS 4.2, CONVERT_TIMEZONE).

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
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

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Seconds east of Greenwich.
    Fixed(i64),
    /// A zone of the tz database.
    Named(Tz),
}

impl Zone {
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
        if let Some(zone) = name
            .parse::<Tz>()
            .ok()
            .or_else(|| TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name)))
        {
            return Some(Self::Named(zone));
        }
        posix(name).map(Self::Fixed)
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
    parse_offset(&offset).map(|seconds| -seconds)
}

/// `+2`, `-0330`, `+05:30` in seconds, positive as written.
pub(crate) fn parse_offset(text: &str) -> Option<i64> {
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
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
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
    fn posix_offsets_count_westward() {
        assert_eq!(Zone::parse("NEWZONE+3:30").expect("zone"), Zone::Fixed(-12_600));
        assert_eq!(Zone::parse("America/Los_Angeles+2").expect("zone"), Zone::Fixed(-7_200));
        assert_eq!(Zone::parse("PST8").expect("zone"), Zone::Fixed(-28_800));
        assert_eq!(parse_offset("-0330"), Some(-12_600));
        assert!(Zone::parse("Nowhere/Land").is_err());
    }
}
