//! Packs the objects that dwh writes.

use std::io::{self, Write};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;

/// Compression of the objects that UNLOAD and compaction write; a COPY that loads them names it (RS 1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputCompression {
    /// Plain.
    #[default]
    None,
    /// GZIP.
    Gzip,
    /// BZIP2.
    Bzip2,
    /// ZSTD.
    Zstd,
}

impl OutputCompression {
    /// COPY's keyword; `None` for plain objects.
    pub fn keyword(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("GZIP"),
            Self::Bzip2 => Some("BZIP2"),
            Self::Zstd => Some("ZSTD"),
        }
    }

    /// What names end in, with its dot (RS 6.1); empty for plain objects.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Bzip2 => ".bz2",
            Self::Zstd => ".zst",
        }
    }
}

/// Bytes in, compressed bytes out.
pub(crate) enum Encoder {
    Plain(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
    Bzip2(BzEncoder<Vec<u8>>),
    Zstd(zstd::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    pub(crate) fn new(compression: OutputCompression) -> io::Result<Self> {
        let out = Vec::new();
        Ok(match compression {
            OutputCompression::None => Self::Plain(out),
            OutputCompression::Gzip => Self::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            OutputCompression::Bzip2 => Self::Bzip2(BzEncoder::new(out, bzip2::Compression::default())),
            OutputCompression::Zstd => Self::Zstd(zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?),
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Bzip2(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    /// What has come out since the last time.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Plain(out) => out,
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Bzip2(encoder) => encoder.get_mut(),
            Self::Zstd(encoder) => encoder.get_mut(),
        })
    }

    /// What is left.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Bzip2(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}
