//! Data objects that are not UTF-8 (RS 1.2, ENCODING) become UTF-8 before anything else reads them.

use std::fmt;
use std::io::{self, Read};

use crate::chunked::{ChunkedReader, Chunks};

/// ENCODING of the data objects; manifest and JSONPaths files are always UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF8.
    #[default]
    Utf8,
    /// UTF16: a byte order mark must be there.
    Utf16,
    /// UTF16LE.
    Utf16Le,
    /// UTF16BE.
    Utf16Be,
    /// ISO88591.
    Iso88591,
}

/// The word of COPY.
impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF8",
            Self::Utf16 => "UTF16",
            Self::Utf16Le => "UTF16LE",
            Self::Utf16Be => "UTF16BE",
            Self::Iso88591 => "ISO88591",
        })
    }
}

/// An object is not in the encoding that the statement says: error 1221.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("File is not in the encoding {encoding}: {reason}")]
pub(crate) struct WrongEncoding {
    encoding: Encoding,
    reason: &'static str,
}

impl Encoding {
    /// The object as UTF-8. Half surrogates become the three bytes that UTF-8 forbids, so that they are an
    /// error of their field and not of the object.
    pub(crate) fn to_utf8<'a>(self, reader: Box<dyn Read + Send + 'a>) -> Box<dyn Read + Send + 'a> {
        if self == Self::Utf8 {
            return reader;
        }
        Box::new(ChunkedReader::new(Transcoder {
            reader,
            encoding: self,
            big_endian: match self {
                Self::Utf16Le => Some(false),
                Self::Utf16Be => Some(true),
                _ => None,
            },
            began: false,
            input: Vec::new(),
            high_surrogate: None,
        }))
    }
}

const CHUNK_BYTES: u64 = 64 << 10;
/// The byte order mark, and what it looks like in the other order, which is no character.
const MARK: u16 = 0xFEFF;
const SWAPPED_MARK: u16 = 0xFFFE;

struct Transcoder<R> {
    reader: R,
    encoding: Encoding,
    /// Known from the beginning, or from the byte order mark.
    big_endian: Option<bool>,
    began: bool,
    /// What was read; between two chunks at most one byte.
    input: Vec<u8>,
    high_surrogate: Option<u16>,
}

impl<R: Read> Chunks for Transcoder<R> {
    fn next_chunk(&mut self, chunk: &mut Vec<u8>) -> io::Result<bool> {
        let read = self.reader.by_ref().take(CHUNK_BYTES).read_to_end(&mut self.input)?;
        if self.encoding == Encoding::Iso88591 {
            for byte in self.input.drain(..) {
                push_unit(chunk, u16::from(byte));
            }
            return Ok(read > 0);
        }
        if read == 0 {
            if !self.input.is_empty() {
                return Err(self.wrong("it has half a character at its end"));
            }
            if let Some(high) = self.high_surrogate.take() {
                push_unit(chunk, high);
            }
            return Ok(!chunk.is_empty());
        }
        let whole = self.input.len() & !1;
        let mut units = self.input[..whole].chunks_exact(2).map(|pair| [pair[0], pair[1]]).peekable();
        if !self.began
            && let Some(first) = units.peek().copied()
        {
            self.began = true;
            let mark = u16::from_be_bytes(first);
            match (self.big_endian, mark) {
                (None, MARK) => self.big_endian = Some(true),
                (None, SWAPPED_MARK) => self.big_endian = Some(false),
                (None, _) => return Err(self.wrong("it does not begin with a byte order mark")),
                (Some(true), SWAPPED_MARK) | (Some(false), MARK) => {
                    return Err(self.wrong("its byte order mark is that of the other byte order"));
                }
                _ => {}
            }
        }
        let big_endian = self.big_endian == Some(true);
        for pair in units {
            let unit = if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
            match (self.high_surrogate.take(), unit) {
                (Some(high), 0xDC00..=0xDFFF) => push_pair(chunk, high, unit),
                (high, _) => {
                    if let Some(high) = high {
                        push_unit(chunk, high);
                    }
                    match unit {
                        0xD800..=0xDBFF => self.high_surrogate = Some(unit),
                        _ => push_unit(chunk, unit),
                    }
                }
            }
        }
        self.input.drain(..whole);
        Ok(true)
    }
}

impl<R> Transcoder<R> {
    fn wrong(&self, reason: &'static str) -> io::Error {
        io::Error::other(WrongEncoding { encoding: self.encoding, reason })
    }
}

/// Appends a unit of UTF-16 by itself, half surrogates too.
fn push_unit(output: &mut Vec<u8>, unit: u16) {
    let tail = |shift: u32| 0x80 | (unit >> shift & 0x3F) as u8;
    match unit {
        0..=0x7F => output.push(unit as u8),
        0x80..=0x7FF => output.extend([0xC0 | (unit >> 6) as u8, tail(0)]),
        _ => output.extend([0xE0 | (unit >> 12) as u8, tail(6), tail(0)]),
    }
}

fn push_pair(output: &mut Vec<u8>, high: u16, low: u16) {
    let code = 0x1_0000 + (u32::from(high & 0x3FF) << 10 | u32::from(low & 0x3FF));
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::Encoding;

    /// Gives one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.len().min(buffer.len()).min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    fn read(encoding: Encoding, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut text = Vec::new();
        let mut reader = encoding.to_utf8(Box::new(Drops(bytes)));
        reader.read_to_end(&mut text).map(|_| text).map_err(|error| error.to_string())
    }

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        let order = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf16_of_both_orders_becomes_utf8() {
        let text = "aé€𝄞\u{FFFD}\n".repeat(20_000);
        let marked = format!("\u{FEFF}{text}");
        for big_endian in [false, true] {
            assert_eq!(read(Encoding::Utf16, &utf16(&marked, big_endian)), Ok(marked.clone().into_bytes()));
        }
        assert_eq!(read(Encoding::Utf16Le, &utf16(&text, false)), Ok(text.clone().into_bytes()));
        assert_eq!(read(Encoding::Utf16Be, &utf16(&text, true)), Ok(text.into_bytes()));
    }

    #[test]
    fn a_missing_or_foreign_mark_is_the_wrong_encoding() {
        let plain = utf16("abc", false);
        assert!(read(Encoding::Utf16, &plain).expect_err("no mark").contains("byte order mark"));
        assert!(read(Encoding::Utf16Be, &utf16("\u{FEFF}abc", false)).is_err());
        assert!(read(Encoding::Utf16Le, &plain[..5]).expect_err("odd").contains("half a character"));
    }

    #[test]
    fn half_surrogates_become_what_utf8_forbids() {
        let bytes = [0xD8, 0x00, 0x00, b'a', 0xDC, 0x00, 0xD8, 0x01];
        assert_eq!(read(Encoding::Utf16Be, &bytes), Ok(b"\xED\xA0\x80a\xED\xB0\x80\xED\xA0\x81".to_vec()));
    }

    #[test]
    fn iso_8859_1_is_one_byte_a_character() {
        assert_eq!(read(Encoding::Iso88591, b"caf\xe9 \xff\x80"), Ok("café ÿ\u{80}".as_bytes().to_vec()));
    }
}
