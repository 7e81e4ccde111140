//! SUPER: values, navigation, dynamic typing, arrays and objects (AWS guide, "Querying semi-structured
//! data", "Array functions", "Object functions", "SUPER type information functions").
//!
//! A value is its JSON text, which plans hold as `LargeUtf8`, the type of nothing else. A JSON null inside
//! a document is a value of its own; casts and IS NULL take it for NULL.

mod arguments;
mod array;
mod array_search;
mod array_sets;
mod attribute_names;
mod convert;
mod key;
mod lower_texts;
mod number;
mod object;
mod object_transform;
mod operators;
mod parse;
mod path;
mod size;
mod type_info;
mod unnest;
mod value;

use super::function::Function;

pub(super) use arguments::build_super;
pub(crate) use convert::{from_super, stored_super, super_to_text, to_super};
pub(crate) use lower_texts::lower_texts;
pub(crate) use number::{Arithmetic, Number};
pub(crate) use operators::{arithmetic, compared, comparison_key, is_json_null, map_numbers, sort_key};
pub(crate) use unnest::{list_function, unnesting_functions};

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    [
        array::FUNCTIONS.as_slice(),
        &array_search::FUNCTIONS,
        &array_sets::FUNCTIONS,
        &attribute_names::FUNCTIONS,
        &object::FUNCTIONS,
        &[lower_texts::FUNCTION, object_transform::FUNCTION, path::FUNCTION, size::FUNCTION],
        &operators::FUNCTIONS,
        &parse::FUNCTIONS,
        &type_info::FUNCTIONS,
        &unnest::FUNCTIONS,
    ]
    .concat()
}
