//! `TRUNC(timestamp)` is its date, `TRUNC(number [, places])` drops digits (RS 4.2).

use arrow::array::{ArrayRef, cast::AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use crate::functions::args::Call;
use crate::functions::cast::{Rule, decimal_overflow, rescale};
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    optional: 1,
    ..Function::new(
        "trunc",
        &[Parameter::Any, Parameter::Integer],
        Returns::Of(|types: &ArgumentTypes<'_>| {
            Ok(match types.redshift_type(0) {
                RedshiftType::Date | RedshiftType::Timestamp | RedshiftType::TimestampTz => {
                    RedshiftType::Date
                }
                number if number.is_integer() => number,
                numeric @ RedshiftType::Decimal { .. } => numeric,
                _ => RedshiftType::Double,
            })
        }),
        trunc,
    )
};

fn trunc(call: &Call<'_>) -> Result<ArrayRef> {
    match *call.return_type() {
        DataType::Date32 => {
            let days = call.date(0)?;
            call.build::<Date32Type>(|row| Ok(Some(days.at(row))))
        }
        DataType::Decimal128(_, scale) => {
            let values = call.array(0)?.0;
            let (values, constant) = (values.as_primitive::<Decimal128Type>(), call.array(0)?.1);
            let places = call.integer_or(1, 0)?;
            call.build::<Decimal128Type>(|row| {
                let value = values.value(if constant { 0 } else { row });
                let kept = places.at(row).clamp(-38, i64::from(scale)) as i8;
                rescale(value, scale, kept, Rule::Truncate)
                    .and_then(|cut| rescale(cut, kept, scale, Rule::Truncate))
                    .map(Some)
                    .ok_or_else(decimal_overflow)
            })
        }
        DataType::Float64 => {
            let (values, places) = (call.double(0)?, call.integer_or(1, 0)?);
            call.build::<Float64Type>(|row| {
                let factor = 10f64.powi(places.at(row).clamp(-300, 300) as i32);
                Ok(Some((values.at(row) * factor).trunc() / factor))
            })
        }
        // A whole number has nothing behind its point.
        _ => call.converted(0, call.redshift_type(0).unwrap_or(RedshiftType::BigInt)),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn timestamps_become_dates_and_numbers_lose_digits() {
        assert_values(&[
            ("trunc(TIMESTAMP '2011-07-21 10:32:38.248109')", "2011-07-21"),
            ("trunc(111.86)", "111.00"),
            ("trunc(-111.86)", "-111.00"),
            ("trunc(111.86, 1)", "111.80"),
            ("trunc(111.86::float8, 1)", "111.8"),
            ("trunc(1986.5::float8, -2)", "1900"),
            ("trunc(7)", "7"),
        ]);
    }
}
