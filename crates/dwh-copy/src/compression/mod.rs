//! Unpacks data objects and packs what is written (RS 1.10).

mod encode;
mod lzo;
mod lzop;
mod wrapped;

use std::fmt;
use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

pub(crate) use self::encode::Encoder;
pub use self::encode::OutputCompression;
use self::lzop::LzopBlocks;
pub(crate) use self::wrapped::Wrapping;
use crate::chunked::ChunkedReader;

/// Compression of the data objects; never guessed from names (RS 1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Plain.
    #[default]
    None,
    /// GZIP, one or several members.
    Gzip,
    /// BZIP2, one or several streams.
    Bzip2,
    /// LZOP: the files of the `lzop` tool, without `--filter`.
    Lzop,
    /// ZSTD, one or several frames.
    Zstd,
}

/// The keyword of COPY.
impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "plain",
            Self::Gzip => "GZIP",
            Self::Bzip2 => "BZIP2",
            Self::Lzop => "LZOP",
            Self::Zstd => "ZSTD",
        })
    }
}

impl Compression {
    /// The unpacked bytes of an object. What is no such compression is an error of the reader.
    ///
    /// # Errors
    /// When there is no memory for unpacking.
    pub(crate) fn unpack<'a>(self, reader: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Self::None => Box::new(reader),
            Self::Gzip => Box::new(MultiGzDecoder::new(reader)),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(reader)),
            Self::Lzop => Box::new(ChunkedReader::new(LzopBlocks::new(reader))),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(reader)?),
        })
    }
}
