//! Reads the fields of one message; never beyond its end.

use bytes::Bytes;
use dwh_common::{SqlError, SqlState};

use super::protocol_violation;

/// The rest of a message's body.
pub(crate) struct Reader(Bytes);

impl Reader {
    pub(crate) fn new(body: Bytes) -> Self {
        Self(body)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// 08P01 if there are fewer.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<Bytes, SqlError> {
        if count > self.0.len() {
            return Err(protocol_violation("insufficient data left in message"));
        }
        Ok(self.0.split_to(count))
    }

    pub(crate) fn byte(&mut self) -> Result<u8, SqlError> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn i16(&mut self) -> Result<i16, SqlError> {
        self.array().map(i16::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, SqlError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32, SqlError> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, SqlError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], SqlError> {
        let bytes = self.bytes(N)?;
        bytes.as_ref().try_into().map_err(|_| protocol_violation("insufficient data left in message"))
    }

    /// Text up to its zero byte.
    ///
    /// # Errors
    /// 08P01 without a zero byte, 22021 if it is no UTF-8.
    pub(crate) fn text(&mut self) -> Result<String, SqlError> {
        let Some(end) = self.0.iter().position(|byte| *byte == 0) else {
            return Err(protocol_violation("invalid string in message"));
        };
        let text = self.0.split_to(end);
        self.0 = self.0.slice(1..);
        utf8(&text).map(str::to_owned)
    }

    /// As many of the things that `read` reads as the count in front of them says.
    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        (0..self.u16()?).map(|_| read(self)).collect()
    }

    /// A value with its length in front; -1 is NULL.
    pub(crate) fn value(&mut self) -> Result<Option<Bytes>, SqlError> {
        match usize::try_from(self.i32()?) {
            Ok(length) => self.bytes(length).map(Some),
            Err(_) => Ok(None),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.0)
    }
}

/// # Errors
/// 22021 in PostgreSQL's words.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, SqlError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let from = &bytes[error.valid_up_to()..];
        let shown: Vec<_> =
            from.iter().take(error.error_len().unwrap_or(1)).map(|b| format!("0x{b:02x}")).collect();
        SqlError::new(
            SqlState::CharacterNotInRepertoire,
            format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" ")),
        )
    })
}
