//! Files of columns that were compressed as a whole: `.gz`, `.bz2` and `.snappy` are unpacked without being asked
//! (RS 1.9). A file that says at its beginning that it is Parquet or ORC is taken as it is, whatever its name.

use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use snap::read::FrameDecoder;

use crate::chunked::{ChunkedReader, Chunks};

/// How a file is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Gzip,
    Bzip2,
    Snappy,
}

/// What files of columns begin with.
const PLAIN: [&[u8]; 2] = [b"PAR1", b"ORC"];
/// What the framing format of Snappy begins with; without it, blocks follow one another as Hadoop writes them.
const SNAPPY_FRAMES: &[u8] = b"\xFF\x06\x00\x00sNaPpY";
/// Hadoop's blocks are of 256 KiB; one that says much more is no such block.
const MAX_BLOCK_BYTES: u32 = 64 << 20;

impl Wrapping {
    /// What a name says.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let (_, suffix) = name.rsplit_once('.')?;
        Some(match suffix {
            "gz" => Self::Gzip,
            "bz2" => Self::Bzip2,
            "snappy" => Self::Snappy,
            _ => return None,
        })
    }

    /// Whether a file with this beginning is wrapped at all.
    pub(crate) fn is_wrapped(beginning: &[u8]) -> bool {
        !PLAIN.iter().any(|magic| beginning.starts_with(magic))
    }

    /// The unpacked bytes of a file, which has this beginning.
    pub(crate) fn unpack<'a>(self, beginning: &[u8], file: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(file)),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(file)),
            Self::Snappy if beginning.starts_with(SNAPPY_FRAMES) => Box::new(FrameDecoder::new(file)),
            Self::Snappy => Box::new(ChunkedReader::new(HadoopSnappy { file, left_bytes: 0 })),
        }
    }
}

/// Hadoop's way with Snappy: blocks of their unpacked length, then chunks, each behind its packed length, until
/// that much is unpacked. Lengths are of 32 bits, the highest byte first.
struct HadoopSnappy<R> {
    file: R,
    /// Of the block, still to be unpacked.
    left_bytes: u32,
}

impl<R: Read> HadoopSnappy<R> {
    /// A length, or `None` at the end of the file.
    fn length(&mut self) -> io::Result<Option<u32>> {
        let mut bytes = [0; 4];
        let mut read = 0;
        while read < bytes.len() {
            match self.file.read(&mut bytes[read..])? {
                0 if read == 0 => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => read += length,
            }
        }
        let length = u32::from_be_bytes(bytes);
        if length > MAX_BLOCK_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no Snappy file, or a damaged one"));
        }
        Ok(Some(length))
    }
}

impl<R: Read> Chunks for HadoopSnappy<R> {
    fn next_chunk(&mut self, chunk: &mut Vec<u8>) -> io::Result<bool> {
        while self.left_bytes == 0 {
            match self.length()? {
                Some(length) => self.left_bytes = length,
                None => return Ok(false),
            }
        }
        let packed_bytes = self.length()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut packed = vec![0; packed_bytes as usize];
        self.file.read_exact(&mut packed)?;
        // The length that a chunk says of itself is checked before there is memory for it.
        let unpacked_bytes = snap::raw::decompress_len(&packed)?;
        let left_bytes =
            u32::try_from(unpacked_bytes).ok().and_then(|bytes| self.left_bytes.checked_sub(bytes));
        self.left_bytes = left_bytes.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "a chunk of Snappy is longer than its block")
        })?;
        chunk.resize(unpacked_bytes, 0);
        snap::raw::Decoder::new().decompress(&packed, chunk)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::Wrapping;

    #[test]
    fn the_name_says_how_and_the_beginning_whether() {
        assert_eq!(Wrapping::of_name("s3://b/k/1.parquet.gz"), Some(Wrapping::Gzip));
        assert_eq!(Wrapping::of_name("/data/1.snappy"), Some(Wrapping::Snappy));
        assert_eq!(Wrapping::of_name("/data/1.snappy.parquet"), None);
        assert!(!Wrapping::is_wrapped(b"PAR1\x15\x04"));
        assert!(Wrapping::is_wrapped(b"\x1F\x8B\x08"));
    }

    /// Two blocks, the first of two chunks; the layout is that of Hadoop's BlockCompressorStream.
    #[test]
    fn blocks_of_hadoop_are_unpacked_and_damaged_ones_refused() {
        let pack = |text: &[u8]| snap::raw::Encoder::new().compress_vec(text).expect("packed");
        let chunk = |text: &[u8]| [&(pack(text).len() as u32).to_be_bytes()[..], &pack(text)].concat();
        let file =
            [&6_u32.to_be_bytes()[..], &chunk(b"abc"), &chunk(b"def"), &2_u32.to_be_bytes(), &chunk(b"gh")];
        let file = file.concat();
        let read = |file: &[u8]| {
            let mut text = Vec::new();
            Wrapping::Snappy.unpack(file, file).read_to_end(&mut text).map(|_| text)
        };
        assert_eq!(read(&file).expect("unpacked"), b"abcdefgh");
        assert!(read(&file[..file.len() - 1]).is_err());
        let longer = [&2_u32.to_be_bytes()[..], &chunk(b"abc")].concat();
        assert!(read(&longer).is_err());
        assert!(read(b"no snappy").is_err());
    }
}
