//! Conversion to the INTERVAL types, and every interval as months, days and time.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, DurationMicrosecondArray, IntervalMonthDayNanoArray, IntervalYearMonthArray,
    cast::AsArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, DurationMicrosecondType, Int32Type, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit as ArrowInterval, IntervalYearMonthType, TimeUnit,
};
use datafusion::error::Result;
use dwh_common::interval::{Amount, parse};
use dwh_common::{IntervalUnit, RedshiftType, SqlState};

use super::{cannot_cast, is_text, text};
use crate::functions::datetime::calendar::MICROS_PER_DAY;
use crate::functions::error::{external, sql_err};
use crate::functions::hll::sketch_texts;
use crate::functions::spatial::geometry_texts;

/// An array as one of the INTERVAL types; months in one of days and seconds are an error if `forbids_months`.
pub(super) fn to_interval(array: &ArrayRef, unit: IntervalUnit, forbids_months: bool) -> Result<ArrayRef> {
    let to = RedshiftType::Interval(unit);
    match array.data_type() {
        from if is_text(from) => {
            let texts = text::plain(array)?;
            let amount = |text: &str| parse(text, Some(unit.name())).map_err(external);
            of_amounts(texts.iter().map(|text| text.map(amount).transpose()), unit, forbids_months)
        }
        DataType::Interval(_) | DataType::Duration(_) => {
            let parts = interval_parts(array)?;
            let amount = |parts: IntervalMonthDayNano| Amount {
                months: i128::from(parts.months),
                days: i128::from(parts.days),
                micros: i128::from(parts.nanoseconds / 1_000),
            };
            of_amounts(parts.iter().map(|parts| Ok(parts.map(amount))), unit, forbids_months)
        }
        from => Err(cannot_cast(from, to)),
    }
}

fn of_amounts(
    amounts: impl Iterator<Item = Result<Option<Amount>>>,
    unit: IntervalUnit,
    forbids_months: bool,
) -> Result<ArrayRef> {
    let out_of_range = || sql_err(SqlState::DatetimeFieldOverflow, "interval out of range");
    if unit.is_year_to_month() {
        let months = |amount: Amount| amount.as_months(unit).ok_or_else(out_of_range);
        let values = amounts.map(|amount| amount?.map(months).transpose());
        return Ok(Arc::new(values.collect::<Result<IntervalYearMonthArray>>()?));
    }
    let micros = |amount: Amount| {
        let amount = if forbids_months { amount } else { amount.without_months() };
        amount.as_micros(unit).map_err(external)?.ok_or_else(out_of_range)
    };
    let values = amounts.map(|amount| amount?.map(micros).transpose());
    Ok(Arc::new(values.collect::<Result<DurationMicrosecondArray>>()?))
}

/// Intervals of any type as months, days and time; a duration has less than a day of time.
pub(crate) fn interval_parts(array: &ArrayRef) -> Result<IntervalMonthDayNanoArray> {
    Ok(match array.data_type() {
        DataType::Interval(ArrowInterval::YearMonth) => array
            .as_primitive::<IntervalYearMonthType>()
            .unary(|months| IntervalMonthDayNano::new(months, 0, 0)),
        DataType::Duration(_) => {
            let micros = cast(array, &DataType::Duration(TimeUnit::Microsecond))?;
            // 64 bits of microseconds are fewer days than 32 bits hold.
            micros.as_primitive::<DurationMicrosecondType>().unary(|micros| {
                let (days, rest) = (micros / MICROS_PER_DAY, micros % MICROS_PER_DAY);
                IntervalMonthDayNano::new(0, days as i32, rest * 1_000)
            })
        }
        _ => {
            let intervals = cast(array, &DataType::Interval(ArrowInterval::MonthDayNano))?;
            intervals.as_primitive::<IntervalMonthDayNanoType>().clone()
        }
    })
}

/// What storage keeps of an INTERVAL, a TIMETZ, an HLLSKETCH or a GEOMETRY; other arrays stay as plans hold them.
pub(crate) fn stored(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Interval(ArrowInterval::YearMonth) => {
            Arc::new(array.as_primitive::<IntervalYearMonthType>().unary::<_, Int32Type>(|months| months))
        }
        DataType::Duration(TimeUnit::Microsecond) => cast(array, &DataType::Int64)?,
        DataType::LargeBinary => Arc::new(sketch_texts(array)),
        DataType::BinaryView => Arc::new(geometry_texts(array)),
        DataType::Time64(TimeUnit::Nanosecond) => cast(array, &DataType::Time64(TimeUnit::Microsecond))?,
        _ => Arc::clone(array),
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    /// The guide's "Interval data types and literals".
    #[test]
    fn what_is_less_than_the_qualifier_is_left_out() {
        assert_values(&[
            ("INTERVAL '1 day 1 hour 1 minute 1.123 seconds' MINUTE", "1 day 01:01:00"),
            ("INTERVAL '23' MONTH", "1 year 11 mons"),
            ("INTERVAL '-2' DAY", "-2 days"),
            ("INTERVAL '1-2' MONTH", "1 year 2 mons"),
            ("INTERVAL '13 day 1 hour 1 minute 1.123 seconds' SECOND", "13 days 01:01:01.123"),
            ("INTERVAL '1.234567' SECOND (3)", "00:00:01.235"),
            ("INTERVAL '2 years 7 months' YEAR", "2 years"),
            ("'5'::INTERVAL DAY", "5 days"),
            ("CAST(INTERVAL '1 year 2 months' AS INTERVAL YEAR TO MONTH)", "1 year 2 mons"),
            (
                "INTERVAL '1 month' DAY",
                "error: Interval Day To Second literal cannot contain year-month parts. Disable the GUC interval_forbid_composite_literals to suppress this error and silently discard the year-month part.",
            ),
            ("CAST(INTERVAL '25' HOUR AS VARCHAR)", "1 day 01:00:00"),
        ]);
    }

    #[test]
    fn arithmetic_keeps_the_type() {
        assert_values(&[
            ("INTERVAL '1' YEAR + INTERVAL '2' MONTH", "1 year 2 mons"),
            ("INTERVAL '1' DAY - INTERVAL '1' HOUR", "23:00:00"),
            ("INTERVAL '2' DAY * 1.5", "3 days"),
            ("INTERVAL '3' HOUR / 2", "01:30:00"),
            ("DATE '2023-01-31' + INTERVAL '1' MONTH", "2023-02-28 00:00:00"),
            ("TIMESTAMP '2023-01-31 10:00' - INTERVAL '1 2' DAY TO HOUR", "2023-01-30 08:00:00"),
            ("INTERVAL '1' DAY + TIMESTAMP '2023-01-31 10:00'", "2023-02-01 10:00:00"),
            ("INTERVAL '25' HOUR > INTERVAL '1' DAY", "t"),
            ("INTERVAL '13' MONTH = INTERVAL '1-1' YEAR TO MONTH", "t"),
            ("INTERVAL '31 days' > INTERVAL '1 month'", "t"),
            ("INTERVAL '30 days' = INTERVAL '1 month'", "t"),
        ]);
    }
}
