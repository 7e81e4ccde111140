//! Where objects come from: S3 and local folders behind the same three questions, list, read, write.

mod credentials;
mod key;
mod limiter;
mod list;
mod listed;
mod local;
mod local_files;
mod settings;
mod store_error;
mod stores;
mod transport;
mod url;
mod watch;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use object_store::ObjectStoreExt;

pub use list::{ObjectMeta, ObjectPages, list, list_pages};
pub use local_files::LocalFiles;
pub use settings::{S3Access, StoreSettings};
pub use stores::Stores;

pub(crate) use list::{head, nothing_found};
pub(crate) use listed::{Listed, read_listed};
pub(crate) use store_error::store_error;
pub(crate) use stores::S3Store;
pub(crate) use url::SourceUrl;
pub(crate) use watch::watched;

use crate::error::CopyError;

/// Reads one whole object or file; for manifests and JSONPaths files, not for data.
///
/// # Errors
/// [`CopyError::Store`], [`CopyError::File`], [`CopyError::InvalidSource`], [`CopyError::LocalFilesRefused`].
pub async fn read_object(url: &str, stores: &Stores, access: &S3Access) -> Result<Bytes, CopyError> {
    match stores.locate(url)? {
        SourceUrl::S3 { bucket, key } => {
            let store = stores.s3(&bucket, access)?;
            let path = store.path(&key)?;
            let answer = store.client.get(&path).await.map_err(|error| store_error(url, &error))?;
            answer.bytes().await.map_err(|error| store_error(url, &error))
        }
        SourceUrl::Local(path) => {
            blocking(move || {
                std::fs::read(&path)
                    .map(Bytes::from)
                    .map_err(|source| CopyError::File { path: path.display().to_string(), source })
            })
            .await
        }
    }
}

/// Writes one whole object or file, replacing what was there; folders are made as needed. It appears
/// whole or not at all.
///
/// # Errors
/// [`CopyError::Store`], [`CopyError::File`], [`CopyError::InvalidSource`], [`CopyError::LocalFilesRefused`].
pub async fn write_object(
    url: &str,
    bytes: Bytes,
    stores: &Stores,
    access: &S3Access,
) -> Result<(), CopyError> {
    match stores.locate(url)? {
        SourceUrl::S3 { bucket, key } => {
            let store = stores.s3(&bucket, access)?;
            let path = store.path(&key)?;
            store.client.put(&path, bytes.into()).await.map_err(|error| store_error(url, &error))?;
            Ok(())
        }
        SourceUrl::Local(path) => {
            blocking(move || {
                write_file(&path, &bytes)
                    .map_err(|source| CopyError::File { path: path.display().to_string(), source })
            })
            .await
        }
    }
}

/// Writes beside the file and renames: who is killed in between leaves the file as it was.
fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

/// Runs file work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CopyError> + Send + 'static,
) -> Result<T, CopyError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_cancelled() => Err(CopyError::Cancelled),
        Err(error) => Err(CopyError::Internal(error.to_string())),
    }
}
