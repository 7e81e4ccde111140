//! `DATE_CMP`, `TIMESTAMP_CMP` and their kin: -1, 0 or 1 (RS 4.2).

use arrow::datatypes::{Int32Type, IntervalMonthDayNano};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use dwh_common::RedshiftType;

use super::calendar::MICROS_PER_DAY;
use crate::functions::args::Call;
use crate::functions::cast::interval_parts;
use crate::functions::function::{Function, Parameter, Returns};

const NAMES: [&str; 6] = [
    "timestamp_cmp",
    "timestamp_cmp_date",
    "timestamp_cmp_timestamptz",
    "timestamptz_cmp",
    "timestamptz_cmp_date",
    "timestamptz_cmp_timestamp",
];

/// The family: dates compare as dates, all else as timestamps.
pub(super) fn functions() -> Vec<Function> {
    let parameters = &[Parameter::DateTime, Parameter::DateTime];
    let integer = Returns::Type(RedshiftType::Integer);
    let dates = Function::new("date_cmp", parameters, integer, |call: &Call<'_>| {
        let (left, right) = (call.date(0)?, call.date(1)?);
        call.build::<Int32Type>(|row| Ok(Some(left.at(row).cmp(&right.at(row)) as i32)))
    });
    let timestamps = Function::new("date_cmp_timestamp", parameters, integer, |call: &Call<'_>| {
        // A TIMESTAMP beside a TIMESTAMPTZ is one by the clock of the session's zone.
        let zoned = |index| is_zoned(call.name(), index) || call.is_zoned(index);
        let (left_zoned, right_zoned, zone) = (zoned(0), zoned(1), call.text_style().zone);
        let moments = |index, zoned| if zoned { call.instant(index) } else { call.timestamp(index) };
        let (left, right) = (moments(0, left_zoned)?, moments(1, right_zoned)?);
        let utc = |moment, zoned| match zoned || !(left_zoned || right_zoned) {
            true => moment,
            false => zone.utc_of_local(moment),
        };
        call.build::<Int32Type>(|row| {
            let (left, right) = (utc(left.at(row), left_zoned), utc(right.at(row), right_zoned));
            Ok(Some(left.cmp(&right) as i32))
        })
    });
    let others = NAMES.iter().map(|name| Function { name, ..timestamps });
    [dates, timestamps, Function { name: "date_cmp_timestamptz", ..timestamps }]
        .into_iter()
        .chain(others)
        .chain([INTERVAL_CMP])
        .collect()
}

/// Whether an argument is a TIMESTAMPTZ by the function's name: in a text of one a zone counts.
fn is_zoned(name: &str, index: usize) -> bool {
    match index {
        0 => name.starts_with("timestamptz_"),
        _ => name == "timestamptz_cmp" || name.ends_with("_timestamptz"),
    }
}

/// The comparison of two intervals of any type.
pub(crate) fn compare_intervals(left: Expr, right: Expr) -> Expr {
    INTERVAL_CMP.udf().call(vec![left, right])
}

/// Intervals compare as their lengths, a month of 30 days and a day of 24 hours.
const INTERVAL_CMP: Function = Function::new(
    "interval_cmp",
    &[Parameter::Moment, Parameter::Moment],
    Returns::Type(RedshiftType::Integer),
    |call| {
        let lengths = |index| -> Result<Vec<i128>> {
            let intervals = interval_parts(&call.array(index)?.0)?;
            Ok(intervals.values().iter().map(length_nanos).collect())
        };
        let (left, right) = (lengths(0)?, lengths(1)?);
        let at = |lengths: &[i128], row: usize| lengths.get(row).or(lengths.first()).copied();
        call.build::<Int32Type>(|row| Ok(Some(at(&left, row).cmp(&at(&right, row)) as i32)))
    },
);

fn length_nanos(interval: &IntervalMonthDayNano) -> i128 {
    const NANOS_PER_DAY: i128 = MICROS_PER_DAY as i128 * 1_000;
    (i128::from(interval.months) * 30 + i128::from(interval.days)) * NANOS_PER_DAY
        + i128::from(interval.nanoseconds)
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn comparisons_give_a_sign() {
        assert_values(&[
            ("date_cmp('2008-01-01', '2008-01-04')", "-1"),
            ("timestamp_cmp('2008-01-24 06:43:29', '2008-01-24 06:43:29')", "0"),
            ("timestamp_cmp('2008-01-24 06:43:29+00', '2008-01-24 06:43:29+02')", "0"),
            ("timestamptz_cmp('2008-01-24 06:43:29+00', '2008-01-24 06:43:29+02')", "1"),
            ("date_cmp_timestamp('2008-06-18', '2008-06-17 23:59:59')", "1"),
            ("interval_cmp('3 days', '1 year')", "-1"),
            ("interval_cmp('7 days', '1 week')", "0"),
        ]);
    }
}
