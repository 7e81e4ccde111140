//! Files: small ones in groups, large ones while they are cut.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use super::{Body, FetchError, Fetcher, Part};
use crate::error::CopyError;
use crate::state::{LoadState, ObjectState};

impl Fetcher {
    /// Reads small files, one after another, off the async threads.
    pub(super) async fn read_local(&self, objects: Vec<Arc<ObjectState>>) -> Result<Vec<Part>, FetchError> {
        let state = Arc::clone(&self.state);
        let read = tokio::task::spawn_blocking(move || {
            let mut parts = Vec::with_capacity(objects.len());
            for object in objects {
                if state.is_stopped() {
                    return Err(FetchError::Stopped);
                }
                let bytes = std::fs::read(&*object.url).map_err(|source| file_error(&object, source))?;
                object.listed().check_size(bytes.len() as u64)?;
                state.add_bytes(bytes.len() as u64);
                parts.push(Part { object, body: Body::Object(bytes.into()) });
            }
            Ok(parts)
        });
        read.await.unwrap_or_else(|error| Err(CopyError::Internal(error.to_string()).into()))
    }

    /// Reads and cuts a large file.
    pub(super) async fn stream_local(&self, object: &Arc<ObjectState>) -> Result<(), FetchError> {
        let opened = File::open(&*object.url).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size_bytes, reader) = opened.map_err(|source| file_error(object, source))?;
        object.listed().check_size(size_bytes)?;
        let state = Arc::clone(&self.state);
        self.cut(CountedReader { reader, state }, object).await
    }
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
