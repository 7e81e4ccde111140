//! Memory for the parts of objects, used again and again: fresh memory costs a page fault for every 4 KiB,
//! which is more than a part's share of reading.

use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// The buffers of a COPY that are not in use.
#[derive(Clone, Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// An empty buffer, which comes back when it is dropped.
    pub(crate) fn take(&self) -> Buffer {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Buffer { memory, start: 0, end: 0, owner: self.clone() }
    }
}

/// Bytes in memory that is lent.
pub(crate) struct Buffer {
    memory: Vec<u8>,
    start: usize,
    end: usize,
    owner: Buffers,
}

impl Buffer {
    pub(crate) fn filled(&self) -> &[u8] {
        &self.memory[self.start..self.end]
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Reads so many bytes, or all there are. How many it read.
    pub(crate) fn read(&mut self, reader: &mut impl Read, wanted: usize) -> io::Result<usize> {
        let room = self.room(wanted);
        let mut length = 0;
        while length < wanted {
            match reader.read(&mut room[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.end += length;
        Ok(length)
    }

    /// Leaves the first bytes out.
    pub(crate) fn skip(&mut self, length: usize) {
        self.start += length;
    }

    /// Keeps the first bytes only.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.end = self.start + length;
    }

    fn room(&mut self, length: usize) -> &mut [u8] {
        let end = self.end + length;
        if self.memory.len() < end {
            self.memory.reserve_exact(end - self.memory.len());
            self.memory.resize(end, 0);
        }
        &mut self.memory[self.end..end]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        self.owner.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::Buffers;

    #[test]
    fn memory_is_lent_again_and_old_bytes_are_not_seen() {
        let buffers = Buffers::default();
        let mut first = buffers.take();
        assert_eq!(first.read(&mut &b"0123456789"[..], 20).unwrap(), 10);
        first.skip(2);
        first.truncate(3);
        assert_eq!(first.filled(), b"234");
        let address = first.filled().as_ptr();
        drop(first);
        let mut second = buffers.take();
        assert_eq!(second.filled(), b"");
        second.push(b"ab");
        assert_eq!(second.read(&mut io::repeat(b'c').take(3), 3).unwrap(), 3);
        assert_eq!(second.filled(), b"abccc");
        assert_eq!(second.filled().as_ptr().wrapping_add(2), address);
    }
}
