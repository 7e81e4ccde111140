use std::io::Read;

use flate2::read::MultiGzDecoder;

/// Compression of the data objects; never guessed from names (RS 1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Plain.
    #[default]
    None,
    /// GZIP, one or several members.
    Gzip,
}

impl Compression {
    /// The unpacked bytes of an object. What is no such compression is an error of the reader.
    pub(crate) fn unpack<'a>(self, reader: impl Read + Send + 'a) -> Box<dyn Read + Send + 'a> {
        match self {
            Self::None => Box::new(reader),
            Self::Gzip => Box::new(MultiGzDecoder::new(reader)),
        }
    }
}
