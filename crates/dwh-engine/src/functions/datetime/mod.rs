//! Date and time functions (RS 4.2), on whole numbers of days and microseconds.

pub(crate) mod arithmetic;
pub(crate) mod calendar;
mod clock;
mod compare;
mod convert_timezone;
mod date_part;
mod dateadd;
mod datediff;
pub(crate) mod interval;
mod month_days;
pub(crate) mod parse;
mod part;
mod trunc;
pub(crate) mod zone;

use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, ScalarUDF};
use dwh_common::SqlState;

use super::error::sql_err;
use super::function::Function;
use part::Part;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let single = [
        date_part::DATE_PART,
        date_part::EXTRACT,
        date_part::DATE_TRUNC,
        dateadd::FUNCTION,
        datediff::FUNCTION,
        trunc::FUNCTION,
        month_days::LAST_DAY,
        month_days::NEXT_DAY,
        month_days::ADD_MONTHS,
        month_days::MONTHS_BETWEEN,
        interval::LITERAL,
        convert_timezone::CONVERT_TIMEZONE,
        convert_timezone::TIMEZONE,
    ];
    single.into_iter().chain(compare::functions()).collect()
}

/// `EXTRACT(part FROM moment)`.
pub(crate) fn extract(args: Vec<Expr>) -> Expr {
    date_part::EXTRACT.udf().call(args)
}

/// The functions that read the statement's clock.
pub(super) fn clock_functions() -> Vec<ScalarUDF> {
    clock::functions()
}

/// 0A000 for a part that a function has no meaning for.
fn unit_not_supported(part: Part) -> DataFusionError {
    sql_err(
        SqlState::FeatureNotSupported,
        format!("timestamp units \"{}\" not supported", format!("{part:?}").to_lowercase()),
    )
}
