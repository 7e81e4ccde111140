//! Rows that an aggregate keeps until it has all of them, for functions that sort.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, cast::AsArray, new_empty_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::error::Result;
use datafusion::logical_expr::function::StateFieldsArgs;
use datafusion::logical_expr::utils::format_state_name;
use datafusion::scalar::ScalarValue;

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
