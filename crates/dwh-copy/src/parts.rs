//! Cuts the bytes of a large or compressed object into parts that end between records, so that memory
//! stays bounded and the parts of one object can be decoded on several threads.

use std::io::{self, Read};

use crate::buffers::{Buffer, Buffers};
use crate::framing::Framing;
use crate::records::{Header, MAX_RECORD_BYTES, count_lines};

/// Records of an object, whole ones, in order.
pub(crate) struct Records {
    buffer: Buffer,
    /// 1-based line on which the bytes begin.
    pub(crate) first_line: u64,
    /// Whether the object ends here.
    pub(crate) is_last: bool,
}

impl Records {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.filled()
    }
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
    buffers: Buffers,
    /// What was read behind the last cut.
    carried: Vec<u8>,
    next_line: u64,
    ended: bool,
}

impl<R: Read> PartReader<R> {
    /// `buffers` are those of the COPY.
    pub(crate) fn new(
        reader: R,
        framing: Framing,
        header: Header,
        part_bytes: usize,
        buffers: &Buffers,
    ) -> Self {
        Self {
            reader,
            framing,
            header,
            part_bytes,
            buffers: buffers.clone(),
            carried: Vec::new(),
            next_line: 1,
            ended: false,
        }
    }

    /// The next part; `None` behind the last.
    pub(crate) fn next_part(&mut self) -> Result<Option<Records>, PartError> {
        if self.ended {
            return Ok(None);
        }
        let mut buffer = self.buffers.take();
        buffer.push(&self.carried);
        loop {
            let length = buffer.filled().len();
            // Twice as much each time no record ends in it.
            let wanted = self.part_bytes.saturating_sub(length).max(length).max(1);
            let read = buffer.read(&mut self.reader, wanted).map_err(PartError::Io)?;
            let skipped = self.header.skip(buffer.filled());
            if skipped > 0 {
                self.next_line += count_lines(&buffer.filled()[..skipped]);
                buffer.skip(skipped);
            }
            if read < wanted {
                self.ended = true;
                return Ok(Some(self.part(buffer)));
            }
            let bytes = buffer.filled();
            if let Some(boundary) = self.framing.last_boundary(bytes) {
                self.carried.clear();
                self.carried.extend_from_slice(&bytes[boundary..]);
                buffer.truncate(boundary);
                return Ok(Some(self.part(buffer)));
            }
            if bytes.len() > MAX_RECORD_BYTES {
                if let Some(start) = self.framing.endless_record(bytes) {
                    let line = self.next_line + count_lines(&bytes[..start]);
                    return Err(PartError::RecordTooLarge { line });
                }
                // Junk without an end in sight: an error wherever it is cut.
                self.carried.clear();
                return Ok(Some(self.part(buffer)));
            }
        }
    }

    fn part(&mut self, buffer: Buffer) -> Records {
        let first_line = self.next_line;
        self.next_line += count_lines(buffer.filled());
        Records { buffer, first_line, is_last: self.ended }
    }
}

#[cfg(test)]
mod tests;
