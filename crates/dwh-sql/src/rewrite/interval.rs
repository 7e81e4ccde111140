//! Interval literals: `'1 second'`, `'1 Second '`, `'7 days, 3 hours'`, `'0.001 seconds'`, `'1' day`, a bare
//! number is seconds (RS 4.2, 10.2). Normalised to months, days and seconds, which the planner reads exactly.

use dwh_common::{SqlError, SqlState};
use sqlparser::ast::{
    CastKind, DataType, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Interval, UnaryOperator, Value,
};

use super::build::{literal_text, simple_name, text};
use super::date_part_word::canonical;

const MICROS_PER_SECOND: i128 = 1_000_000;
const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;
const DAYS_PER_MONTH: i128 = 30;
/// Numbers are read in billionths of their unit.
const BILLION: i128 = 1_000_000_000;

pub(super) fn rewrite(expr: &mut Expr) -> Result<(), SqlError> {
    let normalized = match expr {
        Expr::Interval(interval) => literal(interval)?,
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr: inner, data_type, .. } => {
            match (data_type, literal_text(inner)) {
                (DataType::Interval { .. }, Some(written)) => parse(written, None)?.to_string(),
                _ => return Ok(()),
            }
        }
        Expr::Function(function) if simple_name(function) == Some("interval_cmp") => {
            return arguments(function);
        }
        _ => return Ok(()),
    };
    *expr = normalized_literal(normalized);
    Ok(())
}

/// `INTERVAL_CMP('3 days', '1 year')`: its texts are intervals.
fn arguments(function: &mut Function) -> Result<(), SqlError> {
    let FunctionArguments::List(list) = &mut function.args else { return Ok(()) };
    for argument in &mut list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument
            && let Some(written) = literal_text(expr)
        {
            *expr = normalized_literal(parse(written, None)?.to_string());
        }
    }
    Ok(())
}

fn normalized_literal(normalized: String) -> Expr {
    Expr::Interval(Interval {
        value: Box::new(text(normalized)),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}

fn literal(interval: &Interval) -> Result<String, SqlError> {
    if let Some(last) = &interval.last_field {
        return Err(SqlError::unsupported(format!("INTERVAL … TO {last}"))
            .with_hint("write the units into the literal, for example INTERVAL '1 year 2 months'"));
    }
    let written = written_value(&interval.value)?;
    let unit = match &interval.leading_field {
        None => None,
        Some(DateTimeField::Custom(ident)) => Some(ident.value.clone()),
        Some(field) => Some(field.to_string()),
    };
    Ok(parse(&written, unit.as_deref())?.to_string())
}

fn written_value(value: &Expr) -> Result<String, SqlError> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => return Ok(text.clone()),
            Value::Number(digits, _) => return Ok(digits.clone()),
            _ => {}
        },
        Expr::Nested(inner) => return written_value(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => return Ok(format!("-{}", written_value(expr)?)),
        _ => {}
    }
    Err(SqlError::new(SqlState::SyntaxError, "INTERVAL takes a literal")
        .with_hint("multiply instead: n * INTERVAL '1 second'"))
}

/// An interval as Redshift keeps it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Amount {
    months: i128,
    days: i128,
    micros: i128,
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
    fn fits(&self) -> bool {
        i32::try_from(self.months).is_ok()
            && i32::try_from(self.days).is_ok()
            && i64::try_from(self.micros * 1_000).is_ok()
    }
}

/// Reads an interval; numbers without a unit are in `default_unit`, else in seconds.
fn parse(written: &str, default_unit: Option<&str>) -> Result<Amount, SqlError> {
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
        } else {
            let billionths = decimal(word).ok_or_else(invalid)?;
            let unit = match words.peek().copied().filter(|next| *next != "ago").and_then(canonical) {
                Some(unit) => {
                    words.next();
                    unit
                }
                None => default_unit,
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
    use super::parse;

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
        ];
        for (written, unit, expected) in cases {
            assert_eq!(normalized(written, unit), expected, "{written}");
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
