//! Reads objects, many at a time, and hands their bytes to the slices.
//!
//! Small objects are read whole and travel in groups, so that 50,000 of them cost about what their
//! bytes cost; large ones are streamed in parts. Bytes in flight stay within the budget of the COPY.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::coding::Coding;
use crate::compression::Compression;
use crate::encoding::WrongEncoding;
use crate::error::CopyError;
use crate::framing::Framing;
use crate::load_error::{LoadError, code};
use crate::parts::{PartError, PartReader, Records};
use crate::records::Header;
use crate::source::{ObjectMeta, ObjectPages, S3Access, SourceUrl, Stores, store_error};
use crate::state::{LoadState, ObjectState, Stopped};

/// Groups of objects read at the same time from S3, and from a local disk.
const S3_LANES: usize = 32;
const LOCAL_LANES: usize = 4;
/// The most objects and bytes of a group; a group's objects are requested together.
const GROUP_OBJECTS: usize = 16;
const LOCAL_GROUP_OBJECTS: usize = 256;
const GROUP_BYTES: u64 = 1 << 20;
/// Chunks of a streamed object that wait to be cut.
const WAITING_CHUNKS: usize = 16;

/// What a slice decodes at a time.
pub(crate) struct Work {
    pub(crate) parts: Vec<Part>,
    /// Its share of the budget, given back when it is decoded.
    pub(crate) _permit: OwnedSemaphorePermit,
}

/// A piece of an object.
pub(crate) struct Part {
    pub(crate) object: Arc<ObjectState>,
    pub(crate) body: Body,
}

/// The bytes of a part.
pub(crate) enum Body {
    /// A whole object, as stored.
    Object(Bytes),
    /// Some records of an object, unpacked.
    Records(Records),
}

/// Reads all objects of a COPY.
pub(crate) struct Fetcher {
    pub(crate) stores: Stores,
    pub(crate) access: S3Access,
    pub(crate) coding: Coding,
    pub(crate) framing: Framing,
    pub(crate) ignore_header_lines: u64,
    pub(crate) part_bytes: usize,
    pub(crate) state: Arc<LoadState>,
    pub(crate) work: mpsc::Sender<Work>,
}

/// Objects that are read together.
enum Group {
    /// Whole ones, of S3 or of the local disk.
    Whole(Vec<Arc<ObjectState>>),
    /// One that is streamed in parts.
    Streamed(Arc<ObjectState>),
}

/// Why fetching ended early.
enum FetchError {
    Stopped,
    Copy(CopyError),
}

impl From<Stopped> for FetchError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<CopyError> for FetchError {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl Fetcher {
    /// Reads every object of the pages; returns when all is handed over, or the COPY has stopped.
    ///
    /// # Errors
    /// Those of listing and reading.
    pub(crate) async fn run(&self, pages: ObjectPages, source_is_local: bool) -> Result<(), CopyError> {
        let lanes = if source_is_local { LOCAL_LANES } else { S3_LANES };
        let groups = pages
            .map_ok(|page| stream::iter(self.group(page).into_iter().map(Ok::<_, CopyError>)))
            .try_flatten();
        let fetched = groups
            .map_err(FetchError::from)
            .map_ok(|group| self.fetch(group))
            .try_buffer_unordered(lanes)
            .try_for_each(|()| std::future::ready(Ok(())));
        match fetched.await {
            Ok(()) | Err(FetchError::Stopped) => Ok(()),
            Err(FetchError::Copy(error)) => Err(error),
        }
    }

    fn group(&self, page: Vec<ObjectMeta>) -> Vec<Group> {
        let mut groups = Vec::new();
        let mut group: Vec<Arc<ObjectState>> = Vec::new();
        let mut group_bytes = 0;
        for object in page {
            let object = self.state.add_object(object);
            if object.size_bytes == 0 {
                self.state.close_part(&object);
                continue;
            }
            if object.size_bytes > self.part_bytes as u64 {
                groups.push(Group::Streamed(object));
                continue;
            }
            let is_local = is_local(&object);
            let max_objects = if is_local { LOCAL_GROUP_OBJECTS } else { GROUP_OBJECTS };
            let is_full = group.len() >= max_objects
                || group_bytes + object.size_bytes > GROUP_BYTES
                || group.last().is_some_and(|last| self::is_local(last) != is_local);
            if is_full && !group.is_empty() {
                groups.push(Group::Whole(std::mem::take(&mut group)));
                group_bytes = 0;
            }
            group_bytes += object.size_bytes;
            group.push(object);
        }
        if !group.is_empty() {
            groups.push(Group::Whole(group));
        }
        groups
    }

