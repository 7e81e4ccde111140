//! S3 objects: small ones with one request each, large ones by ranges side by side.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{FetchError, FetchOptions, Fetcher};
use crate::error::CopyError;
use crate::source::{read_listed, watched};
use crate::state::ObjectState;

/// Bytes that one request for a piece of a large object asks for.
pub(super) const RANGE_BYTES: u64 = 8 << 20;
/// Ranges of one object asked for at the same time.
const RANGES_PER_OBJECT: usize = 8;

/// A range of an object, and its leave to be in memory.
type Chunk = (Bytes, OwnedSemaphorePermit);

impl Fetcher {
    /// Reads a whole object.
    pub(super) async fn read_s3(&self, object: &ObjectState) -> Result<Bytes, CopyError> {
        object.start();
        let bytes = self.read_range(object, 0..object.size_bytes).await?;
        object.transferred();
        Ok(bytes)
    }

    /// Reads an object range by range, several at a time, while a blocking thread unpacks and cuts it.
    pub(super) async fn stream_s3(&self, object: &Arc<ObjectState>) -> Result<(), FetchError> {
        object.start();
        let (sender, receiver) = mpsc::channel(RANGES_PER_OBJECT);
        let reader = ChunkReader { receiver, chunk: None, left_bytes: object.size_bytes };
        let receive = async {
            let starts = (0..object.size_bytes).step_by(RANGE_BYTES as usize);
            let mut chunks =
                stream::iter(starts).map(|start| self.read_chunk(object, start)).buffered(RANGES_PER_OBJECT);
            while let Some(chunk) = chunks.try_next().await? {
                if sender.send(chunk).await.is_err() {
                    // The cutting thread has its reason, and tells it.
                    break;
                }
            }
            drop(sender);
            Ok(())
        };
        let (received, cut) = tokio::join!(receive, self.cut(reader, object));
        received.and(cut)
    }

    async fn read_chunk(&self, object: &ObjectState, start: u64) -> Result<Chunk, FetchError> {
        // Leave is given in the order of asking, so the range that the cutting thread waits for has it.
        let leave = Arc::clone(&self.ranges).acquire_owned().await.map_err(|_| FetchError::Stopped)?;
        let end = object.size_bytes.min(start + RANGE_BYTES);
        Ok((self.read_range(object, start..end).await?, leave))
    }

    async fn read_range(&self, object: &ObjectState, range: Range<u64>) -> Result<Bytes, CopyError> {
        let FetchOptions { stores, access, .. } = &self.options;
        let read = read_listed(object.listed(), range, stores, access);
        let bytes = watched(self.state.progress(), Arc::clone(&object.url), read).await?;
        self.state.add_bytes(bytes.len() as u64);
        Ok(bytes)
    }
}

/// The chunks of an object as a reader.
struct ChunkReader {
    receiver: mpsc::Receiver<Chunk>,
    chunk: Option<Chunk>,
    left_bytes: u64,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some((bytes, _)) = &mut self.chunk
                && !bytes.is_empty()
            {
                let length = buffer.len().min(bytes.len());
                bytes.copy_to_slice(&mut buffer[..length]);
                self.left_bytes = self.left_bytes.saturating_sub(length as u64);
                return Ok(length);
            }
            // Its leave goes before the next chunk is waited for.
            self.chunk = None;
            match self.receiver.blocking_recv() {
                Some(chunk) => self.chunk = Some(chunk),
                None if self.left_bytes == 0 => return Ok(0),
                // The other side has failed, or the COPY was cancelled: this is not the object's end.
                None => return Err(io::Error::other(CopyError::Cancelled)),
            }
        }
    }
}
