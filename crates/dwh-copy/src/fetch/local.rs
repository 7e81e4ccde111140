//! Files: small ones in groups, large ones while they are cut.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;

use super::{Body, FetchError, Fetcher, Part};
use crate::error::CopyError;
use crate::state::{LoadState, ObjectState};

impl Fetcher {
    /// Reads small files, one after another, off the async threads.
    pub(super) async fn read_local(&self, objects: Vec<Arc<ObjectState>>) -> Result<Vec<Part>, FetchError> {
        let state = Arc::clone(&self.state);
        let read = tokio::task::spawn_blocking(move || {
            // One memory for all, with a byte more than was listed, to see whether there is more.
            let size_bytes: u64 = objects.iter().map(|object| object.size_bytes).sum();
            let mut bytes = vec![0; size_bytes as usize + 1];
            let mut start = 0;
            for object in &objects {
                if state.is_stopped() {
                    return Err(FetchError::Stopped);
                }
                object.start();
                let length = read_file(object, &mut bytes[start..])?;
                object.transferred();
                state.add_bytes(length as u64);
                start += length;
            }
            let mut bytes = Bytes::from(bytes);
            let whole = |object: Arc<ObjectState>| {
                let body = Body::Object(bytes.split_to(object.size_bytes as usize));
                Part { object, body }
            };
            Ok(objects.into_iter().map(whole).collect())
        });
        read.await.unwrap_or_else(|error| Err(CopyError::Internal(error.to_string()).into()))
    }

    /// Reads and cuts a large file.
    pub(super) async fn stream_local(&self, object: &Arc<ObjectState>) -> Result<(), FetchError> {
        object.start();
        let opened = File::open(&*object.url).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size_bytes, reader) = opened.map_err(|source| file_error(object, source))?;
        object.listed().check_size(size_bytes)?;
        let state = Arc::clone(&self.state);
        self.cut(CountedReader { reader, state }, object).await
    }
}

/// Reads a file of the size listed into memory that has room for more.
fn read_file(object: &ObjectState, bytes: &mut [u8]) -> Result<usize, CopyError> {
    let failed = |source| file_error(object, source);
    let expected = object.size_bytes as usize;
    let mut file = File::open(&*object.url).map_err(failed)?;
    let mut length = 0;
    while length <= expected {
        // A regular file gives all that is asked for, or all it has.
        match file.read(&mut bytes[length..=expected]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        }
        if length == expected {
            break;
        }
    }
    object.listed().check_size(length as u64)?;
    Ok(length)
}

pub(super) fn file_error(object: &ObjectState, source: io::Error) -> CopyError {
    CopyError::File { path: object.url.to_string(), source }
}

/// Counts the bytes of a file as they are read, and ends when the COPY stops.
struct CountedReader {
    reader: File,
    state: Arc<LoadState>,
}

impl Read for CountedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.state.is_stopped() {
            return Err(io::Error::other(CopyError::Cancelled));
        }
        let length = self.reader.read(buffer)?;
        self.state.add_bytes(length as u64);
        Ok(length)
    }
}
