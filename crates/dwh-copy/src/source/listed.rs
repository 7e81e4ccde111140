//! Reading what was listed, and nothing else.
//!
//! object_store retries a request that failed with 5xx or 429 or whose connection broke, and goes on
//! behind the last byte that came. Here every answer is compared with the listing, entity tag, size
//! and length, so that what was overwritten meanwhile is an error and never a mixture.

use std::ops::Range;

use bytes::Bytes;
use object_store::{GetOptions, GetRange, ObjectStore};

use super::list::head;
use super::local::file_meta;
use super::settings::S3Access;
use super::store_error::store_error;
use super::stores::Stores;
use super::url::SourceUrl;
use super::{ObjectMeta, blocking};
use crate::error::{CopyError, StoreError};

/// What a listing says of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed<'a> {
    pub(crate) url: &'a str,
    pub(crate) size_bytes: u64,
    pub(crate) etag: Option<&'a str>,
}

impl<'a> From<&'a ObjectMeta> for Listed<'a> {
    fn from(object: &'a ObjectMeta) -> Self {
        Self { url: &object.url, size_bytes: object.size_bytes, etag: object.etag.as_deref() }
    }
}

impl Listed<'_> {
    /// An object that is no longer the one that was listed is not loaded: the ledger of what was
    /// loaded would be wrong.
    pub(crate) fn check_size(&self, found_bytes: u64) -> Result<(), CopyError> {
        if found_bytes == self.size_bytes {
            return Ok(());
        }
        Err(self.changed(format!("{} bytes were listed, {found_bytes} are there now", self.size_bytes)))
    }

    fn check_etag(&self, found: Option<&str>) -> Result<(), CopyError> {
        match (self.strong_etag(), found) {
            (Some(listed), Some(found)) if listed != found => {
                Err(self.changed(format!("the entity tag was {listed} and is {found} now")))
            }
            _ => Ok(()),
        }
    }

    /// The entity tag, if it stands for these very bytes.
    fn strong_etag(&self) -> Option<&str> {
        self.etag.filter(|etag| !etag.starts_with("W/"))
    }

    fn changed(&self, change: String) -> CopyError {
        CopyError::ObjectChanged { url: self.url.to_owned(), change }
    }
}

/// Reads a range of an object that was listed.
///
/// # Errors
/// [`CopyError::ObjectChanged`], [`CopyError::ObjectVanished`], [`CopyError::Store`], [`CopyError::File`].
pub(crate) async fn read_listed(
    object: Listed<'_>,
    range: Range<u64>,
    stores: &Stores,
    access: &S3Access,
) -> Result<Bytes, CopyError> {
    let (bucket, key) = match stores.locate(object.url)? {
        SourceUrl::S3 { bucket, key } => (bucket, key),
        SourceUrl::Local(path) => {
            let (bytes, now) = blocking(move || {
                let read = std::fs::read(&path).and_then(|bytes| Ok((bytes, std::fs::metadata(&path)?)));
                let (bytes, metadata) =
                    read.map_err(|source| CopyError::File { path: path.display().to_string(), source })?;
                Ok((Bytes::from(bytes), file_meta(&path, &metadata)))
            })
            .await?;
            object.check_size(bytes.len() as u64)?;
            object.check_etag(now.etag.as_deref())?;
            return Ok(bytes.slice(range.start as usize..range.end as usize));
        }
    };
    let store = stores.s3(&bucket, access)?;
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
        Err(error) => return Err(explain(object, &error, stores, access).await),
    };
    object.check_size(meta.size)?;
    object.check_etag(meta.e_tag.as_deref())?;
    if bytes.len() as u64 != length {
        let message = format!("{} bytes came where {length} were announced", bytes.len());
        let source = StoreError { message, status: None, code: None };
        return Err(CopyError::Store { url: object.url.to_owned(), source });
    }
    Ok(bytes)
}

/// What a failed request means: one that broke off may have been for an object that is no longer the
/// one that was listed.
async fn explain(
    object: Listed<'_>,
    error: &object_store::Error,
    stores: &Stores,
    access: &S3Access,
) -> CopyError {
    let failed = store_error(object.url, error);
    let CopyError::Store { source, .. } = &failed else { return failed };
    let vanished = |source| CopyError::ObjectVanished { url: object.url.to_owned(), source };
    if source.is_not_found() {
        return vanished(source.clone());
    }
    if !matches!(source.status, None | Some(412 | 416)) {
        return failed;
    }
    match head(object.url, stores, access).await {
        Ok(None) => vanished(source.clone()),
        Ok(Some(now)) => {
            let same = object.check_size(now.size_bytes);
            same.and_then(|()| object.check_etag(now.etag.as_deref())).err().unwrap_or(failed)
        }
        // The store does not answer at all: the first failure says more.
        Err(_) => failed,
    }
}
