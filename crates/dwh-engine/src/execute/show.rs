//! SHOW name, SHOW ALL.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use arrow::datatypes::Schema;
use dwh_common::{RedshiftType, SqlError};

use crate::context::StatementContext;
use crate::result::{Outcome, Rows};

pub(super) fn execute(context: &StatementContext<'_>, name: Option<&str>) -> Result<Outcome, SqlError> {
    let rows = match name {
        Some(name) => {
            let value = context.settings.get(name)?;
            let in_uppercase = context.settings.is_on("describe_field_name_in_uppercase");
            let label = if in_uppercase { name.to_uppercase() } else { name.to_owned() };
            text_columns(&[&label], [vec![value]], context.submitted)?
        }
        None => {
            let (names, values): (Vec<_>, Vec<_>) = context.settings.all().unzip();
            text_columns(&["name", "setting"], [names, values], context.submitted)?
        }
    };
    Ok(Outcome::rows("SHOW", rows))
}

/// Rows of text, given column by column.
pub(super) fn text_columns<const N: usize>(
    labels: &[&str; N],
    columns: [Vec<&str>; N],
    statement_text: &str,
) -> Result<Rows, SqlError> {
    let fields: Vec<_> = labels.iter().map(|label| RedshiftType::MAX_VARCHAR.field(*label, true)).collect();
    let columns: Vec<ArrayRef> = columns
        .into_iter()
        .map(|values| Arc::new(StringViewArray::from_iter_values(values)) as ArrayRef)
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| SqlError::internal(error.to_string()))?;
    Rows::in_memory(batch, statement_text)
}
