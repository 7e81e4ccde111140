//! `DATE ± n`, `TIMESTAMP ± n`, `DATE + TIMETZ`, `DATE - DATE` and `TIMESTAMP - TIMESTAMP` (RS 4.2).

use arrow::array::{ArrayRef, cast::AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Int32Type, IntervalMonthDayNano, IntervalMonthDayNanoType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, ScalarUDF};
use dwh_common::{RedshiftType, SqlState};

use super::calendar::MICROS_PER_DAY;
use super::parse::zoned_time;
use super::part::Part;
use crate::functions::args::Call;
use crate::functions::cast::interval_parts;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

const DATE: Returns = Returns::Type(RedshiftType::Date);

/// `date + days`.
pub(crate) fn date_plus_days(date: Expr, days: Expr) -> Expr {
    Function::new("__date_plus_days", &[Parameter::DateTime, Parameter::Integer], DATE, |call| shift(call, 1))
        .udf()
        .call(vec![date, days])
}

/// `date - days`.
pub(crate) fn date_minus_days(date: Expr, days: Expr) -> Expr {
    Function::new("__date_minus_days", &[Parameter::DateTime, Parameter::Integer], DATE, |call| {
        shift(call, -1)
    })
    .udf()
    .call(vec![date, days])
}

/// `timestamp + days`.
pub(crate) fn timestamp_plus_days(timestamp: Expr, days: Expr) -> Expr {
    timestamp_shift("__timestamp_plus_days", |call| shift_timestamp(call, 1)).call(vec![timestamp, days])
}

/// `timestamp - days`.
pub(crate) fn timestamp_minus_days(timestamp: Expr, days: Expr) -> Expr {
    timestamp_shift("__timestamp_minus_days", |call| shift_timestamp(call, -1)).call(vec![timestamp, days])
}

fn timestamp_shift(name: &'static str, body: fn(&Call<'_>) -> Result<ArrayRef>) -> ScalarUDF {
    let timestamp = Returns::Type(RedshiftType::Timestamp);
    Function::new(name, &[Parameter::DateTime, Parameter::Integer], timestamp, body).udf()
}

fn shift_timestamp(call: &Call<'_>, sign: i64) -> Result<ArrayRef> {
    let (timestamps, days) = (call.timestamp(0)?, call.integer(1)?);
    call.build::<TimestampMicrosecondType>(|row| {
        let days = days.at(row).checked_mul(sign);
        let shifted = days.and_then(|days| Part::Day.add(timestamps.at(row), days));
        shifted.map(Some).ok_or_else(out_of_range)
    })
}

/// `date + timetz`: a TIMESTAMPTZ. The time is a value, or the text of a literal, whose date is that of its own zone.
pub(crate) fn date_plus_timetz(date: Expr, time: Expr) -> Expr {
    let moment = Returns::Type(RedshiftType::TimestampTz);
    Function::new("__date_plus_timetz", &[Parameter::DateTime, Parameter::Any], moment, |call| {
        let dates = call.date(0)?;
        let midnight = |row| i64::from(dates.at(row)) * MICROS_PER_DAY;
        if matches!(call.data_type(1), DataType::Time64(_)) {
            let (times, constant) = call.array(1)?;
            let utc = times.as_primitive::<Time64NanosecondType>();
            return call.build::<TimestampMicrosecondType>(|row| {
                Ok(Some(midnight(row) + utc.value(if constant { 0 } else { row }) / 1_000))
            });
        }
        let (texts, style) = (call.text(1)?, call.text_style());
        call.build::<TimestampMicrosecondType>(|row| {
            let (local, zone) = zoned_time(texts.at(row), &style)?;
            Ok(Some(zone.utc_of_local(midnight(row) + local.rem_euclid(MICROS_PER_DAY))))
        })
    })
    .udf()
    .call(vec![date, time])
}

fn shift(call: &Call<'_>, sign: i64) -> Result<ArrayRef> {
    let (dates, days) = (call.date(0)?, call.integer(1)?);
    call.build::<Date32Type>(|row| {
        let shifted = days.at(row).checked_mul(sign).and_then(|n| n.checked_add(i64::from(dates.at(row))));
        shifted.and_then(|day| i32::try_from(day).ok()).map(Some).ok_or_else(out_of_range)
    })
}

/// 22008 for a date that Redshift cannot hold.
pub(super) fn out_of_range() -> DataFusionError {
    sql_err(SqlState::DatetimeFieldOverflow, "timestamp out of range")
}

/// `left - right` of two dates: days.
pub(crate) fn days_between(left: Expr, right: Expr) -> Expr {
    Function::new(
        "__days_between",
        &[Parameter::DateTime, Parameter::DateTime],
        Returns::Type(RedshiftType::Integer),
        |call| {
            let (left, right) = (call.date(0)?, call.date(1)?);
            call.build::<Int32Type>(|row| Ok(Some(left.at(row) - right.at(row))))
        },
    )
    .udf()
    .call(vec![left, right])
}

/// `moment + interval` of a TIMESTAMPTZ: months and days by the calendar of the session's zone, time by the clock.
pub(crate) fn zoned_plus_interval(moment: Expr, interval: Expr) -> Expr {
    zoned_shift("__zoned_plus_interval", |call| shift_zoned(call, 1)).call(vec![moment, interval])
}

/// `moment - interval` of a TIMESTAMPTZ.
pub(crate) fn zoned_minus_interval(moment: Expr, interval: Expr) -> Expr {
    zoned_shift("__zoned_minus_interval", |call| shift_zoned(call, -1)).call(vec![moment, interval])
}

fn zoned_shift(name: &'static str, body: fn(&Call<'_>) -> Result<ArrayRef>) -> ScalarUDF {
    let moment = Returns::Type(RedshiftType::TimestampTz);
    Function::new(name, &[Parameter::DateTime, Parameter::Any], moment, body).udf()
}

fn shift_zoned(call: &Call<'_>, sign: i64) -> Result<ArrayRef> {
    let (local, zone) = (call.timestamp(0)?, call.text_style().zone);
    let (intervals, constant) = call.array(1)?;
    let intervals = interval_parts(&intervals)?;
    let utc = call.instant(0)?;
    call.build::<TimestampMicrosecondType>(|row| {
        let interval = intervals.value(if constant { 0 } else { row });
        let moved = match (interval.months, interval.days) {
            (0, 0) => Some(utc.at(row)),
            (months, days) => Part::Month
                .add(local.at(row), sign * i64::from(months))
                .and_then(|moved| Part::Day.add(moved, sign * i64::from(days)))
                .map(|local| zone.utc_of_local(local)),
        };
        let moved = moved.and_then(|moved| moved.checked_add(sign * (interval.nanoseconds / 1_000)));
        moved.map(Some).ok_or_else(out_of_range)
    })
}

/// `left - right` of two timestamps: an interval of days and time.
pub(crate) fn time_between(left: Expr, right: Expr) -> Expr {
    Function::new("__time_between", &[Parameter::DateTime, Parameter::DateTime], Returns::Interval, |call| {
        let [left, right] = call.pair(0, 1)?;
        call.build::<IntervalMonthDayNanoType>(|row| {
            let micros = left.at(row).checked_sub(right.at(row)).ok_or_else(out_of_range)?;
            let days = i32::try_from(micros / MICROS_PER_DAY).map_err(|_| out_of_range())?;
            Ok(Some(IntervalMonthDayNano::new(0, days, micros % MICROS_PER_DAY * 1_000)))
        })
    })
    .udf()
    .call(vec![left, right])
}
