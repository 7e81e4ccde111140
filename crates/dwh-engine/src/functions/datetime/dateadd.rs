//! `DATEADD(part, n, x)`: a TIMESTAMP, also from a DATE (RS 4.2).

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Time64MicrosecondType, TimestampMicrosecondType};
use datafusion::error::Result;
use dwh_common::RedshiftType;

use super::arithmetic::out_of_range;
use super::calendar::MICROS_PER_DAY;
use super::date_part::part;
use super::part::Part;
use super::unit_not_supported;
use crate::functions::args::Call;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    aliases: &["date_add"],
    ..Function::new(
        "dateadd",
        &[Parameter::Text, Parameter::Integer, Parameter::Moment],
        Returns::Of(|types: &ArgumentTypes<'_>| {
            Ok(match types.redshift_type(2) {
                kept @ (RedshiftType::TimestampTz | RedshiftType::Time) => kept,
                _ => RedshiftType::Timestamp,
            })
        }),
        |call| {
            let (part, counts) = (part(call)?, call.integer(1)?);
            if matches!(call.data_type(2), DataType::Time64(_)) {
                return add_to_times(call, part);
            }
            let moments = call.timestamp(2)?;
            call.build::<TimestampMicrosecondType>(|row| {
                part.add(moments.at(row), counts.at(row)).map(Some).ok_or_else(out_of_range)
            })
        },
    )
};

/// A time of day runs over midnight, and has no parts longer than an hour.
fn add_to_times(call: &Call<'_>, part: Part) -> Result<ArrayRef> {
    if !part.is_of_time() {
        return Err(unit_not_supported(part));
    }
    let (counts, times) = (call.integer(1)?, call.moment(2)?);
    call.build::<Time64MicrosecondType>(|row| {
        let moved = part.add(times.at(row), counts.at(row)).ok_or_else(out_of_range)?;
        Ok(Some(moved.rem_euclid(MICROS_PER_DAY)))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn dateadd_follows_the_guide() {
        assert_values(&[
            ("dateadd('day', 30, DATE '2008-11-15')", "2008-12-15 00:00:00"),
            ("dateadd('month', 18, DATE '2008-02-28')", "2009-08-28 00:00:00"),
            ("dateadd('month', 1, DATE '2008-01-31')", "2008-02-29 00:00:00"),
            ("dateadd('m', 4, TIMESTAMP '2018-11-15 08:00:00')", "2018-11-15 08:04:00"),
            ("dateadd('second', 1541121934, TIMESTAMP '1970-01-01')", "2018-11-02 01:25:34"),
            ("date_add('ms', 1541121934796, '1970-01-01')", "2018-11-02 01:25:34.796"),
            ("dateadd('year', -1, DATE '2008-02-29')", "2007-03-01 00:00:00"),
            ("dateadd('month', 12, DATE '2016-02-29')", "2017-02-28 00:00:00"),
            ("dateadd('hour', 12, TIME '13:24:55')", "01:24:55"),
            ("dateadd('month', 1, TIME '13:24:55')", "error: timestamp units \"month\" not supported"),
            ("dateadd('week', 2, CAST(NULL AS DATE))", "NULL"),
        ]);
    }
}
