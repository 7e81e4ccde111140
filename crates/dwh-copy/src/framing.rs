//! How records follow one another in an object: what a cutter of large objects must know of a format.

use crate::records::{last_boundary, skip_white_space};

/// The way records are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// JSON values, back to back, one a line, or pretty-printed (RS 1.5).
    Json,
}

impl Framing {
    /// Where to cut `bytes`, the beginning of a longer input that starts between records: the largest
    /// offset found behind which another record begins.
    pub(crate) fn last_boundary(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Json => last_boundary(bytes),
        }
    }

    /// Offset of the record that never ends in `bytes`; `None` if there is only junk, which may be cut
    /// anywhere.
    pub(crate) fn endless_record(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Json => {
                let start = skip_white_space(bytes, 0);
                matches!(bytes.get(start), Some(b'{' | b'[')).then_some(start)
            }
        }
    }
}
