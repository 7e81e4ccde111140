//! `TRUNC(timestamp)` is its date, `TRUNC(number [, places])` drops digits (RS 4.2).

use arrow::datatypes::{DataType, Date32Type};
use dwh_common::RedshiftType;

use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};
use crate::functions::number::{rounded_type, truncate};

pub(super) const FUNCTION: Function = Function {
    optional: 1,
    ..Function::new(
        "trunc",
        &[Parameter::Any, Parameter::Integer],
        Returns::Of(|types: &ArgumentTypes<'_>| match types.data_type(0) {
            DataType::Date32 | DataType::Timestamp(_, _) => Ok(RedshiftType::Date),
            _ => rounded_type(types),
        }),
        |call| {
            if *call.return_type() != DataType::Date32 {
                return truncate(call);
            }
            let days = call.date(0)?;
            call.build::<Date32Type>(|row| Ok(Some(days.at(row))))
        },
    )
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn timestamps_become_dates_and_numbers_lose_digits() {
        assert_values(&[
            ("trunc(TIMESTAMP '2011-07-21 10:32:38.248109')", "2011-07-21"),
            ("trunc(111.86)", "111"),
            ("trunc(-111.86)", "-111"),
            ("trunc(111.86, 1)", "111.8"),
            ("trunc(111.15, -1)", "110"),
            ("trunc(111.86::float8, 1)", "111.8"),
            ("trunc(1986.5::float8, -2)", "1900"),
            ("trunc(7)", "7"),
        ]);
    }
}
