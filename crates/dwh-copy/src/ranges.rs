//! Any part of an object at any time, for formats whose directory is at their end.
//!
//! What is read in order (the columns of a row group, side by side) is read ahead in windows, so that a
//! file of any size takes a bounded amount of memory and not a request for each page.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;

use crate::error::CopyError;
use crate::source::{Listed, S3Access, SourceUrl, Stores, read_listed, watched};
use crate::state::{LoadState, ObjectState};

/// The most that is held of an object at a time, all its windows together.
pub(crate) const WINDOWS_BYTES: u64 = 32 << 20;
/// A window is no smaller, however many there are.
const MIN_WINDOW_BYTES: u64 = 64 << 10;
/// The end of an object, where the directory is, is read at once up to so much.
const TAIL_BYTES: u64 = 64 << 10;
/// What a sequential reader takes at a time.
const STEP_BYTES: u64 = 64 << 10;

/// The bytes of one object.
#[derive(Clone)]
pub(crate) struct RangeReader {
    object: Arc<Object>,
    /// The last is the tail of the object.
    windows: Arc<Mutex<Vec<Window>>>,
}

struct Object {
    url: Arc<str>,
    size_bytes: u64,
    origin: Origin,
    state: Arc<LoadState>,
    /// Why reading failed: the libraries in between keep no types.
    failure: Mutex<Option<CopyError>>,
}

enum Origin {
    Memory(Bytes),
    File(Mutex<File>),
    S3 { stores: Stores, access: S3Access, etag: Option<Arc<str>>, runtime: Handle },
}

/// A stretch of the object that is read from its beginning to its end.
#[derive(Clone)]
struct Window {
    stretch: Range<u64>,
    ahead_bytes: u64,
    /// Where the bytes that are held begin.
    start: u64,
    bytes: Bytes,
}

impl RangeReader {
    /// An object that is in memory.
    pub(crate) fn of_bytes(object: &ObjectState, bytes: Bytes, state: &Arc<LoadState>) -> Self {
        let size_bytes = bytes.len() as u64;
        Self::new(object, size_bytes, Origin::Memory(bytes), state)
    }

    /// An object of S3, or a file.
    ///
    /// # Errors
    /// [`CopyError::File`], [`CopyError::InvalidSource`] and those of opening the store.
    pub(crate) fn open(
        object: &ObjectState,
        stores: &Stores,
        access: &S3Access,
        state: &Arc<LoadState>,
    ) -> Result<Self, CopyError> {
        let origin = match stores.locate(&object.url)? {
            SourceUrl::S3 { .. } => Origin::S3 {
                stores: stores.clone(),
                access: access.clone(),
                etag: object.etag.clone(),
                runtime: Handle::current(),
            },
            SourceUrl::Local(path) => {
                let opened = File::open(&path);
                let failed = |source| CopyError::File { path: path.display().to_string(), source };
                Origin::File(Mutex::new(opened.map_err(failed)?))
            }
        };
        Ok(Self::new(object, object.size_bytes, origin, state))
    }

    fn new(object: &ObjectState, size_bytes: u64, origin: Origin, state: &Arc<LoadState>) -> Self {
        Self::open_at(Arc::clone(&object.url), size_bytes, origin, state)
    }

    fn open_at(url: Arc<str>, size_bytes: u64, origin: Origin, state: &Arc<LoadState>) -> Self {
        let tail = Window::new(size_bytes.saturating_sub(TAIL_BYTES)..size_bytes, TAIL_BYTES);
        let object = Object { url, size_bytes, origin, state: Arc::clone(state), failure: Mutex::default() };
        Self { object: Arc::new(object), windows: Arc::new(Mutex::new(vec![tail])) }
    }

    /// A reader of a file that stands for the object, of another size.
    pub(crate) fn of_file(&self, file: File, size_bytes: u64) -> Self {
        let Object { url, state, .. } = &*self.object;
        Self::open_at(Arc::clone(url), size_bytes, Origin::File(Mutex::new(file)), state)
    }

