//! SUPER arguments of a call, and results.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, LargeStringBuilder};
use datafusion::error::Result;

use dwh_common::SqlState;

use super::convert::{to_element, to_super};
use super::value::Value;
use crate::functions::args::Call;
use crate::functions::error::sql_err;

/// A SUPER argument by row.
pub(super) struct SuperColumn {
    values: LargeStringArray,
    constant: bool,
}

impl SuperColumn {
    /// The JSON text at a row; `None` for NULL.
    pub(super) fn json(&self, row: usize) -> Option<&str> {
        let row = if self.constant { 0 } else { row };
        (!self.values.is_null(row)).then(|| self.values.value(row))
    }

    /// The value at a row; `None` for NULL.
    pub(super) fn at(&self, row: usize) -> Option<Value<'_>> {
        self.json(row).map(Value::of_stored)
    }

    /// The array at a row; `None` for NULL and for what is no array.
    pub(super) fn elements(&self, row: usize) -> Option<Vec<Value<'_>>> {
        self.at(row).and_then(Value::into_elements)
    }
}

/// An argument as SUPER.
pub(super) fn super_argument(call: &Call<'_>, index: usize) -> Result<SuperColumn> {
    let (array, constant) = call.array(index)?;
    Ok(SuperColumn { values: to_super(&array)?.as_string::<i64>().clone(), constant })
}

/// An argument as an element of an array or object: as SUPER, which dates and times cannot be.
pub(super) fn element_argument(call: &Call<'_>, index: usize) -> Result<SuperColumn> {
    let (array, constant) = call.array(index)?;
    if array.data_type().is_temporal() {
        let from = call.redshift_type(index).map_or_else(|| "interval".to_owned(), |known| known.to_string());
        return Err(sql_err(
            SqlState::CannotCoerce,
            format!("{} could not convert type {from} to super", call.name().to_uppercase()),
        ));
    }
    Ok(SuperColumn { values: to_element(&array)?, constant })
}

/// A SUPER result, row by row; `None` is NULL.
pub(crate) fn build_super(
    call: &Call<'_>,
    mut value: impl FnMut(usize) -> Result<Option<String>>,
) -> Result<ArrayRef> {
    let mut builder = LargeStringBuilder::with_capacity(call.rows(), call.rows() * 8);
    for row in 0..call.rows() {
        builder.append_option(if call.is_null_row(row) { None } else { value(row)? });
    }
    Ok(Arc::new(builder.finish()))
}

/// The JSON text of an array.
pub(super) fn array_json(elements: Vec<Value<'_>>) -> Option<String> {
    Some(Value::Array(elements).to_json())
}
