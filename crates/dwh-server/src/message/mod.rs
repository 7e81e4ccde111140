//! Messages of the PostgreSQL protocol, version 3 (PostgreSQL documentation, "Message Formats"): bytes to
//! values and back, without a socket.

pub(crate) mod backend;
pub(crate) mod frontend;
mod read;
pub(crate) mod startup;

pub(crate) use read::{Reader, utf8};

use dwh_common::{SqlError, SqlState};

/// How values are sent: 0 and 1 on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Binary,
}

impl Format {
    /// # Errors
    /// 08P01 for a code that is neither 0 nor 1.
    pub(crate) fn of_code(code: i16) -> Result<Self, SqlError> {
        match code {
            0 => Ok(Self::Text),
            1 => Ok(Self::Binary),
            _ => Err(protocol_violation(format!("unsupported format code: {code}"))),
        }
    }

    pub(crate) fn code(self) -> i16 {
        match self {
            Self::Text => 0,
            Self::Binary => 1,
        }
    }

    /// The format of each of `count` values: none given is text, one is for all.
    ///
    /// # Errors
    /// 08P01 if there are formats for another number of values.
    pub(crate) fn spread(formats: &[Self], count: usize, of: &str) -> Result<Vec<Self>, SqlError> {
        match formats {
            [] => Ok(vec![Self::Text; count]),
            [one] => Ok(vec![*one; count]),
            each if each.len() == count => Ok(each.to_vec()),
            other => Err(protocol_violation(format!(
                "bind message has {} {of} formats but {count} {of}s",
                other.len()
            ))),
        }
    }
}

/// 08P01.
pub(crate) fn protocol_violation(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::ProtocolViolation, message)
}