    /// A reader of the same object for these stretches, each read from its beginning to its end.
    pub(crate) fn for_stretches(&self, stretches: &[Range<u64>]) -> Self {
        let tail = lock(&self.windows).last().cloned();
        let ahead = (WINDOWS_BYTES / stretches.len().max(1) as u64).max(MIN_WINDOW_BYTES);
        let windows = stretches.iter().map(|stretch| Window::new(stretch.clone(), ahead)).chain(tail);
        Self { object: Arc::clone(&self.object), windows: Arc::new(Mutex::new(windows.collect())) }
    }

    /// Reads the stretches now, in one request, if they come over the network and fit into the windows.
    pub(crate) async fn prefetch(&self) -> Result<(), CopyError> {
        if !matches!(self.object.origin, Origin::S3 { .. }) {
            return Ok(());
        }
        let all = {
            let windows = lock(&self.windows);
            let stretches = windows.split_last().map_or(&[][..], |(_tail, stretches)| stretches);
            let start = stretches.iter().map(|window| window.stretch.start).min().unwrap_or_default();
            let end = stretches.iter().map(|window| window.stretch.end).max().unwrap_or_default();
            start..end
        };
        if all.is_empty() || all.end - all.start > WINDOWS_BYTES {
            return Ok(());
        }
        let bytes = self.object.get(all.clone()).await?;
        let start = all.start;
        let mut windows = lock(&self.windows);
        let stretches = windows.len().saturating_sub(1);
        windows.splice(..stretches, [Window { stretch: all, ahead_bytes: 0, start, bytes }]);
        Ok(())
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.object.size_bytes
    }

    /// Some bytes. Blocks; must not run on an async thread.
    pub(crate) fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        if range.start > range.end || range.end > self.object.size_bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Origin::Memory(bytes) = &self.object.origin {
            return Ok(bytes.slice(range.start as usize..range.end as usize));
        }
        let mut windows = lock(&self.windows);
        if let Some(bytes) = windows.iter().find_map(|window| window.held(&range)) {
            return Ok(bytes);
        }
        let Some(window) = windows.iter_mut().find(|window| window.stretch.contains(&range.start)) else {
            return self.object.fetch(range);
        };
        // A stretch that fits into its window is read whole, wherever reading begins.
        let fits = window.stretch.end - window.stretch.start <= window.ahead_bytes;
        let start = if fits { window.stretch.start } else { range.start };
        let ahead = (start + window.ahead_bytes).min(window.stretch.end);
        window.bytes = self.object.fetch(start..range.end.max(ahead))?;
        window.start = start;
        Ok(window.bytes.slice((range.start - start) as usize..(range.end - start) as usize))
    }

    /// The bytes from an offset on, one after another.
    pub(crate) fn read_from(&self, position: u64) -> SequentialReader {
        SequentialReader { reader: self.clone(), position, bytes: Bytes::new() }
    }

    /// What is unpacked from the object: reading it ends when the COPY stops, however much it still makes of the
    /// bytes that are here.
    pub(crate) fn stopping<R: Read>(&self, unpacked: R) -> impl Read {
        StoppingReader { object: Arc::clone(&self.object), unpacked }
    }

    /// Why reading failed, if it did.
    pub(crate) fn failure(&self) -> Option<CopyError> {
        lock(&self.object.failure).take()
    }
}

impl Window {
    fn new(stretch: Range<u64>, ahead_bytes: u64) -> Self {
        Self { start: stretch.start, stretch, ahead_bytes, bytes: Bytes::new() }
    }

    fn held(&self, range: &Range<u64>) -> Option<Bytes> {
        let end = self.start + self.bytes.len() as u64;
        (self.start <= range.start && range.end <= end)
            .then(|| self.bytes.slice((range.start - self.start) as usize..(range.end - self.start) as usize))
    }
}

impl Object {
    fn check_stopped(&self) -> Result<(), CopyError> {
        if self.state.is_stopped() { Err(CopyError::Cancelled) } else { Ok(()) }
    }

    fn fetch(&self, range: Range<u64>) -> io::Result<Bytes> {
        let fetched = match &self.origin {
            Origin::Memory(bytes) => Ok(bytes.slice(range.start as usize..range.end as usize)),
            Origin::File(file) => self.read_file(&mut lock(file), range),
            Origin::S3 { runtime, .. } => runtime.block_on(self.get(range)),
        };
        self.noted(fetched)
    }

