//! One object being written: uploaded in parts while more bytes come, or written beside its place; it
//! appears whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use tokio::sync::OwnedRwLockReadGuard;
use tokio::task::JoinSet;

use super::destination::{Location, Target};
use super::written::Written;
use crate::error::CopyError;
use crate::source::{S3Store, blocking, store_error};

/// Size of an upload's parts: 10,000 of them hold more than the largest file of an UNLOAD.
const PART_BYTES: usize = 8 << 20;
/// Parts of one object in flight; with the part being filled they bound its memory.
const MAX_PARTS_IN_FLIGHT: usize = 4;

/// An object that is being written.
pub(super) struct ObjectWriter {
    url: String,
    kind: Kind,
    bytes: u64,
}

enum Kind {
    S3(Upload),
    Local(LocalFile),
}

impl ObjectWriter {
    /// Begins an object. A small one on S3 is one request when it is finished.
    pub(super) async fn create(target: Target, written: Arc<Written>) -> Result<Self, CopyError> {
        let kind = match target.location {
            Location::S3 { store, path } => Kind::S3(Upload::new(store, path, written).await),
            Location::Local(path) => Kind::Local(LocalFile::create(path, written).await?),
        };
        Ok(Self { url: target.url, kind, bytes: 0 })
    }

    /// `s3://…` or the absolute path.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Takes bytes; waits while too many are on their way.
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), CopyError> {
        self.bytes += bytes.len() as u64;
        match &mut self.kind {
            _ if bytes.is_empty() => Ok(()),
            Kind::S3(upload) => upload.write(bytes).await.map_err(|error| store_error(&self.url, &error)),
            Kind::Local(file) => file.write(bytes).await,
        }
    }

    /// Makes the object appear; gives back its size.
    pub(super) async fn finish(self) -> Result<u64, CopyError> {
        match self.kind {
            Kind::S3(upload) => {
                upload.finish(&self.url).await.map_err(|error| store_error(&self.url, &error))?;
            }
            Kind::Local(file) => file.finish().await?,
        }
        Ok(self.bytes)
    }
}

/// An upload in parts, begun with the first whole part.
struct Upload {
    store: S3Store,
    path: Path,
    buffer: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
    parts: JoinSet<object_store::Result<()>>,
    written: Arc<Written>,
    /// Given back when the object is there, or nothing of it.
    gate: Option<OwnedRwLockReadGuard<()>>,
}

impl Upload {
    async fn new(store: S3Store, path: Path, written: Arc<Written>) -> Self {
        let gate = Some(written.enter().await);
        Self { store, path, buffer: Vec::new(), upload: None, parts: JoinSet::new(), written, gate }
    }

    async fn write(&mut self, bytes: Vec<u8>) -> object_store::Result<()> {
        let mut rest = &bytes[..];
        while self.buffer.len() + rest.len() >= PART_BYTES {
            let (now, later) = rest.split_at(PART_BYTES - self.buffer.len());
            self.buffer.extend_from_slice(now);
            rest = later;
            self.send_part().await?;
        }
        self.buffer.extend_from_slice(rest);
        Ok(())
    }

    async fn send_part(&mut self) -> object_store::Result<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.store.client.put_multipart(&self.path).await?),
        };
        let part = PutPayload::from(std::mem::take(&mut self.buffer));
        self.parts.spawn(upload.put_part(part));
        while self.parts.len() > MAX_PARTS_IN_FLIGHT {
            self.join_part().await?;
        }
        Ok(())
    }

    async fn join_part(&mut self) -> object_store::Result<()> {
        match self.parts.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(source)) => Err(object_store::Error::JoinError { source }),
            None => Ok(()),
        }
    }

    async fn finish(mut self, url: &str) -> object_store::Result<()> {
        self.written.note(url);
        if self.upload.is_none() {
            let bytes = std::mem::take(&mut self.buffer);
            return self.store.client.put(&self.path, bytes.into()).await.map(|_| ());
        }
        if !self.buffer.is_empty() {
            self.send_part().await?;
        }
        while !self.parts.is_empty() {
            self.join_part().await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await?;
        }
        self.upload = None;
        Ok(())
    }
}

impl Drop for Upload {
    /// An upload that was not completed would keep its parts, unseen and paid for.
    fn drop(&mut self) {
        let Some(mut upload) = self.upload.take() else { return };
        let mut parts = std::mem::take(&mut self.parts);
        let gate = self.gate.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                parts.shutdown().await;
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "an upload could not be aborted");
                }
                drop(gate);
            });
        }
    }
}

/// A file under a temporary name until it is complete.
struct LocalFile {
    path: PathBuf,
    temporary: PathBuf,
    file: Arc<File>,
    is_finished: bool,
    written: Arc<Written>,
    /// Given back when the file is there, or nothing of it.
    _gate: OwnedRwLockReadGuard<()>,
}

impl LocalFile {
    async fn create(path: PathBuf, written: Arc<Written>) -> Result<Self, CopyError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_file_name(format!(".{name}.{}-{number}.tmp", std::process::id()));
        let gate = written.enter().await;
        blocking(move || {
            let folder = path.parent().map_or(Ok(()), |folder| written.make_folder(folder));
            let file = folder
                .and_then(|()| File::create_new(&temporary))
                .map_err(|source| CopyError::File { path: path.display().to_string(), source })?;
            Ok(Self { path, temporary, file: Arc::new(file), is_finished: false, written, _gate: gate })
        })
        .await
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), CopyError> {
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        blocking(move || {
            (&*file)
                .write_all(&bytes)
                .map_err(|source| CopyError::File { path: path.display().to_string(), source })
        })
        .await
    }

    async fn finish(self) -> Result<(), CopyError> {
        blocking(move || {
            let mut file = self;
            let path = file.path.display().to_string();
            file.written.note(&path);
            std::fs::rename(&file.temporary, &file.path)
                .map_err(|source| CopyError::File { path, source })?;
            file.is_finished = true;
            Ok(())
        })
        .await
    }
}

impl Drop for LocalFile {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}
