//! Intervals times and over numbers, as PostgreSQL's `interval_mul` (RS 4.2).

use arrow::array::cast::AsArray;
use arrow::datatypes::{IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use dwh_common::SqlState;

use super::calendar::{MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND};
use super::part::Part;
use crate::functions::args::Call;
use crate::functions::error::{divide_by_zero, sql_err};
use crate::functions::function::{Function, Parameter, Returns};

const OPERANDS: &[Parameter] = &[Parameter::Any, Parameter::Number];
const SECONDS_PER_DAY: f64 = 86_400.0;

/// `interval * factor`.
pub(crate) fn multiply(interval: Expr, factor: Expr) -> Expr {
    Function::new("__interval_multiply", OPERANDS, Returns::Interval, |call| {
        each(call, |interval, factor| scale(interval, factor))
    })
    .udf()
    .call(vec![interval, factor])
}

/// `interval / divisor`.
pub(crate) fn divide(interval: Expr, divisor: Expr) -> Expr {
    Function::new("__interval_divide", OPERANDS, Returns::Interval, |call| {
        each(
            call,
            |interval, divisor| {
                if divisor == 0.0 { Err(divide_by_zero()) } else { scale(interval, 1.0 / divisor) }
            },
        )
    })
    .udf()
    .call(vec![interval, divisor])
}

fn each(
    call: &Call<'_>,
    value: fn(IntervalMonthDayNano, f64) -> Result<IntervalMonthDayNano>,
) -> Result<arrow::array::ArrayRef> {
    let (intervals, constant) = call.array(0)?;
    let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
    let factors = call.double(1)?;
    call.build::<IntervalMonthDayNanoType>(|row| {
        let interval = intervals.value(if constant { 0 } else { row });
        value(interval, factors.at(row)).map(Some)
    })
}

fn out_of_range() -> DataFusionError {
    sql_err(SqlState::DatetimeFieldOverflow, "interval out of range")
}

/// Fractions of months become days of 30, fractions of days become time.
fn scale(interval: IntervalMonthDayNano, factor: f64) -> Result<IntervalMonthDayNano> {
    let whole = |value: f64| {
        if value.abs() <= f64::from(i32::MAX) { Ok(value as i32) } else { Err(out_of_range()) }
    };
    let months = f64::from(interval.months) * factor;
    let days = f64::from(interval.days) * factor;
    let days_of_months = months.fract() * 30.0;
    let seconds = (days.fract() + days_of_months.fract()) * SECONDS_PER_DAY;
    // Whole microseconds stay exact in a double up to the year 2255, far finer than a second after.
    let micros = (interval.nanoseconds as f64 / 1_000.0) * factor + seconds * MICROS_PER_SECOND as f64;
    if !micros.is_finite() || micros.abs() >= i64::MAX as f64 {
        return Err(out_of_range());
    }
    let micros = micros.round() as i64;
    let days = whole(days.trunc() + days_of_months.trunc())?;
    // Nanoseconds reach 292 years; what exceeds them is carried in days, which mean the same here.
    let (days, nanoseconds) = match micros.checked_mul(1_000) {
        Some(nanoseconds) => (days, nanoseconds),
        None => {
            let carried = i32::try_from(micros / MICROS_PER_DAY).map_err(|_| out_of_range())?;
            (days.checked_add(carried).ok_or_else(out_of_range)?, micros % MICROS_PER_DAY * 1_000)
        }
    };
    Ok(IntervalMonthDayNano::new(whole(months.trunc())?, days, nanoseconds))
}

/// `__interval('7 days, 3 hours')`: an interval literal as Redshift reads it. Quantities may have
/// fractions and commas between them; one without a unit counts seconds.
pub(super) const LITERAL: Function =
    Function::new("__interval", &[Parameter::Text], Returns::Interval, |call| {
        let texts = call.text(0)?;
        call.build::<IntervalMonthDayNanoType>(|row| parse(texts.at(row)).map(Some))
    });

fn parse(text: &str) -> Result<IntervalMonthDayNano> {
    let invalid = || {
        sql_err(
            SqlState::InvalidDatetimeFormat,
            format!("invalid input syntax for type interval: \"{text}\""),
        )
    };
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split([' ', ',', '\t']).filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() {
        return Err(invalid());
    }
    let (mut months, mut days, mut micros) = (0i32, 0i32, 0i64);
    while let Some(word) = words.next() {
        let quantity_end =
            word.find(|c: char| !(c.is_ascii_digit() || "+-.:".contains(c))).unwrap_or(word.len());
        let (quantity, attached_unit) = word.split_at(quantity_end);
        let part = if quantity.contains(':') {
            let (sign, clock) = match quantity.strip_prefix('-') {
                Some(clock) => (-1, clock),
                None => (1, quantity),
            };
            micros += sign * super::parse::time(clock)?;
            continue;
        } else {
            let unit = match attached_unit {
                "" => words.next_if(|next| next.starts_with(|c: char| c.is_alphabetic())).unwrap_or("second"),
                unit => unit,
            };
            Part::parse(unit).map_err(|_| invalid())?
        };
        let unit = match part {
            Part::Millennium => IntervalMonthDayNano::new(12_000, 0, 0),
            Part::Century => IntervalMonthDayNano::new(1_200, 0, 0),
            Part::Decade => IntervalMonthDayNano::new(120, 0, 0),
            Part::Year => IntervalMonthDayNano::new(12, 0, 0),
            Part::Quarter => IntervalMonthDayNano::new(3, 0, 0),
            Part::Month => IntervalMonthDayNano::new(1, 0, 0),
            Part::Week => IntervalMonthDayNano::new(0, 7, 0),
            Part::Day => IntervalMonthDayNano::new(0, 1, 0),
            Part::Hour => IntervalMonthDayNano::new(0, 0, MICROS_PER_HOUR * 1_000),
            Part::Minute => IntervalMonthDayNano::new(0, 0, MICROS_PER_MINUTE * 1_000),
            Part::Second => IntervalMonthDayNano::new(0, 0, MICROS_PER_SECOND * 1_000),
            Part::Millisecond => IntervalMonthDayNano::new(0, 0, 1_000_000),
            Part::Microsecond => IntervalMonthDayNano::new(0, 0, 1_000),
            _ => return Err(invalid()),
        };
        let scaled = scale(unit, quantity.parse().map_err(|_| invalid())?)?;
        months += scaled.months;
        days += scaled.days;
        micros += scaled.nanoseconds / 1_000;
    }
    Ok(IntervalMonthDayNano::new(months, days, micros.checked_mul(1_000).ok_or_else(out_of_range)?))
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn interval_literals_are_read_as_the_guide_writes_them() {
        assert_values(&[
            ("__interval('1 Second ')", "00:00:01"),
            ("__interval('0.001 seconds')", "00:00:00.001"),
            ("__interval('7 days, 3 hours')", "7 days 03:00:00"),
            ("__interval('52')", "00:00:52"),
            ("__interval('1.5 weeks')", "10 days 12:00:00"),
            ("__interval('0.5 days, 59 seconds')", "12:00:59"),
            ("__interval('3h')", "03:00:00"),
            ("__interval('-1 year 2 mons')", "-10 mons"),
            ("__interval('soon')", "error: invalid input syntax for type interval: \"soon\""),
        ]);
    }
}
