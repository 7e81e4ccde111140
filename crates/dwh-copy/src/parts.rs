//! Cuts the bytes of a large or compressed object into parts that end between records, so that memory
//! stays bounded and the parts of one object can be decoded on several threads.

use std::io::{self, Read};

use crate::framing::Framing;
use crate::records::{Header, MAX_RECORD_BYTES, count_lines};

/// Records of an object, whole ones, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Records {
    pub(crate) bytes: Vec<u8>,
    /// 1-based line on which the bytes begin.
    pub(crate) first_line: u64,
    /// Whether the object ends here.
    pub(crate) is_last: bool,
}

/// Why no part could be cut.
#[derive(Debug)]
pub(crate) enum PartError {
    /// Reading or unpacking failed.
    Io(io::Error),
    /// The value that begins on this line is longer than a record may be.
    RecordTooLarge { line: u64 },
}

/// Reads an object's unpacked bytes part by part.
pub(crate) struct PartReader<R> {
    reader: R,
    framing: Framing,
    header: Header,
    part_bytes: usize,
    /// What was read behind the last cut.
    carried: Vec<u8>,
    next_line: u64,
    ended: bool,
}

impl<R: Read> PartReader<R> {
    pub(crate) fn new(reader: R, framing: Framing, header: Header, part_bytes: usize) -> Self {
        Self { reader, framing, header, part_bytes, carried: Vec::new(), next_line: 1, ended: false }
    }

    /// The next part; `None` behind the last.
    pub(crate) fn next_part(&mut self) -> Result<Option<Records>, PartError> {
        if self.ended {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.carried);
        loop {
            let wanted = self.part_bytes.saturating_sub(bytes.len()).max(self.part_bytes / 4).max(1);
            bytes.reserve_exact(wanted);
            let read =
                self.reader.by_ref().take(wanted as u64).read_to_end(&mut bytes).map_err(PartError::Io)?;
            let skipped = self.header.skip(&bytes);
            if skipped > 0 {
                self.next_line += count_lines(&bytes[..skipped]);
                bytes.drain(..skipped);
            }
            if read < wanted {
                self.ended = true;
                return Ok(Some(self.part(bytes)));
            }
            if let Some(boundary) = self.framing.last_boundary(&bytes) {
                self.carried = bytes.split_off(boundary);
                return Ok(Some(self.part(bytes)));
            }
            if bytes.len() > MAX_RECORD_BYTES {
                if let Some(start) = self.framing.endless_record(&bytes) {
                    let line = self.next_line + count_lines(&bytes[..start]);
                    return Err(PartError::RecordTooLarge { line });
                }
                // Junk without an end in sight: an error wherever it is cut.
                return Ok(Some(self.part(bytes)));
            }
        }
    }

    fn part(&mut self, bytes: Vec<u8>) -> Records {
        let first_line = self.next_line;
        self.next_line += count_lines(&bytes);
        Records { bytes, first_line, is_last: self.ended }
    }
}

#[cfg(test)]
mod tests;
