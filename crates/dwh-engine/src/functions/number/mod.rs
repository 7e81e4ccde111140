//! Numeric functions (RS 4.3) and the arithmetic that typing rules plan.

mod divide;
mod power;

use super::function::Function;

pub(crate) use divide::{float_divide, numeric_divide, numeric_of};
pub(crate) use power::power;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![power::FUNCTION]
}
