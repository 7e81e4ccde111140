//! The text of intervals: `'1 second'`, `'1 Second '`, `'7 days, 3 hours'`, `'0.001 seconds'`, `'1-2'`, `'1 02:03'`, a bare
//! number is seconds unless a qualifier says otherwise (RS 4.2, 10.2; guide, "Interval data types").

use crate::date_part::canonical;
use crate::error::{SqlError, SqlState};
use crate::interval_unit::IntervalUnit;

const MICROS_PER_SECOND: i128 = 1_000_000;
const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;
const DAYS_PER_MONTH: i128 = 30;
/// Numbers are read in billionths of their unit.
const BILLION: i128 = 1_000_000_000;

/// An interval as Redshift keeps it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Months, 12 of a year.
    pub months: i128,
    /// Days.
    pub days: i128,
    /// Microseconds.
    pub micros: i128,
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if self.months != 0 {
            parts.push(format!("{} months", self.months));
        }
        if self.days != 0 {
            parts.push(format!("{} days", self.days));
        }
        if self.micros != 0 || parts.is_empty() {
            let sign = if self.micros < 0 { "-" } else { "" };
            let (seconds, rest) =
                (self.micros.abs() / MICROS_PER_SECOND, self.micros.abs() % MICROS_PER_SECOND);
            parts.push(if rest == 0 {
                format!("{sign}{seconds} seconds")
            } else {
                let fraction = format!("{rest:06}");
                format!("{sign}{seconds}.{} seconds", fraction.trim_end_matches('0'))
            });
        }
        f.write_str(&parts.join(" "))
    }
}

impl Amount {
    /// The value of `interval year to month`: whole months, days and time being less than one; `None` if they are too many.
    pub fn as_months(self, least: IntervalUnit) -> Option<i32> {
        i32::try_from(self.months).ok().map(|months| least.cut_months(months))
    }

    /// The value of `interval day to second` in microseconds; `None` if they are too many.
    ///
    /// # Errors
    /// 22007 for an interval with months, which are no number of days.
    pub fn as_micros(self, least: IntervalUnit) -> Result<Option<i64>, SqlError> {
        if self.months != 0 {
            let message = "Interval Day To Second literal cannot contain year-month parts. Disable the GUC \
                           interval_forbid_composite_literals to suppress this error and silently discard the \
                           year-month part.";
            return Err(SqlError::new(SqlState::InvalidDatetimeFormat, message));
        }
        let micros = self.days * MICROS_PER_DAY + self.micros;
        Ok(i64::try_from(micros).ok().map(|micros| least.cut_micros(micros)))
    }

    /// Without its months.
    #[must_use]
    pub fn without_months(self) -> Self {
        Self { months: 0, ..self }
    }

    /// Adds `billionths` of a unit; a fraction runs on into the smaller units, a month having 30 days.
    fn add(&mut self, billionths: i128, unit: &str) -> Option<()> {
        let (months, days, micros) = match unit {
            "millennium" => (12_000, 0, 0),
            "century" => (1_200, 0, 0),
            "decade" => (120, 0, 0),
            "year" => (12, 0, 0),
            "quarter" => (3, 0, 0),
            "month" => (1, 0, 0),
            "week" => (0, 7, 0),
            "day" => (0, 1, 0),
            "hour" => (0, 0, 3_600 * MICROS_PER_SECOND),
            "minute" => (0, 0, 60 * MICROS_PER_SECOND),
            "second" => (0, 0, MICROS_PER_SECOND),
            "millisecond" => (0, 0, 1_000),
            "microsecond" => (0, 0, 1),
            _ => return None,
        };
        let in_months = billionths.checked_mul(months)?;
        self.months += in_months / BILLION;
        let in_days = (in_months % BILLION * DAYS_PER_MONTH).checked_add(billionths.checked_mul(days)?)?;
        self.days += in_days / BILLION;
        let in_micros = (in_days % BILLION * MICROS_PER_DAY).checked_add(billionths.checked_mul(micros)?)?;
        self.micros += in_micros / BILLION;
        Some(())
    }

