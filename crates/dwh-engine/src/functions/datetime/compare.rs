//! `DATE_CMP`, `TIMESTAMP_CMP` and their kin: -1, 0 or 1 (RS 4.2).

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use crate::functions::args::Call;
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
        let (left, right) = (call.timestamp(0)?, call.timestamp(1)?);
        call.build::<Int32Type>(|row| Ok(Some(left.at(row).cmp(&right.at(row)) as i32)))
    });
    let others = NAMES.iter().map(|name| Function { name, ..timestamps });
    [dates, timestamps, Function { name: "date_cmp_timestamptz", ..timestamps }]
        .into_iter()
        .chain(others)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn comparisons_give_a_sign() {
        assert_values(&[
            ("date_cmp('2008-01-01', '2008-01-04')", "-1"),
            ("timestamp_cmp('2008-01-24 06:43:29', '2008-01-24 06:43:29')", "0"),
            ("date_cmp_timestamp('2008-06-18', '2008-06-17 23:59:59')", "1"),
        ]);
    }
}
