//! INTERVALSTYLE: how intervals are written (guide, "Interval styles"; the layouts are PostgreSQL's).

use std::fmt::Write;

use arrow::datatypes::IntervalMonthDayNano;

use super::calendar::{self, MICROS_PER_HOUR, MICROS_PER_SECOND};

/// The layout of intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum IntervalStyle {
    /// `1 year 2 mons 3 days 04:05:06.789`
    #[default]
    Postgres,
    /// `@ 1 year 2 mons 3 days 4 hours 5 mins 6.789 secs`
    PostgresVerbose,
    /// `+1-2 +3 +4:05:06.789`
    SqlStandard,
    /// `P1Y2M3DT4H5M6.789S`
    Iso8601,
}

/// The fields of an interval, each with its own sign.
struct Fields {
    years: i32,
    months: i32,
    days: i32,
    micros: i64,
}

impl Fields {
    fn is_zero(&self) -> bool {
        self.years == 0 && self.months == 0 && self.days == 0 && self.micros == 0
    }

    fn clock(&self) -> (i64, i64) {
        (self.micros / MICROS_PER_HOUR, self.micros % MICROS_PER_HOUR / calendar::MICROS_PER_MINUTE)
    }

    /// Seconds with their fraction and no more digits than it has; never with a sign.
    fn seconds(&self) -> String {
        let micros = (self.micros % calendar::MICROS_PER_MINUTE).abs();
        let (whole, fraction) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
        match fraction {
            0 => whole.to_string(),
            _ => format!("{whole}.{}", format!("{fraction:06}").trim_end_matches('0')),
        }
    }
}

impl IntervalStyle {
    /// A style by the name that `SET intervalstyle` takes.
    pub(crate) fn of_setting(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "postgres" => Self::Postgres,
            "postgres_verbose" => Self::PostgresVerbose,
            "sql_standard" => Self::SqlStandard,
            "iso_8601" => Self::Iso8601,
            _ => return None,
        })
    }

    /// Writes an interval.
    pub(crate) fn write(self, out: &mut String, value: IntervalMonthDayNano) {
        let fields = Fields {
            years: value.months / 12,
            months: value.months % 12,
            days: value.days,
            micros: value.nanoseconds / 1_000,
        };
        match self {
            Self::Postgres => postgres(out, &fields),
            Self::PostgresVerbose => verbose(out, &fields),
            Self::SqlStandard => sql_standard(out, &fields),
            Self::Iso8601 => iso_8601(out, &fields),
        }
    }
}

fn postgres(out: &mut String, fields: &Fields) {
    let start = out.len();
    // A field after a negative one shows its sign.
    let mut negative = false;
    for (count, name) in [(fields.years, "year"), (fields.months, "mon"), (fields.days, "day")] {
        if count != 0 {
            let space = if out.len() > start { " " } else { "" };
            let sign = if negative && count > 0 { "+" } else { "" };
            let plural = if count == 1 { "" } else { "s" };
            let _ = write!(out, "{space}{sign}{count} {name}{plural}");
            negative = count < 0;
        }
    }
    if fields.micros != 0 || out.len() == start {
        if out.len() > start {
            out.push(' ');
        }
        if fields.micros < 0 {
            out.push('-');
        } else if negative {
            out.push('+');
        }
        calendar::write_time(out, fields.micros.abs());
    }
}

fn verbose(out: &mut String, fields: &Fields) {
    out.push('@');
    let (hours, minutes) = fields.clock();
    // The first field's sign is that of the whole, told by `ago`; the others are relative to it.
    let mut ago: Option<bool> = None;
    let parts = [
        (i64::from(fields.years), "year"),
        (i64::from(fields.months), "mon"),
        (i64::from(fields.days), "day"),
        (hours, "hour"),
        (minutes, "min"),
    ];
    for (count, name) in parts {
        if count != 0 {
            let negated = *ago.get_or_insert(count < 0);
            let shown = if negated { -count } else { count };
            let plural = if shown == 1 { "" } else { "s" };
            let _ = write!(out, " {shown} {name}{plural}");
        }
    }
    let micros = fields.micros % calendar::MICROS_PER_MINUTE;
    if micros != 0 {
        let negated = *ago.get_or_insert(micros < 0);
        let sign = if (micros < 0) != negated { "-" } else { "" };
        let seconds = fields.seconds();
        let plural = if seconds == "1" && sign.is_empty() { "" } else { "s" };
        let _ = write!(out, " {sign}{seconds} sec{plural}");
    }
    match ago {
        None => out.push_str(" 0"),
        Some(true) => out.push_str(" ago"),
        Some(false) => {}
    }
}

