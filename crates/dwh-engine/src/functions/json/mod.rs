//! JSON in text (RS 4.5): no tree is built, values are slices of the text.

mod array;
mod extract_path;
mod scan;
mod validity;

use super::function::Function;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![
        extract_path::FUNCTION,
        array::ELEMENT,
        array::LENGTH,
        validity::IS_VALID_JSON,
        validity::IS_VALID_JSON_ARRAY,
    ]
}