    async fn fetch(&self, group: Group) -> Result<(), FetchError> {
        match group {
            Group::Whole(objects) => {
                let bytes = objects.iter().map(|object| object.size_bytes).sum();
                let permit = self.state.reserve(bytes).await?;
                let parts = if objects.iter().all(|object| is_local(object)) {
                    self.read_local(objects).await?
                } else {
                    self.read_s3(objects).await?
                };
                self.work.send(Work { parts, _permit: permit }).await.map_err(|_| FetchError::Stopped)
            }
            Group::Streamed(object) => self.stream(object).await,
        }
    }

    async fn read_local(&self, objects: Vec<Arc<ObjectState>>) -> Result<Vec<Part>, FetchError> {
        let state = Arc::clone(&self.state);
        let read = tokio::task::spawn_blocking(move || {
            let mut parts = Vec::with_capacity(objects.len());
            for object in objects {
                if state.is_stopped() {
                    return Err(FetchError::Stopped);
                }
                let bytes = std::fs::read(&*object.url).map_err(|source| file_error(&object, source))?;
                check_size(&object, bytes.len() as u64)?;
                state.add_bytes(bytes.len() as u64);
                parts.push(Part { object, body: Body::Object(bytes.into()) });
            }
            Ok(parts)
        });
        read.await.unwrap_or_else(|error| Err(CopyError::Internal(error.to_string()).into()))
    }

    async fn read_s3(&self, objects: Vec<Arc<ObjectState>>) -> Result<Vec<Part>, FetchError> {
        let reads = stream::iter(objects).map(|object| async move {
            let failed = |error| store_error(&object.url, &error);
            let bytes = self.get(&object).await?.bytes().await.map_err(failed)?;
            self.state.add_bytes(bytes.len() as u64);
            Ok(Part { object, body: Body::Object(bytes) })
        });
        reads.buffered(GROUP_OBJECTS).try_collect().await
    }

    /// Asks for an object and checks that it is the one that was listed.
    async fn get(&self, object: &ObjectState) -> Result<object_store::GetResult, CopyError> {
        let SourceUrl::S3 { bucket, key } = SourceUrl::parse(&object.url)? else {
            return Err(CopyError::Internal(format!("{} is not in S3", object.url)));
        };
        let store = self.stores.s3(&bucket, &self.access)?;
        let answer = store.client.get(&store.path(&key)?).await;
        let answer = answer.map_err(|error| store_error(&object.url, &error))?;
        check_size(object, answer.meta.size)?;
        Ok(answer)
    }

    /// Reads an object chunk by chunk while a blocking thread unpacks and cuts it.
    async fn stream(&self, object: Arc<ObjectState>) -> Result<(), FetchError> {
        if is_local(&object) {
            let opened = File::open(&*object.url).and_then(|file| Ok((file.metadata()?.len(), file)));
            let (size_bytes, reader) = opened.map_err(|source| file_error(&object, source))?;
            check_size(&object, size_bytes)?;
            let state = Arc::clone(&self.state);
            let counted = CountedReader { reader, state };
            return self.cut(counted, &object).await;
        }
        let (sender, receiver) = mpsc::channel(WAITING_CHUNKS);
        let reader = ChunkReader { receiver, chunk: Bytes::new(), left_bytes: object.size_bytes };
        let receive = async {
            let mut chunks = self.get(&object).await?.into_stream();
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(|error| store_error(&object.url, &error))?;
                self.state.add_bytes(chunk.len() as u64);
                if sender.send(chunk).await.is_err() {
                    // The cutting thread has its reason, and tells it.
                    break;
                }
            }
            drop(sender);
            Ok(())
        };
        let (received, cut) = tokio::join!(receive, self.cut(reader, &object));
        received.and(cut)
    }

