//! VARBYTE: bytes, printed in hexadecimal (AWS guide, "VARBYTE type", "VARBYTE functions and operators").

mod bits;
mod bitwise;
mod convert;
mod encoding;

use super::function::Function;

pub(crate) use bitwise::{Bitwise, bitwise, inverted};
pub(crate) use convert::{bytes_as_integers, bytes_as_text, integers_as_bytes};

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![
        bits::GETBIT,
        bitwise::AND,
        bitwise::OR,
        bitwise::XOR,
        bitwise::NOT,
        convert::CAST,
        encoding::FROM_HEX,
        encoding::TO_HEX,
        encoding::FROM_VARBYTE,
        encoding::TO_VARBYTE,
    ]
}
