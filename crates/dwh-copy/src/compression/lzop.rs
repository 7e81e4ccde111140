//! The container of the `lzop` tool: a header, then blocks of LZO1X with their checksums.

use std::io::{self, Read};

use flate2::Crc;

use super::lzo;
use crate::chunked::Chunks;

const MAGIC: &[u8; 9] = b"\x89LZO\0\r\n\x1a\n";

/// Bits of the header's flags.
mod flag {
    pub(super) const ADLER32_UNPACKED: u32 = 0x1;
    pub(super) const ADLER32_PACKED: u32 = 0x2;
    pub(super) const EXTRA_FIELD: u32 = 0x40;
    pub(super) const CRC32_UNPACKED: u32 = 0x100;
    pub(super) const CRC32_PACKED: u32 = 0x200;
    pub(super) const FILTER: u32 = 0x800;
    pub(super) const CRC32_HEADER: u32 = 0x1000;
}

/// Since this version the header says which version is needed, a level and a 64-bit time.
const LONG_HEADER_VERSION: u16 = 0x0940;
/// LZO1X-1, LZO1X-1(15) and LZO1X-999, which unpack alike.
const METHODS: std::ops::RangeInclusive<u8> = 1..=3;
/// The largest block of the tool.
const MAX_BLOCK_BYTES: usize = 64 << 20;

/// The unpacked blocks of one or several `lzop` files in a row.
pub(super) struct LzopBlocks<R> {
    reader: R,
    /// Flags of the file being read; `None` before a header.
    flags: Option<u32>,
    began: bool,
    packed: Vec<u8>,
}

fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

impl<R: Read> LzopBlocks<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, flags: None, began: false, packed: Vec::new() }
    }

    /// Reads the header of a file; `None` at the end of the object.
    fn header(&mut self) -> io::Result<Option<u32>> {
        let mut magic = Vec::with_capacity(MAGIC.len());
        self.reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        if magic.is_empty() && self.began {
            return Ok(None);
        }
        if magic != MAGIC {
            return Err(invalid("it does not begin as a file of lzop"));
        }
        self.began = true;
        let mut header = Header { reader: &mut self.reader, bytes: Vec::new() };
        let version = header.u16()?;
        header.skip(2)?;
        let is_long = version >= LONG_HEADER_VERSION;
        if is_long {
            header.skip(2)?;
        }
        let method = header.u8()?;
        if is_long {
            header.skip(1)?;
        }
        let flags = header.u32()?;
        if flags & flag::FILTER != 0 {
            return Err(invalid("files of lzop --filter are not supported"));
        }
        if !METHODS.contains(&method) {
            return Err(invalid(format!("method {method} is none of LZO1X")));
        }
        header.skip(if is_long { 12 } else { 8 })?;
        let name_bytes = header.u8()?;
        header.skip(usize::from(name_bytes))?;
        header.check(flags)?;
        if flags & flag::EXTRA_FIELD != 0 {
            let mut extra = Header { reader: &mut self.reader, bytes: Vec::new() };
            let extra_bytes = extra.u32()?;
            if extra_bytes as usize > MAX_BLOCK_BYTES {
                return Err(invalid("the extra field of the header is too long"));
            }
            extra.skip(extra_bytes as usize)?;
            extra.check(flags)?;
        }
        Ok(Some(flags))
    }

    fn u32(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.reader.read_exact(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn sums(&mut self, flags: u32, adler32: u32, crc32: u32) -> io::Result<Sums> {
        Ok(Sums {
            adler32: if flags & adler32 != 0 { Some(self.u32()?) } else { None },
            crc32: if flags & crc32 != 0 { Some(self.u32()?) } else { None },
        })
    }
}

impl<R: Read> Chunks for LzopBlocks<R> {
    fn next_chunk(&mut self, block: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            let flags = match self.flags {
                Some(flags) => flags,
                None => match self.header()? {
                    Some(flags) => *self.flags.insert(flags),
                    None => return Ok(false),
                },
            };
            let unpacked_bytes = self.u32()? as usize;
            if unpacked_bytes == 0 {
                self.flags = None;
                continue;
            }
            let packed_bytes = self.u32()? as usize;
            if unpacked_bytes > MAX_BLOCK_BYTES || packed_bytes > unpacked_bytes {
                return Err(invalid("the lengths of a block are wrong"));
            }
            let unpacked_sums = self.sums(flags, flag::ADLER32_UNPACKED, flag::CRC32_UNPACKED)?;
            // A block that does not get smaller is stored, and has no second checksum.
            let is_stored = packed_bytes == unpacked_bytes;
            let packed_sums = if is_stored {
                Sums::default()
            } else {
                self.sums(flags, flag::ADLER32_PACKED, flag::CRC32_PACKED)?
            };
            let target = if is_stored { &mut *block } else { &mut self.packed };
            target.clear();
            if self.reader.by_ref().take(packed_bytes as u64).read_to_end(target)? < packed_bytes {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !is_stored {
                packed_sums.check(&self.packed)?;
                lzo::decompress(&self.packed, block, unpacked_bytes)
                    .map_err(|error| invalid(error.to_string()))?;
                if block.len() != unpacked_bytes {
                    return Err(invalid("a block is shorter than it says"));
                }
            }
            unpacked_sums.check(block)?;
            return Ok(true);
        }
    }
}

/// A header while it is read; its checksum covers all of its bytes.
struct Header<'r, R> {
    reader: &'r mut R,
    bytes: Vec<u8>,
}

impl<R: Read> Header<'_, R> {
    fn take<const COUNT: usize>(&mut self) -> io::Result<[u8; COUNT]> {
        let mut bytes = [0; COUNT];
        self.reader.read_exact(&mut bytes)?;
        self.bytes.extend_from_slice(&bytes);
        Ok(bytes)
    }

    fn u8(&mut self) -> io::Result<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> io::Result<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn skip(&mut self, count: usize) -> io::Result<()> {
        if self.reader.by_ref().take(count as u64).read_to_end(&mut self.bytes)? < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Reads the checksum that follows and compares it.
    fn check(&mut self, flags: u32) -> io::Result<()> {
        let mut sum = [0; 4];
        self.reader.read_exact(&mut sum)?;
        let sum = Some(u32::from_be_bytes(sum));
        let sums = if flags & flag::CRC32_HEADER != 0 {
            Sums { adler32: None, crc32: sum }
        } else {
            Sums { adler32: sum, crc32: None }
        };
        sums.check(&self.bytes)
    }
}

/// Checksums that bytes must have.
#[derive(Default)]
struct Sums {
    adler32: Option<u32>,
    crc32: Option<u32>,
}

impl Sums {
    fn check(&self, bytes: &[u8]) -> io::Result<()> {
        let differs = self.adler32.is_some_and(|sum| sum != adler32(bytes))
            || self.crc32.is_some_and(|sum| {
                let mut crc = Crc::new();
                crc.update(bytes);
                sum != crc.sum()
            });
        if differs { Err(invalid("a checksum does not match")) } else { Ok(()) }
    }
}

/// The checksum of RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    /// So many bytes never overflow 32 bits.
    const CHUNK_BYTES: usize = 5552;
    let (mut a, mut b) = (1, 0);
    for chunk in bytes.chunks(CHUNK_BYTES) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::adler32;

    /// What Python's zlib says.
    #[test]
    fn adler32_is_that_of_zlib() {
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert_eq!(adler32(&[0xFF; 100_000]), 0x149A_302C);
    }
}
