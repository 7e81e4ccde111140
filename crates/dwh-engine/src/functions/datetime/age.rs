//! Functions of PostgreSQL that run on Redshift's leader node only: `AGE` and `ISFINITE`.

use arrow::datatypes::{IntervalMonthDayNano, IntervalMonthDayNanoType};
use dwh_common::RedshiftType;

use super::calendar::{self, MICROS_PER_DAY};
use crate::functions::function::{Function, Parameter, Returns};

/// Years, months, days and time between two timestamps, as PostgreSQL counts them.
pub(super) const AGE: Function =
    Function::new("age", &[Parameter::DateTime, Parameter::DateTime], Returns::Interval, |call| {
        let (later, earlier) = (call.timestamp(0)?, call.timestamp(1)?);
        call.build::<IntervalMonthDayNanoType>(|row| Ok(Some(age(later.at(row), earlier.at(row)))))
    });

/// A timestamp minus an earlier one; the other way round everything is negative.
fn age(later: i64, earlier: i64) -> IntervalMonthDayNano {
    if later < earlier {
        let positive = age(earlier, later);
        return IntervalMonthDayNano::new(-positive.months, -positive.days, -positive.nanoseconds);
    }
    let (to, from) = (
        calendar::civil(calendar::days_of_micros(later)),
        calendar::civil(calendar::days_of_micros(earlier)),
    );
    let mut months = (to.year - from.year) * 12 + to.month as i32 - from.month as i32;
    let mut days = to.day as i32 - from.day as i32;
    let mut micros = later.rem_euclid(MICROS_PER_DAY) - earlier.rem_euclid(MICROS_PER_DAY);
    if micros < 0 {
        micros += MICROS_PER_DAY;
        days -= 1;
    }
    if days < 0 {
        days += calendar::days_in_month(from.year, from.month) as i32;
        months -= 1;
    }
    IntervalMonthDayNano::new(months, days, micros * 1_000)
}

/// No date or timestamp is infinite.
pub(super) const ISFINITE: Function =
    Function::new("isfinite", &[Parameter::Moment], Returns::Type(RedshiftType::Boolean), |call| {
        call.build_boolean(|_| Ok(Some(true)))
    });

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn ages_are_those_of_postgresql() {
        assert_values(&[
            ("age(TIMESTAMP '2001-04-10', TIMESTAMP '1957-06-13')", "43 years 9 mons 27 days"),
            ("age(TIMESTAMP '2008-01-01', TIMESTAMP '2008-01-02 01:00:00')", "-1 days -01:00:00"),
            ("isfinite(DATE '2001-02-16')", "t"),
        ]);
    }
}
