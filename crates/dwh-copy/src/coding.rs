//! From the bytes of an object as stored to the UTF-8 that is decoded: unpacked, then transcoded.

use std::io::{self, Read};

use crate::compression::Compression;
use crate::encoding::Encoding;

/// How the data objects of a COPY are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coding {
    pub(crate) compression: Compression,
    pub(crate) encoding: Encoding,
}

impl Coding {
    /// Whether objects are decoded as they are stored.
    pub(crate) fn is_plain(self) -> bool {
        self.compression == Compression::None && self.encoding == Encoding::Utf8
    }

    /// What is to be decoded of an object.
    ///
    /// # Errors
    /// When there is no memory for unpacking.
    pub(crate) fn reader<'a>(self, stored: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(self.encoding.to_utf8(self.compression.unpack(stored)?))
    }
}
