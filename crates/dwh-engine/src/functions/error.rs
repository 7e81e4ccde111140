//! The one place where functions and typing rules make their errors; the engine finds the SQL error
//! inside DataFusion's again (`crate::error`).

use datafusion::error::DataFusionError;
use dwh_common::{SqlError, SqlState};

/// A DataFusion error that carries a [`SqlError`].
pub fn sql_err(state: SqlState, message: impl Into<String>) -> DataFusionError {
    external(SqlError::new(state, message))
}

/// Wraps a whole [`SqlError`] (with hint or detail).
pub(crate) fn external(error: SqlError) -> DataFusionError {
    crate::error::into_datafusion(error)
}

/// RS 2.5: 22012.
pub(crate) fn divide_by_zero() -> DataFusionError {
    sql_err(SqlState::DivisionByZero, "Divide by zero")
}