    async fn cut(
        &self,
        reader: impl Read + Send + 'static,
        object: &Arc<ObjectState>,
    ) -> Result<(), FetchError> {
        let cutter = Cutter {
            coding: self.coding,
            state: Arc::clone(&self.state),
            object: Arc::clone(object),
            work: self.work.clone(),
            runtime: tokio::runtime::Handle::current(),
            part_bytes: self.part_bytes as u64,
        };
        let (framing, header, part_bytes) =
            (self.framing, Header::new(self.ignore_header_lines), self.part_bytes);
        let cut = tokio::task::spawn_blocking(move || {
            let reader = cutter.coding.reader(reader);
            let reader =
                reader.map_err(|error| part_error(&cutter.object, cutter.coding, PartError::Io(error)))?;
            cutter.run(PartReader::new(reader, framing, header, part_bytes))
        });
        cut.await.unwrap_or_else(|error| Err(CopyError::Internal(error.to_string()).into()))
    }
}

/// Cuts one object into parts, on a blocking thread.
struct Cutter {
    coding: Coding,
    state: Arc<LoadState>,
    object: Arc<ObjectState>,
    work: mpsc::Sender<Work>,
    runtime: tokio::runtime::Handle,
    part_bytes: u64,
}

impl Cutter {
    fn run<R: Read>(self, mut parts: PartReader<R>) -> Result<(), FetchError> {
        loop {
            // Before the part is read: its bytes count from then on.
            let permit = self.runtime.block_on(self.state.reserve(self.part_bytes))?;
            let records = match parts.next_part() {
                Ok(Some(records)) => records,
                Ok(None) => break,
                Err(error) => match rejected_object(&self.object, &error) {
                    Some(rejected) => {
                        self.state.reject(&self.object, rejected)?;
                        break;
                    }
                    None => return Err(part_error(&self.object, self.coding, error).into()),
                },
            };
            self.state.open_part(&self.object);
            let part = Part { object: Arc::clone(&self.object), body: Body::Records(records) };
            let work = Work { parts: vec![part], _permit: permit };
            self.work.blocking_send(work).map_err(|_| FetchError::Stopped)?;
        }
        self.state.close_part(&self.object);
        Ok(())
    }
}

fn is_local(object: &ObjectState) -> bool {
    !object.url.starts_with("s3://")
}

/// An object that is no longer the one that was listed is not loaded: the ledger of what was loaded
/// would be wrong.
fn check_size(object: &ObjectState, found_bytes: u64) -> Result<(), CopyError> {
    if found_bytes == object.size_bytes {
        return Ok(());
    }
    Err(CopyError::ObjectChanged {
        url: object.url.to_string(),
        listed_bytes: object.size_bytes,
        found_bytes,
    })
}

fn file_error(object: &ObjectState, source: io::Error) -> CopyError {
    CopyError::File { path: object.url.to_string(), source }
}

/// What cutting met, in terms of the object.
pub(crate) fn part_error(object: &ObjectState, coding: Coding, error: PartError) -> CopyError {
    match error {
        PartError::RecordTooLarge { line } => CopyError::RecordTooLarge { url: object.url.to_string(), line },
        PartError::Io(error) => match error.downcast::<CopyError>() {
            Ok(error) => error,
            Err(error) if coding.compression != Compression::None => CopyError::Compression {
                url: object.url.to_string(),
                compression: coding.compression,
                reason: error.to_string(),
            },
            Err(error) => file_error(object, error),
        },
    }
}

/// What is logged of an object that is not in the encoding of the statement: it is rejected as a whole, and
/// counts as one error.
pub(crate) fn rejected_object(object: &ObjectState, error: &PartError) -> Option<LoadError> {
    let PartError::Io(error) = error else { return None };
    let wrong = error.get_ref()?.downcast_ref::<WrongEncoding>()?;
    Some(LoadError {
        url: object.url.to_string(),
        line_number: 1,
        column: None,
        position: 0,
        raw_line: String::new(),
        raw_field_value: String::new(),
        code: code::ENCODING,
        reason: wrong.to_string(),
        fields: Vec::new(),
    })
}

/// The chunks of an answer as a reader.
struct ChunkReader {
    receiver: mpsc::Receiver<Bytes>,
    chunk: Bytes,
    left_bytes: u64,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.chunk = chunk,
                None if self.left_bytes == 0 => return Ok(0),
                // The other side has failed, or the COPY was cancelled: this is not the object's end.
                None => return Err(io::Error::other(CopyError::Cancelled)),
            }
        }
        let length = buffer.len().min(self.chunk.len());
        self.chunk.copy_to_slice(&mut buffer[..length]);
        self.left_bytes = self.left_bytes.saturating_sub(length as u64);
        Ok(length)
    }
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
