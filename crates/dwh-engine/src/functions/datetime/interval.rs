//! Intervals times and over numbers, as PostgreSQL's `interval_mul` (RS 4.2).

use arrow::datatypes::{IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use dwh_common::SqlState;

use super::calendar::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::functions::args::Call;
use crate::functions::cast::interval_parts;
use crate::functions::error::{divide_by_zero, sql_err};
use crate::functions::function::{Function, Parameter, Returns};

const OPERANDS: &[Parameter] = &[Parameter::Any, Parameter::Number];
const SECONDS_PER_DAY: f64 = 86_400.0;

/// `interval * factor`.
pub(crate) fn multiply(interval: Expr, factor: Expr) -> Expr {
    Function::new("__interval_multiply", OPERANDS, Returns::Interval, |call| each(call, scale))
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

/// An interval of a column's type as months, days and time.
pub(crate) fn as_parts(interval: Expr) -> Expr {
    Function::new("__interval_parts", &[Parameter::Any], Returns::Interval, |call| {
        let (intervals, constant) = call.array(0)?;
        let parts = interval_parts(&intervals)?;
        call.build::<IntervalMonthDayNanoType>(|row| Ok(Some(parts.value(if constant { 0 } else { row }))))
    })
    .udf()
    .call(vec![interval])
}

fn each(
    call: &Call<'_>,
    value: fn(IntervalMonthDayNano, f64) -> Result<IntervalMonthDayNano>,
) -> Result<arrow::array::ArrayRef> {
    let (intervals, constant) = call.array(0)?;
    let intervals = interval_parts(&intervals)?;
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
