use std::io::{self, Write};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;

/// Compression of the new objects; the COPY that loads them names it (RS 1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CompactCompression {
    /// Plain.
    None,
    /// GZIP.
    #[default]
    Gzip,
    /// BZIP2.
    Bzip2,
    /// Zstandard.
    Zstd,
}

impl CompactCompression {
    /// COPY's keyword; `None` for plain objects.
    pub fn keyword(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("GZIP"),
            Self::Bzip2 => Some("BZIP2"),
            Self::Zstd => Some("ZSTD"),
        }
    }

    /// What names end in.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::None => "json",
            Self::Gzip => "json.gz",
            Self::Bzip2 => "json.bz2",
            Self::Zstd => "json.zst",
        }
    }
}

/// Takes an object's JSON, gives back its bytes as stored.
pub(super) enum Encoder {
    Plain(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
    Bzip2(BzEncoder<Vec<u8>>),
    Zstd(zstd::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    pub(super) fn new(compression: CompactCompression) -> io::Result<Self> {
        let out = Vec::new();
        Ok(match compression {
            CompactCompression::None => Self::Plain(out),
            CompactCompression::Gzip => Self::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            CompactCompression::Bzip2 => Self::Bzip2(BzEncoder::new(out, bzip2::Compression::default())),
            CompactCompression::Zstd => Self::Zstd(zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Bzip2(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Bzip2(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}
