//! `DATE_PART_YEAR(date)`: the year, an INTEGER.

use arrow::datatypes::Int32Type;
use dwh_common::RedshiftType;

use super::calendar;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const FUNCTION: Function =
    Function::new("date_part_year", &[Parameter::DateTime], Returns::Type(RedshiftType::Integer), |call| {
        let dates = call.date(0)?;
        call.build::<Int32Type>(|row| Ok(Some(calendar::civil(dates.at(row)).year)))
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn the_year_of_a_date() {
        assert_values(&[
            ("date_part_year(DATE '2008-01-01')", "2008"),
            ("date_part_year('2022-05-02')", "2022"),
        ]);
    }
}
