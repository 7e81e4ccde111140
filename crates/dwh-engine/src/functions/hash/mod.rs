//! Digests as hexadecimal text (RS 4.3).

mod crc32;
mod sha;

use super::function::Function;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![crc32::FUNCTION, sha::SHA1, sha::SHA2]
}
