//! `DATEADD(part, n, x)`: a TIMESTAMP, also from a DATE (RS 4.2).

use arrow::array::{ArrayRef, cast::AsArray};
use arrow::datatypes::{DataType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType};
use datafusion::error::{DataFusionError, Result};
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
                kept @ (RedshiftType::TimestampTz | RedshiftType::Time | RedshiftType::TimeTz) => kept,
                _ => RedshiftType::Timestamp,
            })
        }),
        |call| {
            let (part, counts) = (part(call)?, call.integer(1)?);
            if matches!(call.data_type(2), DataType::Time64(_)) {
                return add_to_times(call, part);
            }
            // Days and longer parts are those of the session's calendar.
            if call.is_zoned(2) && !part.is_of_time() {
                let (local, zone) = (call.timestamp(2)?, call.text_style().zone);
                return call.build::<TimestampMicrosecondType>(|row| {
                    let moved = part.add(local.at(row), counts.at(row)).ok_or_else(out_of_range)?;
                    Ok(Some(zone.utc_of_local(moved)))
                });
            }
            let moments = if call.is_zoned(2) { call.instant(2)? } else { call.timestamp(2)? };
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
    let counts = call.integer(1)?;
    let moved = |time: i64, row| {
        let moved = part.add(time, counts.at(row)).ok_or_else(out_of_range)?;
        Ok::<_, DataFusionError>(moved.rem_euclid(MICROS_PER_DAY))
    };
    if call.data_type(2) == RedshiftType::TimeTz.planned_type() {
        let (array, constant) = call.array(2)?;
        let utc = array.as_primitive::<Time64NanosecondType>();
        return call.build::<Time64NanosecondType>(|row| {
            moved(utc.value(if constant { 0 } else { row }) / 1_000, row).map(|micros| Some(micros * 1_000))
        });
    }
    let times = call.moment(2)?;
    call.build::<Time64MicrosecondType>(|row| moved(times.at(row), row).map(Some))
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
            ("dateadd('hour', 2, TIMETZ '13:24:55 PST')", "23:24:55+00"),
            ("dateadd('minute', 5, TIMETZ '05:58:00+00')", "06:03:00+00"),
            ("dateadd('month', 1, TIME '13:24:55')", "error: timestamp units \"month\" not supported"),
            ("dateadd('week', 2, CAST(NULL AS DATE))", "NULL"),
        ]);
    }
}
