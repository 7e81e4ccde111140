//! Date and time functions (RS 4.2), on whole numbers of days and microseconds.

mod age;
pub(crate) mod arithmetic;
pub(crate) mod compare;
mod convert_timezone;
mod date_part;
mod date_part_year;
mod dateadd;
mod datediff;
pub(crate) mod format;
pub(crate) mod interval;
mod interval_style;
mod month_days;
pub(crate) mod parse;
mod part;
mod read;
pub(crate) mod style;
mod template;
mod timeofday;
mod to_char;
mod to_date;
mod trunc;
pub(crate) mod zone;

pub(crate) use dwh_copy::datetime::civil as calendar;

use datafusion::error::DataFusionError;
use dwh_common::SqlState;

use super::error::sql_err;
use super::function::Function;
use part::Part;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let single = [
        date_part::DATE_PART,
        date_part::EXTRACT,
        date_part::EXTRACT_OF_TIMETZ,
        date_part::DATE_TRUNC,
        age::AGE,
        age::ISFINITE,
        date_part_year::FUNCTION,
        dateadd::FUNCTION,
        datediff::FUNCTION,
        timeofday::FUNCTION,
        to_char::FUNCTION,
        to_date::TO_DATE,
        to_date::TO_TIMESTAMP,
        trunc::FUNCTION,
        month_days::LAST_DAY,
        month_days::NEXT_DAY,
        month_days::ADD_MONTHS,
        month_days::MONTHS_BETWEEN,
        convert_timezone::CONVERT_TIMEZONE,
        convert_timezone::TIMEZONE,
    ];
    single.into_iter().chain(compare::functions()).collect()
}

/// 0A000 for a part that a function has no meaning for.
fn unit_not_supported(part: Part) -> DataFusionError {
    sql_err(
        SqlState::FeatureNotSupported,
        format!("timestamp units \"{}\" not supported", format!("{part:?}").to_lowercase()),
    )
}
