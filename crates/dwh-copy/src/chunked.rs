//! Reading what comes a chunk at a time.

use std::io::{self, Read};

/// Where chunks come from.
pub(crate) trait Chunks {
    /// Puts the next bytes, which may be none, into the empty `chunk`; `false` at the end.
    fn next_chunk(&mut self, chunk: &mut Vec<u8>) -> io::Result<bool>;
}

/// Reads chunks one after another; the memory of one is that of the next.
pub(crate) struct ChunkedReader<C> {
    chunks: C,
    chunk: Vec<u8>,
    position: usize,
}

impl<C> ChunkedReader<C> {
    pub(crate) fn new(chunks: C) -> Self {
        Self { chunks, chunk: Vec::new(), position: 0 }
    }
}

impl<C: Chunks> Read for ChunkedReader<C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.chunk.len() {
            self.chunk.clear();
            self.position = 0;
            match self.chunks.next_chunk(&mut self.chunk) {
                Ok(true) => {}
                Ok(false) => return Ok(0),
                Err(error) => {
                    // What was there of a damaged chunk is read by nobody.
                    self.chunk.clear();
                    return Err(error);
                }
            }
        }
        let rest = &self.chunk[self.position..];
        let length = buffer.len().min(rest.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.position += length;
        Ok(length)
    }
}
