//! `LAST_DAY`, `NEXT_DAY`, `ADD_MONTHS` and `MONTHS_BETWEEN` (RS 4.2).

use arrow::datatypes::{Date32Type, Float64Type, TimestampMicrosecondType};
use dwh_common::{RedshiftType, SqlState};

use super::calendar::{self, Civil, MICROS_PER_DAY};
use super::parse::WEEKDAYS;
use crate::functions::error::sql_err;
use crate::functions::function::{Function, Parameter, Returns};

pub(super) const LAST_DAY: Function =
    Function::new("last_day", &[Parameter::DateTime], Returns::Type(RedshiftType::Date), |call| {
        let dates = call.date(0)?;
        call.build::<Date32Type>(|row| {
            let Civil { year, month, .. } = calendar::civil(dates.at(row));
            Ok(Some(calendar::days(year, month, calendar::days_in_month(year, month))))
        })
    });

pub(super) const NEXT_DAY: Function = Function::new(
    "next_day",
    &[Parameter::DateTime, Parameter::Text],
    Returns::Type(RedshiftType::Date),
    |call| {
        let (dates, names) = (call.date(0)?, call.text(1)?);
        call.build::<Date32Type>(|row| {
            let name = names.at(row).trim().to_lowercase();
            let wanted = match name.as_str() {
                // The one-letter names of the guide.
                "m" => Some(1),
                "w" => Some(3),
                "f" => Some(5),
                _ if name.len() < 2 => None,
                _ => WEEKDAYS.iter().position(|weekday| weekday.starts_with(&name)),
            };
            let Some(wanted) = wanted else {
                return Err(sql_err(
                    SqlState::InvalidParameterValue,
                    format!("\"{}\" is not a day of the week", names.at(row)),
                ));
            };
            let date = dates.at(row);
            Ok(Some(date + (wanted as i32 - calendar::weekday(date) - 1).rem_euclid(7) + 1))
        })
    },
);

/// The last day of a month stays the last day.
pub(super) const ADD_MONTHS: Function = Function::new(
    "add_months",
    &[Parameter::DateTime, Parameter::Integer],
    Returns::Type(RedshiftType::Timestamp),
    |call| {
        let (moments, months) = (call.timestamp(0)?, call.integer(1)?);
        call.build::<TimestampMicrosecondType>(|row| {
            let moment = moments.at(row);
            let day = calendar::days_of_micros(moment);
            let moved = calendar::add_months(day, months.at(row).clamp(-7_200_000, 7_200_000));
            let Civil { year, month, .. } = calendar::civil(moved);
            let moved = if is_last_day(day) {
                calendar::days(year, month, calendar::days_in_month(year, month))
            } else {
                moved
            };
            Ok(Some(calendar::micros_of_days(moved) + moment.rem_euclid(MICROS_PER_DAY)))
        })
    },
);

fn is_last_day(day: i32) -> bool {
    calendar::civil(day + 1).day == 1
}

/// Whole months plus the rest in months of 31 days.
pub(super) const MONTHS_BETWEEN: Function = Function::new(
    "months_between",
    &[Parameter::DateTime, Parameter::DateTime],
    Returns::Type(RedshiftType::Double),
    |call| {
        let (left, right) = (call.timestamp(0)?, call.timestamp(1)?);
        call.build::<Float64Type>(|row| {
            let (left, right) = (left.at(row), right.at(row));
            let (left_day, right_day) = (calendar::days_of_micros(left), calendar::days_of_micros(right));
            let (a, b) = (calendar::civil(left_day), calendar::civil(right_day));
            let months = (a.year - b.year) * 12 + a.month as i32 - b.month as i32;
            // The same day of the month, or both the last: a whole number, whatever the time.
            if a.day == b.day || (is_last_day(left_day) && is_last_day(right_day)) {
                return Ok(Some(f64::from(months)));
            }
            let of_month = |day: u32, micros: i64| {
                f64::from(day) + micros.rem_euclid(MICROS_PER_DAY) as f64 / MICROS_PER_DAY as f64
            };
            Ok(Some(f64::from(months) + (of_month(a.day, left) - of_month(b.day, right)) / 31.0))
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::functions::test_support::assert_values;

    #[test]
    fn month_functions_follow_the_guide() {
        assert_values(&[
            ("last_day(TIMESTAMP '2008-01-25 14:30:00')", "2008-01-31"),
            ("last_day(DATE '2008-02-01')", "2008-02-29"),
            ("next_day('2014-08-20', 'Tuesday')", "2014-08-26"),
            ("next_day('2014-08-20', 'Tu')", "2014-08-26"),
            ("next_day('2014-08-26', 'Tue')", "2014-09-02"),
            ("add_months('2008-01-01 05:07:30', 1)", "2008-02-01 05:07:30"),
            ("add_months(DATE '2008-04-30', 1)", "2008-05-31 00:00:00"),
            ("add_months(DATE '2008-03-31', -1)", "2008-02-29 00:00:00"),
            ("months_between('1969-01-18', '1969-03-18')", "-2"),
            ("months_between('2022-03-31', '2022-02-28')", "1"),
        ]);
    }
}