    /// Keeps an error for [`RangeReader::failure`].
    fn noted<T>(&self, done: Result<T, CopyError>) -> io::Result<T> {
        done.map_err(|error| {
            let message = error.to_string();
            lock(&self.failure).get_or_insert(error);
            io::Error::other(message)
        })
    }

    fn read_file(&self, file: &mut File, range: Range<u64>) -> Result<Bytes, CopyError> {
        self.check_stopped()?;
        let mut bytes = vec![0; (range.end - range.start) as usize];
        let read = file.seek(SeekFrom::Start(range.start)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|source| CopyError::File { path: self.url.to_string(), source })?;
        Ok(bytes.into())
    }

    /// All ranges must be of the object that was listed.
    async fn get(&self, range: Range<u64>) -> Result<Bytes, CopyError> {
        let Origin::S3 { stores, access, etag, .. } = &self.origin else {
            return Err(CopyError::Internal(format!("{} is not in S3", self.url)));
        };
        let listed = Listed { url: &self.url, size_bytes: self.size_bytes, etag: etag.as_deref() };
        let read = read_listed(listed, range, stores, access);
        tokio::select! {
            () = self.state.stopped() => Err(CopyError::Cancelled),
            read = watched(self.state.progress(), Arc::clone(&self.url), read) => read,
        }
    }
}

/// Reads an object in order from some offset.
pub(crate) struct SequentialReader {
    reader: RangeReader,
    position: u64,
    bytes: Bytes,
}

impl Read for SequentialReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            let end = (self.position + STEP_BYTES).min(self.reader.size_bytes());
            self.bytes = self.reader.read(self.position..end)?;
            self.position = end;
        }
        let length = buffer.len().min(self.bytes.len());
        buffer[..length].copy_from_slice(&self.bytes.split_to(length));
        Ok(length)
    }
}

struct StoppingReader<R> {
    object: Arc<Object>,
    unpacked: R,
}

impl<R: Read> Read for StoppingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.object.noted(self.object.check_stopped())?;
        self.unpacked.read(buffer)
    }
}

impl parquet::file::reader::Length for RangeReader {
    fn len(&self) -> u64 {
        self.size_bytes()
    }
}

impl parquet::file::reader::ChunkReader for RangeReader {
    type T = SequentialReader;

    fn get_read(&self, start: u64) -> parquet::errors::Result<SequentialReader> {
        Ok(self.read_from(start))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        Ok(self.read(start..start.saturating_add(length as u64))?)
    }
}

impl orc_rust::reader::ChunkReader for RangeReader {
    type T = SequentialReader;

    fn len(&self) -> u64 {
        self.size_bytes()
    }

    fn get_read(&self, start: u64) -> io::Result<SequentialReader> {
        Ok(self.read_from(start))
    }

    fn get_bytes(&self, start: u64, length: u64) -> io::Result<Bytes> {
        self.read(start..start.saturating_add(length))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};
    use std::sync::Arc;

    use bytes::Bytes;

    use super::RangeReader;
    use crate::error::CopyError;
    use crate::outcome::Progress;
    use crate::source::ObjectMeta;
    use crate::state::LoadState;

    /// Never ends; the COPY stops when a third buffer is asked for.
    struct Endless {
        state: Arc<LoadState>,
        reads: usize,
    }

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.reads += 1;
            if self.reads == 3 {
                self.state.stop();
            }
            Ok(buffer.len())
        }
    }

    #[test]
    fn unpacking_ends_when_the_copy_stops() {
        let state = Arc::new(LoadState::new(1, 1, Arc::new(Progress::default())));
        let meta = ObjectMeta { url: "k".into(), size_bytes: 1, etag: None, last_modified: None };
        let object = state.add_object(meta);
        let reader = RangeReader::of_bytes(&object, Bytes::from_static(b"x"), &state);
        let endless = Endless { state: Arc::clone(&state), reads: 0 };
        io::copy(&mut reader.stopping(endless), &mut io::sink()).expect_err("stopped");
        assert!(matches!(reader.failure(), Some(CopyError::Cancelled)));
    }
}
