//! `DATEADD(part, n, x)`: a TIMESTAMP, also from a DATE (RS 4.2).

use arrow::datatypes::TimestampMicrosecondType;
use dwh_common::RedshiftType;

use super::arithmetic::out_of_range;
use super::date_part::part;
use crate::functions::function::{ArgumentTypes, Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    aliases: &["date_add"],
    ..Function::new(
        "dateadd",
        &[Parameter::Text, Parameter::Integer, Parameter::DateTime],
        Returns::Of(|types: &ArgumentTypes<'_>| {
            Ok(match types.redshift_type(2) {
                RedshiftType::TimestampTz => RedshiftType::TimestampTz,
                _ => RedshiftType::Timestamp,
            })
        }),
        |call| {
            let (part, counts, moments) = (part(call)?, call.integer(1)?, call.timestamp(2)?);
            call.build::<TimestampMicrosecondType>(|row| {
                part.add(moments.at(row), counts.at(row)).map(Some).ok_or_else(out_of_range)
            })
        },
    )
};

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
            ("dateadd('year', -1, DATE '2008-02-29')", "2007-02-28 00:00:00"),
            ("dateadd('week', 2, CAST(NULL AS DATE))", "NULL"),
        ]);
    }
}
