//! The objects of a source, as little of each as a plan needs: of a million some hundred megabytes would be held
//! otherwise.

use futures::TryStreamExt;

use crate::error::CopyError;
use crate::source::{Listed, ObjectPages};

/// Objects that hold anything, in the order of their names.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    /// Of each object its URL and entity tag, one behind the other.
    text: String,
    entries: Vec<Entry>,
    /// Number of objects, empty ones too.
    pub(super) listed: usize,
    /// Their bytes.
    pub(super) size_bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    url_bytes: u32,
    etag_bytes: u32,
    size_bytes: u64,
}

impl Listing {
    /// Takes the pages in.
    pub(super) async fn of(mut pages: ObjectPages) -> Result<Self, CopyError> {
        let mut listing = Self::default();
        while let Some(page) = pages.try_next().await? {
            for object in &page {
                listing.push(Listed::from(object));
            }
        }
        listing.text.shrink_to_fit();
        listing.entries.shrink_to_fit();
        // Stores list by name, but for those that do not say so (directory buckets).
        let Self { text, entries, .. } = &mut listing;
        if !entries.is_sorted_by_key(|entry| entry.url(text)) {
            entries.sort_unstable_by(|a, b| a.url(text).cmp(b.url(text)));
        }
        Ok(listing)
    }

    pub(super) fn push(&mut self, object: Listed<'_>) {
        self.listed += 1;
        if object.size_bytes == 0 {
            return;
        }
        self.size_bytes += object.size_bytes;
        let etag = object.etag.unwrap_or_default();
        // Keys have 1,024 bytes at most.
        let (url_bytes, etag_bytes) = (object.url.len() as u32, etag.len() as u32);
        self.entries.push(Entry {
            start: self.text.len(),
            url_bytes,
            etag_bytes,
            size_bytes: object.size_bytes,
        });
        self.text.push_str(object.url);
        self.text.push_str(etag);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, index: usize) -> Listed<'_> {
        self.entries[index].listed(&self.text)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Listed<'_>> {
        self.entries.iter().map(|entry| entry.listed(&self.text))
    }
}

impl Entry {
    fn url(self, text: &str) -> &str {
        &text[self.start..][..self.url_bytes as usize]
    }

    fn listed(self, text: &str) -> Listed<'_> {
        let etag = &text[self.start + self.url_bytes as usize..][..self.etag_bytes as usize];
        Listed {
            url: self.url(text),
            size_bytes: self.size_bytes,
            etag: Some(etag).filter(|etag| !etag.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::stream::{self, StreamExt};

    use super::Listing;
    use crate::source::ObjectMeta;

    #[tokio::test]
    async fn objects_that_hold_anything_are_kept_in_the_order_of_their_names() {
        let object = |url: &str, size_bytes, etag: Option<&str>| ObjectMeta {
            url: url.into(),
            size_bytes,
            etag: etag.map(Into::into),
            last_modified: None,
        };
        let pages = vec![
            Ok(vec![object("s3://b/2", 7, Some("\"e\"")), object("s3://b/0", 0, None)]),
            Ok(vec![object("s3://b/1", 5, None)]),
        ];
        let listing = Listing::of(stream::iter(pages).boxed()).await.expect("listed");
        assert_eq!((listing.len(), listing.listed, listing.size_bytes), (2, 3, 12));
        let found: Vec<_> =
            listing.iter().map(|object| (object.url, object.size_bytes, object.etag)).collect();
        assert_eq!(found, [("s3://b/1", 5, None), ("s3://b/2", 7, Some("\"e\""))]);
        assert_eq!(listing.get(1).url, "s3://b/2");
    }
}
