use std::path::PathBuf;

use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::ObjectStore;
use object_store::path::Path;

use super::error::UnloadError;
use super::request::UnloadRequest;
use crate::error::CopyError;
use crate::source::{S3Access, S3Store, SourceUrl, Stores, blocking, list_pages, store_error};

/// What the names of an UNLOAD's objects begin with, and what lies there.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    stores: Stores,
    access: S3Access,
    base: Base,
}

#[derive(Debug, Clone)]
enum Base {
    S3 {
        store: S3Store,
        /// Of the keys.
        prefix: String,
    },
    /// An absolute path; it may end within a name.
    Local { prefix: String },
}

/// Where one object goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// `s3://…` or the absolute path.
    pub(super) url: String,
    pub(super) location: Location,
}

#[derive(Debug, Clone)]
pub(super) enum Location {
    S3 { store: S3Store, path: Path },
    Local(PathBuf),
}

impl Destination {
    /// Opens the store. PARTITION BY adds a slash to the prefix if it has none.
    pub(super) fn new(request: &UnloadRequest, stores: &Stores) -> Result<Self, CopyError> {
        let slash = |mut prefix: String| {
            if !request.partition_columns.is_empty() && !prefix.is_empty() && !prefix.ends_with('/') {
                prefix.push('/');
            }
            prefix
        };
        let base = match stores.locate(&request.destination)? {
            SourceUrl::S3 { bucket, key } => {
                Base::S3 { store: stores.s3(&bucket, &request.access)?, prefix: slash(key) }
            }
            SourceUrl::Local(path) => Base::Local { prefix: slash(path.display().to_string()) },
        };
        Ok(Self { stores: stores.clone(), access: request.access.clone(), base })
    }

    /// The object of a name below the prefix.
    pub(super) fn target(&self, name: &str) -> Result<Target, CopyError> {
        let url = self.url(name);
        let location = match &self.base {
            Base::S3 { store, prefix } => {
                Location::S3 { store: store.clone(), path: store.path(&format!("{prefix}{name}"))? }
            }
            Base::Local { .. } => Location::Local(PathBuf::from(&url)),
        };
        Ok(Target { url, location })
    }

    fn url(&self, name: &str) -> String {
        match &self.base {
            Base::S3 { store, prefix } => store.url(&format!("{prefix}{name}")),
            Base::Local { prefix } => format!("{prefix}{name}"),
        }
    }

    /// Fails if anything begins with the prefix, a folder's name included (RS 6.3).
    pub(super) async fn check_empty(&self) -> Result<(), UnloadError> {
        let mut pages = list_pages(&self.url(""), &self.stores, &self.access)?;
        while let Some(page) = pages.try_next().await? {
            if let Some(found) = page.into_iter().next() {
                let found = found.url.to_string();
                return Err(match self.base {
                    Base::S3 { .. } => UnloadError::BucketNotEmpty { found },
                    Base::Local { .. } => UnloadError::FolderNotEmpty { found },
                });
            }
        }
        Ok(())
    }

    /// Deletes everything whose name begins with the prefix and `below`.
    pub(super) async fn clear(&self, below: &str) -> Result<(), CopyError> {
        let mut pages = list_pages(&self.url(below), &self.stores, &self.access)?;
        while let Some(page) = pages.try_next().await? {
            self.delete(page.into_iter().map(|object| object.url.to_string()).collect()).await?;
        }
        Ok(())
    }

    /// Deletes these; what is not there is no error.
    pub(super) async fn delete(&self, urls: Vec<String>) -> Result<(), CopyError> {
        match &self.base {
            Base::S3 { store, .. } => {
                let bucket = store.url("");
                let paths = urls.iter().map(|url| store.path(url.strip_prefix(&bucket).unwrap_or(url)));
                let paths = paths.collect::<Result<Vec<_>, _>>()?;
                let mut deleted = store.client.delete_stream(stream::iter(paths).map(Ok).boxed());
                loop {
                    match deleted.try_next().await {
                        Ok(Some(_)) | Err(object_store::Error::NotFound { .. }) => {}
                        Ok(None) => return Ok(()),
                        Err(error) => return Err(store_error(&self.url(""), &error)),
                    }
                }
            }
            Base::Local { .. } => {
                blocking(move || {
                    for path in urls {
                        match std::fs::remove_file(&path) {
                            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                                return Err(CopyError::File { path, source });
                            }
                            _ => {}
                        }
                    }
                    Ok(())
                })
                .await
            }
        }
    }
}