fn sql_standard(out: &mut String, fields: &Fields) {
    let signs = [
        i64::from(fields.years).signum(),
        i64::from(fields.months).signum(),
        i64::from(fields.days).signum(),
        fields.micros.signum(),
    ];
    let (has_negative, has_positive) = (signs.contains(&-1), signs.contains(&1));
    let has_years = fields.years != 0 || fields.months != 0;
    let has_days = fields.days != 0 || fields.micros != 0;
    let (hours, minutes) = fields.clock();
    let clock = |out: &mut String| {
        let seconds = fields.seconds();
        let zero = if seconds.len() == 1 || seconds.as_bytes().get(1) == Some(&b'.') { "0" } else { "" };
        let _ = write!(out, "{}:{:02}:{zero}{seconds}", hours.abs(), minutes.abs());
    };
    let sign = |negative: bool| if negative { '-' } else { '+' };
    if fields.is_zero() {
        out.push('0');
    } else if (has_negative && has_positive) || (has_years && has_days) {
        let of_years = fields.years < 0 || fields.months < 0;
        let _ = write!(
            out,
            "{}{}-{} {}{} {}",
            sign(of_years),
            fields.years.abs(),
            fields.months.abs(),
            sign(fields.days < 0),
            fields.days.abs(),
            sign(fields.micros < 0)
        );
        clock(out);
    } else {
        if has_negative {
            out.push('-');
        }
        if has_years {
            let _ = write!(out, "{}-{}", fields.years.abs(), fields.months.abs());
        } else {
            if fields.days != 0 {
                let _ = write!(out, "{} ", fields.days.abs());
            }
            clock(out);
        }
    }
}

fn iso_8601(out: &mut String, fields: &Fields) {
    if fields.is_zero() {
        out.push_str("PT0S");
        return;
    }
    let (hours, minutes) = fields.clock();
    out.push('P');
    let part = |out: &mut String, count: i64, letter: char| {
        if count != 0 {
            let _ = write!(out, "{count}{letter}");
        }
    };
    part(out, i64::from(fields.years), 'Y');
    part(out, i64::from(fields.months), 'M');
    part(out, i64::from(fields.days), 'D');
    if fields.micros != 0 {
        out.push('T');
        part(out, hours, 'H');
        part(out, minutes, 'M');
        let micros = fields.micros % calendar::MICROS_PER_MINUTE;
        if micros != 0 {
            let _ = write!(out, "{}{}S", if micros < 0 { "-" } else { "" }, fields.seconds());
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::IntervalMonthDayNano;

    use super::IntervalStyle;

    /// The texts are those of PostgreSQL 15.
    #[test]
    fn every_style_writes_as_postgresql_does() {
        const SECOND: i64 = 1_000_000_000;
        let clock = 4 * 3_600 * SECOND + 5 * 60 * SECOND + 6_789_000_000;
        let cases = [
            (
                (14, 3, clock),
                [
                    "1 year 2 mons 3 days 04:05:06.789",
                    "@ 1 year 2 mons 3 days 4 hours 5 mins 6.789 secs",
                    "+1-2 +3 +4:05:06.789",
                    "P1Y2M3DT4H5M6.789S",
                ],
            ),
            (
                (-14, 3, -clock),
                [
                    "-1 years -2 mons +3 days -04:05:06.789",
                    "@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs ago",
                    "-1-2 +3 -4:05:06.789",
                    "P-1Y-2M3DT-4H-5M-6.789S",
                ],
            ),
            ((0, 0, 0), ["00:00:00", "@ 0", "0", "PT0S"]),
            ((23, 0, 0), ["1 year 11 mons", "@ 1 year 11 mons", "1-11", "P1Y11M"]),
            ((0, -2, 0), ["-2 days", "@ 2 days ago", "-2 0:00:00", "P-2D"]),
            ((0, 0, SECOND), ["00:00:01", "@ 1 sec", "0:00:01", "PT1S"]),
        ];
        let names = ["postgres", "postgres_verbose", "sql_standard", "iso_8601"];
        for ((months, days, nanoseconds), texts) in cases {
            for (name, text) in names.iter().zip(texts) {
                let mut out = String::new();
                let style = IntervalStyle::of_setting(name).expect(name);
                style.write(&mut out, IntervalMonthDayNano::new(months, days, nanoseconds));
                assert_eq!(out, text, "{name}");
            }
        }
    }
}
