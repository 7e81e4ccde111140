//! Hashes and digests (RS 4.3, the guide's hash functions).

mod bytes;
mod checksum;
mod crc32;
mod farm;
mod fnv;
mod murmur3;
mod sha;

use super::function::Function;

/// The family's functions.
pub(super) fn functions() -> Vec<Function> {
    vec![
        checksum::FUNCTION,
        crc32::FUNCTION,
        farm::FUNCTION,
        fnv::FUNCTION,
        murmur3::FUNCTION,
        sha::SHA1,
        sha::SHA2,
    ]
}
