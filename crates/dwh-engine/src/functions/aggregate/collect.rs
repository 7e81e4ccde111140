//! Rows that an aggregate keeps until it has all of them, for functions that sort.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, cast::AsArray, new_empty_array};
use arrow::compute::{SortColumn, SortOptions, concat, lexsort_to_indices, take};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::error::Result;
use datafusion::logical_expr::function::StateFieldsArgs;
use datafusion::logical_expr::utils::format_state_name;
use datafusion::scalar::ScalarValue;
use dwh_common::SqlError;

use crate::functions::error::external;

/// Some of the arguments of an aggregate, row by row.
#[derive(Debug)]
pub(super) struct Rows {
    /// Which arguments are kept, and their types.
    kept: Vec<(usize, DataType)>,
    /// The batches of each.
    batches: Vec<Vec<ArrayRef>>,
}

impl Rows {
    pub(super) fn new(kept: Vec<(usize, DataType)>) -> Self {
        let batches = vec![Vec::new(); kept.len()];
        Self { kept, batches }
    }

    /// A list for each argument that is kept.
    pub(super) fn state_fields(
        args: &StateFieldsArgs<'_>,
        kept: impl Iterator<Item = usize>,
    ) -> Vec<FieldRef> {
        kept.filter_map(|index| args.input_fields.get(index).map(|field| (index, field)))
            .map(|(index, field)| {
                let name = format_state_name(args.name, &format!("rows{index}"));
                Arc::new(Field::new_list(name, Field::new_list_field(field.data_type().clone(), true), true))
            })
            .collect()
    }

    pub(super) fn update(&mut self, values: &[ArrayRef]) {
        for ((index, _), batches) in self.kept.iter().zip(&mut self.batches) {
            batches.extend(values.get(*index).cloned());
        }
    }

    pub(super) fn merge(&mut self, states: &[ArrayRef]) {
        for (state, batches) in states.iter().zip(&mut self.batches) {
            batches.extend(state.as_list::<i32>().iter().flatten());
        }
    }

    /// All rows of each argument.
    pub(super) fn arrays(&self) -> Result<Vec<ArrayRef>> {
        let together = |((_, data_type), batches): (&(usize, DataType), &Vec<ArrayRef>)| {
            let batches: Vec<&dyn Array> = batches.iter().map(AsRef::as_ref).collect();
            if batches.is_empty() { Ok(new_empty_array(data_type)) } else { Ok(concat(&batches)?) }
        };
        self.kept.iter().zip(&self.batches).map(together).collect()
    }

    pub(super) fn state(&self) -> Result<Vec<ScalarValue>> {
        let lists = self.arrays()?.into_iter().map(SingleRowListArrayBuilder::new);
        Ok(lists.map(SingleRowListArrayBuilder::build_list_scalar).collect())
    }

    pub(super) fn size(&self) -> usize {
        self.batches.iter().flatten().map(|array| array.get_array_memory_size()).sum()
    }
}

/// Values and the keys that they are sorted by.
#[derive(Debug)]
pub(super) struct SortedRows {
    /// The values first, then the keys.
    pub(super) rows: Rows,
    keys: Vec<SortOptions>,
}

impl SortedRows {
    /// The options are a word a key, `al` for ascending with NULLs last; `distinct` is none.
    pub(super) fn new(kept: Vec<(usize, DataType)>, options: &str) -> Self {
        let keys = options.split_whitespace().filter(|word| *word != "distinct");
        let options =
            |word: &str| SortOptions { descending: word.starts_with('d'), nulls_first: word.ends_with('f') };
        Self { rows: Rows::new(kept), keys: keys.map(options).collect() }
    }

    /// The values in the order of the keys.
    pub(super) fn sorted(&self) -> Result<ArrayRef> {
        let mut arrays = self.rows.arrays()?.into_iter();
        let Some(values) = arrays.next() else {
            return Err(external(SqlError::internal("an aggregate keeps its values")));
        };
        let columns: Vec<SortColumn> = arrays
            .zip(&self.keys)
            .map(|(values, options)| SortColumn { values, options: Some(*options) })
            .collect();
        if columns.is_empty() {
            return Ok(values);
        }
        Ok(take(&values, &lexsort_to_indices(&columns, None)?, None)?)
    }
}