    /// What the planner's representation holds: 32-bit months and days, 64-bit nanoseconds.
    fn fits(self) -> bool {
        i32::try_from(self.months).is_ok()
            && i32::try_from(self.days).is_ok()
            && i64::try_from(self.micros * 1_000).is_ok()
    }
}

/// An interval of less than a day as an offset of a time zone: `-08:00:00`.
///
/// # Errors
/// As [`parse`], and 22023 for days and months.
pub fn offset(written: &str, unit: Option<&str>) -> Result<String, SqlError> {
    let amount = parse(written, unit)?;
    if amount.months != 0 || amount.days != 0 {
        return Err(SqlError::new(
            SqlState::InvalidParameterValue,
            format!("a time zone is no interval of days or months: \"{written}\""),
        ));
    }
    let (sign, seconds) =
        (if amount.micros < 0 { '-' } else { '+' }, amount.micros.abs() / MICROS_PER_SECOND);
    Ok(format!("{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60))
}

/// Reads an interval by a qualifier (`minute to second`): numbers without a unit are in its least one.
///
/// # Errors
/// As [`parse`], and for a qualifier that there is not.
pub fn parse_qualified(written: &str, qualifier: &str) -> Result<Amount, SqlError> {
    let least = qualifier.rsplit(' ').next();
    // Elsewhere two numbers with a colon are hours and minutes.
    if qualifier.eq_ignore_ascii_case("minute to second") {
        let words = written.split_ascii_whitespace();
        let words =
            words.map(|word| if word.matches(':').count() == 1 { with_hours(word) } else { word.to_owned() });
        return parse(&words.collect::<Vec<_>>().join(" "), least);
    }
    parse(written, least)
}

/// `2:03` as `0:2:03`, behind its sign.
fn with_hours(word: &str) -> String {
    let digits = word.trim_start_matches(['+', '-']);
    format!("{}0:{digits}", &word[..word.len() - digits.len()])
}

/// Reads an interval; numbers without a unit are in `default_unit`, else in seconds.
///
/// # Errors
/// 22007 for what is no interval, 22008 for one that is too long.
pub fn parse(written: &str, default_unit: Option<&str>) -> Result<Amount, SqlError> {
    let invalid = || {
        SqlError::new(
            SqlState::InvalidDatetimeFormat,
            format!("invalid input syntax for type interval: \"{written}\""),
        )
    };
    let default_unit = match default_unit {
        Some(unit) => canonical(unit).ok_or_else(invalid)?,
        None => "second",
    };
    let lower = written.to_ascii_lowercase().replace(',', " ");
    let mut words = lower.split_ascii_whitespace().flat_map(number_and_unit).peekable();
    let mut amount = Amount::default();
    if words.peek().is_none() {
        return Err(invalid());
    }
    while let Some(word) = words.next() {
        if word == "ago" && words.peek().is_none() {
            amount = Amount { months: -amount.months, days: -amount.days, micros: -amount.micros };
        } else if word.contains(':') {
            amount.micros += clock(word).ok_or_else(invalid)?;
        } else if let Some(months) = years_and_months(word) {
            amount.months += months;
        } else {
            let billionths = decimal(word).ok_or_else(invalid)?;
            let unit = match words.peek().copied().filter(|next| *next != "ago").and_then(canonical) {
                Some(unit) => {
                    words.next();
                    unit
                }
                // Before a clock a number counts days, before another number the next larger unit.
                None => match words.peek() {
                    Some(next) if next.contains(':') => "day",
                    Some(next) if *next != "ago" => larger(default_unit),
                    _ => default_unit,
                },
            };
            amount.add(billionths, unit).ok_or_else(invalid)?;
        }
    }
    if amount.fits() {
        Ok(amount)
    } else {
        Err(SqlError::new(
            SqlState::DatetimeFieldOverflow,
            format!("interval field value out of range: \"{written}\""),
        ))
    }
}

fn larger(unit: &str) -> &'static str {
    match unit {
        "second" => "minute",
        "minute" => "hour",
        "hour" => "day",
        _ => "year",
    }
}

/// `1-2`: years and months, as the standard writes them.
fn years_and_months(word: &str) -> Option<i128> {
    let (negative, rest) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let (years, months) = rest.split_once('-')?;
    let digits = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let months = i128::from(digits(years)?) * 12 + i128::from(digits(months).filter(|months| *months < 12)?);
    Some(if negative { -months } else { months })
}

/// `1second` is `1` and `second`.
fn number_and_unit(word: &str) -> impl Iterator<Item = &str> {
    let split = match word.find(|ch: char| ch.is_ascii_alphabetic()) {
        Some(at) if !word.contains(':') => at,
        _ => word.len(),
    };
    let (number, unit) = word.split_at(split);
    [number, unit].into_iter().filter(|part| !part.is_empty())
}

/// A decimal number in billionths; digits behind the ninth are cut.
fn decimal(word: &str) -> Option<i128> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || whole.len() > 18 {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let billionths = whole * BILLION + fraction.parse::<i128>().ok()?;
    Some(if negative { -billionths } else { billionths })
}

/// `hh:mm[:ss[.fff]]` in microseconds.
fn clock(word: &str) -> Option<i128> {
    let (negative, rest) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let mut parts = rest.split(':');
    let hours = decimal(parts.next()?)?;
    let minutes = decimal(parts.next()?)?;
    let seconds = parts.next().map_or(Some(0), decimal)?;
    if parts.next().is_some() {
        return None;
    }
    let micros = (hours * 3_600 + minutes * 60 + seconds) * MICROS_PER_SECOND / BILLION;
    Some(if negative { -micros } else { micros })
}

#[cfg(test)]
mod tests {
    use super::{parse, parse_qualified};

    fn normalized(written: &str, unit: Option<&str>) -> String {
        match parse(written, unit) {
            Ok(amount) => amount.to_string(),
            Err(error) => error.message,
        }
    }

    #[test]
    fn literals_of_public_scripts_and_of_the_guide_are_read() {
        let cases = [
            ("1 second", None, "1 seconds"),
            ("1 Second ", None, "1 seconds"),
            ("0.001 seconds", None, "0.001 seconds"),
            ("7 days, 3 hours", None, "7 days 10800 seconds"),
            ("52 weeks", None, "364 days"),
            ("1", Some("day"), "1 days"),
            ("5", None, "5 seconds"),
            ("0.5 days", None, "43200 seconds"),
            ("1.5 years", None, "18 months"),
            ("1.5 months", None, "1 months 15 days"),
            ("-1 month 2 days", None, "-1 months 2 days"),
            ("1 day ago", None, "-1 days"),
            ("1 day 02:03:04.5", None, "1 days 7384.5 seconds"),
            ("3 m", None, "180 seconds"),
            ("2mons", None, "2 months"),
            ("0", None, "0 seconds"),
            ("-0.25", Some("MINUTE"), "-15 seconds"),
            ("1 02:03", None, "1 days 7380 seconds"),
            ("-2-6", None, "-30 months"),
        ];
        for (written, unit, expected) in cases {
            assert_eq!(normalized(written, unit), expected, "{written}");
        }
    }

    /// The results are those of PostgreSQL.
    #[test]
    fn a_qualifier_tells_what_bare_numbers_are() {
        let cases = [
            ("23", "month", "23 months"),
            ("1-2", "year to month", "14 months"),
            ("-2", "day", "-2 days"),
            ("1 2", "day to hour", "1 days 7200 seconds"),
            ("1 2:03:04", "day to second", "1 days 7384 seconds"),
            ("2:03", "hour to minute", "7380 seconds"),
            ("2:03", "minute to second", "123 seconds"),
            ("-2:03", "minute to second", "-123 seconds"),
        ];
        for (written, qualifier, expected) in cases {
            let amount = parse_qualified(written, qualifier).map(|amount| amount.to_string());
            assert_eq!(amount.as_deref(), Ok(expected), "{written} {qualifier}");
        }
    }

    #[test]
    fn what_is_no_interval_is_refused() {
        for written in ["", "one day", "1 parsec", "1:2:3:4", "--1 day", "1 epoch"] {
            let message = normalized(written, None);
            assert!(message.starts_with("invalid input syntax for type interval"), "{written}: {message}");
        }
        assert!(normalized("999999999999 years", None).starts_with("interval field value out of range"));
    }
}
