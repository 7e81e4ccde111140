use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::list::{PaginatedListOptions, PaginatedListStore};

use super::blocking;
use super::key::key_of_alias;
use super::local::{LocalWalk, file_meta};
use super::settings::S3Access;
use super::store_error::store_error;
use super::stores::{S3Store, Stores};
use super::url::SourceUrl;
use crate::error::CopyError;

/// An object or file, as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// `s3://bucket/key`, or the absolute path.
    pub url: Arc<str>,
    /// Size.
    pub size_bytes: u64,
    /// Entity tag, quotes included; of files, made from size and time.
    pub etag: Option<Arc<str>>,
    /// Time of the last change.
    pub last_modified: Option<DateTime<Utc>>,
}

/// Pages of a listing; see [`list_pages`].
pub type ObjectPages = BoxStream<'static, Result<Vec<ObjectMeta>, CopyError>>;

const LOCAL_PAGE_OBJECTS: usize = 1000;

/// Every object whose name begins with the source, sorted by name (RS 1.3): `…/data` also matches
/// `…/data_old/x`, in S3 and in local folders alike.
///
/// # Errors
/// [`CopyError::NoSuchPrefix`] or [`CopyError::NoSuchPath`] if there is none; [`CopyError::Store`],
/// [`CopyError::File`], [`CopyError::InvalidSource`].
pub async fn list(source: &str, stores: &Stores, access: &S3Access) -> Result<Vec<ObjectMeta>, CopyError> {
    let mut objects = list_pages(source, stores, access)?.try_concat().await?;
    if objects.is_empty() {
        return Err(nothing_found(source)?);
    }
    objects.sort_unstable_by(|a, b| a.url.cmp(&b.url));
    Ok(objects)
}

/// The same as [`list`], page by page; nothing found is no error but no page.
///
/// # Errors
/// [`CopyError::InvalidSource`], [`CopyError::LocalFilesRefused`] and missing credentials at once; the rest in the stream.
pub fn list_pages(source: &str, stores: &Stores, access: &S3Access) -> Result<ObjectPages, CopyError> {
    Ok(match stores.locate(source)? {
        SourceUrl::S3 { bucket, key } => s3_pages(stores.s3(&bucket, access)?, key),
        SourceUrl::Local(prefix) => {
            let walk = stream::once(blocking(move || LocalWalk::new(&prefix)));
            walk.map_ok(local_pages).try_flatten().boxed()
        }
    })
}

/// The error of a source that matches nothing.
pub(crate) fn nothing_found(source: &str) -> Result<CopyError, CopyError> {
    Ok(match SourceUrl::parse(source)? {
        SourceUrl::S3 { key, .. } => CopyError::NoSuchPrefix { prefix: key, source_url: source.to_owned() },
        SourceUrl::Local(path) => CopyError::NoSuchPath { path: path.display().to_string() },
    })
}

fn s3_pages(store: S3Store, prefix: String) -> ObjectPages {
    enum Next {
        Page(Option<String>),
        End,
    }
    stream::try_unfold(Next::Page(None), move |next| {
        let (store, prefix) = (store.clone(), prefix.clone());
        async move {
            let Next::Page(page_token) = next else { return Ok(None) };
            let options = PaginatedListOptions { page_token, ..PaginatedListOptions::default() };
            let page = store.client.list_paginated(
                Some(&prefix).filter(|prefix| !prefix.is_empty()).map(String::as_str),
                options,
            );
            let page = page.await.map_err(|error| store_error(&store.url(&prefix), &error))?;
            let objects = page.result.objects.into_iter().map(|object| ObjectMeta {
                url: store.url(&key_of_alias(object.location.as_ref())).into(),
                size_bytes: object.size,
                etag: object.e_tag.map(Arc::from),
                last_modified: Some(object.last_modified),
            });
            let next = page.page_token.map_or(Next::End, |token| Next::Page(Some(token)));
            Ok(Some((objects.collect(), next)))
        }
    })
    .boxed()
}

fn local_pages(walk: LocalWalk) -> ObjectPages {
    stream::try_unfold(walk, |mut walk| {
        blocking(move || {
            let page = walk.by_ref().take(LOCAL_PAGE_OBJECTS).collect::<Result<Vec<_>, _>>()?;
            Ok((!page.is_empty()).then_some((page, walk)))
        })
    })
    .boxed()
}

/// What is known of one object; `None` if it is not there.
pub(crate) async fn head(
    url: &str,
    stores: &Stores,
    access: &S3Access,
) -> Result<Option<ObjectMeta>, CopyError> {
    match stores.locate(url)? {
        SourceUrl::S3 { bucket, key } => {
            let store = stores.s3(&bucket, access)?;
            match store.client.head(&store.path(&key)?).await {
                Ok(object) => Ok(Some(ObjectMeta {
                    url: store.url(&key).into(),
                    size_bytes: object.size,
                    etag: object.e_tag.map(Arc::from),
                    last_modified: Some(object.last_modified),
                })),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(store_error(url, &error)),
            }
        }
        SourceUrl::Local(path) => {
            blocking(move || match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => Ok(Some(file_meta(&path, &metadata))),
                Ok(_) => Ok(None),
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(source) => Err(CopyError::File { path: path.display().to_string(), source }),
            })
            .await
        }
    }
}
