//! Numeric functions (RS 4.3) and the arithmetic that typing rules plan.

mod checked;
mod divide;
mod modulo;
mod power;
mod real;
mod rounding;
mod sums_products;
pub(crate) mod template;
mod text_alt;
mod to_number;
mod whole;

use super::function::Function;

pub(crate) use checked::checked;
pub(crate) use divide::{float_divide, numeric_divide, numeric_of};
pub(crate) use power::power;
pub(crate) use rounding::{rounded_type, truncate};
pub(crate) use sums_products::numeric_sum_or_product;

/// The sign of arithmetic that the planner makes a function of.
pub(crate) fn arithmetic_sign(function: &str) -> Option<&'static str> {
    Some(match function {
        "__integer_add" | "__numeric_add" => "+",
        "__integer_subtract" | "__numeric_subtract" => "-",
        "__integer_multiply" | "__numeric_multiply" => "*",
        "__numeric_divide" | "__float_divide" => "/",
        _ => return None,
    })
}

/// 0 for a value that fits 64 bits: what its upper half has beyond the sign of the lower.
pub(crate) fn bits_past_64(value: i128) -> i64 {
    (value >> 64) as i64 ^ ((value as i64) >> 63)
}

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    let single = [
        power::FUNCTION,
        rounding::ROUND,
        rounding::CEIL,
        rounding::FLOOR,
        modulo::MOD,
        modulo::SIGN,
        text_alt::TO_INT,
        text_alt::TO_NUMERIC,
        to_number::FUNCTION,
        whole::ABS,
    ];
    single.into_iter().chain(real::functions()).collect()
}
