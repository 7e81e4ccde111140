//! `DATEDIFF(part, a, b)`: boundaries crossed from a to b, a BIGINT (RS 4.2).

use arrow::datatypes::{DataType, Int64Type};
use dwh_common::RedshiftType;

use super::date_part::part;
use super::unit_not_supported;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function = Function {
    aliases: &["date_diff"],
    ..Function::new(
        "datediff",
        &[Parameter::Text, Parameter::Moment, Parameter::Moment],
        Returns::Type(RedshiftType::BigInt),
        |call| {
            let (part, from, to) = (part(call)?, call.moment(1)?, call.moment(2)?);
            let of_time = [1, 2].into_iter().any(|i| matches!(call.data_type(i), DataType::Time64(_)));
            if of_time && !part.is_of_time() {
                return Err(unit_not_supported(part));
            }
            call.build::<Int64Type>(|row| {
                part.boundaries(from.at(row), to.at(row)).map(Some).ok_or_else(|| unit_not_supported(part))
            })
        },
    )
};

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn datediff_counts_boundaries() {
        assert_values(&[
            ("datediff('week', DATE '2009-01-01', DATE '2009-12-31')", "52"),
            // RS 4.2, run on Redshift.
            ("datediff('week', DATE '2019-12-31', DATE '2020-01-06')", "1"),
            ("datediff('week', DATE '2019-12-31', DATE '2020-01-02')", "0"),
            ("datediff('week', DATE '2019-12-31', DATE '2019-12-27')", "-1"),
            ("datediff('week', DATE '2019-12-31', DATE '2019-12-30')", "0"),
            ("datediff('qtr', DATE '1998-07-01', DATE '2009-01-01')", "42"),
            ("datediff('year', DATE '2018-12-31', DATE '2019-01-01')", "1"),
            ("date_diff('hour', TIMESTAMP '2018-11-15 08:59:59', TIMESTAMP '2018-11-15 09:00:00')", "1"),
            ("datediff('minute', TIME '20:00:00', TIME '21:00:00')", "60"),
            ("datediff('day', '2018-11-01', '2018-11-30 23:00:00')", "29"),
        ]);
    }
}
