//! The one place where functions and typing rules make their errors, and where the engine finds
//! them again.

use std::error::Error;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use dwh_common::{SqlError, SqlState};

/// A DataFusion error that carries a [`SqlError`]; [`sql_error_of`] takes it out again.
pub fn sql_err(state: SqlState, message: impl Into<String>) -> DataFusionError {
    external(SqlError::new(state, message))
}

/// Wraps a whole [`SqlError`] (with hint or position).
pub(crate) fn external(error: SqlError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The SQL error inside a DataFusion error, if one of ours or one of Arrow's with a SQLSTATE of its
/// own (division by zero, overflow) is anywhere in its chain of causes.
pub fn sql_error_of(error: &DataFusionError) -> Option<SqlError> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref::<SqlError>() {
            return Some(found.clone());
        }
        if let Some(DataFusionError::ArrowError(arrow, _)) = current.downcast_ref::<DataFusionError>()
            && let Some(found) = of_arrow(arrow)
        {
            return Some(found);
        }
        if let Some(found) = current.downcast_ref::<ArrowError>().and_then(of_arrow) {
            return Some(found);
        }
        if let Some(DataFusionError::External(inner)) = current.downcast_ref::<DataFusionError>()
            && let Some(found) = inner.downcast_ref::<SqlError>()
        {
            return Some(found.clone());
        }
        cause = current.source();
    }
    None
}

fn of_arrow(error: &ArrowError) -> Option<SqlError> {
    match error {
        ArrowError::DivideByZero => Some(divide_by_zero_error()),
        ArrowError::ArithmeticOverflow(detail) => Some(
            SqlError::new(SqlState::NumericValueOutOfRange, "Numeric value out of range")
                .with_detail(detail.clone()),
        ),
        ArrowError::ExternalError(inner) => inner
            .downcast_ref::<SqlError>()
            .cloned()
            .or_else(|| inner.downcast_ref::<DataFusionError>().and_then(sql_error_of)),
        _ => None,
    }
}

fn divide_by_zero_error() -> SqlError {
    SqlError::new(SqlState::DivisionByZero, "Divide by zero")
}

/// RS 2.5: 22012.
pub(crate) fn divide_by_zero() -> DataFusionError {
    external(divide_by_zero_error())
}

#[cfg(test)]
mod tests {
    use arrow::error::ArrowError;
    use datafusion::error::DataFusionError;
    use dwh_common::SqlState;

    use super::{sql_err, sql_error_of};

    #[test]
    fn the_sql_error_is_found_under_context_and_inside_arrow_errors() {
        let ours = sql_err(SqlState::InvalidDatetimeFormat, "no date");
        assert_eq!(sql_error_of(&ours.context("planning")).map(|e| e.message), Some("no date".to_owned()));

        let inside_arrow = ArrowError::from(sql_err(SqlState::InvalidDatetimeFormat, "no date"));
        let wrapped = DataFusionError::ArrowError(Box::new(inside_arrow), None);
        assert_eq!(sql_error_of(&wrapped).map(|e| e.state), Some(SqlState::InvalidDatetimeFormat));
    }

    #[test]
    fn arrows_division_by_zero_is_22012() {
        let error = DataFusionError::ArrowError(Box::new(ArrowError::DivideByZero), None);
        let found = sql_error_of(&error).expect("a SQL error");
        assert_eq!((found.state.code(), found.message.as_str()), ("22012", "Divide by zero"));
    }
}
