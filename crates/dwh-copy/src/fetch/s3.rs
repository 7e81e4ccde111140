//! S3 objects: small ones with one request each, large ones by ranges side by side.
//!
//! object_store retries a request that failed with 5xx or 429 or whose connection broke, and goes on
//! behind the last byte that came. Here every answer is compared with the listing, entity tag, size
//! and length, so that what was overwritten meanwhile is an error and never a mixture.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{FetchError, Fetcher, check_size};
use crate::error::{CopyError, StoreError};
use crate::source::{SourceUrl, head, store_error};
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
        self.read_range(object, 0..object.size_bytes).await
    }

    /// Reads an object range by range, several at a time, while a blocking thread unpacks and cuts it.
    pub(super) async fn stream_s3(&self, object: &Arc<ObjectState>) -> Result<(), FetchError> {
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
        let SourceUrl::S3 { bucket, key } = SourceUrl::parse(&object.url)? else {
            return Err(CopyError::Internal(format!("{} is not in S3", object.url)));
        };
        let store = self.options.stores.s3(&bucket, &self.options.access)?;
        let path = store.path(&key)?;
        let length = range.end - range.start;
        let options = GetOptions {
            if_match: object.strong_etag().map(str::to_owned),
            range: (length < object.size_bytes).then_some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let read = async {
            let answer = store.client.get_opts(&path, options).await?;
            let meta = answer.meta.clone();
            Ok((meta, answer.bytes().await?))
        };
        let (meta, bytes) = match read.await {
            Ok(answer) => answer,
            Err(error) => return Err(self.explain(object, &error).await),
        };
        check_size(object, meta.size)?;
        check_etag(object, meta.e_tag.as_deref())?;
        if bytes.len() as u64 != length {
            let message = format!("{} bytes came where {length} were announced", bytes.len());
            let source = StoreError { message, status: None, code: None };
            return Err(CopyError::Store { url: object.url.to_string(), source });
        }
        self.state.add_bytes(length);
        Ok(bytes)
    }

    /// What a failed request means: one that broke off may have been for an object that is no longer
    /// the one that was listed.
    async fn explain(&self, object: &ObjectState, error: &object_store::Error) -> CopyError {
        let failed = store_error(&object.url, error);
        let CopyError::Store { source, .. } = &failed else { return failed };
        let vanished = |source| CopyError::ObjectVanished { url: object.url.to_string(), source };
        if source.is_not_found() {
            return vanished(source.clone());
        }
        if !matches!(source.status, None | Some(412 | 416)) {
            return failed;
        }
        match head(&object.url, &self.options.stores, &self.options.access).await {
            Ok(None) => vanished(source.clone()),
            Ok(Some(now)) => {
                let same = check_size(object, now.size_bytes);
                same.and_then(|()| check_etag(object, now.etag.as_deref())).err().unwrap_or(failed)
            }
            // The store does not answer at all: the first failure says more.
            Err(_) => failed,
        }
    }
}

fn check_etag(object: &ObjectState, found: Option<&str>) -> Result<(), CopyError> {
    match (object.strong_etag(), found) {
        (Some(listed), Some(found)) if listed != found => Err(CopyError::ObjectChanged {
            url: object.url.to_string(),
            change: format!("the entity tag was {listed} and is {found} now"),
        }),
        _ => Ok(()),
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
