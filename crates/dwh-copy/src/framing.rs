//! How records follow one another in an object: what a cutter of large objects must know of a format.

use memchr::{memchr_iter, memrchr, memrchr_iter, memrchr2_iter};

use crate::decode::is_escaped;
use crate::records::{last_boundary, skip_white_space};

/// The way records are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// JSON values, back to back, one a line, or pretty-printed (RS 1.5).
    Json,
    /// One record a line.
    Lines,
    /// The same, but a backslash takes the newline behind it into the record (ESCAPE).
    EscapedLines,
    /// CSV: newlines between quotes are data.
    QuotedLines {
        /// QUOTE.
        quote: u8,
    },
}

impl Framing {
    /// Where to cut `bytes`, the beginning of a longer input that starts between records: the largest
    /// offset found behind which another record begins.
    pub(crate) fn last_boundary(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Json => last_boundary(bytes),
            Self::Lines => memrchr(b'\n', bytes).map(|newline| newline + 1),
            Self::EscapedLines => memrchr_iter(b'\n', bytes)
                .find(|newline| !is_escaped(&bytes[..*newline]))
                .map(|newline| newline + 1),
            Self::QuotedLines { quote } => {
                let mut is_quoted = memchr_iter(quote, bytes).count() % 2 == 1;
                for found in memrchr2_iter(quote, b'\n', bytes) {
                    if bytes[found] == quote {
                        is_quoted = !is_quoted;
                    } else if !is_quoted {
                        return Some(found + 1);
                    }
                }
                None
            }
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
            Self::Lines | Self::EscapedLines | Self::QuotedLines { .. } => Some(0),
        }
    }
}
