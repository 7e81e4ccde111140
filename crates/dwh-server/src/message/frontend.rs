//! What clients send after start-up.

use bytes::Bytes;
use dwh_common::SqlError;

use super::{Format, Reader, protocol_violation};

/// A message of a client.
#[derive(Debug)]
pub(crate) enum Frontend {
    Query(String),
    Parse {
        name: String,
        sql: String,
        types: Vec<u32>,
    },
    Bind(Bind),
    Describe(Target, String),
    Close(Target, String),
    Execute {
        portal: String,
        max_rows: usize,
    },
    Flush,
    Sync,
    Terminate,
    /// The answer to a question of authentication.
    Password(Bytes),
    /// What is left of a COPY that was refused; or the answer of Amazon's drivers to the question for a digest.
    CopyData(Bytes),
    FunctionCall,
}

/// What Describe and Close name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Statement,
    Portal,
}

/// A portal from a prepared statement and values.
#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) portal: String,
    pub(crate) statement: String,
    pub(crate) parameter_formats: Vec<Format>,
    pub(crate) parameters: Vec<Option<Bytes>>,
    pub(crate) result_formats: Vec<Format>,
}

/// The type byte of Sync.
pub(crate) const SYNC: u8 = b'S';

impl Frontend {
    /// Reads a message of the type `tag`.
    ///
    /// # Errors
    /// 08P01 for types that there are not and bodies that are not of the type, 22021 for text that is no
    /// UTF-8.
    pub(crate) fn read(tag: u8, body: Bytes) -> Result<Self, SqlError> {
        let mut body = Reader::new(body);
        let message = match tag {
            b'Q' => Self::Query(body.text()?),
            b'P' => Self::Parse { name: body.text()?, sql: body.text()?, types: body.list(Reader::u32)? },
            b'B' => Self::Bind(Bind {
                portal: body.text()?,
                statement: body.text()?,
                parameter_formats: body.list(format)?,
                parameters: body.list(Reader::value)?,
                result_formats: body.list(format)?,
            }),
            b'D' => Self::Describe(target(&mut body)?, body.text()?),
            b'C' => Self::Close(target(&mut body)?, body.text()?),
            b'E' => Self::Execute {
                portal: body.text()?,
                // Zero and less are no limit.
                max_rows: usize::try_from(body.i32()?).unwrap_or(0),
            },
            b'H' => Self::Flush,
            SYNC => Self::Sync,
            b'X' => Self::Terminate,
            b'p' => Self::Password(body.rest()),
            b'd' | b'c' | b'f' => Self::CopyData(body.rest()),
            b'F' => {
                body.rest();
                Self::FunctionCall
            }
            _ => return Err(protocol_violation(format!("invalid frontend message type {tag}"))),
        };
        if !body.is_empty() {
            return Err(protocol_violation("invalid message format"));
        }
        Ok(message)
    }
}

fn format(body: &mut Reader) -> Result<Format, SqlError> {
    Format::of_code(body.i16()?)
}

fn target(body: &mut Reader) -> Result<Target, SqlError> {
    match body.byte()? {
        b'S' => Ok(Target::Statement),
        b'P' => Ok(Target::Portal),
        other => Err(protocol_violation(format!("invalid DESCRIBE or CLOSE message subtype {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dwh_common::SqlState;

    use super::Frontend;

    /// A Bind with two parameters, one of them NULL.
    const BIND: &[u8] = b"p\0s\0\0\x01\0\x01\0\x02\0\0\0\x04\0\0\0\x07\xff\xff\xff\xff\0\x01\0\0";

    #[test]
    fn a_bind_message_is_read_with_its_nulls() {
        let Ok(Frontend::Bind(bind)) = Frontend::read(b'B', Bytes::from_static(BIND)) else {
            panic!("a Bind")
        };
        assert_eq!((bind.portal.as_str(), bind.statement.as_str()), ("p", "s"));
        assert_eq!(bind.parameters, [Some(Bytes::from_static(b"\0\0\0\x07")), None]);
    }

    #[test]
    fn cut_and_overlong_messages_are_refused_wherever_they_are_cut() {
        for end in 0..BIND.len() {
            let read = Frontend::read(b'B', Bytes::from_static(&BIND[..end]));
            assert_eq!(
                read.map(drop).map_err(|error| error.state),
                Err(SqlState::ProtocolViolation),
                "{end}"
            );
        }
        let mut longer = BIND.to_vec();
        longer.push(0);
        assert!(Frontend::read(b'B', longer.into()).is_err());
    }

    proptest::proptest! {
        /// Whatever bytes come: a message or an error, never a panic.
        #[test]
        fn any_bytes_are_read_or_refused(tag: u8, body: Vec<u8>) {
            let _ = Frontend::read(tag, body.into());
        }

        #[test]
        fn any_change_of_a_bind_is_read_or_refused(at in 0..BIND.len(), byte: u8, end in 0..BIND.len()) {
            let mut body = BIND.to_vec();
            body[at] = byte;
            let _ = Frontend::read(b'B', body.clone().into());
            body.truncate(end);
            let _ = Frontend::read(b'B', body.into());
        }
    }

    #[test]
    fn text_that_is_no_utf8_is_refused() {
        let error = Frontend::read(b'Q', Bytes::from_static(b"select '\xff'\0")).map(drop);
        assert_eq!(error.map_err(|error| error.state), Err(SqlState::CharacterNotInRepertoire));
    }
}
