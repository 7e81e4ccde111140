//! TRY_CAST: NULL for a value that cannot be converted (guide, "TRY_CAST function").

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use dwh_common::{RedshiftType, SqlState};

use super::{Rule, cannot_cast, convert_with, is_text};
use crate::error::from_datafusion;
use crate::functions::options::RedshiftOptions;

/// An array converted, with NULLs for what cannot be.
///
/// # Errors
/// 42846 for a pair of types that TRY_CAST does not take.
pub(super) fn attempt(array: &ArrayRef, to: RedshiftType, options: &RedshiftOptions) -> Result<ArrayRef> {
    let from = array.data_type();
    if is_refused(from, to) {
        return Err(cannot_cast(from, to));
    }
    if *from == RedshiftType::Super.planned_type() {
        let lax = RedshiftOptions { cast_super_null_on_error: true, ..options.clone() };
        return convert_with(array, to, Rule::Cast, &lax);
    }
    match convert_with(array, to, Rule::Cast, options) {
        Err(error) if from_datafusion(&error, "").state != SqlState::CannotCoerce => {
            one_by_one(array, to, Rule::Cast, options)
        }
        converted => converted,
    }
}

/// Pairs that CAST takes and TRY_CAST does not: of truth values it makes whole numbers and SUPER only, and none of text.
fn is_refused(from: &DataType, to: RedshiftType) -> bool {
    match to {
        RedshiftType::Boolean => is_text(from),
        RedshiftType::Super => false,
        _ => *from == DataType::Boolean && !to.is_integer(),
    }
}

/// An array converted value by value, with NULLs for what fails.
pub(crate) fn one_by_one(
    values: &ArrayRef,
    to: RedshiftType,
    rule: Rule,
    options: &RedshiftOptions,
) -> Result<ArrayRef> {
    let null = || new_null_array(&to.planned_type(), 1);
    let converted = |row| convert_with(&values.slice(row, 1), to, rule, options).unwrap_or_else(|_| null());
    let converted: Vec<ArrayRef> = (0..values.len()).map(converted).collect();
    let parts: Vec<&dyn Array> = converted.iter().map(AsRef::as_ref).collect();
    if parts.is_empty() {
        return Ok(new_null_array(&to.planned_type(), 0));
    }
    Ok(arrow::compute::concat(&parts)?)
}
